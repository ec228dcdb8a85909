package org.threehalf.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.Header;
import org.threehalf.conformance.vectors.VectorCase.PackedRow;
import org.threehalf.conformance.vectors.VectorCase.Token;
import org.threehalf.kernels.format.Format;

/**
 * Cases beyond the golden vectors: random ones from a published seed, for products and for the transformer, and the
 * largest sums at each format's limit of K. What is right comes from the {@link Oracle} (REQ-CNF-004).
 */
public final class GeneratedCases {

    /** The seeds that a run uses unless others are asked for. */
    public static final List<Long> SEEDS = List.of(35L, 70L);

    private static final int[] COLUMNS = {1, 2, 31, 63, 64, 65, 127, 130, 200, 640};
    private static final List<Integer> PATH_COLUMNS = List.of(1, 63, 130);
    /** Rows, columns, tokens: one of each, tails in every dimension, and more than any vector or tile. */
    private static final int[][] SHAPES = {
        {1, 1, 1}, {3, 63, 1}, {5, 64, 2}, {17, 65, 3}, {33, 640, 4}, {16, 2048, 9}, {70, 129, 1}
    };

    private static final int OUTPUTS = 40;

    private GeneratedCases() {}

    /** All cases of a seed: {@link #products} and the transformer's operations and decoders. */
    public static List<VectorCase> random(long seed) {
        List<VectorCase> cases = new ArrayList<>(products(seed));
        cases.addAll(TransformerCases.of(seed));
        return List.copyOf(cases);
    }

    /** The cases of a seed at levels L0 and L1: each kind that has an answer, over all formats. */
    static List<VectorCase> products(long seed) {
        Generator generator = new Generator(seed);
        List<VectorCase> cases = new ArrayList<>();
        for (int columns : COLUMNS) {
            cases.add(generator.activation(columns));
        }
        cases.add(generator.ties());
        cases.add(generator.quotients());
        for (Format format : Format.values()) {
            if (format.hasSubscales()) {
                cases.add(generator.equalSubscales(format));
            }
        }
        for (Format format : Format.values()) {
            for (int columns : COLUMNS) {
                // The oracle of paths tries every seam at three sub-scales: rows of some blocks say what longer ones
                // would.
                if (!format.traits().windowed() || PATH_COLUMNS.contains(columns)) {
                    cases.add(generator.weights(format, columns));
                }
                cases.add(generator.packing(format, columns));
                cases.add(generator.dequantizing(format, columns));
            }
            for (int[] shape : SHAPES) {
                cases.add(generator.product(format, shape[0], shape[1], shape[2]));
            }
            if (format.traits().windowed()) {
                cases.add(everyWindow(format, seed));
                cases.add(everyWindowInProducts(format, seed));
            }
        }
        for (int i = 0; i < OUTPUTS; i++) {
            cases.add(generator.output(i));
        }
        return List.copyOf(cases);
    }

    /** For each format, a row at its limit of K whose sum is the largest there is, and the least. */
    public static List<VectorCase> extremes() {
        return Extremes.CASES;
    }

    /** Made once: rows of a million columns take a while, and nothing in them is random. */
    private static final class Extremes {
        private static final List<VectorCase> CASES =
                Arrays.stream(Format.values()).map(GeneratedCases::largestSum).toList();
    }

