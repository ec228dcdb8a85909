package org.threehalf.inference.calibrate;

import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.threehalf.backends.spi.Backend;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.MatrixQuantizer;

/**
 * A format for each matrix of a model, chosen so that all together have a number of bits a weight at most, with
 * everything counted that is stored for them, and move the model's predictions as little as can be.
 *
 * <p>The loss of a matrix in a format is taken to be its measured one in the coarsest format, rounded to nearest, times
 * what error feedback leaves of it, times the ratio of the two formats' squared errors on rows of that matrix; losses
 * of matrices add. All of this holds as long as errors are small.
 *
 * @param matrices every group of matrices, in the file's order
 * @param uniforms what one format for all would take and lose, where all matrices can take it
 * @param tokens how many tokens were measured on
 */
public record FormatAllocation(List<Allocated> matrices, List<Uniform> uniforms, int tokens) {
    /** Rows of a group whose errors are computed. */
    private static final int ROWS = 64;

    /**
     * A group of matrices and its format.
     *
     * @param group the matrices
     * @param format what was chosen
     * @param loss what they then are predicted to add to the mean divergence, in nats a position
     */
    public record Allocated(MatrixGroup group, Format format, double loss) {}

    /**
     * One format for all matrices.
     *
     * @param format the format
     * @param bytes everything stored for them (REQ-FMT-008)
     * @param loss the predicted mean divergence, in nats a position
     */
    public record Uniform(Format format, long bytes, double loss) {}

    /**
     * What a model's matrices can take.
     *
     * @param weights how many weights they have
     * @param least bytes in the smallest formats
     * @param most bytes in the largest
     */
    public record Range(long weights, long least, long most) {
        /** The range of a model's groups. */
        public static Range of(List<MatrixGroup> groups) {
            long weights = 0;
            long least = 0;
            long most = 0;
            for (MatrixGroup group : groups) {
                weights += group.weights();
                least += group.formats().stream().mapToLong(group::bytes).min().orElseThrow();
                most += group.formats().stream().mapToLong(group::bytes).max().orElseThrow();
            }
            return new Range(weights, least, most);
        }

        /** The most bytes that a number of bits a weight allows. */
        public long bytes(BigDecimal bits) {
            BigDecimal bytes = bits.multiply(BigDecimal.valueOf(weights))
                    .divide(BigDecimal.valueOf(Byte.SIZE))
                    .setScale(0, RoundingMode.FLOOR);
            return bytes.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
        }

        /** Bits a weight of the smallest formats, rounded up to four places. */
        public BigDecimal leastBits() {
            return bits(least, RoundingMode.CEILING);
        }

        /** Bits a weight of the largest formats, rounded up likewise. */
        public BigDecimal mostBits() {
            return bits(most, RoundingMode.CEILING);
        }

        private BigDecimal bits(long bytes, RoundingMode mode) {
            return BigDecimal.valueOf(bytes)
                    .multiply(BigDecimal.valueOf(Byte.SIZE))
                    .divide(BigDecimal.valueOf(weights), 4, mode);
        }
    }

    /** With copies of the lists. */
    public FormatAllocation {
        matrices = List.copyOf(matrices);
        uniforms = List.copyOf(uniforms);
    }

    /** How many steps it takes to measure a model: a layer or a group of matrices each. */
    public static long steps(List<MatrixGroup> groups) {
        return groups.size()
                + groups.stream()
                        .mapToInt(MatrixGroup::layer)
                        .filter(layer -> layer >= 0)
                        .distinct()
                        .count();
    }

