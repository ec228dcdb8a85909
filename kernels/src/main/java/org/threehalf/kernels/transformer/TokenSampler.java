package org.threehalf.kernels.transformer;

import java.util.Arrays;
import java.util.List;

/**
 * Draws tokens from logits: the same token for the same logits, settings and seed everywhere (REQ-SMP-001 to
 * REQ-SMP-005). Not safe for use by several threads.
 */
public final class TokenSampler {

    /**
     * How to draw.
     *
     * @param temperature T: 0 takes the most likely token; otherwise positive and finite
     * @param topK how many candidates stay, 0 for all
     * @param topP P in (0, 1]: the most likely candidates that together have this share stay
     */
    public record Settings(float temperature, int topK, float topP) {
        /** The most likely token, always. */
        public static final Settings GREEDY = new Settings(0, 0, 1);

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if a setting is outside its range
         */
        public Settings {
            if (!(temperature >= 0) || temperature == Float.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(
                        "a temperature of " + temperature + ": it must be 0 or more, and finite");
            }
            if (topK < 0) {
                throw new IllegalArgumentException("top-k of " + topK + ": it must be 0 (all) or more");
            }
            if (!(topP > 0 && topP <= 1)) {
                throw new IllegalArgumentException("top-p of " + topP + ": it must be more than 0 and at most 1");
            }
        }
    }

    private final Settings settings;
    private long state;

    /**
     * A sampler at the start of its seed's sequence.
     *
     * @param settings how to draw
     * @param seed any number
     */
    public TokenSampler(Settings settings, long seed) {
        this.settings = settings;
        this.state = seed;
    }

    /**
     * Draws a token.
     *
     * @param logits one a token of the vocabulary
     * @return the token's id
     * @throws IllegalArgumentException if a logit is NaN or infinite (REQ-DEC-004)
     */
    public int next(float[] logits) {
        requireFinite(logits);
        return settings.temperature() == 0 ? MostLikelyToken.of(logits) : draw(logits);
    }

    /**
     * Refuses logits that are not finite (REQ-DEC-004).
     *
     * @throws IllegalArgumentException naming the first such logit
     */
    public static void requireFinite(float[] logits) {
        float largest = 0;
        for (float logit : logits) {
            largest = Math.max(largest, Math.abs(logit));
        }
        if (largest <= Float.MAX_VALUE) {
            return;
        }
        for (int id = 0; id < logits.length; id++) {
            if (!Float.isFinite(logits[id])) {
                throw new IllegalArgumentException("the logit of token " + id + " is " + logits[id]
                        + ": the model's weights are damaged, or its numbers leave the range of binary32");
            }
        }
    }

    /**
     * The most likely tokens, in the order of REQ-SMP-002.
     *
     * @param logits one a token of the vocabulary, none of them NaN
     * @param count how many, at least 0; more than there are gives all
     * @return their ids
     */
    public static List<Integer> mostLikely(float[] logits, int count) {
        return count == 0
                ? List.of()
                : Arrays.stream(ordered(logits, Math.min(count, logits.length)))
                        .boxed()
                        .toList();
    }

    private int draw(float[] logits) {
        int candidates = settings.topK() == 0 ? logits.length : Math.min(settings.topK(), logits.length);
        int[] order = ordered(logits, candidates);
        double[] cumulative = new double[candidates];
        float largest = logits[order[0]];
        double total = 0;
        for (int i = 0; i < candidates; i++) {
            total += ElementaryFunctions.exp((logits[order[i]] - largest) / settings.temperature());
            cumulative[i] = total;
        }
        if (settings.topP() < 1) {
            candidates = firstAtLeast(cumulative, candidates, settings.topP() * total) + 1;
            total = cumulative[candidates - 1];
        }
        double target = uniform() * total;
        int i = 0;
        while (cumulative[i] <= target) {
            i++;
        }
        return order[i];
    }

    private static int firstAtLeast(double[] cumulative, int candidates, double share) {
        int i = 0;
        while (i < candidates - 1 && cumulative[i] < share) {
            i++;
        }
        return i;
    }

    /**
     * The first ids in the order of REQ-SMP-002.
     *
     * @param count how many, 1 … the number of logits
     */
    static int[] ordered(float[] logits, int count) {
        long[] keys = count <= logits.length / 16 ? least(logits, count) : new long[logits.length];
        if (keys.length == logits.length) {
            for (int id = 0; id < keys.length; id++) {
                keys[id] = key(logits[id], id);
            }
        }
        Arrays.parallelSort(keys);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }

    /** The least keys, in no order: a heap with the largest of them on top, which few logits reach. */
    private static long[] least(float[] logits, int count) {
        long[] heap = new long[count];
        Arrays.fill(heap, Long.MAX_VALUE);
        // Smaller logits have no place.
        float bound = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] >= bound && key(logits[id], id) < heap[0]) {
                sink(heap, key(logits[id], id));
                bound = heap[0] == Long.MAX_VALUE ? Float.NEGATIVE_INFINITY : logits[(int) heap[0]];
            }
        }
        return heap;
    }

    /** Puts a key in the place of the largest. */
    private static void sink(long[] heap, long key) {
        int at = 0;
        while (2 * at + 1 < heap.length) {
            int child = 2 * at + 1;
            if (child + 1 < heap.length && heap[child + 1] > heap[child]) {
                child++;
            }
            if (heap[child] <= key) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = key;
    }

    /** A pair of a descending logit and an ascending id, packed in a long. */
    private static long key(float logit, int id) {
        return (long) -sortable(logit + 0f) << 32 | id;
    }

    /** An int that orders as the finite number does; −0 has been made +0 by the caller's addition. */
    private static int sortable(float x) {
        int bits = Float.floatToRawIntBits(x);
        return bits >= 0 ? bits : -(bits & 0x7fff_ffff);
    }

    /** The next u in [0, 1) (REQ-SMP-001). */
    private double uniform() {
        return (nextBits() >>> 11) * 0x1p-53;
    }

    private long nextBits() {
        state += 0x9E3779B97F4A7C15L;
        return SplitMix64.mix(state);
    }
}
