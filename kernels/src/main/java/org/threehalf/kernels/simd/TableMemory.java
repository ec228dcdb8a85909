package org.threehalf.kernels.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Cleaner;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Memory for the tables of {@link BlockKernel}, each beginning at a cache line where that can be had.
 *
 * <p>A 64-byte load that crosses a cache line takes one and a half cycles on Zen 4 instead of one, and tables are what
 * the kernel loads most: a fifth of its time. Java cannot align an array, and in off-heap memory the loads' checks are
 * more than the compiler takes in one method. But G1 puts an array of half a region or more at the start of a region.
 * So one such array is shared by all tables. With another collector the tables lie where they lie; only speed depends
 * on it.
 */
final class TableMemory {

    /** The most that a block's tables take. */
    static final int BYTES = 8_192;

    private static final int CACHE_LINE = 64;
    // Bytes of an array's header.
    private static final int HEADER = 16;
    private static final int LARGEST_ARRAY = 32 << 20;
    private static final Cleaner CLEANER = Cleaner.create();
    private static final BitSet LEASED = new BitSet();
    private static byte @Nullable [] shared;

    private TableMemory() {}

    /**
     * Part of an array.
     *
     * @param array where the tables are
     * @param from the first byte
     */
    record Lease(byte[] array, int from) {}

    /** Memory that belongs to {@code owner} until it is unreachable. */
    static synchronized Lease lease(Object owner) {
        byte[] array = shared;
        if (array == null) {
            array = new byte[arrayBytes()];
            shared = array;
        }
        int slot = LEASED.nextClearBit(0);
        int from = CACHE_LINE - HEADER + slot * BYTES;
        if (from + BYTES > array.length) {
            return new Lease(new byte[BYTES], 0);
        }
        LEASED.set(slot);
        CLEANER.register(owner, () -> release(slot));
        return new Lease(array, from);
    }

    private static synchronized void release(int slot) {
        LEASED.clear(slot);
    }

    /** Enough for 64 threads, and for G1 to put it at the start of a region. */
    private static int arrayBytes() {
        int enough = 64 * BYTES + CACHE_LINE;
        HotSpotDiagnosticMXBean hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (hotSpot == null || !hotSpot.getVMOption("UseG1GC").getValue().equals("true")) {
            return enough;
        }
        return (int) Math.min(
                LARGEST_ARRAY,
                Math.max(
                        enough,
                        Long.parseLong(hotSpot.getVMOption("G1HeapRegionSize").getValue()) / 2 + CACHE_LINE));
    }
}
