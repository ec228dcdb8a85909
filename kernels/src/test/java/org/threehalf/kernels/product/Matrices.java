package org.threehalf.kernels.product;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.lut.LutKernel;
import org.threehalf.kernels.simd.SimdKernel;

/** Matrices and tokens for tests, and the kernels under test. */
public final class Matrices {
    private Matrices() {}

    /** Every kernel, {@code simd} at each width. */
    public static List<ProductKernel> kernels() {
        return List.of(new ReferenceKernel(), new LutKernel(), new SimdKernel(128), new SimdKernel(256), new SimdKernel(512));
    }

    /** A matrix of rows with every code and sub-scale equally likely. */
    public static PackedMatrix random(Format format, int rows, int columns, SplittableRandom random, Arena arena) {
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
    public static PackedMatrix extreme(Format format, int rows, int columns, Arena arena) {
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
    public static List<QuantizedToken> tokens(int count, int columns, SplittableRandom random) {
        List<QuantizedToken> tokens = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            byte[] codes = new byte[columns];
            for (int k = 0; k < columns; k++) {
                codes[k] = (byte) random.nextInt(-127, 128);
            }
            tokens.add(new QuantizedToken(random.nextFloat(), codes));
        }
        return tokens;
    }

    /** Two tokens: all 127, and all −127. */
    public static List<QuantizedToken> extremeTokens(int columns) {
        byte[] high = new byte[columns];
        byte[] low = new byte[columns];
        Arrays.fill(high, (byte) 127);
        Arrays.fill(low, (byte) -127);
        return List.of(new QuantizedToken(1, high), new QuantizedToken(1, low));
    }

    /** A product of a kernel on a pool. */
    public static ThreadedProduct product(ProductKernel kernel, PackedMatrix matrix, WorkerPool pool, Arena arena) {
        KernelMatrix prepared = kernel.prepare(matrix, arena);
        return product(prepared, ThreadedProduct.scales(matrix), pool);
    }

    /** A product of a prepared matrix on a pool. */
    public static ThreadedProduct product(KernelMatrix prepared, float[] scales, WorkerPool pool) {
        KernelMatrix.Scratch[] scratch = IntStream.range(0, pool.workers()).mapToObj(i -> prepared.scratch()).toArray(KernelMatrix.Scratch[]::new);
        return new ThreadedProduct(prepared, scales, pool, scratch);
    }
}
