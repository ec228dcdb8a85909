package org.threehalf.kernels.quantize;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Some rows of a {@link Hessian}, each up to the diagonal. Each entry is the sum over the vectors in their order, in
 * binary64, whichever rows are summed together: who adds the same vectors gets the bits that the whole has there. So
 * several processes can sum a Hessian, each some of its rows. Not safe for use by several threads at once.
 */
public final class HessianRows {
    /** Vectors that are added in one go over a row of H: bounds how often the row is loaded. */
    private static final int GROUP = 4;
    /** Rows of H that one task takes. */
    private static final int TASK_ROWS = 16;

    private final int first;
    private final double[][] sums;

    /** Of entries that become this object's own: row i has i + 1. */
    HessianRows(int first, double[][] sums) {
        this.first = first;
        this.sums = sums;
    }

    /**
     * Rows of zeros.
     *
     * @param first the first one's number i, which has i + 1 entries
     * @param count how many
     */
    public HessianRows(int first, int count) {
        this(first, new double[count][]);
        Objects.checkFromIndexSize(first, count, Integer.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            sums[i] = new double[first + i + 1];
        }
    }

    int first() {
        return first;
    }

    int count() {
        return sums.length;
    }

    /** The entries of a row of the Hessian, which are this object's own. */
    double[] row(int i) {
        return sums[i - first];
    }

    /**
     * Adds x·xᵀ for each vector.
     *
     * @param inputs K numbers each
     */
    public void add(double[][] inputs) {
        int tasks = (sums.length + TASK_ROWS - 1) / TASK_ROWS;
        IntStream.range(0, tasks).parallel().forEach(task -> {
            // The last rows are the longest: they go first.
            int from = (tasks - 1 - task) * TASK_ROWS;
            int to = Math.min(from + TASK_ROWS, sums.length);
            for (int t = 0; t + GROUP <= inputs.length; t += GROUP) {
                for (int i = from; i < to; i++) {
                    addFour(sums[i], inputs[t], inputs[t + 1], inputs[t + 2], inputs[t + 3], first + i);
                }
            }
            for (int t = inputs.length / GROUP * GROUP; t < inputs.length; t++) {
                for (int i = from; i < to; i++) {
                    double[] x = inputs[t];
                    VectorSum.addScaled(sums[i], x[first + i], x, first + i + 1);
                }
            }
        });
    }

    private static void addFour(double[] row, double[] a, double[] b, double[] c, double[] d, int i) {
        double fa = a[i];
        double fb = b[i];
        double fc = c[i];
        double fd = d[i];
        for (int k = 0; k <= i; k++) {
            row[k] = row[k] + fa * a[k] + fb * b[k] + fc * c[k] + fd * d[k];
        }
    }

    /**
     * Writes the entries, row by row, for {@link #read} in another process.
     *
     * @throws IOException if they cannot be written
     */
    public void write(DataOutput out) throws IOException {
        for (double[] row : sums) {
            ByteBuffer bytes = ByteBuffer.allocate(row.length * Double.BYTES);
            bytes.asDoubleBuffer().put(row);
            out.write(bytes.array());
        }
    }

    /**
     * Reads what {@link #write} wrote: the same bits.
     *
     * @param first the first row's number
     * @param count how many there are
     * @throws IOException if they cannot be read, or end before their end
     */
    public static HessianRows read(DataInput in, int first, int count) throws IOException {
        HessianRows rows = new HessianRows(first, count);
        for (double[] row : rows.sums) {
            byte[] bytes = new byte[row.length * Double.BYTES];
            in.readFully(bytes);
            ByteBuffer.wrap(bytes).asDoubleBuffer().get(row);
        }
        return rows;
    }
}
