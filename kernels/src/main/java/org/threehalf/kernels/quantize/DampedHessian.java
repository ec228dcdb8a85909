package org.threehalf.kernels.quantize;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.format.Format;

/**
 * A positive definite H with its decomposition H = U·D·Uᵀ, U unit upper triangular and D diagonal.
 *
 * <p>With it the error of a row splits into one square an input: (w − ŵ)·H·(w − ŵ)ᵀ = Σ_k D_k·(t_k − ŵ_k)², where t_k =
 * w_k + Σ_{j&lt;k} (w_j − ŵ_j)·U_jk is what input k should hold once those before it are chosen. Rounding t_k in place
 * of w_k is GPTQ's error feedback (Frantar et al.: GPTQ, 2022) in the form that Chee et al. (QuIP, 2023) proved equal
 * to it. Immutable: safe for use by several threads.
 */
public final class DampedHessian {
    /** Memory over K²: three triangles of binary64. */
    public static final int BYTES_AN_ENTRY = 12;
    /** The same once whole rows were asked for. */
    public static final int BYTES_AN_ENTRY_WITH_ROWS = BYTES_AN_ENTRY + 8;

    /**
     * Rows that are finished before all rows above them are changed: each of those is then loaded once for all of them.
     */
    private static final int PANEL = 64;

    /** The blocks of a row in the order in which this matrix has them; none if that is their own. */
    private final int[] order;

    /** H, each row up to the diagonal. */
    private final double[][] matrix;
    /** Row k holds D_k·U_ik for i &lt; k, and D_k at k. */
    private final double[][] triangle;
    /** Row j holds U_jk from k = j on. */
    private final double[][] feedback;

    private final double[] weights;
    /** H with whole rows; made when first asked for, as the search of the T formats never does. */
    private double @Nullable [][] whole;

    /**
     * Decomposes a matrix.
     *
     * @param matrix each row up to the diagonal; becomes this object's own
     * @throws IllegalArgumentException if it is not positive definite
     */
    DampedHessian(double[][] matrix) {
        this(matrix, new int[0]);
    }

    /** As {@link #DampedHessian(double[][])}, of inputs whose blocks come in an order. */
    DampedHessian(double[][] matrix, int[] order) {
        this(matrix, decompose(matrix), order);
    }

    private DampedHessian(double[][] matrix, double[][] triangle, int[] order) {
        int n = matrix.length;
        this.order = order;
        this.matrix = matrix;
        this.triangle = triangle;
        this.weights = new double[n];
        this.feedback = new double[n][];
        for (int j = 0; j < n; j++) {
            weights[j] = triangle[j][j];
            feedback[j] = new double[n - j];
            feedback[j][0] = 1;
            for (int i = 0; i < j; i++) {
                feedback[i][j - i] = triangle[j][i] / triangle[j][j];
            }
        }
    }

    /**
     * Writes it, for {@link #read} in another process: K, the order of the blocks, then H and its decomposition row by
     * row up to the diagonal, 8·K·(K + 1) bytes.
     *
     * @throws IOException if it cannot be written
     */
    public void write(DataOutput out) throws IOException {
        int n = matrix.length;
        out.writeInt(n);
        out.writeInt(order.length);
        for (int block : order) {
            out.writeInt(block);
        }
        for (int i = 0; i < n; i++) {
            ByteBuffer row = ByteBuffer.allocate(2 * (i + 1) * Double.BYTES);
            row.asDoubleBuffer().put(matrix[i]).put(triangle[i]);
            out.write(row.array());
        }
    }

    /**
     * Reads what {@link #write} wrote: the same bits.
     *
     * @throws IOException if it cannot be read, or ends before its end
     */
    public static DampedHessian read(DataInput in) throws IOException {
        int n = in.readInt();
        int[] order = new int[in.readInt()];
        for (int b = 0; b < order.length; b++) {
            order[b] = in.readInt();
        }
        double[][] matrix = new double[n][];
        double[][] triangle = new double[n][];
        for (int i = 0; i < n; i++) {
            byte[] row = new byte[2 * (i + 1) * Double.BYTES];
            in.readFully(row);
            matrix[i] = new double[i + 1];
            triangle[i] = new double[i + 1];
            ByteBuffer.wrap(row).asDoubleBuffer().get(matrix[i]).get(triangle[i]);
        }
        return new DampedHessian(matrix, triangle, order);
    }

