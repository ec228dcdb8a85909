package org.threehalf.kernels;

import java.util.Arrays;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import org.threehalf.kernels.reference.Dequantizer;
import org.threehalf.kernels.reference.DotProduct;
import org.threehalf.kernels.reference.RowPacking;
import org.threehalf.kernels.reference.WeightQuantizer;

/**
 * A row of quantised weights, unpacked.
 *
 * @param format the row's format
 * @param scale s, within REQ-FMT-004
 * @param codes K stored codes, one an input, each below 2^width when read as unsigned; owned by this record
 * @param subscales ⌈K/64⌉ sub-scales in [0, 15] (REQ-FMT-005); empty for a format without; owned by this record
 */
public record QuantizedRow(Format format, float scale, byte[] codes, byte[] subscales) {

    /** Chooses the sub-scales and codes of a row of fixed-point weights (REQ-QNT-011, REQ-QNT-012). */
    @FunctionalInterface
    public interface SubscaleSearch {
        /** As {@link WeightQuantizer#quantizeWithSubscales}. */
        void quantize(int[] fixedPoint, byte[] even, byte[] odd, byte[] codes, byte[] subscales);
    }

    /**
     * Checks shape and ranges.
     *
     * @throws IllegalArgumentException if anything is outside its range
     */
    public QuantizedRow {
        format.requireShape(1, codes.length);
        Format.requireScale(scale);
        int expected = format.hasSubscales() ? Format.blocks(codes.length) : 0;
        if (subscales.length != expected) {
            throw new IllegalArgumentException("%s: %d sub-scales for %d columns; there must be %d"
                    .formatted(format, subscales.length, codes.length, expected));
        }
        for (int b = 0; b < subscales.length; b++) {
            if (subscales[b] < 0 || subscales[b] > Format.MAX_SUBSCALE) {
                throw new IllegalArgumentException("sub-scale of block %d is %d: it must lie in [0, %d]"
                        .formatted(b, subscales[b], Format.MAX_SUBSCALE));
            }
        }
        for (int k = 0; k < codes.length; k++) {
            int size = 1 << format.traits().codeBits(k);
            if ((codes[k] & 0xff) >= size) {
                throw new IllegalArgumentException(
                        "code of input %d is %d: it must be below %d".formatted(k, codes[k] & 0xff, size));
            }
        }
    }

    /**
     * Quantises a row with the reference search (REQ-QNT-005 to REQ-QNT-012).
     *
     * @param weights K values
     * @throws IllegalArgumentException if K is outside the format's limits or a weight is refused (REQ-FMT-007)
     */
    public static QuantizedRow quantize(Format format, float[] weights) {
        return quantize(format, weights, WeightQuantizer::quantizeWithSubscales);
    }

    /**
     * As {@link #quantize(Format, float[])}, with another search that must give the same bits; a format of windows has
     * its own, and pays no attention to it.
     */
    public static QuantizedRow quantize(Format format, float[] weights, SubscaleSearch search) {
        format.requireShape(1, weights.length);
        float scale = WeightQuantizer.scale(weights, format.scaleDivisor());
        byte[] codes = new byte[weights.length];
        if (!format.hasSubscales()) {
            WeightQuantizer.quantizeUniform(
                    weights, scale, format.traits().evenBits(), format.traits().oddBits(), codes);
            return new QuantizedRow(format, scale, codes, new byte[0]);
        }
        int[] fixedPoint = new int[weights.length];
        for (int k = 0; k < weights.length; k++) {
            fixedPoint[k] = WeightQuantizer.fixedPoint(weights[k], scale);
        }
        byte[] subscales = new byte[Format.blocks(weights.length)];
        if (format.traits().windowed()) {
            new TrellisSearch(format.traits()).quantize(fixedPoint, codes, subscales);
        } else {
            search.quantize(fixedPoint, format.even().toArray(), format.odd().toArray(), codes, subscales);
        }
        return new QuantizedRow(format, scale, codes, subscales);
    }

