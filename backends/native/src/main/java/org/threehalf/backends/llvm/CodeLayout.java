package org.threehalf.backends.llvm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.threehalf.kernels.format.Format;

/**
 * The layout of the formats whose codes are indexes. A strip's block is laid out as the packed one (REQ-PCK-001 to 004)
 * with a vector in the place of four bytes: the even half, then the odd half, and code vector q = 0 … 7 of a half holds
 * its codes 4q … 4q + 3 of 16 rows.
 *
 * <pre>
 * 4-bit codes, 4 vectors      v_j = h_j + 16·h_{j+4}                   j = 0 … 3
 * 3-bit codes, 3 vectors      v_j = Σ_{t=0…3} (h_{j+2t} mod 4)·4^t     j = 0, 1
 *                             v_2 = Σ_{q=0…7} ⌊h_q / 4⌋·2^q
 * 8-bit codes, 8 vectors      v_q = h_q + 128 (mod 256)
 * </pre>
 *
 * <p>8-bit codes are two's-complement bytes; with 128 added they are unsigned and in order.
 *
 * @param even bits of a code at even inputs: 8, 4 or 3
 * @param odd bits of a code at odd inputs
 */
record CodeLayout(int even, int odd) implements TileLayout {

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** Vectors of a half in memory. */
    static int vectors(int bits) {
        return bits;
    }

    @Override
    public int vectors() {
        return vectors(even) + vectors(odd);
    }

    /** A block's 32 even inputs, then its 32 odd ones. */
    @Override
    public int[] inputs() {
        return IntStream.range(0, Format.BLOCK)
                .map(i -> i < Format.HALF ? 2 * i : 2 * i - Format.BLOCK + 1)
                .toArray();
    }

    @Override
    public int firstOf(int turn) {
        return turn;
    }

    @Override
    public int secondOf(int turn) {
        return QUADS + turn;
    }

    /**
     * Four packed bytes are the row's part of a vector, but for the high bits of 3-bit codes, which the packed form has
     * in the order of inputs.
     */
    @Override
    public void put(byte[] packed, int from, byte[] group, int at) {
        putHalf(even, packed, from, group, at);
        putHalf(odd, packed, from + 4 * even, group, at + vectors(even) * VECTOR);
    }

    private static void putHalf(int bits, byte[] packed, int from, byte[] group, int at) {
        for (int v = 0; v < vectors(bits); v++) {
            int word = (int) WORD.get(packed, from + 4 * v);
            int stored = switch (bits) {
                case 8 -> word ^ 0x80808080;
                case 4 -> word;
                default ->
                    v < 2
                            ? word
                            : everyFourth(word)
                                    | everyFourth(word >>> 1) << 8
                                    | everyFourth(word >>> 2) << 16
                                    | everyFourth(word >>> 3) << 24;
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

    @Override
    public void get(byte[] group, int at, byte[] codes) {
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
