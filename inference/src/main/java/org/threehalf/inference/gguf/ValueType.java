package org.threehalf.inference.gguf;

import org.jspecify.annotations.Nullable;

/** The types of metadata values in GGUF; the ordinal is the type's number in files. */
public enum ValueType {
    /** Unsigned, 8 bits. */
    UINT8(1),
    /** Signed, 8 bits. */
    INT8(1),
    /** Unsigned, 16 bits. */
    UINT16(2),
    /** Signed, 16 bits. */
    INT16(2),
    /** Unsigned, 32 bits. */
    UINT32(4),
    /** Signed, 32 bits. */
    INT32(4),
    /** binary32. */
    FLOAT32(4),
    /** One byte, 0 or 1. */
    BOOL(1),
    /** A uint64 length and so many bytes of UTF-8. */
    STRING(0),
    /** The elements' type (uint32), their number (uint64), the elements. */
    ARRAY(0),
    /** Unsigned, 64 bits. */
    UINT64(8),
    /** Signed, 64 bits. */
    INT64(8),
    /** binary64. */
    FLOAT64(8);

    private static final ValueType[] ALL = values();

    private final int bytes;

    ValueType(int bytes) {
        this.bytes = bytes;
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
        return id >= 0 && id < ALL.length ? ALL[id] : null;
    }
}
