package org.threehalf.backends.spi.decoder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.threehalf.backends.spi.decoder.Step.Cache;

/**
 * A text's keys and values on the host (REQ-ATT-001): of each layer, for each key and value head, {@code capacity}
 * positions of n binary32.
 */
final class KeyValueCache implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final DecoderConfig config;
    private final int capacity;
    private final MemorySegment[] keys;
    private final MemorySegment[] values;
    private int fed;

    /**
     * A cache with nothing in it.
     *
     * @throws IllegalStateException if there is no memory for it
     */
    KeyValueCache(DecoderConfig config, int layers, int capacity) {
        this.config = config;
        this.capacity = capacity;
        keys = new MemorySegment[layers];
        values = new MemorySegment[layers];
        long bytes = (long) config.keyValueWidth() * capacity * Float.BYTES;
        try {
            for (int i = 0; i < layers; i++) {
                keys[i] = arena.allocate(bytes, 64);
                values[i] = arena.allocate(bytes, 64);
            }
        } catch (OutOfMemoryError full) {
            arena.close();
            throw new IllegalStateException(
                    "no memory for a cache of keys and values of %,d bytes: ask for a shorter context or fewer slots"
                            .formatted(2 * layers * bytes),
                    full);
        }
    }

    /** Positions that were fed. */
    int fed() {
        return fed;
    }

    /** So many positions were fed; what comes after them is forgotten. */
    void setFed(int positions) {
        fed = positions;
    }

    private long headBytes() {
        return (long) capacity * config.headSize() * Float.BYTES;
    }

    private MemorySegment of(Cache cache, int layer) {
        return switch (cache) {
            case KEYS -> keys[layer];
            case VALUES -> values[layer];
        };
    }

    /** The positions of a key and value head, one after the other. */
    MemorySegment head(Cache cache, int layer, int head) {
        return of(cache, layer).asSlice(head * headBytes(), headBytes());
    }

    /** Puts a position's keys or values of all heads into it. */
    void put(Cache cache, int layer, int position, float[] x) {
        int n = config.headSize();
        for (int head = 0; head < config.keyValueHeads(); head++) {
            MemorySegment.copy(
                    x,
                    head * n,
                    of(cache, layer),
                    ValueLayout.JAVA_FLOAT,
                    head * headBytes() + (long) position * n * Float.BYTES,
                    n);
        }
    }

    /** Takes over the first positions of a layer from another cache. */
    void copy(KeyValueCache from, int layer, int positions) {
        long bytes = (long) positions * config.headSize() * Float.BYTES;
        for (Cache cache : Cache.values()) {
            for (int head = 0; head < config.keyValueHeads(); head++) {
                MemorySegment.copy(
                        from.of(cache, layer), head * headBytes(), of(cache, layer), head * headBytes(), bytes);
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
