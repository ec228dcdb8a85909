package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
