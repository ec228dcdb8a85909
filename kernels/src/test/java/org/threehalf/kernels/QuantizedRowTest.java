package org.threehalf.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.Numbers.Weights;
import org.threehalf.kernels.format.Format;

class QuantizedRowTest {

    @Provide
    Arbitrary<QuantizedRow> rows() {
        return Numbers.anyRow();
    }

    /** REQ-PCK-005, REQ-PCK-006, REQ-PCK-008: unpacking what was packed gives the row back. */
    @Property(tries = 500)
    void packingAndUnpackingGiveTheRowBack(@ForAll("rows") QuantizedRow row) {
        assertEquals(
                row,
                QuantizedRow.unpack(
                        row.format(), row.columns(), row.scale(), row.packedCodes(), row.packedSubscales()));
        assertEquals(row.format().rowCodeBytes(row.columns()), row.packedCodes().length);
        assertEquals(row.format().rowSubscaleBytes(row.columns()), row.packedSubscales().length);
    }

    /**
     * REQ-PCK-005: whatever stands in the padding, of codes and of sub-scales, the row is the same; written, it is 0.
     */
    @Property(tries = 500)
    void thePaddingInfluencesNothing(@ForAll("rows") QuantizedRow row, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int blocks = Format.blocks(row.columns());
        byte[] padded = java.util.Arrays.copyOf(row.codes(), 64 * blocks);
        for (int k = row.columns(); k < padded.length; k++) {
            padded[k] = (byte) random.nextInt(1 << row.format().traits().codeBits(k));
        }
        byte[] packed = new byte[row.packedCodes().length];
        BlockCodecs.of(row.format()).pack(padded, blocks, packed);
        byte[] subscales = row.packedSubscales();
        if (row.format().hasSubscales() && blocks % 2 == 1) {
            subscales[subscales.length - 1] |= (byte) (random.nextInt(16) << 4);
        }
        assertEquals(row, QuantizedRow.unpack(row.format(), row.columns(), row.scale(), packed, subscales));
        byte[] codes = new byte[64 * blocks];
        BlockCodecs.of(row.format()).unpack(row.packedCodes(), blocks, codes);
        for (int k = row.columns(); k < codes.length; k++) {
            assertEquals(0, codes[k]);
        }
    }

    /** REQ-FMT-006, REQ-FMT-009, REQ-DOT-001: integer weights are m·T[c], binary32 weights fl₃₂(s·m·T[c]). */
    @Property(tries = 300)
    void weightsAreReadThroughTheTables(@ForAll("rows") QuantizedRow row) {
        short[] integers = row.integerWeights();
        float[] values = row.dequantize();
        for (int k = 0; k < row.columns(); k++) {
            int m = row.format().hasSubscales() ? row.subscales()[k / 64] : 1;
            assertEquals(m * Numbers.integer(row, k), integers[k]);
            assertTrue(Math.abs(integers[k]) <= row.format().maxWeight());
            assertEquals(Float.floatToRawIntBits(row.scale() * integers[k]), Float.floatToRawIntBits(values[k]));
        }
    }

    /**
     * REQ-QNT-009, REQ-QNT-013: a quantised row is near what it was made of. Its own largest weight sets its scale, so
     * nothing is far outside.
     */
    @Property(tries = 300)
    void aQuantisedRowIsNear(@ForAll Weights weights) {
        for (Format format : Format.values()) {
            QuantizedRow row = QuantizedRow.quantize(format, weights.values());
            if (row.scale() < Float.MIN_NORMAL) {
                continue;
            }
            float[] values = row.dequantize();
            // In units of the row's largest weight: INT8 half a 127th; U at 3 bits a step of 2 of 7, and the positive
            // end is cut by one more half;
            // G is at worst the block whose weights are all small against the row's largest: no farther than the
            // uniform grid of m = 1.
            double largest = row.scale() * (double) format.scaleDivisor();
            double bound = format == Format.INT8 ? 0.51 / 127 : 1.02 / 7;
            for (int k = 0; k < values.length && !format.hasSubscales(); k++) {
                assertEquals(weights.values()[k], values[k], bound * largest, format + ", input " + k);
            }
        }
    }

