package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.Matrices;
import org.threehalf.kernels.product.ReferenceKernel;

/** The layout loses nothing, takes the bytes it says, and a fault in it shows. */
@ExtendWith(WithLlvm.class)
@AddLifecycleHook(WithLlvm.class)
class NativeMatrixTest {

    @Provide
    Arbitrary<InstructionSet> sets() {
        return Arbitraries.of(WithLlvm.sets());
    }

    private static NativeMatrix prepare(InstructionSet instructions, PackedMatrix matrix, Arena arena) {
        return (NativeMatrix) new NativeKernel(instructions).prepare(matrix, arena);
    }

    static Stream<Arguments> setsAndFormats() {
        return WithLlvm.setsAnd(List.of(Format.values()));
    }

    /** Repacking is a bijection (REQ-PCK-008): every row comes back. */
    @Property(tries = 100)
    void rowsComeBack(
            @ForAll("sets") InstructionSet instructions,
            @ForAll Format format,
            @ForAll @IntRange(min = 1, max = 150) int rows,
            @ForAll @IntRange(min = 1, max = 300) int columns,
            @ForAll long seed) {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, rows, columns, new SplittableRandom(seed), arena);
            NativeMatrix prepared = prepare(instructions, matrix, arena);
            for (int row = 0; row < rows; row++) {
                QuantizedRow expected = matrix.row(row);
                assertArrayEquals(expected.codes(), prepared.row(row).codes());
                assertArrayEquals(expected.subscales(), prepared.row(row).subscales());
            }
        }
    }

    /** It takes the bytes of the packed form (REQ-FMT-008). */
    @ParameterizedTest
    @MethodSource("setsAndFormats")
    void memoryIsThatOfThePackedForm(InstructionSet instructions, Format format) {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, 128, 256, new SplittableRandom(1), arena);
            long codes = 128L * Format.blocks(256) * format.blockBytes();
            assertEquals(
                    codes + matrix.subscales().byteSize(),
                    prepare(instructions, matrix, arena).bytesRead());
        }
    }

    /**
     * Seeded faults: any flipped bit of a code or sub-scale changes exactly one row, whose sum is that of what the row
     * then holds, and no other.
     */
    @Property(tries = 200)
    void flippedBitShows(@ForAll("sets") InstructionSet instructions, @ForAll Format format, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofShared()) {
            int rows = 64;
            PackedMatrix matrix = Matrices.extreme(format, rows, 128, arena);
            NativeMatrix prepared = prepare(instructions, matrix, arena);
            QuantizedToken token = Matrices.constant(127, 128);
            int[] right = Matrices.sums(prepared, token);
            boolean subscale = format.hasSubscales() && random.nextBoolean();
            MemorySegment segment = subscale ? prepared.subscales() : prepared.codes();
            long at = random.nextLong(segment.byteSize());
            byte old = segment.get(ValueLayout.JAVA_BYTE, at);
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 1 << random.nextInt(8)));
            PackedMatrix flipped = PackedMatrix.allocate(format, rows, 128, arena);
            for (int row = 0; row < rows; row++) {
                flipped.putRow(
                        row,
                        new QuantizedRow(
                                format,
                                1,
                                prepared.row(row).codes(),
                                prepared.row(row).subscales()));
            }
            assertEquals(
                    1,
                    IntStream.range(0, rows)
                            .filter(row -> !flipped.row(row).equals(matrix.row(row)))
                            .count());
            int[] expected = new int[rows];
            ReferenceKernel.sums(flipped, token, expected);
            int[] wrong = Matrices.sums(prepared, token);
            assertArrayEquals(expected, wrong);
            // Two windows may stand for the same number.
            long different = IntStream.range(0, rows)
                    .filter(row -> right[row] != wrong[row])
                    .count();
            assertTrue(
                    different == 1 || format.traits().windowed() && different == 0,
                    "%d sums are different".formatted(different));
            segment.set(ValueLayout.JAVA_BYTE, at, old);
            assertArrayEquals(right, Matrices.sums(prepared, token));
        }
    }
}
