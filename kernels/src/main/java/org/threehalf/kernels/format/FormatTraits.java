package org.threehalf.kernels.format;

/**
 * One format as one row: everything that packing, kernels and devices dispatch on (REQ-FMT-001). The same rows, as data
 * for programs in other languages, are {@code spec/formats.json}.
 *
 * <p>An input's integer is T[index]. In a format of codes the index is the input's own code. In a format of
 * <b>windows</b> ({@link #windowed}) it is eight bits of the block's circular string of codes, so that it depends on
 * the codes of up to two inputs after it too (REQ-FMT-009); the code then is what an input adds to the string.
 *
 * @param id the format's number in files (REQ-GGF-002)
 * @param evenBits width of the codes at even inputs: 8, 4 or 3
 * @param oddBits width of the codes at odd inputs: 8, 4 or 3
 * @param even the table of the even inputs
 * @param odd the table of the odd inputs
 * @param windowed whether the index into a table is a window of the block's string, and not a code
 * @param subscales whether each block has a stored 4-bit sub-scale; otherwise every sub-scale is 1
 * @param maxWeight the bound on |m·T| that the limit of K and the contracts rest on
 * @param scaleDivisor D: a row's largest magnitude divided by it gives the row's scale (REQ-QNT-006)
 * @param maxColumns the largest K for which the int32 sum is proved exact (REQ-FMT-003, REQ-DOT-002)
 */
public record FormatTraits(
        int id,
        int evenBits,
        int oddBits,
        Codebook even,
        Codebook odd,
        boolean windowed,
        boolean subscales,
        int maxWeight,
        int scaleDivisor,
        int maxColumns) {

    /** Bits of a window (REQ-FMT-009). */
    public static final int WINDOW_BITS = 8;

    /** Checks that the widths and the tables fit each other. */
    public FormatTraits {
        if (even.bits() != (windowed ? WINDOW_BITS : evenBits) || odd.bits() != (windowed ? WINDOW_BITS : oddBits)) {
            throw new IllegalArgumentException("tables of %d and %d bits for codes of %d and %d"
                    .formatted(even.bits(), odd.bits(), evenBits, oddBits));
        }
    }

    /** Bytes of a block's codes: 32 codes of each width. */
    public int blockBytes() {
        return Format.halfBytes(evenBits) + Format.halfBytes(oddBits);
    }

    /** Everything stored for a matrix, in bytes: codes, sub-scales and scales (REQ-FMT-008). */
    public long matrixBytes(int rows, int columns) {
        long blocks = Format.blocks(columns);
        return rows * (blocks * blockBytes() + (subscales ? (blocks + 1) / 2 : 0) + Float.BYTES);
    }

    /** Bits of a pair of inputs: 16, 8, 7 or 6. */
    public int pairBits() {
        return evenBits + oddBits;
    }

    /** Whether every code is a byte of its own. */
    public boolean byteCodes() {
        return evenBits == Byte.SIZE && oddBits == Byte.SIZE;
    }

    /** The width of the code of input {@code k}. */
    public int codeBits(int k) {
        return (k & 1) == 0 ? evenBits : oddBits;
    }

    /**
     * The row that describes the same integers with a byte for each in the place of its code: what a kernel or a device
     * reads that cannot cut windows out of a string. The row itself in a format of codes.
     *
     * @see org.threehalf.kernels.PackedMatrix#byteCodes
     */
    public FormatTraits withoutWindows() {
        return windowed
                ? new FormatTraits(
                        id, 8, 8, Codebook.T8, Codebook.T8, false, subscales, maxWeight, scaleDivisor, maxColumns)
                : this;
    }
}
