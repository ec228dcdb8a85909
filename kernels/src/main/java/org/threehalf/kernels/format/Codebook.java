package org.threehalf.kernels.format;

/**
 * A table T from stored codes, or from windows of them, to small integers (REQ-FMT-002, REQ-FMT-010).
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
    T3G(3, -26, -15, -8, -2, 2, 8, 15, 26),
    /**
     * By windows of 8 bits: 8 times the Gaussian quantile of (q + 1/2)/256, rounded, with q = (97·window + 48) mod 256.
     * What can follow a window is spread evenly over the quantiles.
     */
    TW(
            8, -7, 1, 13, -4, 4, -11, -1, 8, -6, 2, 16, -3, 5, -10, 0, 9, -5, 3, -19, -2, 6, -8, 1, 10, -5, 3, -14, -2,
            7, -7, 1, 12, -4, 4, -12, -1, 8, -6, 2, 15, -3, 5, -10, 0, 9, -6, 2, 23, -3, 6, -9, 0, 10, -5, 3, -15, -2,
            6, -8, 1, 11, -4, 4, -12, -1, 7, -7, 2, 14, -3, 4, -11, -1, 8, -6, 2, 18, -3, 5, -9, 0, 9, -5, 3, -17, -2,
            6, -8, 1, 11, -4, 4, -13, -1, 7, -7, 1, 13, -4, 4, -11, -1, 8, -6, 2, 16, -3, 5, -10, 0, 9, -5, 3, -20, -2,
            6, -9, 0, 10, -5, 3, -14, -2, 7, -8, 1, 12, -4, 4, -12, -1, 8, -7, 2, 14, -3, 5, -10, 0, 9, -6, 2, 20, -3,
            5, -9, 0, 10, -5, 3, -16, -2, 6, -8, 1, 11, -4, 4, -13, -1, 7, -7, 1, 13, -4, 4, -11, -1, 8, -6, 2, 17, -3,
            5, -9, 0, 9, -5, 3, -18, -2, 6, -8, 1, 11, -4, 3, -14, -2, 7, -7, 1, 12, -4, 4, -11, -1, 8, -6, 2, 15, -3,
            5, -10, 0, 9, -6, 3, -23, -2, 6, -9, 0, 10, -5, 3, -15, -2, 6, -8, 1, 12, -4, 4, -12, -1, 7, -7, 2, 14, -3,
            5, -10, -1, 8, -6, 2, 19, -3, 5, -9, 0, 10, -5, 3, -16, -2, 6, -8, 1, 11, -4, 4, -13, -1, 7);

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

    /** The least T[c]: negative in every table. */
    public int min() {
        int min = values[0];
        for (byte v : values) {
            min = Math.min(min, v);
        }
        return min;
    }

    /** The largest T[c]. */
    public int max() {
        int max = values[0];
        for (byte v : values) {
            max = Math.max(max, v);
        }
        return max;
    }

    /** The largest |T[c]|. */
    public int maxMagnitude() {
        return Math.max(max(), -min());
    }

    /** Whether T[c + 1] − T[c] is the same number for all c, so that T[c] = T[0] + c · (T[1] − T[0]). */
    public boolean isUniform() {
        for (int c = 2; c < values.length; c++) {
            if (values[c] - values[c - 1] != values[1] - values[0]) {
                return false;
            }
        }
        return true;
    }
}
