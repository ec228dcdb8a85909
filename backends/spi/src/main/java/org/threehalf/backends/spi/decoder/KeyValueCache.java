package org.threehalf.backends.spi.decoder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.threehalf.backends.spi.decoder.Step.Cache;

/**
 * A text's keys and values on the host (REQ-ATT-001): of each layer, for each key and value head, positions of n
 * binary32. Memory for them is taken as they come, twice as much each time, up to the capacity: most texts are much
 * shorter than the model's context, and what is taken is filled with zeros first.
 */
final class KeyValueCache implements AutoCloseable {
    /** Positions that there is room for at first. */
    private static final int FIRST = 256;

    private final DecoderConfig config;
    private final int capacity;
    private final Arena[] arenas;
    private final MemorySegment[] keys;
    private final MemorySegment[] values;
    /** Positions that there is room for, of each layer. */
    private final int[] room;

    private int fed;

    /**
     * A cache with nothing in it.
     *
     * @param capacity positions that it may come to hold
     * @throws IllegalStateException if there is no memory for its beginning
     */
    KeyValueCache(DecoderConfig config, int layers, int capacity) {
        this.config = config;
        this.capacity = capacity;
        arenas = new Arena[layers];
        keys = new MemorySegment[layers];
        values = new MemorySegment[layers];
        room = new int[layers];
        Arrays.setAll(arenas, layer -> Arena.ofShared());
        Arrays.fill(keys, MemorySegment.NULL);
        Arrays.fill(values, MemorySegment.NULL);
        try {
            reserve(Math.min(capacity, FIRST));
        } catch (IllegalStateException full) {
            close();
            throw full;
        }
    }

    /**
     * Has room for the first positions, and keeps what is there. Not beside any other use.
     *
     * @param positions at most the capacity
     * @throws IllegalStateException if there is no memory for them; what is there stays
     */
    void reserve(int positions) {
        for (int layer = 0; layer < room.length; layer++) {
            if (room[layer] < positions) {
                grow(layer, (int) Math.min(capacity, Math.max(positions, 2L * room[layer])));
            }
        }
    }

    private void grow(int layer, int more) {
        long bytes = headBytes(more) * config.keyValueHeads();
        long held = headBytes(room[layer]);
        Arena arena = Arena.ofShared();
        try {
            MemorySegment grownKeys = arena.allocate(bytes, 64);
            MemorySegment grownValues = arena.allocate(bytes, 64);
            for (int head = 0; head < config.keyValueHeads(); head++) {
                MemorySegment.copy(keys[layer], head * held, grownKeys, head * headBytes(more), held);
                MemorySegment.copy(values[layer], head * held, grownValues, head * headBytes(more), held);
            }
            arenas[layer].close();
            arenas[layer] = arena;
            keys[layer] = grownKeys;
            values[layer] = grownValues;
            room[layer] = more;
        } catch (OutOfMemoryError full) {
            arena.close();
            throw new IllegalStateException(
                    "no memory for a cache of keys and values of %,d bytes: ask for a shorter context or fewer slots"
                            .formatted(2 * arenas.length * bytes),
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

    /** Bytes of a head's positions. */
    private long headBytes(int positions) {
        return (long) positions * config.headSize() * Float.BYTES;
    }

    private MemorySegment of(Cache cache, int layer) {
        return switch (cache) {
            case KEYS -> keys[layer];
            case VALUES -> values[layer];
        };
    }

    /** The positions of a key and value head that there is room for, one after the other. */
    MemorySegment head(Cache cache, int layer, int head) {
        return of(cache, layer).asSlice(head * headBytes(room[layer]), headBytes(room[layer]));
    }

    /** Puts a position's keys or values of all heads into it; there is room for it. */
    void put(Cache cache, int layer, int position, float[] x) {
        int n = config.headSize();
        for (int head = 0; head < config.keyValueHeads(); head++) {
            MemorySegment.copy(
                    x,
                    head * n,
                    of(cache, layer),
                    ValueLayout.JAVA_FLOAT,
                    head * headBytes(room[layer]) + headBytes(position),
                    n);
        }
    }

    /** Takes over the first positions of a layer from another cache; there is room for them. */
    void copy(KeyValueCache from, int layer, int positions) {
        long bytes = headBytes(positions);
        for (Cache cache : Cache.values()) {
            for (int head = 0; head < config.keyValueHeads(); head++) {
                MemorySegment.copy(
                        from.of(cache, layer),
                        head * headBytes(from.room[layer]),
                        of(cache, layer),
                        head * headBytes(room[layer]),
                        bytes);
            }
        }
    }

    @Override
    public void close() {
        for (Arena arena : arenas) {
            arena.close();
        }
    }
}
