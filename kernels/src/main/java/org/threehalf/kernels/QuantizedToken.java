package org.threehalf.kernels;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.threehalf.kernels.reference.ActivationQuantizer;

/**
 * A token's activations as int8 codes with one scale (REQ-QNT-001 to REQ-QNT-004).
 *
 * @param scale s_act, finite, not negative, at most 2⁵⁰
 * @param codes K values in [−127, 127]; owned by this record
 */
public record QuantizedToken(float scale, byte[] codes) {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the scale or a code is outside its range
     */
    public QuantizedToken {
        if (!(scale <= 0x1p50f) || Float.floatToRawIntBits(scale) < 0) {
            throw new IllegalArgumentException(
                    "an activation scale of " + scale + ": it must be finite, not negative and at most 2^50");
        }
        int k = refused(codes);
        if (k < codes.length) {
            throw new IllegalArgumentException("activation code " + k + " is -128: codes lie in [-127, 127]");
        }
    }

    /** The first code of −128, or how many there are. Eight at a time: this is asked of every token at every matrix. */
    private static int refused(byte[] codes) {
        int k = 0;
        for (; k + Long.BYTES <= codes.length; k += Long.BYTES) {
            // A byte of zero where a code is −128; by a borrow into its top bit it is seen whether there is one
            // (Hacker's Delight, 6-1).
            long word = (long) WORD.get(codes, k) ^ 0x8080808080808080L;
            if ((word - 0x0101010101010101L & ~word & 0x8080808080808080L) != 0) {
                break;
            }
        }
        while (k < codes.length && codes[k] != -128) {
            k++;
        }
        return k;
    }

    /**
     * Quantises a token.
     *
     * @param activations K values
     * @throws IllegalArgumentException if a value is NaN, infinite or over 2⁵⁶ in magnitude (REQ-QNT-001)
     */
    public static QuantizedToken of(float[] activations) {
        float scale = ActivationQuantizer.scale(activations);
        byte[] codes = new byte[activations.length];
        ActivationQuantizer.quantize(activations, scale, codes);
        return new QuantizedToken(scale, codes);
    }

    /** K. */
    public int columns() {
        return codes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof QuantizedToken(float s, byte[] c)
                && Float.floatToRawIntBits(s) == Float.floatToRawIntBits(scale)
                && Arrays.equals(c, codes);
    }

    @Override
    public int hashCode() {
        return 31 * Float.hashCode(scale) + Arrays.hashCode(codes);
    }

    @Override
    public String toString() {
        return "QuantizedToken[scale=%s, codes=%s]".formatted(scale, Arrays.toString(codes));
    }
}
