package org.threehalf.kernels.transformer;

/**
 * Root-mean-square normalisation (REQ-OPS-009; Zhang and Sennrich, Root Mean Square Layer Normalization, 2019), and
 * what a layer norm does before it (REQ-OPS-012; Ba, Kiros and Hinton, Layer Normalization, 2016).
 */
public final class Normalization {
    private Normalization() {}

    /**
     * y_k = (x_k · r) · w_k with r = 1 / √(dot(x, x)/n + ε) (REQ-OPS-009).
     *
     * @param x holds x_0 … x_{n−1} from {@code xFrom}
     * @param weights w, n of them
     * @param epsilon ε, positive
     * @param y where the results go, from {@code yFrom}; may be {@code x} at the same place
     */
    /*@ public normal_behavior
      @   requires weights.length >= 1 && weights != y && epsilon > 0;
      @   requires 0 <= xFrom && xFrom <= x.length - weights.length && 0 <= yFrom
      @       && yFrom <= y.length - weights.length;
      @   requires x != y || xFrom == yFrom;
      @   assignable y[yFrom .. yFrom + weights.length - 1];
      @   ensures (\forall int i; 0 <= i && i < weights.length;
      @     Float.floatToIntBits(y[yFrom + i])
      @         == Float.floatToIntBits((\old(x[xFrom + i]) * (1 / squareRoot(\old(StridedSum.dot(x, xFrom, x, xFrom,
      @         weights.length)) / weights.length + epsilon))) * weights[i]));
      @*/
    public static void rms(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom) {
        int n = weights.length;
        float r = 1 / squareRoot(StridedSum.dot(x, xFrom, x, xFrom, n) / n + epsilon);
        //@ loop_invariant 0 <= k && k <= n && n == weights.length;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     Float.floatToIntBits(y[yFrom + i])
          @     == Float.floatToIntBits((\old(x[xFrom + i]) * r) * weights[i])); @*/
        /*@ loop_invariant (\forall int i; k <= i && i < n;
          @     Float.floatToIntBits(x[xFrom + i]) == Float.floatToIntBits(\old(x[xFrom + i]))); @*/
        //@ loop_writes y[yFrom .. yFrom + n - 1];
        //@ decreases n - k;
        for (int k = 0; k < n; k++) {
            y[yFrom + k] = (x[xFrom + k] * r) * weights[k];
        }
    }

    /**
     * y_k = x_k − m, with m the mean of all x_k: {@code sum(x) / n} (REQ-OPS-012).
     *
     * @param x n numbers, at least one
     * @param y where the n results go; may be {@code x}
     */
    /*@ public normal_behavior
      @   requires 1 <= x.length && x.length <= y.length;
      @   assignable y[0 .. x.length - 1];
      @   ensures (\forall int i; 0 <= i && i < x.length;
      @     Float.floatToIntBits(y[i]) == Float.floatToIntBits(\old(x[i]) - \old(StridedSum.sum(x, 0, (int) (x.length
      @         - 1))) / x.length));
      @*/
    public static void centre(float[] x, float[] y) {
        int n = x.length;
        float mean = StridedSum.sum(x, 0, n - 1) / n;
        //@ loop_invariant 0 <= k && k <= n && n == x.length;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     Float.floatToIntBits(y[i]) == Float.floatToIntBits(\old(x[i]) - mean)); @*/
        /*@ loop_invariant (\forall int i; k <= i && i < n;
          @     Float.floatToIntBits(x[i]) == Float.floatToIntBits(\old(x[i]))); @*/
        //@ loop_writes y[0 .. n - 1];
        //@ decreases n - k;
        for (int k = 0; k < n; k++) {
            y[k] = x[k] - mean;
        }
    }

    /**
     * √x in binary32, NaN below 0. Rounding the binary64 root again is exact: 53 ≥ 2·24 + 2 (Figueroa, When is double
     * rounding innocuous?, 1995).
     */
    /*@ public normal_behavior
      @   ensures x >= 0 ==> \result >= 0;
      @   ensures x < 0 ==> \result != \result;
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits((float) Math.sqrt(x));
      @*/
    /*@ pure heap_free @*/ public static float squareRoot(float x) {
        return (float) Math.sqrt(x);
    }
}
