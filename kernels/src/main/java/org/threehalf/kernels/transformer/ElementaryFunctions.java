package org.threehalf.kernels.transformer;

/**
 * exp, tanh and the activation functions, each a fixed sequence of binary32 operations (REQ-OPS-001, REQ-OPS-004 to
 * REQ-OPS-008).
 *
 * <p>Java's {@code float} arithmetic is IEEE 754 binary32 and never fused, so each expression below is the
 * specification's formula. The polynomials are minimax fits made for this project (near-minimax by Lawson's iteration,
 * coefficients rounded to binary32). The numbers stand here, and whoever computes or generates these functions takes
 * them from here.
 */
public final class ElementaryFunctions {
    /** Below it exp is 0 (REQ-OPS-004). */
    public static final float EXP_LOWEST = -104f;
    /** Above it exp is infinite (REQ-OPS-004). */
    public static final float EXP_HIGHEST = 89f;
    /** 1 / ln 2. */
    public static final float LOG2_E = 0x1.715476p0f;
    /** ln 2, its first 15 bits: a product with an exponent is exact. */
    public static final float LN2_HIGH = 0x1.62e4p-1f;
    /** ln 2, the rest. */
    public static final float LN2_LOW = 0x1.7f7d1cp-20f;
    /** Coefficients of (e^r − 1 − r) / r² for |r| ≤ ln 2 / 2, from r⁰ up. */
    public static final float EXP_0 = 0x1.fffffcp-2f;
    /** Likewise. */
    public static final float EXP_1 = 0x1.555492p-3f;
    /** Likewise. */
    public static final float EXP_2 = 0x1.5558f2p-5f;
    /** Likewise. */
    public static final float EXP_3 = 0x1.1239e2p-7f;
    /** Likewise. */
    public static final float EXP_4 = 0x1.6a2434p-10f;
    /** Added and taken away again, it rounds a binary32 of magnitude below 2²² to an integer, ties to even. */
    public static final float ROUND = 0x1.8p23f;

    /** 2·√(2/π). */
    public static final float GELU_1 = 0x1.988454p0f;
    /** 2·√(2/π) · 0.044715. */
    public static final float GELU_3 = 0x1.2444f2p-4f;
    /** What the factors of {@link #clampedSwiglu} are limited to. */
    public static final float SWIGLU_LIMIT = 7.0f;
    /** What its gate is multiplied with in the exponent, nearest to 1.702. */
    public static final float SWIGLU_SLOPE = 0x1.b3b646p0f;

    /** Below it tanh is a polynomial. */
    public static final float TANH_SMALL = 0.625f;
    /**
     * From it on tanh is 1 in binary32: larger arguments are taken as it, in {@link #tanh} by the number that its
     * contract says.
     */
    public static final float TANH_LARGEST = 10f;
    /** Coefficients of (tanh(x)/x − 1) / x² in x², from x⁰ up. */
    public static final float TANH_0 = -0x1.555534p-2f;
    /** Likewise. */
    public static final float TANH_1 = 0x1.11074cp-3f;
    /** Likewise. */
    public static final float TANH_2 = -0x1.b8405ap-5f;
    /** Likewise. */
    public static final float TANH_3 = 0x1.523bc8p-6f;
    /** Likewise. */
    public static final float TANH_4 = -0x1.762d74p-8f;

    private ElementaryFunctions() {}

    /*@ public normal_behavior
      @ public static pure model float expMultiple(float x) { return (x * 0x1.715476p0f + 0x1.8p23f) - 0x1.8p23f; }
      @*/

    /*@ public normal_behavior
      @ public static pure model float expRest(float x) { return (x - expMultiple(x) * 0x1.62e4p-1f)
      @     - expMultiple(x) * 0x1.7f7d1cp-20f; }
      @*/

