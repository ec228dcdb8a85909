package org.threehalf.kernels.transformer;

/**
 * Cosines and sines of rotary positions (REQ-ROP-003, REQ-ROP-004; Su et al., RoFormer, 2021).
 *
 * <p>Runs on the host, once a position; devices are given the results.
 */
public final class RotaryAngles {
    /** Positions lie below it (REQ-ROP-003). */
    public static final int POSITIONS = 1 << 20;

    private static final double TWO_OVER_PI = 0x1.45f306dc9c883p-1;
    /** π/2, its first 33 bits: a product with an integer up to 2²⁰ is exact. */
    private static final double HALF_PI_HIGH = 0x1.921fb544p0;
    /** π/2, the rest. */
    private static final double HALF_PI_LOW = 0x1.0b4611a626331p-34;

    private RotaryAngles() {}

    /**
     * The cosine and sine of position · f_i for each i (REQ-ROP-003, REQ-ROP-004).
     *
     * @param frequencies f_i, each in (0, 1]
     * @param position 0 … 2²⁰ − 1
     * @param cosines where the cosines go, from {@code from}
     * @param sines where the sines go, from {@code from}
     * @param from the first index
     */
    /*@ public normal_behavior
      @   requires 0 <= position && position < 1048576 && cosines != sines && cosines != frequencies
      @       && sines != frequencies;
      @   requires 0 <= from && from <= cosines.length - frequencies.length
      @       && from <= sines.length - frequencies.length;
      @   requires (\forall int i; 0 <= i && i < frequencies.length; 0 < frequencies[i] && frequencies[i] <= 1);
      @   assignable cosines[from .. from + frequencies.length - 1], sines[from .. from + frequencies.length - 1];
      @   ensures (\forall int i; 0 <= i && i < frequencies.length;
      @       Float.floatToIntBits(cosines[from + i])
      @       == Float.floatToIntBits(cosine(angle(position, frequencies[i]))));
      @   ensures (\forall int i; 0 <= i && i < frequencies.length;
      @       Float.floatToIntBits(sines[from + i]) == Float.floatToIntBits(sine(angle(position, frequencies[i]))));
      @*/
    public static void cosinesAndSines(float[] frequencies, int position, float[] cosines, float[] sines, int from) {
        //@ loop_invariant 0 <= i && i <= frequencies.length;
        /*@ loop_invariant (\forall int j; 0 <= j && j < i;
          @     Float.floatToIntBits(cosines[from + j])
          @     == Float.floatToIntBits(cosine(angle(position, frequencies[j])))); @*/
        /*@ loop_invariant (\forall int j; 0 <= j && j < i;
          @     Float.floatToIntBits(sines[from + j])
          @     == Float.floatToIntBits(sine(angle(position, frequencies[j])))); @*/
        //@ loop_writes cosines[from .. from + frequencies.length - 1], sines[from .. from + frequencies.length - 1];
        //@ decreases frequencies.length - i;
        for (int i = 0; i < frequencies.length; i++) {
            double angle = (double) position * frequencies[i];
            cosines[from + i] = cosine(angle);
            sines[from + i] = sine(angle);
        }
    }

    /*@ public normal_behavior
      @   requires 0 <= position && position < 1048576 && 0 < frequency && frequency <= 1;
      @   ensures 0 <= \result && \result < 1048576;
      @ public static pure model double angle(int position, float frequency) { return (double) position * frequency; }
      @*/

    /*@ public normal_behavior
      @ public static pure model double quarters(double angle) { return Math.rint(angle * 0x1.45f306dc9c883p-1); }
      @*/

    /*@ public normal_behavior
      @ public static pure model double rest(double angle) { return (angle - quarters(angle) * 0x1.921fb544p0)
      @     - quarters(angle) * 0x1.0b4611a626331p-34; }
      @*/

    /*@ public normal_behavior
      @ public static pure model double sineSeries(double z) {
      @   return -1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5_040 + z * (1.0 / 362_880 + z * (-1.0 / 39_916_800
      @     + z * (1.0 / 6_227_020_800L + z * (-1.0 / 1_307_674_368_000L))))));
      @ }
      @*/

