package org.threehalf.kernels.reference;

/** Bytes that hold numbers from 0 to 255. */
final class UnsignedByte {
    private UnsignedByte() {}

    /**
     * The byte whose unsigned value is {@code value}: the one cast of the kernels that changes its operand, on purpose.
     */
    /*@ public normal_behavior
      @   requires 0 <= value && value <= 255;
      @   ensures (\result & 0xff) == value;
      @   ensures \result == (value < 128 ? value : value - 256);
      @   ensures (\result & 3) == (value & 3) && (\result >> 2 & 3) == (value >> 2 & 3);
      @   ensures (\result >> 4 & 3) == (value >> 4 & 3) && (\result >> 6 & 3) == (value >> 6 & 3);
      @   ensures (\result & 1) == (value & 1) && (\result >> 1 & 1) == (value >> 1 & 1)
      @       && (\result >> 2 & 1) == (value >> 2 & 1) && (\result >> 3 & 1) == (value >> 3 & 1);
      @   ensures (\result >> 4 & 1) == (value >> 4 & 1) && (\result >> 5 & 1) == (value >> 5 & 1)
      @       && (\result >> 6 & 1) == (value >> 6 & 1) && (\result >> 7 & 1) == (value >> 7 & 1);
      @*/
    /*@ spec_public pure heap_free code_java_math @*/ static byte of(int value) {
        return (byte) value;
    }
}
