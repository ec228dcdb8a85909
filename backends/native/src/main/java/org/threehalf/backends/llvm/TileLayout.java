package org.threehalf.backends.llvm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * How codes lie in memory for a byte dot product: 16 rows × 4 inputs a vector of 64 bytes, byte 4·r + i for row r and input i.
 *
 * <p>A <b>strip</b> is 16 rows. A strip's codes of one block of 64 inputs are laid out as the packed block (REQ-PCK-001 to 004) with a vector in the place of four bytes: the even
 * half, then the odd half, and code vector q = 0 … 7 of a half holds its codes 4q … 4q + 3 of 16 rows.
 *
 * <pre>
 * 4-bit codes, 4 vectors      v_j = h_j + 16·h_{j+4}                   j = 0 … 3
 * 3-bit codes, 3 vectors      v_j = Σ_{t=0…3} (h_{j+2t} mod 4)·4^t     j = 0, 1
 *                             v_2 = Σ_{q=0…7} ⌊h_q / 4⌋·2^q
 * 8-bit codes, 8 vectors      v_q = h_q + 128 (mod 256)
 * </pre>
 *
 * <p>8-bit codes are two's-complement bytes; with 128 added they are unsigned and in order. This takes the bytes of the packed form and not one more. A matrix is strip after
 * strip, and in a strip block after block. A product goes through the four strips of a <b>group</b> of 64 rows side by side: four streams in memory, which a processor's
 * prefetch follows better than one. Sub-scales: group after group, in a group 64 bytes for two blocks, byte r for row r, with the even block's in the low nibble (REQ-PCK-006).
 *
 * @param even bits of a code at even inputs: 8, 4 or 3
 * @param odd bits of a code at odd inputs
 */
record TileLayout(int even, int odd) {

    /** Rows a group. */
    static final int ROWS = 64;
    /** Rows a strip. */
    static final int STRIP = 16;
    /** Bytes a vector. */
    static final int VECTOR = 64;
    /** Code vectors a half. */
    static final int QUADS = 8;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    static TileLayout of(Format format) {
        FormatTraits traits = format.traits().withoutWindows();
        return new TileLayout(traits.evenBits(), traits.oddBits());
    }

    /** Vectors of a half in memory. */
    static int vectors(int bits) {
        return bits;
    }

    /** Bytes of a strip's block. */
    int stripBytes() {
        return (vectors(even) + vectors(odd)) * VECTOR;
    }

    /**
     * The first byte of a row's block in its group.
     *
     * @param row its number in the group
     * @param blocks blocks a row
     */
    int offset(int row, int block, int blocks) {
        return (row / STRIP * blocks + block) * stripBytes() + row % STRIP * 4;
    }

    /**
     * What is added to the values of a format's tables so that none is negative: 128, 8 or 31. They are at most 255, 15 or 62 then.
     */
    static int bias(Format format) {
        FormatTraits traits = format.traits().withoutWindows();
        return -Math.min(least(traits.even()), least(traits.odd()));
    }

    private static int least(Codebook codebook) {
        int least = 0;
        for (int c = 0; c < codebook.size(); c++) {
            least = Math.min(least, codebook.value(c));
        }
        return least;
    }

    /**
     * Stores the codes of a row's block: four packed bytes are the row's part of a vector, but for the high bits of 3-bit codes, which the packed form has in the order of inputs.
     *
     * @param packed the row's packed codes, of {@link org.threehalf.kernels.PackedMatrix#byteCodes}
     * @param from where the block begins in them (REQ-PCK-001)
     * @param group where the group is
     * @param at of {@link #offset}
     */
    void put(byte[] packed, int from, byte[] group, int at) {
        putHalf(even, packed, from, group, at);
        putHalf(odd, packed, from + 4 * even, group, at + vectors(even) * VECTOR);
    }

    private static void putHalf(int bits, byte[] packed, int from, byte[] group, int at) {
        for (int v = 0; v < vectors(bits); v++) {
            int word = (int) WORD.get(packed, from + 4 * v);
            int stored = switch (bits) {
                case 8 -> word ^ 0x80808080;
                case 4 -> word;
                default -> v < 2 ? word : everyFourth(word) | everyFourth(word >>> 1) << 8 | everyFourth(word >>> 2) << 16 | everyFourth(word >>> 3) << 24;
            };
            WORD.set(group, at + v * VECTOR, stored);
        }
    }

    /** Bits 0, 4, 8, …, 28 as a byte. */
    private static int everyFourth(int bits) {
        int one = bits & 0x11111111;
        int two = (one | one >>> 3) & 0x03030303;
        int four = (two | two >>> 6) & 0x000f000f;
        return (four | four >>> 12) & 0xff;
    }

    /** A row's block, as codes: the inverse of {@link #put} with the unpacking of REQ-PCK-008. */
    void get(byte[] group, int at, byte[] codes) {
        for (int i = 0; i < Format.HALF; i++) {
            codes[2 * i] = get(even, i / 4, group, at + i % 4);
            codes[2 * i + 1] = get(odd, i / 4, group, at + vectors(even) * VECTOR + i % 4);
        }
    }

    private static byte get(int bits, int q, byte[] tile, int at) {
        return switch (bits) {
            case 8 -> (byte) (tile[at + q * VECTOR] - 128);
            case 4 -> (byte) (tile[at + q % 4 * VECTOR] >> q / 4 * 4 & 15);
            default -> (byte) (tile[at + q % 2 * VECTOR] >> q / 2 * 2 & 3 | (tile[at + 2 * VECTOR] >> q & 1) << 2);
        };
    }
}
