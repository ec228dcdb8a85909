package org.threehalf.inference.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Whether all numbers of some blocks are finite, by their scales alone: codes are small integers, or entries of a
 * table, and no product of one with a finite scale leaves binary32. Decoding them would cost twenty times as much.
 */
public final class BlockScales {
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt SINGLE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    // The exponents of what is no finite number.
    private static final int BINARY32 = 0x7f80_0000;
    private static final int BINARY16 = 0x7c00;
    private static final int UPPER_HALF = 0x7f80;

    /** With it the largest code of MXFP4, 6, still is finite: 6 · 2^125 (the exponent counts from −127). */
    private static final int LARGEST_EXPONENT = 252;

    private BlockScales() {}

    /**
     * Whether they are; false also where that is not known without decoding.
     *
     * @param data blocks of the type, one after the other
     */
    public static boolean areFinite(TensorType type, MemorySegment data) {
        int block = type.blockBytes();
        int last = block - Short.BYTES;
        return switch (type) {
            case F32 -> singles(data);
            case F16 -> halves(data, block, 0, 0, BINARY16);
            case BF16 -> halves(data, block, 0, 0, UPPER_HALF);
            case Q4_0, Q5_0, Q8_0, IQ4_NL, IQ4_XS, IQ3_S, IQ3_XXS, IQ2_S, IQ2_XS, IQ2_XXS, IQ1_S ->
                halves(data, block, 0, 0, BINARY16);
            case Q4_1, Q5_1, Q4_K, Q5_K -> halves(data, block, 0, Short.BYTES, BINARY16);
            case Q2_K -> halves(data, block, last - Short.BYTES, last, BINARY16);
            case Q3_K, Q6_K, TQ1_0, TQ2_0 -> halves(data, block, last, last, BINARY16);
            case MXFP4 -> exponents(data, block);
            default -> false;
        };
    }

    private static boolean singles(MemorySegment data) {
        int largest = 0;
        for (long at = 0; at < data.byteSize(); at += Float.BYTES) {
            largest = Math.max(largest, data.get(SINGLE, at) & Integer.MAX_VALUE);
        }
        return largest < BINARY32;
    }

    private static boolean halves(MemorySegment data, int block, int first, int second, int exponent) {
        int largest = 0;
        for (long at = 0; at < data.byteSize(); at += block) {
            largest = Math.max(largest, data.get(HALF, at + first) & exponent);
            largest = Math.max(largest, data.get(HALF, at + second) & exponent);
        }
        return largest < exponent;
    }

    private static boolean exponents(MemorySegment data, int block) {
        int largest = 0;
        for (long at = 0; at < data.byteSize(); at += block) {
            largest = Math.max(largest, data.get(ValueLayout.JAVA_BYTE, at) & 0xff);
        }
        return largest <= LARGEST_EXPONENT;
    }
}
