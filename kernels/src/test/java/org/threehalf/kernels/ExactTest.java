package org.threehalf.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The yardstick itself. */
class ExactTest {

    @Property(tries = 2_000)
    void binary32NumbersAreReadExactlyAndRoundToThemselves(@ForAll int bits) {
        float value = Float.intBitsToFloat(bits);
        if (Float.isFinite(value) && value != 0) {
            assertEquals(
                    0,
                    new java.math.BigDecimal((double) value)
                            .compareTo(new java.math.BigDecimal(Exact.of(value).numerator())
                                    .divide(new java.math.BigDecimal(
                                            Exact.of(value).denominator()))));
            assertEquals(value, Exact.of(value).toBinary32());
        }
    }

    @Property(tries = 2_000)
    void productsAndQuotientsRoundAsTheMachineRoundsThem(@ForAll int first, @ForAll int second) {
        float a = Float.intBitsToFloat(first);
        float b = Float.intBitsToFloat(second & 0x7fff_ffff);
        if (Float.isFinite(a) && Float.isFinite(b) && a != 0 && b != 0) {
            if (Float.isFinite(a * b)) {
                assertEquals(
                        Math.abs(a * b), Math.abs(Exact.of(a).times(Exact.of(b)).toBinary32()));
            }
            if (Float.isFinite(a / b)) {
                assertEquals(
                        Math.abs(a / b),
                        Math.abs(Exact.of(a).dividedBy(Exact.of(b)).toBinary32()));
            }
        }
    }

    @Test
    void tiesGoToTheEvenInteger() {
        int[][] cases = {{-5, -2}, {-4, -2}, {-3, -2}, {-2, -1}, {-1, 0}, {0, 0}, {1, 0}, {2, 1}, {3, 2}, {5, 2}, {7, 4}
        };
        for (int[] halves : cases) {
            assertEquals(BigInteger.valueOf(halves[1]), Exact.of(halves[0], 2).roundedToInteger(), halves[0] + "/2");
        }
        assertEquals(BigInteger.valueOf(-1), Exact.of(-2, 3).roundedToInteger());
        assertEquals(BigInteger.ZERO, Exact.of(-1, 3).roundedToInteger());
        assertEquals(7, Exact.of(99, 2).clampedToInteger(-8, 7));
    }
}
