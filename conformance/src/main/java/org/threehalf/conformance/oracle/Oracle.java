package org.threehalf.conformance.oracle;

import java.math.BigInteger;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a row gives, computed a second time from its packed bytes.
 *
 * <p>Slow and plain on purpose: one input at a time, by the formulas of the specification.
 *
 * @param evenBits the width of the codes at even inputs (REQ-FMT-001)
 * @param oddBits the width at odd inputs
 * @param evenTable the table of even inputs (REQ-FMT-002)
 * @param oddTable the table of odd inputs
 * @param hasSubscales whether each block has a stored sub-scale
 */
public record Oracle(int evenBits, int oddBits, int[] evenTable, int[] oddTable, boolean hasSubscales) {

    private static final int[] T8 = IntStream.range(0, 256).map(c -> c < 128 ? c : c - 256).toArray();
    private static final int[] T4U = IntStream.range(0, 16).map(c -> c - 8).toArray();
    private static final int[] T3U = IntStream.range(0, 8).map(c -> 2 * (c - 4)).toArray();
    private static final int[] T4G = {-31, -23, -18, -14, -10, -7, -4, -1, 1, 4, 7, 10, 14, 18, 23, 31};
    private static final int[] T3G = {-26, -15, -8, -2, 2, 8, 15, 26};

    private static final Map<String, Oracle> FORMATS = Map.of(
            "INT8", new Oracle(8, 8, T8, T8, false),
            "U4", new Oracle(4, 4, T4U, T4U, false),
            "U35", new Oracle(4, 3, T4U, T3U, false),
            "U3", new Oracle(3, 3, T3U, T3U, false),
            "G4", new Oracle(4, 4, T4G, T4G, true),
            "G35", new Oracle(4, 3, T4G, T3G, true),
            "G3", new Oracle(3, 3, T3G, T3G, true));

    /**
     * A token as the oracle quantises it.
     *
     * @param scale s_act
     * @param codes a_k
     */
    public record Token(float scale, byte[] codes) {}

    /**
     * The oracle of a format.
     *
     * @param format its name in REQ-FMT-001
     * @throws IllegalArgumentException if the specification has no such format
     */
    public static Oracle of(String format) {
        Oracle oracle = FORMATS.get(format);
        if (oracle == null) {
            throw new IllegalArgumentException("the oracle does not know the format '" + format + "'");
        }
        return oracle;
    }

    /**
     * The integer weights m_b · T[c_k] of a row (REQ-DOT-001), read from its bytes (REQ-PCK-001 to REQ-PCK-006).
     *
     * @param codes the row's packed codes
     * @param subscales the row's packed sub-scales; not looked at in a format without
     * @param columns K
     */
    public int[] weights(byte[] codes, byte[] subscales, int columns) {
        int[] weights = new int[columns];
        for (int k = 0; k < columns; k++) {
            int block = k / 64;
            int position = k % 64 / 2;
            boolean isEven = k % 2 == 0;
            int at = block * 4 * (evenBits + oddBits) + (isEven ? 0 : 4 * evenBits);
            int code = code(codes, at, isEven ? evenBits : oddBits, position);
            int subscale = hasSubscales ? subscales[block / 2] >> 4 * (block % 2) & 15 : 1;
            weights[k] = subscale * (isEven ? evenTable : oddTable)[code];
        }
        return weights;
    }

    /** Code {@code i} of the half that starts at byte {@code at}. */
    private static int code(byte[] bytes, int at, int bits, int i) {
        return switch (bits) {
            case 8 -> bytes[at + i] & 255;
            case 4 -> bytes[at + i % 16] >> 4 * (i / 16) & 15;
            default -> (bytes[at + i % 8] >> 2 * (i / 8) & 3) + 4 * (bytes[at + 8 + i / 8] >> i % 8 & 1);
        };
    }

    /** I = Σ a_k · v_k, exact (REQ-DOT-001). */
    public static long sum(int[] weights, byte[] activations) {
        long sum = 0;
        for (int k = 0; k < weights.length; k++) {
            sum += (long) activations[k] * weights[k];
        }
        return sum;
    }

    /** y = fl₃₂(fl₃₂(I) · fl₃₂(s_row · s_act)); a zero has the sign of I (REQ-DOT-004). */
    public static float output(long sum, float rowScale, float activationScale) {
        float scale = Rational.of(rowScale).times(Rational.of(activationScale)).toBinary32();
        float y = Rational.of(Rational.of(sum).toBinary32()).times(Rational.of(scale)).toBinary32();
        return y == 0 && sum < 0 ? -0.0f : y;
    }

    /**
     * Quantises a token (REQ-QNT-002, REQ-QNT-003).
     *
     * @param activations finite values, at most 2⁵⁶ in magnitude
     */
    public static Token quantize(float[] activations) {
        float amax = 0;
        for (float x : activations) {
            amax = Math.max(amax, Math.abs(x));
        }
        float scale = Rational.of(amax).dividedBy(Rational.of(127L)).toBinary32();
        byte[] codes = new byte[activations.length];
        for (int k = 0; scale > 0 && k < codes.length; k++) {
            Rational quotient = Rational.of(Rational.of(activations[k]).dividedBy(Rational.of(scale)).toBinary32());
            BigInteger limit = BigInteger.valueOf(127);
            codes[k] = quotient.roundedToInteger().min(limit).max(limit.negate()).byteValueExact();
        }
        return new Token(scale, codes);
    }
}
