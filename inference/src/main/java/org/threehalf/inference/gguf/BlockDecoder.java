package org.threehalf.inference.gguf;

/**
 * Decodes one block of a tensor type to binary32.
 *
 * <p>The layouts are those of ggml's {@code ggml-common.h}, the arithmetic that of its {@code dequantize_row}
 * functions: every product and sum is a single binary32 operation, in their order, nothing fused. In the layouts below
 * {@code d} and {@code m} are binary16.
 */
@FunctionalInterface
interface BlockDecoder {

    /** Decodes the block whose first byte is {@code s[i]} into {@code y} from index {@code o}. */
    void decode(byte[] s, int i, float[] y, int o);

    BlockDecoder F32 = (s, i, y, o) -> y[o] = Float.intBitsToFloat(word(s, i));

    BlockDecoder F16 = (s, i, y, o) -> y[o] = float16(s, i);

    BlockDecoder BF16 = (s, i, y, o) -> y[o] = Float.intBitsToFloat(half(s, i) << 16);

    /** d, 16 bytes: codes e in the low, e + 16 in the high nibbles. y = d·(q − 8). */
    BlockDecoder Q4_0 = (s, i, y, o) -> {
        float d = float16(s, i);
        for (int e = 0; e < 32; e++) {
            y[o + e] = d * (nibble(s, i + 2, e, 16) - 8);
        }
    };

    /** d, m, 16 bytes as in Q4_0. y = d·q + m. */
    BlockDecoder Q4_1 = (s, i, y, o) -> {
        float d = float16(s, i);
        float m = float16(s, i + 2);
        for (int e = 0; e < 32; e++) {
            y[o + e] = d * nibble(s, i + 4, e, 16) + m;
        }
    };

    /** d, 4 bytes: bit e is the high bit of code e, 16 bytes as in Q4_0. y = d·(q − 16). */
    BlockDecoder Q5_0 = (s, i, y, o) -> {
        float d = float16(s, i);
        for (int e = 0; e < 32; e++) {
            int q = nibble(s, i + 6, e, 16) | bit(s, i + 2, e) << 4;
            y[o + e] = d * (q - 16);
        }
    };

    /** d, m, 4 bytes and 16 bytes as in Q5_0. y = d·q + m. */
    BlockDecoder Q5_1 = (s, i, y, o) -> {
        float d = float16(s, i);
        float m = float16(s, i + 2);
        for (int e = 0; e < 32; e++) {
            int q = nibble(s, i + 8, e, 16) | bit(s, i + 4, e) << 4;
            y[o + e] = d * q + m;
        }
    };

    /** d, 32 signed bytes. y = q·d. */
    BlockDecoder Q8_0 = (s, i, y, o) -> {
        float d = float16(s, i);
        for (int e = 0; e < 32; e++) {
            y[o + e] = s[i + 2 + e] * d;
        }
    };

    /**
     * 16 bytes: scale in the low, minimum in the high nibble, one a sub-block of 16; 64 bytes of 2-bit codes, of which
     * byte 32·g + r holds the codes of elements 128·g + 32·t + r, t = 0 … 3; d; dmin. y = (d·scale)·q − (dmin·min).
     */
    BlockDecoder Q2_K = (s, i, y, o) -> {
        float d = float16(s, i + 80);
        float dmin = float16(s, i + 82);
        for (int sub = 0; sub < 16; sub++) {
            float scale = d * (s[i + sub] & 15);
            float min = dmin * (s[i + sub] >> 4 & 15);
            for (int e = 16 * sub; e < 16 * sub + 16; e++) {
                y[o + e] = scale * pair(s, i + 16, e) - min;
            }
        }
    };

    /**
     * 32 bytes: bit t of byte r is set where element 32·t + r has no 4 to be subtracted; 64 bytes of 2-bit codes as in
     * Q2_K; 12 bytes of 6-bit scales, one a sub-block of 16; d. y = (d·(scale − 32))·(q − 4 or 0).
     */
    BlockDecoder Q3_K = (s, i, y, o) -> {
        float d = float16(s, i + 108);
        for (int sub = 0; sub < 16; sub++) {
            int low = s[i + 96 + sub % 8] >> 4 * (sub / 8) & 15;
            int high = s[i + 104 + sub % 4] >> 2 * (sub / 4) & 3;
            float scale = d * ((low | high << 4) - 32);
            for (int e = 16 * sub; e < 16 * sub + 16; e++) {
                int offset = (s[i + e % 32] >> e / 32 & 1) == 1 ? 0 : 4;
                y[o + e] = scale * (pair(s, i + 32, e) - offset);
            }
        }
    };

