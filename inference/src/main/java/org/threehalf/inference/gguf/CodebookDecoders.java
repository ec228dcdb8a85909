package org.threehalf.inference.gguf;

/**
 * Decodes the types whose numbers come from a table: rows of {@link Codebook} with signs beside them, 16 fixed numbers,
 * three values. Layouts and arithmetic are described as in {@link BlockDecoder}: single operations in binary32, in the
 * order written. A <i>group</i> is what one row of a codebook gives, g its number in the block of 256.
 */
final class CodebookDecoders {
    /** Of IQ4_NL and IQ4_XS. */
    private static final int[] NON_LINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    /** Of MXFP4 and NVFP4: twice the numbers of a sign, two bits of exponent and one of fraction (E2M1). */
    private static final int[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private static final float DELTA = 0.125f;

    /** d, 16 bytes of nibbles as in Q4_0. y = d·T(q). */
    static final BlockDecoder IQ4_NL = (s, i, y, o) -> {
        float d = BlockDecoder.float16(s, i);
        for (int e = 0; e < 32; e++) {
            y[o + e] = d * NON_LINEAR[BlockDecoder.nibble(s, i + 2, e, 16)];
        }
    };

    /**
     * d; two bytes with the upper two bits of eight 6-bit scales; 4 bytes with their lower nibbles; 16 bytes of nibbles
     * a sub-block of 32. y = (d·(scale − 32))·T(q).
     */
    static final BlockDecoder IQ4_XS = (s, i, y, o) -> {
        float d = BlockDecoder.float16(s, i);
        int high = BlockDecoder.half(s, i + 2);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * ((s[i + 4 + sub / 2] >> 4 * (sub % 2) & 15 | (high >> 2 * sub & 3) << 4) - 32);
            for (int e = 0; e < 32; e++) {
                y[o + 32 * sub + e] = scale * NON_LINEAR[BlockDecoder.nibble(s, i + 8 + 16 * sub, e, 16)];
            }
        }
    };

    /**
     * d; for each sub-block of 32 four bytes, rows of 8, and a word: four times 7 bits of signs, then 4 bits of scale.
     * y = ((d·(½ + scale))·¼)·T·sign.
     */
    static final BlockDecoder IQ2_XXS = (s, i, y, o) -> {
        Codebook book = Codebook.of("IQ2_XXS");
        float d = BlockDecoder.float16(s, i);
        for (int sub = 0; sub < 8; sub++) {
            int word = BlockDecoder.word(s, i + 2 + 8 * sub + 4);
            float scale = d * (0.5f + (word >>> 28)) * 0.25f;
            for (int j = 0; j < 4; j++) {
                row(book, s[i + 2 + 8 * sub + j] & 0xff, scale, signs(word >>> 7 * j), y, o + 32 * sub + 8 * j);
            }
        }
    };

    /**
     * d; 32 numbers of 16 bits: 9 of a row, 7 of signs; 8 bytes of 4-bit scales, one a sub-block of 16. y as in
     * IQ2_XXS.
     */
    static final BlockDecoder IQ2_XS = (s, i, y, o) -> {
        Codebook book = Codebook.of("IQ2_XS");
        float d = BlockDecoder.float16(s, i);
        for (int g = 0; g < 32; g++) {
            int code = BlockDecoder.half(s, i + 2 + 2 * g);
            float scale = d * (0.5f + (s[i + 66 + g / 4] >> 4 * (g / 2 % 2) & 15)) * 0.25f;
            row(book, code & 511, scale, signs(code >> 9), y, o + 8 * g);
        }
    };

