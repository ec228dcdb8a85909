package org.threehalf.kernels.reference;

/**
 * The exact integer dot product of a row with a token, and its output (REQ-DOT-001 to REQ-DOT-005).
 *
 * <p>A row is first expanded to its integer weights v_k = m_b · T[c_k], then I = Σ a_k · v_k is summed in {@code int}.
 * The sum never overflows: Lean theorem {@code ThreeHalf.Dot} (REQ-DOT-002) for every order of the terms, and the
 * contract below for the order of this loop.
 */
public final class DotProduct {
    private DotProduct() {}

    /**
     * Expands a row's codes to integer weights: v_k = m · T[c_k], with the sub-scale m of the input's block
     * (REQ-DOT-001).
     *
     * @param codes one stored code an input, each below its table's length when read as unsigned
     * @param subscales one a block of 64, each in [0, 15]
     * @param even the table of even inputs, entries in [−128, 127]
     * @param odd the table of odd inputs
     * @param columns K
     * @param weights where the K integer weights go
     */
    /*@ public normal_behavior
      @   requires 0 <= columns && columns <= codes.length && columns <= weights.length;
      @   requires columns <= 1048576 && (columns + 63) / 64 <= subscales.length;
      @   requires (\forall int b; 0 <= b && b < subscales.length; 0 <= subscales[b] && subscales[b] <= 15);
      @   requires (\forall int k; 0 <= k && k < columns;
      @       (codes[k] & 0xff) < even.length && (codes[k] & 0xff) < odd.length
      @              || k % 2 == 0 && (codes[k] & 0xff) < even.length
      @                  || k % 2 == 1 && (codes[k] & 0xff) < odd.length);
      @   assignable weights[0 .. columns - 1];
      @   ensures (\forall int k; 0 <= k && k < columns; weights[k] == weight(codes, subscales, even, odd, k));
      @*/
    public static void expand(byte[] codes, byte[] subscales, byte[] even, byte[] odd, int columns, short[] weights) {
        //@ loop_invariant 0 <= k && k <= columns;
        //@ loop_invariant (\forall int i; 0 <= i && i < k; weights[i] == weight(codes, subscales, even, odd, i));
        //@ loop_writes weights[0 .. columns - 1];
        //@ decreases columns - k;
        for (int k = 0; k < columns; k++) {
            weights[k] = (short) weight(codes, subscales, even, odd, k);
        }
    }

    /** The integer weight of input {@code k}: m · T[c] (REQ-FMT-006, REQ-DOT-001). */
    /*@ public normal_behavior
      @   requires 0 <= k && k < codes.length && k / 64 < subscales.length;
      @   requires 0 <= subscales[k / 64] && subscales[k / 64] <= 15;
      @   requires k % 2 == 0 ==> (codes[k] & 0xff) < even.length;
      @   requires k % 2 == 1 ==> (codes[k] & 0xff) < odd.length;
      @   ensures k % 2 == 0 ==> \result == subscales[k / 64] * even[codes[k] & 0xff];
      @   ensures k % 2 == 1 ==> \result == subscales[k / 64] * odd[codes[k] & 0xff];
      @   ensures -1920 <= \result && \result <= 1905;
      @*/
    /*@ pure @*/ public static int weight(byte[] codes, byte[] subscales, byte[] even, byte[] odd, int k) {
        byte[] table = k % 2 == 0 ? even : odd;
        return subscales[k / 64] * table[codes[k] & 0xff];
    }

    /*@ // I over the first n inputs, as a mathematical integer (REQ-DOT-001).
      @ public normal_behavior
      @   requires 0 <= n && n <= activations.length && n <= weights.length;
      @   ensures n == 0 ==> \result == 0;
      @   ensures n > 0 ==> \result == partialSum(activations, weights, n - 1)
      @       + (\bigint) activations[n - 1] * weights[n - 1];
      @   measured_by n;
      @ public static pure model \bigint partialSum(byte[] activations, short[] weights, int n) {
      @   return n == 0 ? 0 : partialSum(activations, weights, n - 1) + (\bigint) activations[n - 1] * weights[n - 1];
      @ }
      @*/

    /**
     * I = Σ a_k · v_k over the first K inputs (REQ-DOT-001), with no overflow (REQ-DOT-002).
     *
     * @param activations K values in [−127, 127]
     * @param weights K integer weights, each at most {@code maxWeight} in magnitude
     * @param columns K, within the limit that belongs to {@code maxWeight}: 1,048,576 for 8, 131,072 for 128, 36,000
     *     for 465
     * @param maxWeight the format's bound on |m·T[c]|
     * @return I, exactly
     */
    /*@ public normal_behavior
      @   requires maxWeight == 8 && columns <= 1048576 || maxWeight == 128 && columns <= 131072
      @       || maxWeight == 465 && columns <= 36000;
      @   requires 0 <= columns && columns <= activations.length && columns <= weights.length;
      @   requires (\forall int k; 0 <= k && k < columns; -127 <= activations[k] && activations[k] <= 127);
      @   requires (\forall int k; 0 <= k && k < columns; -maxWeight <= weights[k] && weights[k] <= maxWeight);
      @   ensures \result == partialSum(activations, weights, columns);
      @*/
    /*@ pure @*/ public static int dot(byte[] activations, short[] weights, int columns, int maxWeight) {
        int sum = 0;
        //@ loop_invariant 0 <= k && k <= columns;
        //@ loop_invariant sum == partialSum(activations, weights, k);
        //@ loop_invariant maxWeight == 8 ==> -1016 * k <= sum && sum <= 1016 * k;
        //@ loop_invariant maxWeight == 128 ==> -16256 * k <= sum && sum <= 16256 * k;
        //@ loop_invariant maxWeight == 465 ==> -59055 * k <= sum && sum <= 59055 * k;
        //@ loop_writes \nothing;
        //@ decreases columns - k;
        for (int k = 0; k < columns; k++) {
            sum += activations[k] * weights[k];
        }
        return sum;
    }

    /**
     * y = fl₃₂(fl₃₂(I) · fl₃₂(s_row · s_act)) (REQ-DOT-004): three roundings, nothing fused.
     *
     * @param sum I
     * @param rowScale the row's scale, within REQ-FMT-004
     * @param activationScale the token's scale
     * @return y, finite (REQ-DOT-005)
     */
    /*@ public normal_behavior
      @   requires 0 <= rowScale && rowScale <= 0x1p40f && 0 <= activationScale && activationScale <= 0x1p50f;
      @   ensures \result == (float) sum * (rowScale * activationScale);
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits((float) sum * (rowScale * activationScale));
      @*/
    /*@ pure heap_free @*/ public static float output(int sum, float rowScale, float activationScale) {
        float scale = rowScale * activationScale;
        return (float) sum * scale;
    }
}