    /** REQ-FMT-003, REQ-FMT-004, REQ-FMT-005 and the codes' widths. */
    @Test
    void whatIsOutsideItsRangeIsRefused() {
        byte[] one = {0};
        assertThrows(IllegalArgumentException.class, () -> new QuantizedRow(Format.U4, 1, new byte[0], new byte[0]));
        assertThrows(
                IllegalArgumentException.class, () -> new QuantizedRow(Format.G35, 1, new byte[36_001], new byte[563]));
        for (float scale : new float[] {-0.0f, Float.NaN, 0x1.000002p40f}) {
            assertThrows(IllegalArgumentException.class, () -> new QuantizedRow(Format.U4, scale, one, new byte[0]));
        }
        for (int m : new int[] {-1, 16, 127}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new QuantizedRow(Format.G4, 1, new byte[65], new byte[] {0, (byte) m}))
                    .getMessage();
            assertEquals("sub-scale of block 1 is %d: it must lie in [0, 15]".formatted(m), message);
        }
        assertThrows(IllegalArgumentException.class, () -> new QuantizedRow(Format.G4, 1, new byte[65], one));
        assertThrows(IllegalArgumentException.class, () -> new QuantizedRow(Format.U4, 1, one, one));
        assertThrows(
                IllegalArgumentException.class, () -> new QuantizedRow(Format.U35, 1, new byte[] {16}, new byte[0]));
        assertThrows(
                IllegalArgumentException.class, () -> new QuantizedRow(Format.U35, 1, new byte[] {15, 8}, new byte[0]));
        assertEquals(2, new QuantizedRow(Format.U35, 1, new byte[] {15, 7}, new byte[0]).columns());
        assertThrows(
                IllegalArgumentException.class,
                () -> QuantizedRow.unpack(Format.U35, 64, 1, new byte[27], new byte[0]));
        assertThrows(
                IllegalArgumentException.class,
                () -> QuantizedRow.unpack(Format.G35, 64, 1, new byte[28], new byte[0]));
        assertThrows(
                IllegalArgumentException.class,
                () -> new QuantizedRow(Format.U4, 1, new byte[2], new byte[0]).dot(new QuantizedToken(1, one)));
    }

    /** REQ-QNT-005 to REQ-QNT-008 on a row that was worked out by hand. */
    @Test
    void aRowByHand() {
        // amax = 7, s = 1: halves go to even integers, 4-bit positions end at -8 and 7, 3-bit positions have steps of 2
        // from -8 to 6.
        QuantizedRow row = QuantizedRow.quantize(Format.U35, new float[] {7, 7, -7, -7, 0.5f, 1, 1.5f, 3, 2.5f, -5});
        assertEquals(1, row.scale());
        assertArrayEquals(new short[] {7, 6, -7, -8, 0, 0, 2, 4, 2, -4}, row.integerWeights());
    }

    @ParameterizedTest
    @EnumSource
    void aRowOfZerosIsZero(Format format) {
        QuantizedRow row = QuantizedRow.quantize(format, new float[70]);
        assertEquals(0, row.scale());
        for (float value : row.dequantize()) {
            assertEquals(0, value);
        }
        assertEquals(0, row.dot(new QuantizedToken(1, new byte[70])));
    }

    @Test
    void equalityIsOfBits() {
        QuantizedRow row = QuantizedRow.quantize(Format.G35, new float[] {1, 2, 3});
        assertEquals(row, QuantizedRow.quantize(Format.G35, new float[] {1, 2, 3}));
        assertEquals(
                row.hashCode(),
                QuantizedRow.quantize(Format.G35, new float[] {1, 2, 3}).hashCode());
        assertNotEquals(row, QuantizedRow.quantize(Format.G35, new float[] {1, 2, 3.5f}));
        assertNotEquals(row, QuantizedRow.quantize(Format.G4, new float[] {1, 2, 3}));
        assertTrue(row.toString().contains("G35"), row::toString);
    }
}