    /**
     * d; 32 bytes, the lower 8 bits of a row; 32 bytes of signs; 8 bytes with the rows' upper two bits; 8 bytes of
     * scales as in IQ2_XS. y as in IQ2_XXS.
     */
    static final BlockDecoder IQ2_S = (s, i, y, o) -> {
        Codebook book = Codebook.of("IQ2_S");
        float d = BlockDecoder.float16(s, i);
        for (int g = 0; g < 32; g++) {
            int code = s[i + 2 + g] & 0xff | (s[i + 66 + g / 4] >> 2 * (g % 4) & 3) << 8;
            float scale = d * (0.5f + (s[i + 74 + g / 4] >> 4 * (g / 2 % 2) & 15)) * 0.25f;
            row(book, code, scale, s[i + 34 + g], y, o + 8 * g);
        }
    };

    /**
     * d; 64 bytes, rows of 4; for each sub-block of 32 a word as in IQ2_XXS, whose signs are of two rows each. y =
     * ((d·(½ + scale))·½)·T·sign.
     */
    static final BlockDecoder IQ3_XXS = (s, i, y, o) -> {
        Codebook book = Codebook.of("IQ3_XXS");
        float d = BlockDecoder.float16(s, i);
        for (int sub = 0; sub < 8; sub++) {
            int word = BlockDecoder.word(s, i + 66 + 4 * sub);
            float scale = d * (0.5f + (word >>> 28)) * 0.5f;
            for (int j = 0; j < 8; j++) {
                row(
                        book,
                        s[i + 2 + 8 * sub + j] & 0xff,
                        scale,
                        signs(word >>> 7 * (j / 2)) >> 4 * (j % 2),
                        y,
                        o + 32 * sub + 4 * j);
            }
        }
    };

    /**
     * d; 64 bytes, the lower 8 bits of rows of 4; 8 bytes with their ninth; 32 bytes of signs; 4 bytes of 4-bit scales,
     * one a sub-block of 32. y = (d·(1 + 2·scale))·T·sign.
     */
    static final BlockDecoder IQ3_S = (s, i, y, o) -> {
        Codebook book = Codebook.of("IQ3_S");
        float d = BlockDecoder.float16(s, i);
        for (int g = 0; g < 64; g++) {
            int code = s[i + 2 + g] & 0xff | BlockDecoder.bit(s, i + 66, g) << 8;
            float scale = d * (1 + 2 * (s[i + 106 + g / 16] >> 4 * (g / 8 % 2) & 15));
            row(book, code, scale, s[i + 74 + g / 2] >> 4 * (g % 2), y, o + 4 * g);
        }
    };

    /**
     * d; 32 bytes, the lower 8 bits of rows of 8; for each sub-block of 32 16 bits: four times the rows' upper 3, 3 of
     * scale, the sign of ⅛. y = (d·(2·scale + 1))·(T ± ⅛).
     */
    static final BlockDecoder IQ1_S = (s, i, y, o) -> {
        Codebook book = Codebook.of("IQ1_S");
        float d = BlockDecoder.float16(s, i);
        for (int g = 0; g < 32; g++) {
            int high = BlockDecoder.half(s, i + 34 + 2 * (g / 4));
            float scale = d * (2 * (high >> 12 & 7) + 1);
            shifted(
                    book,
                    s[i + 2 + g] & 0xff | (high >> 3 * (g % 4) & 7) << 8,
                    scale,
                    (high & 0x8000) != 0,
                    y,
                    o + 8 * g);
        }
    };

    /**
     * 32 bytes as in IQ1_S; 16 bytes, a nibble a row: its upper 3 bits, the sign of ⅛; four numbers of 16 bits: four
     * 3-bit scales, one a sub-block of 16, and a nibble of d. y as in IQ1_S.
     */
    static final BlockDecoder IQ1_M = (s, i, y, o) -> {
        Codebook book = Codebook.of("IQ1_S");
        int bits = 0;
        for (int k = 0; k < 4; k++) {
            bits |= BlockDecoder.half(s, i + 48 + 2 * k) >> 12 << 4 * k;
        }
        float d = Float.float16ToFloat((short) bits);
        for (int g = 0; g < 32; g++) {
            int high = s[i + 32 + g / 2] >> 4 * (g % 2);
            float scale = d * (2 * (BlockDecoder.half(s, i + 48 + 2 * (g / 8)) >> 3 * (g / 2 % 4) & 7) + 1);
            shifted(book, s[i + g] & 0xff | (high & 7) << 8, scale, (high & 8) != 0, y, o + 8 * g);
        }
    };

