package org.threehalf.kernels.format;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The formats of the family, each a row of {@link FormatTraits} (REQ-FMT-001).
 *
 * <p>Bits a weight, codes alone: a block of 64 weights takes {@link #blockBytes()} bytes. With sub-scales, 4 bits a
 * block are added; a row's scale adds 32 bits a row (REQ-FMT-008).
 */
public enum Format {
    /** 8 bits, the base line. 64 bytes a block. */
    INT8(new FormatTraits(0, 8, 8, Codebook.T8, Codebook.T8, false, false, 128, 127, 131_072)),
    /** 4 bits, uniform. 16 + 16 bytes a block. */
    U4(new FormatTraits(1, 4, 4, Codebook.T4U, Codebook.T4U, false, false, 8, 7, 1_048_576)),
    /** 4 and 3 bits in turn, uniform, with twice the step at odd inputs. 16 + 12 bytes a block. */
    U35(new FormatTraits(2, 4, 3, Codebook.T4U, Codebook.T3U, false, false, 8, 7, 1_048_576)),
    /** 3 bits, uniform. 12 + 12 bytes a block. */
    U3(new FormatTraits(3, 3, 3, Codebook.T3U, Codebook.T3U, false, false, 8, 7, 1_048_576)),
    /** 4 bits, non-uniform, 4-bit sub-scales. 16 + 16 bytes a block. */
    G4(new FormatTraits(4, 4, 4, Codebook.T4G, Codebook.T4G, false, true, 465, 465, 36_000)),
    /** 4 and 3 bits in turn, non-uniform, 4-bit sub-scales. 16 + 12 bytes a block. */
    G35(new FormatTraits(5, 4, 3, Codebook.T4G, Codebook.T3G, false, true, 465, 465, 36_000)),
    /** 3 bits, non-uniform, 4-bit sub-scales. 12 + 12 bytes a block. */
    G3(new FormatTraits(6, 3, 3, Codebook.T3G, Codebook.T3G, false, true, 465, 465, 36_000)),
    /** A trellis: windows over 4 new bits an input, 4-bit sub-scales. 32 bytes a block. */
    T4(new FormatTraits(7, 4, 4, Codebook.TW, Codebook.TW, true, true, 465, 345, 36_000)),
    /** A trellis: windows over 4 and 3 new bits in turn, 4-bit sub-scales. 28 bytes a block. */
    T35(new FormatTraits(8, 4, 3, Codebook.TW, Codebook.TW, true, true, 465, 345, 36_000)),
    /** A trellis: windows over 3 new bits an input, 4-bit sub-scales. 24 bytes a block. */
    T3(new FormatTraits(9, 3, 3, Codebook.TW, Codebook.TW, true, true, 465, 345, 36_000));

    /** Inputs a block (section 1 of the specification). */
    public static final int BLOCK = 64;
    /** Codes a half of a block. */
    public static final int HALF = BLOCK / 2;
    /** The largest sub-scale (REQ-FMT-005). */
    public static final int MAX_SUBSCALE = 15;
    /** The largest row scale, 2⁴⁰ (REQ-FMT-004), and the largest magnitude of a weight (REQ-FMT-007). */
    public static final float MAX_SCALE = 0x1p40f;
    /** The largest magnitude of an activation, 2⁵⁶ (REQ-QNT-001). */
    public static final float MAX_ACTIVATION = 0x1p56f;

    private final FormatTraits traits;

    Format(FormatTraits traits) {
        this.traits = traits;
    }

    /** The format's row in REQ-FMT-001. */
    public FormatTraits traits() {
        return traits;
    }

    /** The format's number in files (REQ-GGF-002). */
    public int id() {
        return traits.id();
    }

    /** The table of the even inputs. */
    public Codebook even() {
        return traits.even();
    }

    /** The table of the odd inputs. */
    public Codebook odd() {
        return traits.odd();
    }

    /** The table of input {@code k}. */
    public Codebook codebook(int k) {
        return (k & 1) == 0 ? even() : odd();
    }

    /** Whether each block has a stored sub-scale; otherwise every sub-scale is 1. */
    public boolean hasSubscales() {
        return traits.subscales();
    }

    /** D: a row's largest magnitude divided by it gives the row's scale (REQ-QNT-006). */
    public int scaleDivisor() {
        return traits.scaleDivisor();
    }

    /** The largest K for which the int32 sum is proved exact (REQ-FMT-003, REQ-DOT-002). */
    public int maxColumns() {
        return traits.maxColumns();
    }

    /**
     * The bound on |m·T| that the limit of K and the contracts rest on (REQ-FMT-001); in G3 the largest is 390, in the
     * T formats 345, below it.
     */
    public int maxWeight() {
        return traits.maxWeight();
    }

    /** Bytes of a half's 32 codes of the given width. */
    public static int halfBytes(int bits) {
        return HALF * bits / 8;
    }

    /** Bytes of a block's codes. */
    public int blockBytes() {
        return traits.blockBytes();
    }

    /** B = ⌈columns / 64⌉. */
    public static int blocks(int columns) {
        return (columns + BLOCK - 1) / BLOCK;
    }

    /** Bytes of a row's packed codes (REQ-PCK-005). */
    public long rowCodeBytes(int columns) {
        return (long) blocks(columns) * blockBytes();
    }

    /** Bytes of a row's packed sub-scales (REQ-PCK-006); 0 without sub-scales. */
    public int rowSubscaleBytes(int columns) {
        return hasSubscales() ? (blocks(columns) + 1) / 2 : 0;
    }

    /** Everything stored for a matrix, in bytes (REQ-FMT-008). */
    public long matrixBytes(int rows, int columns) {
        return traits.matrixBytes(rows, columns);
    }

    /** Bits a weight with everything counted (REQ-FMT-008). */
    public double bitsPerWeight(int rows, int columns) {
        return matrixBytes(rows, columns) * 8.0 / ((double) rows * columns);
    }

    /**
     * Refuses a shape outside the format's limits (REQ-FMT-003).
     *
     * @throws IllegalArgumentException if rows &lt; 1, columns &lt; 1 or columns exceed {@link #maxColumns()}
     */
    public void requireShape(int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "a matrix of %d rows x %d columns: both must be at least 1".formatted(rows, columns));
        }
        if (columns > maxColumns()) {
            throw new IllegalArgumentException(
                    "%s: %,d columns pass the format's limit of %,d, up to which the int32 sum is exact"
                            .formatted(this, columns, maxColumns()));
        }
    }

    /**
     * Refuses a scale outside REQ-FMT-004.
     *
     * @throws IllegalArgumentException if the scale is NaN, infinite, over 2⁴⁰ or has its sign bit set
     */
    public static void requireScale(float scale) {
        if (!(scale <= MAX_SCALE) || (Float.floatToRawIntBits(scale) < 0)) {
            throw new IllegalArgumentException(
                    "a row scale of %s: it must be finite, not negative (nor -0), and at most 2^40".formatted(scale));
        }
    }

    /**
     * The format of a name such as {@code g35}, in any case.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Format ofName(String name) {
        for (Format format : values()) {
            if (format.name().equals(name.toUpperCase(Locale.ROOT))) {
                return format;
            }
        }
        throw new IllegalArgumentException(
                "no format is called '%s'; there are %s".formatted(name, java.util.Arrays.toString(values())));
    }

    /**
     * The format of a file's number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Format ofId(long id) {
        for (Format format : values()) {
            if (format.id() == id) {
                return format;
            }
        }
        throw new IllegalArgumentException("no format has the number %d; there are %s"
                .formatted(
                        id,
                        Arrays.stream(values())
                                .map(f -> f.id() + " (" + f + ")")
                                .collect(Collectors.joining(", "))));
    }
}
