package org.threehalf.conformance.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.DotProduct;

/** The oracle against examples worked out by hand and against the reference kernels. */
class OracleTest {

    @Test
    void readsAG35BlockAsThePictureShowsIt() {
        byte[] block = new byte[28];
        block[1] = (byte) 0xf0; // even code 17 = 15: input 34
        block[16 + 2] = 0x0c; // odd code 10, low bits 3: input 21
        block[24 + 1] = 0x04; // odd code 10, high bit
        int[] weights = Oracle.of("G35").weights(block, new byte[] {0x23}, 64);
        assertEquals(3 * 31, weights[34]);
        assertEquals(3 * 26, weights[21]);
        assertEquals(3 * -31, weights[0]);
        assertEquals(3 * -26, weights[1]);
    }

    @Test
    void roundsTheOutputThreeTimesAndKeepsTheSignOfZero() {
        assertEquals(6.0f, Oracle.output(3, 1, 2));
        assertEquals(0x1p24f, Oracle.output((1 << 24) + 1, 1, 1));
        assertEquals("-0.0", Float.toString(Oracle.output(-1, Float.MIN_VALUE, 0.25f)));
        assertEquals("0.0", Float.toString(Oracle.output(0, 1, 1)));
    }

    @Test
    void quantisesTiesToEvenAndClamps() {
        assertArrayEquals(
                new byte[] {127, 2, 2, -2, 0},
                Oracle.quantize(new float[] {127, 1.5f, 2.5f, -2.5f, 0.5f}).codes());
        assertArrayEquals(
                new byte[] {127, -127},
                Oracle.quantize(new float[] {0x1p-149f * 190, 0x1p-149f * -190}).codes());
        assertArrayEquals(new byte[2], Oracle.quantize(new float[2]).codes());
    }

    @Test
    void refusesAFormatThatTheSpecificationDoesNotHave() {
        assertThrows(IllegalArgumentException.class, () -> Oracle.of("G5"));
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithTheReferenceKernels(Format format) {
        SplittableRandom random = new SplittableRandom(format.id());
        for (int columns : new int[] {1, 2, 63, 64, 65, 200}) {
            float[] weights = new float[columns];
            float[] activations = new float[columns];
            for (int k = 0; k < columns; k++) {
                weights[k] = (float) random.nextGaussian();
                activations[k] = (float) random.nextGaussian();
            }
            QuantizedRow row = QuantizedRow.quantize(format, weights);
            QuantizedToken token = QuantizedToken.of(activations);
            Oracle.Token quantized = Oracle.quantize(activations);
            assertEquals(token, new QuantizedToken(quantized.scale(), quantized.codes()));
            int[] integers = Oracle.of(format.name()).weights(row.packedCodes(), row.packedSubscales(), columns);
            assertEquals(row.dot(token), Oracle.sum(integers, token.codes()));
            assertEquals(
                    DotProduct.output(row.dot(token), row.scale(), token.scale()),
                    Oracle.output(row.dot(token), row.scale(), token.scale()));
        }
    }

    /**
     * REQ-QNT-014, REQ-QNT-015, REQ-QNT-016: the search gives the sub-scales and codes of the oracle, which tries every
     * seam; also on rows with ties, with one large weight a block, and with blocks that are not whole.
     */
    @Test
    void pathsAreTheOracles() {
        SplittableRandom random = new SplittableRandom(3);
        for (Format format : new Format[] {Format.T4, Format.T35, Format.T3}) {
            for (int columns : new int[] {1, 2, 3, 61, 64, 66, 130}) {
                float[] weights = new float[columns];
                for (int k = 0; k < columns; k++) {
                    weights[k] = random.nextInt(8) == 0
                            ? random.nextInt(-14, 15) / 4f
                            : (float) random.nextGaussian() * (k % 64 == 3 ? 20 : 1);
                }
                QuantizedRow row = QuantizedRow.quantize(format, weights);
                Oracle.Row expected = Oracle.of(format.name()).quantizeRow(weights);
                assertEquals(expected.scale(), row.scale());
                assertArrayEquals(expected.subscales(), row.subscales());
                assertArrayEquals(expected.codes(), row.codes());
                assertArrayEquals(Oracle.of(format.name()).pack(expected.codes()), row.packedCodes());
            }
        }
    }
}
