package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The three packings of a half, against the formulas of the specification, and that they are bijections. */
class HalfPackingTest {

    private static byte[] pack(int bits, byte[] half) {
        byte[] codes = new byte[64];
        for (int i = 0; i < 32; i++) {
            codes[2 * i] = half[i];
        }
        byte[] packed = new byte[4 * bits];
        RowPacking.packHalf(bits, codes, 0, packed, 0);
        return packed;
    }

    private static byte[] unpack(int bits, byte[] packed) {
        byte[] codes = new byte[64];
        RowPacking.unpackHalf(bits, packed, 0, codes, 0);
        byte[] half = new byte[32];
        for (int i = 0; i < 32; i++) {
            half[i] = codes[2 * i];
        }
        return half;
    }

    /** The bytes by REQ-PCK-002 to REQ-PCK-004, written as their sums. */
    private static byte[] byFormula(int bits, byte[] h) {
        byte[] packed = new byte[4 * bits];
        if (bits == 8) {
            return h.clone();
        }
        for (int j = 0; bits == 4 && j < 16; j++) {
            packed[j] = (byte) (h[j] + 16 * h[j + 16]);
        }
        for (int j = 0; bits == 3 && j < 8; j++) {
            int sum = 0;
            for (int t = 0; t < 4; t++) {
                sum += h[j + 8 * t] % 4 * (int) Math.pow(4, t);
            }
            packed[j] = (byte) sum;
        }
        for (int j = 0; bits == 3 && j < 4; j++) {
            int sum = 0;
            for (int t = 0; t < 8; t++) {
                sum += h[8 * j + t] / 4 * (int) Math.pow(2, t);
            }
            packed[8 + j] = (byte) sum;
        }
        return packed;
    }

    @Provide
    Arbitrary<byte[]> half() {
        return Arbitraries.bytes().array(byte[].class).ofSize(32);
    }

    /** REQ-PCK-002, REQ-PCK-003, REQ-PCK-004, and REQ-PCK-008 from codes to bytes and back. */
    @Property
    void codesArePackedByTheFormulasAndComeBack(@ForAll("half") byte[] bytes) {
        for (int bits : new int[] {3, 4, 8}) {
            byte[] half = new byte[32];
            for (int i = 0; i < 32; i++) {
                half[i] = (byte) (bits == 8 ? bytes[i] : bytes[i] & (1 << bits) - 1);
            }
            byte[] packed = pack(bits, half);
            assertArrayEquals(byFormula(bits, half), packed, bits + " bits");
            assertArrayEquals(half, unpack(bits, packed), bits + " bits");
        }
    }

    /** REQ-PCK-008 from bytes to codes and back: every packed half is one of some codes. */
    @Property
    void bytesComeBack(@ForAll @Size(32) byte[] bytes) {
        for (int bits : new int[] {3, 4, 8}) {
            byte[] packed = Arrays.copyOf(bytes, 4 * bits);
            assertArrayEquals(packed, pack(bits, unpack(bits, packed)), bits + " bits");
        }
    }

    /**
     * REQ-PCK-008, exhaustively for each byte: no two of its 256 values unpack to the same codes, and each code's bits
     * lie in one place.
     */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 8})
    void everyValueOfEveryByteIsDistinguished(int bits) {
        for (int at = 0; at < 4 * bits; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] packed = new byte[4 * bits];
                packed[at] = (byte) value;
                assertArrayEquals(packed, pack(bits, unpack(bits, packed)));
            }
        }
    }

    /** Seeded fault: nibbles in the order of neighbours, as many formats have them, is seen at once. */
    @Test
    void anotherOrderOfNibblesIsSeen() {
        byte[] half = new byte[32];
        for (int i = 0; i < 32; i++) {
            half[i] = (byte) (i % 16);
        }
        byte[] neighbours = new byte[16];
        for (int j = 0; j < 16; j++) {
            neighbours[j] = (byte) (half[2 * j] + 16 * half[2 * j + 1]);
        }
        assertThrows(AssertionError.class, () -> assertArrayEquals(byFormula(4, half), neighbours));
    }

    /** REQ-PCK-001: unpacking an odd half leaves the even one alone, and nothing is written outside. */
    @Property
    void halvesDoNotTouchEachOther(@ForAll @Size(32) byte[] bytes, @ForAll byte filler) {
        for (int bits : new int[] {3, 4, 8}) {
            byte[] codes = new byte[70];
            Arrays.fill(codes, filler);
            RowPacking.unpackHalf(bits, Arrays.copyOf(bytes, 4 * bits), 0, codes, 3);
            for (int k = 0; k < codes.length; k++) {
                if (k < 3 || k > 65 || k % 2 == 0) {
                    assertEquals(filler, codes[k], "index " + k);
                }
            }
            byte[] packed = new byte[40];
            Arrays.fill(packed, filler);
            byte[] small = new byte[64];
            RowPacking.packHalf(bits, small, 1, packed, 2);
            for (int j = 0; j < packed.length; j++) {
                assertEquals(j < 2 || j >= 2 + 4 * bits ? filler : 0, packed[j], "byte " + j);
            }
        }
    }
}
