package org.threehalf.inference.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.calibrate.CalibratedModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.model.ModelExport;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.format.Format;

/** Mixtures of experts: stacks and separate tensors, every format, every way of running them. */
@Tag("instructions")
class ExpertsTest {

    @TempDir
    private Path folder;

    /** A copy of a tiny model whose experts are stacked, as files are written today, with other metadata. */
    private Path stacked(String name, UnaryOperator<SequencedMap<String, GgufValue>> metadata) throws IOException {
        Path target = folder.resolve(name + "-stacked.gguf");
        try (GgufFile file = GgufReader.open(TinyModels.ofFolders(name + ".gguf"))) {
            SequencedMap<String, List<GgufTensor>> groups = new LinkedHashMap<>();
            for (GgufTensor tensor : file.tensors()) {
                groups.computeIfAbsent(
                                tensor.name().replaceFirst("(ffn_(gate|up|down))\\.\\d+\\.weight", "$1_exps.weight"),
                                stack -> new ArrayList<>())
                        .add(tensor);
            }
            List<TensorInfo> infos = new ArrayList<>();
            groups.forEach((stack, parts) -> {
                TensorInfo first = parts.getFirst().info();
                infos.add(
                        stack.equals(first.name())
                                ? first
                                : new TensorInfo(
                                        stack,
                                        first.type(),
                                        List.of(
                                                first.dimensions().get(0),
                                                first.dimensions().get(1),
                                                (long) parts.size())));
            });
            try (GgufWriter writer = GgufWriter.create(
                    target, metadata.apply(new LinkedHashMap<>(file.metadata().entries())), infos)) {
                for (List<GgufTensor> parts : groups.values()) {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    for (GgufTensor part : parts) {
                        bytes.writeBytes(part.data().toArray(ValueLayout.JAVA_BYTE));
                    }
                    writer.write(MemorySegment.ofArray(bytes.toByteArray()));
                }
                writer.commit();
            }
        }
        return target;
    }

