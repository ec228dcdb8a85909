package org.threehalf.kernels.reference;

import org.threehalf.kernels.format.Format;

/**
 * Packs and unpacks the codes and the sub-scales of a row (REQ-PCK-001, REQ-PCK-005, REQ-PCK-006).
 *
 * <p>A row's array of codes holds one stored code a byte for B·64 inputs, in their order; the codes of inputs past K are 0.
 */
public final class RowPacking {
    private RowPacking() {}

    /**
     * Packs a row's codes, block by block, each the even half and then the odd half (REQ-PCK-001, REQ-PCK-005).
     *
     * @param evenBits width of the codes at even inputs: 8, 4 or 3
     * @param oddBits width of the codes at odd inputs: 8, 4 or 3
     * @param codes {@code blocks*64} codes, each below {@code 1 << width}
     * @param blocks B ≥ 0
     * @param packed where the {@code blocks * 4 * (evenBits + oddBits)} bytes go, from index 0
     */
    /*@ public normal_behavior
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires 0 <= blocks && blocks <= 16384;
      @   requires codes != packed && 64 * blocks <= codes.length && 4 * (evenBits + oddBits) * blocks <= packed.length;
      @   requires evenBits < 8 ==> (\forall int k; 0 <= k && k < 32 * blocks; 0 <= codes[2*k] && codes[2*k] < (1 << evenBits));
      @   requires oddBits < 8 ==> (\forall int k; 0 <= k && k < 32 * blocks; 0 <= codes[2*k + 1] && codes[2*k + 1] < (1 << oddBits));
      @   assignable packed[*];
      @*/
    public static void pack(int evenBits, int oddBits, byte[] codes, int blocks, byte[] packed) {
        int evenBytes = 4 * evenBits;
        int blockBytes = evenBytes + 4 * oddBits;
        //@ loop_invariant 0 <= b && b <= blocks;
        //@ loop_writes packed[*];
        //@ decreases blocks - b;
        for (int b = 0; b < blocks; b++) {
            packHalf(evenBits, codes, Format.BLOCK * b, packed, blockBytes * b);
            packHalf(oddBits, codes, Format.BLOCK * b + 1, packed, blockBytes * b + evenBytes);
        }
    }

    /** The inverse of {@link #pack} (REQ-PCK-008). */
    /*@ public normal_behavior
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires 0 <= blocks && blocks <= 16384;
      @   requires codes != packed && 64 * blocks <= codes.length && 4 * (evenBits + oddBits) * blocks <= packed.length;
      @   assignable codes[*];
      @*/
    public static void unpack(int evenBits, int oddBits, byte[] packed, int blocks, byte[] codes) {
        int evenBytes = 4 * evenBits;
        int blockBytes = evenBytes + 4 * oddBits;
        //@ loop_invariant 0 <= b && b <= blocks;
        //@ loop_writes codes[*];
        //@ decreases blocks - b;
        for (int b = 0; b < blocks; b++) {
            unpackHalf(evenBits, packed, blockBytes * b, codes, Format.BLOCK * b);
            unpackHalf(oddBits, packed, blockBytes * b + evenBytes, codes, Format.BLOCK * b + 1);
        }
    }

    /** Packs a half by its width (REQ-PCK-001). */
    /*@ public normal_behavior
      @   requires bits == 8 || bits == 4 || bits == 3;
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 4 * bits;
      @   requires codes != packed;
      @   requires bits < 8 ==> (\forall int i; 0 <= i && i < 32; 0 <= codes[first + 2*i] && codes[first + 2*i] < (1 << bits));
      @   assignable packed[at .. at + 4 * bits - 1];
      @*/
    public static void packHalf(int bits, byte[] codes, int first, byte[] packed, int at) {
        if (bits == 4) {
            HalfPacking.pack4(codes, first, packed, at);
        } else if (bits == 3) {
            HalfPacking.pack3(codes, first, packed, at);
        } else {
            HalfPacking.pack8(codes, first, packed, at);
        }
    }

    /** Unpacks a half by its width (REQ-PCK-001). */
    /*@ public normal_behavior
      @   requires bits == 8 || bits == 4 || bits == 3;
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 4 * bits;
      @   requires codes != packed;
      @   assignable codes[first .. first + 62];
      @   ensures bits == 4 ==> (\forall int i; 0 <= i && i < 32; 0 <= codes[first + 2*i] && codes[first + 2*i] < 16);
      @   ensures bits == 3 ==> (\forall int i; 0 <= i && i < 32; 0 <= codes[first + 2*i] && codes[first + 2*i] < 8);
      @   ensures (\forall int i; 0 <= i && i < 31; codes[first + 2*i + 1] == \old(codes[first + 2*i + 1]));
      @*/
    public static void unpackHalf(int bits, byte[] packed, int at, byte[] codes, int first) {
        if (bits == 4) {
            HalfPacking.unpack4(packed, at, codes, first);
        } else if (bits == 3) {
            HalfPacking.unpack3(packed, at, codes, first);
        } else {
            HalfPacking.unpack8(packed, at, codes, first);
        }
    }

    /**
     * Packs a row's sub-scales, two a byte, the earlier block in the low nibble (REQ-PCK-006).
     *
     * @param subscales B sub-scales, each in [0, 15]
     * @param packed where the ⌈B/2⌉ bytes go, from index 0
     */
    /*@ public normal_behavior
      @   requires subscales != packed && packed.length == (subscales.length + 1) / 2;
      @   requires subscales.length < Integer.MAX_VALUE;
      @   requires (\forall int b; 0 <= b && b < subscales.length; 0 <= subscales[b] && subscales[b] <= 15);
      @   assignable packed[*];
      @   ensures (\forall int b; 0 <= b && b < subscales.length; subscales[b] == subscale(packed, b));
      @   ensures subscales.length % 2 == 1 ==> (packed[subscales.length / 2] & 0xf0) == 0;
      @*/
    public static void packSubscales(byte[] subscales, byte[] packed) {
        //@ loop_invariant 0 <= j && j <= packed.length;
        //@ loop_invariant (\forall int b; 0 <= b && b < 2 * j && b < subscales.length; subscales[b] == subscale(packed, b));
        //@ loop_invariant subscales.length % 2 == 1 && j == packed.length ==> (packed[subscales.length / 2] & 0xf0) == 0;
        //@ loop_writes packed[*];
        //@ decreases packed.length - j;
        for (int j = 0; j < packed.length; j++) {
            int low = subscales[2 * j];
            int high = j < subscales.length / 2 ? subscales[2 * j + 1] : 0;
            packed[j] = (byte) (low + 16 * high);
        }
    }

    /** The sub-scale of block {@code b} in a row's packed sub-scales (REQ-PCK-006). */
    /*@ public normal_behavior
      @   requires 0 <= b && b / 2 < packed.length;
      @   ensures b % 2 == 0 ==> \result == (packed[b / 2] & 0x0f);
      @   ensures b % 2 == 1 ==> \result == ((packed[b / 2] & 0xff) >> 4);
      @   ensures 0 <= \result && \result <= 15;
      @*/
    /*@ pure @*/ public static int subscale(byte[] packed, int b) {
        return b % 2 == 0 ? packed[b / 2] & 0x0f : (packed[b / 2] & 0xff) >> 4;
    }
}
