package org.threehalf.inference.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.IntFunction;
import org.threehalf.kernels.io.Printable;

/**
 * A metadata value, kept as the bytes of the file and decoded when asked for.
 *
 * <p>The bytes were checked by {@link GgufReader} (or written by a factory here), so decoding cannot run out of them.
 * Asking for another type than the value has is an {@link IllegalArgumentException}; {@link GgufMetadata} gives the
 * messages that name the key.
 *
 * @param type the value's type
 * @param bytes the value as it is stored, without key and type; a view of the file's mapping, valid while the file is
 *     open
 */
public record GgufValue(ValueType type, MemorySegment bytes) {

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Bytes before an array's elements: their type and number. */
    private static final long ARRAY_HEADER = 12;

    /** A string. */
    public static GgufValue of(String value) {
        return new GgufValue(
                ValueType.STRING, new LittleEndian().putString(value).bytes());
    }

    /** A uint32; the argument's bits are taken as unsigned. */
    public static GgufValue ofUint32(int value) {
        return new GgufValue(ValueType.UINT32, new LittleEndian().putInt(value).bytes());
    }

    /** A uint64; the argument's bits are taken as unsigned. */
    public static GgufValue ofUint64(long value) {
        return new GgufValue(ValueType.UINT64, new LittleEndian().putLong(value).bytes());
    }

    /** An int64. */
    public static GgufValue ofInt64(long value) {
        return new GgufValue(ValueType.INT64, new LittleEndian().putLong(value).bytes());
    }

    /** A FLOAT32. */
    public static GgufValue ofFloat32(float value) {
        return new GgufValue(
                ValueType.FLOAT32, new LittleEndian().putFloat(value).bytes());
    }

    /** A BOOL. */
    public static GgufValue of(boolean value) {
        return new GgufValue(
                ValueType.BOOL, new LittleEndian().put((byte) (value ? 1 : 0)).bytes());
    }

    /** An array of strings. */
    public static GgufValue ofStrings(List<String> values) {
        LittleEndian array = array(ValueType.STRING, values.size());
        values.forEach(array::putString);
        return new GgufValue(ValueType.ARRAY, array.bytes());
    }

    /** An array of int32. */
    public static GgufValue ofInt32s(int[] values) {
        return new GgufValue(
                ValueType.ARRAY,
                array(ValueType.INT32, values.length).putInts(values).bytes());
    }

    /** An array of FLOAT32. */
    public static GgufValue ofFloat32s(float[] values) {
        return new GgufValue(
                ValueType.ARRAY,
                array(ValueType.FLOAT32, values.length).putFloats(values).bytes());
    }

    /** An array of scalars or strings, made by one of the factories, all of the given type. */
    public static GgufValue arrayOf(ValueType elements, List<GgufValue> values) {
        LittleEndian array = array(elements, values.size());
        for (GgufValue value : values) {
            if (value.type != elements) {
                throw new IllegalArgumentException(
                        "a value of type %s in an array of %s".formatted(value.type, elements));
            }
            array.put(value.bytes.toArray(ValueLayout.JAVA_BYTE));
        }
        return new GgufValue(ValueType.ARRAY, array.bytes());
    }

    /** An array's beginning: its elements' type and number. */
    private static LittleEndian array(ValueType elements, int count) {
        return new LittleEndian().putInt(elements.id()).putLong(count);
    }

    /** The elements' type. The value must be an array. */
    public ValueType elementType() {
        require(type == ValueType.ARRAY, "an array");
        ValueType elements = ValueType.ofId(bytes.get(INT, 0));
        if (elements == null) {
            throw new IllegalStateException("the array was not checked");
        }
        return elements;
    }

    /** The number of elements. The value must be an array. */
    public long count() {
        require(type == ValueType.ARRAY, "an array");
        return bytes.get(LONG, 4);
    }

    /** The string. */
    public String asString() {
        require(type == ValueType.STRING, "a string");
        return string(bytes, 0);
    }

    /** The boolean. */
    public boolean asBoolean() {
        require(type == ValueType.BOOL, "a boolean");
        return bytes.get(ValueLayout.JAVA_BYTE, 0) != 0;
    }

    /**
     * The integer, whatever its width.
     *
     * @throws IllegalArgumentException if the value is no integer, or a uint64 of 2⁶³ or more
     */
    public long asLong() {
        require(type.isInteger(), "an integer");
        return integer(type, bytes, 0);
    }

    /** The number as binary64, whatever its type. */
    public double asDouble() {
        return switch (type) {
            case FLOAT32 -> bytes.get(FLOAT, 0);
            case FLOAT64 -> bytes.get(DOUBLE, 0);
            default -> {
                require(type.isInteger(), "a number");
                yield integer(type, bytes, 0);
            }
        };
    }

    /** The strings of an array, each decoded when it is read from the list. */
    public List<String> asStrings() {
        requireElements(elementType() == ValueType.STRING, "strings");
        long[] at = new long[elements()];
        long next = ARRAY_HEADER;
        for (int i = 0; i < at.length; i++) {
            at[i] = next;
            next += 8 + bytes.get(LONG, next);
        }
        return new View<>(at.length, i -> string(bytes, at[i]));
    }

