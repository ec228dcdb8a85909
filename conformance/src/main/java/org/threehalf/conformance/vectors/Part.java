package org.threehalf.conformance.vectors;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.threehalf.conformance.vectors.Difference.Value;

/**
 * One array of a case: an input, a right result, or what a device gave.
 *
 * @param name what it holds, by the name that the golden vectors use: {@code codes}, {@code scale}, {@code y} …
 * @param type of its elements
 * @param shape its lengths, the slowest dimension first; a single number has shape [1]
 * @param bytes the elements, little endian, the last dimension running fastest; owned by this record
 */
public record Part(String name, Type type, List<Integer> shape, byte[] bytes) implements Serializable {

    /** The type of an element. */
    public enum Type {
        /** An unsigned byte. */
        U8(1),
        /** A signed byte. */
        I8(1),
        /** A two's-complement 32-bit integer. */
        I32(4),
        /** A binary32. */
        F32(4);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes an element. */
        public int bytes() {
            return bytes;
        }
    }

    /**
     * Checks that the shape fits the bytes.
     *
     * @throws IllegalArgumentException if it does not
     */
    public Part {
        shape = List.copyOf(shape);
        long elements = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
        if (elements * type.bytes != bytes.length) {
            throw new IllegalArgumentException(
                    "%s: %,d bytes for %s elements of shape %s".formatted(name, bytes.length, type, shape));
        }
    }

    /** Unsigned bytes. */
    public static Part u8(String name, byte[] values) {
        return new Part(name, Type.U8, List.of(values.length), values.clone());
    }

    /** Unsigned bytes in rows of one length. */
    public static Part u8(String name, List<byte[]> rows) {
        return new Part(
                name, Type.U8, List.of(rows.size(), rows.isEmpty() ? 0 : rows.getFirst().length), concatenated(rows));
    }

    /** Signed bytes. */
    public static Part i8(String name, byte[] values) {
        return new Part(name, Type.I8, List.of(values.length), values.clone());
    }

    /** Signed bytes in rows of one length. */
    public static Part i8(String name, List<byte[]> rows) {
        return new Part(
                name, Type.I8, List.of(rows.size(), rows.isEmpty() ? 0 : rows.getFirst().length), concatenated(rows));
    }

    /** 32-bit integers. */
    public static Part i32(String name, int... values) {
        return new Part(name, Type.I32, List.of(values.length), bytesOf(values));
    }

    /** 32-bit integers in rows of one length. */
    public static Part i32(String name, int[][] rows) {
        return new Part(
                name,
                Type.I32,
                List.of(rows.length, rows.length == 0 ? 0 : rows[0].length),
                concatenated(Arrays.stream(rows).map(Part::bytesOf).toList()));
    }

    /** binary32 numbers. */
    public static Part f32(String name, float... values) {
        return new Part(name, Type.F32, List.of(values.length), bytesOf(values));
    }

    /** binary32 numbers in rows of one length. */
    public static Part f32(String name, float[][] rows) {
        return new Part(
                name,
                Type.F32,
                List.of(rows.length, rows.length == 0 ? 0 : rows[0].length),
                concatenated(Arrays.stream(rows).map(Part::bytesOf).toList()));
    }

    private static byte[] bytesOf(int[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(values);
        return buffer.array();
    }

    private static byte[] bytesOf(float[] values) {
        return bytesOf(IntStream.range(0, values.length)
                .map(i -> Float.floatToRawIntBits(values[i]))
                .toArray());
    }

    /** One array after the other. */
    public static byte[] concatenated(List<byte[]> rows) {
        ByteBuffer all =
                ByteBuffer.allocate(rows.stream().mapToInt(row -> row.length).sum());
        rows.forEach(all::put);
        return all.array();
    }

    /**
     * The elements as binary32 numbers.
     *
     * @throws IllegalStateException if they are of another type
     */
    public float[] floats() {
        require(Type.F32);
        float[] values = new float[size()];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    /**
     * The elements as 32-bit integers.
     *
     * @throws IllegalStateException if they are of another type
     */
    public int[] ints() {
        require(Type.I32);
        int[] values = new int[size()];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(values);
        return values;
    }

    private void require(Type needed) {
        if (type != needed) {
            throw new IllegalStateException("%s holds %s, not %s".formatted(name, type, needed));
        }
    }

    /** The number of elements. */
    public int size() {
        return bytes.length / type.bytes;
    }

    /** Element {@code i}, counted through all dimensions, in both notations. */
    public Value value(int i) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return switch (type) {
            case U8 -> Value.ofUnsigned(bytes[i]);
            case I8 -> Value.ofSigned(bytes[i]);
            case I32 -> Value.of(buffer.getInt(i * Integer.BYTES));
            case F32 -> Value.of(buffer.getFloat(i * Float.BYTES));
        };
    }

    /**
     * The indexes, counted through all dimensions, at which another part of this name, type and shape has other bits.
     */
    public int[] differences(Part other) {
        if (!name.equals(other.name) || type != other.type || !shape.equals(other.shape)) {
            throw new IllegalArgumentException("%s %s %s cannot be compared with %s %s %s"
                    .formatted(name, type, shape, other.name, other.type, other.shape));
        }
        int width = type.bytes;
        return IntStream.range(0, size())
                .filter(i -> !Arrays.equals(bytes, i * width, (i + 1) * width, other.bytes, i * width, (i + 1) * width))
                .toArray();
    }

    /** How element {@code i} is named in a message: all but the last index go to the part's name. */
    public Difference differenceAt(int i, Part actual) {
        int inner = shape.getLast();
        StringBuilder part = new StringBuilder(name);
        int outer = i / inner;
        if (shape.size() > 1) {
            part.append('[').append(outer).append(']');
        }
        return new Difference(part.toString(), i % inner, value(i), actual.value(i));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Part(String n, Type t, List<Integer> s, byte[] b)
                && n.equals(name)
                && t == type
                && s.equals(shape)
                && Arrays.equals(b, bytes);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Part[name=%s, type=%s, shape=%s, %d bytes]".formatted(name, type, shape, bytes.length);
    }
}
