package org.threehalf.kernels.format;

/**
 * A table T from stored codes to small integers (REQ-FMT-002).
 *
 * @see <a href="../../../../../../../../spec/FORMAT.md">spec/FORMAT.md, section 2</a>
 */
public enum Codebook {
    /** Two's-complement bytes: T[c] = c for c &lt; 128, c − 256 otherwise. */
    T8(8, twosComplement()),
    /** Uniform, 4 bits: T[c] = c − 8. */
    T4U(4, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7),
    /** Uniform with twice the step, 3 bits: T[c] = 2·(c − 4). */
    T3U(3, -8, -6, -4, -2, 0, 2, 4, 6),
    /** Non-uniform, 4 bits. */
    T4G(4, -31, -23, -18, -14, -10, -7, -4, -1, 1, 4, 7, 10, 14, 18, 23, 31),
    /** Non-uniform, 3 bits. */
    T3G(3, -26, -15, -8, -2, 2, 8, 15, 26);

    private final int bits;
    private final byte[] values;

    Codebook(int bits, int... values) {
        if (values.length != 1 << bits) {
            throw new AssertionError(this + ": " + values.length + " values for " + bits + " bits");
        }
        this.bits = bits;
        this.values = new byte[values.length];
        for (int c = 0; c < values.length; c++) {
            this.values[c] = (byte) values[c];
        }
    }

    private static int[] twosComplement() {
        int[] values = new int[256];
        for (int c = 0; c < 256; c++) {
            values[c] = (byte) c;
        }
        return values;
    }

    /** The width of a code: 8, 4 or 3. */
    public int bits() {
        return bits;
    }

    /** The number of codes, {@code 1 << bits()}. */
    public int size() {
        return values.length;
    }

    /**
     * T[c].
     *
     * @param code the stored code, 0 ≤ code &lt; {@link #size()}
     * @throws ArrayIndexOutOfBoundsException if the code is outside the table
     */
    public int value(int code) {
        return values[code];
    }

    /** A copy of the table, one entry a code, for kernels that index it. */
    public byte[] toArray() {
        return values.clone();
    }

    /** The largest |T[c]|. */
    public int maxMagnitude() {
        int max = 0;
        for (byte v : values) {
            max = Math.max(max, Math.abs(v));
        }
        return max;
    }
}
