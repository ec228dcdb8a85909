package org.threehalf.kernels;

import java.util.Arrays;
import org.threehalf.kernels.reference.ActivationQuantizer;

/**
 * A token's activations as int8 codes with one scale (REQ-QNT-001 to REQ-QNT-004).
 *
 * @param scale s_act, finite, not negative, at most 2⁵⁰
 * @param codes K values in [−127, 127]; owned by this record
 */
public record QuantizedToken(float scale, byte[] codes) {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the scale or a code is outside its range
     */
    public QuantizedToken {
        if (!(scale <= 0x1p50f) || Float.floatToRawIntBits(scale) < 0) {
            throw new IllegalArgumentException("an activation scale of " + scale + ": it must be finite, not negative and at most 2^50");
        }
        for (int k = 0; k < codes.length; k++) {
            if (codes[k] == -128) {
                throw new IllegalArgumentException("activation code " + k + " is -128: codes lie in [-127, 127]");
            }
        }
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
