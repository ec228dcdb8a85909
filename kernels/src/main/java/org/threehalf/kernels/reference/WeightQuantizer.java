package org.threehalf.kernels.reference;

import org.threehalf.kernels.format.Format;

/**
 * Quantises a row of weights (REQ-QNT-005 to REQ-QNT-013).
 *
 * <p>The quotients of the definition are exact real numbers; here they are binary64 quotients of binary32 numbers,
 * which round to the same integers: a real quotient c·w/s with c ≤ 64 that is not half-way between integers is 2⁻²⁵
 * away from there, or the 2⁻³¹-th part of its size, and binary64 is off by its 2⁻⁵³-th part at most (theorems
 * {@code rne_fl64}, {@code roundClamp_binary64} and {@code fixedPoint_binary64}).
 */
public final class WeightQuantizer {
    /** Units of the fixed-point weights: 64 a row scale (REQ-QNT-010). */
    public static final int FIXED_POINT = 64;
    /** The largest fixed-point weight, 64 · 465 (REQ-QNT-010). */
    public static final int MAX_FIXED_POINT = 29_760;

    private WeightQuantizer() {}

    /**
     * The row's scale: fl₃₂(amax / D) (REQ-QNT-005, REQ-QNT-006).
     *
     * @param weights K values
     * @param divisor D of the format
     * @return a scale that REQ-FMT-004 accepts
     * @throws IllegalArgumentException if a weight is NaN, infinite or over 2⁴⁰ in magnitude (REQ-FMT-007)
     */
    /*@ public normal_behavior
      @   requires 1 <= divisor && divisor <= 465;
      @   requires (\forall int k; 0 <= k && k < weights.length; -0x1p40f <= weights[k] && weights[k] <= 0x1p40f);
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(maxMagnitude(weights) / divisor);
      @   ensures 0 <= \result && \result <= 0x1p40f;
      @ also public exceptional_behavior
      @   requires 1 <= divisor && divisor <= 465;
      @   requires (\exists int k; 0 <= k && k < weights.length; !(-0x1p40f <= weights[k] && weights[k] <= 0x1p40f));
      @   signals_only IllegalArgumentException;
      @*/
    /*@ pure @*/ public static float scale(float[] weights, int divisor) {
        float amax = maxMagnitude(weights);
        //@ assert 0 <= amax && amax <= 0x1p40f;
        return amax / divisor;
    }

    /**
     * amax = max |w_k|, exactly (REQ-QNT-005, REQ-FMT-007).
     *
     * @throws IllegalArgumentException if a value is NaN, infinite or over 2⁴⁰ in magnitude
     */
    /*@ public normal_behavior
      @   requires (\forall int k; 0 <= k && k < values.length; -0x1p40f <= values[k] && values[k] <= 0x1p40f);
      @   ensures 0 <= \result && \result <= 0x1p40f;
      @   ensures (\forall int k; 0 <= k && k < values.length; -\result <= values[k] && values[k] <= \result);
      @   ensures \result == 0 || (\exists int k; 0 <= k && k < values.length;
      @       values[k] == \result || values[k] == -\result);
      @ also public exceptional_behavior
      @   requires (\exists int k; 0 <= k && k < values.length; !(-0x1p40f <= values[k] && values[k] <= 0x1p40f));
      @   signals_only IllegalArgumentException;
      @*/
    /*@ pure @*/ public static float maxMagnitude(float[] values) {
        float amax = 0;
        //@ loop_invariant 0 <= k && k <= values.length;
        //@ loop_invariant 0 <= amax && amax <= 0x1p40f;
        //@ loop_invariant (\forall int i; 0 <= i && i < k; -amax <= values[i] && values[i] <= amax);
        //@ loop_invariant amax == 0 || (\exists int i; 0 <= i && i < k; values[i] == amax || values[i] == -amax);
        //@ loop_writes \nothing;
        //@ decreases values.length - k;
        for (int k = 0; k < values.length; k++) {
            float magnitude = Math.abs(values[k]);
            if (!(magnitude <= Format.MAX_SCALE)) {
                throw new IllegalArgumentException(
                        "weight " + k + " is " + values[k] + ": it must be finite and at most 2^40 in magnitude");
            }
            amax = Math.max(amax, magnitude);
        }
        return amax;
    }

