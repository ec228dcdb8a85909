package org.threehalf.kernels.reference;

import org.threehalf.kernels.format.Format;

/** Quantises a token's activations to int8 with one binary32 scale (REQ-QNT-001 to REQ-QNT-004). */
public final class ActivationQuantizer {
    /** The largest code; the scale divides by it. */
    public static final int MAX_CODE = 127;

    private ActivationQuantizer() {}

    /**
     * The token's scale: fl₃₂(amax / 127) (REQ-QNT-002).
     *
     * @param activations K values
     * @return a finite scale, not negative, at most 2⁵⁰
     * @throws IllegalArgumentException if a value is NaN, infinite or over 2⁵⁶ in magnitude (REQ-QNT-001)
     */
    /*@ public normal_behavior
      @   requires (\forall int k; 0 <= k && k < activations.length;
      @       -0x1p56f <= activations[k] && activations[k] <= 0x1p56f);
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(maxMagnitude(activations) / 127);
      @   ensures 0 <= \result && \result <= 0x1p50f;
      @ also public exceptional_behavior
      @   requires (\exists int k; 0 <= k && k < activations.length;
      @       !(-0x1p56f <= activations[k] && activations[k] <= 0x1p56f));
      @   signals_only IllegalArgumentException;
      @*/
    /*@ pure @*/ public static float scale(float[] activations) {
        return maxMagnitude(activations) / MAX_CODE;
    }

    /**
     * amax = max |x_k|, exactly (REQ-QNT-001, REQ-QNT-002).
     *
     * @throws IllegalArgumentException if a value is NaN, infinite or over 2⁵⁶ in magnitude
     */
    /*@ public normal_behavior
      @   requires (\forall int k; 0 <= k && k < values.length; -0x1p56f <= values[k] && values[k] <= 0x1p56f);
      @   ensures 0 <= \result && \result <= 0x1p56f;
      @   ensures (\forall int k; 0 <= k && k < values.length; -\result <= values[k] && values[k] <= \result);
      @   ensures \result == 0 || (\exists int k; 0 <= k && k < values.length;
      @       values[k] == \result || values[k] == -\result);
      @ also public exceptional_behavior
      @   requires (\exists int k; 0 <= k && k < values.length; !(-0x1p56f <= values[k] && values[k] <= 0x1p56f));
      @   signals_only IllegalArgumentException;
      @*/
    /*@ pure @*/ public static float maxMagnitude(float[] values) {
        float amax = 0;
        //@ loop_invariant 0 <= k && k <= values.length;
        //@ loop_invariant 0 <= amax && amax <= 0x1p56f;
        //@ loop_invariant (\forall int i; 0 <= i && i < k; -amax <= values[i] && values[i] <= amax);
        //@ loop_invariant amax == 0 || (\exists int i; 0 <= i && i < k; values[i] == amax || values[i] == -amax);
        //@ loop_writes \nothing;
        //@ decreases values.length - k;
        for (int k = 0; k < values.length; k++) {
            float magnitude = Math.abs(values[k]);
            if (!(magnitude <= Format.MAX_ACTIVATION)) {
                throw new IllegalArgumentException(
                        "activation " + k + " is " + values[k] + ": it must be finite and at most 2^56 in magnitude");
            }
            amax = Math.max(amax, magnitude);
        }
        return amax;
    }

    /**
     * The codes of a token (REQ-QNT-003).
     *
     * @param activations K finite values
     * @param scale the token's scale from {@link #scale}
     * @param codes where the K codes go, each in [−127, 127]
     */
    /*@ public normal_behavior
      @   requires 0 <= scale && scale <= 0x1p50f && activations.length <= codes.length;
      @   requires (\forall int k; 0 <= k && k < activations.length;
      @       -0x1p56f <= activations[k] && activations[k] <= 0x1p56f);
      @   assignable codes[0 .. activations.length - 1];
      @   ensures (\forall int k; 0 <= k && k < activations.length; codes[k] == code(activations[k], scale));
      @*/
    public static void quantize(float[] activations, float scale, byte[] codes) {
        //@ loop_invariant 0 <= k && k <= activations.length;
        //@ loop_invariant (\forall int i; 0 <= i && i < k; codes[i] == code(activations[i], scale));
        //@ loop_writes codes[0 .. activations.length - 1];
        //@ decreases activations.length - k;
        for (int k = 0; k < activations.length; k++) {
            codes[k] = (byte) code(activations[k], scale);
        }
    }

    /** One activation's code: clamp(rne(fl₃₂(x / s)), −127, 127), or 0 where s = 0 (REQ-QNT-003, REQ-QNT-004). */
    /*@ public normal_behavior
      @   requires 0 <= scale && scale <= 0x1p50f && -0x1p56f <= x && x <= 0x1p56f;
      @   ensures -127 <= \result && \result <= 127;
      @   ensures scale == 0 ==> \result == 0;
      @   ensures scale != 0 ==> \result == (int) Math.rint(Math.max(-127, Math.min(127, x / scale)));
      @   ensures scale > 0 && x / scale <= -127 ==> \result == -127;
      @   ensures scale > 0 && x / scale >= 127 ==> \result == 127;
      @   ensures scale > 0 && -127 <= x / scale && x / scale <= 127 ==> \result == Math.rint(x / scale);
      @*/
    /*@ pure heap_free @*/ public static int code(float x, float scale) {
        if (scale == 0) {
            return 0;
        }
        float quotient = x / scale;
        // It is a number, for 0/0 is excluded.
        //@ assert quotient == quotient;
        // Clamping first is the same, since the bounds are integers, and keeps the cast within int.
        return (int) Math.rint(Math.max(-MAX_CODE, Math.min(MAX_CODE, quotient)));
    }
}
