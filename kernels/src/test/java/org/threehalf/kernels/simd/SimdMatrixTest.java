package org.threehalf.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.Matrices;
import org.threehalf.kernels.reference.SplitProduct;

/** The interleaved layout loses nothing, takes the bytes it says, and a fault in it shows. */
@Tag("instructions")
@net.jqwik.api.Tag("instructions")
class SimdMatrixTest {

    private static final int[] WIDTHS = {128, 256, 512};

    /** Repacking is a bijection (REQ-PCK-008): every row comes back. */
    @Property(tries = 100)
    void rowsComeBack(
            @ForAll Format format,
            @ForAll @IntRange(min = 0, max = 2) int width,
            @ForAll @IntRange(min = 1, max = 150) int rows,
            @ForAll @IntRange(min = 1, max = 300) int columns,
            @ForAll long seed) {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, rows, columns, new SplittableRandom(seed), arena);
            SimdMatrix simd = SimdMatrix.prepare(matrix, WIDTHS[width], arena);
            for (int row = 0; row < rows; row++) {
                QuantizedRow expected = matrix.row(row);
                assertArrayEquals(expected.byteCodes(), simd.row(row).codes());
                assertArrayEquals(expected.subscales(), simd.row(row).subscales());
            }
        }
    }

    /** A tile takes the bytes of the packed form (REQ-FMT-008), in a format of windows those of its integers. */
    @ParameterizedTest
    @EnumSource
    void memoryIsThatOfThePackedForm(Format format) {
        try (Arena arena = Arena.ofShared()) {
            PackedMatrix matrix = Matrices.random(format, 128, 256, new SplittableRandom(1), arena);
            SimdMatrix simd = SimdMatrix.prepare(matrix, 512, arena);
            long codes =
                    128L * Format.blocks(256) * format.traits().withoutWindows().blockBytes();
            assertEquals(codes + matrix.subscales().byteSize(), simd.bytesRead());
        }
    }

    /** Seeded faults: any flipped bit of a code or sub-scale changes exactly its own row's sum. */
    @Property(tries = 200)
    void flippedBitShows(@ForAll Format format, @ForAll @IntRange(min = 0, max = 2) int width, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofShared()) {
            int rows = 64;
            PackedMatrix matrix = Matrices.extreme(format, rows, 128, arena);
            SimdMatrix simd = SimdMatrix.prepare(matrix, WIDTHS[width], arena);
            QuantizedToken token = Matrices.constant(127, 128);
            int[] right = Matrices.sums(simd, token);
            boolean subscale = format.hasSubscales() && random.nextBoolean();
            MemorySegment segment = subscale ? simd.subscales() : simd.codes();
            long at = random.nextLong(segment.byteSize());
            byte old = segment.get(ValueLayout.JAVA_BYTE, at);
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 1 << random.nextInt(8)));
            int[] wrong = Matrices.sums(simd, token);
            int different = 0;
            for (int row = 0; row < rows; row++) {
                different += right[row] != wrong[row] ? 1 : 0;
            }
            assertEquals(1, different);
            segment.set(ValueLayout.JAVA_BYTE, at, old);
            assertArrayEquals(right, Matrices.sums(simd, token));
        }
    }

    /** The tables hold the bytes that {@link SplitProduct}'s contracts speak of, entry by entry (REQ-DOT-003). */
    @Property(tries = 50)
    void tablesAreSplitProducts(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] activations = new byte[Format.BLOCK];
        for (int k = 0; k < activations.length; k++) {
            activations[k] = (byte) random.nextInt(-127, 128);
        }
        for (Format format : new Format[] {Format.U35, Format.G35, Format.U3, Format.G3}) {
            BlockKernel kernel = Kernels.block(512, format);
            byte[] tables = new byte[kernel.tableBytes()];
            kernel.fillTables(activations, tables, 0);
            int entries = format.even().size() * format.odd().size();
            for (int pair = 0; pair < Format.HALF; pair++) {
                for (int index = 0; index < entries; index++) {
                    int product = SplitProduct.product(
                            activations[2 * pair],
                            format.even().value(index % format.even().size()),
                            activations[2 * pair + 1],
                            format.odd().value(index / format.even().size()));
                    int at = pair * 2 * entries + index;
                    assertEquals(SplitProduct.low(product), tables[at]);
                    assertEquals(SplitProduct.high(product), tables[at + entries]);
                }
            }
        }
    }
}
