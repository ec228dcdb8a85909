package org.threehalf.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;

class MatrixQuantizerTest {

    private static final int ROWS = 37;
    private static final int COLUMNS = 130;

    private static float[] weights(int row) {
        SplittableRandom random = new SplittableRandom(row);
        float[] weights = new float[COLUMNS];
        for (int k = 0; k < weights.length; k++) {
            weights[k] = (float) random.nextGaussian();
        }
        return weights;
    }

    private static void read(int row, float[] into) {
        System.arraycopy(weights(row), 0, into, 0, COLUMNS);
    }

    /**
     * REQ-QNT-005 to REQ-QNT-012: every row is that of the reference, each is reported once, and the error is what it
     * is defined to be.
     */
    @ParameterizedTest
    @EnumSource
    void everyRowIsThatOfTheReference(Format format) {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = PackedMatrix.allocate(format, ROWS, COLUMNS, arena);
            AtomicIntegerArray reported = new AtomicIntegerArray(ROWS);
            MatrixQuantizer.Error error =
                    MatrixQuantizer.quantize(MatrixQuantizerTest::read, matrix, reported::incrementAndGet);
            double squaredError = 0;
            double squaredSum = 0;
            for (int row = 0; row < ROWS; row++) {
                QuantizedRow expected = QuantizedRow.quantize(format, weights(row));
                assertEquals(expected, matrix.row(row));
                assertEquals(1, reported.get(row));
                float[] values = expected.dequantize();
                double rowError = 0;
                double rowSum = 0;
                for (int k = 0; k < COLUMNS; k++) {
                    rowError += Math.pow((double) weights(row)[k] - values[k], 2);
                    rowSum += Math.pow(weights(row)[k], 2);
                }
                squaredError += rowError;
                squaredSum += rowSum;
            }
            assertEquals(squaredError, error.squaredError(), 1e-12 * squaredError);
            assertEquals(squaredSum, error.squaredSum(), 1e-12 * squaredSum);
            assertEquals(Math.sqrt(squaredError / squaredSum), error.relativeRmse(), 1e-12);
        }
    }

    /** The same bits of matrix and error with one thread and with several. */
    @Test
    void theNumberOfThreadsDoesNotMatter() throws Exception {
        try (Arena arena = Arena.ofShared();
                ForkJoinPool one = new ForkJoinPool(1);
                ForkJoinPool four = new ForkJoinPool(4)) {
            PackedMatrix first = PackedMatrix.allocate(Format.G35, ROWS, COLUMNS, arena);
            PackedMatrix second = PackedMatrix.allocate(Format.G35, ROWS, COLUMNS, arena);
            MatrixQuantizer.Error a = one.submit(
                            () -> MatrixQuantizer.quantize(MatrixQuantizerTest::read, first, row -> {}))
                    .get();
            MatrixQuantizer.Error b = four.submit(
                            () -> MatrixQuantizer.quantize(MatrixQuantizerTest::read, second, row -> {}))
                    .get();
            assertEquals(a, b);
            assertEquals(-1, first.codes().mismatch(second.codes()));
            assertEquals(-1, first.subscales().mismatch(second.subscales()));
            assertEquals(-1, first.scales().mismatch(second.scales()));
        }
    }

    /** REQ-FMT-007: the message names row and column. */
    @Test
    void aRefusedWeightIsNamed() {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = PackedMatrix.allocate(Format.U35, 3, 4, arena);
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> MatrixQuantizer.quantize(
                                    (row, into) -> into[3] = row == 1 ? Float.NaN : 1, matrix, row -> {}))
                    .getMessage();
            assertTrue(message.contains("row 1: weight 3 is NaN"), message);
        }
    }

    @Test
    void aMatrixOfZerosHasNoError() {
        assertEquals(0, new MatrixQuantizer.Error(0, 0).relativeRmse());
        assertEquals(0.5, new MatrixQuantizer.Error(1, 4).relativeRmse());
    }
}