    /** A row's weights in the order of this matrix. */
    float[] ordered(float[] weights) {
        float[] ordered = weights.clone();
        for (int b = 0; b < order.length; b++) {
            System.arraycopy(weights, order[b] * Format.BLOCK, ordered, b * Format.BLOCK, Format.BLOCK);
        }
        return ordered;
    }

    /** What belongs to blocks in the order of this matrix, {@code each} bytes a block, where it belongs in the row. */
    byte[] inPlace(byte[] ordered, int each) {
        byte[] values = ordered.clone();
        for (int b = 0; b < order.length; b++) {
            System.arraycopy(ordered, b * each, values, order[b] * each, each);
        }
        return values;
    }

    /** Row j of the result holds D_j·U_ij for i &lt; j, and D_j at j. */
    private static double[][] decompose(double[][] matrix) {
        int n = matrix.length;
        double[][] rest = new double[n][];
        for (int i = 0; i < n; i++) {
            rest[i] = matrix[i].clone();
        }
        for (int top = n; top > 0; top -= PANEL) {
            int end = top;
            int bottom = Math.max(0, top - PANEL);
            for (int j = top - 1; j >= bottom; j--) {
                if (!(rest[j][j] > 0)) {
                    throw new IllegalArgumentException(
                            "the calibration inputs' matrix is not positive definite (pivot %s at input %d): use a larger damping"
                                    .formatted(rest[j][j], j));
                }
                for (int i = bottom; i < j; i++) {
                    subtract(rest, j, i);
                }
            }
            IntStream.range(0, bottom).parallel().forEach(i -> {
                for (int j = end - 1; j >= bottom; j--) {
                    subtract(rest, j, i);
                }
            });
        }
        return rest;
    }

    /**
     * The same without what the inputs have in common: as if no input could make up for another. For tests of the
     * feedback.
     */
    DampedHessian diagonal() {
        double[][] diagonal = new double[size()][];
        for (int k = 0; k < size(); k++) {
            diagonal[k] = new double[k + 1];
            diagonal[k][k] = matrix[k][k];
        }
        return new DampedHessian(diagonal);
    }

    /** K. */
    public int size() {
        return matrix.length;
    }

    /** Row k of H; not to be changed. */
    double[] row(int k) {
        return whole()[k];
    }

    private synchronized double[][] whole() {
        if (whole == null) {
            double[][] rows = new double[size()][size()];
            for (int i = 0; i < size(); i++) {
                for (int k = 0; k <= i; k++) {
                    rows[i][k] = matrix[i][k];
                    rows[k][i] = matrix[i][k];
                }
            }
            whole = rows;
        }
        return whole;
    }

    /** U_jk at k − j, for k ≥ j; not to be changed. */
    double[] feedback(int j) {
        return feedback[j];
    }

    /** Takes what input j contributes out of row i. */
    private static void subtract(double[][] rest, int j, int i) {
        double[] row = rest[j];
        VectorSum.addScaled(rest[i], -(row[i] / row[j]), row, i + 1);
    }

    /** D_k·U_ik of row k, for i &lt; k, and D_k at k; not to be changed. */
    double[] weightedColumn(int k) {
        return triangle[k];
    }

    /** D_k. */
    double weight(int k) {
        return weights[k];
    }

    /**
     * What error feedback leaves of the error of plain rounding: Σ D_k / Σ H_kk, where rounding is off by as much in
     * every input. In (0, 1]; 1 where the inputs have nothing in common.
     */
    public double feedbackShare() {
        double left = 0;
        double plain = 0;
        for (int k = 0; k < size(); k++) {
            left += weights[k];
            plain += matrix[k][k];
        }
        return left / plain;
    }

    /** d·H·dᵀ of a row's difference d. */
    public double squaredError(double[] difference) {
        double total = 0;
        for (int i = 0; i < size(); i++) {
            double[] row = row(i);
            double sum = 0;
            for (int k = 0; k < size(); k++) {
                sum += row[k] * difference[k];
            }
            total += difference[i] * sum;
        }
        return total;
    }
}
