package org.threehalf.kernels.quantize;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.HadamardRotation;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

/** Quantises a matrix row by row, in parallel; the result does not depend on the number of threads. */
public final class MatrixQuantizer {

    /** Gives the binary32 weights of a row; called from several threads at once, each row once. */
    @FunctionalInterface
    public interface RowSource {
        /** Reads row {@code row} into {@code weights}, which has K entries. */
        void read(int row, float[] weights);
    }

    /** Quantises some rows at a time; called from several threads at once. */
    @FunctionalInterface
    public interface RowsQuantizer {
        /**
         * Quantises rows of K weights, each by itself.
         *
         * @throws IllegalArgumentException if a weight is refused (REQ-FMT-007)
         */
        QuantizedRow[] quantize(float[][] weights);
    }

    /** Rows that are given to a {@link RowsQuantizer} at a time. */
    private static final int GROUP = 8;

    /**
     * How far the quantised weights are from those that were read.
     *
     * @param squaredError Σ (w − ŵ)², with ŵ in binary32
     * @param squaredSum Σ w²
     */
    public record Error(double squaredError, double squaredSum) {
        /** √(Σ (w − ŵ)² / Σ w²); 0 for a matrix of zeros. */
        public double relativeRmse() {
            return squaredSum == 0 ? 0 : Math.sqrt(squaredError / squaredSum);
        }

        private Error plus(Error other) {
            return new Error(squaredError + other.squaredError, squaredSum + other.squaredSum);
        }
    }

    /**
     * The errors of some rows, each row's by itself: joined in the order of the rows they give the sums of a whole
     * matrix, whoever quantised which rows.
     *
     * @param squaredErrors Σ (w − ŵ)² of each row
     * @param squaredSums Σ w² of each row, as many
     */
    public record RowErrors(double[] squaredErrors, double[] squaredSums) {
        /** The sums, in the order of the rows, after what was summed of the rows before. */
        public Error after(Error before) {
            Error total = before;
            for (int i = 0; i < squaredErrors.length; i++) {
                total = total.plus(new Error(squaredErrors[i], squaredSums[i]));
            }
            return total;
        }
    }

    /** A group of rows that was refused. */
    private record Refusal(int row, IllegalArgumentException why) {}

    private MatrixQuantizer() {}

    /**
     * Fills a matrix.
     *
     * @param source the weights, {@code matrix.rows()} rows of {@code matrix.columns()}
     * @param matrix where the rows go; if it is rotated, so are the rows before they are quantised (REQ-ROT-004)
     * @param rowDone told of every finished row, from several threads
     * @return the error over the whole matrix, of rows as they are quantised, summed in the order of the rows
     * @throws IllegalArgumentException if a weight is refused (REQ-FMT-007); the message names row and column
     */
    public static Error quantize(RowSource source, PackedMatrix matrix, IntConsumer rowDone) {
        return quantize(source, matrix, plain(matrix.format()), rowDone);
    }

    /** Rounding to nearest in a format (REQ-QNT-005 to REQ-QNT-012). */
    public static RowsQuantizer plain(Format format) {
        PrunedSearch search = new PrunedSearch();
        return rows -> Arrays.stream(rows)
                .map(row -> QuantizedRow.quantize(format, row, search))
                .toArray(QuantizedRow[]::new);
    }

    /**
     * As {@link #quantize(RowSource, PackedMatrix, IntConsumer)}, with another choice of scales and codes, in the
     * matrix's format.
     */
    public static Error quantize(RowSource source, PackedMatrix matrix, RowsQuantizer quantizer, IntConsumer rowDone) {
        return quantizeRows(source, 0, matrix, quantizer, rowDone).after(new Error(0, 0));
    }

    /**
     * Fills some rows of a matrix: the same bits as when the whole is quantised at once.
     *
     * @param source the weights of the whole matrix
     * @param first the first row that is read
     * @param matrix where the rows go: its row 0 is row {@code first} of the source
     * @param quantizer chooses scales and codes, in the matrix's format
     * @param rowDone told of every finished row by its number in the source, from several threads
     * @return each row's error
     * @throws IllegalArgumentException if a weight is refused (REQ-FMT-007); the message names row and column
     */
    public static RowErrors quantizeRows(
            RowSource source, int first, PackedMatrix matrix, RowsQuantizer quantizer, IntConsumer rowDone) {
        RowErrors errors = new RowErrors(new double[matrix.rows()], new double[matrix.rows()]);
        // A pool's thread hands an exception on in a copy whose message begins with the class: what is refused is kept
        // here, the first row's of those that were met.
        AtomicReference<@Nullable Refusal> refusal = new AtomicReference<>();
        IntStream.range(0, (matrix.rows() + GROUP - 1) / GROUP).parallel().forEach(group -> {
            if (refusal.get() != null) {
                return;
            }
            int from = group * GROUP;
            float[][] weights = new float[Math.min(GROUP, matrix.rows() - from)][matrix.columns()];
            for (int i = 0; i < weights.length; i++) {
                source.read(first + from + i, weights[i]);
                if (matrix.rotated()) {
                    HadamardRotation.rotate(weights[i]);
                }
            }
            try {
                QuantizedRow[] rows = quantize(weights, quantizer, first + from);
                for (int i = 0; i < rows.length; i++) {
                    matrix.putRow(from + i, rows[i]);
                    Error error = error(weights[i], rows[i]);
                    errors.squaredErrors[from + i] = error.squaredError;
                    errors.squaredSums[from + i] = error.squaredSum;
                    rowDone.accept(first + from + i);
                }
            } catch (IllegalArgumentException refused) {
                refusal.accumulateAndGet(new Refusal(from, refused), (a, b) -> a == null || a.row > b.row ? b : a);
            }
        });
        Refusal refused = refusal.get();
        if (refused != null) {
            throw refused.why;
        }
        return errors;
    }

    private static QuantizedRow[] quantize(float[][] weights, RowsQuantizer quantizer, int first) {
        try {
            return quantizer.quantize(weights);
        } catch (IllegalArgumentException refused) {
            for (int i = 0; i < weights.length; i++) {
                try {
                    quantizer.quantize(new float[][] {weights[i]});
                } catch (IllegalArgumentException ofRow) {
                    throw new IllegalArgumentException("row " + (first + i) + ": " + ofRow.getMessage(), ofRow);
                }
            }
            throw refused;
        }
    }

    private static Error error(float[] weights, QuantizedRow quantized) {
        float[] values = quantized.dequantize();
        double squaredError = 0;
        double squaredSum = 0;
        for (int k = 0; k < weights.length; k++) {
            double difference = (double) weights[k] - values[k];
            squaredError += difference * difference;
            squaredSum += (double) weights[k] * weights[k];
        }
        return new Error(squaredError, squaredSum);
    }
}
