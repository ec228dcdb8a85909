package corpus;

/** Casts, promotion, shifts, masks. */
final class Bits {
    private Bits() {}

    /** Proved. */
    /*@ ensures 0 <= \result && \result <= 255;
      @ ensures b >= 0 ==> \result == b;
      @ ensures b < 0 ==> \result == b + 256; @*/
    /*@ pure @*/ static int unsigned(byte b) {
        return b & 0xff;
    }

    /** Refuted (ensures): a byte is promoted with its sign. */
    /*@ ensures 0 <= \result && \result <= 255; @*/
    /*@ pure @*/ static int signExtended(byte b) {
        return b;
    }

    /** Refuted (ensures): the sign survives the shift. */
    /*@ ensures 0 <= \result && \result <= 15; @*/
    /*@ pure @*/ static int highNibble(byte b) {
        return b >> 4;
    }

    /** Proved: masked first. */
    /*@ ensures 0 <= \result && \result <= 15; @*/
    /*@ pure @*/ static int highNibbleMasked(byte b) {
        return (b & 0xff) >> 4;
    }

    /** Refuted (ensures): >>> works on the promoted int, with 28 ones in front. */
    /*@ ensures 0 <= \result && \result <= 15; @*/
    /*@ pure @*/ static int highNibbleUnsigned(byte b) {
        return b >>> 4;
    }

    /** Proved. */
    /*@ ensures a >= 0 ==> \result == a / 16;
      @ ensures a < 0 ==> \result > 0; @*/
    /*@ pure @*/ static int unsignedShift(int a) {
        return a >>> 4;
    }

    /** Refuted (ensures): wrong shift. */
    /*@ requires 0 <= a && a <= 255;
      @ ensures \result == a / 8; @*/
    /*@ pure @*/ static int wrongShift(int a) {
        return a >> 2;
    }

    /** Proved: Java takes a count modulo 32. */
    /*@ ensures \result == 2; @*/
    /*@ pure code_java_math @*/ static int maskedCount() {
        int n = 33;
        return 1 << n;
    }

    /** Refuted (ensures): a shift by 32 is one by 0. */
    /*@ requires n == 32;
      @ ensures \result == 0; @*/
    /*@ pure code_java_math @*/ static int shiftedOut(int a, int n) {
        return a >>> n;
    }

    /** Refuted (shift): in safe arithmetic a count must be below 32. */
    /*@ requires 0 <= n && n <= 32;
      @ ensures true; @*/
    /*@ pure @*/ static int largeShift(int n) {
        return 1 << n;
    }

    /** Proved. */
    /*@ requires -128 <= a && a <= 127;
      @ ensures \result == a; @*/
    /*@ pure @*/ static byte narrow(int a) {
        return (byte) a;
    }

    /** Refuted (cast): 128 does not fit. */
    /*@ requires -128 <= a && a <= 128;
      @ ensures true; @*/
    /*@ pure @*/ static byte narrowTooFar(int a) {
        return (byte) a;
    }

    /** Proved: a narrowing cast keeps the low bits. */
    /*@ ensures (\result & 0xff) == (a & 0xff); @*/
    /*@ pure code_java_math @*/ static byte lowByte(int a) {
        return (byte) a;
    }

    /** Refuted (ensures): a narrowing cast changes large values. */
    /*@ ensures \result == a; @*/
    /*@ pure code_java_math @*/ static short lowHalfIsAll(int a) {
        return (short) a;
    }

    /** Proved: char is unsigned. */
    /*@ ensures \result == 65535; @*/
    /*@ pure code_java_math @*/ static int charOfMinusOne() {
        int a = -1;
        char c = (char) a;
        return c;
    }

    /** Refuted (ensures): short is signed. */
    /*@ ensures \result == 65535; @*/
    /*@ pure code_java_math @*/ static int shortOfMinusOne() {
        int a = -1;
        short s = (short) a;
        return s;
    }

    /** Proved: or of disjoint nibbles is their sum. */
    /*@ requires 0 <= low && low < 16 && 0 <= high && high < 16;
      @ ensures \result == low + 16 * high; @*/
    /*@ pure @*/ static int join(int low, int high) {
        return low + (high << 4);
    }

    /** Refuted (ensures): the nibbles overlap. */
    /*@ requires 0 <= low && low < 16 && 0 <= high && high < 16;
      @ ensures \result == low + 16 * high; @*/
    /*@ pure @*/ static int joinOverlapping(int low, int high) {
        return low + (high << 3);
    }

    /** Proved: masks that are no prefix. */
    /*@ ensures (b & 0x3c) == 4 * ((b >> 2) & 15); @*/
    /*@ pure @*/ static int middle(byte b) {
        return b & 0x3c;
    }

    /** Proved: complement and exclusive or with all ones. */
    /*@ ensures \result == ~a; @*/
    /*@ pure @*/ static int flip(int a) {
        return a ^ -1;
    }

    /** Refuted (ensures). */
    /*@ ensures \result == -a; @*/
    /*@ pure @*/ static int complementIsMinus(int a) {
        return ~a;
    }
}