    /**
     * clamp(rne(factor · w / s), low, high), and 0 where s = 0 (REQ-QNT-006 to REQ-QNT-008, REQ-QNT-010).
     *
     * @param weight w, finite, at most 2⁴⁰ in magnitude
     * @param scale s of its row
     * @param factor a power of two from 1/2 to 64
     * @param low the least result, not positive
     * @param high the largest result, not negative
     */
    /*@ public normal_behavior
      @   requires -0x1p40f <= weight && weight <= 0x1p40f && 0 <= scale && scale <= 0x1p40f;
      @   requires factor == 0.5 || factor == 1.0 || factor == 64.0;
      @   requires -29760 <= low && low <= 0 && 0 <= high && high <= 29760;
      @   ensures low <= \result && \result <= high;
      @   ensures scale == 0 ==> \result == 0;
      @   ensures scale != 0 ==> \result == (int) Math.rint(Math.max(low, Math.min(high, factor * weight / scale)));
      @   ensures scale > 0 && factor * weight / scale <= low ==> \result == low;
      @   ensures scale > 0 && factor * weight / scale >= high ==> \result == high;
      @   ensures scale > 0 && low <= factor * weight / scale && factor * weight / scale <= high
      @       ==> \result == Math.rint(factor * weight / scale);
      @*/
    /*@ pure heap_free @*/ public static int round(float weight, float scale, double factor, int low, int high) {
        if (scale == 0) {
            return 0;
        }
        double quotient = factor * weight / scale;
        // It is a number, for 0/0 is excluded.
        //@ assert quotient == quotient;
        return (int) Math.rint(Math.max(low, Math.min(high, quotient)));
    }

    /**
     * The stored code of a weight in a format without sub-scales (REQ-QNT-007, REQ-QNT-008).
     *
     * @param bits width of the position: 8, 4 or 3
     * @return the code, 0 ≤ code &lt; 2^bits
     */
    /*@ public normal_behavior
      @   requires -0x1p40f <= weight && weight <= 0x1p40f && 0 <= scale && scale <= 0x1p40f;
      @   requires bits == 8 || bits == 4 || bits == 3;
      @   ensures bits == 8 ==> \result == (round(weight, scale, 1.0, -127, 127) & 0xff) && \result != 128;
      @   ensures bits == 4 ==> \result == round(weight, scale, 1.0, -8, 7) + 8 && \result < 16;
      @   ensures bits == 3 ==> \result == round(weight, scale, 0.5, -4, 3) + 4 && \result < 8;
      @   ensures 0 <= \result && \result <= 255;
      @*/
    /*@ pure heap_free @*/ public static int uniformCode(float weight, float scale, int bits) {
        if (bits == 4) {
            return round(weight, scale, 1.0, -8, 7) + 8;
        }
        if (bits == 3) {
            return round(weight, scale, 0.5, -4, 3) + 4;
        }
        return round(weight, scale, 1.0, -127, 127) & 0xff;
    }

    /** The fixed-point weight u = clamp(rne(64·w/s), −29760, 29760) (REQ-QNT-010). */
    /*@ public normal_behavior
      @   requires -0x1p40f <= weight && weight <= 0x1p40f && 0 <= scale && scale <= 0x1p40f;
      @   ensures \result == round(weight, scale, 64.0, -29760, 29760);
      @   ensures -29760 <= \result && \result <= 29760;
      @*/
    /*@ pure heap_free @*/ public static int fixedPoint(float weight, float scale) {
        return round(weight, scale, FIXED_POINT, -MAX_FIXED_POINT, MAX_FIXED_POINT);
    }

    /** |u − 64·m·T[c]|, the distance that the choice of a code makes small (REQ-QNT-011). */
    /*@ public normal_behavior
      @   requires -29760 <= u && u <= 29760 && 0 <= m && m <= 15 && -31 <= value && value <= 31;
      @   ensures \result == (u - 64 * m * value >= 0 ? u - 64 * m * value : 64 * m * value - u);
      @   ensures 0 <= \result && \result <= 59520;
      @*/
    /*@ pure heap_free @*/ public static int distance(int u, int m, int value) {
        return Math.abs(u - FIXED_POINT * m * value);
    }

