package org.threehalf.inference.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.format.Format;

/**
 * An open quantised model (section 7 of {@code spec/FORMAT.md}). Its matrices are views of the mapped file, valid until
 * {@link #close}, safe to read from any thread.
 */
public final class QuantizedModel implements AutoCloseable {

    private final GgufFile file;
    private final SequencedMap<String, PackedMatrix> matrices;
    private final List<GgufTensor> otherTensors;

    private QuantizedModel(GgufFile file, SequencedMap<String, PackedMatrix> matrices, List<GgufTensor> otherTensors) {
        this.file = file;
        this.matrices = Collections.unmodifiableSequencedMap(matrices);
        this.otherTensors = List.copyOf(otherTensors);
    }

    /**
     * Opens and checks a file (REQ-GGF-004).
     *
     * @return the open model; the caller closes it
     * @throws ModelFormatException if the file is no GGUF file, or no quantised model, or one that REQ-GGF-004 refuses
     * @throws IOException if it cannot be read
     */
    public static QuantizedModel open(Path path) throws IOException {
        GgufFile file = GgufReader.open(path);
        try {
            return of(file);
        } catch (IOException | RuntimeException | Error failed) {
            file.close();
            throw failed;
        }
    }

    /**
     * Checks an open file (REQ-GGF-004). From here on the file belongs to the model, which closes it.
     *
     * @throws ModelFormatException as {@link #open}; the file stays open
     */
    public static QuantizedModel of(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        if (!isQuantized(file)) {
            throw new ModelFormatException(
                    "%s: not a quantised model, there is no metadata %s: make one with 'threehalf quantize'"
                            .formatted(file.name(), Container.VERSION_KEY));
        }
        long version = typed(metadata, Container.VERSION_KEY, ValueType.UINT32).asLong();
        if (version != Container.VERSION && version != Container.ROTATED_VERSION) {
            throw new ModelFormatException("%s: metadata %s is %d: versions %d and %d are read"
                    .formatted(
                            file.name(), Container.VERSION_KEY, version, Container.VERSION, Container.ROTATED_VERSION));
        }
        List<String> names =
                array(metadata, Container.TENSORS_KEY, ValueType.STRING).asStrings();
        long[] formats =
                array(metadata, Container.FORMATS_KEY, ValueType.UINT32).asLongs();
        GgufValue columnsValue = array(metadata, Container.COLUMNS_KEY, ValueType.UINT64);
        if (formats.length != names.size() || columnsValue.count() != names.size()) {
            throw new ModelFormatException("%s: metadata %s has %,d entries, %s %,d and %s %,d: they must be as many"
                    .formatted(
                            file.name(),
                            Container.TENSORS_KEY,
                            names.size(),
                            Container.FORMATS_KEY,
                            formats.length,
                            Container.COLUMNS_KEY,
                            columnsValue.count()));
        }
        long[] columns = metadata.integers(Container.COLUMNS_KEY);
        long[] rotations = version == Container.VERSION
                ? new long[formats.length]
                : array(metadata, Container.ROTATIONS_KEY, ValueType.UINT32).asLongs();
        if (rotations.length != names.size()
                || Arrays.stream(rotations).anyMatch(rotation -> rotation != 0 && rotation != 1)) {
            throw new ModelFormatException("%s: metadata %s must hold a 0 or 1 for each of the %,d matrices"
                    .formatted(file.name(), Container.ROTATIONS_KEY, names.size()));
        }
        SequencedMap<String, PackedMatrix> matrices = new LinkedHashMap<>();
        Set<String> parts = new HashSet<>();
        for (int i = 0; i < formats.length; i++) {
            String name = names.get(i);
            if (matrices.containsKey(name)) {
                throw new ModelFormatException(
                        "%s: metadata %s names %s twice".formatted(file.name(), Container.TENSORS_KEY, name));
            }
            if (file.findTensor(name).isPresent()) {
                throw new ModelFormatException("%s: matrix %s is there as a tensor, too: one of them would not be read"
                        .formatted(file.name(), name));
            }
            matrices.put(name, matrix(file, name, formats[i], columns[i], rotations[i] == 1, parts));
        }
        return new QuantizedModel(
                file,
                matrices,
                file.tensors().stream()
                        .filter(tensor -> !parts.contains(tensor.name()))
                        .toList());
    }

