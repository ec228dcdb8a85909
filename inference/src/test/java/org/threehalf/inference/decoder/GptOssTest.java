package org.threehalf.inference.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.ExpertWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.calibrate.CalibratedModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.ModelExport;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.format.Format;

/** gpt-oss: sinks, the clamped product, biases on router and experts, experts in MXFP4 (REQ-ATT-006, REQ-OPS-013). */
class GptOssTest {
    private static final QuantizedModelWriter.Listener QUIET = new QuantizedModelWriter.Listener() {};

    @TempDir
    private Path folder;

    private static GgufFile open() throws IOException {
        return GgufReader.open(TinyModels.ofFolders("gpt-oss.gguf"));
    }

    private static int[] tokens() throws IOException {
        return TinyModels.expectedOfFolders("gpt-oss").tokens();
    }

    /** REQ-ARC-001: what its layers have, and every other layer a window. */
    @Test
    void parts() throws IOException {
        try (GgufFile file = open()) {
            List<LayerWeights> layers = DecoderReader.read(file).layers();
            assertEquals(
                    List.of(6, 0), layers.stream().map(LayerWeights::window).toList());
            for (LayerWeights layer : layers) {
                for (TensorRole role : List.of(
                        TensorRole.ATTENTION_SINKS,
                        TensorRole.ROUTER_BIAS,
                        TensorRole.QUERY_BIAS,
                        TensorRole.ATTENTION_OUTPUT_BIAS,
                        TensorRole.FEED_FORWARD_NORM)) {
                    assertTrue(layer.has(role), role.label());
                }
                assertFalse(layer.has(TensorRole.POST_ATTENTION_NORM));
                assertEquals(3, layer.experts().getLast().biases().size());
            }
        }
    }

    /** REQ-DEC-002: seeded faults: a model that leaves one of its parts out has other logits. */
    @Test
    void everyPartCounts() throws IOException {
        List<UnaryOperator<LayerWeights>> faults = List.of(
                layer -> layer.withVector(TensorRole.ATTENTION_SINKS, null),
                layer -> layer.withVector(TensorRole.ROUTER_BIAS, null),
                layer -> layer.withVector(TensorRole.ATTENTION_OUTPUT_BIAS, null),
                layer -> withoutBias(layer, TensorRole.GATE),
                layer -> withoutBias(layer, TensorRole.UP),
                layer -> withoutBias(layer, TensorRole.DOWN));
        try (GgufFile file = open()) {
            DecoderWeights right = DecoderReader.read(file);
            float[] expected = TinyModels.logits(right, "reference", tokens(), 24)[23];
            for (UnaryOperator<LayerWeights> fault : faults) {
                DecoderWeights wrong = right.with(
                        right.embedding(), right.layers().stream().map(fault).toList(), right.output());
                float[] actual = TinyModels.logits(wrong, "reference", tokens(), 24)[23];
                double largest = 0;
                for (int i = 0; i < actual.length; i++) {
                    largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
                }
                assertTrue(largest > 1e-3, "fault " + faults.indexOf(fault) + ": " + largest);
            }
        }
    }

    private static LayerWeights withoutBias(LayerWeights layer, TensorRole role) {
        return layer.withExperts(
                layer.matrix(TensorRole.ROUTER),
                layer.experts().stream()
                        .map(e -> {
                            Map<TensorRole, float[]> biases = new java.util.HashMap<>(e.biases());
                            biases.remove(role);
                            return new ExpertWeights(e.gate(), e.up(), e.down(), biases);
                        })
                        .toList());
    }

