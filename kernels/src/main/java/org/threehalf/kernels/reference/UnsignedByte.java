package org.threehalf.kernels.reference;

/** Bytes that hold numbers from 0 to 255. */
final class UnsignedByte {
    private UnsignedByte() {}

    /** The byte whose unsigned value is {@code value}: the one cast of the kernels that changes its operand, on purpose. */
    /*@ public normal_behavior
      @   requires 0 <= value && value <= 255;
      @   ensures (\result & 0xff) == value;
      @   ensures \result == (value < 128 ? value : value - 256);
      @*/
    /*@ spec_public pure code_java_math @*/ static byte of(int value) {
        return (byte) value;
    }
}
