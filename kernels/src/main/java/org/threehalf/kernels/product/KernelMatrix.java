package org.threehalf.kernels.product;

import org.threehalf.kernels.format.Format;

/**
 * A matrix of N × K in a kernel's own layout. Immutable, and safe to read from several threads as long as its arena is
 * open.
 *
 * <p>Rows are grouped in <b>tiles</b> of {@link #tileRows} rows, the last one possibly shorter; work is split between
 * threads at their borders.
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

    /**
     * The memory that one thread computes in, kept from product to product so that none is allocated between matrices.
     */
    interface Scratch {}

    /** The format of every row. */
    /*@ pure @*/ Format format();

    /** N. */
    /*@ pure @*/ int rows();

    /** K. */
    /*@ pure @*/ int columns();

    /** The rows of a tile. */
    /*@ public normal_behavior
      @   ensures \result >= 1;
      @*/
    /*@ pure @*/ int tileRows();

    /** Bytes of codes and sub-scales that a product with one token reads, with the layout's own padding. */
    long bytesRead();

    /** New memory for a thread, for matrices of this kernel of any shape; it grows when it must. */
    Scratch scratch();

    /**
     * The integer results of some rows for some tokens (REQ-DOT-001), on the calling thread.
     *
     * @param tokens T tokens of at least K codes in [−127, 127]; only the first K of each are read
     * @param count T ≥ 1; entries of {@code tokens} past it are not looked at
     * @param fromTile the first tile
     * @param toTile past the last tile
     * @param scratch from {@link #scratch}, used by no other thread at the same time
     * @param sink told of every row of those tiles, once for each token
     */
    /*@ public normal_behavior
      @   requires 1 <= count && count <= tokens.length;
      @   requires (\forall int t; 0 <= t && t < count; tokens[t].length >= columns());
      @   requires (\forall int t; 0 <= t && t < count; (\forall int k; 0 <= k && k < columns();
      @       tokens[t][k] != -128));
      @   requires 0 <= fromTile && fromTile <= toTile && toTile <= tiles();
      @*/
    void sums(byte[][] tokens, int count, int fromTile, int toTile, Scratch scratch, Sink sink);

    /** The number of tiles, ⌈N / {@link #tileRows}⌉. */
    /*@ public normal_behavior
      @   ensures (long) (\result - 1) * tileRows() < rows() && rows() <= (long) \result * tileRows();
      @*/
    /*@ pure @*/ default int tiles() {
        return (rows() + tileRows() - 1) / tileRows();
    }
}
