package org.threehalf.inference.gguf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes as a GGUF file has them, least significant first; they grow. */
final class LittleEndian {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteBuffer scratch = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    LittleEndian put(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    LittleEndian putInt(int value) {
        out.write(scratch.clear().putInt(value).array(), 0, Integer.BYTES);
        return this;
    }

    LittleEndian putInts(int[] values) {
        ByteBuffer bytes = buffer(Math.multiplyExact(values.length, Integer.BYTES));
        bytes.asIntBuffer().put(values);
        return put(bytes.array());
    }

    LittleEndian putLong(long value) {
        out.write(scratch.clear().putLong(value).array(), 0, Long.BYTES);
        return this;
    }

    LittleEndian putFloat(float value) {
        return putInt(Float.floatToRawIntBits(value));
    }

    LittleEndian putFloats(float[] values) {
        ByteBuffer bytes = buffer(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        return put(bytes.array());
    }

    /** The length in bytes of its UTF-8, and that. */
    LittleEndian putString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return putLong(utf8.length).put(utf8);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** What was put. */
    MemorySegment bytes() {
        return MemorySegment.ofArray(out.toByteArray());
    }
}
