package org.threehalf.kernels;

import org.threehalf.kernels.format.Format;

/**
 * The rotation of vectors that rotated matrices are multiplied with, and of their rows (REQ-ROT-001, REQ-ROT-002).
 *
 * <p>Six stages of additions on each whole block of 64, then times 1/8: an orthogonal matrix, and its own inverse but
 * for rounding. It spreads a large weight or activation over its block, so that one scale suits them all.
 */
public final class HadamardRotation {
    private static final float FACTOR = 0.125f;

    private HadamardRotation() {}

    /**
     * Rotates a vector in place; numbers past the last whole block of 64 stay as they are.
     *
     * @param x K numbers
     */
    public static void rotate(float[] x) {
        float[] a = new float[Format.BLOCK];
        float[] b = new float[Format.BLOCK];
        for (int at = 0; at + Format.BLOCK <= x.length; at += Format.BLOCK) {
            stage(x, at, a);
            stage(a, 0, b);
            stage(b, 0, a);
            stage(a, 0, b);
            stage(b, 0, a);
            stage(a, 0, b);
            for (int i = 0; i < Format.BLOCK; i++) {
                x[at + i] = b[i] * FACTOR;
            }
        }
    }

    /**
     * y_p = fl₃₂(x_2p + x_(2p+1)) and y_(p+32) = fl₃₂(x_2p − x_(2p+1)) for p = 0 … 31, where x begins at {@code at}.
     */
    private static void stage(float[] x, int at, float[] y) {
        for (int p = 0; p < Format.HALF; p++) {
            float left = x[at + 2 * p];
            float right = x[at + 2 * p + 1];
            y[p] = left + right;
            y[p + Format.HALF] = left - right;
        }
    }

    /** A rotated copy of a vector. */
    public static float[] rotated(float[] x) {
        float[] copy = x.clone();
        rotate(copy);
        return copy;
    }
}
