package org.threehalf.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.product.Products.DeviceMatrix;
import org.threehalf.conformance.CaseResult.Body;
import org.threehalf.conformance.CaseResult.Failure;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedToken;

/**
 * Judges a backend on a model's matrices, against the {@link Oracle} (REQ-CNF-004).
 *
 * <p>The backend computes every row; the oracle computes all of them, or a seeded sample with the first and the last
 * row. Four tokens are used: random activations, codes that drive the first row's sum to its extreme, and two whose
 * scales make the products of scales subnormal or zero.
 */
final class MatrixSuite {

    /** What is computed on each matrix; the last part of a case's id. */
    private enum Kind {
        QUANTIZE_ACTIVATION("quantize-activation", "REQ-QNT-002", "REQ-QNT-003"),
        SUMS("sums", "REQ-DOT-001", "REQ-DOT-002", "REQ-PCK-005"),
        GEMV("gemv", "REQ-DOT-001", "REQ-DOT-004"),
        GEMM("gemm", "REQ-DOT-004", "REQ-DOT-006");

        private final String label;
        private final List<String> requirements;

        Kind(String label, String... requirements) {
            this.label = label;
            this.requirements = List.of(requirements);
        }

        private Level level() {
            return this == QUANTIZE_ACTIVATION ? Level.L0 : Level.L1;
        }
    }

    private static final long SEED = 35;

    private final Backend backend;
    private final int rowLimit;

    /**
     * A suite for an open backend.
     *
     * @param rowLimit the most rows of a matrix that are compared, at least 2: the first and the last
     */
    MatrixSuite(Backend backend, int rowLimit) {
        if (rowLimit < 2) {
            throw new IllegalArgumentException(
                    "a limit of " + rowLimit + " rows: it must be at least 2, the first and the last");
        }
        this.backend = backend;
        this.rowLimit = rowLimit;
    }

    /** Runs the cases that are selected by their ids, in the order of the matrices. */
    void run(ModelUnderTest model, BiPredicate<String, Level> selected, Consumer<CaseResult> results) {
        for (NamedMatrix named : model.matrices()) {
            String prefix = model.name() + "/" + named.name() + "/";
            List<Kind> kinds = List.of(Kind.values()).stream()
                    .filter(kind -> selected.test(prefix + kind.label, kind.level()))
                    .toList();
            if (!kinds.isEmpty()) {
                Expected expected = Expected.of(named, rowLimit);
                for (Kind kind : kinds) {
                    results.accept(new CaseResult(
                            prefix + kind.label,
                            kind.level(),
                            "matrix-" + kind.label,
                            named.matrix().format().name(),
                            kind.requirements,
                            expected.flags(),
                            expected.note(),
                            CaseResult.failureOf(body(kind, named.matrix(), expected))));
                }
            }
        }
    }

    private Body body(Kind kind, PackedMatrix matrix, Expected expected) {
        List<QuantizedToken> tokens =
                expected.tokens().stream().map(TestToken::token).toList();
        return switch (kind) {
            case QUANTIZE_ACTIVATION ->
                () -> {
                    QuantizedToken right = tokens.getFirst();
                    QuantizedToken token =
                            backend.quantize(expected.activations().clone());
                    return ConformanceSuite.difference(
                            List.of(Part.f32("scale", right.scale()), Part.i8("codes", right.codes())),
                            List.of(Part.f32("scale", token.scale()), Part.i8("codes", token.codes())));
                };
            case SUMS ->
                () -> withDevice(
                        matrix,
                        device -> expected.firstFailure(t -> {
                            int[] sums = Bits.poisonedInts(matrix.rows());
                            device.sums(tokens.get(t), sums);
                            return Bits.differenceAt(
                                    expected.rows(),
                                    "sums of token '" + expected.tokens().get(t).name() + "'",
                                    expected.sums()[t],
                                    sums);
                        }));
            case GEMV ->
                () -> withDevice(
                        matrix,
                        device -> expected.firstFailure(t -> {
                            float[] y = Bits.poisonedFloats(matrix.rows());
                            device.gemv(tokens.get(t), y);
                            return expected.outputFailure(t, y);
                        }));
            case GEMM ->
                () -> withDevice(matrix, device -> {
                    float[][] y = tokens.stream()
                            .map(token -> Bits.poisonedFloats(matrix.rows()))
                            .toArray(float[][]::new);
                    device.gemm(tokens, y);
                    return expected.firstFailure(t -> expected.outputFailure(t, y[t]));
                });
        };
    }

