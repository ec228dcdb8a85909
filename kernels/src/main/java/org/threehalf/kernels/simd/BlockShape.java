package org.threehalf.kernels.simd;

import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;

/**
 * The constants that make a {@link BlockKernel} of {@link BlockTemplate} and a {@link TileKernel} of
 * {@link TileTemplate}.
 *
 * @param bits the vector width: 128, 256 or 512
 * @param layout how codes lie in the vectors
 * @param pairTables whether one table serves a pair of codes, rather than one each; needs tables of 64 or 128 entries
 *     in one or two vectors
 * @param subscales whether a block's sum is multiplied by a sub-scale
 * @param evenTable T of the even inputs, repeated to a vector; empty for {@link InterleavedLayout#BYTE}
 * @param oddTable T of the odd inputs, likewise
 * @param coefficients for each table vector of a pair, in four runs of L/2: what a lane's product takes of the even and
 *     of the odd activation, in its even lanes, then in its odd lanes; empty for {@link InterleavedLayout#BYTE}
 */
record BlockShape(
        int bits,
        InterleavedLayout layout,
        boolean pairTables,
        boolean subscales,
        byte[] evenTable,
        byte[] oddTable,
        short[] coefficients) {

    static BlockShape of(int bits, Format format) {
        InterleavedLayout layout = InterleavedLayout.of(format);
        boolean pairTables = bits == 512 && (layout == InterleavedLayout.PAIR7 || layout == InterleavedLayout.PAIR6);
        int lanes = bits / 8;
        return new BlockShape(
                bits,
                layout,
                pairTables,
                format.hasSubscales(),
                repeated(format.traits().withoutWindows().even(), layout, lanes),
                repeated(format.traits().withoutWindows().odd(), layout, lanes),
                coefficients(format, layout, pairTables, lanes));
    }

    private static byte[] repeated(Codebook codebook, InterleavedLayout layout, int lanes) {
        byte[] table = new byte[layout == InterleavedLayout.BYTE ? 0 : lanes];
        for (int i = 0; i < table.length; i++) {
            table[i] = (byte) codebook.value(i % codebook.size());
        }
        return table;
    }

    private static short[] coefficients(Format format, InterleavedLayout layout, boolean pairTables, int lanes) {
        if (layout == InterleavedLayout.BYTE) {
            return new short[0];
        }
        Codebook even = format.even();
        Codebook odd = format.odd();
        int vectors = pairTables ? even.size() * odd.size() / lanes : 2;
        short[] coefficients = new short[vectors * 2 * lanes];
        for (int v = 0; v < vectors; v++) {
            for (int lane = 0; lane < lanes; lane++) {
                int at = v * 2 * lanes + (lane % 2) * lanes + lane / 2;
                int index = v * lanes + lane;
                // Without pair tables the first vector is the even code's and the second the odd code's; entries
                // repeat, so that
                // bits above the code do not matter.
                if (pairTables) {
                    coefficients[at] = (short) even.value(index % even.size());
                    coefficients[at + lanes / 2] = (short) odd.value(index / even.size());
                } else if (v == 0) {
                    coefficients[at] = (short) even.value(lane % even.size());
                } else {
                    coefficients[at + lanes / 2] = (short) odd.value(lane % odd.size());
                }
            }
        }
        return coefficients;
    }
}