    /**
     * d; dmin; 12 bytes of 6-bit scales and minima, one each a sub-block of 32; 128 bytes of 4-bit codes, of which byte
     * 32·g + r holds elements 64·g + r (low nibble) and 64·g + 32 + r. y = (d·scale)·q − (dmin·min).
     */
    BlockDecoder Q4_K = (s, i, y, o) -> {
        float d = float16(s, i);
        float dmin = float16(s, i + 2);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * scaleOfK(s, i + 4, sub);
            float min = dmin * minimumOfK(s, i + 4, sub);
            for (int e = 32 * sub; e < 32 * sub + 32; e++) {
                y[o + e] = scale * nibble(s, i + 16 + 32 * (e / 64), e % 64, 32) - min;
            }
        }
    };

    /** As Q4_K, with 32 bytes before the codes: bit t of byte r is the high bit of element 32·t + r. */
    BlockDecoder Q5_K = (s, i, y, o) -> {
        float d = float16(s, i);
        float dmin = float16(s, i + 2);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * scaleOfK(s, i + 4, sub);
            float min = dmin * minimumOfK(s, i + 4, sub);
            for (int e = 32 * sub; e < 32 * sub + 32; e++) {
                int q = nibble(s, i + 48 + 32 * (e / 64), e % 64, 32) | (s[i + 16 + e % 32] >> sub & 1) << 4;
                y[o + e] = scale * q - min;
            }
        }
    };

    /**
     * 128 bytes of low nibbles, of which byte 64·g + r holds elements 128·g + r and 128·g + 64 + r; 64 bytes of high
     * bit pairs, laid out as the codes of Q2_K; 16 signed scales, one a sub-block of 16; d. y = (d·scale)·(q − 32).
     */
    BlockDecoder Q6_K = (s, i, y, o) -> {
        float d = float16(s, i + 208);
        for (int sub = 0; sub < 16; sub++) {
            float scale = d * s[i + 192 + sub];
            for (int e = 16 * sub; e < 16 * sub + 16; e++) {
                int q = nibble(s, i + 64 * (e / 128), e % 128, 64) | pair(s, i + 128, e) << 4;
                y[o + e] = scale * (q - 32);
            }
        }
    };

    static int half(byte[] s, int i) {
        return s[i] & 0xff | (s[i + 1] & 0xff) << 8;
    }

    /** Four bytes, little endian. */
    static int word(byte[] s, int i) {
        return half(s, i) | half(s, i + 2) << 16;
    }

    static float float16(byte[] s, int i) {
        return Float.float16ToFloat((short) half(s, i));
    }

    /** Code e of 2·span nibbles: the low ones of {@code span} bytes from {@code s[i]}, then their high ones. */
    static int nibble(byte[] s, int i, int e, int span) {
        return e < span ? s[i + e] & 15 : s[i + e - span] >> 4 & 15;
    }

    static int bit(byte[] s, int i, int e) {
        return s[i + e / 8] >> e % 8 & 1;
    }

    /** The 2-bit code of element e: in byte 32·(e / 128) + e mod 32, at bit 2·(e / 32 mod 4). */
    static int pair(byte[] s, int i, int e) {
        return s[i + 32 * (e / 128) + e % 32] >> 2 * (e / 32 % 4) & 3;
    }

    /** Bytes that hold the scales and minima of a block's eight sub-blocks. */
    int K_SCALE_BYTES = 12;

    /**
     * The 6-bit scale of sub-block j: bytes 0 … 3 for j below 4; else a nibble of byte 4 + j under the top bits of byte
     * j − 4.
     */
    static int scaleOfK(byte[] s, int i, int j) {
        return j < 4 ? s[i + j] & 63 : s[i + j + 4] & 15 | (s[i + j - 4] >> 6 & 3) << 4;
    }

    /**
     * The 6-bit minimum of sub-block j: bytes 4 … 7 for j below 4; else a nibble of byte 4 + j under the top bits of
     * byte j.
     */
    static int minimumOfK(byte[] s, int i, int j) {
        return j < 4 ? s[i + j + 4] & 63 : s[i + j + 4] >> 4 & 15 | (s[i + j] >> 6 & 3) << 4;
    }
}
