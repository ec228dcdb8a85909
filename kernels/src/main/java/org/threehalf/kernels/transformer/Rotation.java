package org.threehalf.kernels.transformer;

/** Turns the pairs of a query or key by its position's angles (REQ-ROP-005). */
public final class Rotation {

    /** Which elements make a pair (REQ-ROP-005). */
    public enum Layout {
        /** Pair i is (i, i + d/2). */
        SPLIT,
        /** Pair i is (2i, 2i + 1). */
        INTERLEAVED
    }

    private Rotation() {}

    /**
     * Rotates one head in place (REQ-ROP-005).
     *
     * @param layout which elements make a pair
     * @param x holds the head from {@code from}; its first d elements change
     * @param from where the head begins
     * @param cosines holds d/2 of them from {@code angle}
     * @param sines holds d/2 of them from {@code angle}
     * @param angle where the position's angles begin
     * @param pairs d/2
     */
    /*@ public normal_behavior
      @   requires 0 <= pairs && pairs <= 536870912 && 0 <= from && from <= x.length - 2 * pairs && x != cosines
      @       && x != sines;
      @   requires 0 <= angle && angle <= cosines.length - pairs && angle <= sines.length - pairs;
      @   assignable x[from .. from + 2 * pairs - 1];
      @   ensures layout == Layout.SPLIT ==> (\forall int i; 0 <= i && i < pairs;
      @     Float.floatToIntBits(x[from + i]) == Float.floatToIntBits(\old(x[from + i]) * cosines[angle + i]
      @         - \old(x[from + i + pairs]) * sines[angle + i]));
      @   ensures layout == Layout.SPLIT ==> (\forall int i; 0 <= i && i < pairs;
      @     Float.floatToIntBits(x[from + i + pairs]) == Float.floatToIntBits(\old(x[from + i]) * sines[angle + i]
      @         + \old(x[from + i + pairs]) * cosines[angle + i]));
      @   ensures layout == Layout.INTERLEAVED ==> (\forall int i; 0 <= i && i < pairs;
      @     Float.floatToIntBits(x[from + 2 * i]) == Float.floatToIntBits(\old(x[from + 2 * i]) * cosines[angle + i]
      @         - \old(x[from + 2 * i + 1]) * sines[angle + i]));
      @   ensures layout == Layout.INTERLEAVED ==> (\forall int i; 0 <= i && i < pairs;
      @     Float.floatToIntBits(x[from + 2 * i + 1])
      @         == Float.floatToIntBits(\old(x[from + 2 * i]) * sines[angle + i]
      @         + \old(x[from + 2 * i + 1]) * cosines[angle + i]));
      @*/
    public static void rotate(
            Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        //@ loop_invariant 0 <= i && i <= pairs;
        /*@ loop_invariant layout == Layout.SPLIT ==> (\forall int j; 0 <= j && j < i;
          @   Float.floatToIntBits(x[from + j]) == Float.floatToIntBits(\old(x[from + j]) * cosines[angle + j]
          @       - \old(x[from + j + pairs]) * sines[angle + j])); @*/
        /*@ loop_invariant layout == Layout.SPLIT ==> (\forall int j; 0 <= j && j < i;
          @   Float.floatToIntBits(x[from + j + pairs]) == Float.floatToIntBits(\old(x[from + j]) * sines[angle + j]
          @       + \old(x[from + j + pairs]) * cosines[angle + j])); @*/
        /*@ loop_invariant layout == Layout.INTERLEAVED ==> (\forall int j; 0 <= j && j < i;
          @   Float.floatToIntBits(x[from + 2 * j])
          @       == Float.floatToIntBits(\old(x[from + 2 * j]) * cosines[angle + j]
          @       - \old(x[from + 2 * j + 1]) * sines[angle + j])); @*/
        /*@ loop_invariant layout == Layout.INTERLEAVED ==> (\forall int j; 0 <= j && j < i;
          @   Float.floatToIntBits(x[from + 2 * j + 1])
          @       == Float.floatToIntBits(\old(x[from + 2 * j]) * sines[angle + j]
          @       + \old(x[from + 2 * j + 1]) * cosines[angle + j])); @*/
        /*@ loop_invariant layout == Layout.SPLIT ==> (\forall int j; i <= j && j < pairs;
          @   Float.floatToIntBits(x[from + j]) == Float.floatToIntBits(\old(x[from + j]))
          @       && Float.floatToIntBits(x[from + j + pairs]) == Float.floatToIntBits(\old(x[from + j + pairs]))); @*/
        /*@ loop_invariant layout == Layout.INTERLEAVED ==> (\forall int j; i <= j && j < pairs;
          @   Float.floatToIntBits(x[from + 2 * j]) == Float.floatToIntBits(\old(x[from + 2 * j]))
          @       && Float.floatToIntBits(x[from + 2 * j + 1]) == Float.floatToIntBits(\old(x[from + 2 * j + 1]))); @*/
        //@ loop_writes x[from .. from + 2 * pairs - 1];
        //@ decreases pairs - i;
        for (int i = 0; i < pairs; i++) {
            int first = layout == Layout.SPLIT ? from + i : from + 2 * i;
            int second = layout == Layout.SPLIT ? from + i + pairs : from + 2 * i + 1;
            float u = x[first];
            float v = x[second];
            float cos = cosines[angle + i];
            float sin = sines[angle + i];
            x[first] = u * cos - v * sin;
            x[second] = u * sin + v * cos;
        }
    }
}