    /** The elements of an array as they are stored, without its header. The value must be an array. */
    public MemorySegment elementBytes() {
        require(type == ValueType.ARRAY, "an array");
        return bytes.asSlice(ARRAY_HEADER);
    }

    /** The integers of an array, whatever their width. */
    public long[] asLongs() {
        ValueType elements = elementType();
        requireElements(elements.isInteger(), "integers");
        if (elements == ValueType.INT32) {
            return java.util.Arrays.stream(
                            bytes.asSlice(ARRAY_HEADER, Integer.BYTES * count()).toArray(INT))
                    .asLongStream()
                    .toArray();
        }
        long[] values = new long[elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = integer(elements, bytes, ARRAY_HEADER + (long) i * elements.bytes());
        }
        return values;
    }

    /** The numbers of an array of FLOAT32. */
    public float[] asFloats() {
        requireElements(elementType() == ValueType.FLOAT32, "FLOAT32 numbers");
        return bytes.asSlice(ARRAY_HEADER, Float.BYTES * count()).toArray(FLOAT);
    }

    /** The booleans of an array. */
    public boolean[] asBooleans() {
        requireElements(elementType() == ValueType.BOOL, "booleans");
        boolean[] values = new boolean[elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.get(ValueLayout.JAVA_BYTE, ARRAY_HEADER + i) != 0;
        }
        return values;
    }

    /**
     * An element of an array.
     *
     * @param i its number
     * @throws IllegalArgumentException if the value is no array, or one of strings or arrays
     */
    public GgufValue element(int i) {
        ValueType elements = elementType();
        requireElements(elements.bytes() > 0, "scalars");
        return new GgufValue(elements, bytes.asSlice(ARRAY_HEADER + (long) i * elements.bytes(), elements.bytes()));
    }

    private int elements() {
        long count = count();
        require(count <= Integer.MAX_VALUE, "an array of at most 2^31 - 1 elements");
        return (int) count;
    }

    /** One line for a person: a scalar, a string cut to the given length, or an array's first elements. */
    public String summary(int length) {
        return switch (type) {
            case STRING -> quoted(asString(), length);
            case BOOL -> Boolean.toString(asBoolean());
            case FLOAT32, FLOAT64 ->
                type == ValueType.FLOAT32 ? Float.toString((float) asDouble()) : Double.toString(asDouble());
            case UINT64 -> Long.toUnsignedString(bytes.get(LONG, 0));
            case ARRAY -> arraySummary(length);
            default -> Long.toString(asLong());
        };
    }

    private String arraySummary(int length) {
        ValueType elements = elementType();
        int shown = (int) Math.min(4, count());
        List<String> first = new ArrayList<>();
        for (int i = 0; elements != ValueType.ARRAY && i < shown; i++) {
            first.add(
                    elements == ValueType.STRING
                            ? quoted(asStrings().get(i), length / 4)
                            : element(i).summary(length));
        }
        return "%,d x %s: %s%s"
                .formatted(count(), elements, String.join(", ", first), count() > first.size() ? ", …" : "");
    }

    private static String quoted(String value, int length) {
        String line = Printable.line(value.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t"));
        return '"'
                + (line.codePointCount(0, line.length()) <= length
                        ? line
                        : line.substring(0, line.offsetByCodePoints(0, length)) + "…")
                + '"';
    }

    private static String string(MemorySegment bytes, long at) {
        long length = bytes.get(LONG, at);
        return new String(bytes.asSlice(at + 8, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private static long integer(ValueType type, MemorySegment bytes, long at) {
        return switch (type) {
            case UINT8 -> bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
            case UINT16 -> bytes.get(SHORT, at) & 0xffff;
            case INT16 -> bytes.get(SHORT, at);
            case UINT32 -> bytes.get(INT, at) & 0xffff_ffffL;
            case INT32 -> bytes.get(INT, at);
            case INT64 -> bytes.get(LONG, at);
            case UINT64 -> {
                long value = bytes.get(LONG, at);
                if (value < 0) {
                    throw new IllegalArgumentException(
                            "an integer of %s, which passes 2^63 - 1".formatted(Long.toUnsignedString(value)));
                }
                yield value;
            }
            default -> throw new IllegalArgumentException(type + " is no integer type");
        };
    }

    private void require(boolean met, String wanted) {
        if (!met) {
            throw new IllegalArgumentException("a value of type %s where %s is needed".formatted(type, wanted));
        }
    }

    private void requireElements(boolean met, String wanted) {
        if (!met) {
            throw new IllegalArgumentException(
                    "an array of %s where one of %s is needed".formatted(elementType(), wanted));
        }
    }

    /** A read-only list that makes its elements when they are read. */
    private static final class View<T> extends AbstractList<T> implements RandomAccess {
        private final int size;
        private final IntFunction<T> element;

        View(int size, IntFunction<T> element) {
            this.size = size;
            this.element = element;
        }

        @Override
        public T get(int index) {
            return element.apply(java.util.Objects.checkIndex(index, size));
        }

        @Override
        public int size() {
            return size;
        }
    }
}
