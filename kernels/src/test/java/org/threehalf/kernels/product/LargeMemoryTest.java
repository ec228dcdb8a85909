package org.threehalf.kernels.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory of the size that was asked for, zero, aligned, writable to its ends, and gone with its arena. */
class LargeMemoryTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4_096, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 9_000_001})
    void memoryIsWhatWasAskedFor(long bytes) {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = LargeMemory.of(arena).allocate(bytes, 64);
            assertEquals(bytes, memory.byteSize());
            assertEquals(0, memory.address() % 64);
            for (long at = 0; at < bytes; at += 4_095) {
                assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, at));
            }
            memory.fill((byte) 7);
            if (bytes > 0) {
                assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, bytes - 1));
            }
            MemorySegment bounded = memory;
            assertThrows(IndexOutOfBoundsException.class, () -> bounded.get(ValueLayout.JAVA_BYTE, bytes));
        }
        MemorySegment closed = memory;
        assertThrows(IllegalStateException.class, () -> closed.fill((byte) 1));
    }
}
