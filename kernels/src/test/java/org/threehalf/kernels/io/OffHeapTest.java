package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffHeapTest {
    /** Less than a chunk, one, one and a byte, some. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 200_000})
    void whatIsWrittenIsRead(int size) throws IOException {
        byte[] bytes = new byte[size];
        new SplittableRandom(size).nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(size);
            assertTrue(OffHeap.read(new ByteArrayInputStream(bytes), memory));
            assertArrayEquals(bytes, memory.toArray(ValueLayout.JAVA_BYTE));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            OffHeap.write(memory, out);
            assertArrayEquals(bytes, out.toByteArray());
            ByteArrayInputStream rest = new ByteArrayInputStream(new byte[size + 3]);
            assertTrue(OffHeap.read(rest, memory));
            assertEquals(3, rest.available());
            if (size > 0) {
                assertFalse(OffHeap.read(new ByteArrayInputStream(bytes, 0, size - 1), memory));
            }
        }
    }
}
