package org.threehalf.kernels.reference;

/**
 * Packs and unpacks a half of a block: 32 codes of 4, 3 or 8 bits (REQ-PCK-002 to REQ-PCK-004, REQ-PCK-008).
 *
 * <p>Codes lie in a row's array in the order of the inputs, so the codes of a half are every second one: code i of the half is
 * {@code codes[first + 2*i]}. Lean: {@code ThreeHalf/Packing.lean}.
 */
public final class HalfPacking {
    private HalfPacking() {}

    /**
     * Packs 32 codes of 4 bits into 16 bytes: byte j = h_j + 16·h_{j+16} (REQ-PCK-002).
     *
     * @param codes the row's codes, each of the half's in [0, 16)
     * @param first index of the half's code 0
     * @param packed where the bytes go
     * @param at index of the half's byte 0
     */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 16;
      @   requires codes != packed;
      @   requires (\forall int i; 0 <= i && i < 32; 0 <= codes[first + 2*i] && codes[first + 2*i] < 16);
      @   assignable packed[at .. at + 15];
      @   ensures (\forall int j; 0 <= j && j < 16; (packed[at + j] & 0xff) == codes[first + 2*j] + 16 * codes[first + 2*j + 32]);
      @*/
    public static void pack4(byte[] codes, int first, byte[] packed, int at) {
        //@ loop_invariant 0 <= j && j <= 16;
        //@ loop_invariant (\forall int i; 0 <= i && i < j; (packed[at + i] & 0xff) == codes[first + 2*i] + 16 * codes[first + 2*i + 32]);
        //@ loop_writes packed[at .. at + 15];
        //@ decreases 16 - j;
        for (int j = 0; j < 16; j++) {
            packed[at + j] = (byte) (codes[first + 2 * j] + 16 * codes[first + 2 * j + 32]);
        }
    }

    /** The inverse of {@link #pack4} (REQ-PCK-002, REQ-PCK-008). */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 16;
      @   requires codes != packed;
      @   assignable codes[first .. first + 62];
      @   ensures (\forall int j; 0 <= j && j < 16; codes[first + 2*j] == (packed[at + j] & 0x0f));
      @   ensures (\forall int j; 0 <= j && j < 16; codes[first + 2*j + 32] == ((packed[at + j] & 0xff) >> 4));
      @   ensures (\forall int i; 0 <= i && i < 31; codes[first + 2*i + 1] == \old(codes[first + 2*i + 1]));
      @*/
    public static void unpack4(byte[] packed, int at, byte[] codes, int first) {
        //@ loop_invariant 0 <= j && j <= 16;
        //@ loop_invariant (\forall int i; 0 <= i && i < j; codes[first + 2*i] == (packed[at + i] & 0x0f));
        //@ loop_invariant (\forall int i; 0 <= i && i < j; codes[first + 2*i + 32] == ((packed[at + i] & 0xff) >> 4));
        //@ loop_invariant (\forall int i; 0 <= i && i < 31; codes[first + 2*i + 1] == \old(codes[first + 2*i + 1]));
        //@ loop_writes codes[first .. first + 62];
        //@ decreases 16 - j;
        for (int j = 0; j < 16; j++) {
            codes[first + 2 * j] = (byte) (packed[at + j] & 0x0f);
            codes[first + 2 * j + 32] = (byte) ((packed[at + j] & 0xff) >> 4);
        }
    }

    /**
     * Packs 32 codes of 3 bits into 12 bytes: 8 of low bit pairs, then 4 of high bits (REQ-PCK-003).
     *
     * @param codes the row's codes, each of the half's in [0, 8)
     * @param first index of the half's code 0
     * @param packed where the bytes go
     * @param at index of the half's byte 0
     */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 12;
      @   requires codes != packed;
      @   requires (\forall int i; 0 <= i && i < 32; 0 <= codes[first + 2*i] && codes[first + 2*i] < 8);
      @   assignable packed[at .. at + 11];
      @   ensures (\forall int j; 0 <= j && j < 8; (packed[at + j] & 0xff) == lowPairs(codes, first + 2*j));
      @   ensures (\forall int j; 0 <= j && j < 4; (packed[at + 8 + j] & 0xff) == highBits(codes, first + 16*j));
      @*/
    public static void pack3(byte[] codes, int first, byte[] packed, int at) {
        //@ loop_invariant 0 <= j && j <= 8;
        //@ loop_invariant (\forall int i; 0 <= i && i < j; (packed[at + i] & 0xff) == lowPairs(codes, first + 2*i));
        //@ loop_writes packed[at .. at + 7];
        //@ decreases 8 - j;
        for (int j = 0; j < 8; j++) {
            packed[at + j] = (byte) lowPairs(codes, first + 2 * j);
        }
        //@ loop_invariant 0 <= j && j <= 4;
        //@ loop_invariant (\forall int i; 0 <= i && i < j; (packed[at + 8 + i] & 0xff) == highBits(codes, first + 16*i));
        //@ loop_writes packed[at + 8 .. at + 11];
        //@ decreases 4 - j;
        for (int j = 0; j < 4; j++) {
            packed[at + 8 + j] = (byte) highBits(codes, first + 16 * j);
        }
    }

