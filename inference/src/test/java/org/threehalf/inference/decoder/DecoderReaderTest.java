package org.threehalf.inference.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.TinyModels.Change;
import org.threehalf.inference.TinyModels.Entry;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.TokenSampler;

/** Models that are not as they must be are refused with what is wrong, and quantised models run. */
class DecoderReaderTest {

    @TempDir
    private Path folder;

    private static final Change SAME = tensor -> tensor;

    private static Change without(String name) {
        return tensor -> tensor.info().name().equals(name) ? null : tensor;
    }

    private String refusal(String model, UnaryOperator<SequencedMap<String, GgufValue>> metadata, Change change)
            throws IOException {
        Path path = TinyModels.copy(model, folder.resolve("damaged.gguf"), metadata, change);
        try (GgufFile file = GgufReader.open(path)) {
            return assertThrows(ModelFormatException.class, () -> DecoderReader.read(file))
                    .getMessage();
        }
    }

    private static UnaryOperator<SequencedMap<String, GgufValue>> put(String key, GgufValue value) {
        return metadata -> {
            metadata.put(key, value);
            return metadata;
        };
    }

    /** Biases that no layer must have are in all of them, or a part of the file is lost. */
    @Test
    void biasesInSomeLayers() throws IOException {
        for (int layer : new int[] {0, 1}) {
            String bias = "blk." + layer + ".attn_output.bias";
            Change renamed = tensor -> tensor.info().name().equals("output_norm.weight") ? tensor.named(bias) : tensor;
            Path path = TinyModels.copy("llama3", folder.resolve("b.gguf"), metadata -> metadata, renamed);
            Path whole = folder.resolve("w.gguf");
            try (GgufFile file = GgufReader.open(path);
                    GgufFile source = GgufReader.open(TinyModels.path("llama3"))) {
                List<GgufTensor> all = new ArrayList<>(file.tensors());
                all.add(source.tensor("output_norm.weight"));
                try (GgufWriter writer = GgufWriter.create(
                        whole,
                        new LinkedHashMap<>(file.metadata().entries()),
                        all.stream().map(GgufTensor::info).toList())) {
                    for (GgufTensor tensor : all) {
                        writer.write(tensor);
                    }
                    writer.commit();
                }
            }
            try (GgufFile file = GgufReader.open(whole)) {
                assertContains(
                        "tensor blk.%d.attn_output.bias is missing, and layer %d has one".formatted(1 - layer, layer),
                        assertThrows(ModelFormatException.class, () -> DecoderReader.read(file))
                                .getMessage());
            }
        }
    }

    private static void assertContains(String part, String message) {
        assertTrue(message.contains(part), message);
    }

    @Test
    void missingTensors() throws IOException {
        assertContains(
                "tensor blk.1.ffn_up.weight is missing", refusal("llama2", m -> m, without("blk.1.ffn_up.weight")));
        assertContains("tensor blk.0.attn_q.bias is missing", refusal("qwen2", m -> m, without("blk.0.attn_q.bias")));
        assertContains(
                "tensor blk.1.attn_k_norm.weight is missing",
                refusal("qwen3", m -> m, without("blk.1.attn_k_norm.weight")));
        assertContains(
                "tensor blk.0.post_ffw_norm.weight is missing",
                refusal("gemma2", m -> m, without("blk.0.post_ffw_norm.weight")));
    }

    @Test
    void unknownTensorsAndArchitectures() throws IOException {
        // A bias that the architecture may have, under a name that it does not know.
        assertContains(
                "tensor blk.0.attn_q_scale.weight is not known in architecture qwen2",
                refusal("qwen2", put("qwen2.block_count", GgufValue.ofUint32(1)), tensor -> switch (tensor.info()
                        .name()) {
                    case "blk.1.attn_q.bias" -> tensor.named("blk.0.attn_q_scale.weight");
                    case String name when name.startsWith("blk.1.") -> null;
                    default -> tensor;
                }));
        assertContains(
                "architecture 'mamba' is not known",
                refusal("llama2", put("general.architecture", GgufValue.of("mamba")), SAME));
    }

    /** Files of the same form that hold something else than a whole model. */
    @Test
    void partsOfModels() throws IOException {
        for (String type : List.of("adapter", "mmproj", "vocab", "imatrix", "")) {
            assertContains(
                    "metadata general.type is '%s': a whole model ('model') is needed".formatted(type),
                    refusal("llama2", put("general.type", GgufValue.of(type)), SAME));
        }
        assertContains(
                "metadata adapter.type: an adapter to a model",
                refusal("llama2", put("adapter.type", GgufValue.of("lora")), SAME));
    }

