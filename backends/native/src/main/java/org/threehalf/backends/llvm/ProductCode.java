package org.threehalf.backends.llvm;

import java.lang.foreign.MemorySegment;

/** A format's functions, as {@link ProductGenerator} describes them, wherever they run. */
interface ProductCode {

    /** How the codes lie that it multiplies. */
    TileLayout layout();

    /** {@link ProductGenerator#ARRANGE}. */
    void arrange(MemorySegment token, MemorySegment activations, MemorySegment corrections, long blocks, long stride);

    /** {@link ProductGenerator#GEMV}. */
    void gemv(
            MemorySegment codes,
            MemorySegment subscales,
            MemorySegment activations,
            MemorySegment corrections,
            MemorySegment sums,
            long blocks,
            long groups);

    /** {@link ProductGenerator#GEMM}. */
    void gemm(
            MemorySegment codes,
            MemorySegment subscales,
            MemorySegment activations,
            MemorySegment corrections,
            MemorySegment sums,
            MemorySegment expanded,
            long blocks,
            long tokens);
}
