package org.threehalf.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.FloatMatrix;

class PackedMatrixTest {

    @TempDir
    Path folder;

    @Provide
    Arbitrary<QuantizedRow> rows() {
        return Numbers.anyRow();
    }

    /** REQ-PCK-005, REQ-PCK-006, REQ-PCK-007: a row comes back from its place, and its neighbours stay as they were. */
    @Property(tries = 300)
    void rowsComeBackFromTheirPlaces(@ForAll("rows") QuantizedRow row) {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = PackedMatrix.allocate(row.format(), 3, row.columns(), arena);
            QuantizedRow zeros = QuantizedRow.quantize(row.format(), new float[row.columns()]);
            matrix.putRow(0, zeros);
            matrix.putRow(2, zeros);
            matrix.putRow(1, row);
            assertEquals(zeros, matrix.row(0));
            assertEquals(row, matrix.row(1));
            assertEquals(zeros, matrix.row(2));
            long codeBytes = row.format().rowCodeBytes(row.columns());
            assertEquals(
                    -1,
                    MemorySegment.ofArray(row.packedCodes())
                            .mismatch(matrix.codes().asSlice(codeBytes, codeBytes)));
        }
    }

    /** REQ-PCK-005: what a matrix of windows holds for inputs past K is read as 0, for every K of a block. */
    @Test
    void paddingOfWindowsIsZero() {
        for (Format format : Format.values()) {
            for (int columns = 65; columns <= 128; columns++) {
                try (Arena arena = Arena.ofConfined()) {
                    PackedMatrix matrix = PackedMatrix.allocate(format, 2, columns, arena);
                    matrix.codes().fill((byte) -1);
                    byte[] expected = format.traits().windowed()
                            ? matrix.row(1).packedCodes()
                            : MemorySegment.ofArray(new byte[2 * format.blockBytes()])
                                    .fill((byte) -1)
                                    .toArray(JAVA_BYTE);
                    assertArrayEquals(expected, matrix.packedCodes(1), format + ", " + columns);
                }
            }
        }
    }

    /** REQ-PCK-007: scales are binary32, little endian. */
    @Test
    void scalesAreLittleEndian() {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = PackedMatrix.allocate(Format.U4, 2, 1, arena);
            matrix.putRow(1, new QuantizedRow(Format.U4, Float.intBitsToFloat(0x3f010203), new byte[1], new byte[0]));
            byte[] bytes = matrix.scales().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            org.junit.jupiter.api.Assertions.assertArrayEquals(new byte[] {0, 0, 0, 0, 3, 2, 1, 0x3f}, bytes);
        }
    }

    /**
     * REQ-FMT-003, REQ-PCK-005: rows past 2 GiB and past 4 GiB lie where they should, in a mapping of a sparse file.
     * The row's neighbour at the offset that 32-bit arithmetic would give stays zero.
     */
    @Test
    void rowsPastTwoAndFourGibibytesLieWhereTheyShould() throws IOException {
        int columns = 131_072;
        int rows = 35_000;
        long bytes = rows * Format.INT8.rowCodeBytes(columns);
        assertTrue(bytes > 1L << 32);
        Path sparse = folder.resolve("sparse");
        try (Arena arena = Arena.ofShared();
                FileChannel channel = FileChannel.open(
                        sparse,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.SPARSE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment codes = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            PackedMatrix matrix =
                    new PackedMatrix(Format.INT8, rows, columns, codes, MemorySegment.NULL, arena.allocate(4L * rows));
            byte[] ones = new byte[columns];
            java.util.Arrays.fill(ones, (byte) 1);
            QuantizedRow row = new QuantizedRow(Format.INT8, 2, ones, new byte[0]);
            for (int at : new int[] {16_384, 16_385, 32_768, 34_999}) {
                matrix.putRow(at, row);
                assertEquals(row, matrix.row(at));
                assertEquals(1, codes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, (long) at * columns));
                // Where an offset in 32 bits would have gone, if it were in the matrix at all.
                int wrapped = at * columns;
                if (wrapped >= 0) {
                    assertEquals(0, codes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, wrapped + columns / 2));
                }
            }
            assertEquals(0, matrix.row(16_383).codes()[columns - 1]);
        }
    }

    /** REQ-FMT-003 and the segments' sizes. */
    @Test
    void whatDoesNotFitIsRefused() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment none = MemorySegment.NULL;
            assertThrows(IllegalArgumentException.class, () -> PackedMatrix.allocate(Format.G35, 0, 64, arena));
            assertThrows(IllegalArgumentException.class, () -> PackedMatrix.allocate(Format.G35, 1, 36_001, arena));
            assertEquals(
                    "codes: 27 bytes; the shape needs 28",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> new PackedMatrix(
                                            Format.G35,
                                            1,
                                            64,
                                            arena.allocate(27),
                                            arena.allocate(1),
                                            arena.allocate(4)))
                            .getMessage());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new PackedMatrix(Format.G35, 1, 64, arena.allocate(28), none, arena.allocate(4)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new PackedMatrix(
                            Format.G35, 1, 64, arena.allocate(28), arena.allocate(1), arena.allocate(8)));
            PackedMatrix matrix = PackedMatrix.allocate(Format.U35, 2, 64, arena);
            assertThrows(IndexOutOfBoundsException.class, () -> matrix.row(2));
            assertThrows(IndexOutOfBoundsException.class, () -> matrix.row(-1));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> matrix.putRow(2, QuantizedRow.quantize(Format.U35, new float[64])));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> matrix.putRow(0, QuantizedRow.quantize(Format.U35, new float[65])));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> matrix.putRow(0, QuantizedRow.quantize(Format.U4, new float[64])));
        }
    }

    /** REQ-FMT-004: a scale is checked when its row is read. */
    @Test
    void aBadScaleIsRefusedWhenItsRowIsRead() {
        try (Arena arena = Arena.ofConfined()) {
            PackedMatrix matrix = PackedMatrix.allocate(Format.U35, 2, 64, arena);
            matrix.scales().set(java.lang.foreign.ValueLayout.JAVA_FLOAT, 4, -1);
            assertEquals(64, matrix.row(0).columns());
            assertThrows(IllegalArgumentException.class, () -> matrix.row(1));
        }
    }

    /**
     * REQ-PCK-001: a slice's rows are the matrix's, in every format, and nothing is copied; a slice past its end is
     * refused. So are those of a matrix in binary32.
     */
    @Test
    void slicesAreViews() {
        SplittableRandom random = new SplittableRandom(5);
        for (Format format : Format.values()) {
            try (Arena arena = Arena.ofConfined()) {
                PackedMatrix matrix = PackedMatrix.allocate(format, 6, 70, arena);
                float[][] rows = new float[6][70];
                for (int row = 0; row < 6; row++) {
                    for (int k = 0; k < 70; k++) {
                        rows[row][k] = (float) random.nextGaussian();
                    }
                    matrix.putRow(row, QuantizedRow.quantize(format, rows[row]));
                }
                PackedMatrix slice = matrix.slice(2, 3);
                FloatMatrix plain = FloatMatrix.of(rows).slice(2, 3);
                float[] read = new float[70];
                for (int row = 0; row < 3; row++) {
                    assertArrayEquals(matrix.dequantize(2 + row), slice.dequantize(row), format.toString());
                    plain.read(row, read);
                    assertArrayEquals(rows[2 + row], read);
                }
                slice.putRow(0, QuantizedRow.quantize(format, rows[5]));
                assertArrayEquals(matrix.dequantize(5), matrix.dequantize(2));
                assertEquals(3, slice.rows());
                assertEquals(3, plain.rows());
                assertThrows(IndexOutOfBoundsException.class, () -> matrix.slice(4, 3));
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> FloatMatrix.of(rows).slice(4, 3));
                assertThrows(IndexOutOfBoundsException.class, () -> plain.read(3, read));
            }
        }
    }
}
