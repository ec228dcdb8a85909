package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.kernels.transformer.OperationCases.Case;

class RotaryFrequenciesTest {

    /** REQ-ROP-001. */
    @Test
    void frequenciesAreTheNearestNumbers() {
        for (Case c : OperationCases.of("frequencies")) {
            float[] frequencies = RotaryFrequencies.of(c.floats(1)[0], Math.toIntExact(c.integer(2)));
            assertArrayEquals(OperationCases.bits(c.floats(3)), OperationCases.bits(frequencies));
        }
    }

    /**
     * REQ-ROP-001: what the guess settles is what exact comparisons give, also from a neighbour; for bases of every
     * size and the largest exponents.
     */
    @Test
    void guessesAreSettledRightly() {
        SplittableRandom random = new SplittableRandom(11);
        for (float base : new float[] {
            1,
            Math.nextUp(1f),
            2,
            4,
            10_000,
            500_000,
            1_000_000,
            0x1p40f,
            Float.MAX_VALUE,
            random.nextFloat(1, 1e6f),
            random.nextFloat(1, 1e30f)
        }) {
            for (int rotated : new int[] {2, 4, 64, 96, 128}) {
                float[] frequencies = RotaryFrequencies.of(base, rotated);
                for (int i = 0; i < frequencies.length; i++) {
                    float above = Math.nextUp(frequencies[i]);
                    float below = Math.nextDown(frequencies[i]);
                    assertEquals(
                            frequencies[i],
                            RotaryFrequencies.exact(above, base, rotated, i),
                            base + " " + rotated + " " + i);
                    assertEquals(
                            frequencies[i],
                            RotaryFrequencies.exact(below, base, rotated, i),
                            base + " " + rotated + " " + i);
                }
            }
        }
    }

    /**
     * Exact halves are no matter of guesses: 4 to the power −1/2 and others that are numbers themselves, and a model's
     * largest size in time.
     */
    @Test
    void exactPowersAndLargeSizes() {
        assertArrayEquals(new float[] {1, 0.5f}, RotaryFrequencies.of(4, 4));
        assertArrayEquals(new float[] {1, 0.25f, 0.0625f, 0.015625f}, RotaryFrequencies.of(256, 8));
        assertEquals(1 << 15, RotaryFrequencies.of(10_000, 1 << 16).length);
    }

    /** REQ-ROP-002. */
    @Test
    void scaledFrequenciesAreQuotients() {
        assertArrayEquals(
                new float[] {0.125f, 0.1f / 3}, RotaryFrequencies.scaled(new float[] {1, 0.1f}, new float[] {8, 3}));
    }

    /** REQ-ROP-001, REQ-ROP-002: arguments outside their range are refused, with what is wrong. */
    @Test
    void refusals() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.of(0.5f, 8))
                .getMessage()
                .contains("0.5"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.of(Float.NaN, 8))
                .getMessage()
                .contains("NaN"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.of(10000, 7))
                .getMessage()
                .contains("7"));
        assertThrows(
                IllegalArgumentException.class, () -> RotaryFrequencies.scaled(new float[] {1}, new float[] {0.5f}));
        assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.scaled(new float[] {1}, new float[] {0}));
        assertThrows(
                IllegalArgumentException.class, () -> RotaryFrequencies.scaled(new float[] {1}, new float[] {1, 1}));
    }

    /**
     * REQ-ROP-006, against the formula in binary64: short waves as they are, long ones divided, a mean between them,
     * with ends that are whole pairs or not; at a factor of 1 nothing changes.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void yarn(boolean rounded) {
        int rotated = 64;
        double base = 10_000;
        float[] frequencies = RotaryFrequencies.of((float) base, rotated);
        for (float factor : new float[] {1, 4, 32}) {
            float[] scaled = RotaryFrequencies.yarn(
                    frequencies, new RotaryFrequencies.Yarn((float) base, factor, 4096, 32, 1, rounded));
            double low = rotated * Math.log(4096 / (2 * Math.PI * 32)) / (2 * Math.log(base));
            double high = rotated * Math.log(4096 / (2 * Math.PI)) / (2 * Math.log(base));
            if (rounded) {
                low = Math.floor(low);
                high = Math.ceil(high);
            }
            assertTrue(low > 0 && high < rotated / 2.0, "the ramp lies within the head");
            for (int i = 0; i < scaled.length; i++) {
                double part = Math.clamp((i - low) / (high - low), 0.0, 1.0);
                double expected = frequencies[i] / (double) factor * part + frequencies[i] * (1 - part);
                assertEquals(expected, scaled[i], 4e-7 * expected, "pair " + i);
            }
            assertEquals(frequencies[0], scaled[0]);
            assertEquals(frequencies[31] / factor, scaled[31]);
        }
        assertEquals((float) (1 + Math.log(4) / 10), RotaryFrequencies.yarnMagnitude(4));
        for (float wrong : new float[] {0.5f, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThrows(
                    IllegalArgumentException.class, () -> new RotaryFrequencies.Yarn(10_000, wrong, 4096, 32, 1, true));
        }
        assertThrows(IllegalArgumentException.class, () -> new RotaryFrequencies.Yarn(10_000, 4, 4096, 1, 1, true));
        assertThrows(IllegalArgumentException.class, () -> new RotaryFrequencies.Yarn(10_000, 4, 0, 32, 1, true));
    }
}
