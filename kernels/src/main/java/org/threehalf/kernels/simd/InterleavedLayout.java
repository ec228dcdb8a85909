package org.threehalf.kernels.simd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import org.threehalf.kernels.reference.RowPacking;

/**
 * How the codes of a group of rows lie in vectors: one row a byte lane, and one or two inputs a byte.
 *
 * <p>A group has as many rows as a vector has bytes (L = 16, 32 or 64). Its codes of one block of 64 inputs are a
 * <b>tile</b> of {@link #vectors} vectors; a matrix is stored block after block and in a block group after group, so
 * that a block's tables serve all groups and memory is read in order. Pair p (0 … 31) of a block is its inputs 2p and
 * 2p + 1, and the pair's <b>index</b> is the even code with the odd code above it. A tile takes exactly the bytes of
 * the packed form (REQ-PCK-001), so nothing is lost but the rows that fill up the last group.
 *
 * <p>Row r of a group lies in lane 4·(r mod L/4) + ⌊4r/L⌋: widening bytes to int32 takes every fourth byte, and this
 * order makes the widened vectors hold neighbouring rows.
 */
enum InterleavedLayout {
    /**
     * 4 + 3 bits: seven vectors hold eight pairs. Vector j of an octet holds the index of pair j in its low 7 bits; its
     * top bit is bit j of the index of pair 7.
     */
    PAIR7(28),
    /** 3 + 3 bits: three vectors hold four pairs, with bits 2j and 2j + 1 of the index of pair 3 on top of vector j. */
    PAIR6(24),
    /** 4 + 4 bits: a vector a pair. */
    NIBBLE(32),
    /** 8 bits: a vector an input. */
    BYTE(64);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final int vectors;

    InterleavedLayout(int vectors) {
        this.vectors = vectors;
    }

    /** The layout of codes, or of the integers that {@link FormatTraits#withoutWindows} has in their place. */
    static InterleavedLayout of(Format format) {
        int bytes = format.traits().withoutWindows().blockBytes();
        for (InterleavedLayout layout : values()) {
            if (layout.vectors == bytes) {
                return layout;
            }
        }
        throw new AssertionError(format);
    }

    /** Vectors a tile, which is also its bytes a row. */
    int vectors() {
        return vectors;
    }

    /** The lane of a row of a group. */
    static int lane(int row, int lanes) {
        return 4 * (row % (lanes / 4)) + 4 * row / lanes;
    }

    /**
     * Stores the codes of a row's block.
     *
     * @param codes 64 codes
     * @param tile the tile, with 0 in this lane
     * @param at index of the lane's byte in the first vector
     * @param lanes L
     */
    void put(byte[] codes, byte[] tile, int at, int lanes) {
        switch (this) {
            case PAIR7 -> {
                for (int octet = 0; octet < 4; octet++) {
                    int last = index(codes, 8 * octet + 7, 4);
                    for (int j = 0; j < 7; j++) {
                        tile[at + (7 * octet + j) * lanes] =
                                (byte) (index(codes, 8 * octet + j, 4) | (last >> j & 1) << 7);
                    }
                }
            }
            case PAIR6 -> {
                for (int quad = 0; quad < 8; quad++) {
                    int last = index(codes, 4 * quad + 3, 3);
                    for (int j = 0; j < 3; j++) {
                        tile[at + (3 * quad + j) * lanes] =
                                (byte) (index(codes, 4 * quad + j, 3) | (last >> 2 * j & 3) << 6);
                    }
                }
            }
            case NIBBLE -> {
                for (int pair = 0; pair < 32; pair++) {
                    tile[at + pair * lanes] = (byte) index(codes, pair, 4);
                }
            }
            case BYTE -> {
                for (int k = 0; k < 64; k++) {
                    tile[at + k * lanes] = codes[k];
                }
            }
        }
    }

