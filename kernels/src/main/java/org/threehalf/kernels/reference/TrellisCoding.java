package org.threehalf.kernels.reference;

import org.threehalf.kernels.format.Format;

/**
 * Blocks of the T formats: 64 codes as a circular string of bits, and the integers that windows of it stand for
 * (REQ-FMT-009, REQ-PCK-009).
 *
 * <p>The string of a block has 32·P bits, P = even width + odd width: the code of input i is written from bit p_i =
 * P·⌊i/2⌋ + (even width)·(i mod 2) on, its lowest bit first. Input i reads the eight bits from p_i on: its own code,
 * the next one's, and what is left of the one after. Bit n of the string is bit n mod 8 of byte ⌊n/8⌋ of the packed
 * block.
 */
public final class TrellisCoding {
    private TrellisCoding() {}

    /**
     * The window of input {@code i}: (c_i + 2^width(i)·c_(i+1) + 2^P·c_(i+2)) mod 256, where the block's codes go round
     * (REQ-FMT-009).
     */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires 0 <= first && first <= codes.length - 64 && 0 <= i && i < 64;
      @   requires (\forall int k; first <= k && k < first + 64; 0 <= codes[k] && codes[k] < 16);
      @   ensures evenBits == 4 && oddBits == 4 ==> \result == (codes[first + i] + 16 * codes[first + (i + 1) % 64]);
      @   ensures evenBits == 4 && oddBits == 3 && i % 2 == 0
      @              ==> \result == (codes[first + i] + 16 * codes[first + (i + 1) % 64]
      @                  + 128 * codes[first + (i + 2) % 64]) % 256;
      @   ensures evenBits == 4 && oddBits == 3 && i % 2 == 1
      @              ==> \result == (codes[first + i] + 8 * codes[first + (i + 1) % 64]
      @                  + 128 * codes[first + (i + 2) % 64]) % 256;
      @   ensures evenBits == 3
      @              ==> \result == (codes[first + i] + 8 * codes[first + (i + 1) % 64]
      @                  + 64 * codes[first + (i + 2) % 64]) % 256;
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ pure @*/ public static int window(int evenBits, int oddBits, byte[] codes, int first, int i) {
        int own = codes[first + i];
        int next = codes[first + (i + 1) % 64];
        int afterNext = codes[first + (i + 2) % 64];
        int nextFactor = i % 2 == 0 ? evenBits == 4 ? 16 : 8 : oddBits == 4 ? 16 : 8;
        int afterNextFactor = evenBits == 3 ? 64 : oddBits == 3 ? 128 : 256;
        return (own + nextFactor * next + afterNextFactor * afterNext) % 256;
    }

    /**
     * T[window] of a block's inputs (REQ-FMT-009).
     *
     * @param codes the block's 64 codes from {@code first} on
     * @param table T, 256 entries
     * @param integers where the 64 integers go, from {@code first} on
     */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires 0 <= first && first <= codes.length - 64 && first <= integers.length - 64;
      @   requires table.length == 256 && codes != integers && table != integers;
      @   requires (\forall int k; first <= k && k < first + 64; 0 <= codes[k] && codes[k] < 16);
      @   assignable integers[first .. first + 63];
      @   ensures (\forall int i; 0 <= i && i < 64;
      @       integers[first + i] == table[window(evenBits, oddBits, codes, first, i)]);
      @*/
    public static void integers(int evenBits, int oddBits, byte[] codes, int first, byte[] table, byte[] integers) {
        //@ loop_invariant 0 <= i && i <= 64;
        /*@ loop_invariant (\forall int j; 0 <= j && j < i;
          @     integers[first + j] == table[window(evenBits, oddBits, codes, first, j)]); @*/
        //@ loop_writes integers[first .. first + 63];
        //@ decreases 64 - i;
        for (int i = 0; i < Format.BLOCK; i++) {
            integers[first + i] = table[window(evenBits, oddBits, codes, first, i)];
        }
    }

    /**
     * Bit {@code n} of a block's string, from its codes: bit n mod P of the codes of pair ⌊n/P⌋, the even one's before
     * the odd one's (REQ-FMT-009).
     */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires 0 <= first && first <= codes.length - 64 && 0 <= pair && pair < 32 && 0 <= bit
      @       && bit < evenBits + oddBits;
      @   ensures bit < evenBits ==> \result == UnsignedByte.bit(codes[first + 2 * pair], bit);
      @   ensures bit >= evenBits ==> \result == UnsignedByte.bit(codes[first + 2 * pair + 1], bit - evenBits);
      @   ensures 0 <= \result && \result <= 1;
      @*/
    /*@ pure @*/ public static int pairBit(int evenBits, int oddBits, byte[] codes, int first, int pair, int bit) {
        return bit < evenBits
                ? UnsignedByte.bit(codes[first + 2 * pair], bit)
                : UnsignedByte.bit(codes[first + 2 * pair + 1], bit - evenBits);
    }

