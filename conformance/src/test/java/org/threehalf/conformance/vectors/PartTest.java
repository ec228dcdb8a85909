package org.threehalf.conformance.vectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Arrays of cases, compared by bits (REQ-CNF-001) and laid out for other programs (REQ-CNF-007). */
class PartTest {

    @Test
    void numbersAreLittleEndian() {
        assertArrayEquals(
                new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0x80},
                Part.f32("y", 1, -0.0f).bytes());
        assertArrayEquals(new byte[] {1, 2, 0, 0}, Part.i32("sum", 513).bytes());
        assertEquals(
                List.of(2, 3),
                Part.i32("sums", new int[][] {{1, 2, 3}, {4, 5, 6}}).shape());
    }

    @Test
    void everyDifferenceIsFoundDownToAZerosSign() {
        Part right = Part.f32("y", new float[][] {{1, 0, 3}, {4, 5, 6}});
        Part wrong = Part.f32("y", new float[][] {{1, -0.0f, 3}, {4, 5, Math.nextUp(6f)}});
        assertArrayEquals(new int[] {1, 5}, right.differences(wrong));
        assertEquals(
                "y[0][1]: expected 0x00000000 (0.0), got 0x80000000 (-0.0)",
                right.differenceAt(1, wrong).toString());
        assertEquals(
                "y[1][2]: expected 0x40c00000 (6.0), got 0x40c00001 (6.0000005)",
                right.differenceAt(5, wrong).toString());
        assertNotEquals(right, wrong);
        assertEquals(right, Part.f32("y", new float[][] {{1, 0, 3}, {4, 5, 6}}));
    }

    @Test
    void twoNansOfOtherBitsDiffer() {
        Part one = Part.f32("y", Float.intBitsToFloat(0x7fc00000));
        assertArrayEquals(new int[] {0}, one.differences(Part.f32("y", Float.intBitsToFloat(0x7fc00001))));
    }

    @Test
    void shapesAndTypesAreHeld() {
        assertThrows(IllegalArgumentException.class, () -> new Part("y", Part.Type.F32, List.of(2), new byte[7]));
        assertThrows(
                IllegalArgumentException.class,
                () -> Part.i8("codes", new byte[2]).differences(Part.u8("codes", new byte[2])));
    }
}
