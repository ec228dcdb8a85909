package org.threehalf.conformance.vectors;

import java.io.Serializable;

/**
 * The first place where a backend's result differs.
 *
 * @param part which result: {@code codes}, {@code scale}, {@code sums}, {@code y[2]} …
 * @param index the index in it; 0 for a single number
 * @param expected what is right
 * @param actual what the backend gave
 */
public record Difference(String part, int index, Value expected, Value actual) implements Serializable {

    /**
     * A number in both notations.
     *
     * @param hex its bits: two digits for a byte, eight for an int32 or a binary32
     * @param decimal the number; for a binary32 with its sign of zero
     */
    public record Value(String hex, String decimal) implements Serializable {
        /** A stored byte, unsigned. */
        public static Value ofUnsigned(byte value) {
            return new Value("0x%02x".formatted(value), Integer.toString(value & 0xff));
        }

        /** A signed byte. */
        public static Value ofSigned(byte value) {
            return new Value("0x%02x".formatted(value), Integer.toString(value));
        }

        /** An int32. */
        public static Value of(int value) {
            return new Value("0x%08x".formatted(value), Integer.toString(value));
        }

        /** A binary32, by its bits. */
        public static Value of(float value) {
            return new Value("0x%08x".formatted(Float.floatToRawIntBits(value)), Float.toString(value));
        }

        @Override
        public String toString() {
            return hex + " (" + decimal + ")";
        }
    }

    @Override
    public String toString() {
        return "%s[%d]: expected %s, got %s".formatted(part, index, expected, actual);
    }
}
