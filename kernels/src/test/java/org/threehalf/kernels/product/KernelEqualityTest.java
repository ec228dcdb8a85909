package org.threehalf.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.ReferenceProduct;
import org.threehalf.kernels.format.Format;

/**
 * Every fast kernel gives the bits of the reference: random shapes with their tails, extremes, every product of two activations with two codes,
 * every width, 1 to 8 threads (REQ-DOT-001 to REQ-DOT-004, REQ-DOT-006, REQ-PCK-005).
 */
class KernelEqualityTest {

    @Provide
    Arbitrary<ProductKernel> kernels() {
        return Arbitraries.of(Matrices.kernels());
    }

    /** sums, gemv and gemm on random matrices (REQ-DOT-001, REQ-DOT-003, REQ-DOT-004, REQ-DOT-006). */
    @Property(tries = 600, shrinking = ShrinkingMode.BOUNDED)
    void equalsTheReference(
            @ForAll("kernels") ProductKernel kernel,
            @ForAll Format format,
            @ForAll @IntRange(min = 1, max = 300) int rows,
            @ForAll @IntRange(min = 1, max = 400) int columns,
            @ForAll @IntRange(min = 1, max = 8) int threads,
            @ForAll @IntRange(min = 1, max = 40) int count,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(threads)) {
            PackedMatrix matrix = Matrices.random(format, rows, columns, random, arena);
            requireEqual(matrix, Matrices.product(kernel, matrix, pool, arena), Matrices.tokens(count, columns, random));
        }
    }

    static void requireEqual(PackedMatrix matrix, ThreadedProduct product, List<QuantizedToken> tokens) {
        int[] expectedSums = new int[matrix.rows()];
        int[] sums = new int[matrix.rows()];
        ReferenceProduct.sums(matrix, tokens.getFirst(), expectedSums);
        product.sums(tokens.getFirst(), sums);
        assertArrayEquals(expectedSums, sums);
        float[][] expected = new float[tokens.size()][matrix.rows()];
        float[][] y = new float[tokens.size()][matrix.rows()];
        ReferenceProduct.gemm(matrix, tokens, expected);
        product.gemm(tokens, y);
        for (int t = 0; t < y.length; t++) {
            assertBits(expected[t], y[t]);
        }
        float[] single = new float[matrix.rows()];
        product.gemv(tokens.getLast(), single);
        assertBits(expected[tokens.size() - 1], single);
    }

    private static void assertBits(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            int index = i;
            assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), () -> "bits of y[" + index + "]");
        }
    }

    static Stream<Arguments> kernelsAndFormats() {
        return Matrices.kernels().stream().flatMap(kernel -> Stream.of(Format.values()).map(format -> Arguments.argumentSet(kernel.description() + ", " + format, kernel, format)));
    }

    /** The largest sums that a format allows, at its largest K or 36,000 (REQ-DOT-002). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void extremesAreExact(ProductKernel kernel, Format format) {
        int columns = Math.min(format.maxColumns(), 36_000);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
            PackedMatrix matrix = Matrices.extreme(format, 3, columns, arena);
            List<QuantizedToken> tokens = Matrices.extremeTokens(columns);
            requireEqual(matrix, Matrices.product(kernel, matrix, pool, arena), tokens);
            // Many tokens may go another way than few.
            requireEqual(matrix, Matrices.product(kernel, matrix, pool, arena), Collections.nCopies(30, tokens).stream().flatMap(List::stream).limit(30).toList());
        }
    }

    /** Every pair of activations with every pair of codes: each entry of each table that there can be (REQ-DOT-001, REQ-DOT-003). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void everyProductIsRight(ProductKernel kernel, Format format) {
        int evens = format.even().size();
        int odds = format.odd().size();
        // INT8 has 2^32 cases; its kernels treat the two inputs alike, so all single products and the pairs of like codes are looked at.
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
            KernelMatrix.Scratch scratch = prepared.scratch();
            byte[][] batch = new byte[255][];
            for (int a = -127; a <= 127; a++) {
                for (int b = -127; b <= 127; b++) {
                    batch[b + 127] = new byte[] {(byte) a, (byte) b};
                }
                requireProducts(prepared, scratch, batch);
                // One token may go another way than many: every activation at either input, against eight at the other.
                for (int b : new int[] {-127, -64, -2, -1, 1, 2, 63, 127}) {
                    requireProducts(prepared, scratch, new byte[][] {{(byte) a, (byte) b}});
                    requireProducts(prepared, scratch, new byte[][] {{(byte) b, (byte) a}});
                }
            }
        }
    }

    private static void requireProducts(KernelMatrix matrix, KernelMatrix.Scratch scratch, byte[][] tokens) {
        Format format = matrix.format();
        int evens = format.even().size();
        matrix.sums(tokens, tokens.length, 0, matrix.grains(), scratch, (t, first, sums, n) -> {
            int a = tokens[t][0];
            int b = tokens[t][1];
            for (int i = 0; i < n; i++) {
                int row = first + i;
                int expected = evens == 256 ? format.even().value(row) * (a + b) : a * format.even().value(row % evens) + b * format.odd().value(row / evens);
                if (sums[i] != expected) {
                    throw new AssertionError("activations %d and %d with codes of row %d: %d instead of %d".formatted(a, b, row, sums[i], expected));
                }
            }
        });
    }

    /** The padding of the packed form must not show (REQ-PCK-005). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void paddingDoesNotShow(ProductKernel kernel, Format format) {
        SplittableRandom random = new SplittableRandom(7);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(1)) {
            PackedMatrix matrix = Matrices.random(format, 5, 65, random, arena);
            List<QuantizedToken> tokens = Matrices.tokens(2, 65, random);
            ThreadedProduct clean = Matrices.product(kernel, matrix, pool, arena);
            int[] expected = new int[5];
            clean.sums(tokens.getFirst(), expected);
            // All bits of the last half of the last block but those of input 64 itself, which is code 0 of the even half.
            for (int row = 0; row < 5; row++) {
                long last = (row + 1) * format.rowCodeBytes(65) - Format.halfBytes(format.odd().bits());
                for (long i = last; i < (row + 1) * format.rowCodeBytes(65); i++) {
                    matrix.codes().set(ValueLayout.JAVA_BYTE, i, (byte) -1);
                }
            }
            int[] sums = new int[5];
            Matrices.product(kernel, matrix, pool, arena).sums(tokens.getFirst(), sums);
            assertArrayEquals(expected, sums);
            requireEqual(matrix, Matrices.product(kernel, matrix, pool, arena), Matrices.tokens(30, 65, random));
        }
    }

    /** Sizes that do not match are refused before anything is computed. */
    @Test
    void wrongSizesAreRefused() {
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(1)) {
            PackedMatrix matrix = Matrices.random(Format.G35, 4, 64, new SplittableRandom(1), arena);
            ThreadedProduct product = Matrices.product(Matrices.kernels().getFirst(), matrix, pool, arena);
            QuantizedToken token = Matrices.tokens(1, 63, new SplittableRandom(1)).getFirst();
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> product.gemv(token, new float[4]));
            assertEquals("a matrix of 4 x 64 with a token of 63 activations and 4 outputs", refused.getMessage());
        }
    }
}
