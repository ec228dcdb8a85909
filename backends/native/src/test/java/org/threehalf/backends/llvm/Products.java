package org.threehalf.backends.llvm;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.ReferenceProduct;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ThreadedProduct;
import org.threehalf.kernels.product.WorkerPool;

/** Matrices and tokens for tests, and their comparison with the reference. */
final class Products {
    private Products() {}

    /** A matrix of rows with every code and sub-scale equally likely. */
    static PackedMatrix random(Format format, int rows, int columns, SplittableRandom random, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        for (int row = 0; row < rows; row++) {
            byte[] codes = new byte[columns];
            for (int k = 0; k < columns; k++) {
                codes[k] = (byte) random.nextInt(format.codebook(k).size());
            }
            byte[] subscales = new byte[format.hasSubscales() ? Format.blocks(columns) : 0];
            for (int b = 0; b < subscales.length; b++) {
                subscales[b] = (byte) random.nextInt(Format.MAX_SUBSCALE + 1);
            }
            matrix.putRow(row, new QuantizedRow(format, random.nextFloat() * 0x1p-4f, codes, subscales));
        }
        return matrix;
    }

    /** A matrix whose every weight is the format's largest (even rows) or smallest (odd rows), at the largest sub-scale. */
    static PackedMatrix extreme(Format format, int rows, int columns, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        for (int row = 0; row < rows; row++) {
            byte[] codes = new byte[columns];
            for (int k = 0; k < columns; k++) {
                int size = format.codebook(k).size();
                // T8 wraps: its extremes are 127 and -128 in the middle of the codes.
                codes[k] = (byte) (size == 256 ? 127 + row % 2 : row % 2 == 0 ? size - 1 : 0);
            }
            byte[] subscales = new byte[format.hasSubscales() ? Format.blocks(columns) : 0];
            Arrays.fill(subscales, (byte) Format.MAX_SUBSCALE);
            matrix.putRow(row, new QuantizedRow(format, 1, codes, subscales));
        }
        return matrix;
    }

    /** Tokens with every code in [−127, 127] equally likely. */
    static List<QuantizedToken> tokens(int count, int columns, SplittableRandom random) {
        return Stream.generate(() -> {
                    byte[] codes = new byte[columns];
                    for (int k = 0; k < columns; k++) {
                        codes[k] = (byte) random.nextInt(-127, 128);
                    }
                    return new QuantizedToken(random.nextFloat(), codes);
                })
                .limit(count)
                .toList();
    }

    /** A token with the same code everywhere. */
    static QuantizedToken constant(int code, int columns) {
        byte[] codes = new byte[columns];
        Arrays.fill(codes, (byte) code);
        return new QuantizedToken(1, codes);
    }

    /** A prepared matrix's sums for one token. */
    static int[] sums(KernelMatrix matrix, QuantizedToken token) {
        int[] sums = new int[matrix.rows()];
        matrix.sums(new byte[][] {token.codes()}, 1, 0, matrix.grains(), matrix.scratch(), (t, row, values, count) -> System.arraycopy(values, 0, sums, row, count));
        return sums;
    }

    /** The first difference of sums, gemv and gemm from the reference's, to the bit; empty if there is none. */
    static Optional<String> difference(PackedMatrix matrix, KernelMatrix prepared, List<QuantizedToken> tokens, int threads) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            KernelMatrix.Scratch[] scratch = IntStream.range(0, threads).mapToObj(i -> prepared.scratch()).toArray(KernelMatrix.Scratch[]::new);
            ThreadedProduct product = new ThreadedProduct(prepared, ThreadedProduct.scales(matrix), pool, scratch);
            float[][] expected = new float[tokens.size()][matrix.rows()];
            float[][] y = new float[tokens.size()][matrix.rows()];
            ReferenceProduct.gemm(matrix, tokens, expected);
            product.gemm(tokens, y);
            for (int t = 0; t < tokens.size(); t++) {
                int[] expectedSums = new int[matrix.rows()];
                int[] sums = new int[matrix.rows()];
                float[] single = new float[matrix.rows()];
                ReferenceProduct.sums(matrix, tokens.get(t), expectedSums);
                product.sums(tokens.get(t), sums);
                product.gemv(tokens.get(t), single);
                for (int row = 0; row < matrix.rows(); row++) {
                    if (sums[row] != expectedSums[row]) {
                        return Optional.of("token %d, row %d: I is %d instead of %d".formatted(t, row, sums[row], expectedSums[row]));
                    }
                    int bits = Float.floatToRawIntBits(expected[t][row]);
                    if (Float.floatToRawIntBits(single[row]) != bits || Float.floatToRawIntBits(y[t][row]) != bits) {
                        return Optional.of("token %d, row %d: y is %s and, with %d tokens, %s instead of %s"
                                .formatted(t, row, single[row], tokens.size(), y[t][row], expected[t][row]));
                    }
                }
            }
            return Optional.empty();
        }
    }
}