    @Test
    void shapesAndNumbers() throws IOException {
        assertContains(
                "the model's numbers ask for",
                refusal("llama2", put("llama.feed_forward_length", GgufValue.ofUint32(64)), SAME));
        assertContains(
                "no multiple", refusal("llama2", put("llama.attention.head_count_kv", GgufValue.ofUint32(3)), SAME));
        assertContains(
                "scaled by 'ntk'", refusal("llama2-linear", put("llama.rope.scaling.type", GgufValue.of("ntk")), SAME));
        assertContains(
                "original_context_length",
                refusal("llama2-linear", put("llama.rope.scaling.type", GgufValue.of("yarn")), SAME));
        assertContains(
                "no tensors rope_factors_short.weight and rope_factors_long.weight",
                refusal("llama2-linear", put("llama.rope.scaling.type", GgufValue.of("longrope")), SAME));
        assertContains("llama.block_count", refusal("llama2", put("llama.block_count", GgufValue.ofUint32(0)), SAME));
        assertContains("blk.2.", refusal("llama2", put("llama.block_count", GgufValue.ofUint32(3)), SAME));
        assertContains(
                "not known in architecture llama",
                refusal("llama2", put("llama.block_count", GgufValue.ofUint32(1)), SAME));
    }

    /**
     * Sizes are held against each other before anything is computed by them: the first of these asked for hours, the
     * last for gigabytes.
     */
    @Test
    void absurdNumbers() throws IOException {
        for (int rotated : new int[] {16_384, 1 << 24, 10, 1, 0}) {
            assertContains(
                    "rope.dimension_count",
                    refusal("llama2", put("llama.rope.dimension_count", GgufValue.ofUint32(rotated)), SAME));
        }
        assertContains(
                "rotated elements", refusal("llama2", put("llama.rope.dimension_count", GgufValue.ofUint32(7)), SAME));
        assertContains(
                "key_length", refusal("llama2", put("llama.attention.key_length", GgufValue.ofUint32(65_536)), SAME));
        assertContains(
                "a head can have",
                refusal("llama2", put("llama.attention.key_length", GgufValue.ofUint32(1024)), SAME));
        for (long window : new long[] {-4_294_967_291L, -1, Long.MIN_VALUE}) {
            GgufValue value = GgufValue.ofInt64(window);
            assertContains("sliding_window", refusal("gemma3", put("gemma3.attention.sliding_window", value), SAME));
        }
    }

