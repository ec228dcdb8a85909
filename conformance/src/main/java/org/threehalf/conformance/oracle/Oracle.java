package org.threehalf.conformance.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a row gives, computed a second time from its packed bytes.
 *
 * <p>Slow and plain on purpose: one input at a time, by the formulas of the specification.
 *
 * @param evenBits the width of the codes at even inputs (REQ-FMT-001)
 * @param oddBits the width at odd inputs
 * @param evenTable the table of even inputs (REQ-FMT-002)
 * @param oddTable the table of odd inputs
 * @param windowed whether a table is read by windows of the block's string (REQ-FMT-009): the T formats
 * @param hasSubscales whether each block has a stored sub-scale
 * @param divisor D, by which a row's largest magnitude is divided (REQ-QNT-006)
 * @param columnLimit the largest K
 */
public record Oracle(
        int evenBits,
        int oddBits,
        int[] evenTable,
        int[] oddTable,
        boolean windowed,
        boolean hasSubscales,
        int divisor,
        int columnLimit) {

    /** By name, as {@code spec/formats.json} has them: read here apart from the rows of {@link Format}. */
    private static final Map<String, Oracle> FORMATS = read();

    /** {@code spec/formats.json}, byte for byte. */
    public static byte[] formatsJson() {
        try (InputStream in = Oracle.class.getResourceAsStream("formats.json")) {
            return Objects.requireNonNull(in, "the build left formats.json out").readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("formats.json", e);
        }
    }

    private static Map<String, Oracle> read() {
        JsonNode json = JsonMapper.shared().readTree(formatsJson());
        Map<String, int[]> tables = new HashMap<>();
        for (Map.Entry<String, JsonNode> table : json.get("tables").properties()) {
            tables.put(
                    table.getKey(),
                    table.getValue().valueStream().mapToInt(JsonNode::intValue).toArray());
        }
        Map<String, Oracle> formats = new HashMap<>();
        for (JsonNode row : json.get("formats")) {
            formats.put(
                    row.get("name").stringValue(),
                    new Oracle(
                            row.get("evenBits").intValue(),
                            row.get("oddBits").intValue(),
                            tables.get(row.get("evenTable").stringValue()),
                            tables.get(row.get("oddTable").stringValue()),
                            row.get("windowed").booleanValue(),
                            row.get("subscales").booleanValue(),
                            row.get("scaleDivisor").intValue(),
                            row.get("maxColumns").intValue()));
        }
        return Map.copyOf(formats);
    }

    /** The width of the code at input {@code k}. */
    public int width(int k) {
        return k % 2 == 0 ? evenBits : oddBits;
    }

    /** p_i of REQ-FMT-009. */
    private int position(int i) {
        return (evenBits + oddBits) * (i / 2) + evenBits * (i % 2);
    }

    /**
     * A token as the oracle quantises it.
     *
     * @param scale s_act
     * @param codes a_k
     */
    public record Token(float scale, byte[] codes) {}

    /**
     * A row as the oracle quantises it.
     *
     * @param scale s_row
     * @param codes stored codes
     * @param subscales one a block; empty in a format without
     */
    public record Row(float scale, byte[] codes, byte[] subscales) {}

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
        if (windowed()) {
            return windowedWeights(codes, subscales, columns);
        }
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

    /** {@link #weights} of a T format: eight bits of each block's string, taken one by one. */
    private int[] windowedWeights(byte[] codes, byte[] subscales, int columns) {
        int bits = 32 * (evenBits + oddBits);
        int[] weights = new int[columns];
        for (int k = 0; k < columns; k++) {
            int block = k / 64;
            // Codes of inputs past K count as 0: those are the bits from the first such input's on.
            int end = columns - 64 * block < 64 ? position(columns - 64 * block) : bits;
            int window = 0;
            for (int t = 0; t < 8; t++) {
                int n = (position(k % 64) + t) % bits;
                int bit = n < end ? codes[block * bits / 8 + n / 8] >> n % 8 & 1 : 0;
                window += bit << t;
            }
            weights[k] = (subscales[block / 2] >> 4 * (block % 2) & 15) * evenTable[window];
        }
        return weights;
    }

    /** The integer weights of a row of a packed matrix, which is read as data. */
    public static int[] weights(PackedMatrix matrix, int row) {
        return of(matrix.format().name())
                .weights(
                        bytesOfRow(matrix.codes(), row, matrix.rows()),
                        bytesOfRow(matrix.subscales(), row, matrix.rows()),
                        matrix.columns());
    }

    /** A row's bytes: rows follow each other without gaps (REQ-PCK-005). */
    public static byte[] bytesOfRow(MemorySegment segment, int row, int rows) {
        long bytes = segment.byteSize() / rows;
        return segment.asSlice(row * bytes, bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Code {@code i} of the half that starts at byte {@code at}. */
    private static int code(byte[] bytes, int at, int bits, int i) {
        return switch (bits) {
            case 8 -> bytes[at + i] & 255;
            case 4 -> bytes[at + i % 16] >> 4 * (i / 16) & 15;
            default -> (bytes[at + i % 8] >> 2 * (i / 8) & 3) + 4 * (bytes[at + 8 + i / 8] >> i % 8 & 1);
        };
    }

    /**
     * A vector after the rotation of REQ-ROT-001 and REQ-ROT-002: the butterfly in place, over neighbours at distances
     * 1, 2, 4 … 32.
     */
    public static float[] rotated(float[] x) {
        float[] y = x.clone();
        for (int distance = 1; distance < 64; distance *= 2) {
            for (int k = 0; k < x.length / 64 * 64; k++) {
                if ((k & distance) == 0) {
                    float left = y[k];
                    float right = y[k + distance];
                    y[k] = left + right;
                    y[k + distance] = left - right;
                }
            }
        }
        for (int k = 0; k < x.length / 64 * 64; k++) {
            y[k] /= 8;
        }
        return y;
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
        float y = Rational.of(Rational.of(sum).toBinary32())
                .times(Rational.of(scale))
                .toBinary32();
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
            Rational quotient = Rational.of(
                    Rational.of(activations[k]).dividedBy(Rational.of(scale)).toBinary32());
            BigInteger limit = BigInteger.valueOf(127);
            codes[k] =
                    quotient.roundedToInteger().min(limit).max(limit.negate()).byteValueExact();
        }
        return new Token(scale, codes);
    }

    /**
     * Quantises a row (REQ-QNT-005 to REQ-QNT-012): every quotient is an exact rational, every sub-scale and code is
     * tried.
     *
     * @param weights finite values, at most 2⁴⁰ in magnitude
     */
    public Row quantizeRow(float[] weights) {
        float amax = 0;
        for (float w : weights) {
            amax = Math.max(amax, Math.abs(w));
        }
        float scale = Rational.of(amax).dividedBy(Rational.of(divisor)).toBinary32();
        byte[] codes = new byte[weights.length];
        if (!hasSubscales) {
            for (int k = 0; k < codes.length; k++) {
                int bits = k % 2 == 0 ? evenBits : oddBits;
                codes[k] = (byte)
                        switch (bits) {
                            case 8 -> rounded(1, weights[k], scale, 1, -127, 127);
                            case 4 -> rounded(1, weights[k], scale, 1, -8, 7) + 8;
                            default -> rounded(1, weights[k], scale, 2, -4, 3) + 4;
                        };
            }
            return new Row(scale, codes, new byte[0]);
        }
        byte[] subscales = new byte[(weights.length + 63) / 64];
        if (windowed()) {
            for (int block = 0; block < subscales.length; block++) {
                int from = 64 * block;
                int[] u = IntStream.range(from, Math.min(from + 64, weights.length))
                        .map(k -> rounded(64, weights[k], scale, 1, -29760, 29760))
                        .toArray();
                subscales[block] = (byte) new PathOracle(this).quantize(u, codes, from);
            }
            return new Row(scale, codes, subscales);
        }
        for (int block = 0; block < subscales.length; block++) {
            int from = 64 * block;
            int to = Math.min(from + 64, weights.length);
            int[] u = IntStream.range(from, to)
                    .map(k -> rounded(64, weights[k], scale, 1, -29760, 29760))
                    .toArray();
            long least = Long.MAX_VALUE;
            for (int m = 0; m <= 15; m++) {
                long error = 0;
                byte[] chosen = new byte[to - from];
                for (int k = from; k < to; k++) {
                    int[] table = k % 2 == 0 ? evenTable : oddTable;
                    int best = 0;
                    for (int c = 1; c < table.length; c++) {
                        best = Math.abs(u[k - from] - 64 * m * table[c]) < Math.abs(u[k - from] - 64 * m * table[best])
                                ? c
                                : best;
                    }
                    chosen[k - from] = (byte) best;
                    long distance = u[k - from] - 64L * m * table[best];
                    error += distance * distance;
                }
                if (error < least) {
                    least = error;
                    subscales[block] = (byte) m;
                    System.arraycopy(chosen, 0, codes, from, chosen.length);
                }
            }
        }
        return new Row(scale, codes, subscales);
    }

    /** clamp(rne(factor · w / (divisor · s)), low, high); 0 where s = 0. */
    private static int rounded(long factor, float weight, float scale, long divisor, int low, int high) {
        if (scale == 0) {
            return 0;
        }
        Rational quotient = Rational.of(weight)
                .times(Rational.of(factor))
                .dividedBy(Rational.of(scale).times(Rational.of(divisor)));
        return quotient.roundedToInteger()
                .min(BigInteger.valueOf(high))
                .max(BigInteger.valueOf(low))
                .intValueExact();
    }

    /**
     * Packs a row's codes (REQ-PCK-001 to REQ-PCK-005, REQ-PCK-009), code by code: each goes to its byte and bits.
     *
     * @param codes stored codes, one an input
     */
    public byte[] pack(byte[] codes) {
        int blocks = (codes.length + 63) / 64;
        byte[] packed = new byte[blocks * 4 * (evenBits + oddBits)];
        if (windowed()) {
            for (int k = 0; k < codes.length; k++) {
                for (int t = 0; t < width(k); t++) {
                    int n = k / 64 * 32 * (evenBits + oddBits) + position(k % 64) + t;
                    packed[n / 8] |= (byte) ((codes[k] >> t & 1) << n % 8);
                }
            }
            return packed;
        }
        for (int k = 0; k < codes.length; k++) {
            boolean isEven = k % 2 == 0;
            int at = k / 64 * 4 * (evenBits + oddBits) + (isEven ? 0 : 4 * evenBits);
            int i = k % 64 / 2;
            int code = codes[k] & 255;
            switch (isEven ? evenBits : oddBits) {
                case 8 -> packed[at + i] = (byte) code;
                case 4 -> packed[at + i % 16] |= (byte) (code << 4 * (i / 16));
                default -> {
                    packed[at + i % 8] |= (byte) ((code & 3) << 2 * (i / 8));
                    packed[at + 8 + i / 8] |= (byte) ((code >> 2) << i % 8);
                }
            }
        }
        return packed;
    }

    /** Packs a row's sub-scales (REQ-PCK-006). */
    public byte[] packSubscales(byte[] subscales) {
        byte[] packed = new byte[(subscales.length + 1) / 2];
        for (int b = 0; b < subscales.length; b++) {
            packed[b / 2] |= (byte) (subscales[b] << 4 * (b % 2));
        }
        return packed;
    }

    /** ŵ of each integer weight (REQ-FMT-006). */
    public static float[] dequantize(int[] weights, float scale) {
        float[] values = new float[weights.length];
        for (int k = 0; k < values.length; k++) {
            float value = Rational.of(scale).times(Rational.of(weights[k])).toBinary32();
            values[k] = value == 0 && weights[k] < 0 ? -0.0f : value;
        }
        return values;
    }
}
