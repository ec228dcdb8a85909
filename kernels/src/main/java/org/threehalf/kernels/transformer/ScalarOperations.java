package org.threehalf.kernels.transformer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The reference: the scalar methods of this package, with the cache read into arrays. */
public final class ScalarOperations implements TransformerOperations {

    /** Makes the reference operations. */
    public ScalarOperations() {}

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        return StridedSum.dot(a, aFrom, b, bFrom, n);
    }

    @Override
    public void rmsNorm(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom) {
        Normalization.rms(x, xFrom, weights, epsilon, y, yFrom);
    }

    @Override
    public void gate(Activation activation, float[] gate, float[] up) {
        ElementwiseOperations.gate(activation, gate, up);
    }

    @Override
    public void add(float[] x, float[] addition) {
        ElementwiseOperations.add(x, addition);
    }

    @Override
    public void softCap(float[] x, float cap) {
        for (int k = 0; k < x.length; k++) {
            x[k] = ElementaryFunctions.softCap(x[k], cap);
        }
    }

    @Override
    public void rotate(Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        Rotation.rotate(layout, x, from, cosines, sines, angle, pairs);
    }

    @Override
    public void attend(
            float[] query,
            int queryFrom,
            MemorySegment keys,
            MemorySegment values,
            int size,
            int first,
            int last,
            float scale,
            float cap,
            float[] output,
            int outputFrom) {
        Attention.attend(query, queryFrom, rows(keys, size, first, last), rows(values, size, first, last), size, first, last, scale, cap, output, outputFrom);
    }

    private static float[] rows(MemorySegment cache, int size, int first, int last) {
        long rowBytes = (long) size * Float.BYTES;
        return cache.asSlice(first * rowBytes, (last - first + 1) * rowBytes).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
}