    /**
     * Measures, and chooses.
     *
     * @param source an open GGUF file of a known architecture, not quantised by ThreeHalf
     * @param groups its matrices
     * @param budget the most bytes that all of them may take together
     * @param windows calibration tokens: each window is a text of its own; some are measured on
     * @param rotated whether the matrices are rotated (REQ-ROT-003)
     * @param device computes products with quantised matrices; stays the caller's
     * @param step told of each of the {@link #steps}, by what it was for
     * @throws ModelFormatException if the file is not as it must be, or a weight is refused
     * @throws IllegalArgumentException if the smallest formats do not fit, or there are no windows
     */
    public static FormatAllocation of(
            GgufFile source,
            List<MatrixGroup> groups,
            long budget,
            List<int[]> windows,
            boolean rotated,
            Backend device,
            Consumer<String> step)
            throws ModelFormatException {
        if (windows.isEmpty()) {
            throw new IllegalArgumentException("no calibration tokens");
        }
        List<int[]> measuredOn = Sensitivity.windows(windows);
        List<List<BitAllocation.Candidate>> candidates = new ArrayList<>();
        try {
            double[] measured = Sensitivity.measure(source, groups, windows, measuredOn, rotated, device, step);
            for (int g = 0; g < measured.length; g++) {
                candidates.add(candidates(groups.get(g), measured[g], rotated));
            }
        } catch (IllegalArgumentException refused) {
            throw new ModelFormatException("%s: %s".formatted(source.name(), refused.getMessage()), refused);
        }
        List<BitAllocation.Candidate> chosen = BitAllocation.choose(candidates, budget);
        return new FormatAllocation(
                IntStream.range(0, groups.size())
                        .mapToObj(g -> new Allocated(
                                groups.get(g),
                                chosen.get(g).format(),
                                chosen.get(g).loss()))
                        .toList(),
                MatrixGroup.FORMATS.stream()
                        .map(format -> BitAllocation.uniform(candidates, format))
                        .filter(uniform -> !uniform.isEmpty())
                        .map(uniform -> new Uniform(
                                uniform.getFirst().format(), BitAllocation.bytes(uniform), BitAllocation.loss(uniform)))
                        .toList(),
                measuredOn.stream().mapToInt(window -> window.length).sum());
    }

    private static List<BitAllocation.Candidate> candidates(MatrixGroup group, double measured, boolean rotated) {
        Map<Format, Double> errors = new EnumMap<>(Format.class);
        for (Format format : group.formats()) {
            errors.put(format, squaredError(group, format, rotated));
        }
        double ofProbe = errors.getOrDefault(Sensitivity.PROBE, 0.0);
        return group.formats().stream()
                .map(format -> new BitAllocation.Candidate(
                        format, group.bytes(format), ofProbe == 0 ? 0 : measured * (errors.get(format) / ofProbe)))
                .toList();
    }

    /** Σ (w − ŵ)² over some rows of a group, from all over its tensors, rounded to nearest. */
    private static double squaredError(MatrixGroup group, Format format, boolean rotated) {
        double sum = 0;
        int each = Math.ceilDiv(ROWS, group.tensors().size());
        for (GgufTensor tensor : group.tensors()) {
            int rows = (int) Math.min(each, tensor.rows());
            try (Arena scratch = Arena.ofShared()) {
                PackedMatrix some = PackedMatrix.allocate(format, rows, (int) tensor.columns(), rotated, scratch);
                sum += MatrixQuantizer.quantize(
                                (row, values) -> tensor.readRow((2L * row + 1) * tensor.rows() / (2L * rows), values),
                                some,
                                row -> {})
                        .squaredError();
            }
        }
        return sum;
    }

    /** The choice, for a writer. */
    public FormatChoice choice() {
        Map<String, Format> formats = new HashMap<>();
        for (Allocated allocated : matrices) {
            allocated.group().tensors().forEach(tensor -> formats.put(tensor.name(), allocated.format()));
        }
        return tensor -> Optional.ofNullable(formats.get(tensor.name()));
    }

    /** Everything stored for the matrices, in bytes (REQ-FMT-008). */
    public long bytes() {
        return matrices.stream()
                .mapToLong(allocated -> allocated.group().bytes(allocated.format()))
                .sum();
    }

    /** The predicted mean divergence, in nats a position. */
    public double loss() {
        double sum = 0;
        for (Allocated allocated : matrices) {
            sum += allocated.loss();
        }
        return sum;
    }
}
