package org.threehalf.backends.llvm;

import java.lang.foreign.MemorySegment;

/** The functions of the operations, as {@link OperationsGenerator} describes them, wherever they run. */
interface OperationsCode {

    /** {@link OperationsGenerator#SILU}. */
    void silu(MemorySegment gate, MemorySegment up, long vectors);

    /** {@link OperationsGenerator#GELU}. */
    void gelu(MemorySegment gate, MemorySegment up, long vectors);

    /** {@link OperationsGenerator#ADD}. */
    void add(MemorySegment x, MemorySegment addition, long vectors);

    /** {@link OperationsGenerator#NORMALIZE}. */
    void normalize(MemorySegment x, MemorySegment weights, long vectors, float n, float epsilon);

    /** {@link OperationsGenerator#ROTATE}. */
    void rotate(MemorySegment x, MemorySegment cosines, MemorySegment sines, long vectors);

    /** {@link OperationsGenerator#LARGEST}. */
    void largest(MemorySegment x, MemorySegment result, long vectors);

    /** {@link OperationsGenerator#CODES}. */
    void codes(MemorySegment x, MemorySegment codes, long vectors, float scale);

    /** {@link OperationsGenerator#WEIGHTS}. */
    void weights(MemorySegment scores, long vectors, long count, float scale, float cap);

    /** {@link OperationsGenerator#CAPPED_WEIGHTS}. */
    void cappedWeights(MemorySegment scores, long vectors, long count, float scale, float cap);

    /** {@link OperationsGenerator#DOTS}. */
    void dots(MemorySegment rows, MemorySegment x, MemorySegment results, long groups, long vectors);

    /** {@link DecodingGenerator#DECODE} of an encoding. */
    void decode(BlockEncoding encoding, MemorySegment data, MemorySegment values, long blocks);

    /** How many heads {@link #scores} and {@link #mix} can take at once, from the most down to 1. */
    int[] heads();

    /**
     * {@link OperationsGenerator#SCORES}.
     *
     * @param choice of {@link #heads}
     */
    void scores(
            int choice,
            MemorySegment query,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment scores,
            long vectors,
            long count,
            long stride);

    /**
     * {@link OperationsGenerator#MIX}.
     *
     * @param choice of {@link #heads}
     */
    void mix(
            int choice,
            MemorySegment weights,
            MemorySegment values,
            MemorySegment output,
            long vectors,
            long count,
            long stride);
}