    /*@ public normal_behavior
      @ public static pure model float expPolynomial(float r) {
      @   return ((r * r) * ((((0x1.6a2434p-10f * r + 0x1.1239e2p-7f) * r + 0x1.5558f2p-5f) * r + 0x1.555492p-3f) * r
      @       + 0x1.fffffcp-2f) + r) + 1;
      @ }
      @*/

    /*@ public normal_behavior
      @ public static pure model spec_java_math float twoTo(int n) { return Float.intBitsToFloat((n + 127) << 23); }
      @*/

    /*@ public normal_behavior
      @ public static pure model spec_java_math float timesTwoTo(float e,
      @     int n) { return (e * twoTo(n >> 1)) * twoTo(n - (n >> 1)); }
      @*/

    /*@ public normal_behavior
      @ public static pure model float tanhMagnitude(float a) {
      @   return a < 0.625f
      @     ? ((a * a) * ((((-0x1.762d74p-8f * (a * a) + 0x1.523bc8p-6f) * (a * a) + -0x1.b8405ap-5f) * (a * a)
      @         + 0x1.11074cp-3f) * (a * a) + -0x1.555534p-2f)) * a + a
      @     : 1 - 2 / (exp(Math.min(a, 10) * 2) + 1);
      @ }
      @*/

    /**
     * e^x (REQ-OPS-004).
     *
     * @param x any number, or NaN
     * @return within 1 ulp of e^x; 0 for x &lt; −104, infinite for x &gt; 89; NaN for NaN
     */
    /*@ public normal_behavior
      @   ensures x < -104f ==> Float.floatToIntBits(\result) == Float.floatToIntBits(0.0f);
      @   ensures x > 89f ==> \result == Float.POSITIVE_INFINITY;
      @   ensures x != x ==> \result != \result;
      @   ensures !(x < -104f) && !(x > 89f)
      @       ==> Float.floatToIntBits(\result)
      @           == Float.floatToIntBits(timesTwoTo(expPolynomial(expRest(x)), (int) expMultiple(x)));
      @*/
    /*@ pure heap_free @*/ public static float exp(float x) {
        if (x < EXP_LOWEST) {
            return 0;
        }
        if (x > EXP_HIGHEST) {
            return Float.POSITIVE_INFINITY;
        }
        float n = (x * LOG2_E + ROUND) - ROUND;
        float r = (x - n * LN2_HIGH) - n * LN2_LOW;
        float q = (((EXP_4 * r + EXP_3) * r + EXP_2) * r + EXP_1) * r + EXP_0;
        float e = ((r * r) * q + r) + 1;
        // 2^n in two factors, for n from −150 to 128: the first product is exact, so the result is rounded once.
        int exponent = (int) n;
        int half = exponent >> 1;
        return (e * powerOfTwo(half)) * powerOfTwo(exponent - half);
    }

    /** 2^n for n from −126 to 127. */
    /*@ private normal_behavior
      @   requires -126 <= n && n <= 127;
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(twoTo(n));
      @*/
    /*@ pure heap_free @*/ private static float powerOfTwo(int n) {
        return Float.intBitsToFloat((n + 127) << 23);
    }

    /**
     * x / (1 + e^(−x)) (REQ-OPS-005).
     *
     * @param x any number, or NaN
     */
    /*@ public normal_behavior
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(x / (1 + exp(-x)));
      @*/
    /*@ pure heap_free @*/ public static float silu(float x) {
        return x / (1 + exp(-x));
    }

    /**
     * The tanh form of GELU, x / (1 + e^(−v)) with v = 2·√(2/π)·(x + 0.044715·x³) (REQ-OPS-006; Hendrycks and Gimpel,
     * Gaussian Error Linear Units, 2016).
     *
     * @param x any number, or NaN
     */
    /*@ public normal_behavior
      @   ensures x != x ==> \result != \result;
      @   ensures Float.floatToIntBits(\result)
      @       == Float.floatToIntBits(x / (1 + exp(-(x * ((x * x) * 0x1.2444f2p-4f + 0x1.988454p0f)))));
      @*/
    /*@ pure heap_free @*/ public static float gelu(float x) {
        float v = x * ((x * x) * GELU_3 + GELU_1);
        return x / (1 + exp(-v));
    }

