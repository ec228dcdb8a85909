package org.threehalf.kernels.product;

import org.threehalf.kernels.format.Format;

/**
 * A matrix of N × K in a kernel's own layout. Immutable, and safe to read from several threads as long as its arena is open.
 *
 * <p>Rows are grouped in <b>grains</b> of {@link #grain} rows, the last one possibly shorter; work is split between threads at their borders.
 */
public interface KernelMatrix {

    /** Receives integer results. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes the results of some rows for one token. The array is reused afterwards.
         *
         * @param token the token's number
         * @param row the first row
         * @param sums its result is {@code sums[0]}
         * @param count the number of rows
         */
        void put(int token, int row, int[] sums, int count);
    }

    /** The memory that one thread computes in, kept from product to product so that none is allocated between matrices. */
    interface Scratch {}

    /** The format of every row. */
    Format format();

    /** N. */
    int rows();

    /** K. */
    int columns();

    /** The rows of a grain. */
    int grain();

    /** Bytes of codes and sub-scales that a product with one token reads, with the layout's own padding. */
    long bytesRead();

    /** New memory for a thread, for matrices of this kernel of any shape; it grows when it must. */
    Scratch scratch();

    /**
     * The integer results of some rows for some tokens (REQ-DOT-001), on the calling thread.
     *
     * @param tokens T tokens of at least K codes in [−127, 127]; only the first K of each are read
     * @param count T ≥ 1; entries of {@code tokens} past it are not looked at
     * @param fromGrain the first grain
     * @param toGrain past the last grain
     * @param scratch from {@link #scratch}, used by no other thread at the same time
     * @param sink told of every row of those grains, once for each token
     */
    void sums(byte[][] tokens, int count, int fromGrain, int toGrain, Scratch scratch, Sink sink);

    /** The number of grains, ⌈N / {@link #grain}⌉. */
    default int grains() {
        return (rows() + grain() - 1) / grain();
    }
}