    /** Bit {@code n} of a block's string, from its codes (REQ-FMT-009). */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires 0 <= first && first <= codes.length - 64 && 0 <= n && n < 32 * (evenBits + oddBits);
      @   ensures oddBits == 4 ==> \result == pairBit(evenBits, oddBits, codes, first, n / 8, n % 8);
      @   ensures evenBits == 4 && oddBits == 3 ==> \result == pairBit(evenBits, oddBits, codes, first, n / 7, n % 7);
      @   ensures evenBits == 3 ==> \result == pairBit(evenBits, oddBits, codes, first, n / 6, n % 6);
      @   ensures 0 <= \result && \result <= 1;
      @*/
    /*@ pure @*/ public static int stringBit(int evenBits, int oddBits, byte[] codes, int first, int n) {
        if (oddBits == 4) {
            return pairBit(evenBits, oddBits, codes, first, n / 8, n % 8);
        }
        if (evenBits == 4) {
            return pairBit(evenBits, oddBits, codes, first, n / 7, n % 7);
        }
        return pairBit(evenBits, oddBits, codes, first, n / 6, n % 6);
    }

    /** Byte {@code j} of a block's string, from its codes: its bits 8j … 8j + 7 (REQ-PCK-009). */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires 0 <= first && first <= codes.length - 64 && 0 <= j && j < 4 * (evenBits + oddBits);
      @   ensures \result % 2 == stringBit(evenBits, oddBits, codes, first, 8 * j)
      @       && \result / 2 % 2 == stringBit(evenBits, oddBits, codes, first, 8 * j + 1);
      @   ensures \result / 4 % 2 == stringBit(evenBits, oddBits, codes, first, 8 * j + 2)
      @       && \result / 8 % 2 == stringBit(evenBits, oddBits, codes, first, 8 * j + 3);
      @   ensures \result / 16 % 2 == stringBit(evenBits, oddBits, codes, first, 8 * j + 4)
      @       && \result / 32 % 2 == stringBit(evenBits, oddBits, codes, first, 8 * j + 5);
      @   ensures \result / 64 % 2 == stringBit(evenBits, oddBits, codes, first, 8 * j + 6)
      @       && \result / 128 == stringBit(evenBits, oddBits, codes, first, 8 * j + 7);
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ pure @*/ public static int stringByte(int evenBits, int oddBits, byte[] codes, int first, int j) {
        int n = 8 * j;
        return stringBit(evenBits, oddBits, codes, first, n)
                + 2 * stringBit(evenBits, oddBits, codes, first, n + 1)
                + 4 * stringBit(evenBits, oddBits, codes, first, n + 2)
                + 8 * stringBit(evenBits, oddBits, codes, first, n + 3)
                + 16 * stringBit(evenBits, oddBits, codes, first, n + 4)
                + 32 * stringBit(evenBits, oddBits, codes, first, n + 5)
                + 64 * stringBit(evenBits, oddBits, codes, first, n + 6)
                + 128 * stringBit(evenBits, oddBits, codes, first, n + 7);
    }

    /**
     * Packs a block's codes as its string (REQ-PCK-009).
     *
     * @param codes the block's 64 codes from {@code first} on, each below 2^width
     * @param packed where the 4·P bytes go, from {@code at} on
     */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires codes != packed && 0 <= first && first <= codes.length - 64 && 0 <= at
      @       && at <= packed.length - 4 * (evenBits + oddBits);
      @   assignable packed[at .. at + 4 * (evenBits + oddBits) - 1];
      @   ensures (\forall int j; 0 <= j && j < 4 * (evenBits + oddBits);
      @       UnsignedByte.value(packed[at + j]) == stringByte(evenBits, oddBits, codes, first, j));
      @*/
    public static void pack(int evenBits, int oddBits, byte[] codes, int first, byte[] packed, int at) {
        int bytes = 4 * (evenBits + oddBits);
        //@ loop_invariant 0 <= j && j <= bytes;
        /*@ loop_invariant (\forall int i; 0 <= i && i < j;
          @     UnsignedByte.value(packed[at + i]) == stringByte(evenBits, oddBits, codes, first, i)); @*/
        //@ loop_writes packed[at .. at + bytes - 1];
        //@ decreases bytes - j;
        for (int j = 0; j < bytes; j++) {
            packed[at + j] = UnsignedByte.of(stringByte(evenBits, oddBits, codes, first, j));
        }
    }

