package org.threehalf.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.QuantizedToken;

/** The bits of the reference: scale and codes (REQ-QNT-001 to REQ-QNT-004). */
@Tag("instructions")
@net.jqwik.api.Tag("instructions")
class ActivationVectorsTest {

    /** REQ-QNT-002, REQ-QNT-003: lengths with every tail, magnitudes from subnormal to the largest. */
    @Property(tries = 1_000)
    void equalsTheReference(
            @ForAll @IntRange(min = 0, max = 100) int length,
            @ForAll @IntRange(min = -149, max = 55) int exponent,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[length];
        for (int k = 0; k < length; k++) {
            x[k] = (float) Math.scalb(random.nextDouble(-2, 2), exponent - random.nextInt(10));
        }
        assertEquals(QuantizedToken.of(x), ActivationVectors.quantize(x));
    }

    /**
     * REQ-QNT-003: halves go to the even code. With a scale of 1 they are met exactly; rounding that cuts off, or
     * rounds halves up, would show.
     */
    @Test
    void halvesGoToTheEvenCode() {
        float[] x = new float[509];
        for (int k = 0; k < x.length; k++) {
            x[k] = (k - 254) / 2f;
        }
        QuantizedToken token = ActivationVectors.quantize(x);
        assertEquals(1, token.scale());
        assertEquals(QuantizedToken.of(x), token);
        int differFromCut = 0;
        int differFromUp = 0;
        for (int k = 0; k < x.length; k++) {
            differFromCut += token.codes()[k] != (int) x[k] ? 1 : 0;
            differFromUp += token.codes()[k] != Math.round(x[k]) ? 1 : 0;
        }
        assertTrue(differFromCut > 100 && differFromUp > 100);
    }

    /** REQ-QNT-004: zeros, and numbers so small that the scale is 0. */
    @Test
    void zeros() {
        for (float value : new float[] {0, -0f, Float.MIN_VALUE}) {
            float[] x = new float[40];
            x[39] = value;
            x[3] = -value;
            assertEquals(QuantizedToken.of(x), ActivationVectors.quantize(x));
        }
    }

    /** REQ-QNT-001: what is refused, in a vector and in the tail, with the reference's message. */
    @Test
    void refusals() {
        for (float bad :
                new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Math.nextUp(0x1p56f)}) {
            for (int at : new int[] {0, 17, 39}) {
                float[] x = new float[40];
                x[at] = bad;
                String message = assertThrows(IllegalArgumentException.class, () -> QuantizedToken.of(x))
                        .getMessage();
                assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, () -> ActivationVectors.quantize(x))
                                .getMessage());
            }
        }
    }
}
