package org.threehalf.kernels.quantize;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;

/** Quantises a matrix row by row, in parallel; the result does not depend on the number of threads. */
public final class MatrixQuantizer {

    /** Gives the binary32 weights of a row; called from several threads at once, each row once. */
    @FunctionalInterface
    public interface RowSource {
        /** Reads row {@code row} into {@code weights}, which has K entries. */
        void read(int row, float[] weights);
    }

    /** Makes a quantised row of weights; called from several threads at once. */
    @FunctionalInterface
    public interface RowQuantizer {
        /** Quantises K weights. */
        QuantizedRow quantize(float[] weights);
    }

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

    private MatrixQuantizer() {}

    /**
     * Fills a matrix.
     *
     * @param source the weights, {@code matrix.rows()} rows of {@code matrix.columns()}
     * @param matrix where the rows go
     * @param rowDone told of every finished row, from several threads
     * @return the error over the whole matrix, summed in the order of the rows
     * @throws IllegalArgumentException if a weight is refused (REQ-FMT-007); the message names row and column
     */
    public static Error quantize(RowSource source, PackedMatrix matrix, IntConsumer rowDone) {
        PrunedSearch search = new PrunedSearch();
        return quantize(source, matrix, weights -> QuantizedRow.quantize(matrix.format(), weights, search), rowDone);
    }

    /** As {@link #quantize(RowSource, PackedMatrix, IntConsumer)}, with another choice of scales and codes, in the matrix's format. */
    public static Error quantize(RowSource source, PackedMatrix matrix, RowQuantizer quantizer, IntConsumer rowDone) {
        Error[] errors = new Error[matrix.rows()];
        IntStream.range(0, matrix.rows()).parallel().forEach(row -> {
            float[] weights = new float[matrix.columns()];
            source.read(row, weights);
            errors[row] = quantizeRow(weights, quantizer, matrix, row);
            rowDone.accept(row);
        });
        Error total = new Error(0, 0);
        for (Error error : errors) {
            total = total.plus(error);
        }
        return total;
    }

    private static Error quantizeRow(float[] weights, RowQuantizer quantizer, PackedMatrix matrix, int row) {
        QuantizedRow quantized;
        try {
            quantized = quantizer.quantize(weights);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException("row " + row + ": " + refused.getMessage(), refused);
        }
        matrix.putRow(row, quantized);
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
