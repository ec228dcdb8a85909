package org.threehalf.inference.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fast rows against {@link TensorType#decode}, to the bit. */
@Tag("instructions")
class VectorRowsTest {

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
        return bits;
    }

    private static byte[] randomRow(TensorType type, int blocks, long seed) {
        byte[] row = new byte[blocks * type.blockBytes()];
        new SplittableRandom(seed).nextBytes(row);
        return row;
    }

    /** REQ-OPS-011: random bytes, so that every code, scale and high bit occurs; NaNs compare as one. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "Q8_0", "Q5_0", "Q4_K", "Q6_K"})
    void rowsHaveTheBitsOfTheDecoder(TensorType type) {
        for (int seed = 0; seed < 200; seed++) {
            int blocks = 1 + seed % 5;
            byte[] row = randomRow(type, blocks, seed);
            float[] expected = new float[blocks * type.blockElements()];
            float[] actual = new float[expected.length];
            type.decode(row, 0, blocks, expected, 0);
            VectorRows.read(type, MemorySegment.ofArray(row), expected.length, actual);
            assertArrayEquals(bits(expected), bits(actual), type + ", seed " + seed);
        }
    }

    /** A seeded fault: a row whose one bit differs has other numbers. */
    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q5_0", "Q4_K", "Q6_K"})
    void oneBitIsSeen(TensorType type) {
        byte[] row = randomRow(type, 1, 3);
        float[] before = new float[type.blockElements()];
        float[] after = new float[type.blockElements()];
        VectorRows.read(type, MemorySegment.ofArray(row), before.length, before);
        row[type == TensorType.Q6_K ? 200 : 15] ^= 1;
        VectorRows.read(type, MemorySegment.ofArray(row), after.length, after);
        assertFalse(Arrays.equals(bits(before), bits(after)));
    }

    @Test
    void otherTypesAreLeftToTheDecoder() {
        assertFalse(VectorRows.reads(TensorType.Q3_K));
        assertThrows(
                IllegalArgumentException.class,
                () -> VectorRows.read(TensorType.Q3_K, MemorySegment.ofArray(new byte[110]), 256, new float[256]));
        assertEquals(VectorRows.reads(TensorType.F32), VectorRows.reads(TensorType.Q6_K));
    }
}
