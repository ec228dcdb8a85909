package org.threehalf.kernels.transformer;

/**
 * Sums of binary32 numbers in the one order that every device uses: 16 strided partial sums, then a fixed tree
 * (REQ-OPS-002).
 *
 * <p>Sixteen is the widest common vector (512 bits); narrower vectors hold the partial sums in two or four registers,
 * so that no width is put at a disadvantage and all give the same bits.
 */
public final class StridedSum {
    /** The number of partial sums. */
    public static final int LANES = 16;

    private StridedSum() {}

    /*@ public normal_behavior
      @   requires 0 <= n && 0 <= aFrom && aFrom <= a.length - n && 0 <= bFrom && bFrom <= b.length - n && 0 <= lane
      @       && lane < 16;
      @   measured_by n;
      @ public static pure model float dotLane(float[] a, int aFrom, float[] b, int bFrom, int n, int lane) {
      @   return n == 0 ? 0.0f : (n - 1) % 16 == lane
      @     ? dotLane(a, aFrom, b, bFrom, n - 1, lane) + a[aFrom + n - 1] * b[bFrom + n - 1]
      @         : dotLane(a, aFrom, b, bFrom, n - 1, lane);
      @ }
      @*/

    /*@ public normal_behavior
      @   requires 0 <= first && first <= end && end - first <= terms.length && 0 <= lane && lane < 16;
      @   measured_by end - first;
      @ public static pure model float sumLane(float[] terms, int first, int end, int lane) {
      @   return end == first ? 0.0f : (end - 1) % 16 == lane
      @     ? sumLane(terms, first, end - 1, lane) + terms[end - 1 - first] : sumLane(terms, first, end - 1, lane);
      @ }
      @*/

    /*@ public normal_behavior
      @ public static pure model float halves(
      @     float p0, float p1, float p2, float p3, float p4, float p5, float p6, float p7,
      @     float p8, float p9, float p10, float p11, float p12, float p13, float p14, float p15) {
      @   return (((p0 + p8) + (p4 + p12)) + ((p2 + p10) + (p6 + p14))) + (((p1 + p9) + (p5 + p13))
      @       + ((p3 + p11) + (p7 + p15)));
      @ }
      @*/

    /**
     * Σ a_k · b_k, each product rounded, added by REQ-OPS-002 (REQ-OPS-003).
     *
     * @param a holds a_0 … a_{n−1} from {@code aFrom}
     * @param b holds b_0 … b_{n−1} from {@code bFrom}
     * @param n how many, 0 or more
     */
    /*@ public normal_behavior
      @   requires 0 <= n && 0 <= aFrom && aFrom <= a.length - n && 0 <= bFrom && bFrom <= b.length - n;
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(halves(
      @       dotLane(a, aFrom, b, bFrom, n, 0), dotLane(a, aFrom, b, bFrom, n, 1),
      @       dotLane(a, aFrom, b, bFrom, n, 2), dotLane(a, aFrom, b, bFrom, n, 3),
      @       dotLane(a, aFrom, b, bFrom, n, 4), dotLane(a, aFrom, b, bFrom, n, 5),
      @       dotLane(a, aFrom, b, bFrom, n, 6), dotLane(a, aFrom, b, bFrom, n, 7),
      @       dotLane(a, aFrom, b, bFrom, n, 8), dotLane(a, aFrom, b, bFrom, n, 9),
      @       dotLane(a, aFrom, b, bFrom, n, 10), dotLane(a, aFrom, b, bFrom, n, 11),
      @       dotLane(a, aFrom, b, bFrom, n, 12), dotLane(a, aFrom, b, bFrom, n, 13),
      @       dotLane(a, aFrom, b, bFrom, n, 14), dotLane(a, aFrom, b, bFrom, n, 15)));
      @*/
    /*@ pure @*/ public static float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        float[] partial = new float[LANES];
        //@ loop_invariant 0 <= k && k <= n && partial.length == 16 && \fresh(partial);
        /*@ loop_invariant (\forall int l; 0 <= l && l < 16;
          @     Float.floatToIntBits(partial[l]) == Float.floatToIntBits(dotLane(a, aFrom, b, bFrom, k, l))); @*/
        //@ loop_writes partial[*];
        //@ decreases n - k;
        for (int k = 0; k < n; k++) {
            partial[k % LANES] = partial[k % LANES] + a[aFrom + k] * b[bFrom + k];
        }
        return tree(partial);
    }

    /**
     * Σ x_t over t = first … last, where the term of index t goes to partial sum t mod 16 (REQ-OPS-002; with
     * REQ-ATT-005 the index is the position).
     *
     * @param terms the term of index t is {@code terms[t − first]}
     * @param first the first index, 0 or more
     * @param last the last index
     */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= last && last < 2147483647 && last - first < terms.length;
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(halves(
      @       sumLane(terms, first, (int) (last + 1), 0), sumLane(terms, first, (int) (last + 1), 1),
      @       sumLane(terms, first, (int) (last + 1), 2), sumLane(terms, first, (int) (last + 1), 3),
      @       sumLane(terms, first, (int) (last + 1), 4), sumLane(terms, first, (int) (last + 1), 5),
      @       sumLane(terms, first, (int) (last + 1), 6), sumLane(terms, first, (int) (last + 1), 7),
      @       sumLane(terms, first, (int) (last + 1), 8), sumLane(terms, first, (int) (last + 1), 9),
      @       sumLane(terms, first, (int) (last + 1), 10), sumLane(terms, first, (int) (last + 1), 11),
      @       sumLane(terms, first, (int) (last + 1), 12), sumLane(terms, first, (int) (last + 1), 13),
      @       sumLane(terms, first, (int) (last + 1), 14), sumLane(terms, first, (int) (last + 1), 15)));
      @*/
    /*@ pure @*/ public static float sum(float[] terms, int first, int last) {
        float[] partial = new float[LANES];
        //@ loop_invariant first <= t && t <= last + 1 && partial.length == 16 && \fresh(partial);
        /*@ loop_invariant (\forall int l; 0 <= l && l < 16;
          @     Float.floatToIntBits(partial[l]) == Float.floatToIntBits(sumLane(terms, first, t, l))); @*/
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
     * @param partial 16 numbers
     */
    /*@ public normal_behavior
      @   requires partial.length == 16;
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(halves(
      @       partial[0], partial[1], partial[2], partial[3], partial[4], partial[5], partial[6], partial[7],
      @       partial[8], partial[9], partial[10], partial[11], partial[12], partial[13], partial[14],
      @       partial[15]));
      @*/
    /*@ pure @*/ public static float tree(float[] partial) {
        float even = ((partial[0] + partial[8]) + (partial[4] + partial[12]))
                + ((partial[2] + partial[10]) + (partial[6] + partial[14]));
        float odd = ((partial[1] + partial[9]) + (partial[5] + partial[13]))
                + ((partial[3] + partial[11]) + (partial[7] + partial[15]));
        return even + odd;
    }
}