    /**
     * The smallest code c for which |u − 64·m·T[c]| is least (REQ-QNT-011).
     *
     * @param u a fixed-point weight
     * @param m a sub-scale
     * @param table T, entries in [−31, 31]
     */
    /*@ public normal_behavior
      @   requires -29760 <= u && u <= 29760 && 0 <= m && m <= 15 && 1 <= table.length && table.length <= 16;
      @   requires (\forall int c; 0 <= c && c < table.length; -31 <= table[c] && table[c] <= 31);
      @   ensures 0 <= \result && \result < table.length;
      @   ensures (\forall int c; 0 <= c && c < table.length;
      @       distance(u, m, table[\result]) <= distance(u, m, table[c]));
      @   ensures (\forall int c; 0 <= c && c < \result; distance(u, m, table[\result]) < distance(u, m, table[c]));
      @*/
    /*@ pure @*/ public static int nearest(int u, int m, byte[] table) {
        int best = 0;
        int least = distance(u, m, table[0]);
        //@ loop_invariant 1 <= c && c <= table.length && 0 <= best && best < c;
        //@ loop_invariant least == distance(u, m, table[best]);
        //@ loop_invariant (\forall int i; 0 <= i && i < c; least <= distance(u, m, table[i]));
        //@ loop_invariant (\forall int i; 0 <= i && i < best; least < distance(u, m, table[i]));
        //@ loop_writes \nothing;
        //@ decreases table.length - c;
        for (int c = 1; c < table.length; c++) {
            int distance = distance(u, m, table[c]);
            if (distance < least) {
                least = distance;
                best = c;
            }
        }
        return best;
    }

    /** (u − 64·m·T[c])² with the nearest code c (REQ-QNT-012). Parameters as in {@link #nearest}. */
    /*@ public normal_behavior
      @   requires -29760 <= u && u <= 29760 && 0 <= m && m <= 15 && 1 <= table.length && table.length <= 16;
      @   requires (\forall int c; 0 <= c && c < table.length; -31 <= table[c] && table[c] <= 31);
      @   ensures \result == (\bigint) distance(u, m, table[nearest(u, m, table)]) * distance(u, m,
      @       table[nearest(u, m, table)]);
      @   ensures 0 <= \result && \result <= 3542630400L;
      @*/
    /*@ pure @*/ public static long squaredError(int u, int m, byte[] table) {
        long distance = distance(u, m, table[nearest(u, m, table)]);
        return distance * distance;
    }

    /*@ // E(m) over the first n weights of a block (REQ-QNT-012).
      @ public normal_behavior
      @   requires 0 <= n && n <= 64 && 0 <= from && from <= u.length - n;
      @   requires 0 <= m && m <= 15 && 1 <= even.length && even.length <= 16 && 1 <= odd.length && odd.length <= 16;
      @   requires (\forall int k; from <= k && k < from + n; -29760 <= u[k] && u[k] <= 29760);
      @   requires (\forall int c; 0 <= c && c < even.length; -31 <= even[c] && even[c] <= 31);
      @   requires (\forall int c; 0 <= c && c < odd.length; -31 <= odd[c] && odd[c] <= 31);
      @   ensures n == 0 ==> \result == 0;
      @   ensures n > 0 ==> \result == partialError(u, from, n - 1, m, even, odd) + squaredError(u[from + n - 1], m,
      @       n % 2 == 1 ? even : odd);
      @   measured_by n;
      @ public static pure model \bigint partialError(int[] u, int from, int n, int m, byte[] even, byte[] odd) {
      @   return n == 0 ? 0 : partialError(u, from, n - 1, m, even, odd) + squaredError(u[from + n - 1], m, n % 2
      @       == 1 ? even : odd);
      @ }
      @*/

