package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelComparison;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.Matrices;

/**
 * The kernel gives the bits of the reference: random shapes with their tails, extremes, every product of two
 * activations with two codes, every instruction set that the processor has, 1 to 8 threads (REQ-DOT-001 to REQ-DOT-004,
 * REQ-DOT-006, REQ-PCK-005).
 */
@Tag("instructions")
@net.jqwik.api.Tag("instructions")
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
        new KernelComparison(kernel).equalsTheReference(format, rows, columns, threads, count, seed);
    }

    /**
     * A set can be asked for by its name; another name is refused with those that there are, and a set that the
     * processor lacks with the reason.
     */
    @Test
    void aSetCanBeForced() {
        String before = System.getProperty(InstructionSet.PROPERTY);
        try {
            for (InstructionSet set : InstructionSet.values()) {
                System.setProperty(InstructionSet.PROPERTY, set.name());
                assertEquals(NativeKernel.problem(set), NativeKernel.problem());
                if (NativeKernel.problem(set) == null) {
                    assertEquals(set, NativeKernel.best().instructions());
                } else {
                    assertEquals(
                            NativeKernel.problem(set),
                            assertThrows(IllegalStateException.class, NativeKernel::best)
                                    .getMessage());
                }
            }
            System.setProperty(InstructionSet.PROPERTY, "avx9");
            assertEquals(
                    "-Dthreehalf.native.instructions=avx9: it must be one of "
                            + Arrays.toString(InstructionSet.values()),
                    NativeKernel.problem());
            assertThrows(IllegalStateException.class, NativeKernel::best);
        } finally {
            if (before == null) {
                System.clearProperty(InstructionSet.PROPERTY);
            } else {
                System.setProperty(InstructionSet.PROPERTY, before);
            }
        }
    }

    static Stream<Arguments> kernelsAndFormats() {
        return WithLlvm.kernels().stream()
                .flatMap(kernel -> Stream.of(Format.values())
                        .map(format -> Arguments.argumentSet(kernel.instructions() + ", " + format, kernel, format)));
    }

    /** The largest sums that a format allows, at its largest K or 36,000 (REQ-DOT-002). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void extremesAreExact(NativeKernel kernel, Format format) {
        new KernelComparison(kernel).extremesAreExact(format);
    }

    /** More tokens than go through a matrix at once, and every number of tokens that is left over (REQ-DOT-006). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void manyTokens(NativeKernel kernel, Format format) {
        SplittableRandom random = new SplittableRandom(format.id());
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, 65, 129, random, arena);
            KernelMatrix prepared = kernel.prepare(matrix, arena);
            for (int count : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 200}) {
                assertEquals(
                        Optional.empty(),
                        KernelComparison.difference(matrix, prepared, Matrices.tokens(count, 129, random), 2));
            }
        }
    }

    /**
     * Every pair of activations with every pair of codes: each entry of each table that there can be (REQ-DOT-001,
     * REQ-DOT-003).
     */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void everyProductIsRight(NativeKernel kernel, Format format) {
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
    void everyWindowIsRight(NativeKernel kernel, Format format) {
        new KernelComparison(kernel).everyWindowIsRight(format);
    }

    /** The padding of the packed form must not show, nor what an earlier product left behind (REQ-PCK-005). */
    @ParameterizedTest
    @MethodSource("kernelsAndFormats")
    void paddingDoesNotShow(NativeKernel kernel, Format format) {
        new KernelComparison(kernel).paddingDoesNotShow(format);
    }
}
