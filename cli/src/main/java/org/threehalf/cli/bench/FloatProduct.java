package org.threehalf.cli.bench;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.product.WorkerPool;

/**
 * The base line: a binary32 matrix times a binary32 vector, by the Vector API with fused operations, rows split over
 * threads.
 */
final class FloatProduct {

    private static final VectorSpecies<Float> F =
            VectorSpecies.of(float.class, VectorShape.forBitSize(VectorSupport.bits()));

    private final int rows;
    private final float[] x;
    private final float[] y;
    private final WorkerPool pool;
    private final WorkerPool.Task task = this::share;
    private MemorySegment weights = MemorySegment.NULL;

    /** A product of N × K; K must be a multiple of four vectors. */
    FloatProduct(int rows, int columns, WorkerPool pool) {
        if (columns % (4 * F.length()) != 0) {
            throw new IllegalArgumentException(columns + " columns: they must be a multiple of " + 4 * F.length());
        }
        this.rows = rows;
        this.x = new float[columns];
        this.y = new float[rows];
        this.pool = pool;
        Arrays.fill(x, 0.25f);
    }

    /** y = W·x, with the N · K weights row by row. */
    float[] multiply(MemorySegment matrix) {
        weights = matrix;
        pool.run(task);
        return y;
    }

    private void share(int worker, int workers) {
        int to = (int) ((long) rows * (worker + 1) / workers);
        for (int row = (int) ((long) rows * worker / workers); row < to; row++) {
            y[row] = dot(weights, (long) row * x.length * Float.BYTES, x);
        }
    }

    private static float dot(MemorySegment weights, long at, float[] x) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        int n = F.length();
        for (int k = 0; k < x.length; k += 4 * n) {
            long from = at + (long) k * Float.BYTES;
            a = FloatVector.fromMemorySegment(F, weights, from, ByteOrder.LITTLE_ENDIAN)
                    .fma(FloatVector.fromArray(F, x, k), a);
            b = FloatVector.fromMemorySegment(F, weights, from + 4L * n, ByteOrder.LITTLE_ENDIAN)
                    .fma(FloatVector.fromArray(F, x, k + n), b);
            c = FloatVector.fromMemorySegment(F, weights, from + 8L * n, ByteOrder.LITTLE_ENDIAN)
                    .fma(FloatVector.fromArray(F, x, k + 2 * n), c);
            d = FloatVector.fromMemorySegment(F, weights, from + 12L * n, ByteOrder.LITTLE_ENDIAN)
                    .fma(FloatVector.fromArray(F, x, k + 3 * n), d);
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
