package org.threehalf.kernels.reference;

import org.threehalf.kernels.format.Format;

/**
 * Packs and unpacks the codes and the sub-scales of a row (REQ-PCK-001, REQ-PCK-005, REQ-PCK-006).
 *
 * <p>A row's array of codes holds one stored code a byte for B·64 inputs, in their order; the codes of inputs past K
 * are 0.
 */
public final class RowPacking {
    private RowPacking() {}

    /**
     * Packs a row's codes, block by block, each the even half and then the odd half (REQ-PCK-001, REQ-PCK-005):
     * {@link #code} of the result gives every code back (REQ-PCK-008).
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
      @   requires codes != packed && 64 * blocks <= codes.length
      @       && blockStart(evenBits + oddBits, blocks) <= packed.length;
      @   requires (\forall int k; 0 <= k && k < 64 * blocks; fits(k % 2 == 0 ? evenBits : oddBits, codes[k]));
      @   assignable packed[0 .. blockStart(evenBits + oddBits, blocks) - 1];
      @   ensures (\forall int k; 0 <= k && k < 64 * blocks;
      @       code(evenBits, oddBits, packed, k) == UnsignedByte.value(codes[k]));
      @*/
    public static void pack(int evenBits, int oddBits, byte[] codes, int blocks, byte[] packed) {
        //@ loop_invariant 0 <= b && b <= blocks;
        /*@ loop_invariant (\forall int k; 0 <= k && k < 64 * b;
          @     code(evenBits, oddBits, packed, k) == UnsignedByte.value(codes[k])); @*/
        //@ loop_writes packed[0 .. blockStart(evenBits + oddBits, blocks) - 1];
        //@ decreases blocks - b;
        for (int b = 0; b < blocks; b++) {
            packBlock(evenBits, oddBits, codes, b, packed);
        }
    }

    /**
     * Packs block {@code b} of a row, and leaves the codes of earlier blocks as they are (REQ-PCK-001, REQ-PCK-005).
     * Parameters as in {@link #pack}.
     */
    /*@ public normal_behavior
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires 0 <= b && b < 16384;
      @   requires codes != packed && 64 * b + 64 <= codes.length
      @       && blockStart(evenBits + oddBits, b + 1) <= packed.length;
      @   requires (\forall int k; 64 * b <= k && k < 64 * b + 64; fits(k % 2 == 0 ? evenBits : oddBits, codes[k]));
      @   assignable packed[blockStart(evenBits + oddBits, b) .. blockStart(evenBits + oddBits, b + 1) - 1];
      @   ensures (\forall int k; 64 * b <= k && k < 64 * b + 64;
      @       code(evenBits, oddBits, packed, k) == UnsignedByte.value(codes[k]));
      @   ensures (\forall int c, i; 0 <= c && c < b && 0 <= i && i < 64;
      @       blockCode(evenBits, oddBits, packed, blockStart(evenBits + oddBits, c), i)
      @                    == \old(blockCode(evenBits, oddBits, packed, blockStart(evenBits + oddBits, c), i)));
      @*/
    public static void packBlock(int evenBits, int oddBits, byte[] codes, int b, byte[] packed) {
        int at = blockStart(evenBits + oddBits, b);
        packHalves(evenBits, oddBits, codes, Format.BLOCK * b, packed, at);
        /*@ assert (\forall int k; 64 * b <= k && k < 64 * b + 64;
          @     blockCode(evenBits, oddBits, packed, at, k - 64 * b) == UnsignedByte.value(codes[k])); @*/
    }

    /**
     * Packs a block: the even half and then the odd half (REQ-PCK-001). The codes of blocks that end before it stay as
     * they are.
     *
     * @param first index of the block's first code
     * @param at index of the block's first byte
     */
    /*@ public normal_behavior
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires codes != packed && 0 <= first && first <= codes.length - 64 && 0 <= at
      @       && at <= packed.length - 4 * (evenBits + oddBits);
      @   requires (\forall int k; first <= k && k < first + 64;
      @       fits((k - first) % 2 == 0 ? evenBits : oddBits, codes[k]));
      @   assignable packed[at .. at + 4 * (evenBits + oddBits) - 1];
      @   ensures (\forall int i; 0 <= i && i < 64;
      @       blockCode(evenBits, oddBits, packed, at, i) == UnsignedByte.value(codes[first + i]));
      @   ensures (\forall int s, i; 0 <= s && s + 4 * (evenBits + oddBits) <= at && 0 <= i && i < 64;
      @       blockCode(evenBits, oddBits, packed, s, i) == \old(blockCode(evenBits, oddBits, packed, s, i)));
      @*/
    public static void packHalves(int evenBits, int oddBits, byte[] codes, int first, byte[] packed, int at) {
        packHalf(evenBits, codes, first, packed, at);
        packHalf(oddBits, codes, first + 1, packed, at + 4 * evenBits);
    }