    /**
     * Keys that would change the result and that nothing computes, by rule: known ones at other values, and any that is
     * not known.
     */
    @Test
    void metadataIsNotIgnored() throws IOException {
        assertContains(
                "llama.rope.scaling.attn_factor is 2.0, which is not computed (1 is)",
                refusal("llama2", put("llama.rope.scaling.attn_factor", GgufValue.ofFloat32(2)), SAME));
        assertContains(
                "llama.attention.causal is false",
                refusal("llama2", put("llama.attention.causal", GgufValue.of(false)), SAME));
        assertContains(
                "qwen2.expert_count is 8", refusal("qwen2", put("qwen2.expert_count", GgufValue.ofUint32(8)), SAME));
        assertContains(
                "llama.expert_used_count", refusal("llama2", put("llama.expert_count", GgufValue.ofUint32(8)), SAME));
        assertContains(
                "llama.attention.sliding_window_pattern is not known",
                refusal("llama2", put("llama.attention.sliding_window_pattern", GgufValue.ofUint32(2)), SAME));
        assertContains(
                "qwen2.rope.freq_base_swa is not known",
                refusal("qwen2", put("qwen2.rope.freq_base_swa", GgufValue.ofFloat32(500)), SAME));
        assertContains(
                "qwen3.anything.at_all is not known",
                refusal("qwen3", put("qwen3.anything.at_all", GgufValue.of("x")), SAME));
        assertContains(
                "--ignore-key qwen3.anything.at_all",
                refusal("qwen3", put("qwen3.anything.at_all", GgufValue.of("x")), SAME));
        try (GgufFile file = GgufReader.open(TinyModels.copy(
                "llama2",
                folder.resolve("ok.gguf"),
                m -> {
                    m.put("llama.attention.causal", GgufValue.of(true));
                    m.put("other.key", GgufValue.of("x"));
                    return m;
                },
                SAME))) {
            assertEquals(2, DecoderReader.read(file).layers().size());
        }
        try (GgufFile file = GgufReader.open(TinyModels.copy(
                "llama2", folder.resolve("ignored.gguf"), put("llama.new", GgufValue.of(true)), SAME))) {
            assertEquals(
                    2, DecoderReader.read(file, Set.of("llama.new")).layers().size());
            assertThrows(
                    IllegalArgumentException.class, () -> DecoderReader.read(file, Set.of("llama.new", "llama.old")));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> DecoderReader.read(file, Set.of("llama.new", "llama.block_count")));
        }
    }

    private DecoderWeights read(String model, UnaryOperator<SequencedMap<String, GgufValue>> metadata)
            throws IOException {
        // The weights' norms and numbers stay valid when the file is closed.
        try (GgufFile file = GgufReader.open(TinyModels.copy(model, folder.resolve("read.gguf"), metadata, SAME))) {
            return DecoderReader.read(file);
        }
    }

    private static UnaryOperator<SequencedMap<String, GgufValue>> withoutKey(String key) {
        return metadata -> {
            metadata.remove(key);
            return metadata;
        };
    }

    /** Numbers that stand layer by layer are read where layers have the same ones, and refused by name elsewhere. */
    @Test
    void numbersOfEachLayer() throws IOException {
        DecoderWeights right = read("llama2", m -> m);
        for (String key : List.of("attention.head_count", "attention.head_count_kv", "feed_forward_length")) {
            int number = Map.of(
                            "attention.head_count", right.config().heads(),
                            "attention.head_count_kv", right.config().keyValueHeads(),
                            "feed_forward_length", right.config().ffn())
                    .get(key);
            assertEquals(
                    right.config(),
                    read("llama2", put("llama." + key, numbers(number, number))).config());
            assertContains(
                    "metadata llama." + key + " is " + number + " for layer 0 and 7 for layer 1",
                    refusal("llama2", put("llama." + key, numbers(number, 7)), SAME));
            assertContains(
                    "metadata llama." + key + " has 1 entries for 2 layers",
                    refusal("llama2", put("llama." + key, numbers(number)), SAME));
            assertContains(
                    "metadata llama." + key + " is 0: it must lie in",
                    refusal("llama2", put("llama." + key, numbers(0, 0)), SAME));
        }
    }

    private static GgufValue numbers(int... values) {
        return GgufValue.arrayOf(
                ValueType.UINT32,
                IntStream.of(values).mapToObj(GgufValue::ofUint32).toList());
    }

    /** What older names and files mean, as llama.cpp takes them. */
    @Test
    void olderFiles() throws IOException {
        float[] plain = read("llama2", m -> m).layers().getFirst().frequencies();
        float[] scaled = read("llama2", put("llama.rope.scale_linear", GgufValue.ofFloat32(4)))
                .layers()
                .getFirst()
                .frequencies();
        for (int i = 0; i < plain.length; i++) {
            assertEquals(plain[i] / 4, scaled[i]);
        }
        assertTrue(Arrays.equals(
                plain,
                read("llama2-linear", put("llama.rope.scaling.type", GgufValue.of("none")))
                        .layers()
                        .getFirst()
                        .frequencies()));
        // Gemma 2 without a window: 4,096 in every second layer.
        assertEquals(
                List.of(4096, 0),
                read("gemma2", withoutKey("gemma2.attention.sliding_window")).layers().stream()
                        .limit(2)
                        .map(l -> l.window())
                        .toList());
        // Gemma 3 without one: none, and the model's own base in all layers.
        DecoderWeights gemma = read("gemma3", withoutKey("gemma3.attention.sliding_window"));
        assertTrue(gemma.layers().stream()
                .allMatch(l -> l.window() == 0
                        && Arrays.equals(
                                l.frequencies(), gemma.layers().getLast().frequencies())));
    }

    /**
     * REQ-ATT-002: which layers see a window: Gemma 2 every first of two, Gemma 3 the first five of six, the others all
     * of them; or as the file says: another period, a list, another base of those with a window, caps.
     */
    @Test
    void localLayersAsTheFileSays() throws IOException {
        String pattern = "gemma3.attention.sliding_window_pattern";
        assertEquals(List.of(6, 6, 6, 6, 6, 0), windows(read("gemma3", m -> m)));
        DecoderWeights gemma2 = read("gemma2", m -> m);
        for (int i = 0; i < gemma2.layers().size(); i++) {
            assertEquals(i % 2 == 0, gemma2.layers().get(i).window() > 0);
        }
        assertTrue(windows(read("llama2", put("llama.attention.sliding_window", GgufValue.ofUint32(9)))).stream()
                .allMatch(window -> window == 9));
        assertEquals(List.of(6, 0, 6, 0, 6, 0), windows(read("gemma3", put(pattern, GgufValue.ofUint32(2)))));
        assertEquals(List.of(0, 0, 0, 0, 0, 0), windows(read("gemma3", put(pattern, GgufValue.ofUint32(1)))));
        GgufValue list = GgufValue.arrayOf(
                ValueType.BOOL,
                java.util.stream.Stream.of(true, false, false, true, true, false)
                        .map(GgufValue::of)
                        .toList());
        assertEquals(List.of(6, 0, 0, 6, 6, 0), windows(read("gemma3", put(pattern, list))));
        DecoderWeights other = read("gemma3", put("gemma3.rope.freq_base_swa", GgufValue.ofFloat32(500)));
        assertFalse(Arrays.equals(
                other.layers().getFirst().frequencies(),
                read("gemma3", m -> m).layers().getFirst().frequencies()));
        assertEquals(
                5,
                read("gemma3", put("gemma3.final_logit_softcapping", GgufValue.ofFloat32(5)))
                        .config()
                        .logitCap());
        assertEquals(0, read("gemma3", m -> m).config().logitCap());
    }

    private static List<Integer> windows(DecoderWeights weights) {
        return weights.layers().stream().map(l -> l.window()).toList();
    }

    private static Entry withNaN(Entry tensor) {
        float[] values = tensor.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        values[5] = Float.NaN;
        return new Entry(tensor.info(), MemorySegment.ofArray(values));
    }

    @Test
    void normsThatAreNotFinite() throws IOException {
        assertContains(
                "layer 1: feed-forward norm: number 5 is NaN",
                refusal(
                        "llama2",
                        m -> m,
                        tensor -> tensor.info().name().equals("blk.1.ffn_norm.weight") ? withNaN(tensor) : tensor));
    }

    /** REQ-DEC-004: a NaN among the weights of a matrix ends the run when it reaches the logits. */
    @Test
    void weightsThatAreNotFinite() throws IOException {
        Path path = TinyModels.copy(
                "llama2",
                folder.resolve("nan.gguf"),
                m -> m,
                tensor -> tensor.info().name().equals("blk.0.attn_v.weight") ? withNaN(tensor) : tensor);
        try (GgufFile file = GgufReader.open(path);
                Backend backend = BackendProvider.named("reference").open();
                Decoder decoder = backend.decoder(DecoderReader.read(file), 4)) {
            float[][] logits = new float[1][272];
            decoder.forward(new int[] {1, 2}, 0, logits);
            TokenSampler sampler = new TokenSampler(TokenSampler.Settings.GREEDY, 0);
            assertContains(
                    "is NaN",
                    assertThrows(IllegalArgumentException.class, () -> sampler.next(logits[0]))
                            .getMessage());
        }
    }

    /** REQ-DEC-005, REQ-OPS-011: each format of the family, on every CPU backend, token by token and at once. */
    @Test
    void quantizedModelsHaveTheSameLogitsOnEveryBackend() throws IOException {
        int[] tokens = TinyModels.expected("gemma3").tokens();
        for (Format format : Format.values()) {
            Path path = folder.resolve(format + ".gguf");
            try (GgufFile source = GgufReader.open(TinyModels.path("gemma3"))) {
                QuantizedModelWriter.quantize(
                        source, path, FormatChoice.uniform(format), new QuantizedModelWriter.Listener() {
                            @Override
                            public void begin(TensorInfo matrix, Format chosen) {}

                            @Override
                            public void rowDone() {}
                        });
            }
            try (QuantizedModel model = QuantizedModel.open(path)) {
                DecoderWeights weights = DecoderReader.read(model);
                assertEquals(Weights.Quantized.class, weights.embedding().getClass());
                float[][] expected = TinyModels.logits(weights, "reference", tokens, 1);
                for (String backend : List.of("reference", "lut", "simd")) {
                    assertTrue(
                            Arrays.deepEquals(expected, TinyModels.logits(weights, backend, tokens, 9)),
                            format + " on " + backend);
                }
                // Tiny, but the formats differ: INT8 is near the source, and no format has the bits of another.
                assertFalse(Arrays.deepEquals(
                        expected, TinyModels.expected("gemma3").logits()));
            }
        }
    }
}
