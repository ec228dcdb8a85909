package org.threehalf.conformance.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RationalTest {

    private static void assertBits(float expected, float actual) {
        assertEquals(
                Integer.toHexString(Float.floatToRawIntBits(expected)),
                Integer.toHexString(Float.floatToRawIntBits(actual)));
    }

    @Test
    void binary32ValuesAreReadAndRoundedToThemselves() {
        for (int bits : new int[] {
            1, 2, 0x007f_ffff, 0x0080_0000, 0x3f80_0000, 0x3f80_0001, 0x7f7f_ffff, 0x8000_0001, 0xff7f_ffff
        }) {
            float value = Float.intBitsToFloat(bits);
            assertBits(value, Rational.of(value).toBinary32());
        }
        assertBits(0, Rational.of(-0.0f).toBinary32());
        assertThrows(IllegalArgumentException.class, () -> Rational.of(Float.NaN));
        assertThrows(IllegalArgumentException.class, () -> Rational.of(Float.NEGATIVE_INFINITY));
    }

    @Test
    void productsAndQuotientsRoundAsTheMachineRoundsThem() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            float a = Float.intBitsToFloat(random.nextInt());
            float b = Float.intBitsToFloat(random.nextInt() & 0x7fff_ffff);
            if (Float.isFinite(a) && Float.isFinite(b) && a != 0 && b != 0) {
                assertBits(a * b, Rational.of(a).times(Rational.of(b)).toBinary32());
                assertBits(a / b, Rational.of(a).dividedBy(Rational.of(b)).toBinary32());
            }
        }
    }

    @Test
    void tiesGoToTheEvenNeighbour() {
        assertBits(0x1p24f, Rational.of((1L << 24) + 1).toBinary32());
        assertBits(0x1.000004p24f, Rational.of((1L << 24) + 3).toBinary32());
        Rational half = Rational.of(1).dividedBy(Rational.of(2));
        assertEquals(BigInteger.ZERO, half.roundedToInteger());
        assertEquals(BigInteger.TWO, half.times(Rational.of(3)).roundedToInteger());
        assertEquals(BigInteger.TWO.negate(), half.times(Rational.of(-5)).roundedToInteger());
    }

    @Test
    void theEndsOfTheRange() {
        Rational least = Rational.of(Float.MIN_VALUE);
        assertBits(0, least.dividedBy(Rational.of(2)).toBinary32());
        assertBits(-0.0f, least.times(Rational.of(-1)).dividedBy(Rational.of(2)).toBinary32());
        assertBits(
                Float.MIN_VALUE,
                least.times(Rational.of(3)).dividedBy(Rational.of(4)).toBinary32());
        Rational largest = Rational.of(Float.MAX_VALUE);
        assertBits(Float.POSITIVE_INFINITY, largest.times(Rational.of(2)).toBinary32());
        assertBits(
                Float.NEGATIVE_INFINITY, largest.times(Rational.of(-1L << 40)).toBinary32());
        assertBits(
                Float.POSITIVE_INFINITY,
                largest.times(Rational.of(1.0f + 0x1p-23f)).toBinary32());
    }

    @Test
    void refusesDivisorsThatAreNotPositive() {
        assertThrows(IllegalArgumentException.class, () -> Rational.of(1).dividedBy(Rational.of(0)));
        assertThrows(IllegalArgumentException.class, () -> new Rational(BigInteger.ONE, BigInteger.ONE.negate()));
    }
}
