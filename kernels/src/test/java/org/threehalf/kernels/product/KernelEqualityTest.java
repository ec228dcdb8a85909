package org.threehalf.kernels.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

/**
 * Every fast kernel gives the bits of the reference: random shapes with their tails, extremes, every product of two
 * activations with two codes, every width that the processor has, 1 to 8 threads (REQ-DOT-001 to REQ-DOT-004,
 * REQ-DOT-006, REQ-PCK-005).
 */
@Tag("instructions")
@net.jqwik.api.Tag("instructions")
class KernelEqualityTest {

    @Provide
    Arbitrary<ProductKernel> kernels() {
        return Arbitraries.of(VectorWidths.kernels(VectorWidths.ofTheProcessor()));
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
        new KernelComparison(kernel).equalsTheReference(format, rows, columns, threads, count, seed);
    }

    static Stream<Arguments> kernelsAndFormats() {
        return VectorWidths.kernels(VectorWidths.ALL).stream()
                .flatMap(kernel -> Stream.of(Format.values())
                        .map(format -> Arguments.argumentSet(kernel.description() + ", " + format, kernel, format)));
    }

    /**
     * One token and a batch of them, more than one group of rows and a part of one, at every width, the processor's or
     * not (REQ-DOT-001, REQ-DOT-003, REQ-DOT-004, REQ-DOT-006).
     */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void smallCaseEqualsTheReference(ProductKernel kernel, Format format) {
        new KernelComparison(kernel).equalsTheReference(format, 67, 130, 1, 1, 1);
        new KernelComparison(kernel).equalsTheReference(format, 5, 70, 2, 25, 2);
    }

    /** Kernels see the formats of windows alike, as integers with sub-scales: T35 stands for them. */
    static Stream<Arguments> kernelsAndReadings() {
        return kernelsAndFormats()
                .filter(arguments -> arguments.get()[1] instanceof Format format
                        && (!format.traits().windowed() || format == Format.T35));
    }

    /** The largest sums that a format allows, at its largest K or 36,000 (REQ-DOT-002). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void extremesAreExact(ProductKernel kernel, Format format) {
        VectorWidths.require(kernel);
        new KernelComparison(kernel).extremesAreExact(format);
    }

    /**
     * Every pair of activations with every pair of codes: each entry of each table that there can be (REQ-DOT-001,
     * REQ-DOT-003).
     */
    @ParameterizedTest
    @MethodSource("kernelsAndReadings")
    void everyProductIsRight(ProductKernel kernel, Format format) {
        VectorWidths.require(kernel);
        new KernelComparison(kernel).everyProductIsRight(format);
    }

    static Stream<Arguments> kernelsAndWindows() {
        return kernelsAndFormats()
                .filter(arguments -> arguments.get()[1] instanceof Format format
                        && format.traits().windowed());
    }

    /** Every window at every input of a block, the seam of the string included (REQ-FMT-009, REQ-FMT-010). */
    @ParameterizedTest
    @MethodSource("kernelsAndWindows")
    void everyWindowIsRight(ProductKernel kernel, Format format) {
        new KernelComparison(kernel).everyWindowIsRight(format);
    }

    /** The padding of the packed form must not show, nor what an earlier product left behind (REQ-PCK-005). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void paddingDoesNotShow(ProductKernel kernel, Format format) {
        new KernelComparison(kernel).paddingDoesNotShow(format);
    }

    /** Sizes that do not match are refused before anything is computed. */
    @Test
    void wrongSizesAreRefused() {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(1)) {
            PackedMatrix matrix = Matrices.random(Format.G35, 4, 64, new SplittableRandom(1), arena);
            ThreadedProduct product = Matrices.product(matrix, new ReferenceKernel().prepare(matrix, arena), pool);
            QuantizedToken token =
                    Matrices.tokens(1, 63, new SplittableRandom(1)).getFirst();
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> product.gemv(token, new float[4]));
            assertEquals("a matrix of 4 x 64 with a token of 63 activations and 4 outputs", refused.getMessage());
        }
    }
}
