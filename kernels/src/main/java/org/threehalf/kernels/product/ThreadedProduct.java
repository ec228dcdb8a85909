package org.threehalf.kernels.product;

import java.util.List;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.reference.DotProduct;

/**
 * The products of one prepared matrix, its rows split over a pool's workers.
 *
 * <p>Each row is computed by exactly one worker and its sum is exact, so the result does not depend on how many there
 * are (REQ-DOT-003). A product allocates nothing but, for several tokens, the list of their codes.
 *
 * <p>Not for use by several threads at once.
 */
public final class ThreadedProduct {

    private /*@ spec_public @*/ final KernelMatrix matrix;
    private /*@ spec_public @*/ final RowScales scales;
    private /*@ spec_public @*/ final WorkerPool pool;
    private /*@ spec_public @*/ final KernelMatrix.Scratch[] scratch;
    private final byte[][] single = new byte[1][];

    // The operands of the product that runs now.
    private byte[][] tokens = single;
    private float[] tokenScales = new float[1];
    private int count;
    private int[] sums = {};
    private float[][] outputs = {};
    private final float[][] singleOutput = new float[1][];
    private final float[] singleScale = new float[1];

    private final KernelMatrix.Sink toSums = this::putSums;
    private final KernelMatrix.Sink toOutputs = this::putOutputs;
    private final WorkerPool.Task runSums = (part, parts) -> share(part, parts, toSums);
    private final WorkerPool.Task runOutputs = (part, parts) -> share(part, parts, toOutputs);

    /**
     * A product on a pool.
     *
     * @param matrix the prepared matrix
     * @param scales its N row scales
     * @param scratch one for each worker of the pool, from this kind of matrix
     * @throws IllegalArgumentException if there are not N scales, or too few scratches
     */
    /*@ public behavior
      @   ensures scales.rows() == matrix.rows() && scratch.length >= pool.workers();
      @   signals_only IllegalArgumentException;
      @*/
    public ThreadedProduct(KernelMatrix matrix, RowScales scales, WorkerPool pool, KernelMatrix.Scratch[] scratch) {
        if (scales.rows() != matrix.rows() || scratch.length < pool.workers()) {
            throw new IllegalArgumentException("%d scales for %d rows, %d scratches for %d workers"
                    .formatted(scales.rows(), matrix.rows(), scratch.length, pool.workers()));
        }
        this.matrix = matrix;
        this.scales = scales;
        this.pool = pool;
        this.scratch = scratch;
    }

    /**
     * The integer results of every row (REQ-DOT-001).
     *
     * @throws IllegalArgumentException if a size does not match
     */
    /*@ public behavior
      @   ensures token.columns() == matrix.columns() && sums.length == matrix.rows();
      @   signals_only IllegalArgumentException;
      @*/
    public void sums(QuantizedToken token, int[] sums) {
        requireSizes(token, sums.length);
        this.sums = sums;
        single[0] = token.codes();
        tokens = single;
        count = 1;
        pool.run(runSums);
    }

    /**
     * y of every row (REQ-DOT-004).
     *
     * @throws IllegalArgumentException if a size does not match
     */
    /*@ public behavior
      @   ensures token.columns() == matrix.columns() && y.length == matrix.rows();
      @   signals_only IllegalArgumentException;
      @*/
    public void gemv(QuantizedToken token, float[] y) {
        requireSizes(token, y.length);
        single[0] = token.codes();
        singleScale[0] = token.scale();
        singleOutput[0] = y;
        tokens = single;
        tokenScales = singleScale;
        outputs = singleOutput;
        count = 1;
        pool.run(runOutputs);
    }

    /**
     * y of every row for several tokens (REQ-DOT-006).
     *
     * @param y {@code y[t][row]}
     * @throws IllegalArgumentException if a size does not match
     */
    /*@ public behavior
      @   ensures y.length == batch.size() && (\forall int t; 0 <= t && t < y.length;
      @       y[t].length == matrix.rows() && batch.get(t).columns() == matrix.columns());
      @   signals_only IllegalArgumentException;
      @*/
    public void gemm(List<QuantizedToken> batch, float[][] y) {
        if (y.length != batch.size()) {
            throw new IllegalArgumentException("%d outputs for %d tokens".formatted(y.length, batch.size()));
        }
        if (y.length == 0) {
            return;
        }
        byte[][] codes = new byte[y.length][];
        float[] batchScales = new float[y.length];
        for (int t = 0; t < y.length; t++) {
            QuantizedToken token = batch.get(t);
            requireSizes(token, y[t].length);
            codes[t] = token.codes();
            batchScales[t] = token.scale();
        }
        tokens = codes;
        tokenScales = batchScales;
        outputs = y;
        count = y.length;
        pool.run(runOutputs);
    }

    private void requireSizes(QuantizedToken token, int results) {
        if (token.columns() != matrix.columns() || results != matrix.rows()) {
            throw new IllegalArgumentException("a matrix of %d x %d with a token of %d activations and %d outputs"
                    .formatted(matrix.rows(), matrix.columns(), token.columns(), results));
        }
    }

    private void share(int part, int parts, KernelMatrix.Sink sink) {
        int from = (int) ((long) matrix.tiles() * part / parts);
        int to = (int) ((long) matrix.tiles() * (part + 1) / parts);
        if (from < to) {
            matrix.sums(tokens, count, from, to, scratch[part], sink);
        }
    }

    private void putSums(int token, int row, int[] results, int rows) {
        System.arraycopy(results, 0, sums, row, rows);
    }

    private void putOutputs(int token, int row, int[] results, int rows) {
        float[] y = outputs[token];
        float scale = tokenScales[token];
        for (int i = 0; i < rows; i++) {
            y[row + i] = DotProduct.output(results[i], scales.of(row + i), scale);
        }
    }
}
