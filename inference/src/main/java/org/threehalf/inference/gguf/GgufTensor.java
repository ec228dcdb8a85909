package org.threehalf.inference.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of an open file.
 *
 * @param info name, type and shape
 * @param offset where its data starts, from the start of the file, in bytes
 * @param data its bytes as they are stored: a read-only view of the mapping, valid while the file is open, safe to read
 *     from any thread
 * @param rowPlaces at which place in {@code data} each row lies, where a file has them in another order; null where row
 *     r is the r-th
 * @param computedRows reads a row that is not stored as {@code info} says but computed of what {@code data} holds; null
 *     for a tensor that is stored so. Called from several threads
 * @param storedBytes what it takes where it is stored, scales beside it counted; of bytes that hold several tensors its
 *     own share
 */
public record GgufTensor(
        TensorInfo info,
        long offset,
        MemorySegment data,
        @Nullable LongUnaryOperator rowPlaces,
        @Nullable RowReader computedRows,
        long storedBytes) {

    /** Gives rows as binary32. */
    @FunctionalInterface
    public interface RowReader {
        /** Fills {@code values}, from index 0, with the row at a place. */
        void read(long place, float[] values);
    }

    /** A tensor whose rows are stored as {@code info} says, in their order. */
    public GgufTensor(TensorInfo info, long offset, MemorySegment data) {
        this(info, offset, data, null, null, data.byteSize());
    }

    /** Bits an element where it is stored. */
    public double storedBitsPerElement() {
        return info.elements() == 0 ? 0 : 8.0 * storedBytes / info.elements();
    }

    /** Whether {@link #data} is what {@link #info} says, byte for byte. */
    public boolean isStored() {
        return rowPlaces == null && computedRows == null;
    }

    /** The tensor's name. */
    public String name() {
        return info.name();
    }

    /** How its elements are stored. */
    public TensorType type() {
        return info.type();
    }

    /** Elements a row. */
    public long columns() {
        return info.columns();
    }

    /** Rows. */
    public long rows() {
        return info.rows();
    }

    /**
     * Decodes a row to binary32.
     *
     * @param row 0 ≤ row &lt; {@link #rows}
     * @param values where the {@link #columns} values go, from index 0
     * @throws IllegalStateException if the type cannot be decoded, or the file is closed
     * @throws IndexOutOfBoundsException if there is no such row or {@code values} is too short
     */
    public void readRow(long row, float[] values) {
        Objects.checkIndex(row, rows());
        int columns = Math.toIntExact(columns());
        Objects.checkFromIndexSize(0, columns, values.length);
        if (computedRows != null) {
            computedRows.read(place(row), values);
        } else {
            type().decode(rowBytes(row).toArray(ValueLayout.JAVA_BYTE), 0, columns / type().blockElements(), values, 0);
        }
    }

    private long place(long row) {
        return rowPlaces == null ? row : rowPlaces.applyAsLong(row);
    }

    /**
     * A row's bytes as they are stored.
     *
     * @param row 0 ≤ row &lt; {@link #rows}
     * @throws IllegalStateException if the rows are computed
     */
    public MemorySegment rowBytes(long row) {
        if (computedRows != null) {
            throw new IllegalStateException("the rows of %s are computed".formatted(name()));
        }
        long rowBytes = type().bytes(columns());
        return data.asSlice(place(row) * rowBytes, rowBytes);
    }

    /**
     * All elements as binary32, in the file's order. For small tensors: norms, biases.
     *
     * @throws IllegalStateException if the type cannot be decoded, or the file is closed
     * @throws ArithmeticException if there are 2³¹ elements or more
     */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(info.elements())];
        if (!isStored()) {
            float[] row = new float[(int) columns()];
            for (int r = 0; r < rows(); r++) {
                readRow(r, row);
                System.arraycopy(row, 0, values, r * row.length, row.length);
            }
            return values;
        }
        byte[] bytes = data.toArray(ValueLayout.JAVA_BYTE);
        type().decode(bytes, 0, values.length / type().blockElements(), values, 0);
        return values;
    }
}
