package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.transformer.OperationCases.Case;

/** What a layer norm does before its norm, against the second implementation, to the bit. */
class NormalizationTest {

    /** REQ-OPS-012: into another array, and in place. */
    @Test
    void centre() {
        List<Case> cases = OperationCases.of("centre");
        assertEquals(4, cases.size());
        for (Case c : cases) {
            float[] x = c.floats(1);
            float[] y = new float[x.length + 1];
            y[x.length] = 7;
            Normalization.centre(x, y);
            assertArrayEquals(c.floats(1), x);
            assertEquals(7, y[x.length]);
            assertArrayEquals(c.floats(2), Arrays.copyOf(y, x.length));
            Normalization.centre(x, x);
            assertArrayEquals(c.floats(2), x);
        }
    }

    /** A seeded fault: a mean of the sum in order of the index has other bits, so the cases tell the orders apart. */
    @Test
    void aMeanOfAnotherSumIsSeen() {
        float[] x = OperationCases.of("centre").getLast().floats(1);
        float sum = 0;
        for (float value : x) {
            sum += value;
        }
        float[] y = new float[x.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = x[k] - sum / x.length;
        }
        assertFalse(Arrays.equals(OperationCases.of("centre").getLast().floats(2), y));
    }
}
