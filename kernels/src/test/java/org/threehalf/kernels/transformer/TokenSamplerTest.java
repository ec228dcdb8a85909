package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.transformer.OperationCases.Case;
import org.threehalf.kernels.transformer.TokenSampler.Settings;

class TokenSamplerTest {

    /** REQ-SMP-001 to REQ-SMP-005. */
    @Test
    void drawsTheTokensOfTheSecondImplementation() {
        for (Case c : OperationCases.of("sample")) {
            Settings settings = new Settings(c.floats(2)[0], Math.toIntExact(c.integer(3)), c.floats(2)[1]);
            int[] expected = Arrays.stream(c.text(5).split(","))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            assertArrayEquals(
                    expected, draws(settings, c.integer(1), c.floats(4), expected.length), settings.toString());
        }
    }

    private static int[] draws(Settings settings, long seed, float[] logits, int count) {
        TokenSampler sampler = new TokenSampler(settings, seed);
        return java.util.stream.IntStream.range(0, count)
                .map(i -> sampler.next(logits))
                .toArray();
    }

    /** REQ-SMP-001: the published sequence of SplitMix64 for seed 1234567. */
    @Test
    void theGeneratorIsSplitMix64() {
        assertEquals(6457827717110365317L, SplitMix64.mix(1234567 + 0x9E3779B97F4A7C15L));
        assertEquals(3203168211198807973L, SplitMix64.mix(1234567 + 2 * 0x9E3779B97F4A7C15L));
    }

    /** REQ-SMP-002: of equal logits the smaller id comes first, and −0 equals +0. */
    @Test
    void tiesGoToTheSmallerId() {
        float[] logits = {-1, -0f, 0f, 0f, -3};
        assertEquals(1, MostLikelyToken.of(logits));
        assertEquals(1, new TokenSampler(new Settings(1, 1, 1), 9).next(logits));
        assertArrayEquals(new int[] {1, 1, 1}, draws(new Settings(1e-30f, 0, 0.3f), 9, logits, 3));
    }

    /** REQ-SMP-002: a few of many candidates are those that the order of all begins with, with ties at the border. */
    @Test
    void theFirstCandidatesAreThoseOfAll() {
        java.util.SplittableRandom random = new java.util.SplittableRandom(5);
        for (int n : new int[] {1, 2, 40, 1_000, 5_000}) {
            float[] logits = new float[n];
            for (int id = 0; id < n; id++) {
                logits[id] = random.nextInt(-40, 40) / (id % 3 == 0 ? 4f : -4f);
            }
            Integer[] all = new Integer[n];
            Arrays.setAll(all, id -> id);
            Arrays.sort(all, java.util.Comparator.comparingDouble(id -> -(logits[id] + 0f)));
            for (int count : new int[] {1, 2, 7, 60, 300, n}) {
                if (count <= n) {
                    int[] expected =
                            Arrays.stream(all).limit(count).mapToInt(id -> id).toArray();
                    assertArrayEquals(expected, TokenSampler.ordered(logits, count), count + " of " + n);
                }
            }
        }
    }

    /**
     * REQ-SMP-003: frequencies follow the softmax (a chi-square far below chance's bound), so a draw that ignored the
     * weights would be seen.
     */
    @Test
    void frequenciesFollowTheWeights() {
        float[] logits = {0, 1, 2, -1};
        double[] weights =
                Arrays.stream(new double[] {0, 1, 2, -1}).map(Math::exp).toArray();
        double total = Arrays.stream(weights).sum();
        int n = 100_000;
        int[] counts = new int[4];
        for (int id : draws(new Settings(1, 0, 1), 42, logits, n)) {
            counts[id]++;
        }
        double chiSquare = 0;
        for (int i = 0; i < 4; i++) {
            double expected = n * weights[i] / total;
            chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        assertTrue(chiSquare < 16.3, "chi-square " + chiSquare);
    }

    /** REQ-DEC-004: no token comes out of logits that are not finite. */
    @Test
    void logitsThatAreNotFiniteAreRefused() {
        TokenSampler sampler = new TokenSampler(Settings.GREEDY, 0);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> sampler.next(new float[] {1, Float.NaN}))
                .getMessage()
                .contains("token 1 is NaN"));
        assertThrows(IllegalArgumentException.class, () -> sampler.next(new float[] {Float.POSITIVE_INFINITY}));
    }

    @Test
    void settingsOutsideTheirRangeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Settings(-1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Settings(Float.NaN, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Settings(1, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Settings(1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Settings(1, 0, 1.5f));
    }
}
