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
      @       UnsignedByte.value(packed[at + j]) == codes[first + 2*j] + 16 * codes[first + 2*j + 32]);
      @   ensures (\forall int i; 0 <= i && i < 32; code4(packed, at, i) == codes[first + 2*i]);
      @*/
    public static void pack4(byte[] codes, int first, byte[] packed, int at) {
        //@ loop_invariant 0 <= j && j <= 16;
        /*@ loop_invariant (\forall int i; 0 <= i && i < j;
          @     UnsignedByte.value(packed[at + i]) == codes[first + 2*i] + 16 * codes[first + 2*i + 32]); @*/
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
            codes[first + 2 * j] = (byte) (UnsignedByte.value(packed[at + j]) % 16);
            codes[first + 2 * j + 32] = (byte) (UnsignedByte.value(packed[at + j]) / 16);
        }
    }

    /**
     * Code h_i of a packed half of 4-bit codes: the low nibble of byte i, or the high nibble of byte i − 16
     * (REQ-PCK-002).
     */
    /*@ public normal_behavior
      @   requires 0 <= at && at <= packed.length - 16;
      @   requires 0 <= i && i < 32;
      @   ensures i < 16 ==> \result == UnsignedByte.value(packed[at + i]) % 16;
      @   ensures i >= 16 ==> \result == UnsignedByte.value(packed[at + (i - 16)]) / 16;
      @   ensures 0 <= \result && \result < 16;
      @*/
    /*@ spec_public pure @*/ static int code4(byte[] packed, int at, int i) {
        return i < 16 ? UnsignedByte.value(packed[at + i]) % 16 : UnsignedByte.value(packed[at + (i - 16)]) / 16;
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
      @   ensures (\forall int j; 0 <= j && j < 8; UnsignedByte.value(packed[at + j]) == lowPairs(codes, first + 2*j));
      @   ensures (\forall int j; 0 <= j && j < 4;
      @       UnsignedByte.value(packed[at + 8 + j]) == highBits(codes, first + 16*j));
      @   ensures (\forall int i; 0 <= i && i < 32; code3(packed, at, i) == codes[first + 2*i]);
      @*/
    public static void pack3(byte[] codes, int first, byte[] packed, int at) {
        //@ loop_invariant 0 <= j && j <= 8;
        /*@ loop_invariant (\forall int i; 0 <= i && i < j;
          @     UnsignedByte.value(packed[at + i]) == lowPairs(codes, first + 2*i)); @*/
        /*@ loop_invariant (\forall int i; 8 <= i && i < 8 + j;
          @     lowPair(packed, at, i) == UnsignedByte.value(codes[first + 2*i]) % 4); @*/
        /*@ loop_invariant (\forall int i; 16 <= i && i < 16 + j;
          @     lowPair(packed, at, i) == UnsignedByte.value(codes[first + 2*i]) % 4); @*/
        /*@ loop_invariant (\forall int i; 24 <= i && i < 24 + j;
          @     lowPair(packed, at, i) == UnsignedByte.value(codes[first + 2*i]) % 4); @*/
        /*@ loop_invariant (\forall int i; 0 <= i && i < j;
          @     lowPair(packed, at, i) == UnsignedByte.value(codes[first + 2*i]) % 4); @*/
        //@ loop_writes packed[at .. at + 7];
        //@ decreases 8 - j;
        for (int j = 0; j < 8; j++) {
            packed[at + j] = UnsignedByte.of(lowPairs(codes, first + 2 * j));
            //@ assert lowPair(packed, at, j) == UnsignedByte.value(codes[first + 2*j]) % 4;
            //@ assert lowPair(packed, at, 8 + j) == UnsignedByte.value(codes[first + 2*(8 + j)]) % 4;
            //@ assert lowPair(packed, at, 16 + j) == UnsignedByte.value(codes[first + 2*(16 + j)]) % 4;
            //@ assert lowPair(packed, at, 24 + j) == UnsignedByte.value(codes[first + 2*(24 + j)]) % 4;
        }
        //@ loop_invariant 0 <= j && j <= 4;
        /*@ loop_invariant (\forall int i; 0 <= i && i < j;
          @     UnsignedByte.value(packed[at + 8 + i]) == highBits(codes, first + 16*i)); @*/
        /*@ loop_invariant (\forall int c, t; 0 <= c && c < j && 0 <= t && t < 8;
          @     UnsignedByte.bit(packed[at + 8 + c], t)
          @         == UnsignedByte.bit(codes[first + 16*c + 2*t], 2)); @*/
        //@ loop_writes packed[at + 8 .. at + 11];
        //@ decreases 4 - j;
        for (int j = 0; j < 4; j++) {
            packed[at + 8 + j] = highByte(codes, first + 16 * j);
        }
        /*@ assert (\forall int i; 0 <= i && i < 32;
          @     highBit(packed, at, i) == UnsignedByte.bit(codes[first + 2*i], 2)); @*/
    }

    /**
     * The low bit pairs of codes h_j, h_{j+8}, h_{j+16}, h_{j+24}, where {@code codes[k]} is h_j: Σ (h_{j+8t} mod
     * 4)·4^t.
     */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 49;
      @   ensures \result == UnsignedByte.value(codes[k]) % 4 + 4 * (UnsignedByte.value(codes[k + 16]) % 4)
      @       + 16 * (UnsignedByte.value(codes[k + 32]) % 4) + 64 * (UnsignedByte.value(codes[k + 48]) % 4);
      @   ensures \result % 4 == UnsignedByte.value(codes[k]) % 4;
      @   ensures \result / 4 % 4 == UnsignedByte.value(codes[k + 16]) % 4;
      @   ensures \result / 16 % 4 == UnsignedByte.value(codes[k + 32]) % 4;
      @   ensures \result / 64 == UnsignedByte.value(codes[k + 48]) % 4;
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ spec_public pure @*/ static int lowPairs(byte[] codes, int k) {
        return UnsignedByte.value(codes[k]) % 4
                + 4 * (UnsignedByte.value(codes[k + 16]) % 4)
                + 16 * (UnsignedByte.value(codes[k + 32]) % 4)
                + 64 * (UnsignedByte.value(codes[k + 48]) % 4);
    }

    /**
     * Bit 2 of eight neighbouring codes of a half, where {@code codes[k]} is h_{8j}: Σ ⌊h_{8j+t} / 4⌋·2^t where h &lt;
     * 8.
     */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 15;
      @   ensures \result == UnsignedByte.bit(codes[k], 2) + 2 * UnsignedByte.bit(codes[k + 2], 2)
      @       + 4 * UnsignedByte.bit(codes[k + 4], 2) + 8 * UnsignedByte.bit(codes[k + 6], 2)
      @       + 16 * UnsignedByte.bit(codes[k + 8], 2) + 32 * UnsignedByte.bit(codes[k + 10], 2)
      @       + 64 * UnsignedByte.bit(codes[k + 12], 2) + 128 * UnsignedByte.bit(codes[k + 14], 2);
      @   ensures \result % 2 == UnsignedByte.bit(codes[k], 2) && \result / 2 % 2 == UnsignedByte.bit(codes[k + 2], 2);
      @   ensures \result / 4 % 2 == UnsignedByte.bit(codes[k + 4], 2);
      @   ensures \result / 8 % 2 == UnsignedByte.bit(codes[k + 6], 2);
      @   ensures \result / 16 % 2 == UnsignedByte.bit(codes[k + 8], 2);
      @   ensures \result / 32 % 2 == UnsignedByte.bit(codes[k + 10], 2);
      @   ensures \result / 64 % 2 == UnsignedByte.bit(codes[k + 12], 2);
      @   ensures \result / 128 == UnsignedByte.bit(codes[k + 14], 2);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ spec_public pure @*/ static int highBits(byte[] codes, int k) {
        return UnsignedByte.bit(codes[k], 2)
                + 2 * UnsignedByte.bit(codes[k + 2], 2)
                + 4 * UnsignedByte.bit(codes[k + 4], 2)
                + 8 * UnsignedByte.bit(codes[k + 6], 2)
                + 16 * UnsignedByte.bit(codes[k + 8], 2)
                + 32 * UnsignedByte.bit(codes[k + 10], 2)
                + 64 * UnsignedByte.bit(codes[k + 12], 2)
                + 128 * UnsignedByte.bit(codes[k + 14], 2);
    }

    /** The byte of {@link #highBits}: its bit t is bit 2 of code h_{8j+t} (REQ-PCK-003). */
    /*@ public normal_behavior
      @   requires 0 <= k && k <= codes.length - 15;
      @   ensures UnsignedByte.value(\result) == highBits(codes, k);
      @   ensures (\forall int t; 0 <= t && t < 8;
      @       UnsignedByte.bit(\result, t) == UnsignedByte.bit(codes[k + 2*t], 2));
      @*/
    /*@ spec_public pure @*/ static byte highByte(byte[] codes, int k) {
        return UnsignedByte.of(highBits(codes, k));
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
        //@ loop_invariant 0 <= j && j <= 8;
        /*@ loop_invariant (\forall int k; first <= k && k < first + 2*j && (k - first) % 2 == 0;
          @     codes[k] == code3(packed, at, (k - first) / 2)); @*/
        /*@ loop_invariant (\forall int k; first + 16 <= k && k < first + 16 + 2*j && (k - first) % 2 == 0;
          @     codes[k] == code3(packed, at, (k - first) / 2)); @*/
        /*@ loop_invariant (\forall int k; first + 32 <= k && k < first + 32 + 2*j && (k - first) % 2 == 0;
          @     codes[k] == code3(packed, at, (k - first) / 2)); @*/
        /*@ loop_invariant (\forall int k; first + 48 <= k && k < first + 48 + 2*j && (k - first) % 2 == 0;
          @     codes[k] == code3(packed, at, (k - first) / 2)); @*/
        /*@ loop_invariant (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1;
          @     codes[k] == \old(codes[k])); @*/
        //@ loop_writes codes[first .. first + 62];
        //@ decreases 8 - j;
        for (int j = 0; j < 8; j++) {
            int pairs = UnsignedByte.value(packed[at + j]);
            //@ assert code3(packed, at, j) == pairs % 4 + 4 * UnsignedByte.bit(packed[at + 8], j);
            //@ assert code3(packed, at, 8 + j) == pairs / 4 % 4 + 4 * UnsignedByte.bit(packed[at + 9], j);
            //@ assert code3(packed, at, 16 + j) == pairs / 16 % 4 + 4 * UnsignedByte.bit(packed[at + 10], j);
            //@ assert code3(packed, at, 24 + j) == pairs / 64 + 4 * UnsignedByte.bit(packed[at + 11], j);
            codes[first + 2 * j] = (byte) (pairs % 4 + 4 * UnsignedByte.bit(packed[at + 8], j));
            codes[first + 2 * j + 16] = (byte) (pairs / 4 % 4 + 4 * UnsignedByte.bit(packed[at + 9], j));
            codes[first + 2 * j + 32] = (byte) (pairs / 16 % 4 + 4 * UnsignedByte.bit(packed[at + 10], j));
            codes[first + 2 * j + 48] = (byte) (pairs / 64 + 4 * UnsignedByte.bit(packed[at + 11], j));
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
      @   ensures i < 8 ==> \result == UnsignedByte.value(packed[at + i]) % 4;
      @   ensures 8 <= i && i < 16 ==> \result == UnsignedByte.value(packed[at + (i - 8)]) / 4 % 4;
      @   ensures 16 <= i && i < 24 ==> \result == UnsignedByte.value(packed[at + (i - 16)]) / 16 % 4;
      @   ensures 24 <= i ==> \result == UnsignedByte.value(packed[at + (i - 24)]) / 64;
      @   ensures 0 <= \result && \result < 4;
      @*/
    /*@ spec_public pure @*/ static int lowPair(byte[] packed, int at, int i) {
        int pairs = UnsignedByte.value(packed[at + i % 8]);
        return i < 16 ? i < 8 ? pairs % 4 : pairs / 4 % 4 : i < 24 ? pairs / 16 % 4 : pairs / 64;
    }

    /** ⌊h_i / 4⌋: bit i mod 8 of byte 8 + ⌊i/8⌋ (REQ-PCK-003). */
    /*@ public normal_behavior
      @   requires 0 <= at && at <= packed.length - 12;
      @   requires 0 <= i && i < 32;
      @   ensures \result == UnsignedByte.bit(packed[at + 8 + i / 8], i % 8);
      @   ensures 0 <= \result && \result < 2;
      @*/
    /*@ spec_public pure @*/ static int highBit(byte[] packed, int at, int i) {
        return UnsignedByte.bit(packed[at + 8 + i / 8], i % 8);
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
