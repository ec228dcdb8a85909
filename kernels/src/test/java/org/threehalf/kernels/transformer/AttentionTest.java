package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AttentionTest {

    /** REQ-ATT-002. */
    @Property
    void aWindowHoldsItsLastPositions(
            @ForAll @IntRange(max = 5000) int position, @ForAll @IntRange(max = 5000) int window) {
        int first = Attention.firstSeen(position, window);
        int seen = position - first + 1;
        assertEquals(window == 0 ? position + 1 : Math.min(window, position + 1), seen);
    }

    /** REQ-ATT-003: every key and value head serves the same number of neighbouring query heads. */
    @Property
    void headsShareInGroups(
            @ForAll @IntRange(min = 1, max = 16) int keyValueHeads, @ForAll @IntRange(min = 1, max = 16) int group) {
        int heads = keyValueHeads * group;
        for (int h = 0; h < heads; h++) {
            assertEquals(h / group, Attention.keyValueHead(h, heads, keyValueHeads));
        }
    }

    /** REQ-ATT-006: as if there were one position more, with the sink for a score and zeros for a value. */
    @Test
    void aSinkIsNearAPositionWithoutValue() {
        float[] query = {1};
        float[] keys = {0.25f, -1, 2, 0.5f};
        float[] values = {3, -2, 5, 0};
        float[] expected = new float[1];
        Attention.attend(query, 0, keys, values, 1, 0, 3, 1, 0, Float.NEGATIVE_INFINITY, expected, 0);
        float[] found = new float[1];
        Attention.attend(query, 0, keys, values, 1, 0, 2, 1, 0, 0.5f, found, 0);
        assertEquals(expected[0], found[0], 1e-6);
    }

    /** REQ-ATT-005: the output is a weighted mean of the values: near the exact one. */
    @Test
    void theOutputIsNearTheExactSoftmax() {
        java.util.SplittableRandom random = new java.util.SplittableRandom(1);
        int size = 8;
        int count = 100;
        float[] query = new float[size];
        float[] keys = new float[size * count];
        float[] values = new float[size * count];
        for (float[] array : new float[][] {query, keys, values}) {
            for (int i = 0; i < array.length; i++) {
                array[i] = (float) random.nextGaussian();
            }
        }
        float[] output = new float[size];
        Attention.attend(query, 0, keys, values, size, 0, count - 1, 0.5f, 0, Float.NEGATIVE_INFINITY, output, 0);
        for (int d = 0; d < size; d++) {
            double numerator = 0;
            double denominator = 0;
            for (int t = 0; t < count; t++) {
                double score = 0;
                for (int k = 0; k < size; k++) {
                    score += (double) query[k] * keys[t * size + k];
                }
                numerator += Math.exp(score * 0.5) * values[t * size + d];
                denominator += Math.exp(score * 0.5);
            }
            assertTrue(Math.abs(numerator / denominator - output[d]) < 1e-6);
        }
    }
}
