package org.threehalf.kernels.quantize;

/**
 * Loops over arrays that the compiler turns into vector instructions; each element is rounded as written, so the width
 * changes no bit.
 */
final class VectorSum {

    private VectorSum() {}

    /** y_k = y_k + f·x_k for k &lt; n. */
    static void addScaled(double[] y, double f, double[] x, int n) {
        for (int k = 0; k < n; k++) {
            y[k] += f * x[k];
        }
    }

    /** y_k = y_k + f·x_k for {@code from} ≤ k &lt; {@code to}. */
    static void addScaled(double[] y, double f, double[] x, int from, int to) {
        for (int k = from; k < to; k++) {
            y[k] += f * x[k];
        }
    }
}
