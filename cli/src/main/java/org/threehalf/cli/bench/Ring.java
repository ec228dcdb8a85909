package org.threehalf.cli.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.threehalf.kernels.product.LargeMemory;

/**
 * Memory larger than every cache, from which matrices are made one behind the other, so that each is cold when its turn
 * comes. In huge pages, as the kernels' own.
 */
final class Ring implements AutoCloseable {

    private static final long PIECE = 1 << 20;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    /**
     * A ring of random bytes.
     *
     * @param bytes its size, rounded up to a multiple of 1 MiB
     */
    Ring(long bytes) {
        long size = (bytes + PIECE - 1) / PIECE * PIECE;
        try {
            memory = LargeMemory.of(arena).allocate(size, 4_096);
        } catch (OutOfMemoryError full) {
            arena.close();
            throw new IllegalArgumentException(
                    "no memory for a ring of %,d MiB: give a smaller one with --memory".formatted(size >> 20), full);
        }
        fill(-1L, 0);
    }

    long bytes() {
        return memory.byteSize();
    }

    MemorySegment memory() {
        return memory;
    }

    /** Fills it with random bits, of which those outside the mask are set as in {@code set}. */
    void fill(long mask, long set) {
        LongStream.range(0, memory.byteSize() / PIECE).parallel().forEach(piece -> {
            SplittableRandom random = new SplittableRandom(piece);
            for (long at = piece * PIECE; at < (piece + 1) * PIECE; at += Long.BYTES) {
                memory.set(ValueLayout.JAVA_LONG, at, random.nextLong() & mask | set);
            }
        });
    }

    /** Fills it with binary32 numbers in [0.5, 1). */
    void fillFloats() {
        fill(0x007fffff007fffffL, 0x3f0000003f000000L);
    }

    /** Gives its memory from the start again, as it is. */
    SegmentAllocator allocator() {
        return SegmentAllocator.slicingAllocator(memory);
    }

    @Override
    public void close() {
        arena.close();
    }
}
