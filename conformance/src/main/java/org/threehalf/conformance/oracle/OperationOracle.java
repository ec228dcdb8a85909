package org.threehalf.conformance.oracle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The operations of {@code spec/INFERENCE.md}, computed a second time: every step exactly, then rounded. Slow and plain
 * on purpose, by the formulas of the specification.
 */
public final class OperationOracle {
    private OperationOracle() {}

    private static float add(float a, float b) {
        return Binary32.add(a, b);
    }

    private static float sub(float a, float b) {
        return Binary32.subtract(a, b);
    }

    private static float mul(float a, float b) {
        return Binary32.multiply(a, b);
    }

    private static float div(float a, float b) {
        return Binary32.divide(a, b);
    }

    /** REQ-OPS-002, with term k in partial sum (first + k) mod 16. */
    public static float sum(float[] terms, int first) {
        float[] partial = new float[16];
        for (int k = 0; k < terms.length; k++) {
            partial[(first + k) % 16] = add(partial[(first + k) % 16], terms[k]);
        }
        for (int s = 8; s >= 1; s /= 2) {
            for (int j = 0; j < s; j++) {
                partial[j] = add(partial[j], partial[j + s]);
            }
        }
        return partial[0];
    }

    /** REQ-OPS-003. */
    public static float dot(float[] a, float[] b) {
        float[] terms = new float[a.length];
        for (int k = 0; k < terms.length; k++) {
            terms[k] = mul(a[k], b[k]);
        }
        return sum(terms, 0);
    }

    /** REQ-OPS-004. */
    public static float exp(float x) {
        if (x < -104) {
            return 0;
        }
        if (x > 89) {
            return Float.POSITIVE_INFINITY;
        }
        int n = Rational.of(mul(x, 0x1.715476p0f)).roundedToInteger().intValueExact();
        float r = sub(sub(x, mul(n, 0x1.62e4p-1f)), mul(n, 0x1.7f7d1cp-20f));
        float q = horner(r, 0x1.6a2434p-10f, 0x1.1239e2p-7f, 0x1.5558f2p-5f, 0x1.555492p-3f, 0x1.fffffcp-2f);
        float e = add(add(mul(mul(r, r), q), r), 1);
        int h = Math.floorDiv(n, 2);
        return mul(mul(e, power(h)), power(n - h));
    }

    /** 2^e, a normal binary32. */
    private static float power(int e) {
        return Float.intBitsToFloat(e + 127 << 23);
    }

