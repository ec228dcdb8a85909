package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.Exact;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.Numbers.Activations;
import org.threehalf.kernels.format.Format;

class ActivationQuantizerTest {

    /** A quantiser of one activation: the one that is tested, or a faulty one. */
    @FunctionalInterface
    private interface Coder {
        int code(float x, float scale);
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** REQ-QNT-002: s_act = fl₃₂(amax / 127). */
    @Property
    void theScaleIsTheLargestMagnitudeOver127RoundedOnce(@ForAll Activations activations) {
        float scale = ActivationQuantizer.scale(activations.values());
        assertEquals(
                Exact.of(largest(activations.values())).dividedBy(Exact.of(127)).toBinary32(), scale);
        assertTrue(scale >= 0 && scale <= 0x1p50f);
    }

    /**
     * REQ-QNT-003: a = clamp(rne(fl₃₂(x / s)), −127, 127), and 0 where s = 0; the exact quotient is rounded twice, as
     * written.
     */
    @Property
    void codesAreTheTwiceRoundedQuotients(@ForAll Activations activations) {
        float scale = ActivationQuantizer.scale(activations.values());
        byte[] codes = new byte[activations.values().length];
        ActivationQuantizer.quantize(activations.values(), scale, codes);
        for (int k = 0; k < codes.length; k++) {
            int expected = scale == 0
                    ? 0
                    : Exact.of(Exact.of(activations.values()[k])
                                    .dividedBy(Exact.of(scale))
                                    .toBinary32())
                            .clampedToInteger(-127, 127);
            assertEquals(expected, codes[k], "input " + k);
        }
    }

    /** REQ-QNT-004, the theorem: |x − s·a| ≤ s·(1/2 + 2⁻¹⁶) where s ≥ 2⁻¹²⁶, and a lies in [−127, 127]. */
    @Property
    void theErrorIsBoundedByHalfAStep(@ForAll Activations activations) {
        requireErrorBound(activations.values(), ActivationQuantizer::code);
    }

    private static void requireErrorBound(float[] activations, Coder coder) {
        float scale = ActivationQuantizer.scale(activations);
        Exact bound = Exact.of(scale).times(Exact.of((1 << 15) + 1, 1 << 16));
        for (float x : activations) {
            int code = coder.code(x, scale);
            assertTrue(code >= -127 && code <= 127, () -> x + " has the code " + code);
            if (scale >= Float.MIN_NORMAL) {
                Exact error =
                        Exact.of(x).minus(Exact.of(scale).times(Exact.of(code))).abs();
                assertTrue(
                        error.atMost(bound),
                        () -> "%s with scale %s has the code %d, off by %s".formatted(x, scale, code, error));
            }
        }
    }

    /** Seeded faults that the bound's check must see: cutting off, a code of −128, a scale read wrongly. */
    @Test
    void theBoundsCheckSeesFaults() {
        float[] activations = {127, 0.75f, -127, 63.6f};
        requireErrorBound(activations, ActivationQuantizer::code);
        assertThrows(AssertionError.class, () -> requireErrorBound(activations, (x, scale) -> (int) (x / scale)));
        assertThrows(
                AssertionError.class,
                () -> requireErrorBound(
                        activations, (x, scale) -> x == -127 ? -128 : ActivationQuantizer.code(x, scale)));
        assertThrows(
                AssertionError.class,
                () -> requireErrorBound(activations, (x, scale) -> ActivationQuantizer.code(x, scale * 1.01f)));
        assertThrows(AssertionError.class, () -> requireErrorBound(new float[100], (x, scale) -> 200));
    }

    @Provide
    Arbitrary<Float> codes() {
        return Numbers.scale(0x1p50f).filter(scale -> scale >= Float.MIN_NORMAL);
    }

    /** REQ-QNT-003, exactness: an activation that is a point of the grid is reproduced. */
    @Property
    void pointsOfTheGridAreReproduced(@ForAll("codes") float scale) {
        for (int a = -127; a <= 127; a++) {
            // The product may round; where it does, the point is no activation.
            if (Exact.of(scale * a).same(Exact.of(scale).times(Exact.of(a)))) {
                assertEquals(a, ActivationQuantizer.code(scale * a, scale));
            }
        }
    }

    /** REQ-QNT-003: ties go to the even code. A faulty rounding half up would differ in every second place. */
    @Test
    void tiesGoToTheEvenCode() {
        for (int a = -126; a < 126; a++) {
            int even = a % 2 == 0 ? a : a + 1;
            assertEquals(even, ActivationQuantizer.code(a + 0.5f, 1));
        }
        assertEquals(127, ActivationQuantizer.code(126.5f + 0.00001f, 1));
    }

    /** REQ-QNT-003: a scale of 0, from zeros or from underflow, gives codes of 0. */
    @Test
    void aScaleOfZeroGivesZeros() {
        float[] tiny = {Float.MIN_VALUE, -Float.MIN_VALUE * 60, 0, -0.0f};
        assertEquals(0, ActivationQuantizer.scale(tiny));
        byte[] codes = {1, 1, 1, 1};
        ActivationQuantizer.quantize(tiny, 0, codes);
        assertArrayEquals(new byte[4], codes);
        assertEquals("0.0", Float.toString(ActivationQuantizer.scale(new float[] {-0.0f})));
    }

    /** REQ-QNT-001. */
    @Test
    void whatIsNoActivationIsRefusedWithItsPlace() {
        for (float bad : new float[] {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Math.nextUp(Format.MAX_ACTIVATION),
            -Float.MAX_VALUE
        }) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> ActivationQuantizer.scale(new float[] {1, bad}))
                    .getMessage();
            assertTrue(message.startsWith("activation 1 is " + bad), message);
        }
        assertEquals(0x1p56f / 127, ActivationQuantizer.scale(new float[] {-Format.MAX_ACTIVATION}));
    }
}
