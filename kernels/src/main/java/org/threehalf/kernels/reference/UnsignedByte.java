package org.threehalf.kernels.reference;

/**
 * Bytes that hold numbers from 0 to 255, and their digits.
 *
 * <p>The packings speak of bytes by division and remainder by constants, since provers decide these beside sums and
 * indexes, but masks and shifts in bit vectors only. That both are the same is proved here alone: of {@link #value} and
 * {@link #bit}, whose contracts are the former and whose bodies are the latter, and of all digits by {@code digits}. Of
 * numbers that are not negative, compilers make masks and shifts anyway.
 */
public final class UnsignedByte {
    private UnsignedByte() {}

    /** The number that a byte holds, in [0, 255]. */
    /*@ public normal_behavior
      @   ensures b >= 0 ==> \result == b;
      @   ensures b < 0 ==> \result == b + 256;
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ pure heap_free spec_java_math @*/ public static int value(byte b) {
        return b & 0xff;
    }

    /** The byte that holds a number. */
    /*@ public normal_behavior
      @   requires 0 <= value && value <= 255;
      @   ensures value(\result) == value;
      @   ensures \result == (value < 128 ? value : value - 256);
      @*/
    /*@ pure heap_free @*/ public static byte of(int value) {
        return (byte) (value < 128 ? value : value - 256);
    }

    /** Bit t of a byte: ⌊b / 2^t⌋ mod 2. */
    /*@ public normal_behavior
      @   requires 0 <= t && t < 8;
      @   ensures t == 0 ==> \result == value(b) % 2;
      @   ensures t == 1 ==> \result == value(b) / 2 % 2;
      @   ensures t == 2 ==> \result == value(b) / 4 % 2;
      @   ensures t == 3 ==> \result == value(b) / 8 % 2;
      @   ensures t == 4 ==> \result == value(b) / 16 % 2;
      @   ensures t == 5 ==> \result == value(b) / 32 % 2;
      @   ensures t == 6 ==> \result == value(b) / 64 % 2;
      @   ensures t == 7 ==> \result == value(b) / 128;
      @   ensures 0 <= \result && \result <= 1;
      @*/
    /*@ pure heap_free spec_java_math @*/ public static int bit(byte b, int t) {
        return b >> t & 1;
    }

    /*@ // A lemma, of a byte and the number that it holds: division and remainder give what masks and shifts do.
      @ public normal_behavior
      @   requires n == (b < 0 ? b + 256 : b);
      @   ensures \result;
      @ public static pure model spec_java_math boolean digits(byte b, int n) {
      @   return n == (b & 0xff) && n % 16 == (b & 0x0f) && n / 16 == ((b & 0xff) >> 4)
      @       && n % 4 == (b & 3) && n / 4 % 4 == (b >> 2 & 3) && n / 16 % 4 == (b >> 4 & 3) && n / 64 == (b >> 6 & 3)
      @       && n % 2 == (b & 1) && n / 2 % 2 == (b >> 1 & 1) && n / 4 % 2 == (b >> 2 & 1) && n / 8 % 2 == (b >> 3 & 1)
      @       && n / 16 % 2 == (b >> 4 & 1) && n / 32 % 2 == (b >> 5 & 1) && n / 64 % 2 == (b >> 6 & 1)
      @       && n / 128 == (b >> 7 & 1);
      @ }
      @*/
}