    /**
     * E(m) = Σ (u_k − 64·m·T[c_k])² over the inputs of a block, with the nearest codes (REQ-QNT-012).
     *
     * @param u a row's fixed-point weights
     * @param from the block's first input, even
     * @param count the block's inputs, at most 64
     * @return E(m), at most 64 · 59520² &lt; 2³⁸
     */
    /*@ public normal_behavior
      @   requires 0 <= from && from % 2 == 0 && 0 <= count && count <= 64 && from <= u.length - count;
      @   requires 0 <= m && m <= 15 && 1 <= even.length && even.length <= 16 && 1 <= odd.length && odd.length <= 16;
      @   requires (\forall int k; from <= k && k < from + count; -29760 <= u[k] && u[k] <= 29760);
      @   requires (\forall int c; 0 <= c && c < even.length; -31 <= even[c] && even[c] <= 31);
      @   requires (\forall int c; 0 <= c && c < odd.length; -31 <= odd[c] && odd[c] <= 31);
      @   ensures \result == partialError(u, from, count, m, even, odd);
      @   ensures 0 <= \result && \result <= 226728345600L;
      @*/
    /*@ pure @*/ public static long blockError(int[] u, int from, int count, int m, byte[] even, byte[] odd) {
        long error = 0;
        //@ loop_invariant 0 <= i && i <= count;
        //@ loop_invariant error == partialError(u, from, i, m, even, odd);
        //@ loop_invariant 0 <= error && error <= 3542630400L * i;
        //@ loop_writes \nothing;
        //@ decreases count - i;
        for (int i = 0; i < count; i++) {
            //@ assert (i % 2 == 0) == ((i + 1) % 2 == 1);
            /*@ assert partialError(u, from, i + 1, m, even, odd) == partialError(u, from, i, m, even, odd)
              @     + squaredError(u[from + i], m, i % 2 == 0 ? even : odd); @*/
            error += squaredError(u[from + i], m, i % 2 == 0 ? even : odd);
        }
        return error;
    }

    /** The smallest m in 0 … 15 for which E(m) is least (REQ-QNT-012). Parameters as in {@link #blockError}. */
    /*@ public normal_behavior
      @   requires 0 <= from && from % 2 == 0 && 0 <= count && count <= 64 && from <= u.length - count;
      @   requires 1 <= even.length && even.length <= 16 && 1 <= odd.length && odd.length <= 16;
      @   requires (\forall int k; from <= k && k < from + count; -29760 <= u[k] && u[k] <= 29760);
      @   requires (\forall int c; 0 <= c && c < even.length; -31 <= even[c] && even[c] <= 31);
      @   requires (\forall int c; 0 <= c && c < odd.length; -31 <= odd[c] && odd[c] <= 31);
      @   ensures 0 <= \result && \result <= 15;
      @   ensures (\forall int m; 0 <= m && m <= 15;
      @       blockError(u, from, count, \result, even, odd) <= blockError(u, from, count, m, even, odd));
      @   ensures (\forall int m; 0 <= m && m < \result;
      @       blockError(u, from, count, \result, even, odd) < blockError(u, from, count, m, even, odd));
      @*/
    /*@ pure @*/ public static int bestSubscale(int[] u, int from, int count, byte[] even, byte[] odd) {
        int best = 0;
        long least = blockError(u, from, count, 0, even, odd);
        //@ loop_invariant 1 <= m && m <= 16 && 0 <= best && best < m;
        //@ loop_invariant least == blockError(u, from, count, best, even, odd);
        //@ loop_invariant (\forall int i; 0 <= i && i < m; least <= blockError(u, from, count, i, even, odd));
        //@ loop_invariant (\forall int i; 0 <= i && i < best; least < blockError(u, from, count, i, even, odd));
        //@ loop_writes \nothing;
        //@ decreases 16 - m;
        for (int m = 1; m <= Format.MAX_SUBSCALE; m++) {
            long error = blockError(u, from, count, m, even, odd);
            if (error < least) {
                least = error;
                best = m;
            }
        }
        return best;
    }

