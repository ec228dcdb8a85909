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

    /** y_k = y_k + f·x_{k − j} for k &gt; j: x begins at the diagonal. */
    static void addScaledFrom(double[] y, int j, double f, double[] x) {
        for (int k = 1; k < x.length; k++) {
            y[j + k] += f * x[k];
        }
    }
}
