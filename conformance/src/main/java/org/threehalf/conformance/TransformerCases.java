package org.threehalf.conformance;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderConfig.Experts;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.conformance.oracle.DecoderOracle;
import org.threehalf.conformance.oracle.OperationOracle;
import org.threehalf.conformance.oracle.Oracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.Header;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.Rotation;

/**
 * Level L2: each operation of {@code spec/INFERENCE.md} by itself, and small decoders of one and two layers that
 * between them have every part that only some models have. What is right comes from the {@link OperationOracle} and the
 * {@link DecoderOracle}.
 */
final class TransformerCases {

    /** Lengths: one lane, fewer and more than 16 lanes, tails, and a real head and width. */
    private static final int[] LENGTHS = {1, 7, 16, 17, 64, 100, 640};
    /** Where functions change their course: zeros, the ends of exp, the switch of tanh, subnormals, large values. */
    private static final float[] EDGES = {
        0,
        -0.0f,
        1,
        -1,
        0.625f,
        Math.nextDown(0.625f),
        -0.625f,
        9.9f,
        10,
        -10,
        20,
        -20,
        88,
        88.8f,
        -87.5f,
        -103.9f,
        -104.1f,
        0x1p-126f,
        -0x1p-149f,
        1e-3f,
        -3.5f
    };

    /** Where the product of REQ-OPS-013 is limited, and beside. */
    private static final float[] LIMITS = {
        7, Math.nextUp(7f), Math.nextDown(7f), -7, Math.nextUp(-7f), Math.nextDown(-7f), 100, -100, 1e30f, -1e30f, 0, -1
    };

    private final SplittableRandom random;
    private final long seed;
    /** What the ids of the cases begin with. */
    private final String prefix;

    private final List<VectorCase> cases = new ArrayList<>();

    private TransformerCases(long seed, String prefix) {
        this.seed = seed;
        this.prefix = prefix;
        this.random = new SplittableRandom(seed);
    }

    /** The cases of a seed. */
    static List<VectorCase> of(long seed) {
        TransformerCases all = new TransformerCases(seed, "random-" + seed);
        for (int n : LENGTHS) {
            all.vectors(n);
        }
        all.norms();
        all.edges();
        all.rotations();
        all.attention();
        all.subnormalWeight();
        all.decoders();
        all.products();
        all.laterDecoders();
        all.sinksAndLimits();
        return List.copyOf(all.cases);
    }

