package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;

/**
 * The kernel gives the bits of the reference: random shapes with their tails, extremes, every product of two activations with two codes, every instruction set that the
 * processor has, 1 to 8 threads (REQ-DOT-001 to REQ-DOT-004, REQ-DOT-006, REQ-PCK-005).
 */
@ExtendWith(WithLlvm.class)
@AddLifecycleHook(WithLlvm.class)
class NativeKernelTest {

    @Provide
    Arbitrary<NativeKernel> kernels() {
        return Arbitraries.of(WithLlvm.kernels());
    }

    /** sums, gemv and gemm on random matrices (REQ-DOT-001, REQ-DOT-003, REQ-DOT-004, REQ-DOT-006). */
    @Property(tries = 500, shrinking = ShrinkingMode.BOUNDED)
    void equalsTheReference(
            @ForAll("kernels") NativeKernel kernel,
            @ForAll Format format,
            @ForAll @IntRange(min = 1, max = 300) int rows,
            @ForAll @IntRange(min = 1, max = 400) int columns,
            @ForAll @IntRange(min = 1, max = 8) int threads,
            @ForAll @IntRange(min = 1, max = 20) int count,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Products.random(format, rows, columns, random, arena);
            assertEquals(Optional.empty(), Products.difference(matrix, kernel.prepare(matrix, arena), Products.tokens(count, columns, random), threads));
        }
    }

    static Stream<Arguments> kernelsAndFormats() {
        return WithLlvm.kernels().stream()
                .flatMap(kernel -> Stream.of(Format.values()).map(format -> Arguments.argumentSet(kernel.instructions() + ", " + format, kernel, format)));
    }

    /** The largest sums that a format allows, at its largest K or 36,000 (REQ-DOT-002). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void extremesAreExact(NativeKernel kernel, Format format) {
        int columns = Math.min(format.maxColumns(), 36_000);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Products.extreme(format, 3, columns, arena);
            assertEquals(
                    Optional.empty(),
                    Products.difference(
                            matrix, kernel.prepare(matrix, arena), List.of(Products.constant(127, columns), Products.constant(-127, columns), Products.constant(0, columns)), 2));
        }
    }

    /** More tokens than go through a matrix at once, and every number of tokens that is left over (REQ-DOT-006). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void manyTokens(NativeKernel kernel, Format format) {
        SplittableRandom random = new SplittableRandom(format.id());
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Products.random(format, 65, 129, random, arena);
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            for (int count : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 200}) {
                assertEquals(Optional.empty(), Products.difference(matrix, prepared, Products.tokens(count, 129, random), 2));
            }
        }
    }

    /** Every pair of activations with every pair of codes: each entry of each table that there can be (REQ-DOT-001, REQ-DOT-003). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void everyProductIsRight(NativeKernel kernel, Format format) {
        int evens = format.even().size();
        int odds = format.odd().size();
        // INT8 has 2^32 cases; its two inputs are treated alike, so all single products and the pairs of like codes are looked at.
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

    /** The padding of the packed form must not show, nor what an earlier product left behind (REQ-PCK-005). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void paddingDoesNotShow(NativeKernel kernel, Format format) {
        SplittableRandom random = new SplittableRandom(7);
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Products.random(format, 5, 65, random, arena);
            int[] expected = Products.sums(kernel.prepare(matrix, arena), Products.constant(127, 65));
            // All bits of the last half of the last block but those of input 64 itself, which is code 0 of the even half.
            for (int row = 0; row < 5; row++) {
                long last = (row + 1) * format.rowCodeBytes(65) - Format.halfBytes(format.odd().bits());
                for (long i = last; i < (row + 1) * format.rowCodeBytes(65); i++) {
                    matrix.codes().set(ValueLayout.JAVA_BYTE, i, (byte) -1);
                }
            }
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            assertArrayEquals(expected, Products.sums(prepared, Products.constant(127, 65)));
            // The same memory, used for a longer row first.
            KernelMatrix.Scratch scratch = prepared.scratch();
            KernelMatrix longer = kernel.prepare(Products.random(format, 5, 200, random, arena), arena);
            longer.sums(new byte[][] {Products.constant(99, 200).codes()}, 1, 0, 1, scratch, (t, row, sums, n) -> {});
            prepared.sums(
                    new byte[][] {Products.constant(127, 65).codes()}, 1, 0, 1, scratch, (t, row, sums, n) -> assertArrayEquals(expected, Arrays.copyOf(sums, n)));
        }
    }
}