    /*@ public normal_behavior
      @ public static pure model double cosineSeries(double z) {
      @   return 1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40_320 + z * (-1.0 / 3_628_800 + z * (1.0 / 479_001_600
      @     + z * (-1.0 / 87_178_291_200L + z * (1.0 / 20_922_789_888_000L))))));
      @ }
      @*/

    /** cos a in binary32 (REQ-ROP-004). */
    /*@ public normal_behavior
      @   requires 0 <= angle && angle < 1048576;
      @   ensures ((int) quarters(angle) & 3) == 0
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) cosineNearZero(rest(angle)));
      @   ensures ((int) quarters(angle) & 3) == 1
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) -sineNearZero(rest(angle)));
      @   ensures ((int) quarters(angle) & 3) == 2
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) -cosineNearZero(rest(angle)));
      @   ensures ((int) quarters(angle) & 3) == 3
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) sineNearZero(rest(angle)));
      @*/
    /*@ pure heap_free @*/ public static float cosine(double angle) {
        double n = Math.rint(angle * TWO_OVER_PI);
        double r = (angle - n * HALF_PI_HIGH) - n * HALF_PI_LOW;
        int quadrant = (int) n & 3;
        double value = quadrant % 2 == 0 ? cosineNearZero(r) : sineNearZero(r);
        return (float) (quadrant == 1 || quadrant == 2 ? -value : value);
    }

    /** sin a in binary32 (REQ-ROP-004). */
    /*@ public normal_behavior
      @   requires 0 <= angle && angle < 1048576;
      @   ensures ((int) quarters(angle) & 3) == 0
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) sineNearZero(rest(angle)));
      @   ensures ((int) quarters(angle) & 3) == 1
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) cosineNearZero(rest(angle)));
      @   ensures ((int) quarters(angle) & 3) == 2
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) -sineNearZero(rest(angle)));
      @   ensures ((int) quarters(angle) & 3) == 3
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits((float) -cosineNearZero(rest(angle)));
      @*/
    /*@ pure heap_free @*/ public static float sine(double angle) {
        double n = Math.rint(angle * TWO_OVER_PI);
        double r = (angle - n * HALF_PI_HIGH) - n * HALF_PI_LOW;
        int quadrant = (int) n & 3;
        double value = quadrant % 2 == 0 ? sineNearZero(r) : cosineNearZero(r);
        return (float) (quadrant >= 2 ? -value : value);
    }

    /** S of REQ-ROP-004, |r| ≤ π/4: Taylor's series; a quotient of integers below 2⁵³ is its nearest binary64. */
    /*@ private normal_behavior
      @   ensures Double.doubleToLongBits(\result) == Double.doubleToLongBits(r + (r * (r * r)) * sineSeries(r * r));
      @*/
    /*@ pure heap_free spec_public @*/ private static double sineNearZero(double r) {
        double z = r * r;
        double p = -1.0 / 1_307_674_368_000L;
        p = 1.0 / 6_227_020_800L + z * p;
        p = -1.0 / 39_916_800 + z * p;
        p = 1.0 / 362_880 + z * p;
        p = -1.0 / 5_040 + z * p;
        p = 1.0 / 120 + z * p;
        p = -1.0 / 6 + z * p;
        return r + (r * z) * p;
    }

    /** C of REQ-ROP-004, |r| ≤ π/4. */
    /*@ private normal_behavior
      @   ensures Double.doubleToLongBits(\result)
      @       == Double.doubleToLongBits((1 - (r * r) / 2) + ((r * r) * (r * r)) * cosineSeries(r * r));
      @*/
    /*@ pure heap_free spec_public @*/ private static double cosineNearZero(double r) {
        double z = r * r;
        double p = 1.0 / 20_922_789_888_000L;
        p = -1.0 / 87_178_291_200L + z * p;
        p = 1.0 / 479_001_600 + z * p;
        p = -1.0 / 3_628_800 + z * p;
        p = 1.0 / 40_320 + z * p;
        p = -1.0 / 720 + z * p;
        p = 1.0 / 24 + z * p;
        return (1 - z / 2) + (z * z) * p;
    }
}
