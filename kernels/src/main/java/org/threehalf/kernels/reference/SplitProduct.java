package org.threehalf.kernels.reference;

/**
 * The arithmetic that the fast kernels' narrow widths rest on, one value at a time: the products of a pair of inputs as
 * two bytes, and sums of two lanes in one register.
 *
 * <p>The {@code simd} kernel makes tables of these bytes and looks them up, so its 8-bit and 16-bit steps are exact if
 * the contracts below hold; its tests hold the tables against these methods. The whole sums are those of
 * {@link DotProduct}: Lean theorems {@code ThreeHalf.block_partial_sums_fit} and {@code ThreeHalf.lookup_eq_multiply}
 * (REQ-DOT-002, REQ-DOT-003).
 */
public final class SplitProduct {
    /** Added to a product so that it is positive: 2¹³. */
    public static final int BIAS = 8_192;

    private SplitProduct() {}

    /**
     * P = a·t + b·u, the product of a pair of activations with a pair of table values.
     *
     * @param a the activation of the even input, in [−127, 127]
     * @param t the even table's value, in [−31, 31]
     * @param b the activation of the odd input
     * @param u the odd table's value
     */
    /*@ public normal_behavior
      @   requires -127 <= a && a <= 127 && -127 <= b && b <= 127;
      @   requires -31 <= t && t <= 31 && -31 <= u && u <= 31;
      @   ensures \result == a * t + b * u;
      @   ensures -7874 <= \result && \result <= 7874;
      @*/
    /*@ pure heap_free @*/ public static int product(int a, int t, int b, int u) {
        return a * t + b * u;
    }

    /** The low byte of P + 2¹³: at most 127, so two of them are at most 254 and fit an unsigned byte. */
    /*@ public normal_behavior
      @   requires -7874 <= product && product <= 7874;
      @   ensures 0 <= \result && \result <= 127;
      @   ensures \result == (product + 8192) % 128;
      @*/
    /*@ pure heap_free @*/ public static int low(int product) {
        return (product + BIAS) % 128;
    }

    /** The high byte of P + 2¹³: at most 125, so two of them are at most 250; with {@link #low} it gives P back. */
    /*@ public normal_behavior
      @   requires -7874 <= product && product <= 7874;
      @   ensures 2 <= \result && \result <= 125;
      @   ensures 128 * \result + low(product) == product + 8192;
      @*/
    /*@ pure heap_free @*/ public static int high(int product) {
        return (product + BIAS) / 128;
    }

    /**
     * What a 16-bit lane holds of the sums of its two bytes: their sum with weights 1 and 256, modulo 2¹⁶.
     *
     * @param even the sum of the even bytes
     * @param odd the sum of the odd bytes
     */
    /*@ public normal_behavior
      @   requires 0 <= even && even <= 8128 && 0 <= odd && odd <= 8128;
      @   ensures 0 <= \result && \result < 65536;
      @   ensures \result == (even + 256 * odd) % 65536;
      @*/
    /*@ pure heap_free @*/ public static int lane(int even, int odd) {
        return (even + 256 * odd) % 65_536;
    }

    /**
     * The sum of the even bytes again, from the lane and the sum of the odd bytes: the subtraction modulo 2¹⁶ gives it
     * exactly.
     */
    /*@ public normal_behavior
      @   requires 0 <= even && even <= 8128 && 0 <= odd && odd <= 8128;
      @   ensures \result == even;
      @*/
    /*@ pure heap_free @*/ public static int evenAgain(int even, int odd) {
        int difference = lane(even, odd) - 256 * odd % 65_536;
        return difference < 0 ? difference + 65_536 : difference;
    }
}
