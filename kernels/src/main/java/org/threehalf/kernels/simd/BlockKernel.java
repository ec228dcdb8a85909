package org.threehalf.kernels.simd;

import java.lang.foreign.MemorySegment;

/**
 * The inner kernel of one layout at one vector width: a block of one token with that block of many rows. Has no state.
 */
interface BlockKernel {

    /** Bytes of a block's tables. */
    int tableBytes();

    /**
     * Makes the tables of a block.
     *
     * @param activations 64 activations in [−127, 127], 0 for inputs past K
     * @param tables where they go: {@link #tableBytes} bytes
     * @param from the first of them
     */
    void fillTables(byte[] activations, byte[] tables, int from);

    /**
     * Adds m · Σ a_k·T[c_k] of the block to the rows' sums.
     *
     * @param codes the matrix's tiles
     * @param at the first group's tile
     * @param subscales the matrix's sub-scales, a nibble a row in the order of the lanes; not read by formats without
     * @param subscalesAt the first group's
     * @param shift 0 if the block's sub-scale is in the low nibble, 4 if in the high one
     * @param groups how many groups
     * @param tables from {@link #fillTables}
     * @param from their first byte
     * @param partial memory for 128 numbers, the kernel's own during the call
     * @param sums the groups' rows, from index 0
     */
    void addBlock(
            MemorySegment codes,
            long at,
            MemorySegment subscales,
            long subscalesAt,
            int shift,
            int groups,
            byte[] tables,
            int from,
            short[] partial,
            int[] sums);
}
