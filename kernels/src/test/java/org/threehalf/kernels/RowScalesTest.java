package org.threehalf.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.format.Format;

class RowScalesTest {

    /**
     * REQ-FMT-004: the matrix's scales, as they were when they were looked at; one that is refused is named with its
     * row.
     */
    @Test
    void scalesAreLookedAtOnce() {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = PackedMatrix.allocate(Format.G35, 3, 64, arena);
            for (int row = 0; row < 3; row++) {
                matrix.scales().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * row, row + 0.5f);
            }
            RowScales scales = RowScales.of(matrix);
            for (float bad : new float[] {Float.NaN, -1, Float.POSITIVE_INFINITY, 0x1p41f}) {
                matrix.scales().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4, bad);
                String refused = assertThrows(IllegalArgumentException.class, () -> RowScales.of(matrix))
                        .getMessage();
                assertTrue(refused.startsWith("row 1: "), refused);
            }
            assertEquals(3, scales.rows());
            assertEquals(1.5f, scales.of(1));
            assertArrayEquals(new float[] {0.5f, 1.5f, 2.5f}, scales.segment().toArray(ValueLayout.JAVA_FLOAT));
            assertThrows(IndexOutOfBoundsException.class, () -> scales.of(3));
            assertThrows(IllegalArgumentException.class, () -> scales.segment().set(ValueLayout.JAVA_FLOAT, 0, 1));
        }
    }
}
