package org.threehalf.kernels.transformer;

import java.lang.foreign.MemorySegment;

/**
 * The operands of an attention: some query heads, one after the other, that share keys and values, and what they see
 * (REQ-ATT-002 to REQ-ATT-006).
 *
 * <p>Devices and fast kernels take it; the reference, {@link Attention#attend}, has its operands one by one, as the
 * prover reads arrays and numbers, but no segments.
 *
 * @param query holds the rotated queries from {@code queryFrom}, {@code size} elements each
 * @param queryFrom where they begin
 * @param count how many heads, 0 … 4096
 * @param keys the keys of the key head: position t is at byte t · size · 4, in the platform's byte order
 * @param values the values, likewise
 * @param size n, 1 … 65,536
 * @param first the first position seen, at least 0
 * @param last the last position seen, from {@code first} to 2²⁰ − 1
 * @param scale c
 * @param cap the cap of the scores, or 0 for none
 * @param sinks the sinks of all heads of a layer with sinks (REQ-ATT-006), of which those from {@code sinksFrom} are
 *     these heads'; an empty array where it has none
 * @param sinksFrom where they begin, 0 where there are none
 * @param output where the outputs go from {@code outputFrom}, {@code size} elements each; not {@code query}
 * @param outputFrom where they begin
 */
public record AttentionHeads(
        float[] query,
        int queryFrom,
        int count,
        MemorySegment keys,
        MemorySegment values,
        int size,
        int first,
        int last,
        float scale,
        float cap,
        float[] sinks,
        int sinksFrom,
        float[] output,
        int outputFrom) {
    private static final float[] NO_SINKS = {};
    private static final int MOST_HEADS = 4096;
    private static final int LARGEST_HEAD = 65_536;

    /** Heads of a layer without sinks. */
    public AttentionHeads(
            float[] query,
            int queryFrom,
            int count,
            MemorySegment keys,
            MemorySegment values,
            int size,
            int first,
            int last,
            float scale,
            float cap,
            float[] output,
            int outputFrom) {
        this(query, queryFrom, count, keys, values, size, first, last, scale, cap, NO_SINKS, 0, output, outputFrom);
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is outside its range, or an array or a segment is too short for it
     */
    public AttentionHeads {
        boolean counts = 0 <= count
                && count <= MOST_HEADS
                && 1 <= size
                && size <= LARGEST_HEAD
                && 0 <= first
                && first <= last
                && last < RotaryAngles.POSITIONS
                && cap >= 0;
        if (!counts || output == query) {
            throw new IllegalArgumentException("%d heads of %d elements, positions %d to %d, cap %s%s"
                    .formatted(count, size, first, last, cap, output == query ? ", in place" : ""));
        }
        int elements = count * size;
        if (queryFrom < 0
                || queryFrom > query.length - elements
                || outputFrom < 0
                || outputFrom > output.length - elements) {
            throw new IllegalArgumentException("%,d elements from %,d of %,d and to %,d of %,d"
                    .formatted(elements, queryFrom, query.length, outputFrom, output.length));
        }
        if (sinks.length > 0 ? sinksFrom < 0 || sinksFrom > sinks.length - count || sinks == output : sinksFrom != 0) {
            throw new IllegalArgumentException("%,d sinks from %,d of %,d".formatted(count, sinksFrom, sinks.length));
        }
        long bytes = (last + 1L) * size * Float.BYTES;
        if (keys.byteSize() < bytes || values.byteSize() < bytes) {
            throw new IllegalArgumentException("keys of %,d bytes and values of %,d: position %,d ends at %,d"
                    .formatted(keys.byteSize(), values.byteSize(), last, bytes));
        }
    }

    /** How many positions are seen. */
    public int positions() {
        return last - first + 1;
    }

    /** One of the heads. */
    public AttentionHeads head(int number) {
        return new AttentionHeads(
                query,
                queryFrom + number * size,
                1,
                keys,
                values,
                size,
                first,
                last,
                scale,
                cap,
                sinks,
                sinks.length == 0 ? 0 : sinksFrom + number,
                output,
                outputFrom + number * size);
    }

    /** The sink of one of the heads (REQ-ATT-006); −∞, which changes no bit, where there is none. */
    public float sink(int number) {
        return sinks.length == 0 ? Float.NEGATIVE_INFINITY : sinks[sinksFrom + number];
    }

    /** The keys of the positions that are seen. */
    public MemorySegment seenKeys() {
        return seen(keys);
    }

    /** The values of the positions that are seen. */
    public MemorySegment seenValues() {
        return seen(values);
    }

    private MemorySegment seen(MemorySegment cache) {
        long rowBytes = (long) size * Float.BYTES;
        return cache.asSlice(first * rowBytes, positions() * rowBytes);
    }
}