    private static VectorCase largestSum(Format format) {
        Oracle oracle = Oracle.of(format.name());
        int columns = oracle.columnLimit();
        byte[] codes = new byte[columns];
        for (int k = 0; k < columns; k++) {
            codes[k] = (byte)
                    (oracle.windowed()
                            ? oracle.width(k) == 4 ? 8 : 4
                            : largest(k % 2 == 0 ? oracle.evenTable() : oracle.oddTable()));
        }
        byte[] subscales = new byte[oracle.hasSubscales() ? (columns + 63) / 64 : 0];
        Arrays.fill(subscales, (byte) 15);
        PackedRow row = new PackedRow(1, oracle.pack(codes), oracle.packSubscales(subscales));
        int[] weights = oracle.weights(row.codes(), row.subscales(), columns);
        byte[] up = new byte[columns];
        byte[] down = new byte[columns];
        for (int k = 0; k < columns; k++) {
            up[k] = (byte) (weights[k] < 0 ? -127 : 127);
            down[k] = (byte) -up[k];
        }
        Header header = header(
                "extreme/gemv/" + format,
                "gemv",
                "LargestSum",
                "every term drives the sum to its end, at the limit of K and with the largest weights of the codes' tables",
                "REQ-DOT-001",
                "REQ-DOT-002",
                "REQ-FMT-003");
        // Of a million columns one token is enough: the golden vectors of kind dot have the least sum too.
        List<Token> tokens = oracle.hasSubscales() || columns <= 1 << 17
                ? List.of(new Token(1, up), new Token(1, down))
                : List.of(new Token(1, up));
        return product(header, format, columns, List.of(row), tokens, false);
    }

    /**
     * Codes of 256 blocks: in block b the windows of inputs 2 and 33 are b, so that every window is read at an even and
     * at an odd input.
     */
    private static byte[] everyWindowCodes(Oracle oracle) {
        byte[] codes = new byte[64 * 256];
        for (int b = 0; b < 256; b++) {
            for (int i : new int[] {2, 33}) {
                int rest = b;
                for (int k = 64 * b + i; k < 64 * b + i + 3; k++) {
                    codes[k] = (byte) (rest & (1 << oracle.width(k)) - 1);
                    rest >>= oracle.width(k);
                }
            }
        }
        return codes;
    }

    private static byte[] ones(int count) {
        byte[] ones = new byte[count];
        Arrays.fill(ones, (byte) 1);
        return ones;
    }

    private static VectorCase everyWindow(Format format, long seed) {
        Oracle oracle = Oracle.of(format.name());
        byte[] codes = everyWindowCodes(oracle);
        byte[] subscales = ones(256);
        int[] weights = oracle.weights(oracle.pack(codes), oracle.packSubscales(subscales), codes.length);
        Header header = header(
                "random-%d/dequantize/%s/every-window".formatted(seed, format),
                "dequantize",
                "EveryWindow",
                "every window at an even and at an odd input",
                "REQ-FMT-009",
                "REQ-FMT-010");
        return new VectorCase.Dequantize(header, format, 1, codes, subscales, Oracle.dequantize(weights, 1));
    }

    private static VectorCase everyWindowInProducts(Format format, long seed) {
        Oracle oracle = Oracle.of(format.name());
        byte[] codes = everyWindowCodes(oracle);
        PackedRow row = new PackedRow(1, oracle.pack(codes), oracle.packSubscales(ones(256)));
        Header header = header(
                "random-%d/gemv/%s/every-window".formatted(seed, format),
                "gemv",
                "EveryWindow",
                "every window at an even and at an odd input",
                "REQ-FMT-009",
                "REQ-FMT-010",
                "REQ-DOT-001");
        return product(header, format, codes.length, List.of(row), List.of(new Token(1, ones(codes.length))), false);
    }

    private static int largest(int[] table) {
        int best = 0;
        for (int c = 1; c < table.length; c++) {
            best = Math.abs(table[c]) > Math.abs(table[best]) ? c : best;
        }
        return best;
    }

    private static Header header(String id, String kind, String flag, String reason, String... requirements) {
        return new Header(id, kind, List.of(requirements), new LinkedHashMap<>(Map.of(flag, reason)));
    }

    /** A row, quantised by the oracle. */
    static VectorCase.QuantizeWeight quantized(Header header, Format format, float[] weights) {
        Oracle.Row row = Oracle.of(format.name()).quantizeRow(weights);
        return new VectorCase.QuantizeWeight(header, format, weights, row.scale(), row.codes(), row.subscales());
    }