    /** (((c_0 · x + c_1) · x + c_2) · x + …). */
    private static float horner(float x, float... coefficients) {
        float value = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            value = add(mul(value, x), coefficients[i]);
        }
        return value;
    }

    /** REQ-OPS-005. */
    public static float silu(float x) {
        return div(x, add(1, exp(Binary32.negate(x))));
    }

    /** REQ-OPS-006. */
    public static float gelu(float x) {
        float v = mul(x, add(mul(mul(x, x), 0x1.2444f2p-4f), 0x1.988454p0f));
        return div(x, add(1, exp(Binary32.negate(v))));
    }

    /** REQ-OPS-007. */
    public static float tanh(float x) {
        float a = Math.abs(x);
        float magnitude;
        if (a < 0.625f) {
            float z = mul(a, a);
            float p = horner(z, -0x1.762d74p-8f, 0x1.523bc8p-6f, -0x1.b8405ap-5f, 0x1.11074cp-3f, -0x1.555534p-2f);
            magnitude = add(mul(mul(z, p), a), a);
        } else {
            magnitude = sub(1, div(2, add(exp(mul(Math.min(a, 10), 2)), 1)));
        }
        return Float.floatToRawIntBits(x) < 0 ? Binary32.negate(magnitude) : magnitude;
    }

    /** REQ-OPS-008. */
    public static float softCap(float x, float cap) {
        return mul(cap, tanh(div(x, cap)));
    }

    /** REQ-OPS-009. */
    public static float[] rmsNorm(float[] x, float[] weights, float epsilon) {
        float r = div(1, Binary32.squareRoot(add(div(dot(x, x), x.length), epsilon)));
        float[] y = new float[x.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = mul(mul(x[k], r), weights[k]);
        }
        return y;
    }

    /** REQ-OPS-012: x_k − m, and then rmsnorm with the weights, and the bias. */
    public static float[] layerNorm(float[] x, float[] weights, float[] bias, float epsilon) {
        float mean = div(sum(x, 0), x.length);
        float[] centred = new float[x.length];
        for (int k = 0; k < centred.length; k++) {
            centred[k] = sub(x[k], mean);
        }
        return plus(rmsNorm(centred, weights, epsilon), bias);
    }

    /** REQ-OPS-010: act(g_k) · u_k, with GELU or SiLU. */
    public static float[] gate(boolean gelu, float[] g, float[] u) {
        float[] y = new float[g.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = mul(gelu ? gelu(g[k]) : silu(g[k]), u[k]);
        }
        return y;
    }

    /** REQ-OPS-013: (u' + 1) · (g' / (1 + exp(−1.702 g'))), of limited g' and u'. */
    public static float[] clampedSwiglu(float[] g, float[] u) {
        float[] y = new float[g.length];
        for (int k = 0; k < y.length; k++) {
            float gate = Math.min(g[k], 7);
            float up = Math.min(Math.max(u[k], -7), 7);
            float sigmoid = add(1, exp(Binary32.negate(mul(gate, 0x1.b3b646p0f))));
            y[k] = mul(add(up, 1), div(gate, sigmoid));
        }
        return y;
    }

    /** REQ-OPS-010: x_k + d_k. */
    public static float[] plus(float[] x, float[] d) {
        float[] y = new float[x.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = add(x[k], d[k]);
        }
        return y;
    }

    /** Each element times a factor (REQ-DEC-001). */
    public static float[] scaled(float[] x, float factor) {
        float[] y = new float[x.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = mul(x[k], factor);
        }
        return y;
    }

    /**
     * REQ-ROP-005.
     *
     * @param interleaved whether pair i is (2i, 2i + 1), else (i, i + d/2)
     */
    public static float[] rotate(boolean interleaved, float[] x, float[] cosines, float[] sines) {
        float[] y = x.clone();
        for (int i = 0; i < cosines.length; i++) {
            int first = interleaved ? 2 * i : i;
            int second = interleaved ? 2 * i + 1 : i + cosines.length;
            y[first] = sub(mul(x[first], cosines[i]), mul(x[second], sines[i]));
            y[second] = add(mul(x[first], sines[i]), mul(x[second], cosines[i]));
        }
        return y;
    }

    /**
     * REQ-ATT-004 and REQ-ATT-005, over the positions that are seen.
     *
     * @param keys one a position, from {@code first} on
     * @param values likewise
     * @param first the first position seen, whose term goes to partial sum first mod 16
     * @param scale c
     * @param cap of the scores, or 0
     */
    public static float[] attend(float[] query, float[][] keys, float[][] values, int first, float scale, float cap) {
        return attend(query, keys, values, first, scale, cap, Float.NEGATIVE_INFINITY);
    }

    /** The same of a head with a sink (REQ-ATT-006). */
    public static float[] attend(
            float[] query, float[][] keys, float[][] values, int first, float scale, float cap, float sink) {
        float[] e = new float[keys.length];
        float largest = sink;
        for (int t = 0; t < e.length; t++) {
            float score = mul(dot(query, keys[t]), scale);
            e[t] = cap > 0 ? softCap(score, cap) : score;
            largest = Math.max(largest, e[t]);
        }
        for (int t = 0; t < e.length; t++) {
            e[t] = exp(sub(e[t], largest));
        }
        float total = sum(e, first);
        if (sink > Float.NEGATIVE_INFINITY) {
            total = add(total, exp(sub(sink, largest)));
        }
        float[] output = new float[query.length];
        for (int d = 0; d < output.length; d++) {
            float[] terms = new float[e.length];
            for (int t = 0; t < e.length; t++) {
                terms[t] = mul(e[t], values[t][d]);
            }
            output[d] = div(sum(terms, first), total);
        }
        return output;
    }

    /** REQ-ROP-001: f_i for i = 0 … d/2 − 1, found by bisection over all binary32 numbers in (0, 1]. */
    public static float[] frequencies(float base, int rotated) {
        float[] frequencies = new float[rotated / 2];
        for (int i = 0; i < frequencies.length; i++) {
            int low = 0;
            int high = Float.floatToRawIntBits(1f);
            // The largest binary32 that is at most base^(-2i/d); its successor is above.
            while (low < high) {
                int middle = low + (high - low + 1) / 2;
                if (againstPower(Rational.of(Float.intBitsToFloat(middle)), rotated, base, i) <= 0) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            Rational middle = Rational.of(Float.intBitsToFloat(low))
                    .plus(Rational.of(Float.intBitsToFloat(low + 1)))
                    .dividedBy(Rational.of(2L));
            int side = againstPower(middle, rotated, base, i);
            boolean up = side < 0 || side == 0 && low % 2 == 1;
            frequencies[i] = Float.intBitsToFloat(up && low < Float.floatToRawIntBits(1f) ? low + 1 : low);
        }
        return frequencies;
    }

    /** The sign of m − base^(−2i/d): that of m^d · base^(2i) − 1. */
    private static int againstPower(Rational m, int rotated, float base, int i) {
        Rational b = Rational.of(base);
        BigInteger numerator = m.numerator().pow(rotated).multiply(b.numerator().pow(2 * i));
        BigInteger denominator =
                m.denominator().pow(rotated).multiply(b.denominator().pow(2 * i));
        return numerator.compareTo(denominator);
    }

    /**
     * REQ-ROP-003 and REQ-ROP-004: cosine and sine of p · f.
     *
     * @return the cosine, then the sine
     */
    public static float[] angle(int position, float frequency) {
        Rational a = Rational.of((long) position).times(Rational.of(frequency));
        BigInteger n = Rational.of(mul64(a.toBinary64(), 0x1.45f306dc9c883p-1)).roundedToInteger();
        double whole = n.doubleValue();
        double r = add64(add64(a.toBinary64(), -mul64(whole, 0x1.921fb544p0)), -mul64(whole, 0x1.0b4611a626331p-34));
        double z = mul64(r, r);
        double s = term(7, 1);
        for (int j = 6; j >= 1; j--) {
            s = add64(term(j, 1), mul64(z, s));
        }
        double sine = add64(r, mul64(mul64(r, z), s));
        double c = term(8, 0);
        for (int j = 7; j >= 2; j--) {
            c = add64(term(j, 0), mul64(z, c));
        }
        double cosine = add64(add64(1, -mul64(z, 0.5)), mul64(mul64(z, z), c));
        double[] pair = switch (n.mod(BigInteger.valueOf(4)).intValue()) {
            case 0 -> new double[] {cosine, sine};
            case 1 -> new double[] {-sine, cosine};
            case 2 -> new double[] {-cosine, -sine};
            default -> new double[] {sine, -cosine};
        };
        return new float[] {toBinary32(pair[0]), toBinary32(pair[1])};
    }

    /** fl₆₄((−1)^j / (2j + odd)!). */
    private static double term(int j, int odd) {
        BigInteger factorial = BigInteger.ONE;
        for (int i = 2; i <= 2 * j + odd; i++) {
            factorial = factorial.multiply(BigInteger.valueOf(i));
        }
        double magnitude = new Rational(BigInteger.ONE, factorial).toBinary64();
        return j % 2 == 0 ? magnitude : -magnitude;
    }

    private static double add64(double a, double b) {
        double sum = Rational.of(a).plus(Rational.of(b)).toBinary64();
        return sum == 0 ? a + b : sum;
    }

    private static double mul64(double a, double b) {
        double product = Rational.of(a).times(Rational.of(b)).toBinary64();
        return product == 0 ? a * b : product;
    }

    private static float toBinary32(double value) {
        float rounded = Rational.of(value).toBinary32();
        return rounded == 0 ? (float) value : rounded;
    }

    /**
     * The share of each expert (REQ-EXP-001).
     *
     * @param routed a number for each expert
     * @return NaN for those that are not taken
     */
    public static float[] shares(float[] routed, int used, boolean renormalised) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float r : routed) {
            largest = Math.max(largest, r);
        }
        float[] powers = new float[routed.length];
        for (int e = 0; e < powers.length; e++) {
            powers[e] = exp(sub(routed[e], largest));
        }
        float total = sum(powers, 0);
        float[] shares = new float[routed.length];
        List<Float> taken = new ArrayList<>();
        for (int e = 0; e < shares.length; e++) {
            int before = 0;
            for (int other = 0; other < routed.length; other++) {
                before += routed[other] > routed[e] || (routed[other] == routed[e] && other < e) ? 1 : 0;
            }
            shares[e] = before < used ? div(powers[e], total) : Float.NaN;
            if (before < used) {
                taken.add(shares[e]);
            }
        }
        if (renormalised) {
            float[] terms = new float[taken.size()];
            for (int k = 0; k < terms.length; k++) {
                terms[k] = taken.get(k);
            }
            float all = sum(terms, 0);
            for (int e = 0; e < shares.length; e++) {
                shares[e] = Float.isNaN(shares[e]) ? Float.NaN : div(shares[e], all);
            }
        }
        return shares;
    }
}
