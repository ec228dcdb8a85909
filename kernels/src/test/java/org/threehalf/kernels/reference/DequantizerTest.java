package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.Exact;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.format.Format;

class DequantizerTest {

    @Provide
    Arbitrary<Float> scale() {
        return Numbers.scale(Format.MAX_SCALE);
    }

    private static float dequantize(float scale, int weight) {
        float[] values = new float[1];
        Dequantizer.dequantize(new short[] {(short) weight}, 1, scale, values);
        return values[0];
    }

    /** REQ-FMT-006: fl₃₂(s·(m·T)), rounded once, with the integer's sign on zeros. */
    @Property(tries = 2_000)
    void theProductIsRoundedOnce(@ForAll("scale") float scale, @ForAll @IntRange(min = -1920, max = 1905) int weight) {
        requireRoundedOnce(scale, weight, dequantize(scale, weight));
    }

    private static void requireRoundedOnce(float scale, int weight, float value) {
        float expected = Exact.of(scale).times(Exact.of(weight)).toBinary32();
        if (expected == 0 && weight < 0) {
            expected = -0.0f;
        }
        assertEquals(
                Float.floatToRawIntBits(expected), Float.floatToRawIntBits(value), () -> scale + " times " + weight);
    }

    /** Seeded fault: (s·m)·T rounds twice, and differs. */
    @Test
    void theCheckSeesASecondRounding() {
        float scale = 0x1.555556p-3f;
        int seen = 0;
        for (int m = 1; m <= 15; m++) {
            for (int t = 1; t <= 31; t++) {
                int weight = m * t;
                float twice = scale * m * t;
                requireRoundedOnce(scale, weight, dequantize(scale, weight));
                if (twice != dequantize(scale, weight)) {
                    seen++;
                    assertThrows(AssertionError.class, () -> requireRoundedOnce(scale, weight, twice));
                }
            }
        }
        assertTrue(seen > 20, seen + " of 465");
        assertThrows(AssertionError.class, () -> requireRoundedOnce(1, 0, -0.0f));
    }

    /** REQ-FMT-006, REQ-DOT-007, linearity: deq(a + b) = deq a + deq b, exactly, wherever the products are exact. */
    @Property(tries = 2_000)
    void dequantisingIsLinear(
            @ForAll @IntRange(min = 0, max = 4095) int mantissa,
            @ForAll @IntRange(min = -100, max = 28) int exponent,
            @ForAll @IntRange(min = -900, max = 900) int a,
            @ForAll @IntRange(min = -900, max = 900) int b) {
        // 12 bits of scale and 11 of integer fill the 24 of binary32 at most: nothing rounds.
        float scale = Math.scalb((float) mantissa, exponent);
        assertTrue(Exact.of(dequantize(scale, a + b))
                .same(Exact.of(dequantize(scale, a)).plus(Exact.of(dequantize(scale, b)))));
    }
}