    static VectorCase.Product product(
            Header header, Format format, int columns, List<PackedRow> rows, List<Token> tokens, boolean together) {
        Oracle oracle = Oracle.of(format.name());
        int[][] sums = new int[tokens.size()][rows.size()];
        float[][] y = new float[tokens.size()][rows.size()];
        for (int row = 0; row < rows.size(); row++) {
            int[] weights = oracle.weights(rows.get(row).codes(), rows.get(row).subscales(), columns);
            for (int t = 0; t < sums.length; t++) {
                long sum = Oracle.sum(weights, tokens.get(t).codes());
                sums[t][row] = Math.toIntExact(sum);
                y[t][row] =
                        Oracle.output(sum, rows.get(row).scale(), tokens.get(t).scale());
            }
        }
        return new VectorCase.Product(header, format, columns, rows, tokens, together, sums, y);
    }

    /** The random numbers of one seed, drawn in a fixed order. */
    private static final class Generator {
        private final long seed;
        private final SplittableRandom random;

        Generator(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
        }

        private Header header(String kind, String rest, String... requirements) {
            return GeneratedCases.header(
                    "random-%d/%s/%s".formatted(seed, kind, rest),
                    kind,
                    "Random",
                    "random contents, seed " + seed,
                    requirements);
        }

        VectorCase activation(int columns) {
            float[] x = values(columns, -60, 50);
            Oracle.Token token = Oracle.quantize(x);
            return new VectorCase.QuantizeActivation(
                    header("quantize-activation", "" + columns, "REQ-QNT-002", "REQ-QNT-003"),
                    x,
                    new Token(token.scale(), token.codes()));
        }

        /** A token whose scale is a power of two, so that every other quotient lies half-way between two integers. */
        VectorCase ties() {
            float[] x = new float[64];
            for (int k = 0; k < x.length; k++) {
                x[k] = random.nextInt(-126, 126) + (k % 2 == 0 ? 0 : 0.5f);
            }
            x[0] = 127;
            Oracle.Token token = Oracle.quantize(x);
            return new VectorCase.QuantizeActivation(
                    header("quantize-activation", "ties", "REQ-QNT-002", "REQ-QNT-003"),
                    x,
                    new Token(token.scale(), token.codes()));
        }

        /** A token of quotients that binary32 rounds to half-way between two integers, and binary64 does not. */
        VectorCase quotients() {
            float[] x = new float[64];
            x[0] = 100;
            float scale = Oracle.quantize(x).scale();
            for (int n = 1; n < x.length; n++) {
                float near = (float) ((n + 0.5) * scale);
                for (float candidate : new float[] {near, Math.nextUp(near), Math.nextDown(near)}) {
                    boolean halfway = candidate / scale == n + 0.5f && (double) candidate / scale != n + 0.5;
                    x[n] = halfway ? candidate : x[n];
                }
            }
            Oracle.Token token = Oracle.quantize(x);
            return new VectorCase.QuantizeActivation(
                    header("quantize-activation", "quotients", "REQ-QNT-003"),
                    x,
                    new Token(token.scale(), token.codes()));
        }

        /** A row whose last block holds one weight that several sub-scales reach exactly: the smallest wins. */
        VectorCase equalSubscales(Format format) {
            float[] weights = new float[65];
            weights[0] = 465;
            weights[64] = format == Format.G3 ? 16 : 28;
            return quantized(header("quantize-weight", format + "/equal-sub-scales", "REQ-QNT-012"), format, weights);
        }

        VectorCase weights(Format format, int columns) {
            return quantized(
                    header(
                            "quantize-weight",
                            format + "/" + columns,
                            "REQ-QNT-005",
                            "REQ-QNT-006",
                            format.traits().windowed()
                                    ? "REQ-QNT-016"
                                    : format.hasSubscales() ? "REQ-QNT-012" : "REQ-QNT-008"),
                    format,
                    values(columns, -60, 30));
        }

