package org.threehalf.inference.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A tensor of an open file.
 *
 * @param info name, type and shape
 * @param offset where its data starts, from the start of the file, in bytes
 * @param data its bytes: a read-only view of the mapping, valid while the file is open, safe to read from any thread
 */
public record GgufTensor(TensorInfo info, long offset, MemorySegment data) {

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
        long rowBytes = type().bytes(columns);
        byte[] bytes = data.asSlice(row * rowBytes, rowBytes).toArray(ValueLayout.JAVA_BYTE);
        type().decode(bytes, 0, columns / type().blockElements(), values, 0);
    }

    /**
     * All elements as binary32, in the file's order. For small tensors: norms, biases.
     *
     * @throws IllegalStateException if the type cannot be decoded, or the file is closed
     * @throws ArithmeticException if there are 2³¹ elements or more
     */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(info.elements())];
        byte[] bytes = data.toArray(ValueLayout.JAVA_BYTE);
        type().decode(bytes, 0, values.length / type().blockElements(), values, 0);
        return values;
    }
}
