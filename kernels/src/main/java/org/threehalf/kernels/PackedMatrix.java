package org.threehalf.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.threehalf.kernels.format.Format;

/**
 * A quantised matrix in its packed form, off heap (sections 2 and 6 of {@code spec/FORMAT.md}).
 *
 * <p>The segments belong to whoever made them: an {@link Arena}, or the mapping of a model file. They may pass 2 GiB; offsets are
 * {@code long}. A matrix is safe to read from several threads once it is filled.
 *
 * @param format the format of every row
 * @param rows N
 * @param columns K
 * @param codes N · {@link Format#rowCodeBytes} bytes, row by row (REQ-PCK-005)
 * @param subscales N · {@link Format#rowSubscaleBytes} bytes (REQ-PCK-006)
 * @param scales N binary32 numbers, little endian (REQ-PCK-007)
 */
public record PackedMatrix(Format format, int rows, int columns, MemorySegment codes, MemorySegment subscales, MemorySegment scales) {

    private static final ValueLayout.OfFloat SCALE = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Checks the shape and the segments' sizes. Scales are checked when a row is read.
     *
     * @throws IllegalArgumentException if the shape is outside the format's limits or a segment has another size
     */
    public PackedMatrix {
        format.requireShape(rows, columns);
        requireSize("codes", codes, rows * format.rowCodeBytes(columns));
        requireSize("sub-scales", subscales, (long) rows * format.rowSubscaleBytes(columns));
        requireSize("scales", scales, (long) rows * Float.BYTES);
    }

    private static void requireSize(String what, MemorySegment segment, long bytes) {
        if (segment.byteSize() != bytes) {
            throw new IllegalArgumentException("%s: %,d bytes; the shape needs %,d".formatted(what, segment.byteSize(), bytes));
        }
    }

    /** A matrix of zero bytes, to be filled by {@link #putRow}; its memory is freed with the arena. */
    public static PackedMatrix allocate(Format format, int rows, int columns, Arena arena) {
        format.requireShape(rows, columns);
        return new PackedMatrix(
                format,
                rows,
                columns,
                arena.allocate(rows * format.rowCodeBytes(columns), Float.BYTES),
                arena.allocate((long) rows * format.rowSubscaleBytes(columns)),
                arena.allocate((long) rows * Float.BYTES, Float.BYTES));
    }

    /**
     * Stores a row.
     *
     * @throws IllegalArgumentException if the row has another format or number of columns
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public void putRow(int row, QuantizedRow values) {
        if (values.format() != format || values.columns() != columns) {
            throw new IllegalArgumentException("a row of %s x %d for a matrix of %s x %d".formatted(values.format(), values.columns(), format, columns));
        }
        MemorySegment.copy(MemorySegment.ofArray(values.packedCodes()), 0, codes, row * format.rowCodeBytes(columns), format.rowCodeBytes(columns));
        int subscaleBytes = format.rowSubscaleBytes(columns);
        MemorySegment.copy(MemorySegment.ofArray(values.packedSubscales()), 0, subscales, (long) row * subscaleBytes, subscaleBytes);
        scales.set(SCALE, (long) row * Float.BYTES, values.scale());
    }

    /**
     * A row's scale.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public float scale(int row) {
        return scales.get(SCALE, (long) row * Float.BYTES);
    }

    /**
     * A row, unpacked.
     *
     * @throws IllegalArgumentException if its scale is refused (REQ-FMT-004)
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public QuantizedRow row(int row) {
        long codeBytes = format.rowCodeBytes(columns);
        long subscaleBytes = format.rowSubscaleBytes(columns);
        return QuantizedRow.unpack(
                format,
                columns,
                scale(row),
                codes.asSlice(row * codeBytes, codeBytes).toArray(ValueLayout.JAVA_BYTE),
                subscales.asSlice(row * subscaleBytes, subscaleBytes).toArray(ValueLayout.JAVA_BYTE));
    }
}
