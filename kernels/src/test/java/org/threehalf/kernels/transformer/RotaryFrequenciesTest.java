package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
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

    /** REQ-ROP-001: what the guess settles is what exact comparisons give, also from a neighbour; for bases of every size and the largest exponents. */
    @Test
    void guessesAreSettledRightly() {
        SplittableRandom random = new SplittableRandom(11);
        for (float base : new float[] {1, Math.nextUp(1f), 2, 4, 10_000, 500_000, 1_000_000, 0x1p40f, Float.MAX_VALUE, random.nextFloat(1, 1e6f), random.nextFloat(1, 1e30f)}) {
            for (int rotated : new int[] {2, 4, 64, 96, 128}) {
                float[] frequencies = RotaryFrequencies.of(base, rotated);
                for (int i = 0; i < frequencies.length; i++) {
                    float above = Math.nextUp(frequencies[i]);
                    float below = Math.nextDown(frequencies[i]);
                    assertEquals(frequencies[i], RotaryFrequencies.exact(above, base, rotated, i), base + " " + rotated + " " + i);
                    assertEquals(frequencies[i], RotaryFrequencies.exact(below, base, rotated, i), base + " " + rotated + " " + i);
                }
            }
        }
    }

    /** Exact halves are no matter of guesses: 4 to the power −1/2 and others that are numbers themselves, and a model's largest size in time. */
    @Test
    void exactPowersAndLargeSizes() {
        assertArrayEquals(new float[] {1, 0.5f}, RotaryFrequencies.of(4, 4));
        assertArrayEquals(new float[] {1, 0.25f, 0.0625f, 0.015625f}, RotaryFrequencies.of(256, 8));
        assertEquals(1 << 15, RotaryFrequencies.of(10_000, 1 << 16).length);
    }

    /** REQ-ROP-002. */
    @Test
    void scaledFrequenciesAreQuotients() {
        assertArrayEquals(new float[] {0.125f, 0.1f / 3}, RotaryFrequencies.scaled(new float[] {1, 0.1f}, new float[] {8, 3}));
    }

    /** REQ-ROP-001, REQ-ROP-002: arguments outside their range are refused, with what is wrong. */
    @Test
    void refusals() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.of(0.5f, 8)).getMessage().contains("0.5"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.of(Float.NaN, 8)).getMessage().contains("NaN"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.of(10000, 7)).getMessage().contains("7"));
        assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.scaled(new float[] {1}, new float[] {0.5f}));
        assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.scaled(new float[] {1}, new float[] {0}));
        assertThrows(IllegalArgumentException.class, () -> RotaryFrequencies.scaled(new float[] {1}, new float[] {1, 1}));
    }
}
