package org.threehalf.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.threehalf.kernels.BlockCodecs;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/**
 * A fast kernel, held against the reference bit by bit. Each module that has kernels runs these checks on its own; the
 * tests there say which requirement each serves.
 *
 * @param kernel the kernel under test
 */
public record KernelComparison(ProductKernel kernel) {

    /** sums, gemv and gemm of a random matrix and random tokens. */
    public void equalsTheReference(Format format, int rows, int columns, int threads, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, rows, columns, random, arena);
            requireEqual(matrix, kernel.prepare(matrix, arena), Matrices.tokens(count, columns, random), threads);
        }
    }

    /** The largest sums that a format allows, at its largest K or 36,000. */
    public void extremesAreExact(Format format) {
        int columns = Math.min(format.maxColumns(), 36_000);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.extreme(format, 3, columns, arena);
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            List<QuantizedToken> tokens = List.of(
                    Matrices.constant(127, columns), Matrices.constant(-127, columns), Matrices.constant(0, columns));
            requireEqual(matrix, prepared, tokens, 2);
            // Many tokens may go another way than few; each by itself is no other than before.
            requireEqualTogether(
                    matrix,
                    prepared,
                    Collections.nCopies(10, tokens).stream()
                            .flatMap(List::stream)
                            .toList());
        }
    }

    /** Every pair of activations with every pair of codes: each entry of each table that there can be. */
    public void everyProductIsRight(Format format) {
        int evens = 1 << format.traits().evenBits();
        int odds = 1 << format.traits().oddBits();
        // INT8 has 2^32 cases; its kernels treat the two inputs alike, so all single products and the pairs of like
        // codes are looked at.
        int rows = evens == 256 ? 256 : evens * odds;
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = PackedMatrix.allocate(format, rows, 2, arena);
            for (int row = 0; row < rows; row++) {
                byte[] subscales = new byte[format.hasSubscales() ? 1 : 0];
                Arrays.fill(subscales, (byte) 1);
                byte[] codes = {(byte) (evens == 256 ? row : row % evens), (byte) (evens == 256 ? row : row / evens)};
                matrix.putRow(row, new QuantizedRow(format, 1, codes, subscales));
            }
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            int[][] integers = new int[rows][];
            for (int row = 0; row < rows; row++) {
                QuantizedRow stored = matrix.row(row);
                integers[row] = new int[] {Numbers.integer(stored, 0), Numbers.integer(stored, 1)};
            }
            KernelMatrix.Scratch scratch = prepared.scratch();
            byte[][] batch = new byte[255][];
            for (int a = -127; a <= 127; a++) {
                for (int b = -127; b <= 127; b++) {
                    batch[b + 127] = new byte[] {(byte) a, (byte) b};
                }
                requireProducts(prepared, integers, scratch, batch);
                // One token may go another way than many: every activation at either input, against eight at the other.
                for (int b : new int[] {-127, -64, -2, -1, 1, 2, 63, 127}) {
                    requireProducts(prepared, integers, scratch, new byte[][] {{(byte) a, (byte) b}});
                    requireProducts(prepared, integers, scratch, new byte[][] {{(byte) b, (byte) a}});
                }
            }
        }
    }

    /**
     * In a format of windows, every window at every input of a block, with whatever stands beside it, one activation at
     * a time: each entry of the table wherever it is cut, the seam of the string included.
     */
    public void everyWindowIsRight(Format format) {
        SplittableRandom random = new SplittableRandom(format.id());
        // Windows of inputs that are four apart share no bit: four rows have as many of them.
        int rows = 4 * 256;
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = PackedMatrix.allocate(format, rows, Format.BLOCK, arena);
            int[][] integers = new int[rows][];
            for (int row = 0; row < rows; row++) {
                BitSet string = new BitSet();
                for (int bit = 0; bit < 8 * format.blockBytes(); bit++) {
                    string.set(bit, random.nextBoolean());
                }
                for (int i = row % 4; i < Format.BLOCK; i += 4) {
                    int from = format.traits().pairBits() * (i / 2)
                            + format.traits().evenBits() * (i % 2);
                    for (int bit = 0; bit < 8; bit++) {
                        string.set((from + bit) % (8 * format.blockBytes()), (row / 4 + 37 * i >> bit & 1) == 1);
                    }
                }
                byte[] codes = new byte[Format.BLOCK];
                BlockCodecs.of(format).unpack(Arrays.copyOf(string.toByteArray(), format.blockBytes()), 1, codes);
                matrix.putRow(row, new QuantizedRow(format, 1, codes, new byte[] {1}));
                QuantizedRow stored = matrix.row(row);
                integers[row] = IntStream.range(0, Format.BLOCK)
                        .map(k -> Numbers.integer(stored, k))
                        .toArray();
                for (int i = row % 4; i < Format.BLOCK; i += 4) {
                    assertEquals(format.even().value(row / 4 + 37 * i & 255), integers[row][i]);
                }
            }
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            KernelMatrix.Scratch scratch = prepared.scratch();
            byte[][] tokens = new byte[Format.BLOCK][Format.BLOCK];
            for (int k = 0; k < Format.BLOCK; k++) {
                tokens[k][k] = (byte) (k % 2 == 0 ? 127 : -127);
                requireWindow(prepared, integers, scratch, new byte[][] {tokens[k]}, k);
            }
            requireWindow(prepared, integers, scratch, tokens, 0);
        }
    }

    private static void requireWindow(
            KernelMatrix matrix, int[][] integers, KernelMatrix.Scratch scratch, byte[][] tokens, int firstInput) {
        matrix.sums(tokens, tokens.length, 0, matrix.tiles(), scratch, (t, first, sums, n) -> {
            int k = firstInput + t;
            for (int i = 0; i < n; i++) {
                int expected = tokens[t][k] * integers[first + i][k];
                if (sums[i] != expected) {
                    throw new AssertionError(
                            "row %d, input %d: %d instead of %d".formatted(first + i, k, sums[i], expected));
                }
            }
        });
    }

    private static void requireProducts(
            KernelMatrix matrix, int[][] integers, KernelMatrix.Scratch scratch, byte[][] tokens) {
        matrix.sums(tokens, tokens.length, 0, matrix.tiles(), scratch, (t, first, sums, n) -> {
            int a = tokens[t][0];
            int b = tokens[t][1];
            for (int i = 0; i < n; i++) {
                int row = first + i;
                int expected = a * integers[row][0] + b * integers[row][1];
                if (sums[i] != expected) {
                    throw new AssertionError("activations %d and %d with codes of row %d: %d instead of %d"
                            .formatted(a, b, row, sums[i], expected));
                }
            }
        });
    }

    /** The padding of the packed form must not show, nor what an earlier product left behind in a thread's memory. */
    public void paddingDoesNotShow(Format format) {
        SplittableRandom random = new SplittableRandom(7);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, 5, 65, random, arena);
            QuantizedToken token = Matrices.constant(127, 65);
            int[] expected = Matrices.sums(kernel.prepare(matrix, arena), token);
            // The bytes of the last block behind those that hold input 64's code, which is the first of the even half,
            // or of the string.
            for (int row = 0; row < 5; row++) {
                long last = (row + 1) * format.rowCodeBytes(65)
                        - Format.halfBytes(format.traits().oddBits());
                for (long i = last; i < (row + 1) * format.rowCodeBytes(65); i++) {
                    matrix.codes().set(ValueLayout.JAVA_BYTE, i, (byte) -1);
                }
            }
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            assertArrayEquals(expected, Matrices.sums(prepared, token));
            requireEqual(matrix, prepared, Matrices.tokens(30, 65, random), 1);
            // The same memory, used for a longer row first.
            KernelMatrix.Scratch scratch = prepared.scratch();
            Matrices.sums(
                    kernel.prepare(Matrices.random(format, 5, 200, random, arena), arena),
                    Matrices.constant(99, 200),
                    scratch);
            assertArrayEquals(expected, Matrices.sums(prepared, token, scratch));
        }
    }

    private static void requireEqual(
            PackedMatrix matrix, KernelMatrix prepared, List<QuantizedToken> tokens, int threads) {
        assertEquals(Optional.empty(), difference(matrix, prepared, tokens, threads));
    }

    /** gemm alone: the sums and gemv of each token take their time. */
    private static void requireEqualTogether(PackedMatrix matrix, KernelMatrix prepared, List<QuantizedToken> tokens) {
        try (WorkerPool pool = new WorkerPool(2)) {
            float[][] expected = new float[tokens.size()][matrix.rows()];
            float[][] y = new float[tokens.size()][matrix.rows()];
            ReferenceKernel.gemm(matrix, tokens, expected);
            Matrices.product(matrix, prepared, pool).gemm(tokens, y);
            for (int t = 0; t < tokens.size(); t++) {
                // Bit by bit, so that −0 is not 0.
                assertArrayEquals(bits(expected[t]), bits(y[t]), "token " + t);
            }
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    /** The first difference of sums, gemv and gemm from the reference's, to the bit; empty if there is none. */
    public static Optional<String> difference(
            PackedMatrix matrix, KernelMatrix prepared, List<QuantizedToken> tokens, int threads) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            ThreadedProduct product = Matrices.product(matrix, prepared, pool);
            float[][] expected = new float[tokens.size()][matrix.rows()];
            float[][] y = new float[tokens.size()][matrix.rows()];
            ReferenceKernel.gemm(matrix, tokens, expected);
            product.gemm(tokens, y);
            for (int t = 0; t < tokens.size(); t++) {
                int[] expectedSums = new int[matrix.rows()];
                int[] sums = new int[matrix.rows()];
                float[] single = new float[matrix.rows()];
                ReferenceKernel.sums(matrix, tokens.get(t), expectedSums);
                product.sums(tokens.get(t), sums);
                product.gemv(tokens.get(t), single);
                for (int row = 0; row < matrix.rows(); row++) {
                    if (sums[row] != expectedSums[row]) {
                        return Optional.of("token %d, row %d: I is %d instead of %d"
                                .formatted(t, row, sums[row], expectedSums[row]));
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
