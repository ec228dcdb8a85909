package org.threehalf.kernels;

import java.math.BigInteger;

/**
 * An exact fraction, for stating theorems about real numbers in tests.
 *
 * @param numerator any integer
 * @param denominator positive
 */
public record Exact(BigInteger numerator, BigInteger denominator) implements Comparable<Exact> {

    /** 0. */
    public static final Exact ZERO = of(0);

    /** A binary32 number; it must be finite. */
    public static Exact of(float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("no fraction: " + value);
        }
        int bits = Float.floatToRawIntBits(value);
        int exponent = Math.max(bits >> 23 & 255, 1) - 150;
        int mantissa = (bits & 0x7f_ffff) | ((bits >> 23 & 255) == 0 ? 0 : 1 << 23);
        BigInteger signed = BigInteger.valueOf(bits < 0 ? -mantissa : mantissa);
        return exponent >= 0
                ? new Exact(signed.shiftLeft(exponent), BigInteger.ONE)
                : new Exact(signed, BigInteger.ONE.shiftLeft(-exponent));
    }

    /** An integer. */
    public static Exact of(long value) {
        return new Exact(BigInteger.valueOf(value), BigInteger.ONE);
    }

    /** A fraction of two integers, the second positive. */
    public static Exact of(long numerator, long denominator) {
        return new Exact(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
    }

    /** The sum. */
    public Exact plus(Exact other) {
        return new Exact(
                numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                denominator.multiply(other.denominator));
    }

    /** The difference. */
    public Exact minus(Exact other) {
        return plus(other.times(of(-1)));
    }

    /** The product. */
    public Exact times(Exact other) {
        return new Exact(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    /** The quotient by a positive number. */
    public Exact dividedBy(Exact other) {
        if (other.numerator.signum() <= 0) {
            throw new IllegalArgumentException("division by " + other);
        }
        return new Exact(numerator.multiply(other.denominator), denominator.multiply(other.numerator));
    }

    /** The magnitude. */
    public Exact abs() {
        return new Exact(numerator.abs(), denominator);
    }

    /** rne: the nearest integer, ties to even (section 1 of the specification). */
    public BigInteger roundedToInteger() {
        BigInteger[] floor = numerator.shiftLeft(1).add(denominator).divideAndRemainder(denominator.shiftLeft(1));
        BigInteger quotient = floor[1].signum() < 0 ? floor[0].subtract(BigInteger.ONE) : floor[0];
        boolean tie = floor[1].signum() == 0;
        return tie && quotient.testBit(0) ? quotient.subtract(BigInteger.ONE) : quotient;
    }

    /** clamp(rne(this), low, high). */
    public int clampedToInteger(int low, int high) {
        return roundedToInteger()
                .max(BigInteger.valueOf(low))
                .min(BigInteger.valueOf(high))
                .intValueExact();
    }

    /**
     * fl₃₂: the nearest binary32 number, ties to even; found by trying the neighbours of an approximation. +0 for 0.
     */
    public float toBinary32() {
        if (numerator.signum() == 0) {
            return 0;
        }
        int shift = numerator.bitLength() - denominator.bitLength();
        // 60 bits of the quotient, cut off; its binary32 rounding is within a step of the right one.
        BigInteger top = shift > 60
                ? numerator.abs().shiftRight(shift - 60).divide(denominator)
                : numerator.abs().shiftLeft(60 - shift).divide(denominator);
        float near = (float) Math.scalb(top.doubleValue(), shift - 60);
        float best = near;
        for (float candidate : new float[] {Math.nextDown(near), Math.nextUp(near)}) {
            if (candidate < 0 || Float.isInfinite(candidate)) {
                continue;
            }
            int nearer = of(candidate)
                    .minus(abs())
                    .abs()
                    .compareTo(of(best).minus(abs()).abs());
            if (nearer < 0 || nearer == 0 && (Float.floatToRawIntBits(candidate) & 1) == 0) {
                best = candidate;
            }
        }
        return numerator.signum() < 0 ? -best : best;
    }

    @Override
    public int compareTo(Exact other) {
        return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
    }

    /** Whether this ≤ other. */
    public boolean atMost(Exact other) {
        return compareTo(other) <= 0;
    }

    /** Whether both stand for the same number. */
    public boolean same(Exact other) {
        return compareTo(other) == 0;
    }

    @Override
    public String toString() {
        return numerator + "/" + denominator + " (about " + numerator.doubleValue() / denominator.doubleValue() + ")";
    }
}
