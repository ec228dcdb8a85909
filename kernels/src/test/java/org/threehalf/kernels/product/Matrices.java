package org.threehalf.kernels.product;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.RowScales;
import org.threehalf.kernels.format.Format;

/** Matrices and tokens for tests, of this module's kernels and of others'. */
public final class Matrices {
    private Matrices() {}

    /** A matrix of rows with every code and sub-scale equally likely. */
    public static PackedMatrix random(Format format, int rows, int columns, SplittableRandom random, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        for (int row = 0; row < rows; row++) {
            byte[] codes = Numbers.codes(format, columns, random);
            byte[] subscales = Numbers.subscales(format, columns, random);
            matrix.putRow(row, new QuantizedRow(format, random.nextFloat() * 0x1p-4f, codes, subscales));
        }
        return matrix;
    }

    /**
     * A matrix whose every code is the format's largest (even rows) or smallest (odd rows), at the largest sub-scale:
     * the largest weights, but in a format of windows.
     */
    public static PackedMatrix extreme(Format format, int rows, int columns, Arena arena) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
        for (int row = 0; row < rows; row++) {
            byte[] codes = new byte[columns];
            for (int k = 0; k < columns; k++) {
                int size = 1 << format.traits().codeBits(k);
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
        return Stream.generate(() -> {
                    byte[] codes = Numbers.activationCodes(columns, random);
                    return new QuantizedToken(random.nextFloat(), codes);
                })
                .limit(count)
                .toList();
    }

    /** A token with the same code everywhere. */
    public static QuantizedToken constant(int code, int columns) {
        byte[] codes = new byte[columns];
        Arrays.fill(codes, (byte) code);
        return new QuantizedToken(1, codes);
    }

    /** A prepared matrix's sums for one token. */
    public static int[] sums(KernelMatrix matrix, QuantizedToken token) {
        return sums(matrix, token, matrix.scratch());
    }

    /** As {@link #sums(KernelMatrix, QuantizedToken)}, in memory that may have been used before. */
    public static int[] sums(KernelMatrix matrix, QuantizedToken token, KernelMatrix.Scratch scratch) {
        int[] sums = new int[matrix.rows()];
        matrix.sums(
                new byte[][] {token.codes()},
                1,
                0,
                matrix.tiles(),
                scratch,
                (t, row, values, count) -> System.arraycopy(values, 0, sums, row, count));
        return sums;
    }

    /** A product of a matrix, as a kernel has prepared it, on a pool. */
    public static ThreadedProduct product(PackedMatrix matrix, KernelMatrix prepared, WorkerPool pool) {
        KernelMatrix.Scratch[] scratch = IntStream.range(0, pool.workers())
                .mapToObj(i -> prepared.scratch())
                .toArray(KernelMatrix.Scratch[]::new);
        return new ThreadedProduct(prepared, RowScales.of(matrix), pool, scratch);
    }
}
