package org.threehalf.kernels;

import jdk.incubator.vector.ByteVector;

/** Whether the Vector API is there, and how wide the vectors of everything that uses it are. */
public final class VectorSupport {
    /** A width of 128, 256 or 512 bits instead of the machine's. */
    public static final String BITS_PROPERTY = "threehalf.vector.bits";

    /** The narrowest vectors that code is written for. */
    private static final int LEAST_BITS = 128;
    /** The widest: 16 binary32, the partial sums of REQ-OPS-002. */
    private static final int MOST_BITS = 512;

    private VectorSupport() {}

    /** Whether the module of the Vector API is there. */
    public static boolean available() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /**
     * Refuses where it is not.
     *
     * @throws IllegalStateException if the Vector API is not there, with the way out
     */
    public static void require() {
        if (!available()) {
            throw new IllegalStateException(
                    "the Vector API is not there: start java with --add-modules jdk.incubator.vector");
        }
    }

    /** Whether there are vectors of so many bits: 128, 256 or 512. */
    public static boolean isWidth(int bits) {
        return bits == LEAST_BITS || bits == 2 * LEAST_BITS || bits == MOST_BITS;
    }

    /**
     * The width in bits: that of {@value #BITS_PROPERTY}, or the machine's as far as Java may use it, 128, 256 or 512.
     * Classes that need a constant take it when they are loaded.
     *
     * @throws IllegalStateException if the Vector API is not there, or the property names no such width
     */
    public static int bits() {
        require();
        String forced = System.getProperty(BITS_PROPERTY);
        if (forced == null) {
            return Machine.bits();
        }
        for (int bits = LEAST_BITS; bits <= MOST_BITS; bits *= 2) {
            if (forced.equals(String.valueOf(bits))) {
                return bits;
            }
        }
        throw new IllegalStateException("-D%s=%s: it must be 128, 256 or 512".formatted(BITS_PROPERTY, forced));
    }

    /** Loaded only where the Vector API is there. */
    private static final class Machine {
        private static int bits() {
            return Math.clamp(ByteVector.SPECIES_PREFERRED.vectorBitSize(), LEAST_BITS, MOST_BITS);
        }
    }
}
