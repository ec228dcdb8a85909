package org.threehalf.inference.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * Makes a quantised model of a GGUF file (REQ-GGF-001 to REQ-GGF-003).
 *
 * <p>Each chosen matrix is decoded row by row, quantised in parallel, and written; at most one matrix is in memory in
 * packed form.
 */
public final class QuantizedModelWriter {

    /**
     * Chooses each tensor's format; empty for one that is carried over unchanged.
     *
     * <p>A chosen tensor has two dimensions, or is a stack of experts' matrices, and has a type that
     * {@link TensorType#isDecodable} says can be read.
     */
    @FunctionalInterface
    public interface FormatChoice extends Function<TensorInfo, Optional<Format>> {

        /**
         * The one format for every weight matrix: tensors of exactly two dimensions whose name ends in {@code .weight},
         * the token embedding and the output matrix among them, and stacks of experts (three dimensions). Norms and
         * biases (one dimension) and routers are carried over.
         */
        static FormatChoice uniform(Format format) {
            return tensor -> isWeightMatrix(tensor) ? Optional.of(format) : Optional.empty();
        }

        /** This choice, with another format for the weight matrices whose whole names match a pattern. */
        default FormatChoice except(Pattern names, Format format) {
            return tensor ->
                    isWeightMatrix(tensor) && names.matcher(tensor.name()).matches()
                            ? Optional.of(format)
                            : apply(tensor);
        }

        /** Whether a tensor is a weight matrix by the rule of {@link #uniform}. */
        static boolean isWeightMatrix(TensorInfo tensor) {
            return (tensor.dimensions().size() == 2
                            && tensor.name().endsWith(".weight")
                            && !tensor.name().endsWith(TensorRole.ROUTER.ggufName()))
                    || Container.isStack(tensor);
        }
    }

    /** Quantises matrices. */
    @FunctionalInterface
    public interface MatrixSource {

        /** Rounding to nearest (REQ-QNT-005 to REQ-QNT-012). */
        MatrixSource PLAIN = (tensor, target, listener) ->
                MatrixQuantizer.quantize(tensor::readRow, target, row -> listener.rowDone());

        /**
         * Fills a matrix.
         *
         * @param tensor the weights
         * @param target where the rows go
         * @param listener told of rows that are quantised during the call
         * @return the error against the weights
         * @throws IllegalArgumentException if a weight is refused (REQ-FMT-007)
         */
        MatrixQuantizer.Error fill(GgufTensor tensor, PackedMatrix target, Listener listener);
    }

    /** Told of the progress. */
    public interface Listener {
        /** A matrix begins. */
        default void begin(TensorInfo matrix, Format format) {}

        /** Another row is done; called from several threads. */
        default void rowDone() {}

        /** A matrix is written. */
        default void end(MatrixReport report) {}

        /**
         * All is written, and takes its name next.
         *
         * @throws IOException if it must not; nothing is left of it
         */
        default void committing() throws IOException {}
    }

    /**
     * What became of a matrix.
     *
     * @param source the tensor that was read
     * @param format its format now
     * @param rows N
     * @param columns K
     * @param error the error against the weights that were read, in binary64
     * @param time wall-clock time of decoding, quantising and writing
     */
    public record MatrixReport(
            TensorInfo source, Format format, int rows, int columns, MatrixQuantizer.Error error, Duration time) {
        /** Everything stored for it, in bytes (REQ-FMT-008). */
        public long bytes() {
            return format.matrixBytes(rows, columns);
        }

        /** Bits a weight with everything counted (REQ-FMT-008). */
        public double bitsPerWeight() {
            return format.bitsPerWeight(rows, columns);
        }
    }

    private QuantizedModelWriter() {}

    /**
     * Quantises a model by rounding to nearest, as {@link #quantize(GgufFile, Path, FormatChoice, boolean,
     * MatrixSource, String, Listener)}.
     */
    public static List<MatrixReport> quantize(GgufFile source, Path target, FormatChoice choice, Listener listener)
            throws IOException {
        return quantize(source, target, choice, false, MatrixSource.PLAIN, "plain", listener);
    }

    /**
     * As {@link #quantize(GgufFile, Path, FormatChoice, boolean, MatrixSource, String, Listener)}, without rotation.
     */
    public static List<MatrixReport> quantize(
            GgufFile source, Path target, FormatChoice choice, MatrixSource matrices, String how, Listener listener)
            throws IOException {
        return quantize(source, target, choice, false, matrices, how, listener);
    }

    /**
     * Quantises a model.
     *
     * @param source an open GGUF file
     * @param target where the result goes; written beside it and moved there when it is complete
     * @param choice each tensor's format
     * @param rotated whether the matrices are rotated (REQ-ROT-003)
     * @param matrices quantises them
     * @param how what the file says about how its codes were chosen
     * @param listener told of the progress
     * @return what became of each matrix, in the file's order
     * @throws ModelFormatException if the source is already quantised, no tensor is chosen, a chosen one cannot be read
     *     or is outside the format's limits, or a weight is refused (REQ-FMT-007)
     * @throws IOException if the target cannot be written; nothing is left of it
     */
    public static List<MatrixReport> quantize(
            GgufFile source,
            Path target,
            FormatChoice choice,
            boolean rotated,
            MatrixSource matrices,
            String how,
            Listener listener)
            throws IOException {
        SequencedMap<String, Format> formats = formats(source, choice);
        List<TensorInfo> tensors = new ArrayList<>();
        for (GgufTensor tensor : source.tensors()) {
            Format format = formats.get(tensor.name());
            if (format == null) {
                tensors.add(tensor.info());
            } else {
                tensors.addAll(Container.tensors(tensor.name(), format, (int) tensor.rows(), (int) tensor.columns()));
            }
        }
        List<MatrixReport> reports = new ArrayList<>();
        try (GgufWriter writer = GgufWriter.create(target, metadata(source, formats, rotated, how), tensors)) {
            for (GgufTensor tensor : source.tensors()) {
                Format format = formats.get(tensor.name());
                if (format == null) {
                    writer.write(tensor);
                } else {
                    listener.begin(tensor.info(), format);
                    MatrixReport report = quantize(source, tensor, format, rotated, matrices, writer, listener);
                    reports.add(report);
                    listener.end(report);
                }
            }
            listener.committing();
            writer.commit();
        }
        return reports;
    }