    /**
     * Stores a block of a row from its packed codes (REQ-PCK-001); those of inputs past K are whatever the packed form
     * has there, and meet activations of 0.
     *
     * @param traits the widths of the codes
     * @param packed the row's packed codes, of {@link org.threehalf.kernels.PackedMatrix#byteCodes}
     * @param block the block's number
     * @param codes 64 bytes to work in
     * @param tile as in {@link #put}
     */
    void putPacked(FormatTraits traits, byte[] packed, int block, byte[] codes, byte[] tile, int at, int lanes) {
        int evenBits = traits.evenBits();
        int oddBits = traits.oddBits();
        int from = RowPacking.blockStart(evenBits + oddBits, block);
        if (this == PAIR7) {
            putPacked7(packed, from, tile, at, lanes);
        } else {
            RowPacking.unpackHalf(evenBits, packed, from, codes, 0);
            RowPacking.unpackHalf(oddBits, packed, from + 4 * evenBits, codes, 1);
            put(codes, tile, at, lanes);
        }
    }

    /** {@link #PAIR7}, eight pairs at a time in the bytes of a long. */
    private static void putPacked7(byte[] packed, int from, byte[] tile, int at, int lanes) {
        long lowPairs = (long) LONG.get(packed, from + 16);
        for (int octet = 0; octet < 4; octet++) {
            long even = (long) LONG.get(packed, from + 8 * (octet % 2)) >>> 4 * (octet / 2) & 0x0f0f0f0f0f0f0f0fL;
            long low = lowPairs >>> 2 * octet & 0x0303030303030303L;
            long index = even | low << 4 | spread(packed[from + 24 + octet]) << 6;
            long bytes = index | spread((byte) (index >>> 56)) << 7;
            int o = at + 7 * octet * lanes;
            for (int j = 0; j < 7; j++) {
                tile[o + j * lanes] = (byte) (bytes >>> 8 * j);
            }
        }
    }

    /** Bit j of a byte as bit 0 of byte j. */
    private static long spread(byte bits) {
        long each = (bits & 0xff) * 0x0101010101010101L & 0x8040201008040201L;
        return each + 0x7f7f7f7f7f7f7f7fL >>> 7 & 0x0101010101010101L;
    }

    private static int index(byte[] codes, int pair, int evenBits) {
        return codes[2 * pair] | codes[2 * pair + 1] << evenBits;
    }

    /** The inverse of {@link #put}. */
    void get(byte[] tile, int at, int lanes, byte[] codes) {
        switch (this) {
            case PAIR7 -> {
                for (int octet = 0; octet < 4; octet++) {
                    int last = 0;
                    for (int j = 0; j < 7; j++) {
                        int value = tile[at + (7 * octet + j) * lanes];
                        split(value & 0x7f, 8 * octet + j, 4, codes);
                        last |= (value >> 7 & 1) << j;
                    }
                    split(last, 8 * octet + 7, 4, codes);
                }
            }
            case PAIR6 -> {
                for (int quad = 0; quad < 8; quad++) {
                    int last = 0;
                    for (int j = 0; j < 3; j++) {
                        int value = tile[at + (3 * quad + j) * lanes];
                        split(value & 0x3f, 4 * quad + j, 3, codes);
                        last |= (value >> 6 & 3) << 2 * j;
                    }
                    split(last, 4 * quad + 3, 3, codes);
                }
            }
            case NIBBLE -> {
                for (int pair = 0; pair < 32; pair++) {
                    split(tile[at + pair * lanes] & 0xff, pair, 4, codes);
                }
            }
            case BYTE -> {
                for (int k = 0; k < 64; k++) {
                    codes[k] = tile[at + k * lanes];
                }
            }
        }
    }

    private static void split(int index, int pair, int evenBits, byte[] codes) {
        codes[2 * pair] = (byte) (index & (1 << evenBits) - 1);
        codes[2 * pair + 1] = (byte) (index >> evenBits);
    }
}
