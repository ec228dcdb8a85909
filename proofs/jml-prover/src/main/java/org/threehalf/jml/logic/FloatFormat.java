package org.threehalf.jml.logic;

/** A binary format of IEEE 754. */
public enum FloatFormat {
    /** Java's float. */
    BINARY32(8, 24),
    /** Java's double. */
    BINARY64(11, 53);

    private final int exponent;
    private final int significand;

    FloatFormat(int exponent, int significand) {
        this.exponent = exponent;
        this.significand = significand;
    }

    /** Bits of the exponent. */
    public int exponent() {
        return exponent;
    }

    /** Bits of the significand, with the one that is not stored. */
    public int significand() {
        return significand;
    }

    /** Bits of a number. */
    public int width() {
        return exponent + significand;
    }
}
