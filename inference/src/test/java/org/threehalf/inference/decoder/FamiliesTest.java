package org.threehalf.inference.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.ModelShape;
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
import org.threehalf.inference.plan.ModelPlan;
import org.threehalf.kernels.format.Format;

/**
 * What the architectures beside Llama, Qwen and Gemma have of their own: quantised, calibrated, planned and written
 * back.
 */
@Tag("instructions")
class FamiliesTest {

    @TempDir
    private Path folder;

    /**
     * REQ-DEC-002, REQ-DEC-005: the same bits on every backend of the host; the plain file that is written of INT8 has
     * the weights that the codes stand for, each where it was.
     */
    @ParameterizedTest
    @ValueSource(strings = {"smollm3", "granite", "olmo2", "olmo3", "phi3-long", "qwen3-yarn", "stablelm"})
    void quantized(String name) throws IOException {
        int[] tokens = TinyModels.expectedOfFolders(name).tokens();
        for (Format format : List.of(Format.T35, Format.G35, Format.INT8)) {
            Path target = folder.resolve(name + "-" + format + ".gguf");
            try (GgufFile file = GgufReader.open(TinyModels.ofFolders(name + ".gguf"))) {
                QuantizedModelWriter.quantize(
                        file, target, FormatChoice.uniform(format), new QuantizedModelWriter.Listener() {});
            }
            try (QuantizedModel model = QuantizedModel.open(target)) {
                DecoderWeights weights = DecoderReader.read(model);
                float[][] expected = TinyModels.logits(weights, "reference", tokens, 1);
                for (String backend : List.of("lut", "simd")) {
                    assertTrue(
                            Arrays.deepEquals(expected, TinyModels.logits(weights, backend, tokens, 9)),
                            format + " on " + backend);
                }
                if (format == Format.INT8) {
                    Path plain = folder.resolve(name + "-plain.gguf");
                    ModelExport.write(model.file(), plain, ModelExport.Type.F32, row -> {});
                    try (GgufFile file = GgufReader.open(plain)) {
                        LayerWeights written = DecoderReader.read(file).layers().getLast();
                        weights.layers().getLast().matrices().forEach((role, matrix) -> {
                            float[] row = new float[matrix.columns()];
                            float[] again = new float[matrix.columns()];
                            for (int i = 0; i < matrix.rows(); i++) {
                                matrix.read(i, row);
                                written.matrix(role).read(i, again);
                                assertArrayEquals(row, again, name + ": " + role.label());
                            }
                        });
                    }
                }
            }
        }
    }

    /** A plan counts every number of the file, but for factors of frequencies, which no plan knows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "smollm3",
                "granite",
                "olmo2",
                "olmo3",
                "phi3",
                "stablelm",
                "mixtral",
                "qwen3moe",
                "olmoe",
                "gpt-oss"
            })
    void plans(String name) throws IOException {
        try (GgufFile file = GgufReader.open(TinyModels.ofFolders(name + ".gguf"))) {
            long numbers = file.tensors().stream()
                    .filter(tensor -> !tensor.name().startsWith("rope_"))
                    .mapToLong(tensor -> tensor.info().elements())
                    .sum();
            assertEquals(
                    numbers,
                    ModelPlan.of(ModelShape.of(name, DecoderReader.read(file)), Format.G35)
                            .weights());
        }
    }

    /** Matrices that are rows of one tensor, and norms in other places. */
    @ParameterizedTest
    @ValueSource(strings = {"phi3", "olmo2", "stablelm"})
    void calibrated(String name) throws IOException {
        int[] tokens = TinyModels.expectedOfFolders(name).tokens();
        Path plain = folder.resolve("plain.gguf");
        Path target = folder.resolve("calibrated.gguf");
        FormatChoice choice = FormatChoice.uniform(Format.G35);
        try (Backend backend = BackendProvider.named("simd").open();
                GgufFile file = GgufReader.open(TinyModels.ofFolders(name + ".gguf"));
                Arena arena = Arena.ofShared()) {
            CalibratedModel matrices = CalibratedModel.of(
                    file, List.of(tokens, tokens), choice, backend, new QuantizedModelWriter.Listener() {}, arena);
            QuantizedModelWriter.quantize(
                    file, target, choice, matrices, "calibrated", new QuantizedModelWriter.Listener() {});
            QuantizedModelWriter.quantize(file, plain, choice, new QuantizedModelWriter.Listener() {});
            // Every matrix, and none left for the writer to quantise without its inputs.
            assertEquals(name.equals("phi3") ? 1 + 2 * 4 : 1 + 2 * 7, matrices.size());
        }
        try (QuantizedModel one = QuantizedModel.open(target);
                QuantizedModel other = QuantizedModel.open(plain)) {
            assertFalse(Arrays.deepEquals(
                    TinyModels.logits(DecoderReader.read(one), "reference", tokens, 24),
                    TinyModels.logits(DecoderReader.read(other), "reference", tokens, 24)));
        }
    }

