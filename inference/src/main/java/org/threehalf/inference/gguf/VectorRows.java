package org.threehalf.inference.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Set;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.threehalf.kernels.VectorSupport;

/**
 * Decodes rows of the most common tensor types by the Vector API, with the bits of {@link TensorType#decode}: the same
 * binary32 operations in the same order (conversions of integers below 2²⁴ are exact). The layouts are described there.
 */
public final class VectorRows {
    private static final VectorSpecies<Float> F =
            VectorSupport.bits() == 512 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_256;
    /** As many bytes as {@link #F} has lanes: 8 or 16. */
    private static final VectorSpecies<Byte> B = F.length() == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private static final int WIDTH = F.length();
    /** Whether the machine has vectors of that width. */
    private static final boolean WIDE_ENOUGH = VectorSupport.bits() >= 256;

    private static final Set<TensorType> TYPES =
            Set.of(TensorType.F32, TensorType.Q8_0, TensorType.Q5_0, TensorType.Q4_K, TensorType.Q6_K);

    private VectorRows() {}

    /** Whether {@link #read} knows a type, and is fast on this machine. */
    public static boolean reads(TensorType type) {
        return WIDE_ENOUGH && TYPES.contains(type);
    }

    /**
     * Decodes a row.
     *
     * @param type one that {@link #reads}
     * @param row its bytes
     * @param columns K, a multiple of the type's block
     * @param values where the K numbers go
     */
    public static void read(TensorType type, MemorySegment row, int columns, float[] values) {
        int elements = type.blockElements();
        long bytes = type.blockBytes();
        int blocks = columns / elements;
        switch (type) {
            case F32 -> MemorySegment.copy(row, GgufValue.FLOAT, 0, values, 0, columns);
            case Q8_0 -> {
                for (int b = 0; b < blocks; b++) {
                    q8(row, b * bytes, values, b * elements);
                }
            }
            case Q5_0 -> {
                for (int b = 0; b < blocks; b++) {
                    q5(row, b * bytes, values, b * elements);
                }
            }
            case Q4_K -> {
                byte[] scales = new byte[BlockDecoder.K_SCALE_BYTES];
                for (int b = 0; b < blocks; b++) {
                    q4k(row, b * bytes, scales, values, b * elements);
                }
            }
            case Q6_K -> {
                for (int b = 0; b < blocks; b++) {
                    q6k(row, b * bytes, values, b * elements);
                }
            }
            default -> throw new IllegalArgumentException(type + " is not among " + TYPES);
        }
    }

    private static float half(MemorySegment row, long at) {
        return Float.float16ToFloat(row.get(GgufValue.SHORT, at));
    }

    private static ByteVector bytes(MemorySegment row, long at) {
        return ByteVector.fromMemorySegment(B, row, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static FloatVector floats(ByteVector codes) {
        return (FloatVector) codes.convertShape(VectorOperators.B2F, F, 0);
    }

    /** The low nibbles, or the high ones. */
    private static ByteVector nibbles(ByteVector packed, boolean high) {
        return high ? packed.lanewise(VectorOperators.LSHR, 4).and((byte) 15) : packed.and((byte) 15);
    }

    private static void q8(MemorySegment row, long at, float[] y, int o) {
        float d = half(row, at);
        for (int e = 0; e < 32; e += WIDTH) {
            floats(bytes(row, at + 2 + e)).mul(d).intoArray(y, o + e);
        }
    }

    private static void q5(MemorySegment row, long at, float[] y, int o) {
        float d = half(row, at);
        int highBits = row.get(GgufValue.INT, at + 2);
        for (int e = 0; e < 32; e += WIDTH) {
            VectorMask<Byte> high = VectorMask.fromLong(B, highBits >>> e & 0xffffL);
            ByteVector low = nibbles(bytes(row, at + 6 + e % 16), e >= 16);
            // q − 16, where q is the nibble plus 16 for a high bit.
            floats(low.sub((byte) 16).add((byte) 16, high)).mul(d).intoArray(y, o + e);
        }
    }

    private static void q4k(MemorySegment row, long at, byte[] scales, float[] y, int o) {
        float d = half(row, at);
        float dmin = half(row, at + 2);
        MemorySegment.copy(row, ValueLayout.JAVA_BYTE, at + 4, scales, 0, scales.length);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * BlockDecoder.scaleOfK(scales, 0, sub);
            float min = dmin * BlockDecoder.minimumOfK(scales, 0, sub);
            for (int e = 0; e < 32; e += WIDTH) {
                ByteVector codes = nibbles(bytes(row, at + 16 + 32 * (sub / 2) + e), sub % 2 == 1);
                floats(codes).mul(scale).sub(min).intoArray(y, o + 32 * sub + e);
            }
        }
    }

    private static void q6k(MemorySegment row, long at, float[] y, int o) {
        float d = half(row, at + 208);
        for (int e = 0; e < 256; e += WIDTH) {
            int half = e / 128;
            int quarter = e / 32 % 4;
            ByteVector low = nibbles(bytes(row, at + 64 * half + e % 64), quarter >= 2);
            ByteVector high = bytes(row, at + 128 + 32 * half + e % 32)
                    .lanewise(VectorOperators.LSHR, 2 * quarter)
                    .and((byte) 3);
            float scale = d * row.get(ValueLayout.JAVA_BYTE, at + 192 + e / 16);
            floats(low.or(high.lanewise(VectorOperators.LSHL, 4)).sub((byte) 32))
                    .mul(scale)
                    .intoArray(y, o + e);
        }
    }
}
