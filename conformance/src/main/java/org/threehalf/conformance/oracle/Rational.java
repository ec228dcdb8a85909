package org.threehalf.conformance.oracle;

import java.math.BigInteger;

/**
 * An exact rational number, with the two roundings of section 1 of {@code spec/FORMAT.md}.
 *
 * @param numerator any integer
 * @param denominator a positive integer; the fraction need not be in lowest terms
 */
public record Rational(BigInteger numerator, BigInteger denominator) {

    private static final int LEAST_EXPONENT = -149;
    private static final int LEAST_EXPONENT_64 = -1074;

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

    /** The exact sum. */
    public Rational plus(Rational other) {
        return new Rational(
                numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                denominator.multiply(other.denominator));
    }

    /**
     * The binary32 nearest to the square root, ties to even.
     *
     * @throws ArithmeticException if this is negative
     */
    public float squareRootToBinary32() {
        if (numerator.signum() == 0) {
            return 0;
        }
        // An even shift that leaves the root 32 bits or more: 24 of them are kept, and "not exact" is one more bit at
        // the end.
        int shift = Math.max(0, 64 - numerator.bitLength() + denominator.bitLength());
        shift += shift & 1;
        BigInteger[] quotient = numerator.shiftLeft(shift).divideAndRemainder(denominator);
        BigInteger[] root = quotient[0].sqrtAndRemainder();
        boolean exact = root[1].signum() == 0 && quotient[1].signum() == 0;
        BigInteger sticky = root[0].shiftLeft(1).add(exact ? BigInteger.ZERO : BigInteger.ONE);
        return scaled(sticky, -shift / 2 - 1).toBinary32();
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

    /**
     * fl₃₂: the nearest binary32, ties to even, with gradual underflow. What rounds to zero keeps its sign; 0 gives +0.
     */
    public float toBinary32() {
        // Exact: the significand has 24 bits, or is 2^24; past the range the conversion gives infinity.
        return (float) rounded(24, LEAST_EXPONENT);
    }

    /** fl₆₄: the nearest binary64, ties to even, with gradual underflow. */
    public double toBinary64() {
        return rounded(53, LEAST_EXPONENT_64);
    }

    /** The value of a finite binary64; both zeros give 0. */
    public static Rational of(double value) {
        long bits = Double.doubleToRawLongBits(value);
        int biased = (int) (bits >>> 52 & 0x7ff);
        if (biased == 0x7ff) {
            throw new IllegalArgumentException(value + " is not a number that has a value");
        }
        long fraction = bits & (1L << 52) - 1;
        BigInteger significand = BigInteger.valueOf(biased == 0 ? fraction : fraction | 1L << 52);
        return scaled(bits < 0 ? significand.negate() : significand, LEAST_EXPONENT_64 + Math.max(biased - 1, 0));
    }

    /** Rounded to a number of bits, with no bit below 2^least; the result has at most 53 bits. */
    private double rounded(int significandBits, int least) {
        if (numerator.signum() == 0) {
            return 0;
        }
        int exponent = Math.max(floorLog2() - (significandBits - 1), least);
        long significand = times(scaled(BigInteger.ONE, -exponent))
                .roundedToInteger()
                .abs()
                .longValueExact();
        double magnitude = Math.scalb((double) significand, exponent);
        return numerator.signum() < 0 ? -magnitude : magnitude;
    }

    /** The e with 2^e ≤ |this| &lt; 2^(e+1). */
    private int floorLog2() {
        int estimate = numerator.abs().bitLength() - denominator.bitLength();
        Rational power = scaled(BigInteger.ONE, estimate);
        boolean reached =
                numerator.abs().multiply(power.denominator).compareTo(denominator.multiply(power.numerator)) >= 0;
        return reached ? estimate : estimate - 1;
    }
}
