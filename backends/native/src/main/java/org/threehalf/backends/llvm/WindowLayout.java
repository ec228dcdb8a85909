package org.threehalf.backends.llvm;

import java.util.stream.IntStream;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.TrellisCoding;

/**
 * The layout of the formats of windows: a row's block is its string of 32·P bits as packed (REQ-PCK-009), P four-byte
 * parts of it in as many vectors. Which four bytes are one part depends on how windows are cut.
 *
 * <ul>
 *   <li><b>Words</b>, for processors that cut any eight bits out of a word: vector n holds bytes 4n … 4n + 3, the
 *       packed form as it is. A vector of weights has four inputs that follow each other, or in T4 every other one:
 *       four windows whose first bits are bytes apart are the bytes of a word.
 *   <li><b>Pieces</b>, for processors that only shift: the string is four pieces of P bytes, 16 inputs each, and vector
 *       n holds byte n of each piece. So four windows that are 16 inputs apart lie at the same bits of neighbouring
 *       bytes, and one shift is right for all of them. Behind the last byte of a piece comes the first one of the next;
 *       behind the last piece the first.
 * </ul>
 *
 * @param even bits of a code at even inputs: 4 or 3
 * @param odd bits of a code at odd inputs
 * @param words whether it is one of words
 */
record WindowLayout(int even, int odd, boolean words) implements TileLayout {

    /** Inputs a piece, and pieces a block; bytes a word. */
    private static final int PIECE = 16;

    private static final int PIECES = 4;

    @Override
    public int vectors() {
        return even + odd;
    }

    /** Where the window of an input begins in its block's string (REQ-FMT-009). */
    int bit(int input) {
        return (even + odd) * (input / 2) + even * (input % 2);
    }

    @Override
    public int[] inputs() {
        return IntStream.range(0, Format.BLOCK).map(this::input).toArray();
    }

    private int input(int i) {
        int q = i / PIECES;
        int lane = i % PIECES;
        if (!words) {
            return PIECE * lane + q;
        }
        // Where each window begins four bits behind the one before, every other one begins a byte behind.
        return even + odd == 8 ? 8 * (q / 2) + q % 2 + 2 * lane : 4 * q + lane;
    }

    /** Neighbours: they are cut out of the same parts. */
    @Override
    public int firstOf(int turn) {
        return 2 * turn;
    }

    @Override
    public int secondOf(int turn) {
        return 2 * turn + 1;
    }

    /** Where byte i of a part is in the packed block. */
    private int packed(int vector, int i) {
        return words ? 4 * vector + i : vectors() * i + vector;
    }

    @Override
    public void put(byte[] packed, int from, byte[] group, int at) {
        for (int v = 0; v < vectors(); v++) {
            for (int i = 0; i < 4; i++) {
                group[at + v * VECTOR + i] = packed[from + packed(v, i)];
            }
        }
    }

    @Override
    public void get(byte[] group, int at, byte[] codes) {
        byte[] packed = new byte[4 * vectors()];
        for (int v = 0; v < vectors(); v++) {
            for (int i = 0; i < 4; i++) {
                packed[packed(v, i)] = group[at + v * VECTOR + i];
            }
        }
        TrellisCoding.unpack(even, odd, packed, 0, codes, 0);
    }
}
