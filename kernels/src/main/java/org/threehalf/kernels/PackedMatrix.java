package org.threehalf.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.threehalf.kernels.format.Format;

/**
 * A quantised matrix in its packed form, off heap (sections 2 and 6 of {@code spec/FORMAT.md}).
 *
 * <p>The segments belong to whoever made them: an {@link Arena}, or the mapping of a model file. They may pass 2 GiB;
 * offsets are {@code long}. A matrix is safe to read from several threads once it is filled.
 *
 * @param format the format of every row
 * @param rows N
 * @param columns K
 * @param codes N · {@link Format#rowCodeBytes} bytes, row by row (REQ-PCK-005)
 * @param subscales N · {@link Format#rowSubscaleBytes} bytes (REQ-PCK-006)
 * @param scales N binary32 numbers, little endian (REQ-PCK-007)
 * @param rotated whether the rows are those of a matrix whose inputs are rotated (REQ-ROT-003); products, codes and
 *     rows here are those of the rotated matrix
 */
public record PackedMatrix(
        Format format,
        int rows,
        int columns,
        MemorySegment codes,
        MemorySegment subscales,
        MemorySegment scales,
        boolean rotated) {

    private static final ValueLayout.OfFloat SCALE =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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

    /** A matrix that is not rotated. */
    public PackedMatrix(
            Format format, int rows, int columns, MemorySegment codes, MemorySegment subscales, MemorySegment scales) {
        this(format, rows, columns, codes, subscales, scales, false);
    }

    private static void requireSize(String what, MemorySegment segment, long bytes) {
        if (segment.byteSize() != bytes) {
            throw new IllegalArgumentException(
                    "%s: %,d bytes; the shape needs %,d".formatted(what, segment.byteSize(), bytes));
        }
    }

    /** A matrix of zero bytes, to be filled by {@link #putRow}; its memory is freed with the arena. */
    public static PackedMatrix allocate(Format format, int rows, int columns, Arena arena) {
        return allocate(format, rows, columns, false, arena);
    }

    /** As {@link #allocate(Format, int, int, Arena)}, for rotated rows if {@code rotated}. */
    public static PackedMatrix allocate(Format format, int rows, int columns, boolean rotated, Arena arena) {
        format.requireShape(rows, columns);
        return new PackedMatrix(
                format,
                rows,
                columns,
                arena.allocate(rows * format.rowCodeBytes(columns), Float.BYTES),
                arena.allocate((long) rows * format.rowSubscaleBytes(columns)),
                arena.allocate((long) rows * Float.BYTES, Float.BYTES),
                rotated);
    }

    /**
     * Some of its rows as a matrix; nothing is copied.
     *
     * @param from the first, 0 … N − 1
     * @param count how many, 1 … N − from
     * @throws IndexOutOfBoundsException if it has not so many
     */
    public PackedMatrix slice(int from, int count) {
        Objects.checkFromIndexSize(from, count, rows);
        long codeBytes = format.rowCodeBytes(columns);
        long subscaleBytes = format.rowSubscaleBytes(columns);
        return new PackedMatrix(
                format,
                count,
                columns,
                codes.asSlice(from * codeBytes, count * codeBytes),
                subscales.asSlice(from * subscaleBytes, count * subscaleBytes),
                scales.asSlice((long) from * Float.BYTES, (long) count * Float.BYTES),
                rotated);
    }

    /**
     * Stores a row.
     *
     * @throws IllegalArgumentException if the row has another format or number of columns
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public void putRow(int row, QuantizedRow values) {
        if (values.format() != format || values.columns() != columns) {
            throw new IllegalArgumentException("a row of %s x %d for a matrix of %s x %d"
                    .formatted(values.format(), values.columns(), format, columns));
        }
        MemorySegment.copy(
                MemorySegment.ofArray(values.packedCodes()),
                0,
                codes,
                row * format.rowCodeBytes(columns),
                format.rowCodeBytes(columns));
        int subscaleBytes = format.rowSubscaleBytes(columns);
        MemorySegment.copy(
                MemorySegment.ofArray(values.packedSubscales()),
                0,
                subscales,
                (long) row * subscaleBytes,
                subscaleBytes);
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

    /**
     * A row's packed codes (REQ-PCK-005). In a format of windows the codes of inputs past K are 0, whatever the matrix
     * holds for them: windows of inputs below K reach into them, or round to the first ones.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public byte[] packedCodes(int row) {
        long codeBytes = format.rowCodeBytes(columns);
        byte[] packed = codes.asSlice(row * codeBytes, codeBytes).toArray(ValueLayout.JAVA_BYTE);
        int past = columns % Format.BLOCK;
        if (format.traits().windowed() && past > 0) {
            int bits = past / 2 * format.traits().pairBits()
                    + past % 2 * format.traits().evenBits();
            int from = packed.length - format.blockBytes() + bits / Byte.SIZE;
            packed[from] &= (byte) ((1 << bits % Byte.SIZE) - 1);
            Arrays.fill(packed, from + 1, packed.length, (byte) 0);
        }
        return packed;
    }

    /**
     * A row's packed codes as {@link org.threehalf.kernels.format.FormatTraits#withoutWindows} describes them: what the
     * matrix holds in a format of codes, and else a block of 64 integers, packed as 8-bit codes (REQ-PCK-001,
     * REQ-PCK-004), for each block. Inputs past K are 0 there, whatever the matrix holds for them (REQ-PCK-005).
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public byte[] byteCodes(int row) {
        byte[] packed = packedCodes(row);
        if (!format.traits().windowed()) {
            return packed;
        }
        int blocks = Format.blocks(columns);
        byte[] integers = new byte[columns];
        BlockCodecs.of(format).packedIntegers(packed, integers);
        byte[] bytes = new byte[blocks * Format.BLOCK];
        BlockCodecs.of(Format.INT8).pack(Arrays.copyOf(integers, bytes.length), blocks, bytes);
        return bytes;
    }

    /**
     * All rows of {@link #byteCodes(int)}, one after the other: {@link #codes} itself in a format of codes, and else
     * memory of the arena.
     */
    public MemorySegment byteCodes(Arena arena) {
        if (!format.traits().windowed()) {
            return codes;
        }
        long rowBytes = (long) Format.blocks(columns) * Format.BLOCK;
        MemorySegment bytes = arena.allocate(rows * rowBytes, Float.BYTES);
        // One after the other: the memory may be the calling thread's alone.
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(byteCodes(row), 0, bytes, ValueLayout.JAVA_BYTE, row * rowBytes, (int) rowBytes);
        }
        return bytes;
    }

    /**
     * A row's weights in binary32, as inputs that are not rotated meet them: of a rotated matrix the row's values are
     * rotated back (REQ-ROT-005).
     *
     * @throws IllegalArgumentException if its scale is refused (REQ-FMT-004)
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public float[] dequantize(int row) {
        float[] values = row(row).dequantize();
        if (rotated) {
            HadamardRotation.rotate(values);
        }
        return values;
    }
}
