package org.threehalf.inference.decoder;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.kernels.PackedMatrix;

/** The tensors of a model by name, quantised ones and others; remembers which were asked for. */
final class TensorSource {
    /** How the name of a stack of experts' matrices ends. */
    private static final String STACK = "_exps.weight";

    private final GgufFile file;
    private final Map<String, PackedMatrix> quantized;
    private final Set<String> read = new HashSet<>();
    /** Tensors that hold several matrices. */
    private final Map<String, Weights> wholes = new HashMap<>();

    /**
     * The tensors of a file.
     *
     * @param file the open file
     * @param quantized its quantised matrices by name; empty for a plain file
     */
    TensorSource(GgufFile file, Map<String, PackedMatrix> quantized) {
        this.file = file;
        this.quantized = quantized;
    }

    /** A matrix, whatever it is stored as. */
    Weights matrix(String name) throws ModelFormatException {
        Optional<Weights> found = findMatrix(name);
        if (found.isEmpty()) {
            throw new ModelFormatException("%s: tensor %s is missing".formatted(file.name(), name));
        }
        return found.get();
    }

    /** The rows of a matrix, −1 if there is none of the name. */
    long rows(String name) {
        PackedMatrix packed = quantized.get(name);
        return packed != null
                ? packed.rows()
                : file.findTensor(name).map(GgufTensor::rows).orElse(-1L);
    }

    /**
     * A matrix that is a tensor, or some of a tensor's rows.
     *
     * @throws ModelFormatException if there is no such tensor, or it has another number of rows
     */
    Weights matrix(TensorPlace place) throws ModelFormatException {
        if (place.isWhole()) {
            return matrix(place.tensor());
        }
        Weights whole = wholes.get(place.tensor());
        if (whole == null) {
            whole = findMatrix(place.tensor(), place.tensor().endsWith(STACK) ? 3 : 2)
                    .orElseThrow(() -> missing(place.tensor()));
            wholes.put(place.tensor(), whole);
        }
        if (whole.rows() != place.all()) {
            throw new ModelFormatException(
                    "%s: tensor %s has %,d rows: %,d are needed, of which %,d from row %,d on are one matrix"
                            .formatted(
                                    file.name(),
                                    place.tensor(),
                                    whole.rows(),
                                    place.all(),
                                    place.rows(),
                                    place.first()));
        }
        return whole.slice((int) place.first(), place.rows());
    }

    private ModelFormatException missing(String name) {
        return new ModelFormatException("%s: tensor %s is missing".formatted(file.name(), name));
    }

    /** A matrix, if it is there. */
    Optional<Weights> findMatrix(String name) throws ModelFormatException {
        return findMatrix(name, 2);
    }

    private Optional<Weights> findMatrix(String name, int dimensions) throws ModelFormatException {
        PackedMatrix packed = quantized.get(name);
        if (packed != null) {
            read.add(name);
            return Optional.of(new Weights.Quantized(packed));
        }
        Optional<GgufTensor> tensor = find(name, dimensions);
        return tensor.isEmpty() ? Optional.empty() : Optional.of(new Weights.Real(new TensorMatrix(tensor.get())));
    }

    /** A vector: a norm's weights or a bias. */
    float[] vector(String name) throws ModelFormatException {
        Optional<float[]> found = findVector(name);
        if (found.isEmpty()) {
            throw new ModelFormatException("%s: tensor %s is missing".formatted(file.name(), name));
        }
        return found.get();
    }

    /** A vector, if it is there. */
    Optional<float[]> findVector(String name) throws ModelFormatException {
        return find(name, 1).map(GgufTensor::toFloats);
    }

    /**
     * Vectors of one length in one tensor.
     *
     * @throws ModelFormatException if it is missing or has another shape
     */
    float[][] rows(String name, int count, int length) throws ModelFormatException {
        GgufTensor tensor = find(name, 2).orElseThrow(() -> missing(name));
        if (tensor.rows() != count || tensor.columns() != length) {
            throw new ModelFormatException("%s: tensor %s is %s: %,d rows of %,d are needed"
                    .formatted(file.name(), name, tensor.info().shape(), count, length));
        }
        float[][] rows = new float[count][length];
        for (int i = 0; i < count; i++) {
            tensor.readRow(i, rows[i]);
        }
        return rows;
    }

    private Optional<GgufTensor> find(String name, int dimensions) throws ModelFormatException {
        Optional<GgufTensor> tensor = file.findTensor(name);
        if (tensor.isPresent()) {
            read.add(name);
            if (tensor.get().info().dimensions().size() != dimensions) {
                throw new ModelFormatException("%s: tensor %s is %s: it must have %d dimension(s)"
                        .formatted(file.name(), name, tensor.get().info().shape(), dimensions));
            }
            if (!tensor.get().type().isDecodable()) {
                throw new ModelFormatException("%s: tensor %s is of type %s, which cannot be read"
                        .formatted(file.name(), name, tensor.get().type()));
            }
        }
        return tensor;
    }

    /**
     * Refuses a file with tensors that nothing asked for.
     *
     * @param others the names of tensors that the file holds, parts of quantised matrices left out
     */
    void requireAllRead(Iterable<GgufTensor> others, String architecture) throws ModelFormatException {
        for (GgufTensor tensor : others) {
            if (!read.contains(tensor.name())) {
                throw new ModelFormatException("%s: tensor %s is not known in architecture %s"
                        .formatted(file.name(), tensor.name(), architecture));
            }
        }
        for (String name : quantized.keySet()) {
            if (!read.contains(name)) {
                throw new ModelFormatException(
                        "%s: matrix %s is not known in architecture %s".formatted(file.name(), name, architecture));
            }
        }
    }
}