    /**
     * Quantises a row in a format without sub-scales (REQ-QNT-007, REQ-QNT-008).
     *
     * @param weights K finite values
     * @param scale the row's scale from {@link #scale}
     * @param codes where the K stored codes go
     */
    /*@ public normal_behavior
      @   requires 0 <= scale && scale <= 0x1p40f && weights.length <= codes.length;
      @   requires evenBits == 8 || evenBits == 4 || evenBits == 3;
      @   requires oddBits == 8 || oddBits == 4 || oddBits == 3;
      @   requires (\forall int k; 0 <= k && k < weights.length; -0x1p40f <= weights[k] && weights[k] <= 0x1p40f);
      @   assignable codes[0 .. weights.length - 1];
      @   ensures (\forall int k; 0 <= k && k < weights.length;
      @       UnsignedByte.value(codes[k]) == uniformCode(weights[k], scale, k % 2 == 0 ? evenBits : oddBits));
      @*/
    public static void quantizeUniform(float[] weights, float scale, int evenBits, int oddBits, byte[] codes) {
        //@ loop_invariant 0 <= k && k <= weights.length;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     UnsignedByte.value(codes[i]) == uniformCode(weights[i], scale, i % 2 == 0 ? evenBits : oddBits)); @*/
        //@ loop_writes codes[0 .. weights.length - 1];
        //@ decreases weights.length - k;
        for (int k = 0; k < weights.length; k++) {
            codes[k] = UnsignedByte.of(uniformCode(weights[k], scale, k % 2 == 0 ? evenBits : oddBits));
        }
    }

    /**
     * Quantises a row's fixed-point weights in a format with sub-scales (REQ-QNT-011, REQ-QNT-012).
     *
     * @param u K fixed-point weights
     * @param codes where the K codes go
     * @param subscales where the ⌈K/64⌉ sub-scales go
     */
    /*@ public normal_behavior
      @   requires u.length <= 36000 && u.length <= codes.length && (u.length + 63) / 64 <= subscales.length
      @       && codes != subscales;
      @   requires codes != even && codes != odd && subscales != even && subscales != odd;
      @   requires 1 <= even.length && even.length <= 16 && 1 <= odd.length && odd.length <= 16;
      @   requires (\forall int k; 0 <= k && k < u.length; -29760 <= u[k] && u[k] <= 29760);
      @   requires (\forall int c; 0 <= c && c < even.length; -31 <= even[c] && even[c] <= 31);
      @   requires (\forall int c; 0 <= c && c < odd.length; -31 <= odd[c] && odd[c] <= 31);
      @   assignable codes[0 .. u.length - 1], subscales[0 .. (u.length + 63) / 64 - 1];
      @   ensures (\forall int b; 0 <= b && b < (u.length + 63) / 64;
      @       subscales[b] == bestSubscale(u, 64 * b, u.length - 64 * b < 64 ? u.length - 64 * b : 64, even, odd));
      @   ensures (\forall int k; 0 <= k && k < u.length;
      @       codes[k] == nearest(u[k], subscales[k / 64], k % 2 == 0 ? even : odd));
      @*/
    public static void quantizeWithSubscales(int[] u, byte[] even, byte[] odd, byte[] codes, byte[] subscales) {
        int blocks = (u.length + 63) / 64;
        //@ loop_invariant 0 <= b && b <= blocks;
        /*@ loop_invariant (\forall int i; 0 <= i && i < b;
          @     subscales[i] == bestSubscale(u, 64 * i, u.length - 64 * i < 64 ? u.length - 64 * i
          @     : 64, even, odd)); @*/
        //@ loop_invariant (\forall int i; 0 <= i && i < b; 0 <= subscales[i] && subscales[i] <= 15);
        //@ loop_writes subscales[0 .. blocks - 1];
        //@ decreases blocks - b;
        for (int b = 0; b < blocks; b++) {
            int from = Format.BLOCK * b;
            subscales[b] = (byte) bestSubscale(u, from, Math.min(Format.BLOCK, u.length - from), even, odd);
        }
        //@ loop_invariant 0 <= k && k <= u.length;
        /*@ loop_invariant (\forall int i; 0 <= i && i < k;
          @     codes[i] == nearest(u[i], subscales[i / 64], i % 2 == 0 ? even : odd)); @*/
        //@ loop_writes codes[0 .. u.length - 1];
        //@ decreases u.length - k;
        for (int k = 0; k < u.length; k++) {
            codes[k] = (byte) nearest(u[k], subscales[k / 64], k % 2 == 0 ? even : odd);
        }
    }
}