    /**
     * The formats of the tensors that are quantised, by their names, in the file's order.
     *
     * @param source an open GGUF file
     * @param choice each tensor's format
     * @throws ModelFormatException if the source is already quantised, no tensor is chosen, or a chosen one cannot be
     *     read or is outside the format's limits
     */
    public static SequencedMap<String, Format> formats(GgufFile source, FormatChoice choice)
            throws ModelFormatException {
        if (QuantizedModel.isQuantized(source)) {
            throw new ModelFormatException(
                    "%s: already quantised by ThreeHalf: start from the model it was made of".formatted(source.name()));
        }
        SequencedMap<String, Format> formats = new LinkedHashMap<>();
        for (GgufTensor tensor : source.tensors()) {
            Optional<Format> format = choice.apply(tensor.info());
            if (format.isPresent()) {
                requireQuantizable(source, tensor, format.get());
                formats.put(tensor.name(), format.get());
            }
        }
        if (formats.isEmpty()) {
            throw new ModelFormatException("%s: none of its %d tensors is a weight matrix to be quantised"
                    .formatted(source.name(), source.tensors().size()));
        }
        return formats;
    }

    private static void requireQuantizable(GgufFile source, GgufTensor tensor, Format format)
            throws ModelFormatException {
        String where = "%s: tensor %s".formatted(source.name(), tensor.name());
        if (tensor.info().dimensions().size() != 2 && !Container.isStack(tensor.info())) {
            throw new ModelFormatException("%s: its shape is %s; only matrices are quantised"
                    .formatted(where, tensor.info().shape()));
        }
        if (!tensor.type().isDecodable()) {
            throw new ModelFormatException("%s: its type %s is not read: use a model of another type, best F16 or BF16"
                    .formatted(where, tensor.type()));
        }
        if (tensor.rows() > Integer.MAX_VALUE || tensor.columns() > format.maxColumns()) {
            throw new ModelFormatException(
                    "%s: %,d rows x %,d columns: %s takes up to 2^31 - 1 rows and %,d columns, up to which the int32 sum is exact"
                            .formatted(where, tensor.rows(), tensor.columns(), format, format.maxColumns()));
        }
    }

    private static SequencedMap<String, GgufValue> metadata(
            GgufFile source, SequencedMap<String, Format> formats, boolean rotated, String how) {
        SequencedMap<String, GgufValue> metadata =
                new LinkedHashMap<>(source.metadata().entries());
        metadata.put(
                Container.VERSION_KEY, GgufValue.ofUint32(rotated ? Container.ROTATED_VERSION : Container.VERSION));
        metadata.put(
                Container.TENSORS_KEY,
                GgufValue.arrayOf(
                        ValueType.STRING,
                        formats.keySet().stream().map(GgufValue::of).toList()));
        metadata.put(
                Container.FORMATS_KEY,
                GgufValue.arrayOf(
                        ValueType.UINT32,
                        formats.values().stream()
                                .map(format -> GgufValue.ofUint32(format.id()))
                                .toList()));
        metadata.put(
                Container.COLUMNS_KEY,
                GgufValue.arrayOf(
                        ValueType.UINT64,
                        formats.keySet().stream()
                                .map(name -> GgufValue.ofUint64(
                                        source.findTensor(name).orElseThrow().columns()))
                                .toList()));
        if (rotated) {
            metadata.put(
                    Container.ROTATIONS_KEY,
                    GgufValue.arrayOf(
                            ValueType.UINT32,
                            formats.keySet().stream()
                                    .map(name -> GgufValue.ofUint32(1))
                                    .toList()));
        }
        metadata.put(Container.QUANTIZER_KEY, GgufValue.of(how));
        return metadata;
    }

    private static MatrixReport quantize(
            GgufFile source,
            GgufTensor tensor,
            Format format,
            boolean rotated,
            MatrixSource matrices,
            GgufWriter writer,
            Listener listener)
            throws IOException {
        long start = System.nanoTime();
        int rows = (int) tensor.rows();
        int columns = (int) tensor.columns();
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, rotated, arena);
            MatrixQuantizer.Error error;
            try {
                error = matrices.fill(tensor, matrix, listener);
            } catch (IllegalArgumentException refused) {
                throw new ModelFormatException(
                        "%s: tensor %s: %s".formatted(source.name(), tensor.name(), refused.getMessage()), refused);
            }
            writer.write(matrix.codes());
            writer.write(matrix.scales());
            if (format.hasSubscales()) {
                writer.write(matrix.subscales());
            }
            return new MatrixReport(
                    tensor.info(), format, rows, columns, error, Duration.ofNanos(System.nanoTime() - start));
        }
    }
}
