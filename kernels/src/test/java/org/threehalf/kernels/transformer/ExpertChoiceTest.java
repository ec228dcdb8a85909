package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExpertChoiceTest {

    /** REQ-EXP-001: the largest are taken, of equal ones those with the smaller numbers, and listed by number. */
    @Test
    void theLargestAreTaken() {
        assertArrayEquals(
                new int[] {1, 3},
                ExpertChoice.of(new float[] {0, 5, 1, 2}, 2, false).experts());
        assertArrayEquals(
                new int[] {0, 1},
                ExpertChoice.of(new float[] {7, 7, 7, 7}, 2, true).experts());
        assertArrayEquals(
                new int[] {0, 2, 3},
                ExpertChoice.of(new float[] {3, 1, 9, 3, 3}, 3, true).experts());
        // −0 equals +0.
        assertArrayEquals(
                new int[] {0},
                ExpertChoice.of(new float[] {-0.0f, 0.0f}, 1, false).experts());
    }

    /** REQ-EXP-001, against binary64: softmax over all; renormalised, over those that were taken. */
    @Test
    void sharesAreThoseOfTheSoftmax() {
        SplittableRandom random = new SplittableRandom(11);
        for (int n = 1; n <= 40; n++) {
            float[] routed = new float[n];
            for (int i = 0; i < n; i++) {
                routed[i] = (float) (random.nextDouble() * 12 - 6);
            }
            int used = random.nextInt(1, n + 1);
            double total =
                    IntStream.range(0, n).mapToDouble(i -> Math.exp(routed[i])).sum();
            ExpertChoice plain = ExpertChoice.of(routed, used, false);
            double taken = Arrays.stream(plain.experts())
                    .mapToDouble(e -> Math.exp(routed[e]))
                    .sum();
            ExpertChoice renormalised = ExpertChoice.of(routed, used, true);
            assertArrayEquals(plain.experts(), renormalised.experts());
            for (int i = 0; i < used; i++) {
                double power = Math.exp(routed[plain.experts()[i]]);
                assertEquals(power / total, plain.shares()[i], 1e-6 * power / total);
                assertEquals(power / taken, renormalised.shares()[i], 1e-6 * power / taken);
            }
        }
    }

    /** REQ-DEC-004. */
    @Test
    void damagedRoutersAreRefused() {
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertEquals(
                    "the router's output for expert 1 is %s: the model's weights are damaged".formatted(wrong),
                    assertThrows(IllegalArgumentException.class, () -> ExpertChoice.of(new float[] {0, wrong}, 1, true))
                            .getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> ExpertChoice.of(new float[] {0}, 2, true));
        assertThrows(IllegalArgumentException.class, () -> ExpertChoice.of(new float[] {0}, 0, true));
    }
}
