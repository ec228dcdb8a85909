package org.threehalf.backends.llvm;

import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * How a format's codes lie in memory for a byte dot product: 16 rows × 4 inputs a vector of 64 bytes, byte 4·r + i for
 * row r.
 *
 * <p>A <b>strip</b> is 16 rows. A strip's codes of one block of 64 inputs take the bytes of 16 packed blocks and not
 * one more, a vector in the place of four bytes: {@link CodeLayout} and {@link WindowLayout} say which. Expanded they
 * are 16 vectors of weights, q = 0 … 15, each of four of the block's {@link #inputs}.
 *
 * <p>A matrix is strip after strip, and in a strip block after block. A product goes through the four strips of a
 * <b>group</b> of 64 rows side by side: four streams in memory, which a processor's prefetch follows better than one.
 * Sub-scales: group after group, in a group 64 bytes for two blocks, byte r for row r, with the even block's in the low
 * nibble (REQ-PCK-006).
 */
sealed interface TileLayout permits CodeLayout, WindowLayout {

    /** Rows a group. */
    int ROWS = 64;
    /** Rows a strip. */
    int STRIP = 16;
    /** Bytes a vector. */
    int VECTOR = 64;
    /** Vectors of weights a half of a block. */
    int QUADS = 8;

    /** The layout of a format, as some instructions read it. */
    static TileLayout of(Format format, Instructions instructions) {
        FormatTraits traits = format.traits();
        return traits.windowed()
                ? new WindowLayout(traits.evenBits(), traits.oddBits(), instructions.cutsWords())
                : new CodeLayout(traits.evenBits(), traits.oddBits());
    }

    /** Vectors of a strip's block in memory. */
    int vectors();

    /**
     * The input of a block that each byte of the vectors of weights belongs to: vector q has bytes 4q … 4q + 3 of each
     * row.
     */
    int[] inputs();

    /** The vectors of weights that a product for one token takes together, {@link #QUADS} times two: the first. */
    int firstOf(int turn);

    /** The second of them. */
    int secondOf(int turn);

    /**
     * Stores a row's block.
     *
     * @param packed the row's packed codes (REQ-PCK-001, REQ-PCK-009)
     * @param from where the block begins in them
     * @param group where the group is
     * @param at of {@link #offset}
     */
    void put(byte[] packed, int from, byte[] group, int at);

    /** A row's block, as codes: the inverse of {@link #put} with the unpacking of REQ-PCK-008. */
    void get(byte[] group, int at, byte[] codes);

    /** Bytes of a strip's block. */
    default int stripBytes() {
        return vectors() * VECTOR;
    }

    /**
     * The first byte of a row's block in its group.
     *
     * @param row its number in the group
     * @param blocks blocks a row
     */
    default int offset(int row, int block, int blocks) {
        return (row / STRIP * blocks + block) * stripBytes() + row % STRIP * 4;
    }

    /** What is added to the values of a format's tables so that none is negative: 128, 8, 31 or 23. */
    static int bias(Format format) {
        return -Math.min(format.even().min(), format.odd().min());
    }

    /** The largest of a format's tables with the bias added: 255, 15, 62 or 46. */
    static int largest(Format format) {
        return bias(format) + Math.max(format.even().max(), format.odd().max());
    }
}
