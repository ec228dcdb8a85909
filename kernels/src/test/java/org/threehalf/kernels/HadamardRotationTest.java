package org.threehalf.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HadamardRotationTest {

    private static float[] random(int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[columns];
        for (int k = 0; k < columns; k++) {
            x[k] = (float) random.nextGaussian();
        }
        return x;
    }

    /**
     * REQ-ROT-001: column j of the matrix is (−1)^(number of common bits)/8, exactly, so its square is the identity.
     */
    @Test
    void theMatrixIsTheHadamardMatrixOverEight() {
        for (int j = 0; j < 64; j++) {
            float[] unit = new float[64];
            unit[j] = 1;
            HadamardRotation.rotate(unit);
            for (int i = 0; i < 64; i++) {
                assertEquals(Integer.bitCount(i & j) % 2 == 0 ? 0.125f : -0.125f, unit[i]);
            }
            HadamardRotation.rotate(unit);
            for (int i = 0; i < 64; i++) {
                assertEquals(i == j ? 1 : 0, unit[i]);
            }
        }
    }

    /**
     * REQ-ROT-001: the order of the additions, by the butterfly in place over neighbours at distances 1, 2, 4 … 32: bit
     * for bit the same. Another order gives other bits.
     */
    @Test
    void theOrderOfAdditionsIsFixed() {
        float[] x = random(64, 1);
        int different = 0;
        for (boolean rising : new boolean[] {true, false}) {
            float[] y = x.clone();
            for (int s = 0; s < 6; s++) {
                int h = 1 << (rising ? s : 5 - s);
                for (int i = 0; i < 64; i++) {
                    if ((i & h) == 0) {
                        float left = y[i];
                        float right = y[i + h];
                        y[i] = left + right;
                        y[i + h] = left - right;
                    }
                }
            }
            float[] rotated = HadamardRotation.rotated(x);
            for (int i = 0; i < 64; i++) {
                if (rising) {
                    assertEquals(y[i] * 0.125f, rotated[i]);
                } else {
                    different += y[i] * 0.125f == rotated[i] ? 0 : 1;
                }
            }
        }
        assertTrue(different > 0);
    }

    /**
     * REQ-ROT-002: each whole block by itself, and what is left of the last one as it is; twice is the vector again,
     * but for rounding.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 576, 640, 8_191, 14_336})
    void blocksAreRotatedOneByOne(int columns) {
        float[] x = random(columns, columns);
        float[] rotated = HadamardRotation.rotated(x);
        for (int from = 0; from < columns; from += 64) {
            float[] block = java.util.Arrays.copyOfRange(x, from, Math.min(from + 64, columns));
            HadamardRotation.rotate(block);
            assertArrayEquals(block, java.util.Arrays.copyOfRange(rotated, from, from + block.length));
            if (block.length < 64) {
                assertArrayEquals(block, java.util.Arrays.copyOfRange(x, from, from + block.length));
            }
        }
        float[] again = HadamardRotation.rotated(rotated);
        double dot = 0;
        double dotRotated = 0;
        for (int k = 0; k < columns; k++) {
            assertEquals(x[k], again[k], 1e-5);
            dot += (double) x[k] * x[k];
            dotRotated += (double) rotated[k] * rotated[k];
        }
        assertEquals(dot, dotRotated, 1e-5 * dot);
    }
}