        VectorCase packing(Format format, int columns) {
            Oracle oracle = Oracle.of(format.name());
            byte[] codes = codes(oracle, columns);
            byte[] subscales = subscales(oracle, columns);
            return new VectorCase.Pack(
                    header("pack", format + "/" + columns, "REQ-PCK-001", "REQ-PCK-005", "REQ-PCK-008"),
                    format,
                    codes,
                    subscales,
                    oracle.pack(codes),
                    oracle.packSubscales(subscales));
        }

        VectorCase dequantizing(Format format, int columns) {
            Oracle oracle = Oracle.of(format.name());
            byte[] codes = codes(oracle, columns);
            byte[] subscales = subscales(oracle, columns);
            float scale = scale(-149, 40);
            int[] weights = oracle.weights(oracle.pack(codes), oracle.packSubscales(subscales), columns);
            return new VectorCase.Dequantize(
                    header("dequantize", format + "/" + columns, "REQ-FMT-006"),
                    format,
                    scale,
                    codes,
                    subscales,
                    Oracle.dequantize(weights, scale));
        }

        VectorCase product(Format format, int rowCount, int columns, int tokenCount) {
            Oracle oracle = Oracle.of(format.name());
            List<PackedRow> rows = new ArrayList<>();
            for (int row = 0; row < rowCount; row++) {
                rows.add(new PackedRow(
                        scale(-40, 10),
                        oracle.pack(codes(oracle, columns)),
                        oracle.packSubscales(subscales(oracle, columns))));
            }
            List<Token> tokens = new ArrayList<>();
            for (int t = 0; t < tokenCount; t++) {
                byte[] codes = new byte[columns];
                for (int k = 0; k < columns; k++) {
                    codes[k] = (byte) random.nextInt(-127, 128);
                }
                tokens.add(new Token(scale(-120, 20), codes));
            }
            boolean together = tokenCount > 1;
            Header header = header(
                    together ? "gemm" : "gemv",
                    "%s/%dx%dx%d".formatted(format, rowCount, columns, tokenCount),
                    "REQ-DOT-001",
                    "REQ-DOT-003",
                    "REQ-DOT-004",
                    together ? "REQ-DOT-006" : "REQ-DOT-002");
            return GeneratedCases.product(header, format, columns, rows, tokens, together);
        }

        VectorCase output(int i) {
            int sum = random.nextInt() >> random.nextInt(24);
            float rowScale = scale(-149, 40);
            float activationScale = scale(-149, 50);
            return new VectorCase.Output(
                    header("output", "" + i, "REQ-DOT-004", "REQ-DOT-005"),
                    sum,
                    rowScale,
                    activationScale,
                    Oracle.output(sum, rowScale, activationScale));
        }

        /**
         * A positive scale below 2^most whose exponent is drawn first, so that small ones are as likely as large ones.
         */
        private float scale(int least, int most) {
            return Math.scalb(1 + random.nextInt(1 << 23) * 0x1p-23f, random.nextInt(least, most));
        }

        /**
         * Normally distributed values around a random power of two; one in eight a small multiple of it, so that ties
         * occur.
         */
        private float[] values(int columns, int least, int most) {
            float unit = Math.scalb(1f, random.nextInt(least, most));
            float[] values = new float[columns];
            for (int k = 0; k < columns; k++) {
                values[k] =
                        unit * (random.nextInt(8) == 0 ? random.nextInt(-14, 15) / 4f : (float) random.nextGaussian());
            }
            return values;
        }

        private byte[] codes(Oracle oracle, int columns) {
            byte[] codes = new byte[columns];
            for (int k = 0; k < columns; k++) {
                codes[k] = (byte) random.nextInt(1 << oracle.width(k));
            }
            return codes;
        }

        private byte[] subscales(Oracle oracle, int columns) {
            byte[] subscales = new byte[oracle.hasSubscales() ? (columns + 63) / 64 : 0];
            for (int b = 0; b < subscales.length; b++) {
                subscales[b] = (byte) random.nextInt(16);
            }
            return subscales;
        }
    }
}
