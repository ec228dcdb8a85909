package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.transformer.OperationCases.Case;

class RotaryAnglesTest {

    /** REQ-ROP-003, REQ-ROP-004. */
    @Test
    void cosinesAndSinesHaveTheBitsOfTheSecondImplementation() {
        for (Case c : OperationCases.of("angles")) {
            float[] cosines = new float[c.floats(2).length + 1];
            float[] sines = new float[cosines.length];
            RotaryAngles.cosinesAndSines(c.floats(2), Math.toIntExact(c.integer(1)), cosines, sines, 1);
            assertArrayEquals(
                    OperationCases.bits(c.floats(3)),
                    OperationCases.bits(java.util.Arrays.copyOfRange(cosines, 1, cosines.length)));
            assertArrayEquals(
                    OperationCases.bits(c.floats(4)),
                    OperationCases.bits(java.util.Arrays.copyOfRange(sines, 1, sines.length)));
        }
    }

    /** REQ-ROP-004: section 9 of spec/INFERENCE.md. */
    @Test
    void cosinesAndSinesAreWithinHalfAUlpAndABit() {
        SplittableRandom random = new SplittableRandom(4);
        double largest = 0;
        for (int i = 0; i < 400_000; i++) {
            double angle = random.nextInt(RotaryAngles.POSITIONS) * (double) Math.max(1e-7f, random.nextFloat());
            largest = Math.max(
                    largest,
                    Math.abs(RotaryAngles.sine(angle) - StrictMath.sin(angle))
                            / Math.ulp((float) StrictMath.sin(angle)));
            largest = Math.max(
                    largest,
                    Math.abs(RotaryAngles.cosine(angle) - StrictMath.cos(angle))
                            / Math.ulp((float) StrictMath.cos(angle)));
        }
        assertTrue(largest <= 0.51, largest + " ulp");
    }

    /** REQ-ROP-004: the quadrants follow each other. */
    @Test
    void quadrants() {
        double[] angles = {0, Math.PI / 2, Math.PI, 3 * Math.PI / 2, 2 * Math.PI};
        for (double angle : angles) {
            assertEquals((float) StrictMath.cos(angle + 0.3), RotaryAngles.cosine(angle + 0.3));
            assertEquals((float) StrictMath.sin(angle + 0.3), RotaryAngles.sine(angle + 0.3));
        }
    }
}