    private String refusalOfStableLm(UnaryOperator<SequencedMap<String, GgufValue>> metadata, TinyModels.Change change)
            throws IOException {
        Path changed =
                TinyModels.copy(TinyModels.ofFolders("stablelm.gguf"), folder.resolve("s.gguf"), metadata, change);
        try (GgufFile file = GgufReader.open(changed)) {
            return assertThrows(ModelFormatException.class, () -> DecoderReader.read(file))
                    .getMessage();
        }
    }

    /** Of StableLM's files those whose halves stand beside each other, or that lack a part, are refused by name. */
    @Test
    void otherStableLms() throws IOException {
        assertContains(
                "stablelm.use_parallel_residual",
                refusalOfStableLm(
                        metadata -> {
                            metadata.put("stablelm.use_parallel_residual", GgufValue.of(true));
                            return metadata;
                        },
                        tensor -> tensor));
        for (String name : List.of("blk.1.ffn_norm.bias", "output_norm.bias", "blk.0.attn_norm.weight")) {
            assertContains(
                    "tensor " + name + " is missing",
                    refusalOfStableLm(
                            metadata -> metadata, tensor -> tensor.info().name().equals(name) ? null : tensor));
        }
        assertContains(
                "blk.0.attn_q_norm.weight",
                refusalOfStableLm(
                        metadata -> metadata,
                        tensor -> tensor.named(tensor.info().name().replace("attn_q.bias", "attn_q_norm.weight"))));
    }

    private static void assertContains(String part, String message) {
        assertTrue(message.contains(part), message);
    }

    /** REQ-ARC-001: which layers have positions, which norms, which factors. */
    @Test
    void partsOfEachArchitecture() throws IOException {
        try (GgufFile smollm = GgufReader.open(TinyModels.ofFolders("smollm3.gguf"));
                GgufFile granite = GgufReader.open(TinyModels.ofFolders("granite.gguf"));
                GgufFile olmo = GgufReader.open(TinyModels.ofFolders("olmo3.gguf"));
                GgufFile phi = GgufReader.open(TinyModels.ofFolders("phi3.gguf"));
                GgufFile stable = GgufReader.open(TinyModels.ofFolders("stablelm.gguf"))) {
            assertEquals(
                    List.of(4, 4, 4, 0),
                    DecoderReader.read(smollm).layers().stream()
                            .map(layer -> layer.frequencies().length)
                            .toList());
            DecoderWeights scaled = DecoderReader.read(granite);
            assertEquals(
                    List.of(12f, 0.22f, 0.0625f, 0.125f),
                    List.of(
                            scaled.config().embeddingScale(),
                            scaled.config().residualScale(),
                            scaled.config().attentionScale(),
                            scaled.config().logitScale()));
            List<LayerWeights> layers = DecoderReader.read(olmo).layers();
            assertEquals(
                    List.of(6, 6, 6, 0),
                    layers.stream().map(LayerWeights::window).toList());
            assertTrue(layers.stream()
                    .noneMatch(
                            layer -> layer.has(TensorRole.ATTENTION_NORM) || layer.has(TensorRole.FEED_FORWARD_NORM)));
            DecoderWeights layerNorms = DecoderReader.read(stable);
            assertEquals(2, layerNorms.layers().getFirst().frequencies().length);
            assertTrue(layerNorms.outputNormBias() != null
                    && layerNorms.layers().stream()
                            .allMatch(layer -> layer.has(TensorRole.ATTENTION_NORM_BIAS)
                                    && layer.has(TensorRole.FEED_FORWARD_NORM_BIAS)
                                    && layer.has(TensorRole.QUERY_BIAS)));
            LayerWeights first = DecoderReader.read(phi).layers().getFirst();
            assertEquals(3, first.frequencies().length);
            assertEquals(64, first.rotary().reach());
            assertFalse(Arrays.equals(
                    first.rotary().within(64).frequencies(),
                    first.rotary().within(65).frequencies()));
        }
    }
}