    /**
     * REQ-EXP-001, REQ-EXP-002, REQ-DEC-005: a stack is what its experts are one by one, to the bit, at once and token
     * by token; and other shares are seen.
     */
    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "qwen3moe", "olmoe"})
    void stacksAreTheirExperts(String name) throws IOException {
        int[] tokens = TinyModels.expectedOfFolders(name).tokens();
        try (GgufFile separate = GgufReader.open(TinyModels.ofFolders(name + ".gguf"));
                GgufFile stack = GgufReader.open(stacked(name, m -> m))) {
            assertTrue(stack.findTensor("blk.0.ffn_up_exps.weight").isPresent()
                    && stack.findTensor("blk.0.ffn_up.0.weight").isEmpty());
            float[][] expected = TinyModels.logits(DecoderReader.read(separate), "reference", tokens, 1);
            for (int group : new int[] {1, 5, tokens.length}) {
                assertTrue(
                        Arrays.deepEquals(
                                expected, TinyModels.logits(DecoderReader.read(stack), "simd", tokens, group)),
                        "in groups of " + group);
            }
        }
        String architecture = name.equals("mixtral") ? "llama" : name;
        boolean renormalised = !name.equals("olmoe");
        try (GgufFile separate = GgufReader.open(TinyModels.ofFolders(name + ".gguf"));
                GgufFile other = GgufReader.open(stacked(name, m -> {
                    m.put(architecture + ".expert_weights_norm", GgufValue.of(!renormalised));
                    return m;
                }))) {
            assertEquals(
                    renormalised,
                    DecoderReader.read(separate).config().experts().renormalised());
            assertFalse(Arrays.deepEquals(
                    TinyModels.logits(DecoderReader.read(separate), "reference", tokens, 24),
                    TinyModels.logits(DecoderReader.read(other), "reference", tokens, 24)));
        }
    }

    private Path quantized(Path source, Format format, boolean rotated) throws IOException {
        Path target = folder.resolve(source.getFileName() + "-" + format + ".gguf");
        try (GgufFile file = GgufReader.open(source)) {
            QuantizedModelWriter.quantize(
                    file,
                    target,
                    FormatChoice.uniform(format),
                    rotated,
                    QuantizedModelWriter.MatrixSource.PLAIN,
                    "plain",
                    new QuantizedModelWriter.Listener() {});
        }
        return target;
    }

    /**
     * Every format, of stacks and of separate tensors: the same bits on every backend; the router stays in binary32.
     */
    @ParameterizedTest
    @EnumSource(Format.class)
    void expertsInEveryFormat(Format format) throws IOException {
        int[] tokens = TinyModels.expectedOfFolders("qwen3moe").tokens();
        try (QuantizedModel stack = QuantizedModel.open(quantized(stacked("qwen3moe", m -> m), format, false));
                QuantizedModel separate =
                        QuantizedModel.open(quantized(TinyModels.ofFolders("qwen3moe.gguf"), format, false))) {
            DecoderWeights weights = DecoderReader.read(stack);
            assertEquals(
                    Weights.Quantized.class,
                    weights.layers().getFirst().experts().get(3).down().getClass());
            assertEquals(
                    Weights.Real.class,
                    weights.layers().getFirst().matrix(TensorRole.ROUTER).getClass());
            float[][] expected = TinyModels.logits(weights, "reference", tokens, 1);
            for (String backend : List.of("lut", "simd")) {
                assertTrue(
                        Arrays.deepEquals(expected, TinyModels.logits(weights, backend, tokens, 9)),
                        format + " on " + backend);
            }
            assertTrue(
                    Arrays.deepEquals(
                            expected, TinyModels.logits(DecoderReader.read(separate), "reference", tokens, 24)),
                    "separate tensors");
        }
    }

    /**
     * REQ-ROT-003: rotated, as models are quantised unless one says otherwise: what an expert takes is rotated once for
     * all that take it.
     */
    @Test
    void rotatedExperts() throws IOException {
        int[] tokens = TinyModels.expectedOfFolders("olmoe").tokens();
        try (QuantizedModel model = QuantizedModel.open(quantized(stacked("olmoe", m -> m), Format.T35, true))) {
            DecoderWeights weights = DecoderReader.read(model);
            assertTrue(weights.anyRotated());
            assertTrue(Arrays.deepEquals(
                    TinyModels.logits(weights, "reference", tokens, 1), TinyModels.logits(weights, "simd", tokens, 9)));
        }
    }

    /** What is quantised is written back as stacks, in their shape. */
    @Test
    void plainFilesHaveTheirStacksAgain() throws IOException {
        Path plain = folder.resolve("plain.gguf");
        try (QuantizedModel model = QuantizedModel.open(quantized(stacked("olmoe", m -> m), Format.INT8, false))) {
            ModelExport.write(model.file(), plain, ModelExport.Type.F32, row -> {});
            try (GgufFile file = GgufReader.open(plain)) {
                assertEquals(
                        List.of(32L, 48L, 4L),
                        file.tensor("blk.0.ffn_gate_exps.weight").info().dimensions());
                DecoderWeights weights = DecoderReader.read(file);
                float[] expected = new float[48];
                float[] actual = new float[48];
                DecoderReader.read(model)
                        .layers()
                        .getFirst()
                        .experts()
                        .get(2)
                        .down()
                        .read(5, expected);
                weights.layers().getFirst().experts().get(2).down().read(5, actual);
                assertArrayEquals(expected, actual);
            }
        }
    }

    /**
     * Each expert by the tokens that reach it: the result is the same for stacks and for separate tensors, and another
     * one than without calibration.
     */
    @Test
    void calibratedExperts() throws IOException {
        int[] tokens = TinyModels.expectedOfFolders("mixtral").tokens();
        List<float[][]> results = new ArrayList<>();
        try (Backend backend = BackendProvider.named("simd").open()) {
            for (Path source : List.of(stacked("mixtral", m -> m), TinyModels.ofFolders("mixtral.gguf"))) {
                Path target = folder.resolve("calibrated-" + source.getFileName());
                try (GgufFile file = GgufReader.open(source);
                        Arena arena = Arena.ofShared()) {
                    FormatChoice choice = FormatChoice.uniform(Format.G35);
                    CalibratedModel matrices = CalibratedModel.of(
                            file,
                            List.of(tokens, tokens),
                            choice,
                            backend,
                            new QuantizedModelWriter.Listener() {},
                            arena);
                    QuantizedModelWriter.quantize(
                            file, target, choice, matrices, "calibrated", new QuantizedModelWriter.Listener() {});
                }
                try (QuantizedModel model = QuantizedModel.open(target)) {
                    results.add(TinyModels.logits(DecoderReader.read(model), "reference", tokens, 24));
                }
            }
        }
        assertTrue(Arrays.deepEquals(results.get(0), results.get(1)));
        try (QuantizedModel plain =
                QuantizedModel.open(quantized(TinyModels.ofFolders("mixtral.gguf"), Format.G35, false))) {
            assertFalse(Arrays.deepEquals(
                    results.get(0), TinyModels.logits(DecoderReader.read(plain), "reference", tokens, 24)));
        }
    }

    private static void assertRefused(String part, Path path) throws IOException {
        try (GgufFile file = GgufReader.open(path)) {
            String message = assertThrows(ModelFormatException.class, () -> DecoderReader.read(file))
                    .getMessage();
            assertTrue(message.contains(part) && message.contains(file.name()), message);
        }
    }

    private Path with(String key, GgufValue value) throws IOException {
        return stacked("qwen3moe", m -> {
            m.put(key, value);
            return m;
        });
    }

    /** What nothing computes, and numbers that contradict the tensors, are refused by key and file. */
    @Test
    void refusals() throws IOException {
        assertRefused("qwen3moe.expert_gating_func is 2", with("qwen3moe.expert_gating_func", GgufValue.ofUint32(2)));
        assertRefused(
                "qwen3moe.expert_weights_scale is 2.5",
                with("qwen3moe.expert_weights_scale", GgufValue.ofFloat32(2.5f)));
        assertRefused("qwen3moe.expert_shared_count is 1", with("qwen3moe.expert_shared_count", GgufValue.ofUint32(1)));
        assertRefused("qwen3moe.expert_used_count", with("qwen3moe.expert_used_count", GgufValue.ofUint32(7)));
        assertRefused("qwen3moe.expert_used_count", with("qwen3moe.expert_used_count", GgufValue.ofUint32(0)));
        assertRefused(
                "blk.0.ffn_gate_exps.weight has 144 rows: 120 are needed",
                with("qwen3moe.expert_count", GgufValue.ofUint32(5)));
        assertRefused(
                "blk.0.ffn_gate_exps.weight has 144 rows: 150 are needed",
                with("qwen3moe.expert_feed_forward_length", GgufValue.ofUint32(25)));
    }
}