    /**
     * A row from its packed bytes (REQ-PCK-008). The padding of codes and sub-scales is not looked at.
     *
     * @param packedCodes {@link Format#rowCodeBytes} bytes
     * @param packedSubscales {@link Format#rowSubscaleBytes} bytes
     * @throws IllegalArgumentException if a length is wrong or the scale is refused
     */
    public static QuantizedRow unpack(
            Format format, int columns, float scale, byte[] packedCodes, byte[] packedSubscales) {
        format.requireShape(1, columns);
        if (packedCodes.length != format.rowCodeBytes(columns)
                || packedSubscales.length != format.rowSubscaleBytes(columns)) {
            throw new IllegalArgumentException(
                    "%s: a row of %d columns takes %d bytes of codes and %d of sub-scales, not %d and %d"
                            .formatted(
                                    format,
                                    columns,
                                    format.rowCodeBytes(columns),
                                    format.rowSubscaleBytes(columns),
                                    packedCodes.length,
                                    packedSubscales.length));
        }
        int blocks = Format.blocks(columns);
        byte[] codes = new byte[blocks * Format.BLOCK];
        BlockCodecs.of(format).unpack(packedCodes, blocks, codes);
        byte[] subscales = new byte[format.hasSubscales() ? blocks : 0];
        for (int b = 0; b < subscales.length; b++) {
            subscales[b] = (byte) RowPacking.subscale(packedSubscales, b);
        }
        return new QuantizedRow(format, scale, Arrays.copyOf(codes, columns), subscales);
    }

    /** K. */
    public int columns() {
        return codes.length;
    }

    /** The packed codes, with the codes of inputs past K as 0 (REQ-PCK-001 to REQ-PCK-005). */
    public byte[] packedCodes() {
        int blocks = Format.blocks(columns());
        byte[] packed = new byte[(int) format.rowCodeBytes(columns())];
        BlockCodecs.of(format).pack(Arrays.copyOf(codes, blocks * Format.BLOCK), blocks, packed);
        return packed;
    }

    /** The packed sub-scales (REQ-PCK-006); empty for a format without. */
    public byte[] packedSubscales() {
        byte[] packed = new byte[format.rowSubscaleBytes(columns())];
        RowPacking.packSubscales(subscales, packed);
        return packed;
    }

    /** The integer weights v_k = m_b · T[c_k] (REQ-DOT-001). */
    public short[] integerWeights() {
        short[] weights = new short[columns()];
        FormatTraits traits = format.traits().withoutWindows();
        DotProduct.expand(
                byteCodes(),
                effectiveSubscales(),
                traits.even().toArray(),
                traits.odd().toArray(),
                columns(),
                weights);
        return weights;
    }

    /**
     * The codes as {@link FormatTraits#withoutWindows} has them: in a format of windows each input's integer T[window]
     * as a byte, else the codes themselves.
     */
    public byte[] byteCodes() {
        if (!format.traits().windowed()) {
            return codes;
        }
        byte[] integers = new byte[columns()];
        BlockCodecs.of(format).integers(codes, integers);
        return integers;
    }

    private byte[] effectiveSubscales() {
        if (format.hasSubscales()) {
            return subscales;
        }
        byte[] ones = new byte[Format.blocks(columns())];
        Arrays.fill(ones, (byte) 1);
        return ones;
    }

    /** The binary32 weights ŵ_k = fl₃₂(s · v_k) (REQ-FMT-006). */
    public float[] dequantize() {
        float[] values = new float[columns()];
        Dequantizer.dequantize(integerWeights(), columns(), scale, values);
        return values;
    }

    /**
     * I for a token (REQ-DOT-001).
     *
     * @throws IllegalArgumentException if the token has another number of columns
     */
    public int dot(QuantizedToken token) {
        if (token.columns() != columns()) {
            throw new IllegalArgumentException(
                    "a token of %d activations for a row of %d columns".formatted(token.columns(), columns()));
        }
        return DotProduct.dot(token.codes(), integerWeights(), columns(), format.maxWeight());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof QuantizedRow(Format f, float s, byte[] c, byte[] m)
                && f == format
                && Float.floatToRawIntBits(s) == Float.floatToRawIntBits(scale)
                && Arrays.equals(c, codes)
                && Arrays.equals(m, subscales);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Float.hashCode(scale) + Arrays.hashCode(codes)) + Arrays.hashCode(subscales);
    }

    @Override
    public String toString() {
        return "QuantizedRow[format=%s, scale=%s, codes=%s, subscales=%s]"
                .formatted(format, scale, Arrays.toString(codes), Arrays.toString(subscales));
    }
}
