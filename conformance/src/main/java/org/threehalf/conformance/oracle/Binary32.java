package org.threehalf.conformance.oracle;

import java.util.function.Supplier;

/**
 * The operators of binary32, each computed exactly and then rounded (REQ-OPS-001). Where an operand is not finite, or
 * the sign of a zero is asked for, IEEE 754's rules are applied directly.
 */
final class Binary32 {
    private Binary32() {}

    static float add(float a, float b) {
        return finite(
                a,
                b,
                () -> a == 0 && b == 0
                        ? (isNegative(a) && isNegative(b) ? -0.0f : 0.0f)
                        : Rational.of(a).plus(Rational.of(b)).toBinary32(),
                a + b);
    }

    static float subtract(float a, float b) {
        return add(a, negate(b));
    }

    static float multiply(float a, float b) {
        return finite(
                a,
                b,
                () -> signed(Rational.of(a).times(Rational.of(b)).toBinary32(), isNegative(a) != isNegative(b)),
                a * b);
    }

    static float divide(float a, float b) {
        if (b == 0) {
            return a / b;
        }
        return finite(
                a,
                b,
                () -> {
                    Rational divisor = Rational.of(Math.abs(b));
                    float magnitude =
                            Rational.of(Math.abs(a)).dividedBy(divisor).toBinary32();
                    return signed(magnitude, isNegative(a) != isNegative(b));
                },
                a / b);
    }

    static float squareRoot(float a) {
        return a == Float.POSITIVE_INFINITY ? a : Rational.of(a).squareRootToBinary32();
    }

    static float negate(float a) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(a) ^ Integer.MIN_VALUE);
    }

    private static boolean isNegative(float a) {
        return Float.floatToRawIntBits(a) < 0;
    }

    private static float signed(float value, boolean negative) {
        return negative ? -Math.abs(value) : Math.abs(value);
    }

    private static float finite(float a, float b, Supplier<Float> exact, float special) {
        return Float.isFinite(a) && Float.isFinite(b) ? exact.get() : special;
    }
}
