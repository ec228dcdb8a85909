package org.threehalf.backends.groq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Rotary;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.RotaryFrequencies;
import org.threehalf.kernels.transformer.Rotation;

/**
 * Whole layers, against the host's decoder on the reference backend: small random models that between them have all
 * that a layer can have.
 */
@ExtendWith(WithMlir.class)
class MlirDecoderTest {

    private static final int TOKENS = 37;

    private static final DecoderConfig LLAMA_LIKE =
            new DecoderConfig(11, 48, 4, 2, 24, 70, 1e-5f, 1, 0.2f, 0, 0, Activation.SILU, Rotation.Layout.INTERLEAVED);
    private static final DecoderConfig GEMMA_LIKE =
            new DecoderConfig(11, 40, 3, 1, 16, 96, 1e-6f, 6.3f, 0.25f, 30, 20, Activation.GELU, Rotation.Layout.SPLIT);

    private static Backend backend;
    private static Backend reference;

    @BeforeAll
    static void open() {
        backend = new MlirBackend("groq-mlir", WithMlir.compiler(), new ProductGenerator());
        reference = BackendProvider.named("reference").open();
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            backend.close();
            reference.close();
        }
    }

    /** Makes random models. */
    private record Maker(DecoderConfig config, SplittableRandom random, Arena arena) {

        float[] vector(int count, double low, double high) {
            float[] values = new float[count];
            for (int k = 0; k < count; k++) {
                values[k] = (float) random.nextDouble(low, high);
            }
            return values;
        }

        Weights quantized(Format format, int rows, int columns) {
            PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
            for (int row = 0; row < rows; row++) {
                matrix.putRow(row, QuantizedRow.quantize(format, vector(columns, -0.3, 0.3)));
            }
            return new Weights.Quantized(matrix);
        }

        Weights real(int rows, int columns) {
            float[][] values = new float[rows][];
            Arrays.setAll(values, row -> vector(columns, -1, 1));
            return new Weights.Real(FloatMatrix.of(values));
        }

        private float @Nullable [] optional(boolean there, int count, double low, double high) {
            return there ? vector(count, low, high) : null;
        }

        LayerWeights layer(Format[] formats, boolean everything, int window, int pairs) {
            return LayerWeights.of(
                    role -> quantized(
                            formats[TensorRole.layerMatrices().indexOf(role)], role.rows(config), role.columns(config)),
                    role -> switch (role) {
                        case QUERY_BIAS,
                                KEY_BIAS,
                                VALUE_BIAS,
                                ATTENTION_OUTPUT_BIAS,
                                ATTENTION_NORM_BIAS,
                                FEED_FORWARD_NORM_BIAS -> optional(everything, role.columns(config), -0.1, 0.1);
                        case ATTENTION_NORM, FEED_FORWARD_NORM -> vector(role.columns(config), 0.5, 1.5);
                        case QUERY_ROW_NORM, KEY_ROW_NORM, ROUTER_BIAS -> null;
                        default -> optional(everything, role.columns(config), 0.5, 1.5);
                    },
                    window,
                    pairs == 0 ? new float[0] : RotaryFrequencies.of(10_000, 2 * pairs));
        }

        /** With norms after its halves and over all heads, and none before. */
        LayerWeights normedAfter(Format format, int pairs) {
            return LayerWeights.of(
                    role -> quantized(format, role.rows(config), role.columns(config)),
                    role -> switch (role) {
                        case QUERY_ROW_NORM, KEY_ROW_NORM, POST_ATTENTION_NORM, POST_FEED_FORWARD_NORM ->
                            vector(role.columns(config), 0.5, 1.5);
                        default -> null;
                    },
                    0,
                    new Rotary(pairs == 0 ? new float[0] : RotaryFrequencies.of(10_000, 2 * pairs), 1.25f, null, 0));
        }

        DecoderWeights model(boolean realOutput, LayerWeights... layers) {
            Weights embedding = real(config.vocabulary(), config.dim());
            Weights output = realOutput ? embedding : quantized(Format.G35, config.vocabulary(), config.dim());
            return new DecoderWeights(config, embedding, List.of(layers), vector(config.dim(), 0.5, 1.5), output);
        }
    }

    private static DecoderWeights llamaLike(Arena arena) {
        Maker maker = new Maker(LLAMA_LIKE, new SplittableRandom(1), arena);
        return maker.model(
                false, maker.layer(Format.values(), false, 0, 12), maker.layer(Format.values(), false, 0, 12));
    }

    private static DecoderWeights gemmaLike(Arena arena) {
        Maker maker = new Maker(GEMMA_LIKE, new SplittableRandom(2), arena);
        Format[] g35 = new Format[7];
        Arrays.fill(g35, Format.G35);
        return maker.model(true, maker.layer(g35, true, 5, 6), maker.layer(g35, false, 0, 0));
    }

    private static float[][] logits(Decoder decoder, int vocabulary) {
        SplittableRandom random = new SplittableRandom(3);
        List<float[]> all = new ArrayList<>();
        for (int t = 0; t < TOKENS; t++) {
            float[][] logits = new float[1][vocabulary];
            decoder.forward(new int[] {random.nextInt(vocabulary)}, t, logits);
            all.add(logits[0]);
        }
        return all.toArray(float[][]::new);
    }

    private static void assertSameLogits(DecoderWeights weights) {
        float[][] expected;
        try (Decoder decoder = reference.decoder(weights, TOKENS)) {
            expected = logits(decoder, weights.config().vocabulary());
        }
        try (Decoder decoder = assertInstanceOf(MlirDecoder.class, backend.decoder(weights, TOKENS))) {
            float[][] actual = logits(decoder, weights.config().vocabulary());
            for (int t = 0; t < TOKENS; t++) {
                assertArrayEquals(bits(expected[t]), bits(actual[t]), "logits at position " + t);
            }
            assertFalse(Arrays.equals(actual[0], actual[TOKENS - 1]), "logits that do not change show nothing");
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    /**
     * REQ-DEC-001 to REQ-DEC-003, REQ-ATT-001 to REQ-ATT-005, REQ-ROP-005, REQ-OPS-009 to REQ-OPS-011: every format in
     * one layer, grouped heads, interleaved pairs.
     */
    @Test
    void llamaLike() {
        try (Arena arena = Arena.ofShared()) {
            assertSameLogits(llamaLike(arena));
        }
    }

    /**
     * As {@link #llamaLike}, and REQ-OPS-012, REQ-ATT-006: sinks, biases, also on the norms, norms of heads and after
     * blocks, a window, capped scores, a part of a head rotated in split pairs; and a layer without all that.
     */
    @Test
    void gemmaLike() {
        try (Arena arena = Arena.ofShared()) {
            assertSameLogits(gemmaLike(arena));
        }
    }

    /**
     * As {@link #llamaLike}: norms after the halves and over all heads, factors on what is added, on the logits and on
     * the angles; and a layer without positions.
     */
    @Test
    void normedAfterWithFactors() {
        try (Arena arena = Arena.ofShared()) {
            Maker maker = new Maker(LLAMA_LIKE.withScales(0.22f, 0.125f), new SplittableRandom(4), arena);
            assertSameLogits(maker.model(false, maker.normedAfter(Format.G35, 12), maker.normedAfter(Format.U4, 0)));
        }
    }

    /** REQ-EXP-002: a model with experts runs on the host, with the experts' products on the device. */
    @Test
    void expertsAreMixedOnTheHost() {
        try (Arena arena = Arena.ofShared()) {
            DecoderConfig config = LLAMA_LIKE.withExperts(new DecoderConfig.Experts(3, 2, true));
            Maker maker = new Maker(config, new SplittableRandom(6), arena);
            List<ExpertWeights> experts = new ArrayList<>();
            for (int e = 0; e < 3; e++) {
                experts.add(new ExpertWeights(
                        maker.quantized(Format.G35, 70, 48),
                        maker.quantized(Format.INT8, 70, 48),
                        maker.quantized(Format.U4, 48, 70)));
            }
            DecoderWeights weights = maker.model(
                    false, maker.layer(Format.values(), false, 0, 12).withExperts(maker.real(3, 48), experts));
            float[][] expected = new float[3][11];
            float[][] actual = new float[3][11];
            try (Decoder right = reference.decoder(weights, 4);
                    Decoder decoder = assertInstanceOf(HostDecoder.class, backend.decoder(weights, 4))) {
                right.forward(new int[] {1, 7, 5}, 0, expected);
                decoder.forward(new int[] {1, 7, 5}, 0, actual);
            }
            for (int t = 0; t < 3; t++) {
                assertArrayEquals(bits(expected[t]), bits(actual[t]));
            }
        }
    }

    /** REQ-DEC-005: a prompt at once and again from a position before. */
    @Test
    void groupings() {
        try (Arena arena = Arena.ofShared()) {
            DecoderWeights weights = gemmaLike(arena);
            float[][] expected = new float[4][11];
            float[][] actual = new float[4][11];
            try (Decoder decoder = reference.decoder(weights, 20)) {
                decoder.forward(new int[] {1, 2, 3, 4, 5, 6}, 0, expected);
            }
            try (Decoder decoder = backend.decoder(weights, 20)) {
                decoder.forward(new int[] {1, 2, 3, 9, 9, 9, 9, 9}, 0, new float[0][]);
                decoder.forward(new int[] {4, 5, 6}, 3, new float[0][]);
                decoder.forward(new int[] {3, 4, 5, 6}, 2, actual);
            }
            for (int t = 0; t < 4; t++) {
                assertArrayEquals(bits(expected[t]), bits(actual[t]));
            }
        }
    }

    /** REQ-DEC-004: activations that cannot be quantised end the run; so do tokens and positions that are not there. */
    @Test
    void refuses() {
        try (Arena arena = Arena.ofShared()) {
            DecoderWeights weights = gemmaLike(arena);
            float[] norm = weights.layers().getFirst().vector(TensorRole.ATTENTION_NORM);
            try (Decoder decoder = backend.decoder(weights, 20)) {
                assertThrows(IllegalArgumentException.class, () -> decoder.forward(new int[] {11}, 0, new float[0][]));
                assertThrows(IllegalArgumentException.class, () -> decoder.forward(new int[] {1}, 1, new float[0][]));
                assertThrows(IllegalArgumentException.class, () -> decoder.forward(new int[21], 0, new float[0][]));
                assertThrows(IllegalArgumentException.class, () -> decoder.forward(new int[] {}, 0, new float[0][]));
            }
            Arrays.fill(norm, 0x1p100f);
            try (Decoder decoder = backend.decoder(weights, 20)) {
                IllegalArgumentException refusal = assertThrows(
                        IllegalArgumentException.class, () -> decoder.forward(new int[] {1}, 0, new float[0][]));
                assertTrue(
                        refusal.getMessage().startsWith("layer 0 at position 0: an activation of magnitude"),
                        refusal.getMessage());
            }
        }
    }

    /** A model with a matrix that is not quantised runs on the host, with products on the device. */
    @Test
    void realMatrices() {
        try (Arena arena = Arena.ofShared()) {
            Maker maker = new Maker(LLAMA_LIKE, new SplittableRandom(1), arena);
            LayerWeights layer = maker.layer(Format.values(), false, 0, 12);
            LayerWeights real =
                    layer.withMatrices(role -> role == TensorRole.UP ? maker.real(70, 48) : layer.matrix(role));
            try (Decoder decoder = backend.decoder(maker.model(true, real), 4)) {
                assertInstanceOf(HostDecoder.class, decoder);
            }
        }
    }
}