    /**
     * REQ-DEC-005: quantised, calibrated or not, the same bits on every backend of the host; what calibration makes is
     * not what rounding makes; and the plain file that is written of INT8 has the weights and the biases that it had.
     */
    @Test
    void quantized() throws IOException {
        for (Format format : List.of(Format.T35, Format.INT8)) {
            Path target = folder.resolve(format + ".gguf");
            Path calibrated = folder.resolve(format + "-calibrated.gguf");
            FormatChoice choice = FormatChoice.uniform(format);
            try (GgufFile file = open();
                    Backend backend = BackendProvider.named("simd").open();
                    Arena arena = Arena.ofShared()) {
                QuantizedModelWriter.quantize(file, target, choice, QUIET);
                CalibratedModel matrices =
                        CalibratedModel.of(file, List.of(tokens(), tokens()), choice, backend, QUIET, arena);
                // The output matrix, and of two layers four matrices and three stacks.
                assertEquals(1 + 2 * 7, matrices.size());
                QuantizedModelWriter.quantize(file, calibrated, choice, matrices, "calibrated", QUIET);
            }
            try (QuantizedModel model = QuantizedModel.open(target);
                    QuantizedModel other = QuantizedModel.open(calibrated)) {
                DecoderWeights weights = DecoderReader.read(model);
                float[][] expected = TinyModels.logits(weights, "reference", tokens(), 1);
                for (String backend : List.of("lut", "simd")) {
                    assertTrue(
                            Arrays.deepEquals(expected, TinyModels.logits(weights, backend, tokens(), 9)),
                            format + " on " + backend);
                }
                assertFalse(Arrays.deepEquals(
                        expected, TinyModels.logits(DecoderReader.read(other), "reference", tokens(), 1)));
                if (format == Format.INT8) {
                    Path plain = folder.resolve("plain.gguf");
                    ModelExport.write(model.file(), plain, ModelExport.Type.F32, row -> {});
                    try (GgufFile file = GgufReader.open(plain)) {
                        assertSameExperts(weights, DecoderReader.read(file));
                    }
                }
            }
        }
    }

    private static void assertSameExperts(DecoderWeights expected, DecoderWeights actual) {
        for (int i = 0; i < expected.layers().size(); i++) {
            for (int e = 0; e < expected.config().experts().count(); e++) {
                ExpertWeights one = expected.layers().get(i).experts().get(e);
                ExpertWeights other = actual.layers().get(i).experts().get(e);
                for (TensorRole role : List.of(TensorRole.GATE, TensorRole.UP, TensorRole.DOWN)) {
                    assertArrayEquals(one.biases().get(role), other.biases().get(role), role.label());
                    float[] row = new float[one.matrix(role).columns()];
                    float[] again = new float[row.length];
                    for (int r = 0; r < one.matrix(role).rows(); r++) {
                        one.matrix(role).read(r, row);
                        other.matrix(role).read(r, again);
                        assertArrayEquals(row, again, role.label());
                    }
                }
            }
        }
    }

    private Path withSinks(int layer, float value) throws IOException {
        return TinyModels.copy(
                TinyModels.ofFolders("gpt-oss.gguf"), folder.resolve("s.gguf"), metadata -> metadata, tensor -> {
                    if (!tensor.info().name().equals(TensorRole.ATTENTION_SINKS.ggufName(layer))) {
                        return tensor;
                    }
                    float[] sinks = new float[(int) tensor.info().elements()];
                    Arrays.fill(sinks, value);
                    return new TinyModels.Entry(tensor.info(), MemorySegment.ofArray(sinks));
                });
    }

