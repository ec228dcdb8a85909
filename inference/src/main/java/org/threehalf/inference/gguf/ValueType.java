package org.threehalf.inference.gguf;

import org.jspecify.annotations.Nullable;

/** The types of metadata values in GGUF, with their numbers in files. */
public enum ValueType {
    /** Unsigned, 8 bits. */
    UINT8(0, 1),
    /** Signed, 8 bits. */
    INT8(1, 1),
    /** Unsigned, 16 bits. */
    UINT16(2, 2),
    /** Signed, 16 bits. */
    INT16(3, 2),
    /** Unsigned, 32 bits. */
    UINT32(4, 4),
    /** Signed, 32 bits. */
    INT32(5, 4),
    /** binary32. */
    FLOAT32(6, 4),
    /** One byte, 0 or 1. */
    BOOL(7, 1),
    /** A uint64 length and so many bytes of UTF-8. */
    STRING(8, 0),
    /** The elements' type (uint32), their number (uint64), the elements. */
    ARRAY(9, 0),
    /** Unsigned, 64 bits. */
    UINT64(10, 8),
    /** Signed, 64 bits. */
    INT64(11, 8),
    /** binary64. */
    FLOAT64(12, 8);

    private static final ValueType[] ALL = values();

    private final int id;
    private final int bytes;

    ValueType(int id, int bytes) {
        this.id = id;
        this.bytes = bytes;
    }

    /** Its number in files. */
    int id() {
        return id;
    }

    /** Bytes of a value, or 0 where they depend on the value. */
    public int bytes() {
        return bytes;
    }

    /** The fewest bytes that a value can take. */
    int leastBytes() {
        return switch (this) {
            case STRING -> 8;
            case ARRAY -> 12;
            default -> bytes;
        };
    }

    /** Whether values are integers. */
    public boolean isInteger() {
        return bytes > 0 && this != BOOL && !isFloat();
    }

    /** Whether values are floating-point numbers. */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /** The type of a number, or null if there is none. */
    static @Nullable ValueType ofId(int id) {
        for (ValueType type : ALL) {
            if (type.id == id) {
                return type;
            }
        }
        return null;
    }
}