    /**
     * 48 bytes of five ternary digits, of 32 bytes and then of 16; 4 bytes of four; d. A byte b is ⌈256·n / 243⌉ of a
     * number n; digit t is ⌊3·(b·3ᵗ mod 256) / 256⌋. y = d·(digit − 1).
     */
    static final BlockDecoder TQ1_0 = (s, i, y, o) -> {
        float d = BlockDecoder.float16(s, i + 52);
        ternary(s, i, 32, 5, d, y, o);
        ternary(s, i + 32, 16, 5, d, y, o + 160);
        ternary(s, i + 48, 4, 4, d, y, o + 240);
    };

    /** 64 bytes of 2-bit codes as in Q2_K; d. y = d·(q − 1). */
    static final BlockDecoder TQ2_0 = (s, i, y, o) -> {
        float d = BlockDecoder.float16(s, i + 64);
        for (int e = 0; e < 256; e++) {
            y[o + e] = d * (BlockDecoder.pair(s, i, e) - 1);
        }
    };

    /**
     * An exponent e, for half of 2^(e − 127); 16 bytes of nibbles as in Q4_0. y = scale·T(q). Source: OCP Microscaling
     * Formats (MX), version 1.0.
     */
    static final BlockDecoder MXFP4 = (s, i, y, o) -> {
        int exponent = s[i] & 0xff;
        float scale = Float.intBitsToFloat(exponent < 2 ? 0x0020_0000 << exponent : exponent - 1 << 23);
        for (int e = 0; e < 32; e++) {
            y[o + e] = scale * E2M1[BlockDecoder.nibble(s, i + 1, e, 16)];
        }
    };

    /**
     * Four scales of 4 bits of exponent with bias 7 and 3 of fraction, one a sub-block of 16; 8 bytes of nibbles for
     * each. y = (scale·½)·T(q); scales 0 and 127 are 0, their sign is not looked at.
     */
    static final BlockDecoder NVFP4 = (s, i, y, o) -> {
        for (int sub = 0; sub < 4; sub++) {
            int code = s[i + sub] & 0xff;
            int exponent = code >> 3 & 15;
            float raw = exponent == 0 ? (code & 7) * 0x1p-9f : Math.scalb(8f + (code & 7), exponent - 10);
            float scale = code == 0 || code == 0x7f ? 0 : raw * 0.5f;
            for (int e = 0; e < 16; e++) {
                y[o + 16 * sub + e] = scale * E2M1[BlockDecoder.nibble(s, i + 4 + 8 * sub, e, 8)];
            }
        }
    };

    private CodebookDecoders() {}

    /** Seven signs and an eighth that makes the number of negative ones even; bit e is set for a negative number. */
    private static int signs(int bits) {
        int seven = bits & 127;
        return seven | (Integer.bitCount(seven) & 1) << 7;
    }

    private static void row(Codebook book, int code, float scale, int signs, float[] y, int o) {
        for (int e = 0; e < book.width(); e++) {
            float value = scale * book.at(code, e);
            y[o + e] = (signs >> e & 1) == 0 ? value : -value;
        }
    }

    private static void shifted(Codebook book, int code, float scale, boolean down, float[] y, int o) {
        for (int e = 0; e < book.width(); e++) {
            y[o + e] = scale * (book.at(code, e) + (down ? -DELTA : DELTA));
        }
    }

    private static void ternary(byte[] s, int i, int bytes, int digits, float d, float[] y, int o) {
        int power = 1;
        for (int t = 0; t < digits; t++) {
            for (int b = 0; b < bytes; b++) {
                y[o + t * bytes + b] = d * (((s[i + b] & 0xff) * power % 256 * 3 >> 8) - 1);
            }
            power *= 3;
        }
    }
}
