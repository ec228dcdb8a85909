package org.threehalf.kernels.reference;

/**
 * Packs and unpacks a half of a block: 32 codes of 4, 3 or 8 bits (REQ-PCK-002 to REQ-PCK-004, REQ-PCK-008).
 *
 * <p>Codes lie in a row's array in the order of the inputs, so the codes of a half are every second one: code i of the
 * half is {@code codes[first + 2*i]}. Lean: {@code ThreeHalf/Packing.lean}.
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
      @   requires (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 0;
      @       0 <= codes[k] && codes[k] < 16);
      @   assignable packed[at .. at + 15];
      @   ensures (\forall int j; 0 <= j && j < 16;
      @       (packed[at + j] & 0xff) == codes[first + 2*j] + 16 * codes[first + 2*j + 32]);
      @   ensures (\forall int i; 0 <= i && i < 32; code4(packed, at, i) == codes[first + 2*i]);
      @*/
    public static void pack4(byte[] codes, int first, byte[] packed, int at) {
        //@ loop_invariant 0 <= j && j <= 16;
        /*@ loop_invariant (\forall int i; 0 <= i && i < j;
          @     (packed[at + i] & 0xff) == codes[first + 2*i] + 16 * codes[first + 2*i + 32]); @*/
        //@ loop_invariant (\forall int i; 0 <= i && i < j; code4(packed, at, i) == codes[first + 2*i]);
        //@ loop_invariant (\forall int i; 16 <= i && i < 16 + j; code4(packed, at, i) == codes[first + 2*i]);
        //@ loop_writes packed[at .. at + 15];
        //@ decreases 16 - j;
        for (int j = 0; j < 16; j++) {
            packed[at + j] = UnsignedByte.of(codes[first + 2 * j] + 16 * codes[first + 2 * j + 32]);
        }
    }

    /** The inverse of {@link #pack4} (REQ-PCK-002, REQ-PCK-008). */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 16;
      @   requires codes != packed;
      @   assignable codes[first .. first + 62];
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 0;
      @       codes[k] == code4(packed, at, (k - first) / 2));
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1; codes[k] == \old(codes[k]));
      @*/
    public static void unpack4(byte[] packed, int at, byte[] codes, int first) {
        //@ loop_invariant 0 <= j && j <= 16;
        /*@ loop_invariant (\forall int k; first <= k && k < first + 2*j && (k - first) % 2 == 0;
          @     codes[k] == code4(packed, at, (k - first) / 2)); @*/
        /*@ loop_invariant (\forall int k; first + 32 <= k && k < first + 32 + 2*j && (k - first) % 2 == 0;
          @     codes[k] == code4(packed, at, (k - first) / 2)); @*/
        /*@ loop_invariant (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1;
          @     codes[k] == \old(codes[k])); @*/
        //@ loop_writes codes[first .. first + 62];
        //@ decreases 16 - j;
        for (int j = 0; j < 16; j++) {
            codes[first + 2 * j] = (byte) (packed[at + j] & 0x0f);
            codes[first + 2 * j + 32] = (byte) ((packed[at + j] & 0xff) >> 4);
        }
    }

    /**
     * Code h_i of a packed half of 4-bit codes: the low nibble of byte i, or the high nibble of byte i − 16
     * (REQ-PCK-002).
     */
    /*@ public normal_behavior
      @   requires 0 <= at && at <= packed.length - 16;
      @   requires 0 <= i && i < 32;
      @   ensures i < 16 ==> \result == (packed[at + i] & 0x0f);
      @   ensures i >= 16 ==> \result == ((packed[at + (i - 16)] & 0xff) >> 4);
      @   ensures 0 <= \result && \result < 16;
      @*/
    /*@ spec_public pure @*/ static int code4(byte[] packed, int at, int i) {
        return i < 16 ? packed[at + i] & 0x0f : (packed[at + (i - 16)] & 0xff) >> 4;
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
      @   requires (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 0;
      @       0 <= codes[k] && codes[k] < 8);
      @   assignable packed[at .. at + 11];
      @   ensures (\forall int j; 0 <= j && j < 8; (packed[at + j] & 0xff) == lowPairs(codes, first + 2*j));
      @   ensures (\forall int j; 0 <= j && j < 4; (packed[at + 8 + j] & 0xff) == highBits(codes, first + 16*j));
      @   ensures (\forall int i; 0 <= i && i < 32; code3(packed, at, i) == codes[first + 2*i]);
      @*/
    public static void pack3(byte[] codes, int first, byte[] packed, int at) {
        //@ loop_invariant 0 <= j && j <= 8;
        //@ loop_invariant (\forall int i; 0 <= i && i < j; (packed[at + i] & 0xff) == lowPairs(codes, first + 2*i));
        //@ loop_invariant (\forall int i; 8 <= i && i < 8 + j; lowPair(packed, at, i) == (codes[first + 2*i] & 3));
        //@ loop_invariant (\forall int i; 16 <= i && i < 16 + j; lowPair(packed, at, i) == (codes[first + 2*i] & 3));
        //@ loop_invariant (\forall int i; 24 <= i && i < 24 + j; lowPair(packed, at, i) == (codes[first + 2*i] & 3));
        //@ loop_invariant (\forall int i; 0 <= i && i < j; lowPair(packed, at, i) == (codes[first + 2*i] & 3));
        //@ loop_writes packed[at .. at + 7];
        //@ decreases 8 - j;
        for (int j = 0; j < 8; j++) {
            packed[at + j] = UnsignedByte.of(lowPairs(codes, first + 2 * j));
            //@ assert lowPair(packed, at, j) == (codes[first + 2*j] & 3);
            //@ assert lowPair(packed, at, 8 + j) == (codes[first + 2*(8 + j)] & 3);
            //@ assert lowPair(packed, at, 16 + j) == (codes[first + 2*(16 + j)] & 3);
            //@ assert lowPair(packed, at, 24 + j) == (codes[first + 2*(24 + j)] & 3);
        }
        //@ loop_invariant 0 <= j && j <= 4;
        /*@ loop_invariant (\forall int i; 0 <= i && i < j;
          @     (packed[at + 8 + i] & 0xff) == highBits(codes, first + 16*i)); @*/
        /*@ loop_invariant (\forall int c, t; 0 <= c && c < j && 0 <= t && t < 8;
          @     bit(packed[at + 8 + c], t) == (codes[first + 16*c + 2*t] >> 2 & 1)); @*/
        //@ loop_writes packed[at + 8 .. at + 11];
        //@ decreases 4 - j;
        for (int j = 0; j < 4; j++) {
            packed[at + 8 + j] = highByte(codes, first + 16 * j);
        }
        //@ assert (\forall int i; 0 <= i && i < 32; highBit(packed, at, i) == (codes[first + 2*i] >> 2 & 1));
    }

    /**
     * The low bit pairs of codes h_j, h_{j+8}, h_{j+16}, h_{j+24}, where {@code codes[k]} is h_j: Σ (h_{j+8t} mod
     * 4)·4^t.
     */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 49;
      @   ensures \result == (codes[k] & 3) + 4 * (codes[k + 16] & 3) + 16 * (codes[k + 32] & 3)
      @       + 64 * (codes[k + 48] & 3);
      @   ensures (\result & 3) == (codes[k] & 3) && (\result >> 2 & 3) == (codes[k + 16] & 3);
      @   ensures (\result >> 4 & 3) == (codes[k + 32] & 3) && (\result >> 6 & 3) == (codes[k + 48] & 3);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ spec_public pure @*/ static int lowPairs(byte[] codes, int k) {
        return (codes[k] & 3) + 4 * (codes[k + 16] & 3) + 16 * (codes[k + 32] & 3) + 64 * (codes[k + 48] & 3);
    }

    /**
     * Bit 2 of eight neighbouring codes of a half, where {@code codes[k]} is h_{8j}: Σ ⌊h_{8j+t} / 4⌋·2^t where h &lt;
     * 8.
     */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 15;
      @   ensures \result == (codes[k] >> 2 & 1) + 2 * (codes[k + 2] >> 2 & 1) + 4 * (codes[k + 4] >> 2 & 1)
      @       + 8 * (codes[k + 6] >> 2 & 1)
      @                    + 16 * (codes[k + 8] >> 2 & 1) + 32 * (codes[k + 10] >> 2 & 1)
      @                        + 64 * (codes[k + 12] >> 2 & 1) + 128 * (codes[k + 14] >> 2 & 1);
      @   ensures (\result & 1) == (codes[k] >> 2 & 1) && (\result >> 1 & 1) == (codes[k + 2] >> 2 & 1);
      @   ensures (\result >> 2 & 1) == (codes[k + 4] >> 2 & 1) && (\result >> 3 & 1) == (codes[k + 6] >> 2 & 1);
      @   ensures (\result >> 4 & 1) == (codes[k + 8] >> 2 & 1) && (\result >> 5 & 1) == (codes[k + 10] >> 2 & 1);
      @   ensures (\result >> 6 & 1) == (codes[k + 12] >> 2 & 1) && (\result >> 7 & 1) == (codes[k + 14] >> 2 & 1);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ spec_public pure @*/ static int highBits(byte[] codes, int k) {
        return (codes[k] >> 2 & 1)
                + 2 * (codes[k + 2] >> 2 & 1)
                + 4 * (codes[k + 4] >> 2 & 1)
                + 8 * (codes[k + 6] >> 2 & 1)
                + 16 * (codes[k + 8] >> 2 & 1)
                + 32 * (codes[k + 10] >> 2 & 1)
                + 64 * (codes[k + 12] >> 2 & 1)
                + 128 * (codes[k + 14] >> 2 & 1);
    }

    /** The byte of {@link #highBits}: its bit t is bit 2 of code h_{8j+t} (REQ-PCK-003). */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 15;
      @   ensures (\result & 0xff) == highBits(codes, k);
      @   ensures (\forall int t; 0 <= t && t < 8; bit(\result, t) == (codes[k + 2*t] >> 2 & 1));
      @*/
    /*@ spec_public pure @*/ static byte highByte(byte[] codes, int k) {
        return UnsignedByte.of(highBits(codes, k));
    }

    /** Bit t of a byte (REQ-PCK-003). */
    /*@ public normal_behavior
      @   requires 0 <= t && t < 8;
      @   ensures \result == (value >> t & 1);
      @   ensures 0 <= \result && \result < 2;
      @*/
    /*@ spec_public pure heap_free @*/ static int bit(byte value, int t) {
        return value >> t & 1;
    }

    /** The inverse of {@link #pack3} (REQ-PCK-003, REQ-PCK-008). */
    /*@ public normal_behavior
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 12;
      @   requires codes != packed;
      @   assignable codes[first .. first + 62];
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 0;
      @       codes[k] == code3(packed, at, (k - first) / 2));
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1; codes[k] == \old(codes[k]));
      @*/
    public static void unpack3(byte[] packed, int at, byte[] codes, int first) {
        //@ loop_invariant 0 <= i && i <= 32;
        /*@ loop_invariant (\forall int k; first <= k && k < first + 2*i && (k - first) % 2 == 0;
          @     codes[k] == code3(packed, at, (k - first) / 2)); @*/
        /*@ loop_invariant (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1;
          @     codes[k] == \old(codes[k])); @*/
        //@ loop_writes codes[first .. first + 62];
        //@ decreases 32 - i;
        for (int i = 0; i < 32; i++) {
            codes[first + 2 * i] = (byte) code3(packed, at, i);
        }
    }

    /** Code h_i of a packed half of 3-bit codes: its low pair and its high bit. */
    /*@ public normal_behavior
      @   requires 0 <= at && at <= packed.length - 12;
      @   requires 0 <= i && i < 32;
      @   ensures \result == lowPair(packed, at, i) + 4 * highBit(packed, at, i);
      @   ensures 0 <= \result && \result < 8;
      @*/
    /*@ spec_public pure @*/ static int code3(byte[] packed, int at, int i) {
        return lowPair(packed, at, i) + 4 * highBit(packed, at, i);
    }

    /** h_i mod 4: bits 2·⌊i/8⌋ and 2·⌊i/8⌋ + 1 of byte i mod 8 (REQ-PCK-003). */
    /*@ public normal_behavior
      @   requires 0 <= at && at <= packed.length - 8;
      @   requires 0 <= i && i < 32;
      @   ensures \result == ((packed[at + (i & 7)] >> 2 * (i >> 3 & 3)) & 3);
      @   ensures 0 <= \result && \result < 4;
      @*/
    /*@ spec_public pure @*/ static int lowPair(byte[] packed, int at, int i) {
        return (packed[at + (i & 7)] >> 2 * (i >> 3 & 3)) & 3;
    }

    /** ⌊h_i / 4⌋: bit i mod 8 of byte 8 + ⌊i/8⌋ (REQ-PCK-003). */
    /*@ public normal_behavior
      @   requires 0 <= at && at <= packed.length - 12;
      @   requires 0 <= i && i < 32;
      @   ensures \result == bit(packed[at + 8 + (i >> 3 & 3)], i & 7);
      @   ensures 0 <= \result && \result < 2;
      @*/
    /*@ spec_public pure @*/ static int highBit(byte[] packed, int at, int i) {
        return bit(packed[at + 8 + (i >> 3 & 3)], i & 7);
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
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 0;
      @       codes[k] == packed[at + (k - first) / 2]);
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1; codes[k] == \old(codes[k]));
      @*/
    public static void unpack8(byte[] packed, int at, byte[] codes, int first) {
        //@ loop_invariant 0 <= j && j <= 32;
        /*@ loop_invariant (\forall int k; first <= k && k < first + 2*j && (k - first) % 2 == 0;
          @     codes[k] == packed[at + (k - first) / 2]); @*/
        /*@ loop_invariant (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1;
          @     codes[k] == \old(codes[k])); @*/
        //@ loop_writes codes[first .. first + 62];
        //@ decreases 32 - j;
        for (int j = 0; j < 32; j++) {
            codes[first + 2 * j] = packed[at + j];
        }
    }
}