    private @Nullable Failure withDevice(PackedMatrix matrix, Function<DeviceMatrix, @Nullable Failure> body) {
        try (DeviceMatrix device = backend.load(matrix)) {
            return body.apply(device);
        }
    }

    private record TestToken(String name, String reason, QuantizedToken token) {}

    /**
     * What the oracle says of a matrix.
     *
     * @param activations what quantises to the first token
     * @param rows the rows that are compared, ascending
     * @param sums {@code sums[t][i]}: I of token t and row {@code rows[i]}
     * @param y the same for y
     */
    private record Expected(
            float[] activations, List<TestToken> tokens, int[] rows, int[][] sums, float[][] y, String note) {

        /** The failure of the first token that has one, or null. */
        @Nullable
        Failure firstFailure(IntFunction<@Nullable Failure> failureOfToken) {
            for (int t = 0; t < tokens.size(); t++) {
                Failure failure = failureOfToken.apply(t);
                if (failure != null) {
                    return failure;
                }
            }
            return null;
        }

        @Nullable
        Failure outputFailure(int t, float[] actual) {
            return Bits.differenceAt(rows, "y of token '" + tokens.get(t).name() + "'", y[t], actual);
        }

        static Expected of(NamedMatrix named, int rowLimit) {
            PackedMatrix matrix = named.matrix();
            long seed = SEED + named.name().hashCode();
            SplittableRandom random = new SplittableRandom(seed);
            int[] rows = rows(matrix.rows(), rowLimit, random);
            float[] activations = new float[matrix.columns()];
            for (int k = 0; k < activations.length; k++) {
                activations[k] = (float) random.nextGaussian();
            }
            List<TestToken> tokens = tokens(activations, Oracle.weights(matrix, rows[0]), random);
            int[][] sums = new int[tokens.size()][rows.length];
            float[][] y = new float[tokens.size()][rows.length];
            IntStream.range(0, rows.length).parallel().forEach(i -> {
                int[] weights = Oracle.weights(matrix, rows[i]);
                for (int t = 0; t < sums.length; t++) {
                    QuantizedToken token = tokens.get(t).token();
                    long sum = Oracle.sum(weights, token.codes());
                    sums[t][i] = Math.toIntExact(sum);
                    y[t][i] = Oracle.output(sum, matrix.scale(rows[i]), token.scale());
                }
            });
            String note = rows.length == matrix.rows()
                    ? "all %,d rows, seed %d".formatted(rows.length, seed)
                    : "%,d of %,d rows, seed %d".formatted(rows.length, matrix.rows(), seed);
            return new Expected(activations, tokens, rows, sums, y, note);
        }

        private static List<TestToken> tokens(float[] activations, int[] firstRow, SplittableRandom random) {
            Oracle.Token quantized = Oracle.quantize(activations);
            byte[] largest = new byte[firstRow.length];
            for (int k = 0; k < largest.length; k++) {
                largest[k] = (byte) (firstRow[k] < 0 ? -127 : 127);
            }
            return List.of(
                    new TestToken(
                            "random",
                            "normally distributed activations",
                            new QuantizedToken(quantized.scale(), quantized.codes())),
                    new TestToken(
                            "largest",
                            "the first row's largest sum, at the largest scale",
                            new QuantizedToken(0x1p50f, largest)),
                    new TestToken(
                            "subnormal",
                            "subnormal products of scales",
                            new QuantizedToken(0x1p-130f, codes(firstRow.length, random))),
                    new TestToken(
                            "underflow",
                            "the least scale: signed zeros",
                            new QuantizedToken(0x1p-149f, codes(firstRow.length, random))));
        }

        private static byte[] codes(int columns, SplittableRandom random) {
            byte[] codes = new byte[columns];
            for (int k = 0; k < columns; k++) {
                codes[k] = (byte) random.nextInt(-127, 128);
            }
            return codes;
        }

        /** All rows if the limit allows, else the first, the last and random ones between, ascending. */
        private static int[] rows(int count, int limit, SplittableRandom random) {
            if (count <= limit) {
                return IntStream.range(0, count).toArray();
            }
            IntStream between = random.ints(1, count - 1).distinct().limit(limit - 2);
            return IntStream.concat(IntStream.of(0, count - 1), between)
                    .sorted()
                    .toArray();
        }

        SequencedMap<String, String> flags() {
            SequencedMap<String, String> flags = new LinkedHashMap<>();
            tokens.forEach(token -> flags.put(token.name(), token.reason()));
            return flags;
        }
    }
}
