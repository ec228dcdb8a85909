package org.threehalf.kernels.transformer;

import java.math.BigInteger;

/**
 * Frequencies, cosines and sines of rotary positions (REQ-ROP-001 to REQ-ROP-004; Su et al., RoFormer, 2021).
 *
 * <p>Runs on the host, once a model and once a position; devices are given the results.
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
     * f_i, the binary32 nearest to base^(−2i/d), for i = 0 … d/2 − 1 (REQ-ROP-001).
     *
     * @param base 1 or more, finite
     * @param rotated d, even, at least 2
     * @throws IllegalArgumentException if an argument is outside its range
     */
    public static float[] frequencies(float base, int rotated) {
        if (!(base >= 1) || base == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("a rotary base of " + base + ": it must be finite and at least 1");
        }
        if (rotated < 2 || rotated % 2 != 0) {
            throw new IllegalArgumentException(rotated + " rotated elements: there must be an even number, at least 2");
        }
        float[] frequencies = new float[rotated / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = frequency(base, rotated, i);
        }
        return frequencies;
    }

    private static float frequency(float base, int rotated, int i) {
        // A guess next to the result, then the definition's comparisons, which are exact.
        float f = (float) StrictMath.pow(base, -2.0 * i / rotated);
        while (comparePower(midpoint(f, Math.nextUp(f)), rotated, base, i) < 0) {
            f = Math.nextUp(f);
        }
        while (comparePower(midpoint(Math.nextDown(f), f), rotated, base, i) > 0) {
            f = Math.nextDown(f);
        }
        boolean odd = (Float.floatToIntBits(f) & 1) != 0;
        if (odd && comparePower(midpoint(f, Math.nextUp(f)), rotated, base, i) == 0) {
            return Math.nextUp(f);
        }
        return odd && comparePower(midpoint(Math.nextDown(f), f), rotated, base, i) == 0 ? Math.nextDown(f) : f;
    }

    /** Half-way between neighbours, exact in binary64. */
    private static double midpoint(float low, float high) {
        return ((double) low + high) / 2;
    }

    /** The sign of m − base^(−2i/d), that is of m^d · base^(2i) − 1, in integers. */
    private static int comparePower(double m, int rotated, float base, int i) {
        int mExponent = Math.getExponent(m) - 52;
        int baseExponent = Math.getExponent(base) - 23;
        BigInteger mSignificand = BigInteger.valueOf((long) Math.scalb(m, -mExponent));
        BigInteger baseSignificand = BigInteger.valueOf((long) Math.scalb((double) base, -baseExponent));
        BigInteger product = mSignificand.pow(rotated).multiply(baseSignificand.pow(2 * i));
        long exponent = (long) mExponent * rotated + (long) baseExponent * 2 * i;
        // product · 2^exponent against 1
        return exponent >= 0
                ? product.shiftLeft(Math.toIntExact(exponent)).compareTo(BigInteger.ONE)
                : product.compareTo(BigInteger.ONE.shiftLeft(Math.toIntExact(-exponent)));
    }

    /**
     * f_i / divisor_i (REQ-ROP-002).
     *
     * @param frequencies f_i
     * @param divisors one a frequency
     * @throws IllegalArgumentException if the counts differ or a result is outside (0, 1]
     */
    public static float[] scaled(float[] frequencies, float[] divisors) {
        if (frequencies.length != divisors.length) {
            throw new IllegalArgumentException("%d rotary factors for %d frequencies".formatted(divisors.length, frequencies.length));
        }
        float[] scaled = new float[frequencies.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = frequencies[i] / divisors[i];
            if (!(scaled[i] > 0 && scaled[i] <= 1)) {
                throw new IllegalArgumentException("rotary frequency %d is %s / %s: it must lie in (0, 1]".formatted(i, frequencies[i], divisors[i]));
            }
        }
        return scaled;
    }

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
      @   requires 0 <= position && position < 1048576 && cosines != sines && cosines != frequencies && sines != frequencies;
      @   requires 0 <= from && from <= cosines.length - frequencies.length && from <= sines.length - frequencies.length;
      @   requires (\forall int i; 0 <= i && i < frequencies.length; 0 < frequencies[i] && frequencies[i] <= 1);
      @   assignable cosines[from .. from + frequencies.length - 1], sines[from .. from + frequencies.length - 1];
      @*/
    public static void cosinesAndSines(float[] frequencies, int position, float[] cosines, float[] sines, int from) {
        //@ loop_invariant 0 <= i && i <= frequencies.length;
        //@ loop_writes cosines[from .. from + frequencies.length - 1], sines[from .. from + frequencies.length - 1];
        //@ decreases frequencies.length - i;
        for (int i = 0; i < frequencies.length; i++) {
            double angle = (double) position * frequencies[i];
            cosines[from + i] = cosine(angle);
            sines[from + i] = sine(angle);
        }
    }

    /** cos a in binary32 (REQ-ROP-004). */
    /*@ public normal_behavior
      @   requires 0 <= angle && angle < 1048576;
      @*/
    /*@ pure @*/ public static float cosine(double angle) {
        double n = Math.rint(angle * TWO_OVER_PI);
        double r = (angle - n * HALF_PI_HIGH) - n * HALF_PI_LOW;
        int quadrant = (int) n & 3;
        double value = quadrant % 2 == 0 ? cosineNearZero(r) : sineNearZero(r);
        return (float) (quadrant == 1 || quadrant == 2 ? -value : value);
    }

    /** sin a in binary32 (REQ-ROP-004). */
    /*@ public normal_behavior
      @   requires 0 <= angle && angle < 1048576;
      @*/
    /*@ pure @*/ public static float sine(double angle) {
        double n = Math.rint(angle * TWO_OVER_PI);
        double r = (angle - n * HALF_PI_HIGH) - n * HALF_PI_LOW;
        int quadrant = (int) n & 3;
        double value = quadrant % 2 == 0 ? sineNearZero(r) : cosineNearZero(r);
        return (float) (quadrant >= 2 ? -value : value);
    }

    /** S of REQ-ROP-004, |r| ≤ π/4: Taylor's series; a quotient of integers below 2⁵³ is its nearest binary64. */
    /*@ pure @*/ private static double sineNearZero(double r) {
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
    /*@ pure @*/ private static double cosineNearZero(double r) {
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