    /** REQ-ATT-006: a sink of −∞ changes no bit, in a file and in what is exported of it; others that are none do. */
    @Test
    void sinksThatAreNone() throws IOException {
        Path exported = folder.resolve("e.gguf");
        try (GgufFile file = open();
                GgufFile none = GgufReader.open(withSinks(1, Float.NEGATIVE_INFINITY))) {
            DecoderWeights right = DecoderReader.read(file);
            LayerWeights without = right.layers().get(1).withVector(TensorRole.ATTENTION_SINKS, null);
            float[][] expected = TinyModels.logits(
                    right.with(right.embedding(), List.of(right.layers().getFirst(), without), right.output()),
                    "reference",
                    tokens(),
                    24);
            assertFalse(Arrays.deepEquals(expected, TinyModels.logits(right, "reference", tokens(), 24)));
            for (String backend : List.of("reference", "simd")) {
                assertTrue(Arrays.deepEquals(
                        expected, TinyModels.logits(DecoderReader.read(none), backend, tokens(), 24)));
            }
            ModelExport.write(none, exported, ModelExport.Type.F32, row -> {});
        }
        try (GgufFile file = GgufReader.open(exported)) {
            assertArrayEquals(
                    new float[] {
                        Float.NEGATIVE_INFINITY,
                        Float.NEGATIVE_INFINITY,
                        Float.NEGATIVE_INFINITY,
                        Float.NEGATIVE_INFINITY
                    },
                    file.tensor("blk.1.attn_sinks.weight").toFloats());
        }
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            try (GgufFile file = GgufReader.open(withSinks(0, wrong))) {
                String message = assertThrows(ModelFormatException.class, () -> DecoderReader.read(file))
                        .getMessage();
                assertEquals("s.gguf: layer 0: attention sinks: number 0 is " + wrong, message);
            }
        }
    }

    /** Metadata that contradicts the tensors or itself, or lacks what no default can be known of. */
    @Test
    void metadataThatCannotBeRight() throws IOException {
        GgufValue none = GgufValue.of("absent");
        for (Object[] wrong : new Object[][] {
            {"attention.sliding_window", none, "metadata gpt-oss.attention.sliding_window is missing"},
            {"expert_weights_norm", GgufValue.of(false), "gpt-oss.expert_weights_norm is false: shares are"},
            {"rope.scaling.type", none, "gpt-oss.rope.scaling.type is missing: without it positions are scaled linearly"
            },
            {"rope.scale_linear", GgufValue.ofFloat32(8), "gpt-oss.rope.scale_linear is 8.0: it must be what"},
            {"vocab_size", GgufValue.ofUint32(266), "gpt-oss.vocab_size is 266: the embedding has 267 rows"},
            {
                "feed_forward_length",
                GgufValue.ofUint32(65),
                "gpt-oss.feed_forward_length is 65: it must be what expert_feed_forward_length is (64)"
            },
            {"expert_feed_forward_length", GgufValue.ofUint32(32), "gpt-oss.feed_forward_length is 64"},
            {"rope.scaling.factor", GgufValue.ofFloat32(0), "gpt-oss.rope.scaling.factor is 0.0: rope.scaling.type is"},
            {"rope.scaling.factor", GgufValue.ofFloat32(0.5f), "gpt-oss.rope.scaling.factor is 0.5"},
            {"rope.scaling.factor", GgufValue.ofFloat32(Float.NaN), "gpt-oss.rope.scaling.factor is NaN"},
            {"rope.scaling.factor", none, "gpt-oss.rope.scaling.factor is missing"},
            {
                "attention.layer_norm_rms_epsilon",
                GgufValue.ofFloat32(0),
                "gpt-oss.attention.layer_norm_rms_epsilon is 0.0: it must lie above 0, and be at most 1"
            },
            {"attention.layer_norm_rms_epsilon", GgufValue.ofFloat32(1e9f), "layer_norm_rms_epsilon is 1.0E9"},
            {"attention.layer_norm_rms_epsilon", GgufValue.ofFloat32(Float.NaN), "layer_norm_rms_epsilon is NaN"}
        }) {
            Path changed = TinyModels.copy(
                    TinyModels.ofFolders("gpt-oss.gguf"),
                    folder.resolve("m.gguf"),
                    metadata -> {
                        if (wrong[1] == none) {
                            metadata.remove("gpt-oss." + wrong[0]);
                        } else {
                            metadata.put("gpt-oss." + wrong[0], (GgufValue) wrong[1]);
                        }
                        return metadata;
                    },
                    tensor -> tensor);
            try (GgufFile file = GgufReader.open(changed)) {
                String message = assertThrows(
                                ModelFormatException.class, () -> DecoderReader.read(file), String.valueOf(wrong[0]))
                        .getMessage();
                assertTrue(message.contains((String) wrong[2]), message);
            }
        }
    }

    /** A file that lacks a part is refused by name. */
    @Test
    void missingParts() throws IOException {
        for (String name : List.of(
                "blk.1.attn_sinks.weight",
                "blk.0.ffn_gate_inp.bias",
                "blk.1.attn_q.bias",
                "blk.0.attn_output.bias",
                "blk.0.ffn_up_exps.bias",
                "blk.1.ffn_down_exps.weight",
                "blk.0.post_attention_norm.weight")) {
            Path changed = TinyModels.copy(
                    TinyModels.ofFolders("gpt-oss.gguf"),
                    folder.resolve("m.gguf"),
                    metadata -> metadata,
                    tensor -> tensor.info().name().equals(name) ? null : tensor);
            try (GgufFile file = GgufReader.open(changed)) {
                String message = assertThrows(ModelFormatException.class, () -> DecoderReader.read(file))
                        .getMessage();
                assertTrue(message.contains("tensor " + name + " is missing"), message);
            }
        }
    }
}
