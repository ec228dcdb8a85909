package org.threehalf.kernels;

import java.util.List;
import org.threehalf.kernels.reference.DotProduct;

/**
 * The product of a packed matrix with tokens, by the reference kernels, row after row on the calling thread.
 *
 * <p>Every other implementation must give the same bits.
 */
public final class ReferenceProduct {
    private ReferenceProduct() {}

    /**
     * The integer results I of every row (REQ-DOT-001).
     *
     * @param matrix N × K
     * @param token K activations
     * @param sums where the N results go
     * @throws IllegalArgumentException if a size does not match, or a row's scale is refused
     */
    public static void sums(PackedMatrix matrix, QuantizedToken token, int[] sums) {
        requireSizes(matrix, token, sums.length);
        for (int row = 0; row < matrix.rows(); row++) {
            sums[row] = matrix.row(row).dot(token);
        }
    }

    /**
     * y of every row (REQ-DOT-004).
     *
     * @param matrix N × K
     * @param token K activations
     * @param y where the N outputs go
     * @throws IllegalArgumentException if a size does not match, or a row's scale is refused
     */
    public static void gemv(PackedMatrix matrix, QuantizedToken token, float[] y) {
        requireSizes(matrix, token, y.length);
        for (int row = 0; row < matrix.rows(); row++) {
            QuantizedRow weights = matrix.row(row);
            y[row] = DotProduct.output(weights.dot(token), weights.scale(), token.scale());
        }
    }

    /**
     * The outputs of several tokens, each as by {@link #gemv} (REQ-DOT-006); a row's weights are unpacked once.
     *
     * @param matrix N × K
     * @param tokens T tokens of K activations
     * @param y where the outputs go: {@code y[t][row]}
     * @throws IllegalArgumentException if a size does not match, or a row's scale is refused
     */
    public static void gemm(PackedMatrix matrix, List<QuantizedToken> tokens, float[][] y) {
        if (y.length != tokens.size()) {
            throw new IllegalArgumentException("%d outputs for %d tokens".formatted(y.length, tokens.size()));
        }
        for (int t = 0; t < y.length; t++) {
            requireSizes(matrix, tokens.get(t), y[t].length);
        }
        for (int row = 0; row < matrix.rows(); row++) {
            QuantizedRow weights = matrix.row(row);
            short[] integers = weights.integerWeights();
            for (int t = 0; t < y.length; t++) {
                QuantizedToken token = tokens.get(t);
                int sum = DotProduct.dot(token.codes(), integers, matrix.columns(), matrix.format().maxWeight());
                y[t][row] = DotProduct.output(sum, weights.scale(), token.scale());
            }
        }
    }

    private static void requireSizes(PackedMatrix matrix, QuantizedToken token, int outputs) {
        if (token.columns() != matrix.columns() || outputs != matrix.rows()) {
            throw new IllegalArgumentException("a matrix of %d x %d with a token of %d activations and %d outputs"
                    .formatted(matrix.rows(), matrix.columns(), token.columns(), outputs));
        }
    }
}