    /** Whether a GGUF file says that it is a quantised model, of whatever version. */
    public static boolean isQuantized(GgufFile file) {
        return file.metadata().contains(Container.VERSION_KEY);
    }

    private static GgufValue typed(GgufMetadata metadata, String key, ValueType type) throws ModelFormatException {
        GgufValue value = metadata.entries().get(key);
        if (value == null) {
            throw new ModelFormatException("%s: metadata %s is missing".formatted(metadata.file(), key));
        }
        if (value.type() != type) {
            throw new ModelFormatException(
                    "%s: metadata %s is of type %s: it must be %s".formatted(metadata.file(), key, value.type(), type));
        }
        return value;
    }

    private static GgufValue array(GgufMetadata metadata, String key, ValueType elements) throws ModelFormatException {
        GgufValue value = typed(metadata, key, ValueType.ARRAY);
        if (value.elementType() != elements) {
            throw new ModelFormatException("%s: metadata %s is an array of %s: it must be one of %s"
                    .formatted(metadata.file(), key, value.elementType(), elements));
        }
        return value;
    }

    private static PackedMatrix matrix(
            GgufFile file, String name, long formatId, long columns, boolean rotated, Set<String> parts)
            throws ModelFormatException {
        try {
            Format format = Format.ofId(formatId);
            if (columns < 1 || columns > format.maxColumns()) {
                throw new IllegalArgumentException(
                        "%,d columns: %s takes 1 to %,d".formatted(columns, format, format.maxColumns()));
            }
            GgufTensor scales = file.tensor(Container.scales(name));
            long rows = scales.info().dimensions().getLast();
            if (rows > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("%,d rows: there can be 2^31 - 1 at most".formatted(rows));
            }
            for (TensorInfo expected : Container.tensors(name, format, (int) rows, (int) columns)) {
                TensorInfo found = file.tensor(expected.name()).info();
                if (!found.equals(expected)) {
                    throw new IllegalArgumentException(
                            "tensor %s is %s of %s: for %s with %,d rows and %,d columns it must be %s of %s"
                                    .formatted(
                                            expected.name(),
                                            found.type(),
                                            found.shape(),
                                            format,
                                            rows,
                                            columns,
                                            expected.type(),
                                            expected.shape()));
                }
                parts.add(expected.name());
            }
            MemorySegment subscales = format.hasSubscales()
                    ? file.tensor(Container.subscales(name)).data()
                    : MemorySegment.NULL;
            PackedMatrix matrix = new PackedMatrix(
                    format,
                    (int) rows,
                    (int) columns,
                    file.tensor(Container.codes(name)).data(),
                    subscales,
                    scales.data(),
                    rotated);
            // For its refusals alone: a file with a bad scale is none. What computes looks again when it copies them.
            RowScales.of(matrix);
            return matrix;
        } catch (IllegalArgumentException refused) {
            throw new ModelFormatException(
                    "%s: matrix %s: %s".formatted(file.name(), name, refused.getMessage()), refused);
        }
    }

    /** The file: its metadata, and all tensors as they are stored. */
    public GgufFile file() {
        return file;
    }

    /** The quantised matrices by name, in the order of {@code threehalf.tensors}; unmodifiable. */
    public SequencedMap<String, PackedMatrix> matrices() {
        return matrices;
    }

    /** The matrix of a name, if there is one. */
    public Optional<PackedMatrix> findMatrix(String name) {
        return Optional.ofNullable(matrices.get(name));
    }

    /** The tensors that were carried over unchanged, in the file's order. */
    public List<GgufTensor> otherTensors() {
        return otherTensors;
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        file.close();
    }
}
