package org.threehalf.kernels.transformer;

/**
 * One query head over the positions it sees (REQ-ATT-002 to REQ-ATT-006; Vaswani et al., Attention Is All You Need,
 * 2017; Xiao et al., Efficient streaming language models with attention sinks, 2024).
 */
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
    /*@ pure heap_free @*/ public static int firstSeen(int position, int window) {
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
      @   requires 0 <= head && head < heads && 1 <= keyValueHeads && keyValueHeads <= heads
      @       && heads % keyValueHeads == 0;
      @   ensures \result == head / (heads / keyValueHeads);
      @*/
    /*@ pure heap_free @*/ public static int keyValueHead(int head, int heads, int keyValueHeads) {
        return head / (heads / keyValueHeads);
    }

    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= queryFrom && queryFrom <= query.length - size
      @       && count <= 1048576 && count * size <= keys.length && cap >= 0 && 0 <= i && i < count;
      @ public static pure model float score(float[] query, int queryFrom, float[] keys, int size, int count, int i,
      @     float scale, float cap) {
      @   return cap > 0 ? ElementaryFunctions.softCap(StridedSum.dot(query, queryFrom, keys, (int) (i * size),
      @       size) * scale, cap)
      @     : StridedSum.dot(query, queryFrom, keys, (int) (i * size), size) * scale;
      @ }
      @*/

    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= queryFrom && queryFrom <= query.length - size
      @       && count <= 1048576 && count * size <= keys.length && cap >= 0 && 0 <= n && n <= count;
      @   measured_by n;
      @ public static pure model float largest(float[] query, int queryFrom, float[] keys, int size, int count,
      @     int n, float scale, float cap, float sink) {
      @   return n == 0 ? sink
      @       : Math.max(largest(query, queryFrom, keys, size, count, (int) (n - 1), scale, cap, sink),
      @           score(query, queryFrom, keys, size, count, (int) (n - 1), scale, cap));
      @ }
      @*/

    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= queryFrom && queryFrom <= query.length - size
      @       && count <= 1048576 && count * size <= keys.length && cap >= 0 && 0 <= i && i < count;
      @ public static pure model float weight(float[] query, int queryFrom, float[] keys, int size, int count, int i,
      @     float scale, float cap, float sink) {
      @   return ElementaryFunctions.exp(score(query, queryFrom, keys, size, count, i, scale, cap)
      @     - largest(query, queryFrom, keys, size, count, count, scale, cap, sink));
      @ }
      @*/

    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= queryFrom && queryFrom <= query.length - size
      @       && count <= 1048576 && count * size <= keys.length && cap >= 0 && 0 <= n && n <= count && 0 <= first
      @       && first <= 1048576 && 0 <= lane && lane < 16;
      @   measured_by n;
      @ public static pure model float weightLane(float[] query, int queryFrom, float[] keys, int size, int count,
      @     int first, int n, int lane, float scale, float cap, float sink) {
      @   return n == 0 ? 0.0f : (first + n - 1) % 16 == lane
      @     ? weightLane(query, queryFrom, keys, size, count, first, (int) (n - 1), lane, scale, cap, sink)
      @         + weight(query, queryFrom, keys, size, count, (int) (n - 1), scale, cap, sink)
      @         : weightLane(query, queryFrom, keys, size, count, first, (int) (n - 1), lane, scale, cap, sink);
      @ }
      @*/

    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= queryFrom && queryFrom <= query.length - size
      @       && count <= 1048576 && count * size <= keys.length && cap >= 0 && 0 <= count && 0 <= first
      @       && first <= 1048576;
      @ public static pure model float weightSum(float[] query, int queryFrom, float[] keys, int size, int count,
      @     int first, float scale, float cap, float sink) {
      @   return StridedSum.halves(
      @       weightLane(query, queryFrom, keys, size, count, first, count, 0, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 1, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 2, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 3, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 4, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 5, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 6, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 7, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 8, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 9, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 10, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 11, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 12, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 13, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 14, scale, cap, sink),
      @       weightLane(query, queryFrom, keys, size, count, first, count, 15, scale, cap, sink))
      @       + ElementaryFunctions.exp(sink - largest(query, queryFrom, keys, size, count, count, scale, cap, sink));
      @ }
      @*/

    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= queryFrom && queryFrom <= query.length - size
      @       && count <= 1048576 && count * size <= keys.length && cap >= 0 && count * size <= values.length
      @       && 0 <= d && d < size && 0 <= n && n <= count && 0 <= first && first <= 1048576 && 0 <= lane
      @       && lane < 16;
      @   measured_by n;
      @ public static pure model float productLane(float[] query, int queryFrom, float[] keys, int size, int count,
      @     float[] values, int d, int first, int n, int lane, float scale, float cap, float sink) {
      @   return n == 0 ? 0.0f : (first + n - 1) % 16 == lane
      @     ? productLane(query, queryFrom, keys, size, count, values, d, first, (int) (n - 1), lane, scale, cap, sink)
      @         + weight(query, queryFrom, keys, size, count, (int) (n - 1), scale, cap, sink)
      @         * values[(n - 1) * size + d]
      @     : productLane(query, queryFrom, keys, size, count, values, d, first, (int) (n - 1), lane, scale, cap, sink);
      @ }
      @*/

    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= queryFrom && queryFrom <= query.length - size
      @       && count <= 1048576 && count * size <= keys.length && cap >= 0 && count * size <= values.length
      @       && 0 <= d && d < size && 0 <= count && 0 <= first && first <= 1048576;
      @ public static pure model float productSum(float[] query, int queryFrom, float[] keys, int size, int count,
      @     float[] values, int d, int first, float scale, float cap, float sink) {
      @   return StridedSum.halves(
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 0, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 1, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 2, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 3, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 4, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 5, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 6, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 7, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 8, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 9, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 10, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 11, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 12, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 13, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 14, scale, cap, sink),
      @       productLane(query, queryFrom, keys, size, count, values, d, first, count, 15, scale, cap, sink));
      @ }
      @*/

    /**
     * The output of a head (REQ-ATT-004, REQ-ATT-005, REQ-ATT-006).
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
     * @param sink the head's sink, −∞ for none (REQ-ATT-006)
     * @param output where the n elements of the output go, from {@code outputFrom}
     * @param outputFrom where they begin
     */
    /*@ public normal_behavior
      @   requires 1 <= size && size <= 65536 && 0 <= first && first <= last && last < 1048576 && cap >= 0;
      @   requires 0 <= queryFrom && queryFrom <= query.length - size && 0 <= outputFrom
      @       && outputFrom <= output.length - size;
      @   requires ((long) last - first + 1) * size <= keys.length
      @       && ((long) last - first + 1) * size <= values.length;
      @   requires output != query && output != keys && output != values;
      @   assignable output[outputFrom .. outputFrom + size - 1];
      @   ensures (\forall int d; 0 <= d && d < size; Float.floatToIntBits(output[outputFrom + d])
      @     == Float.floatToIntBits(productSum(query, queryFrom, keys, size, (int) (last - first + 1), values, d,
      @         first, scale, cap, sink) / weightSum(query, queryFrom, keys, size, (int) (last - first + 1), first,
      @         scale, cap, sink)));
      @*/
    public static void attend(
            float[] query,
            int queryFrom,
            float[] keys,
            float[] values,
            int size,
            int first,
            int last,
            float scale,
            float cap,
            float sink,
            float[] output,
            int outputFrom) {
        int count = last - first + 1;
        float[] weights = new float[count];
        float largest = sink;
        //@ loop_invariant 0 <= t && t <= count && \fresh(weights) && weights.length == count;
        /*@ loop_invariant Float.floatToIntBits(largest)
          @     == Float.floatToIntBits(largest(query, queryFrom, keys, size, count, t, scale, cap, sink)); @*/
        /*@ loop_invariant (\forall int i; 0 <= i && i < t;
          @     Float.floatToIntBits(weights[i]) == Float.floatToIntBits(score(query, queryFrom, keys, size,
          @     count, i, scale, cap))); @*/
        //@ loop_writes weights[*];
        //@ decreases count - t;
        for (int t = 0; t < count; t++) {
            float product = StridedSum.dot(query, queryFrom, keys, t * size, size) * scale;
            float score = cap > 0 ? ElementaryFunctions.softCap(product, cap) : product;
            weights[t] = score;
            largest = Math.max(largest, score);
        }
        // The strided sum of REQ-OPS-002, whose index is the position.
        float[] lanes = new float[StridedSum.LANES];
        /*@ loop_invariant 0 <= t && t <= count && \fresh(weights) && weights.length == count && \fresh(lanes)
          @     && lanes.length == 16 && lanes != weights; @*/
        /*@ loop_invariant (\forall int i; 0 <= i && i < t;
          @     Float.floatToIntBits(weights[i]) == Float.floatToIntBits(weight(query, queryFrom, keys, size,
          @     count, i, scale, cap, sink))); @*/
        /*@ loop_invariant (\forall int i; t <= i && i < count;
          @     Float.floatToIntBits(weights[i]) == Float.floatToIntBits(score(query, queryFrom, keys, size,
          @     count, i, scale, cap))); @*/
        /*@ loop_invariant (\forall int l; 0 <= l && l < 16;
          @     Float.floatToIntBits(lanes[l]) == Float.floatToIntBits(weightLane(query, queryFrom, keys, size,
          @     count, first, t, l, scale, cap, sink))); @*/
        //@ loop_writes weights[*], lanes[*];
        //@ decreases count - t;
        for (int t = 0; t < count; t++) {
            float weight = ElementaryFunctions.exp(weights[t] - largest);
            weights[t] = weight;
            lanes[(first + t) % StridedSum.LANES] = lanes[(first + t) % StridedSum.LANES] + weight;
        }
        float total = StridedSum.tree(lanes) + ElementaryFunctions.exp(sink - largest);
        //@ loop_invariant 0 <= d && d <= size;
        /*@ loop_invariant (\forall int e; 0 <= e && e < d;
          @     Float.floatToIntBits(output[outputFrom + e])
          @     == Float.floatToIntBits(productSum(query, queryFrom, keys, size, count, values, e, first, scale,
          @     cap, sink) / total)); @*/
        //@ loop_writes output[outputFrom .. outputFrom + size - 1];
        //@ decreases size - d;
        for (int d = 0; d < size; d++) {
            float[] products = new float[StridedSum.LANES];
            /*@ loop_invariant 0 <= t && t <= count && \fresh(products) && products.length == 16
              @     && products != weights; @*/
            /*@ loop_invariant (\forall int l; 0 <= l && l < 16;
              @     Float.floatToIntBits(products[l]) == Float.floatToIntBits(productLane(query, queryFrom, keys,
              @     size, count, values, d, first, t, l, scale, cap, sink))); @*/
            //@ loop_writes products[*];
            //@ decreases count - t;
            for (int t = 0; t < count; t++) {
                products[(first + t) % StridedSum.LANES] =
                        products[(first + t) % StridedSum.LANES] + weights[t] * values[t * size + d];
            }
            output[outputFrom + d] = StridedSum.tree(products) / total;
        }
    }
}
