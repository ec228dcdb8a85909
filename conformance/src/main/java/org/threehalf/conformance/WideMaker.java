package org.threehalf.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.threehalf.conformance.oracle.OperationOracle;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.Header;
import org.threehalf.conformance.vectors.VectorCase.PackedRow;
import org.threehalf.conformance.vectors.VectorCase.Token;
import org.threehalf.kernels.format.Format;

/**
 * What makers of wide cases share: random numbers of their own, so that a new case changes none of the others, and
 * cases whose ids begin with {@code wide/}.
 */
abstract class WideMaker {
    static final String TILES = "wider than the tiles, vectors and tables of devices";
    /** Where a loop over tiles begins or ends. */
    static final int[] PLACES = {0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64};

    final SplittableRandom random;
    final List<VectorCase> cases = new ArrayList<>();

    WideMaker(long seed) {
        this.random = new SplittableRandom(seed);
    }

    static Header header(String kind, String rest, String flag, String reason, String... requirements) {
        return new Header(
                "wide/%s/%s".formatted(kind, rest),
                kind,
                List.of(requirements),
                new LinkedHashMap<>(Map.of(flag, reason)));
    }

    final float[] gaussian(int n, float scale) {
        float[] values = new float[n];
        for (int k = 0; k < n; k++) {
            values[k] = scale * (float) random.nextGaussian();
        }
        return values;
    }

    final float[][] vectors(int count, int n) {
        float[][] vectors = new float[count][];
        for (int t = 0; t < count; t++) {
            vectors[t] = gaussian(n, 1);
        }
        return vectors;
    }

    final float scale() {
        return Math.scalb(1 + random.nextInt(1 << 23) * 0x1p-23f, random.nextInt(-20, 10));
    }

    final byte[] codes(Oracle oracle, int columns) {
        byte[] codes = new byte[columns];
        for (int k = 0; k < columns; k++) {
            codes[k] = (byte) random.nextInt(1 << oracle.width(k));
        }
        return codes;
    }

    final byte[] subscales(Oracle oracle, int columns) {
        byte[] subscales = new byte[oracle.hasSubscales() ? (columns + 63) / 64 : 0];
        for (int b = 0; b < subscales.length; b++) {
            subscales[b] = (byte) random.nextInt(16);
        }
        return subscales;
    }

    final void product(Format format, int rowCount, int columns, int tokenCount) {
        Oracle oracle = Oracle.of(format.name());
        List<PackedRow> rows = new ArrayList<>();
        for (int row = 0; row < rowCount; row++) {
            byte[] codes = codes(oracle, columns);
            byte[] subscales = subscales(oracle, columns);
            rows.add(new PackedRow(scale(), oracle.pack(codes), oracle.packSubscales(subscales)));
        }
        List<Token> tokens = new ArrayList<>();
        for (int t = 0; t < tokenCount; t++) {
            byte[] codes = new byte[columns];
            for (int k = 0; k < columns; k++) {
                codes[k] = (byte) random.nextInt(-127, 128);
            }
            tokens.add(new Token(scale(), codes));
        }
        boolean together = tokenCount > 1;
        cases.add(GeneratedCases.product(
                header(
                        together ? "gemm" : "gemv",
                        "%s/%dx%dx%d".formatted(format, rowCount, columns, tokenCount),
                        "Wide",
                        TILES,
                        "REQ-DOT-001",
                        "REQ-DOT-003",
                        "REQ-DOT-004",
                        together ? "REQ-DOT-006" : "REQ-DOT-002"),
                format,
                columns,
                rows,
                tokens,
                together));
    }

    final void quantized(Format format, String rest, String flag, String reason, float[] weights) {
        String[] requirements = format.traits().windowed()
                ? new String[] {"REQ-QNT-010", "REQ-QNT-014", "REQ-QNT-015", "REQ-QNT-016"}
                : format.hasSubscales()
                        ? new String[] {"REQ-QNT-006", "REQ-QNT-010", "REQ-QNT-011", "REQ-QNT-012"}
                        : new String[] {"REQ-QNT-006", format.traits().byteCodes() ? "REQ-QNT-007" : "REQ-QNT-008"};
        cases.add(GeneratedCases.quantized(
                header("quantize-weight", format + "/" + rest, flag, reason, requirements), format, weights));
    }

    final void operation(
            String kind,
            String rest,
            String flag,
            String reason,
            List<Part> inputs,
            float[] expected,
            String... requirements) {
        cases.add(new VectorCase.Operation(
                header(kind, rest, flag, reason, requirements), inputs, Part.f32("y", expected)));
    }

    final void attend(
            String rest,
            String flag,
            String reason,
            float[] query,
            float[][] keys,
            float[][] values,
            int first,
            float scale,
            float cap) {
        operation(
                "attend",
                rest,
                flag,
                reason,
                List.of(
                        Part.f32("query", query),
                        Part.f32("keys", keys),
                        Part.f32("values", values),
                        Part.i32("first", first),
                        Part.f32("scale", scale),
                        Part.f32("cap", cap)),
                OperationOracle.attend(query, keys, values, first, scale, cap),
                "REQ-OPS-004",
                "REQ-ATT-004",
                "REQ-ATT-005");
    }

    final void gate(boolean gelu, String rest, String flag, String reason, float[] g, float[] u) {
        operation(
                gelu ? "gated-gelu" : "gated-silu",
                rest,
                flag,
                reason,
                List.of(Part.f32("g", g), Part.f32("u", u)),
                OperationOracle.gate(gelu, g, u),
                "REQ-OPS-004",
                gelu ? "REQ-OPS-006" : "REQ-OPS-005",
                "REQ-OPS-010");
    }

    final void softCap(String rest, String flag, String reason, float[] x, float cap) {
        float[] y = new float[x.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = OperationOracle.softCap(x[k], cap);
        }
        operation(
                "soft-cap",
                rest,
                flag,
                reason,
                List.of(Part.f32("x", x), Part.f32("cap", cap)),
                y,
                "REQ-OPS-007",
                "REQ-OPS-008");
    }

    final void norm(String rest, String flag, String reason, float[] x, float[] weights, float epsilon) {
        operation(
                "rms-norm",
                rest,
                flag,
                reason,
                List.of(Part.f32("x", x), Part.f32("weights", weights), Part.f32("epsilon", epsilon)),
                OperationOracle.rmsNorm(x, weights, epsilon),
                "REQ-OPS-009");
    }

    final void matrixProduct(String rest, String flag, String reason, float[][] matrix, float[] x) {
        float[] y = new float[matrix.length];
        for (int row = 0; row < y.length; row++) {
            y[row] = OperationOracle.dot(matrix[row], x);
        }
        operation(
                "matrix-product",
                rest,
                flag,
                reason,
                List.of(Part.f32("matrix", matrix), Part.f32("x", x)),
                y,
                "REQ-OPS-003",
                "REQ-OPS-011");
    }

    static float[] filled(int n, float value) {
        float[] values = new float[n];
        Arrays.fill(values, value);
        return values;
    }

    /** A dot product in binary32 with one term fused, or none (−1); for searches alone. */
    static float plain(float[] a, float[] b, int fused) {
        float[] p = new float[16];
        for (int k = 0; k < a.length; k++) {
            p[k % 16] = k == fused ? Math.fma(a[k], b[k], p[k % 16]) : p[k % 16] + a[k] * b[k];
        }
        for (int s = 8; s >= 1; s /= 2) {
            for (int j = 0; j < s; j++) {
                p[j] += p[j + s];
            }
        }
        return p[0];
    }
}
