package org.threehalf.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.DotProduct;

class ReferenceKernelTest {

    private static PackedMatrix matrix(Format format, int rows, int columns, Arena arena) {
        SplittableRandom random = new SplittableRandom(columns);
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        for (int row = 0; row < rows; row++) {
            float[] weights = new float[columns];
            for (int k = 0; k < columns; k++) {
                weights[k] = (float) random.nextGaussian();
            }
            matrix.putRow(row, QuantizedRow.quantize(format, weights));
        }
        return matrix;
    }

    private static QuantizedToken token(int columns, int seed) {
        return new QuantizedToken(0.25f + seed, Numbers.activationCodes(columns, seed));
    }

    /** REQ-DOT-001, REQ-DOT-004: sums and gemv are the rows' dot products and their outputs. */
    @ParameterizedTest
    @EnumSource
    void sumsAndGemvAreThoseOfTheRows(Format format) {
        try (Arena arena = Arena.ofConfined()) {
            for (int columns : new int[] {1, 63, 64, 65, 200}) {
                PackedMatrix matrix = matrix(format, 7, columns, arena);
                QuantizedToken token = token(columns, 3);
                int[] sums = new int[7];
                float[] y = new float[7];
                ReferenceKernel.sums(matrix, token, sums);
                ReferenceKernel.gemv(matrix, token, y);
                for (int row = 0; row < 7; row++) {
                    assertEquals(matrix.row(row).dot(token), sums[row]);
                    assertEquals(DotProduct.output(sums[row], matrix.scale(row), token.scale()), y[row]);
                }
            }
        }
    }

    /** REQ-DOT-006: gemm is, token by token, gemv with that token's own scale. */
    @ParameterizedTest
    @EnumSource
    void gemmIsGemvTokenByToken(Format format) {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = matrix(format, 5, 130, arena);
            List<QuantizedToken> tokens = List.of(token(130, 1), token(130, 2), token(130, 3));
            float[][] y = new float[3][5];
            ReferenceKernel.gemm(matrix, tokens, y);
            for (int t = 0; t < 3; t++) {
                float[] expected = new float[5];
                ReferenceKernel.gemv(matrix, tokens.get(t), expected);
                assertArrayEquals(expected, y[t]);
            }
            // Seeded fault: another token's scale is seen.
            float[] wrong = new float[5];
            ReferenceKernel.gemv(
                    matrix,
                    new QuantizedToken(tokens.get(1).scale(), tokens.get(0).codes()),
                    wrong);
            assertThrows(AssertionError.class, () -> assertArrayEquals(wrong, y[0]));
        }
    }

    /** REQ-FMT-004: a row whose scale is refused is refused when it is read. */
    @Test
    void sizesThatDoNotMatchAndBadScalesAreRefused() {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = matrix(Format.U35, 2, 10, arena);
            assertThrows(IllegalArgumentException.class, () -> ReferenceKernel.sums(matrix, token(9, 1), new int[2]));
            assertThrows(
                    IllegalArgumentException.class, () -> ReferenceKernel.gemv(matrix, token(10, 1), new float[3]));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ReferenceKernel.gemm(matrix, List.of(token(10, 1)), new float[2][2]));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ReferenceKernel.gemm(matrix, List.of(token(10, 1)), new float[1][1]));
            matrix.scales().fill((byte) 0xff);
            assertThrows(IllegalArgumentException.class, () -> ReferenceKernel.sums(matrix, token(10, 1), new int[2]));
        }
    }
}