    /** Bit {@code n} of a packed block's string: bit n mod 8 of byte ⌊n/8⌋ (REQ-PCK-009). */
    /*@ public normal_behavior
      @   requires 0 <= at && 0 <= n && n < 256 && at <= packed.length - 1 - n / 8;
      @   ensures \result == UnsignedByte.bit(packed[at + n / 8], n % 8);
      @   ensures 0 <= \result && \result <= 1;
      @*/
    /*@ pure @*/ public static int packedBit(byte[] packed, int at, int n) {
        return UnsignedByte.bit(packed[at + n / 8], n % 8);
    }

    /** The {@code width} bits of a packed block's string from bit {@code n} on, as a number: a code (REQ-PCK-009). */
    /*@ public normal_behavior
      @   requires width == 3 || width == 4;
      @   requires 0 <= at && 0 <= n && n + width <= 256 && at <= packed.length - 1 - (n + width - 1) / 8;
      @   ensures width == 3 ==> \result == packedBit(packed, at, n) + 2 * packedBit(packed, at, n + 1)
      @       + 4 * packedBit(packed, at, n + 2);
      @   ensures width == 4 ==> \result == packedBit(packed, at, n) + 2 * packedBit(packed, at, n + 1)
      @       + 4 * packedBit(packed, at, n + 2) + 8 * packedBit(packed, at, n + 3);
      @   ensures 0 <= \result && \result < 16;
      @   ensures width == 3 ==> \result < 8;
      @*/
    /*@ pure @*/ public static int packedCode(byte[] packed, int at, int n, int width) {
        int low = packedBit(packed, at, n) + 2 * packedBit(packed, at, n + 1) + 4 * packedBit(packed, at, n + 2);
        return width == 3 ? low : low + 8 * packedBit(packed, at, n + 3);
    }

    /** The first bit of a pair's codes in the string: P·p (REQ-FMT-009). */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires 0 <= p && p < 32;
      @   ensures oddBits == 4 ==> \result == 8 * p;
      @   ensures evenBits == 4 && oddBits == 3 ==> \result == 7 * p;
      @   ensures evenBits == 3 ==> \result == 6 * p;
      @   ensures 0 <= \result && \result <= 248;
      @*/
    /*@ pure heap_free @*/ public static int pairStart(int evenBits, int oddBits, int p) {
        return oddBits == 4 ? 8 * p : evenBits == 4 ? 7 * p : 6 * p;
    }

    /**
     * The inverse of {@link #pack} (REQ-PCK-009, REQ-PCK-008): every block of bytes is one of codes.
     *
     * @param codes where the 64 codes go, from {@code first} on
     */
    /*@ public normal_behavior
      @   requires evenBits == 4 && oddBits == 4 || evenBits == 4 && oddBits == 3 || evenBits == 3 && oddBits == 3;
      @   requires codes != packed && 0 <= first && first <= codes.length - 64 && 0 <= at
      @       && at <= packed.length - 4 * (evenBits + oddBits);
      @   assignable codes[first .. first + 63];
      @   ensures (\forall int p; 0 <= p && p < 32;
      @       codes[first + 2 * p] == packedCode(packed, at, pairStart(evenBits, oddBits, p), evenBits));
      @   ensures (\forall int p; 0 <= p && p < 32;
      @       codes[first + 2 * p + 1] == packedCode(packed, at, pairStart(evenBits, oddBits, p) + evenBits,
      @       oddBits));
      @*/
    public static void unpack(int evenBits, int oddBits, byte[] packed, int at, byte[] codes, int first) {
        //@ loop_invariant 0 <= p && p <= 32;
        /*@ loop_invariant (\forall int q; 0 <= q && q < p;
          @     codes[first + 2 * q] == packedCode(packed, at, pairStart(evenBits, oddBits, q), evenBits)); @*/
        /*@ loop_invariant (\forall int q; 0 <= q && q < p;
          @     codes[first + 2 * q + 1] == packedCode(packed, at, pairStart(evenBits, oddBits, q) + evenBits,
          @     oddBits)); @*/
        //@ loop_writes codes[first .. first + 63];
        //@ decreases 32 - p;
        for (int p = 0; p < Format.HALF; p++) {
            codes[first + 2 * p] = (byte) packedCode(packed, at, pairStart(evenBits, oddBits, p), evenBits);
            codes[first + 2 * p + 1] =
                    (byte) packedCode(packed, at, pairStart(evenBits, oddBits, p) + evenBits, oddBits);
        }
    }
}
