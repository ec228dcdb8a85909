package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * A run of a block's codes that come out of a run of bytes by one shift and mask (REQ-PCK-001 to REQ-PCK-004).
 *
 * <p>Code {@code first + j} of the half, j = 0 … length − 1, has its low bits in byte {@code bytes + j} of the block,
 * from bit {@code shift} on. A 3-bit code keeps two bits there, and its high bit in bit j of byte {@code highByte}.
 *
 * @param odd whether the half of the odd inputs
 * @param table its codes' table
 * @param first the half's code that j = 0 stands for
 * @param length codes of the plane
 * @param bytes byte of the block where the low bits start
 * @param shift bit of each byte where they start
 * @param highByte byte of the block with the high bits; −1 where the low bits are all
 */
record Plane(boolean odd, Codebook table, int first, int length, int bytes, int shift, int highByte) {

    /**
     * The planes of a format's block, the even half first; in a format of windows the block is one of integers,
     * {@link FormatTraits#withoutWindows}.
     */
    static List<Plane> of(Format format) {
        FormatTraits traits = format.traits().withoutWindows();
        List<Plane> planes = new ArrayList<>(half(false, traits.even(), 0));
        planes.addAll(half(true, traits.odd(), Format.halfBytes(traits.evenBits())));
        return planes;
    }

    private static List<Plane> half(boolean odd, Codebook table, int start) {
        List<Plane> planes = new ArrayList<>();
        switch (table.bits()) {
            case 8 -> planes.add(new Plane(odd, table, 0, Format.HALF, start, 0, -1));
            case 4 -> {
                for (int t = 0; t < 2; t++) {
                    planes.add(new Plane(odd, table, 16 * t, 16, start, 4 * t, -1));
                }
            }
            case 3 -> {
                for (int t = 0; t < 4; t++) {
                    planes.add(new Plane(odd, table, 8 * t, 8, start, 2 * t, start + 8 + t));
                }
            }
            default -> throw new AssertionError(table);
        }
        return planes;
    }

    /** Bits of a code that lie in its own byte: 8, 4, or 2 of 3. */
    int lowBits() {
        return highByte < 0 ? table.bits() : 2;
    }
}
