package org.threehalf.kernels.transformer;

/** One query head over the positions it sees (REQ-ATT-002 to REQ-ATT-005; Vaswani et al., Attention Is All You Need, 2017). */
public final class Attention {
    private Attention() {}

    /**
     * The first position that a query sees (REQ-ATT-002).
     *
     * @param position p, 0 or more
     * @param window w, or 0 where the layer sees everything
     */
    /*@ public normal_behavior
      @   requires 0 <= position && 0 <= window;
      @   ensures 0 <= \result && \result <= position;
      @   ensures window == 0 ==> \result == 0;
      @   ensures window > 0 && window <= position ==> \result == position - window + 1;
      @*/
    /*@ pure @*/ public static int firstSeen(int position, int window) {
        return window == 0 || position < window ? 0 : position - window + 1;
    }

    /**
     * The key and value head of a query head (REQ-ATT-003).
     *
     * @param head h
     * @param heads H, a multiple of {@code keyValueHeads}
     * @param keyValueHeads H_kv
     */
    /*@ public normal_behavior
      @   requires 0 <= head && head < heads && 1 <= keyValueHeads && keyValueHeads <= heads && heads % keyValueHeads == 0;
      @   ensures \result == head / (heads / keyValueHeads);
      @*/
    /*@ pure @*/ public static int keyValueHead(int head, int heads, int keyValueHeads) {
        return head / (heads / keyValueHeads);
    }

    /**
     * The output of a head (REQ-ATT-004, REQ-ATT-005).
     *
     * @param query holds the rotated query from {@code queryFrom}, n elements
     * @param queryFrom where it begins
     * @param keys the rotated keys of positions first … last, one after the other, n elements each
     * @param values the values, likewise
     * @param size n
     * @param first the first position seen
     * @param last the last position seen
     * @param scale c
     * @param cap the cap of the scores, or 0 for none
     * @param output where the n elements of the output go, from {@code outputFrom}
     * @param outputFrom where they begin
     */
    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= first && first <= last && last < 1048576 && cap >= 0;
      @   requires 0 <= queryFrom && queryFrom <= query.length - size && 0 <= outputFrom && outputFrom <= output.length - size;
      @   requires ((long) last - first + 1) * size <= keys.length && ((long) last - first + 1) * size <= values.length;
      @   requires output != query && output != keys && output != values;
      @   assignable output[outputFrom .. outputFrom + size - 1];
      @*/
    public static void attend(
            float[] query, int queryFrom, float[] keys, float[] values, int size, int first, int last, float scale, float cap, float[] output, int outputFrom) {
        float[] weights = new float[last - first + 1];
        float largest = Float.NEGATIVE_INFINITY;
        //@ loop_invariant 0 <= t && t <= weights.length;
        //@ loop_writes weights[*];
        //@ decreases weights.length - t;
        for (int t = 0; t < weights.length; t++) {
            float score = StridedSum.dot(query, queryFrom, keys, t * size, size) * scale;
            weights[t] = cap > 0 ? ElementaryFunctions.softCap(score, cap) : score;
            largest = Math.max(largest, weights[t]);
        }
        //@ loop_invariant 0 <= t && t <= weights.length;
        //@ loop_writes weights[*];
        //@ decreases weights.length - t;
        for (int t = 0; t < weights.length; t++) {
            weights[t] = ElementaryFunctions.exp(weights[t] - largest);
        }
        float total = StridedSum.sum(weights, first, last);
        float[] terms = new float[weights.length];
        //@ loop_invariant 0 <= d && d <= size;
        //@ loop_writes terms[*], output[outputFrom .. outputFrom + size - 1];
        //@ decreases size - d;
        for (int d = 0; d < size; d++) {
            //@ loop_invariant 0 <= t && t <= weights.length;
            //@ loop_writes terms[*];
            //@ decreases weights.length - t;
            for (int t = 0; t < weights.length; t++) {
                terms[t] = weights[t] * values[t * size + d];
            }
            output[outputFrom + d] = StridedSum.sum(terms, first, last) / total;
        }
    }
}
