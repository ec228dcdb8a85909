package org.threehalf.conformance.oracle;

import java.math.BigInteger;

/**
 * An exact rational number, with the two roundings of section 1 of {@code spec/FORMAT.md}.
 *
 * @param numerator any integer
 * @param denominator a positive integer; the fraction need not be in lowest terms
 */
public record Rational(BigInteger numerator, BigInteger denominator) {

    private static final int SIGNIFICAND_BITS = 24;
    private static final int LEAST_EXPONENT = -149;

    /**
     * Checks the denominator.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Rational {
        if (denominator.signum() <= 0) {
            throw new IllegalArgumentException("a denominator of " + denominator + ": it must be positive");
        }
    }

    /** An integer. */
    public static Rational of(long value) {
        return new Rational(BigInteger.valueOf(value), BigInteger.ONE);
    }

    /**
     * The value of a binary32, read from its bits; both zeros give 0.
     *
     * @throws IllegalArgumentException if it is NaN or infinite
     */
    public static Rational of(float value) {
        int bits = Float.floatToRawIntBits(value);
        int biased = bits >>> 23 & 0xff;
        if (biased == 0xff) {
            throw new IllegalArgumentException(value + " is not a number that has a value");
        }
        int fraction = bits & 0x7fffff;
        BigInteger significand = BigInteger.valueOf(biased == 0 ? fraction : fraction | 0x800000);
        int exponent = LEAST_EXPONENT + Math.max(biased - 1, 0);
        return scaled(bits < 0 ? significand.negate() : significand, exponent);
    }

    private static Rational scaled(BigInteger significand, int exponent) {
        return exponent >= 0
                ? new Rational(significand.shiftLeft(exponent), BigInteger.ONE)
                : new Rational(significand, BigInteger.ONE.shiftLeft(-exponent));
    }

    /** The exact product. */
    public Rational times(Rational other) {
        return new Rational(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    /**
     * The exact quotient by a positive number.
     *
     * @throws IllegalArgumentException if the divisor is not positive
     */
    public Rational dividedBy(Rational divisor) {
        return new Rational(numerator.multiply(divisor.denominator), denominator.multiply(divisor.numerator));
    }

    /** rne: the nearest integer, ties to the even one. */
    public BigInteger roundedToInteger() {
        BigInteger[] parts = numerator.abs().divideAndRemainder(denominator);
        int side = parts[1].shiftLeft(1).compareTo(denominator);
        BigInteger magnitude = side > 0 || side == 0 && parts[0].testBit(0) ? parts[0].add(BigInteger.ONE) : parts[0];
        return numerator.signum() < 0 ? magnitude.negate() : magnitude;
    }

    /** fl₃₂: the nearest binary32, ties to even, with gradual underflow. What rounds to zero keeps its sign; 0 gives +0. */
    public float toBinary32() {
        if (numerator.signum() == 0) {
            return 0;
        }
        int exponent = Math.max(floorLog2() - (SIGNIFICAND_BITS - 1), LEAST_EXPONENT);
        int significand = times(scaled(BigInteger.ONE, -exponent)).roundedToInteger().abs().intValueExact();
        // Exact: the significand has 24 bits, or is 2^24; past the range scalb gives infinity.
        float magnitude = Math.scalb((float) significand, exponent);
        return numerator.signum() < 0 ? -magnitude : magnitude;
    }

    /** The e with 2^e ≤ |this| &lt; 2^(e+1). */
    private int floorLog2() {
        int estimate = numerator.abs().bitLength() - denominator.bitLength();
        Rational power = scaled(BigInteger.ONE, estimate);
        boolean reached = numerator.abs().multiply(power.denominator).compareTo(denominator.multiply(power.numerator)) >= 0;
        return reached ? estimate : estimate - 1;
    }
}
