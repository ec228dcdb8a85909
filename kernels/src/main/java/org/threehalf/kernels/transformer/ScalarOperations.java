package org.threehalf.kernels.transformer;

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
    public void rotate(
            Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        Rotation.rotate(layout, x, from, cosines, sines, angle, pairs);
    }

    @Override
    public void attend(AttentionHeads heads) {
        float[] keys = heads.seenKeys().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        float[] values = heads.seenValues().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        int size = heads.size();
        for (int h = 0; h < heads.count(); h++) {
            Attention.attend(
                    heads.query(),
                    heads.queryFrom() + h * size,
                    keys,
                    values,
                    size,
                    heads.first(),
                    heads.last(),
                    heads.scale(),
                    heads.cap(),
                    heads.sink(h),
                    heads.output(),
                    heads.outputFrom() + h * size);
        }
    }
}
