package org.threehalf.kernels.simd;

import java.lang.foreign.MemorySegment;

/**
 * The inner kernel of a product with several tokens: one tile of a group of rows, expanded once, with every token. Has
 * no state.
 */
interface TileKernel {

    /** Tokens that {@link #multiply} takes at a time; their number must be a multiple of it. */
    int TOKENS = 4;

    /**
     * Expands a tile to integers.
     *
     * @param codes the matrix's tiles
     * @param tile the tile
     * @param subscales the matrix's sub-scales; not read by formats without
     * @param subscalesAt the group's
     * @param shift 0 if the block's sub-scale is in the low nibble, 4 if in the high one
     * @param weights where the 64 · L values T[c] go: input by input, the even lanes and then the odd ones
     * @param m where the L sub-scales go, in the order of the rows; not written by formats without
     */
    void expand(
            MemorySegment codes,
            long tile,
            MemorySegment subscales,
            long subscalesAt,
            int shift,
            short[] weights,
            int[] m);

    /**
     * Adds m · Σ a_k·T[c_k] to the sums of the group's rows.
     *
     * @param weights from {@link #expand}
     * @param m from {@link #expand}
     * @param activations 64 for each token, 0 for inputs past K
     * @param tokens a multiple of {@link #TOKENS}
     * @param sums token t's sums are at {@code at + t * stride}
     */
    void multiply(short[] weights, int[] m, short[] activations, int tokens, int[] sums, int at, int stride);
}
