package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.transformer.OperationCases.Case;

/**
 * The functions against the second implementation, to the bit, and against StrictMath, within section 9 of
 * spec/INFERENCE.md.
 */
class ElementaryFunctionsTest {

    private static float[] map(UnaryOperator<Float> function, float[] x) {
        float[] y = new float[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = function.apply(x[i]);
        }
        return y;
    }

    private static void assertCases(String name, UnaryOperator<Float> function) {
        for (Case c : OperationCases.of(name)) {
            assertArrayEquals(OperationCases.bits(c.floats(2)), OperationCases.bits(map(function, c.floats(1))), name);
        }
    }

    /** REQ-OPS-001, REQ-OPS-004. */
    @Test
    void expHasTheBitsOfTheSecondImplementation() {
        assertCases("exp", ElementaryFunctions::exp);
    }

    /** REQ-OPS-005. */
    @Test
    void siluHasTheBitsOfTheSecondImplementation() {
        assertCases("silu", ElementaryFunctions::silu);
    }

    /** REQ-OPS-006. */
    @Test
    void geluHasTheBitsOfTheSecondImplementation() {
        assertCases("gelu", ElementaryFunctions::gelu);
    }

    /** REQ-OPS-007. */
    @Test
    void tanhHasTheBitsOfTheSecondImplementation() {
        assertCases("tanh", ElementaryFunctions::tanh);
    }

    /** REQ-OPS-008. */
    @Test
    void softCapHasTheBitsOfTheSecondImplementation() {
        for (Case c : OperationCases.of("softcap")) {
            float cap = c.floats(1)[0];
            assertArrayEquals(
                    OperationCases.bits(c.floats(3)),
                    OperationCases.bits(map(x -> ElementaryFunctions.softCap(x, cap), c.floats(2))));
        }
    }

    /** The largest distance, in units in the last place of the result, over evenly spread numbers. */
    private static double largestUlps(UnaryOperator<Float> function, DoubleUnaryOperator exact, float from, float to) {
        int steps = 400_000;
        double largest = 0;
        for (int i = 0; i <= steps; i++) {
            float x = (float) (from + ((double) to - from) * i / steps);
            double expected = exact.applyAsDouble(x);
            double ulp = Math.ulp((float) expected);
            largest = Math.max(largest, Math.abs(function.apply(x) - expected) / ulp);
        }
        return largest;
    }

    /** REQ-OPS-004: section 9. */
    @Test
    void expIsWithinOneUlp() {
        double normal = largestUlps(ElementaryFunctions::exp, StrictMath::exp, -87.3f, 88.7f);
        double subnormal = largestUlps(ElementaryFunctions::exp, StrictMath::exp, -104, -87.3f);
        assertTrue(normal <= 1 && subnormal <= 1, normal + " and " + subnormal);
    }

    /** REQ-OPS-005: section 9. */
    @Test
    void siluIsWithinThreeUlps() {
        double ulps = largestUlps(ElementaryFunctions::silu, x -> x / (1 + StrictMath.exp(-x)), -80, 40);
        assertTrue(ulps <= 3, ulps + "");
    }

    /** REQ-OPS-007: section 9. */
    @Test
    void tanhIsWithinOneAndAHalfUlps() {
        double ulps = Math.max(
                largestUlps(ElementaryFunctions::tanh, StrictMath::tanh, -12, 12),
                largestUlps(ElementaryFunctions::tanh, StrictMath::tanh, 0, 0.001f));
        assertTrue(ulps <= 1.5, ulps + "");
    }

    /** REQ-OPS-006: section 9. */
    @Test
    void geluIsWithinItsDistance() {
        int steps = 400_000;
        for (int i = 0; i <= steps; i++) {
            float x = -20 + 40f * i / steps;
            double v = 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
            double expected = x / (1 + StrictMath.exp(-v));
            assertTrue(
                    Math.abs(ElementaryFunctions.gelu(x) - expected) <= 0x1p-23 * Math.max(1, Math.abs(x)),
                    "gelu(" + x + ")");
        }
    }

    /** REQ-OPS-004 to REQ-OPS-007 at their ends. */
    @Test
    void endsOfTheDomains() {
        assertEquals(0x1p-149f, ElementaryFunctions.exp(-103.5f));
        assertEquals(0, ElementaryFunctions.exp(Float.NEGATIVE_INFINITY));
        assertEquals(1, ElementaryFunctions.exp(-0f));
        assertEquals(Float.POSITIVE_INFINITY, ElementaryFunctions.exp(88.73f));
        assertEquals(Float.POSITIVE_INFINITY, ElementaryFunctions.exp(Float.MAX_VALUE));
        assertEquals(-0f, ElementaryFunctions.silu(-1e30f));
        assertEquals(Float.MAX_VALUE, ElementaryFunctions.gelu(Float.MAX_VALUE));
        assertEquals(-0f, ElementaryFunctions.gelu(-Float.MAX_VALUE));
        assertEquals(-1f, ElementaryFunctions.tanh(Float.NEGATIVE_INFINITY));
        assertEquals(-0f, ElementaryFunctions.tanh(-0f));
        assertEquals(Float.MIN_VALUE, ElementaryFunctions.tanh(Float.MIN_VALUE));
    }

    /** A seeded fault: one coefficient that is one bit off is seen by the accuracy's bound or by the cases. */
    @Test
    void aCoefficientThatIsOffIsSeen() {
        UnaryOperator<Float> faulty = x -> {
            float n = (x * ElementaryFunctions.LOG2_E + ElementaryFunctions.ROUND) - ElementaryFunctions.ROUND;
            float r = (x - n * ElementaryFunctions.LN2_HIGH) - n * ElementaryFunctions.LN2_LOW;
            float q = (((ElementaryFunctions.EXP_4 * r + ElementaryFunctions.EXP_3) * r + ElementaryFunctions.EXP_2) * r
                                    + Math.nextUp(ElementaryFunctions.EXP_1))
                            * r
                    + ElementaryFunctions.EXP_0;
            return Math.scalb(((r * r) * q + r) + 1, (int) n);
        };
        Case c = OperationCases.of("exp").getFirst();
        assertTrue(!java.util.Arrays.equals(
                OperationCases.bits(c.floats(2)), OperationCases.bits(map(faulty, c.floats(1)))));
    }
}
