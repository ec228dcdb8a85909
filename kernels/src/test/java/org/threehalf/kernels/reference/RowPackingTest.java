package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

class RowPackingTest {

    @Provide
    Arbitrary<QuantizedRow> rows() {
        return Numbers.anyRow();
    }

    @Provide
    Arbitrary<byte[]> subscales() {
        return Arbitraries.bytes()
                .between((byte) 0, (byte) 15)
                .array(byte[].class)
                .ofMinSize(0)
                .ofMaxSize(40);
    }

    /** REQ-PCK-001, REQ-PCK-005: blocks in order without gaps, each the even half and then the odd one; and back. */
    @Property(tries = 300)
    void aRowIsItsBlocksInOrder(@ForAll("rows") QuantizedRow row) {
        Format format = row.format();
        if (format.traits().windowed()) {
            // Packed as strings: TrellisCodingTest.
            return;
        }
        int blocks = Format.blocks(row.columns());
        byte[] codes = Arrays.copyOf(row.codes(), 64 * blocks);
        byte[] packed = new byte[blocks * format.blockBytes()];
        RowPacking.pack(format.even().bits(), format.odd().bits(), codes, blocks, packed);
        for (int b = 0; b < blocks; b++) {
            byte[] block = new byte[format.blockBytes()];
            RowPacking.packHalf(format.even().bits(), codes, 64 * b, block, 0);
            RowPacking.packHalf(
                    format.odd().bits(),
                    codes,
                    64 * b + 1,
                    block,
                    Format.halfBytes(format.even().bits()));
            assertArrayEquals(block, Arrays.copyOfRange(packed, b * block.length, (b + 1) * block.length));
        }
        byte[] unpacked = new byte[64 * blocks];
        RowPacking.unpack(format.even().bits(), format.odd().bits(), packed, blocks, unpacked);
        assertArrayEquals(codes, unpacked);
    }

    /**
     * REQ-PCK-001, REQ-PCK-002, REQ-PCK-003: the picture of section 6, byte by byte, on a block whose every code is
     * unlike its neighbours.
     */
    @Test
    void theBlockOfThePicture() {
        byte[] codes = new byte[64];
        for (int i = 0; i < 32; i++) {
            codes[2 * i] = (byte) (i * 7 % 16);
            codes[2 * i + 1] = (byte) (i * 5 % 8);
        }
        byte[] packed = new byte[28];
        RowPacking.pack(4, 3, codes, 1, packed);
        for (int j = 0; j < 16; j++) {
            assertEquals(codes[2 * j] | codes[2 * (j + 16)] << 4, packed[j] & 0xff, "byte " + j);
        }
        for (int j = 0; j < 8; j++) {
            int expected = 0;
            for (int t = 0; t < 4; t++) {
                expected |= (codes[2 * (j + 8 * t) + 1] & 3) << 2 * t;
            }
            assertEquals(expected, packed[16 + j] & 0xff, "byte " + (16 + j));
        }
        for (int j = 0; j < 4; j++) {
            int expected = 0;
            for (int t = 0; t < 8; t++) {
                expected |= codes[2 * (8 * j + t) + 1] >> 2 << t;
            }
            assertEquals(expected, packed[24 + j] & 0xff, "byte " + (24 + j));
        }
        // Seeded fault: the halves exchanged.
        byte[] exchanged = new byte[28];
        RowPacking.packHalf(3, codes, 1, exchanged, 0);
        RowPacking.packHalf(4, codes, 0, exchanged, 12);
        assertFalse(Arrays.equals(packed, exchanged));
    }

    /** REQ-PCK-006: two sub-scales a byte, the earlier in the low nibble, a missing one as 0. */
    @Property
    void subscalesTakeANibbleEach(@ForAll("subscales") byte[] subscales) {
        byte[] packed = new byte[(subscales.length + 1) / 2];
        Arrays.fill(packed, (byte) 0xa5);
        RowPacking.packSubscales(subscales, packed);
        for (int j = 0; j < packed.length; j++) {
            int high = 2 * j + 1 < subscales.length ? subscales[2 * j + 1] : 0;
            assertEquals(subscales[2 * j] + 16 * high, packed[j] & 0xff);
        }
        for (int b = 0; b < subscales.length; b++) {
            assertEquals(subscales[b], RowPacking.subscale(packed, b));
        }
    }

    /** REQ-PCK-006: all 256 values of a byte. */
    @Test
    void everyByteOfSubscales() {
        for (int value = 0; value < 256; value++) {
            byte[] packed = {(byte) value};
            assertEquals(value % 16, RowPacking.subscale(packed, 0));
            assertEquals(value / 16, RowPacking.subscale(packed, 1));
        }
    }
}
