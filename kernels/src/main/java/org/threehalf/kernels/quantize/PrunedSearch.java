package org.threehalf.kernels.quantize;

import org.threehalf.kernels.QuantizedRow.SubscaleSearch;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.WeightQuantizer;

/**
 * The search for sub-scales and codes with less work than {@link WeightQuantizer#quantizeWithSubscales} and the same
 * result (REQ-QNT-011, REQ-QNT-012).
 *
 * <p>Two shortcuts, both exact. The tables increase (REQ-FMT-002), so the smallest nearest code is the number of
 * midpoints that lie below the weight: 2u &gt; 64·m·(T[c] + T[c+1]), found by bisection; only for m = 0, where all
 * entries are equally near, it is 0. And E(m) is a sum of squares, so a sub-scale is given up as soon as its partial
 * sum passes the least so far; starting from the sub-scale that suits the block's largest weight makes that early.
 */
public final class PrunedSearch implements SubscaleSearch {

    /*@ also public normal_behavior
      @   requires fixedPoint.length <= 36000 && fixedPoint.length <= codes.length
      @       && (fixedPoint.length + 63) / 64 <= subscales.length && codes != subscales;
      @   requires codes != even && codes != odd && subscales != even && subscales != odd;
      @   requires 1 <= even.length && even.length <= 16 && 1 <= odd.length && odd.length <= 16;
      @   requires (\forall int k; 0 <= k && k < fixedPoint.length;
      @       -29760 <= fixedPoint[k] && fixedPoint[k] <= 29760);
      @   requires (\forall int c; 1 <= c && c < even.length; even[c - 1] < even[c]) && (\forall int c;
      @       1 <= c && c < odd.length; odd[c - 1] < odd[c]);
      @   requires -31 <= even[0] && even[even.length - 1] <= 31 && -31 <= odd[0] && odd[odd.length - 1] <= 31;
      @   assignable codes[0 .. fixedPoint.length - 1], subscales[0 .. (fixedPoint.length + 63) / 64 - 1];
      @   ensures (\forall int k; 0 <= k && k < fixedPoint.length;
      @       codes[k] == WeightQuantizer.nearest(fixedPoint[k], subscales[k / 64], k % 2 == 0 ? even : odd));
      @*/
    @Override
    public void quantize(int[] fixedPoint, byte[] even, byte[] odd, byte[] codes, byte[] subscales) {
        int[] evenMidpoints = midpoints(even);
        int[] oddMidpoints = midpoints(odd);
        for (int from = 0; from < fixedPoint.length; from += Format.BLOCK) {
            int to = Math.min(from + Format.BLOCK, fixedPoint.length);
            int m = bestSubscale(fixedPoint, from, to, even, odd, evenMidpoints, oddMidpoints);
            subscales[from / Format.BLOCK] = (byte) m;
            for (int k = from; k < to; k++) {
                codes[k] = (byte) nearest(fixedPoint[k], m, (k & 1) == 0 ? evenMidpoints : oddMidpoints);
            }
        }
    }

    private static int bestSubscale(
            int[] u, int from, int to, byte[] even, byte[] odd, int[] evenMidpoints, int[] oddMidpoints) {
        int largest = 0;
        for (int k = from; k < to; k++) {
            largest = Math.max(largest, Math.abs(u[k]));
        }
        int reach = WeightQuantizer.FIXED_POINT * Math.max(even[even.length - 1], odd[odd.length - 1]);
        int start = Math.min(Format.MAX_SUBSCALE, (largest + reach / 2) / reach);
        int best = start;
        long least = error(u, from, to, start, even, odd, evenMidpoints, oddMidpoints, Long.MAX_VALUE);
        for (int step = 1; step <= Format.MAX_SUBSCALE; step++) {
            // Outwards from the start; of equals the smallest sub-scale wins, on whichever side it is met.
            for (int m : new int[] {start - step, start + step}) {
                if (m >= 0 && m <= Format.MAX_SUBSCALE) {
                    long error = error(u, from, to, m, even, odd, evenMidpoints, oddMidpoints, least);
                    if (error < least || error == least && m < best) {
                        least = error;
                        best = m;
                    }
                }
            }
        }
        return best;
    }

    /** E(m), or something greater than {@code limit} as soon as it is known to be greater. */
    private static long error(
            int[] u,
            int from,
            int to,
            int m,
            byte[] even,
            byte[] odd,
            int[] evenMidpoints,
            int[] oddMidpoints,
            long limit) {
        long error = 0;
        for (int k = from; k < to; k++) {
            boolean isEven = (k & 1) == 0;
            int code = nearest(u[k], m, isEven ? evenMidpoints : oddMidpoints);
            long distance = u[k] - WeightQuantizer.FIXED_POINT * m * (isEven ? even[code] : odd[code]);
            error += distance * distance;
            if (error > limit) {
                return error;
            }
        }
        return error;
    }

    /** Entry c is 64·(T[c] + T[c+1]): twice the midpoint of neighbours at sub-scale 1. */
    private static int[] midpoints(byte[] table) {
        int[] midpoints = new int[table.length - 1];
        for (int c = 0; c < midpoints.length; c++) {
            midpoints[c] = WeightQuantizer.FIXED_POINT * (table[c] + table[c + 1]);
        }
        return midpoints;
    }

    /**
     * The number of midpoints, times m, that are below 2u, and 0 for m = 0; {@code midpoints.length + 1} is a power of
     * two.
     */
    private static int nearest(int u, int m, int[] midpoints) {
        if (m == 0) {
            return 0;
        }
        int code = 0;
        for (int step = (midpoints.length + 1) >> 1; step > 0; step >>= 1) {
            if (2 * u > m * midpoints[code + step - 1]) {
                code += step;
            }
        }
        return code;
    }
}
