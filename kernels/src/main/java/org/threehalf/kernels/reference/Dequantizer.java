package org.threehalf.kernels.reference;

/** Binary32 weights of a quantised row (REQ-FMT-006). */
public final class Dequantizer {
    private Dequantizer() {}

    /**
     * ŵ_k = fl₃₂(s · v_k) for each integer weight v_k = m_b · T[c_k].
     *
     * @param weights K integer weights from {@link DotProduct#expand}
     * @param columns K
     * @param scale the row's scale
     * @param values where the K binary32 weights go
     */
    /*@ public normal_behavior
      @   requires 0 <= columns && columns <= weights.length && columns <= values.length;
      @   requires 0 <= scale && scale <= 0x1p40f;
      @   assignable values[0 .. columns - 1];
      @   ensures (\forall int k; 0 <= k && k < columns;
      @       Float.floatToIntBits(values[k]) == Float.floatToIntBits(scale * (float) weights[k]));
      @*/
    public static void dequantize(short[] weights, int columns, float scale, float[] values) {
        //@ loop_invariant 0 <= k && k <= columns;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     Float.floatToIntBits(values[i]) == Float.floatToIntBits(scale * (float) weights[i])); @*/
        //@ loop_writes values[0 .. columns - 1];
        //@ decreases columns - k;
        for (int k = 0; k < columns; k++) {
            values[k] = scale * weights[k];
        }
    }
}