    /**
     * Small decoders, of no published seed, with what others of their size have not: one, three and as many query heads
     * a head of keys, heads of odd sizes that are rotated in part, many experts and equal ones, three layers with
     * windows of their own over more positions than a small cache holds, a vocabulary past 8 bits, subnormal vectors.
     */
    static List<VectorCase> wideDecoders() {
        TransformerCases all = new TransformerCases(151, "wide");
        all.decoder(new Shape("one-key-head", 1, Format.U35, Activation.GELU, Rotation.Layout.INTERLEAVED, Norms.ALL)
                .capped()
                .withHeads(5, 1, 24)
                .rotatedIn(10)
                .sized(300, 40, 20));
        all.decoder(new Shape("equal-heads", 1, Format.G3, Activation.SILU, Rotation.Layout.SPLIT, Norms.AFTER)
                .withHeads(3, 3, 36)
                .rotatedIn(20)
                .sized(37, 40, 20));
        all.decoder(new Shape("long", 3, Format.U4, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .biased()
                .withHeads(3, 1, 8)
                .rotatedIn(6)
                .windowed(5, 0, 70)
                .sized(17, 16, 12)
                .fed(150));
        all.decoder(new Shape("seven-experts", 2, Format.G35, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .withExperts(7, 3, true)
                .withHeads(6, 2, 8)
                .sized(37, 24, 10));
        all.decoder(new Shape("19-experts", 1, Format.U3, Activation.GELU, Rotation.Layout.INTERLEAVED, Norms.BEFORE)
                .withExperts(19, 5, false)
                .withHeads(2, 2, 8)
                .sized(37, 24, 10));
        all.decoder(
                new Shape("19-experts-renormalised", 1, Format.G4, Activation.SILU, Rotation.Layout.SPLIT, Norms.ALL)
                        .withExperts(19, 5, true)
                        .withHeads(2, 2, 8)
                        .sized(37, 24, 10));
        all.decoder(new Shape("equal-experts", 1, Format.INT8, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .withExperts(6, 3, true)
                .equalRouters(3)
                .withHeads(2, 1, 8)
                .sized(37, 24, 10));
        all.decoder(new Shape("rotated-subnormal", 1, Format.T35, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .rotated()
                .withSubnormalOutput()
                .sized(37, 128, 64));
        return List.copyOf(all.cases);
    }

    private void operation(String kind, String rest, List<Part> inputs, Part expected, String... requirements) {
        operation(kind, rest, "Random", "random contents, seed " + seed, inputs, expected, requirements);
    }

    private void operation(
            String kind,
            String rest,
            String flag,
            String reason,
            List<Part> inputs,
            Part expected,
            String... requirements) {
        cases.add(new VectorCase.Operation(header(kind, rest, flag, reason, requirements), inputs, expected));
    }

    private Header header(String kind, String rest, String flag, String reason, String... requirements) {
        return new Header(
                "%s/%s/%s".formatted(prefix, kind, rest),
                kind,
                List.of(requirements),
                new LinkedHashMap<>(Map.of(flag, reason)));
    }

    private float[] gaussian(int n, float scale) {
        float[] values = new float[n];
        for (int k = 0; k < n; k++) {
            values[k] = scale * (float) random.nextGaussian();
        }
        return values;
    }

    private void vectors(int n) {
        float[] a = gaussian(n, 3);
        float[] b = gaussian(n, 0.5f);
        String rest = String.valueOf(n);
        operation(
                "dot-product",
                rest,
                List.of(Part.f32("a", a), Part.f32("b", b)),
                Part.f32("y", OperationOracle.dot(a, b)),
                "REQ-OPS-001",
                "REQ-OPS-002",
                "REQ-OPS-003");
        operation(
                "rms-norm",
                rest,
                List.of(Part.f32("x", a), Part.f32("weights", b), Part.f32("epsilon", 1e-6f)),
                Part.f32("y", OperationOracle.rmsNorm(a, b, 1e-6f)),
                "REQ-OPS-009");
        operation(
                "gated-silu",
                rest,
                List.of(Part.f32("g", a), Part.f32("u", b)),
                Part.f32("y", OperationOracle.gate(false, a, b)),
                "REQ-OPS-004",
                "REQ-OPS-005",
                "REQ-OPS-010");
        operation(
                "gated-gelu",
                rest,
                List.of(Part.f32("g", a), Part.f32("u", b)),
                Part.f32("y", OperationOracle.gate(true, a, b)),
                "REQ-OPS-004",
                "REQ-OPS-006",
                "REQ-OPS-010");
        operation(
                "residual",
                rest,
                List.of(Part.f32("x", a), Part.f32("d", b)),
                Part.f32("y", OperationOracle.plus(a, b)),
                "REQ-OPS-010");
        operation(
                "soft-cap",
                rest,
                List.of(Part.f32("x", a), Part.f32("cap", 2.5f)),
                Part.f32("y", capped(a, 2.5f)),
                "REQ-OPS-007",
                "REQ-OPS-008");
    }

    /** Many small norms: whether the root, its reciprocal and the mean are each rounded shows only now and then. */
    private void norms() {
        for (int i = 0; i < 16; i++) {
            float[] x = gaussian(3 + i, 1 + i);
            float[] weights = gaussian(3 + i, 1);
            operation(
                    "rms-norm",
                    "small-" + i,
                    List.of(Part.f32("x", x), Part.f32("weights", weights), Part.f32("epsilon", 1e-5f)),
                    Part.f32("y", OperationOracle.rmsNorm(x, weights, 1e-5f)),
                    "REQ-OPS-009");
        }
    }

    private static float[] capped(float[] x, float cap) {
        float[] y = new float[x.length];
        for (int k = 0; k < y.length; k++) {
            y[k] = OperationOracle.softCap(x[k], cap);
        }
        return y;
    }

    private void edges() {
        float[] ones = new float[EDGES.length];
        Arrays.fill(ones, 1);
        String reason = "zeros of both signs, the ends of exp, the switch of tanh, subnormals and large values";
        List<Part> gate = List.of(Part.f32("g", EDGES), Part.f32("u", ones));
        operation(
                "gated-silu",
                "edges",
                "Edges",
                reason,
                gate,
                Part.f32("y", OperationOracle.gate(false, EDGES, ones)),
                "REQ-OPS-004",
                "REQ-OPS-005");
        operation(
                "gated-gelu",
                "edges",
                "Edges",
                reason,
                gate,
                Part.f32("y", OperationOracle.gate(true, EDGES, ones)),
                "REQ-OPS-004",
                "REQ-OPS-006");
        operation(
                "soft-cap",
                "edges",
                "Edges",
                reason,
                List.of(Part.f32("x", EDGES), Part.f32("cap", 1)),
                Part.f32("y", capped(EDGES, 1)),
                "REQ-OPS-007",
                "REQ-OPS-008");
        float[] tiny = {0x1p-149f, -0x1p-140f, 0x1.8p-127f, 0x1p-126f, 0};
        float[] halves = {0.5f, 0.25f, 1, 0x1p-20f, -1};
        operation(
                "residual",
                "subnormal",
                "Subnormal",
                "a flush to zero shows",
                List.of(Part.f32("x", tiny), Part.f32("d", tiny)),
                Part.f32("y", OperationOracle.plus(tiny, tiny)),
                "REQ-OPS-001");
        operation(
                "dot-product",
                "subnormal",
                "Subnormal",
                "a flush to zero shows",
                List.of(Part.f32("a", tiny), Part.f32("b", halves)),
                Part.f32("y", OperationOracle.dot(tiny, halves)),
                "REQ-OPS-001",
                "REQ-OPS-003");
        // The product's low bits decide the sum: a fused operation keeps what rounding takes away.
        float[] a = {1 + 0x1p-12f, -1};
        float[] b = {1 + 0x1p-12f, 1 + 0x1p-11f};
        float[] wide = new float[32];
        float[] wideOther = new float[32];
        wide[0] = a[0];
        wide[16] = a[1];
        wideOther[0] = b[0];
        wideOther[16] = b[1];
        operation(
                "dot-product",
                "fused",
                "Fused",
                "a fused multiply-add keeps bits that rounding takes away",
                List.of(Part.f32("a", wide), Part.f32("b", wideOther)),
                Part.f32("y", OperationOracle.dot(wide, wideOther)),
                "REQ-OPS-001",
                "REQ-OPS-003");
    }

    private void rotations() {
        for (int position : new int[] {0, 1, 1000, (1 << 20) - 1}) {
            float[] frequencies = OperationOracle.frequencies(10_000, 16);
            float[] cosines = new float[frequencies.length];
            float[] sines = new float[frequencies.length];
            for (int i = 0; i < cosines.length; i++) {
                float[] angle = OperationOracle.angle(position, frequencies[i]);
                cosines[i] = angle[0];
                sines[i] = angle[1];
            }
            float[] x = gaussian(20, 1);
            List<Part> inputs = List.of(Part.f32("x", x), Part.f32("cosines", cosines), Part.f32("sines", sines));
            operation(
                    "rotate-split",
                    "" + position,
                    inputs,
                    Part.f32("y", OperationOracle.rotate(false, x, cosines, sines)),
                    "REQ-ROP-005");
            operation(
                    "rotate-interleaved",
                    "" + position,
                    inputs,
                    Part.f32("y", OperationOracle.rotate(true, x, cosines, sines)),
                    "REQ-ROP-005");
        }
    }

    private void attention() {
        int[][] shapes = {{0, 1, 16}, {0, 20, 16}, {5, 40, 8}, {17, 3, 64}};
        for (int[] shape : shapes) {
            for (float cap : new float[] {0, 5}) {
                int first = shape[0];
                float[] query = gaussian(shape[2], 2);
                float[][] keys = Stream.generate(() -> gaussian(query.length, 2))
                        .limit(shape[1])
                        .toArray(float[][]::new);
                float[][] values = Stream.generate(() -> gaussian(query.length, 1))
                        .limit(shape[1])
                        .toArray(float[][]::new);
                operation(
                        "attend",
                        "%d-%d/%d/cap-%s".formatted(first, first + shape[1] - 1, shape[2], cap),
                        List.of(
                                Part.f32("query", query),
                                Part.f32("keys", keys),
                                Part.f32("values", values),
                                Part.i32("first", first),
                                Part.f32("scale", 0.25f),
                                Part.f32("cap", cap)),
                        Part.f32("y", OperationOracle.attend(query, keys, values, first, 0.25f, cap)),
                        "REQ-ATT-004",
                        "REQ-ATT-005");
            }
        }
    }

    /** A score 95 below the largest has a subnormal weight, and nothing else reaches the output. */
    private void subnormalWeight() {
        float[] query = {1, 0};
        float[][] keys = {{0, 0}, {-95, 0}};
        float[][] values = {{0, 0}, {1e30f, -3e30f}};
        operation(
                "attend",
                "subnormal",
                "Subnormal",
                "a weight that is subnormal decides the output",
                List.of(
                        Part.f32("query", query),
                        Part.f32("keys", keys),
                        Part.f32("values", values),
                        Part.i32("first", 0),
                        Part.f32("scale", 1),
                        Part.f32("cap", 0)),
                Part.f32("y", OperationOracle.attend(query, keys, values, 0, 1, 0)),
                "REQ-OPS-001",
                "REQ-OPS-004",
                "REQ-ATT-005");
    }

    /** Matrices of binary32: lanes, tails, and rows beside the last full tile. */
    private void products() {
        for (int[] shape : new int[][] {{1, 1}, {3, 15}, {17, 64}, {33, 133}}) {
            float[][] matrix = Stream.generate(() -> gaussian(shape[1], 0.4f))
                    .limit(shape[0])
                    .toArray(float[][]::new);
            float[] x = gaussian(shape[1], 2);
            float[] y = new float[shape[0]];
            for (int row = 0; row < y.length; row++) {
                y[row] = OperationOracle.dot(matrix[row], x);
            }
            operation(
                    "matrix-product",
                    "%dx%d".formatted(shape[0], shape[1]),
                    List.of(Part.f32("matrix", matrix), Part.f32("x", x)),
                    Part.f32("y", y),
                    "REQ-OPS-011",
                    "REQ-OPS-003");
        }
    }

    /** Which norms a layer has. */
    private enum Norms {
        /** Before its halves. */
        BEFORE,
        /** Before and after its halves, and of each head. */
        ALL,
        /** After its halves, and over all heads. */
        AFTER
    }

    /** What a small decoder has. */
    private static final class Shape {
        private final String name;
        private final int layers;
        private final Format format;
        private final Activation activation;
        private final Rotation.Layout rotation;
        private final Norms norms;
        private boolean biases;
        private boolean caps;
        private int[] windows = {};
        private boolean rotated;
        private int vocabulary = 37;
        private int dim;
        private int heads = 4;
        private int keyValueHeads = 2;
        private int headSize = 16;
        private int ffn;
        private int rotatedElements;
        private int tokens = 19;
        private int routers;
        private boolean subnormal;
        private boolean factors;
        private float magnitude = 1;
        private boolean layerNorms;
        private boolean sinks;
        private boolean wide;
        private Experts experts = Experts.NONE;

        Shape(String name, int layers, Format format, Activation activation, Rotation.Layout rotation, Norms norms) {
            this.name = name;
            this.layers = layers;
            this.format = format;
            this.activation = activation;
            this.rotation = rotation;
            this.norms = norms;
        }

        /** Biases of query, key, value and attention output. */
        Shape biased() {
            biases = true;
            return this;
        }

        /** Caps of scores and logits. */
        Shape capped() {
            caps = true;
            return this;
        }

        /** Windows of the first layers. */
        Shape windowed(int... positions) {
            windows = positions;
            return this;
        }

        /** Heads of queries, of keys and values, and their elements. */
        Shape withHeads(int queries, int keys, int elements) {
            heads = queries;
            keyValueHeads = keys;
            headSize = elements;
            return this;
        }

        /** So many elements of a head are rotated, and the others are not. */
        Shape rotatedIn(int elements) {
            rotatedElements = elements;
            return this;
        }

        /** Tokens, and elements of the stream and of the feed-forward block. */
        Shape sized(int ofVocabulary, int ofStream, int ofBlock) {
            vocabulary = ofVocabulary;
            dim = ofStream;
            ffn = ofBlock;
            return this;
        }

        /** How many tokens are fed. */
        Shape fed(int count) {
            tokens = count;
            return this;
        }

        /** Experts e and e + {@code period} have the same row of the router, so that they are equal at every token. */
        Shape equalRouters(int period) {
            routers = period;
            return this;
        }

        /** An output norm that leaves subnormal numbers, and output weights that bring them back. */
        Shape withSubnormalOutput() {
            subnormal = true;
            return this;
        }

        /** Rotated matrices. */
        Shape rotated() {
            rotated = true;
            return this;
        }

        /**
         * Factors on what its layers add to the stream, on the logits, and on cosines and sines; the last layer has no
         * positions.
         */
        Shape withFactorsAndAnUnrotatedLayer() {
            factors = true;
            return this;
        }

        /**
         * Vectors of several blocks, and caps below 1; the embedding is in binary32 then, unless it is the output too.
         */
        Shape wide() {
            wide = true;
            return this;
        }

        /** A factor on cosines and sines. */
        Shape withMagnitude(float factor) {
            magnitude = factor;
            return this;
        }

        /** Norms before the halves and after the last layer that have biases. */
        Shape withLayerNorms() {
            layerNorms = true;
            return this;
        }

        /** Sinks of the attention; with experts also biases on the router and in each of them. */
        Shape withSinks() {
            sinks = true;
            return this;
        }

        /** Experts of each layer. */
        Shape withExperts(int count, int used, boolean renormalised) {
            experts = new Experts(count, used, renormalised);
            return this;
        }
    }

    private void decoders() {
        decoder(new Shape("one-layer", 1, Format.G35, Activation.SILU, Rotation.Layout.INTERLEAVED, Norms.BEFORE));
        decoder(new Shape("normed-windowed-capped", 2, Format.G35, Activation.GELU, Rotation.Layout.SPLIT, Norms.ALL)
                .capped()
                .windowed(6));
        decoder(new Shape("biased", 2, Format.U35, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE).biased());
        decoder(new Shape("rotated", 1, Format.T35, Activation.SILU, Rotation.Layout.INTERLEAVED, Norms.ALL).rotated());
        decoder(new Shape("normed-after", 2, Format.G35, Activation.SILU, Rotation.Layout.SPLIT, Norms.AFTER));
        decoder(new Shape("experts", 1, Format.G35, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .withExperts(5, 2, true));
        decoder(new Shape("experts-shares", 1, Format.INT8, Activation.SILU, Rotation.Layout.INTERLEAVED, Norms.BEFORE)
                .withExperts(3, 2, false));
        decoder(new Shape("factors-unrotated", 2, Format.G4, Activation.SILU, Rotation.Layout.INTERLEAVED, Norms.BEFORE)
                .capped()
                .withFactorsAndAnUnrotatedLayer());
        // Blocks of one input and of all but one; a window of the position alone.
        decoder(new Shape("wide-rotated-small-caps", 2, Format.T35, Activation.GELU, Rotation.Layout.SPLIT, Norms.ALL)
                .capped()
                .windowed(1)
                .rotated()
                .wide());
        decoder(new Shape(
                        "wide-real-embedding-one-expert",
                        1,
                        Format.G4,
                        Activation.SILU,
                        Rotation.Layout.INTERLEAVED,
                        Norms.BEFORE)
                .withExperts(1, 1, true)
                .wide());
    }

    /** Those that came later, so that all other contents stay what they were: as StableLM's layers are, and Phi's. */
    private void laterDecoders() {
        decoder(new Shape("layer-norms", 2, Format.G35, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .biased()
                .withLayerNorms()
                .rotatedIn(4));
        decoder(new Shape("partly-rotated", 1, Format.T35, Activation.SILU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .rotatedIn(12)
                .withMagnitude(1.1902381f)
                .windowed(9));
    }

    /** What gpt-oss has: sinks, the clamped product, biases on router and experts (REQ-ATT-006, REQ-OPS-013). */
    private void sinksAndLimits() {
        for (int n : new int[] {7, 64}) {
            clamped("" + n, "Random", "random contents, seed " + seed, gaussian(n, 5), gaussian(n, 5));
        }
        float[] gates = new float[EDGES.length + LIMITS.length];
        float[] ups = new float[gates.length];
        for (int k = 0; k < gates.length; k++) {
            gates[k] = k < LIMITS.length ? LIMITS[k] : EDGES[k - LIMITS.length];
            ups[k] = k % 2 == 0 ? LIMITS[k / 2 % LIMITS.length] : 0.25f;
        }
        clamped("edges", "Edges", "limits, the numbers beside them, and those beyond", gates, ups);
        int[][] shapes = {{0, 1, 16}, {5, 40, 8}};
        for (int[] shape : shapes) {
            float[] query = gaussian(shape[2], 2);
            float[][] keys = rows(shape[1], shape[2], 2);
            float[][] values = rows(shape[1], shape[2], 1);
            // A sink below all scores, among them, so far above that nearly all weight is its own, and none.
            for (float sink : new float[] {-20, 0.75f, 30, Float.NEGATIVE_INFINITY}) {
                for (float cap : sink == 0.75f ? new float[] {0, 5} : new float[] {0}) {
                    operation(
                            "attend-sink",
                            "%d-%d/%d/cap-%s/sink-%s"
                                    .formatted(
                                            shape[0],
                                            shape[0] + shape[1] - 1,
                                            shape[2],
                                            cap,
                                            Float.isInfinite(sink) ? "none" : sink),
                            List.of(
                                    Part.f32("query", query),
                                    Part.f32("keys", keys),
                                    Part.f32("values", values),
                                    Part.i32("first", shape[0]),
                                    Part.f32("scale", 0.25f),
                                    Part.f32("cap", cap),
                                    Part.f32("sink", sink)),
                            Part.f32("y", OperationOracle.attend(query, keys, values, shape[0], 0.25f, cap, sink)),
                            "REQ-ATT-004",
                            "REQ-ATT-005",
                            "REQ-ATT-006");
                }
            }
        }
        decoder(new Shape("sinks", 1, Format.G35, Activation.CLAMPED_SWIGLU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .biased()
                .withSinks()
                .windowed(7));
        decoder(new Shape(
                        "sinks-experts", 2, Format.U35, Activation.CLAMPED_SWIGLU, Rotation.Layout.SPLIT, Norms.BEFORE)
                .biased()
                .withSinks()
                .withMagnitude(1.3465736f)
                .windowed(5)
                .withExperts(5, 2, true));
    }

    private void clamped(String rest, String flag, String reason, float[] g, float[] u) {
        operation(
                "gated-swiglu",
                rest,
                flag,
                reason,
                List.of(Part.f32("g", g), Part.f32("u", u)),
                Part.f32("y", OperationOracle.clampedSwiglu(g, u)),
                "REQ-OPS-004",
                "REQ-OPS-013");
    }

    private float[][] rows(int count, int n, float scale) {
        return Stream.generate(() -> gaussian(n, scale)).limit(count).toArray(float[][]::new);
    }

    private void decoder(Shape shape) {
        boolean all = shape.norms == Norms.ALL;
        DecoderConfig config = new DecoderConfig(
                        shape.vocabulary,
                        shape.dim > 0 ? shape.dim : shape.wide ? 193 : shape.rotated ? 64 : 48,
                        shape.heads,
                        shape.keyValueHeads,
                        shape.headSize,
                        shape.ffn > 0 ? shape.ffn : shape.wide ? 127 : 80,
                        1e-6f,
                        all ? 6.9282f : 1,
                        0.25f,
                        shape.caps ? shape.wide ? 0.75f : 8 : 0,
                        shape.caps ? shape.wide ? 0.5f : 30 : 0,
                        shape.activation,
                        shape.rotation)
                .withScales(shape.factors ? 0.22f : 1, shape.factors ? 1 / 6f : 1)
                .withExperts(shape.experts);
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < shape.layers; i++) {
            layers.add(layer(config, shape, i));
        }
        Weights embedding = shape.wide && !all
                ? real(config.vocabulary(), config.dim())
                : matrix(shape, config.vocabulary(), config.dim());
        DecoderWeights weights = new DecoderWeights(
                config,
                embedding,
                layers,
                shape.subnormal ? gaussian(config.dim(), 0x1p-141f) : norm(config.dim()),
                all
                        ? embedding
                        : matrix(
                                Format.INT8,
                                shape.rotated,
                                config.vocabulary(),
                                config.dim(),
                                shape.subnormal ? 0x1p30f : 0.3f),
                shape.layerNorms ? gaussian(config.dim(), 0.3f) : null);
        int[] tokens = random.ints(shape.tokens, 0, config.vocabulary()).toArray();
        DecoderOracle oracle = new DecoderOracle(weights);
        float[][] logits = new float[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            logits[t] = oracle.feed(tokens[t]);
        }
        List<String> requirements = new ArrayList<>(List.of(
                "REQ-OPS-011",
                "REQ-ROP-001",
                "REQ-ROP-003",
                "REQ-ROP-004",
                "REQ-ATT-001",
                "REQ-ATT-002",
                "REQ-ATT-003",
                "REQ-DEC-001",
                "REQ-DEC-002",
                "REQ-DEC-003",
                "REQ-DEC-005"));
        if (shape.layerNorms) {
            requirements.add("REQ-OPS-012");
        }
        if (shape.factors || shape.magnitude != 1) {
            requirements.add("REQ-ROP-006");
        }
        if (shape.sinks) {
            requirements.addAll(List.of("REQ-ATT-006", "REQ-OPS-013"));
        }
        if (shape.experts.count() > 0) {
            requirements.addAll(List.of("REQ-EXP-001", "REQ-EXP-002"));
        }
        Header header = header(
                "decoder",
                shape.name,
                "Random",
                "random weights and tokens, seed %d; fed at once and one by one".formatted(seed),
                requirements.toArray(String[]::new));
        cases.add(new VectorCase.DecoderRun(header, weights, tokens, logits));
    }

    private LayerWeights layer(DecoderConfig config, Shape shape, int i) {
        LayerWeights layer = dense(config, shape, i);
        if (shape.experts.count() == 0) {
            return layer;
        }
        Weights.Real router = router(shape, config);
        List<ExpertWeights> experts = new ArrayList<>();
        for (int e = 0; e < shape.experts.count(); e++) {
            Weights gate = matrix(shape, config.ffn(), config.dim());
            Weights up = matrix(shape, config.ffn(), config.dim());
            Weights down = matrix(shape, config.dim(), config.ffn());
            // Large ones, so that some of what they are added to is beyond the limits.
            experts.add(
                    shape.sinks
                            ? new ExpertWeights(
                                    gate,
                                    up,
                                    down,
                                    Map.of(
                                            TensorRole.GATE, gaussian(config.ffn(), 4),
                                            TensorRole.UP, gaussian(config.ffn(), 4),
                                            TensorRole.DOWN, gaussian(config.dim(), 0.5f)))
                            : new ExpertWeights(gate, up, down));
        }
        LayerWeights mixed = layer.withExperts(router, experts);
        return shape.sinks ? mixed.withVector(TensorRole.ROUTER_BIAS, gaussian(experts.size(), 0.5f)) : mixed;
    }

    private Weights.Real router(Shape shape, DecoderConfig config) {
        if (shape.routers == 0) {
            return real(shape.experts.count(), config.dim());
        }
        float[][] rows = new float[shape.experts.count()][];
        for (int e = 0; e < rows.length; e++) {
            rows[e] = e < shape.routers ? gaussian(config.dim(), 0.4f) : rows[e - shape.routers].clone();
        }
        return new Weights.Real(FloatMatrix.of(rows));
    }

    private Weights.Real real(int rows, int columns) {
        return new Weights.Real(FloatMatrix.of(
                Stream.generate(() -> gaussian(columns, 0.4f)).limit(rows).toArray(float[][]::new)));
    }

    private LayerWeights dense(DecoderConfig config, Shape shape, int i) {
        return LayerWeights.of(
                role -> role == TensorRole.VALUE
                        ? matrix(Format.INT8, false, role.rows(config), role.columns(config))
                        : matrix(shape, role.rows(config), role.columns(config)),
                role -> vector(role, shape, role.columns(config)),
                i < shape.windows.length ? shape.windows[i] : 0,
                new Rotary(
                        shape.factors && i == shape.layers - 1
                                ? new float[0]
                                : OperationOracle.frequencies(
                                        i == 0 ? 10_000 : 500_000,
                                        shape.rotatedElements > 0 ? shape.rotatedElements : config.headSize()),
                        shape.factors ? 1.1386294f : shape.magnitude,
                        null,
                        0));
    }

    private float @Nullable [] vector(TensorRole role, Shape shape, int n) {
        return switch (role) {
            case QUERY_BIAS, KEY_BIAS, VALUE_BIAS, ATTENTION_OUTPUT_BIAS -> shape.biases ? gaussian(n, 0.3f) : null;
            case ATTENTION_NORM, FEED_FORWARD_NORM -> shape.norms == Norms.AFTER ? null : norm(n);
            case ATTENTION_NORM_BIAS, FEED_FORWARD_NORM_BIAS -> shape.layerNorms ? gaussian(n, 0.3f) : null;
            case ATTENTION_SINKS -> shape.sinks ? gaussian(n, 2) : null;
            // Of layers with experts alone, which come to it later.
            case ROUTER_BIAS -> null;
            case QUERY_NORM, KEY_NORM -> shape.norms == Norms.ALL ? norm(n) : null;
            case QUERY_ROW_NORM, KEY_ROW_NORM -> shape.norms == Norms.AFTER ? norm(n) : null;
            default -> shape.norms == Norms.BEFORE ? null : norm(n);
        };
    }

    private float[] norm(int n) {
        float[] values = gaussian(n, 0.25f);
        for (int k = 0; k < n; k++) {
            values[k] += 1;
        }
        return values;
    }

    private Weights matrix(Shape shape, int rows, int columns) {
        return matrix(shape.format, shape.rotated, rows, columns);
    }

    /** A row of random codes, where finding those of given weights takes long; about as large as the others. */
    private Oracle.Row anyRow(Oracle oracle, int columns) {
        byte[] codes = new byte[columns];
        for (int k = 0; k < columns; k++) {
            codes[k] = (byte) random.nextInt(1 << oracle.width(k));
        }
        byte[] subscales = new byte[(columns + 63) / 64];
        for (int b = 0; b < subscales.length; b++) {
            subscales[b] = (byte) random.nextInt(6, 14);
        }
        return new Oracle.Row(0.004f, codes, subscales);
    }

    private Weights matrix(Format format, boolean rotated, int rows, int columns) {
        return matrix(format, rotated, rows, columns, 0.3f);
    }

    private Weights matrix(Format format, boolean rotated, int rows, int columns, float deviation) {
        PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, rotated, Arena.ofAuto());
        Oracle oracle = Oracle.of(format.name());
        for (int row = 0; row < rows; row++) {
            Oracle.Row quantized =
                    oracle.windowed() ? anyRow(oracle, columns) : oracle.quantizeRow(gaussian(columns, deviation));
            matrix.putRow(row, new QuantizedRow(format, quantized.scale(), quantized.codes(), quantized.subscales()));
        }
        return new Weights.Quantized(matrix);
    }
}