    /**
     * (u' + 1) · g' / (1 + e^(−1.702·g')), with g' = min(g, 7) and u' in [−7, 7] (REQ-OPS-013; OpenAI, gpt-oss-120b and
     * gpt-oss-20b model card, 2025).
     *
     * @param g the gate, any number, or NaN
     * @param u what it is multiplied with, likewise
     */
    /*@ public normal_behavior
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits((Math.min(Math.max(u, -7.0f), 7.0f) + 1)
      @       * (Math.min(g, 7.0f) / (1 + exp(-(Math.min(g, 7.0f) * 0x1.b3b646p0f)))));
      @*/
    /*@ pure heap_free @*/ public static float clampedSwiglu(float g, float u) {
        float limited = Math.min(g, SWIGLU_LIMIT);
        float factor = Math.min(Math.max(u, -SWIGLU_LIMIT), SWIGLU_LIMIT) + 1;
        return factor * (limited / (1 + exp(-(limited * SWIGLU_SLOPE))));
    }

    /**
     * The gated product of two numbers (REQ-OPS-010, REQ-OPS-013).
     *
     * @param activation which
     * @param g the gate, any number, or NaN
     * @param u what it is multiplied with, likewise
     */
    /*@ public normal_behavior
      @   ensures activation == Activation.SILU
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits(silu(g) * u);
      @   ensures activation == Activation.GELU
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits(gelu(g) * u);
      @   ensures activation == Activation.CLAMPED_SWIGLU
      @       ==> Float.floatToIntBits(\result) == Float.floatToIntBits(clampedSwiglu(g, u));
      @*/
    /*@ pure heap_free @*/ public static float gated(Activation activation, float g, float u) {
        return switch (activation) {
            case SILU -> silu(g) * u;
            case GELU -> gelu(g) * u;
            case CLAMPED_SWIGLU -> clampedSwiglu(g, u);
        };
    }

    /**
     * tanh x (REQ-OPS-007).
     *
     * @param x any number, or NaN
     * @return within 1.5 ulp of tanh x, with the sign of x; NaN for NaN
     */
    /*@ public normal_behavior
      @   ensures x > 0 ==> !(\result < 0);
      @   ensures x < 0 ==> !(\result > 0);
      @   ensures x != x ==> \result != \result;
      @   ensures x == x ==> Float.floatToIntBits(\result) == Float.floatToIntBits(Float.floatToIntBits(x) < 0
      @       ? -Math.abs(tanhMagnitude(Math.abs(x))) : Math.abs(tanhMagnitude(Math.abs(x))));
      @*/
    /*@ pure heap_free @*/ public static float tanh(float x) {
        float a = Math.abs(x);
        float magnitude;
        if (a < TANH_SMALL) {
            float z = a * a;
            magnitude = (z * ((((TANH_4 * z + TANH_3) * z + TANH_2) * z + TANH_1) * z + TANH_0)) * a + a;
        } else {
            magnitude = 1 - 2 / (exp(Math.min(a, 10) * 2) + 1);
        }
        return Math.copySign(magnitude, x);
    }

    /**
     * c · tanh(x / c): a soft limit of magnitude c (REQ-OPS-008; Gemma 2).
     *
     * @param x any number, or NaN
     * @param cap c, positive
     */
    /*@ public normal_behavior
      @   requires cap > 0;
      @   ensures x != x ==> \result != \result;
      @   ensures Float.floatToIntBits(\result) == Float.floatToIntBits(cap * tanh(x / cap));
      @*/
    /*@ pure heap_free @*/ public static float softCap(float x, float cap) {
        return cap * tanh(x / cap);
    }
}
