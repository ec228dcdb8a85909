package org.threehalf.kernels.transformer;

/**
 * Sums of binary32 numbers in the one order that every device uses: 16 strided partial sums, then a fixed tree (REQ-OPS-002).
 *
 * <p>Sixteen is the widest common vector (512 bits); narrower vectors hold the partial sums in two or four registers, so that no width is put at a
 * disadvantage and all give the same bits.
 */
public final class StridedSum {
    /** The number of partial sums. */
    public static final int LANES = 16;

    private StridedSum() {}

    /**
     * Σ a_k · b_k, each product rounded, added by REQ-OPS-002 (REQ-OPS-003).
     *
     * @param a holds a_0 … a_{n−1} from {@code aFrom}
     * @param b holds b_0 … b_{n−1} from {@code bFrom}
     * @param n how many, 0 or more
     */
    /*@ public normal_behavior
      @   requires 0 <= n && 0 <= aFrom && aFrom <= a.length - n && 0 <= bFrom && bFrom <= b.length - n;
      @*/
    /*@ pure @*/ public static float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        float[] partial = new float[LANES];
        //@ loop_invariant 0 <= k && k <= n && partial.length == 16 && \fresh(partial);
        //@ loop_writes partial[*];
        //@ decreases n - k;
        for (int k = 0; k < n; k++) {
            partial[k % LANES] = partial[k % LANES] + a[aFrom + k] * b[bFrom + k];
        }
        return tree(partial);
    }

    /**
     * Σ x_t over t = first … last, where the term of index t goes to partial sum t mod 16 (REQ-OPS-002; with REQ-ATT-005 the index is the position).
     *
     * @param terms the term of index t is {@code terms[t − first]}
     * @param first the first index, 0 or more
     * @param last the last index
     */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= last && last < 2147483647 && last - first < terms.length;
      @*/
    /*@ pure @*/ public static float sum(float[] terms, int first, int last) {
        float[] partial = new float[LANES];
        //@ loop_invariant first <= t && t <= last + 1 && partial.length == 16 && \fresh(partial);
        //@ loop_writes partial[*];
        //@ decreases last + 1 - t;
        for (int t = first; t <= last; t++) {
            partial[t % LANES] = partial[t % LANES] + terms[t - first];
        }
        return tree(partial);
    }

    /**
     * The sum of 16 partial sums: halves are added until one is left (REQ-OPS-002).
     *
     * @param partial 16 numbers; the first eight are overwritten
     */
    /*@ public normal_behavior
      @   requires partial.length == 16;
      @   assignable partial[0 .. 7];
      @*/
    public static float tree(float[] partial) {
        //@ loop_invariant s == 8 || s == 4 || s == 2 || s == 1 || s == 0;
        //@ loop_writes partial[0 .. 7];
        //@ decreases s;
        for (int s = LANES / 2; s > 0; s /= 2) {
            //@ loop_invariant 0 <= j && j <= s;
            //@ loop_writes partial[0 .. s - 1];
            //@ decreases s - j;
            for (int j = 0; j < s; j++) {
                partial[j] = partial[j] + partial[j + s];
            }
        }
        return partial[0];
    }
}