    /** The low bit pairs of codes h_j, h_{j+8}, h_{j+16}, h_{j+24}, where {@code codes[k]} is h_j: Σ (h_{j+8t} mod 4)·4^t. */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 49;
      @   ensures \result == (codes[k] & 3) + 4 * (codes[k + 16] & 3) + 16 * (codes[k + 32] & 3) + 64 * (codes[k + 48] & 3);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ spec_public pure @*/ static int lowPairs(byte[] codes, int k) {
        return (codes[k] & 3) + 4 * (codes[k + 16] & 3) + 16 * (codes[k + 32] & 3) + 64 * (codes[k + 48] & 3);
    }

    /** The high bits of eight neighbouring codes of a half, where {@code codes[k]} is h_{8j}: Σ ⌊h_{8j+t} / 4⌋·2^t. */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 15;
      @   requires (\forall int t; 0 <= t && t < 8; 0 <= codes[k + 2*t] && codes[k + 2*t] < 8);
      @   ensures \result == (codes[k] >> 2) + 2 * (codes[k + 2] >> 2) + 4 * (codes[k + 4] >> 2) + 8 * (codes[k + 6] >> 2)
      @                    + 16 * (codes[k + 8] >> 2) + 32 * (codes[k + 10] >> 2) + 64 * (codes[k + 12] >> 2) + 128 * (codes[k + 14] >> 2);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ spec_public pure @*/ static int highBits(byte[] codes, int k) {
        return (codes[k] >> 2) + 2 * (codes[k + 2] >> 2) + 4 * (codes[k + 4] >> 2) + 8 * (codes[k + 6] >> 2)
                + 16 * (codes[k + 8] >> 2) + 32 * (codes[k + 10] >> 2) + 64 * (codes[k + 12] >> 2) + 128 * (codes[k + 14] >> 2);
    }

    /** The inverse of {@link #pack3} (REQ-PCK-003, REQ-PCK-008). */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 12;
      @   requires codes != packed;
      @   assignable codes[first .. first + 62];
      @   ensures (\forall int i; 0 <= i && i < 32; codes[first + 2*i] == code3(packed, at, i));
      @   ensures (\forall int i; 0 <= i && i < 31; codes[first + 2*i + 1] == \old(codes[first + 2*i + 1]));
      @*/
    public static void unpack3(byte[] packed, int at, byte[] codes, int first) {
        //@ loop_invariant 0 <= i && i <= 32;
        //@ loop_invariant (\forall int n; 0 <= n && n < i; codes[first + 2*n] == code3(packed, at, n));
        //@ loop_invariant (\forall int n; 0 <= n && n < 31; codes[first + 2*n + 1] == \old(codes[first + 2*n + 1]));
        //@ loop_writes codes[first .. first + 62];
        //@ decreases 32 - i;
        for (int i = 0; i < 32; i++) {
            codes[first + 2 * i] = (byte) code3(packed, at, i);
        }
    }

    /** Code h_i of a packed half of 3-bit codes: its low pair from byte i mod 8, its high bit from byte 8 + ⌊i/8⌋. */
    /*@ public normal_behavior
      @   requires 0 <= at && at <= packed.length - 12;
      @   requires 0 <= i && i < 32;
      @   ensures \result == ((packed[at + i % 8] >> 2 * (i / 8)) & 3) + 4 * ((packed[at + 8 + i / 8] >> i % 8) & 1);
      @   ensures 0 <= \result && \result < 8;
      @*/
    /*@ spec_public pure @*/ static int code3(byte[] packed, int at, int i) {
        return ((packed[at + i % 8] >> 2 * (i / 8)) & 3) + 4 * ((packed[at + 8 + i / 8] >> i % 8) & 1);
    }

    /** Packs 32 codes of 8 bits into 32 bytes: byte j = h_j (REQ-PCK-004). */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 32;
      @   requires codes != packed;
      @   assignable packed[at .. at + 31];
      @   ensures (\forall int j; 0 <= j && j < 32; packed[at + j] == codes[first + 2*j]);
      @*/
    public static void pack8(byte[] codes, int first, byte[] packed, int at) {
        //@ loop_invariant 0 <= j && j <= 32;
        //@ loop_invariant (\forall int i; 0 <= i && i < j; packed[at + i] == codes[first + 2*i]);
        //@ loop_writes packed[at .. at + 31];
        //@ decreases 32 - j;
        for (int j = 0; j < 32; j++) {
            packed[at + j] = codes[first + 2 * j];
        }
    }

    /** The inverse of {@link #pack8} (REQ-PCK-004, REQ-PCK-008). */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 32;
      @   requires codes != packed;
      @   assignable codes[first .. first + 62];
      @   ensures (\forall int j; 0 <= j && j < 32; codes[first + 2*j] == packed[at + j]);
      @   ensures (\forall int i; 0 <= i && i < 31; codes[first + 2*i + 1] == \old(codes[first + 2*i + 1]));
      @*/
    public static void unpack8(byte[] packed, int at, byte[] codes, int first) {
        //@ loop_invariant 0 <= j && j <= 32;
        //@ loop_invariant (\forall int i; 0 <= i && i < j; codes[first + 2*i] == packed[at + i]);
        //@ loop_invariant (\forall int i; 0 <= i && i < 31; codes[first + 2*i + 1] == \old(codes[first + 2*i + 1]));
        //@ loop_writes codes[first .. first + 62];
        //@ decreases 32 - j;
        for (int j = 0; j < 32; j++) {
            codes[first + 2 * j] = packed[at + j];
        }
    }
}