    /** The inverse of {@link #pack}: every code is what {@link #code} says (REQ-PCK-008). */
    /*@ public normal_behavior
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires 0 <= blocks && blocks <= 16384;
      @   requires codes != packed && 64 * blocks <= codes.length
      @       && blockStart(evenBits + oddBits, blocks) <= packed.length;
      @   assignable codes[0 .. 64 * blocks - 1];
      @   ensures (\forall int k; 0 <= k && k < 64 * blocks;
      @       UnsignedByte.value(codes[k]) == code(evenBits, oddBits, packed, k));
      @*/
    public static void unpack(int evenBits, int oddBits, byte[] packed, int blocks, byte[] codes) {
        //@ loop_invariant 0 <= b && b <= blocks;
        /*@ loop_invariant (\forall int k; 0 <= k && k < 64 * b;
          @     UnsignedByte.value(codes[k]) == code(evenBits, oddBits, packed, k)); @*/
        //@ loop_writes codes[0 .. 64 * blocks - 1];
        //@ decreases blocks - b;
        for (int b = 0; b < blocks; b++) {
            int at = blockStart(evenBits + oddBits, b);
            unpackHalf(evenBits, packed, at, codes, Format.BLOCK * b);
            unpackHalf(oddBits, packed, at + 4 * evenBits, codes, Format.BLOCK * b + 1);
        }
    }

    /**
     * Where block {@code b} starts in a row's packed codes: 4 · bits · b (REQ-PCK-005).
     *
     * <p>The contract says it for each sum of widths: provers decide multiples by a constant, and not products.
     *
     * @param bits the widths at even and odd inputs together
     */
    /*@ public normal_behavior
      @   requires bits == 16 || bits == 12 || bits == 11 || bits == 8 || bits == 7 || bits == 6;
      @   requires 0 <= b && b <= 16384;
      @   ensures bits == 16 ==> \result == 64 * b;
      @   ensures bits == 12 ==> \result == 48 * b;
      @   ensures bits == 11 ==> \result == 44 * b;
      @   ensures bits == 8 ==> \result == 32 * b;
      @   ensures bits == 7 ==> \result == 28 * b;
      @   ensures bits == 6 ==> \result == 24 * b;
      @   ensures 0 <= \result && \result <= 1048576;
      @*/
    /*@ pure heap_free @*/ public static int blockStart(int bits, int b) {
        return 4 * bits * b;
    }

    /** The code of input {@code k} in a row's packed codes (REQ-PCK-001). */
    /*@ public normal_behavior
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires 0 <= k && k < 1048576;
      @   requires blockStart(evenBits + oddBits, k / 64 + 1) <= packed.length;
      @   ensures k % 2 == 0 ==> \result == halfCode(evenBits, packed, blockStart(evenBits + oddBits, k / 64),
      @       k % 64 / 2);
      @   ensures k % 2 == 1 ==> \result == halfCode(oddBits, packed, blockStart(evenBits + oddBits, k / 64)
      @       + 4 * evenBits, k % 64 / 2);
      @   ensures \result == blockCode(evenBits, oddBits, packed, blockStart(evenBits + oddBits, k / 64), k % 64);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ pure @*/ public static int code(int evenBits, int oddBits, byte[] packed, int k) {
        return blockCode(evenBits, oddBits, packed, blockStart(evenBits + oddBits, k / 64), k % 64);
    }

    /** The code of input {@code i} in a packed block that starts at byte {@code at} (REQ-PCK-001). */
    /*@ public normal_behavior
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires 0 <= at && at <= packed.length - 4 * (evenBits + oddBits) && 0 <= i && i < 64;
      @   ensures i % 2 == 0 ==> \result == halfCode(evenBits, packed, at, i / 2);
      @   ensures i % 2 == 1 ==> \result == halfCode(oddBits, packed, at + 4 * evenBits, i / 2);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ pure @*/ public static int blockCode(int evenBits, int oddBits, byte[] packed, int at, int i) {
        return i % 2 == 0 ? halfCode(evenBits, packed, at, i / 2) : halfCode(oddBits, packed, at + 4 * evenBits, i / 2);
    }

    /** Code h_i of a packed half, by the width (REQ-PCK-001). */
    /*@ public normal_behavior
      @   requires bits == 8 || bits == 4 || bits == 3;
      @   requires 0 <= at && at <= packed.length - 4 * bits && 0 <= i && i < 32;
      @   ensures bits == 4 ==> \result == HalfPacking.code4(packed, at, i);
      @   ensures bits == 3 ==> \result == HalfPacking.code3(packed, at, i);
      @   ensures bits == 8 ==> \result == UnsignedByte.value(packed[at + i]);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ pure @*/ public static int halfCode(int bits, byte[] packed, int at, int i) {
        return bits == 4
                ? HalfPacking.code4(packed, at, i)
                : bits == 3 ? HalfPacking.code3(packed, at, i) : UnsignedByte.value(packed[at + i]);
    }

