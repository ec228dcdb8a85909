package org.threehalf.backends.cuda;

import org.threehalf.kernels.format.Format;

/**
 * Where the codes of a token lie on the device: four planes of B · 16 bytes ({@code products.cu}, at the top).
 *
 * <p>Input k is number i = ⌊(k mod 64) / 2⌋ of half h = k mod 2 of block b = ⌊k / 64⌋; it lies in plane 2h + ⌊i / 16⌋,
 * at byte 16·b + i mod 16.
 */
final class TokenLayout {
    private TokenLayout() {}

    /** Bytes of a token of K columns: B · 64. */
    static long bytes(int columns) {
        return (long) Format.blocks(columns) * Format.BLOCK;
    }

    /** The byte of input {@code k}. */
    static int offset(int k, int blocks) {
        int i = k % Format.BLOCK / 2;
        int plane = 2 * (k % 2) + i / 16;
        return (plane * blocks + k / Format.BLOCK) * 16 + i % 16;
    }

    /** The codes in the device's order, with 0 at inputs past K. */
    static byte[] arranged(byte[] codes) {
        int blocks = Format.blocks(codes.length);
        byte[] arranged = new byte[Math.toIntExact(bytes(codes.length))];
        for (int k = 0; k < codes.length; k++) {
            arranged[offset(k, blocks)] = codes[k];
        }
        return arranged;
    }

    /** The inverse of {@link #arranged}. */
    static byte[] restored(byte[] arranged, int columns) {
        int blocks = Format.blocks(columns);
        byte[] codes = new byte[columns];
        for (int k = 0; k < columns; k++) {
            codes[k] = arranged[offset(k, blocks)];
        }
        return codes;
    }
}
