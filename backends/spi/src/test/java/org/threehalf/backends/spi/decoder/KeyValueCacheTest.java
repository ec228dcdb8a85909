package org.threehalf.backends.spi.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.decoder.Step.Cache;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation;

/** What was put into a cache stays where heads are looked for, however often it grew (REQ-ATT-001). */
class KeyValueCacheTest {
    private static final int HEADS = 3;
    private static final int SIZE = 4;
    private static final int LAYERS = 2;
    private static final int CAPACITY = 1100;

    private static final DecoderConfig CONFIG =
            new DecoderConfig(8, 12, HEADS, HEADS, SIZE, 16, 1e-6f, 1, 1, 0, 0, Activation.SILU, Rotation.Layout.SPLIT);

    /** A number of its own for each element: what a float holds exactly. */
    private static float element(Cache cache, int layer, int position, int head, int i) {
        return (((cache.ordinal() * LAYERS + layer) * CAPACITY + position) * HEADS + head) * SIZE + i;
    }

    private static void put(KeyValueCache into, int position) {
        for (Cache cache : Cache.values()) {
            for (int layer = 0; layer < LAYERS; layer++) {
                float[] x = new float[HEADS * SIZE];
                for (int j = 0; j < x.length; j++) {
                    x[j] = element(cache, layer, position, j / SIZE, j % SIZE);
                }
                into.put(cache, layer, position, x);
            }
        }
    }

    private static void assertHolds(KeyValueCache held, int positions) {
        for (Cache cache : Cache.values()) {
            for (int layer = 0; layer < LAYERS; layer++) {
                for (int head = 0; head < HEADS; head++) {
                    MemorySegment all = held.head(cache, layer, head);
                    for (int at = 0; at < positions * SIZE; at++) {
                        assertEquals(
                                element(cache, layer, at / SIZE, head, at % SIZE),
                                all.getAtIndex(ValueLayout.JAVA_FLOAT, at));
                    }
                }
            }
        }
    }

    @Test
    void growingKeepsWhatIsThere() {
        try (KeyValueCache cache = new KeyValueCache(CONFIG, LAYERS, CAPACITY);
                KeyValueCache copy = new KeyValueCache(CONFIG, LAYERS, CAPACITY)) {
            int put = 0;
            // One at a time, past the room of the beginning, and in a jump to the capacity.
            for (int to : new int[] {1, 2, 255, 256, 257, 600, CAPACITY}) {
                cache.reserve(to);
                for (; put < to; put++) {
                    put(cache, put);
                }
                assertHolds(cache, put);
            }
            assertEquals(
                    (long) CAPACITY * SIZE * Float.BYTES,
                    cache.head(Cache.KEYS, 1, 2).byteSize());
            // Into one that has another room.
            copy.reserve(300);
            for (int layer = 0; layer < LAYERS; layer++) {
                copy.copy(cache, layer, 300);
            }
            assertHolds(copy, 300);
        }
    }
}