    /** Whether a stored code fits a width: a code of 8 bits is any byte. */
    /*@ public normal_behavior
      @   requires bits == 8 || bits == 4 || bits == 3;
      @   ensures bits == 8 ==> \result;
      @   ensures bits == 4 ==> (\result == (0 <= code && code < 16));
      @   ensures bits == 3 ==> (\result == (0 <= code && code < 8));
      @*/
    /*@ pure heap_free @*/ public static boolean fits(int bits, byte code) {
        return bits == 8 || 0 <= code && code < (bits == 4 ? 16 : 8);
    }

    /** Packs a half by its width, and leaves the codes of halves that end before it as they are (REQ-PCK-001). */
    /*@ public normal_behavior
      @   requires bits == 8 || bits == 4 || bits == 3;
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 4 * bits;
      @   requires codes != packed;
      @   requires (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 0; fits(bits, codes[k]));
      @   assignable packed[at .. at + 4 * bits - 1];
      @   ensures (\forall int i; 0 <= i && i < 32;
      @       halfCode(bits, packed, at, i) == UnsignedByte.value(codes[first + 2*i]));
      @   ensures (\forall int w, s, i; (w == 8 || w == 4 || w == 3) && 0 <= s && s + 4 * w <= at && 0 <= i
      @       && i < 32; halfCode(w, packed, s, i) == \old(halfCode(w, packed, s, i)));
      @*/
    public static void packHalf(int bits, byte[] codes, int first, byte[] packed, int at) {
        if (bits == 4) {
            HalfPacking.pack4(codes, first, packed, at);
        } else if (bits == 3) {
            HalfPacking.pack3(codes, first, packed, at);
        } else {
            HalfPacking.pack8(codes, first, packed, at);
        }
        /*@ assert (\forall int s, i; 0 <= s && s + 12 <= at && 0 <= i && i < 32;
          @     HalfPacking.lowPair(packed, s, i) == \old(HalfPacking.lowPair(packed, s, i))); @*/
        /*@ assert (\forall int s, i; 0 <= s && s + 12 <= at && 0 <= i && i < 32;
          @     HalfPacking.highBit(packed, s, i) == \old(HalfPacking.highBit(packed, s, i))); @*/
        /*@ assert (\forall int s, i; 0 <= s && s + 12 <= at && 0 <= i && i < 32;
          @     HalfPacking.code3(packed, s, i) == \old(HalfPacking.code3(packed, s, i))); @*/
        /*@ assert (\forall int s, i; 0 <= s && s + 16 <= at && 0 <= i && i < 32;
          @     HalfPacking.code4(packed, s, i) == \old(HalfPacking.code4(packed, s, i))); @*/
    }

    /** Unpacks a half by its width (REQ-PCK-001). */
    /*@ public normal_behavior
      @   requires bits == 8 || bits == 4 || bits == 3;
      @   requires 0 <= first && first <= codes.length - 63;
      @   requires 0 <= at && at <= packed.length - 4 * bits;
      @   requires codes != packed;
      @   assignable codes[first .. first + 62];
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 0;
      @       UnsignedByte.value(codes[k]) == halfCode(bits, packed, at, (k - first) / 2));
      @   ensures (\forall int k; first <= k && k <= first + 62 && (k - first) % 2 == 1; codes[k] == \old(codes[k]));
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
      @   ensures subscales.length % 2 == 1 ==> UnsignedByte.value(packed[subscales.length / 2]) < 16;
      @*/
    public static void packSubscales(byte[] subscales, byte[] packed) {
        //@ loop_invariant 0 <= j && j <= packed.length;
        /*@ loop_invariant (\forall int b; 0 <= b && b < 2 * j && b < subscales.length;
          @     subscales[b] == subscale(packed, b)); @*/
        /*@ loop_invariant subscales.length % 2 == 1 && j == packed.length
          @     ==> UnsignedByte.value(packed[subscales.length / 2]) < 16; @*/
        //@ loop_writes packed[*];
        //@ decreases packed.length - j;
        for (int j = 0; j < packed.length; j++) {
            int low = subscales[2 * j];
            int high = j < subscales.length / 2 ? subscales[2 * j + 1] : 0;
            packed[j] = UnsignedByte.of(low + 16 * high);
        }
    }

    /** The sub-scale of block {@code b} in a row's packed sub-scales (REQ-PCK-006). */
    /*@ public normal_behavior
      @   requires 0 <= b && b / 2 < packed.length;
      @   ensures b % 2 == 0 ==> \result == UnsignedByte.value(packed[b / 2]) % 16;
      @   ensures b % 2 == 1 ==> \result == UnsignedByte.value(packed[b / 2]) / 16;
      @   ensures 0 <= \result && \result <= 15;
      @*/
    /*@ pure @*/ public static int subscale(byte[] packed, int b) {
        int pair = UnsignedByte.value(packed[b / 2]);
        return b % 2 == 0 ? pair % 16 : pair / 16;
    }
}
