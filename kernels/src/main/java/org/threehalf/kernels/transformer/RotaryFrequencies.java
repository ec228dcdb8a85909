package org.threehalf.kernels.transformer;

import java.math.BigInteger;

/**
 * Frequencies of rotary positions (REQ-ROP-001, REQ-ROP-002; Su et al., RoFormer, 2021).
 *
 * <p>Runs on the host, once a model; devices are given the results.
 */
public final class RotaryFrequencies {
    private RotaryFrequencies() {}

    /**
     * f_i, the binary32 nearest to base^(−2i/d), for i = 0 … d/2 − 1 (REQ-ROP-001).
     *
     * @param base 1 or more, finite
     * @param rotated d, even, at least 2
     * @throws IllegalArgumentException if an argument is outside its range
     */
    public static float[] of(float base, int rotated) {
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

    /**
     * The relative error of {@link StrictMath#pow} with an exponent that was rounded, with room: pow is within an ulp,
     * and the exponent's error of 2⁻⁵³ of itself counts by |exponent · ln base|, at most 89 (base is less than 2¹²⁸),
     * so together they stay below 2⁻⁴⁶.
     */
    private static final double GUESS_ERROR = 0x1p-44;

    private static float frequency(float base, int rotated, int i) {
        double guess = StrictMath.pow(base, -2.0 * i / rotated);
        float f = (float) guess;
        // Far from both of its ends the guess settles it; exact powers have tens of thousands of digits.
        double room = guess * GUESS_ERROR;
        boolean settled = guess - midpoint(Math.nextDown(f), f) > room && midpoint(f, Math.nextUp(f)) - guess > room;
        return settled ? f : exact(f, base, rotated, i);
    }

    /** The frequency by the definition's comparisons, from a number next to it. */
    static float exact(float near, float base, int rotated, int i) {
        float f = near;
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
     * How YaRN scales (REQ-ROP-006).
     *
     * @param base of which the frequencies were made
     * @param factor s, 1 or more
     * @param context L, the positions of the training, 1 or more
     * @param fast turns in L positions from which on a wave is short
     * @param slow turns in L positions down to which a wave is not long, below {@code fast}
     * @param rounded whether the pairs between which there is a mean are whole ones
     */
    public record Yarn(float base, float factor, int context, float fast, float slow, boolean rounded) {
        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if one is outside
         */
        public Yarn {
            if (!(factor >= 1)
                    || factor == Float.POSITIVE_INFINITY
                    || context < 1
                    || !(slow > 0)
                    || !(fast > slow)
                    || fast == Float.POSITIVE_INFINITY
                    || !(base > 1)) {
                throw new IllegalArgumentException(
                        "YaRN with a factor of %s, %,d positions, %s and %s turns, and a base of %s: the factor must be 1 or more, the base above 1, the turns positive and falling"
                                .formatted(factor, context, fast, slow, base));
            }
        }

        /** Which pair, of a whole or between two, turns so many times in some positions. */
        private double pairOf(float turns, int rotated) {
            return rotated * StrictMath.log(context / (turns * 2.0 * Math.PI)) / (2 * StrictMath.log(base));
        }
    }

    /**
     * Frequencies for a context longer than the trained one: short waves as they are, long ones divided, a mean of both
     * between them (REQ-ROP-006; Peng et al., YaRN, 2023).
     *
     * @param frequencies f_i
     */
    public static float[] yarn(float[] frequencies, Yarn yarn) {
        int rotated = 2 * frequencies.length;
        double from = yarn.pairOf(yarn.fast, rotated);
        double to = yarn.pairOf(yarn.slow, rotated);
        float low = (float) Math.max(0, yarn.rounded ? Math.floor(from) : from);
        float high = (float) Math.min(rotated - 1, yarn.rounded ? Math.ceil(to) : to);
        float width = Math.max(0.001f, high - low);
        float[] scaled = new float[frequencies.length];
        for (int i = 0; i < scaled.length; i++) {
            float part = Math.clamp((i - low) / width, 0f, 1f);
            scaled[i] = (frequencies[i] / yarn.factor) * part + frequencies[i] * (1 - part);
        }
        return scaled;
    }

    /**
     * By how much YaRN lengthens queries and keys: the binary32 nearest to 1 + ln(s)/10 (REQ-ROP-006).
     *
     * @param factor s, 1 or more
     */
    public static float yarnMagnitude(float factor) {
        return (float) (1 + StrictMath.log(factor) / 10);
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
            throw new IllegalArgumentException(
                    "%d rotary factors for %d frequencies".formatted(divisors.length, frequencies.length));
        }
        float[] scaled = new float[frequencies.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = frequencies[i] / divisors[i];
            if (!(scaled[i] > 0 && scaled[i] <= 1)) {
                throw new IllegalArgumentException("rotary frequency %d is %s / %s: it must lie in (0, 1]"
                        .formatted(i, frequencies[i], divisors[i]));
            }
        }
        return scaled;
    }
}
