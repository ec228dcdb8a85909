package org.threehalf.inference.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.threehalf.inference.huggingface.Folders.assertRefused;
import static org.threehalf.inference.huggingface.Folders.edit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.decoder.DecoderReader;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.GgufWriter;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.kernels.format.Format;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tiny random folders, written by {@code src/test/python/tiny_folders.py}, against transformers and against the GGUF
 * files of the same weights.
 */
class HuggingFaceFolderTest {
    static final List<String> ALL = List.of(
            "llama",
            "llama-spm",
            "mistral",
            "qwen2",
            "qwen3",
            "qwen3-float8",
            "gemma2",
            "gemma3",
            "smollm3",
            "granite",
            "olmo2",
            "olmo3",
            "qwen3-yarn",
            "phi3",
            "phi3-long",
            "stablelm",
            "mixtral",
            "qwen3moe",
            "olmoe",
            "gpt-oss",
            "gpt-oss-bf16");
    static final List<String> WITH_GGUF =
            ALL.stream().filter(name -> !name.equals("qwen3-float8")).toList();

    @TempDir
    private Path folder;

    /** REQ-DEC-002: every part of the computation, from the folder alone. */
    @ParameterizedTest
    @FieldSource("ALL")
    void logitsAreThoseOfTransformers(String name) throws IOException {
        TinyModels.Expected expected = TinyModels.expectedOfFolders(name);
        try (GgufFile model = HuggingFaceFolder.open(TinyModels.ofFolders(name))) {
            float[][] actual = TinyModels.logits(
                    DecoderReader.read(model), "reference", expected.tokens(), expected.tokens().length);
            double largest = 0;
            for (int t = 0; t < actual.length; t++) {
                double difference = 0;
                double length = 0;
                for (int i = 0; i < actual[t].length; i++) {
                    difference += Math.pow((double) expected.logits()[t][i] - actual[t][i], 2);
                    length += Math.pow(expected.logits()[t][i], 2);
                }
                largest = Math.max(largest, Math.sqrt(difference / length));
            }
            assertTrue(largest < 1e-5, name + ": " + largest);
        }
    }

    /** The same tensors, metadata, logits and quantised file as by way of GGUF, to the last bit. */
    @ParameterizedTest
    @FieldSource("WITH_GGUF")
    void allIsAsByWayOfGguf(String name) throws IOException {
        int[] tokens = TinyModels.expectedOfFolders(name).tokens();
        try (GgufFile model = HuggingFaceFolder.open(TinyModels.ofFolders(name));
                GgufFile gguf = GgufReader.open(TinyModels.ofFolders(name + ".gguf"))) {
            assertEquals(
                    gguf.tensors().stream()
                            .map(t -> t.info().toString())
                            .sorted()
                            .toList(),
                    model.tensors().stream()
                            .map(t -> t.info().toString())
                            .sorted()
                            .toList());
            for (GgufTensor tensor : gguf.tensors()) {
                assertArrayEquals(tensor.toFloats(), model.tensor(tensor.name()).toFloats(), tensor.name());
            }
            for (String key : gguf.metadata().entries().keySet()) {
                if (key.startsWith("tokenizer.")) {
                    assertEquals(
                            -1,
                            gguf.metadata()
                                    .entries()
                                    .get(key)
                                    .bytes()
                                    .mismatch(Objects.requireNonNull(
                                                    model.metadata().entries().get(key), key)
                                            .bytes()),
                            key);
                }
            }
            float[][] expected = TinyModels.logits(DecoderReader.read(gguf), "reference", tokens, tokens.length);
            float[][] actual = TinyModels.logits(DecoderReader.read(model), "reference", tokens, tokens.length);
            for (int t = 0; t < tokens.length; t++) {
                assertArrayEquals(expected[t], actual[t], name + " at " + t);
            }
            Path ours = folder.resolve("ours.gguf");
            Path theirs = folder.resolve("theirs.gguf");
            QuantizedModelWriter.quantize(
                    model, ours, FormatChoice.uniform(Format.G35), new QuantizedModelWriter.Listener() {});
            QuantizedModelWriter.quantize(
                    gguf, theirs, FormatChoice.uniform(Format.G35), new QuantizedModelWriter.Listener() {});
            try (QuantizedModel a = QuantizedModel.open(ours);
                    QuantizedModel b = QuantizedModel.open(theirs)) {
                assertEquals(
                        Set.copyOf(b.matrices().keySet()),
                        Set.copyOf(a.matrices().keySet()));
                b.matrices()
                        .forEach((matrix, packed) -> assertEquals(
                                -1,
                                packed.codes()
                                        .mismatch(Objects.requireNonNull(
                                                        a.matrices().get(matrix))
                                                .codes()),
                                matrix));
            }
        }
    }

    /** Carried over as it is, a tensor whose rows lie elsewhere is written in their order. */
    @Test
    void rowsAreWrittenInTheirOrder() throws IOException {
        for (String name : List.of("llama", "qwen3-float8")) {
            Path copy = folder.resolve(name + ".gguf");
            try (GgufFile model = HuggingFaceFolder.open(TinyModels.ofFolders(name))) {
                try (GgufWriter writer = GgufWriter.create(
                        copy,
                        new java.util.LinkedHashMap<>(model.metadata().entries()),
                        model.tensors().stream().map(GgufTensor::info).toList())) {
                    for (GgufTensor tensor : model.tensors()) {
                        writer.write(tensor);
                    }
                    writer.commit();
                }
                try (GgufFile read = GgufReader.open(copy)) {
                    for (GgufTensor tensor : read.tensors()) {
                        assertArrayEquals(model.tensor(tensor.name()).toFloats(), tensor.toFloats(), tensor.name());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void tokensAreThoseOfTokenizers(String name) throws IOException {
        try (GgufFile model = HuggingFaceFolder.open(TinyModels.ofFolders(name))) {
            Tokenizer tokenizer = Tokenizer.of(model.metadata());
            for (JsonNode one :
                    JsonMapper.shared().readTree(Files.readString(TinyModels.ofFolders(name + ".tokens.json")))) {
                String text = one.get("text").asString();
                int[] expected =
                        one.get("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
                assertArrayEquals(
                        expected,
                        tokenizer.encodePrompt(text),
                        () -> name + ": '" + text + "' " + Arrays.toString(tokenizer.encodePrompt(text)));
            }
            assertTrue(
                    tokenizer.vocabulary().isEnd(5)
                            && tokenizer
                                    .vocabulary()
                                    .isEnd(tokenizer.vocabulary().end()),
                    "generation_config.json names 5, too");
        }
    }

    @Test
    void chatTemplates() throws IOException {
        try (GgufFile list = HuggingFaceFolder.open(TinyModels.ofFolders("llama"));
                GgufFile file = HuggingFaceFolder.open(TinyModels.ofFolders("llama-spm"))) {
            assertEquals(
                    "{{ bos_token }}{{ messages[0].content }}", list.metadata().string("tokenizer.chat_template"));
            assertEquals("tools", list.metadata().string("tokenizer.chat_template.tool_use"));
            assertTrue(file.metadata().string("tokenizer.chat_template").startsWith("{% for m in messages %}"));
        }
    }

    /** E4M3: the numbers of the format's table. */
    @Test
    void float8Values() {
        assertEquals(0f, Float8.value(0));
        assertEquals(0x1p-9f, Float8.value(1));
        assertEquals(0x1.cp-7f, Float8.value(7));
        assertEquals(0x1p-6f, Float8.value(8));
        assertEquals(1f, Float8.value(0x38));
        assertEquals(448f, Float8.value(0x7e));
        assertTrue(Float.isNaN(Float8.value(0x7f)) && Float.isNaN(Float8.value(0xff)));
        assertEquals(-1.125f, Float8.value(0xb9));
    }

    private Path copy(String name) throws IOException {
        return Folders.copy(folder, name);
    }

    /**
     * What config.json says and nothing computes is refused by name, at the values at which it would change something.
     */
    @Test
    void fieldsThatNothingComputesAreRefused() throws IOException {
        Path model = copy("qwen3");
        Path config = model.resolve("config.json");
        String original = Files.readString(config);
        edit(config, node -> node.put("new_scaling", 2));
        assertRefused(
                model,
                "metadata huggingface.config.new_scaling is not known",
                "--ignore-key huggingface.config.new_scaling");
        LanguageModel.open(
                        model, LanguageModel.Options.DEFAULT.withIgnoredKeys(Set.of("huggingface.config.new_scaling")))
                .close();
        for (String[] wrong : new String[][] {
            {"partial_rotary_factor", "0.5", "huggingface.config.partial_rotary_factor"},
            {"quantization_config", "{\"quant_method\":\"gptq\"}", "use the model before it was quantised"},
            {"quantization_config", "{\"quant_method\":\"awq\"}", "quantization_config.quant_method is \"awq\""},
            {"quantization_config", "{\"bits\":4}", "huggingface.config.quantization_config"},
            {"quantization", "{\"group_size\":64,\"bits\":4}", "MLX's weights are not read"},
            // Some of these are 8-bit numbers with scales: --ignore-key goes on with them.
            {
                "quantization_config",
                "{\"quant_method\":\"compressed-tensors\"}",
                "huggingface.config.quantization_config"
            },
            {"clip_qkv", "8.0", "huggingface.config.clip_qkv"},
            {"mlp_only_layers", "[1]", "huggingface.config.mlp_only_layers"},
            {"num_experts", "4", "num_experts_per_tok is missing"},
            {"hidden_act", "\"relu\"", "hidden_act is \"relu\": silu is needed"},
            {"num_attention_heads", "0", "num_attention_heads is 0"},
            {"num_attention_heads", "\"4\"", "num_attention_heads is \"4\""},
            {"num_hidden_layers", "1e3", "num_hidden_layers is 1000.0"},
            {"head_dim", "99999999999999999999", "head_dim is 99999999999999999999"},
            {"rms_norm_eps", "\"x\"", "rms_norm_eps"},
            {"model_type", "\"mamba\"", "model_type 'mamba' is not known; those that are: gemma2"},
            {"layer_types", "[\"full_attention\",\"linear_attention\"]", "layer_types"},
            {"layer_types", "[\"full_attention\"]", "layer_types"},
            {"embedding_multiplier", "12.0", "huggingface.config.embedding_multiplier"},
            {
                "rope_parameters",
                "{\"rope_type\":\"dynamic\",\"rope_theta\":10000.0,\"factor\":4.0}",
                "rope_parameters.rope_type is \"dynamic\": one of default, linear, llama3, longrope, yarn is needed"
            },
            {
                "rope_parameters",
                "{\"rope_type\":\"yarn\",\"rope_theta\":10000.0,\"factor\":4.0}",
                "rope_parameters.original_max_position_embeddings"
            },
            {
                "rope_parameters",
                "{\"rope_type\":\"yarn\",\"rope_theta\":10000.0,\"factor\":4.0,\"original_max_position_embeddings\":16,\"truncate\":false}",
                "truncate"
            },
            {
                "rope_parameters",
                "{\"rope_type\":\"longrope\",\"rope_theta\":10000.0,\"original_max_position_embeddings\":16,\"long_factor\":[1],\"short_factor\":[1]}",
                "rope_parameters.long_factor"
            },
            {
                "rope_parameters",
                "{\"rope_type\":\"linear\",\"rope_theta\":10000.0,\"factor\":4.0,\"other\":1}",
                "without 'other'"
            },
            {"rope_parameters", "{\"rope_type\":\"llama3\",\"rope_theta\":10000.0,\"factor\":4.0}", "low_freq_factor"},
            {"eos_token_id", "100000", "eos_token_id is 100000"}
        }) {
            Files.writeString(config, original);
            edit(
                    config,
                    node -> node.<ObjectNode>set(wrong[0], JsonMapper.shared().readTree(wrong[1])));
            assertRefused(model, wrong[2]);
        }
        for (String field : List.of("use_parallel_residual", "qk_layernorm")) {
            Path stable = copy("stablelm");
            edit(stable.resolve("config.json"), node -> node.put(field, true));
            assertRefused(stable, "huggingface.config." + field);
        }
        Path stable = copy("stablelm");
        edit(stable.resolve("config.json"), node -> {
            node.remove("layer_norm_eps");
            return node;
        });
        assertRefused(stable, "config.json: layer_norm_eps is missing");
        Files.writeString(config, original.replaceFirst("\\{", "{\"head_dim\": 8,"));
        assertRefused(model, "config.json: no JSON as it must be at line", "the name \"head_dim\" stands twice");
        Files.writeString(config, original + "x");
        assertRefused(model, "config.json: no JSON");
        Files.writeString(config, "[".repeat(100_000));
        assertRefused(model, "config.json: no JSON");
    }

    /** A clone without its large files has pointers in their place: each is named for what it is. */
    @Test
    void filesThatWereNotDownloaded() throws IOException {
        for (String file : List.of("model.safetensors", "tokenizer.json", "config.json")) {
            Path model = copy("qwen2");
            Files.writeString(
                    model.resolve(file),
                    "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345678\n");
            assertRefused(model, file + ": no ", "it is a Git LFS pointer", "'git lfs pull' brings it");
        }
    }

    /** Of gpt-oss's folders what is not computed, and stacks that lack a half, are refused by name. */
    @Test
    void otherGptOss() throws IOException {
        for (String[] wrong : new String[][] {
            {"swiglu_limit", "5.0", "config.json: swiglu_limit is 5.0: 7.0 is needed"},
            {"swiglu_alpha", "1.0", "config.json: swiglu_alpha is 1.0"},
            {"attention_bias", "false", "config.json: attention_bias is false: true is needed"},
            {"sliding_window", null, "config.json: sliding_window is missing"},
            {"num_local_experts", null, "config.json: num_local_experts is missing"},
            {"num_local_experts", "0", "config.json: num_local_experts is 0: an integer from 1 to 4,096 is needed"},
            {"num_local_experts", "\"5\"", "config.json: num_local_experts is \"5\""},
            {"num_experts", "4", "config.json: num_experts is 4: what num_local_experts says (5) is needed"},
            {"num_experts_per_tok", "6", "config.json: num_experts_per_tok is 6: an integer from 1 to 5 is needed"},
            {"rms_norm_eps", "0", "config.json: rms_norm_eps is 0: a number above 0, at most 1, is needed"},
            {"rms_norm_eps", "-1", "config.json: rms_norm_eps is -1: a number above 0, at most 1,"},
            {"rms_norm_eps", "1e9", "config.json: rms_norm_eps is 1.0E9: a number above 0, at most 1,"},
            {"rms_norm_eps", "1e-60", "config.json: rms_norm_eps is 1.0E-60: a number above 0, at most 1,"},
            {"rms_norm_eps", "true", "config.json: rms_norm_eps is true: a number above 0, at most 1,"},
            {
                "initial_context_length",
                "4096",
                "config.json: initial_context_length is 4096: what rope_parameters.original_max_position_embeddings says (64) is needed"
            },
            {"initial_context_length", "\"64\"", "config.json: initial_context_length is \"64\""},
            {
                "rope_parameters",
                "{\"rope_type\":\"su\",\"rope_theta\":1e5,\"factor\":4.0}",
                "config.json: rope_parameters.rope_type is \"su\": one of default, linear, llama3, longrope, yarn is needed"
            },
            {
                "rope_parameters",
                "{\"rope_type\":\"yarn\",\"rope_theta\":0,\"factor\":4.0,\"original_max_position_embeddings\":64,\"truncate\":false}",
                "config.json: rope_theta is 0.0: a positive number is needed"
            },
            {
                "rope_parameters",
                "{\"rope_type\":\"yarn\",\"rope_theta\":1e5,\"factor\":0.5,\"original_max_position_embeddings\":64,\"truncate\":false}",
                "config.json: rope_parameters.factor is 0.5: a number of 1 or more is needed"
            },
            {
                "experts_per_token",
                "4",
                "config.json: experts_per_token is 4: what num_experts_per_tok says (3) is needed"
            },
            {
                "rope_parameters",
                "{\"rope_type\":\"yarn\",\"rope_theta\":10000.0,\"factor\":4.0,\"original_max_position_embeddings\":64}",
                "config.json: rope_parameters.truncate is missing: false is needed"
            }
        }) {
            Path model = copy("gpt-oss");
            edit(model.resolve("config.json"), node -> {
                if (wrong[1] == null) {
                    node.remove(wrong[0]);
                    return node;
                }
                return node.set(wrong[0], JsonMapper.shared().readTree(wrong[1]));
            });
            assertRefused(model, wrong[2]);
        }
        for (String[] wrong : new String[][] {
            {
                "experts.down_proj_scales",
                "experts.down_proj_scalex",
                "there is no model.layers.0.mlp.experts.down_proj_scales"
            },
            {
                "experts.down_proj_blocks",
                "experts.down_proj_blockx",
                "tensor model.layers.0.mlp.experts.down_proj_blockx is not known"
            },
            {"self_attn.sinks", "self_attn.sinkx", "tensor model.layers.0.self_attn.sinkx is not known"},
            {"[5,128,1,16]", "[5,64,2,16] ", "U8 of shape [5, 64, 2] is needed"},
            {"[5,128,1,16]", "[640,16]    ", "4 dimensions are needed"}
        }) {
            Path model = copy("gpt-oss");
            Path weights = model.resolve("model.safetensors");
            String bytes = Files.readString(weights, java.nio.charset.StandardCharsets.ISO_8859_1);
            assertTrue(bytes.contains(wrong[0]), wrong[0]);
            Files.writeString(
                    weights,
                    bytes.replaceFirst(java.util.regex.Pattern.quote(wrong[0]), wrong[1]),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
            assertRefused(model, wrong[2]);
        }
    }

    /** What the library takes where a file says nothing is taken here, or the file is refused. */
    @Test
    void whatAFileDoesNotSay() throws IOException {
        for (String name : List.of("mistral", "gemma2", "gemma3", "olmo3")) {
            Path model = copy(name);
            edit(model.resolve("config.json"), node -> {
                node.remove("sliding_window");
                return node;
            });
            try (LanguageModel opened = LanguageModel.open(model)) {
                assertTrue(opened.weights().layers().stream().anyMatch(layer -> layer.window() == 4096), name);
            }
        }
        Path none = copy("mistral");
        edit(none.resolve("config.json"), node -> node.putNull("sliding_window"));
        try (LanguageModel opened = LanguageModel.open(none)) {
            assertTrue(opened.weights().layers().stream().allMatch(layer -> layer.window() == 0));
        }
        Path scalar = copy("gemma2");
        edit(scalar.resolve("config.json"), node -> {
            node.remove("query_pre_attn_scalar");
            return node;
        });
        assertRefused(scalar, "config.json: query_pre_attn_scalar is missing: 16, which scores are scaled by here,");
    }

    /** Numbers that GGUF's files have as 0 where there is nothing, and that are no such thing in config.json. */
    @Test
    void factorsAndCapsOfZero() throws IOException {
        for (String[] field : new String[][] {
            {"granite", "embedding_multiplier"},
            {"granite", "residual_multiplier"},
            {"granite", "attention_multiplier"},
            {"granite", "logits_scaling"},
            {"gemma2", "attn_logit_softcapping"},
            {"gemma2", "final_logit_softcapping"}
        }) {
            for (String value : List.of("0", "-1.0", "1e300", "1e-60")) {
                Path model = copy(field[0]);
                edit(
                        model.resolve("config.json"),
                        node -> node.set(field[1], JsonMapper.shared().readTree(value)));
                assertRefused(model, "config.json: " + field[1] + " is ", ": a positive number is needed");
            }
        }
        for (String member : List.of("attention_factor", "beta_fast", "beta_slow", "factor")) {
            Path model = copy("qwen3-yarn");
            edit(model.resolve("config.json"), node -> {
                ((ObjectNode) node.path("rope_parameters")).put(member, -1);
                return node;
            });
            assertRefused(model, "config.json: rope_parameters." + member + " is -1: a positive number is needed");
        }
    }

    /** The library takes YaRN's mscale and mscale_all_dim together, and neither of the two without the other. */
    @Test
    void halfOfTheScalesOfYarn() throws IOException {
        Path model = copy("gpt-oss");
        for (String member : List.of("", "mscale", "mscale_all_dim")) {
            edit(model.resolve("config.json"), node -> {
                ObjectNode scaling = (ObjectNode) node.path("rope_parameters");
                scaling.remove(List.of("mscale", "mscale_all_dim"));
                if (!member.isEmpty()) {
                    scaling.put(member, 0.5);
                }
                return node;
            });
            try (GgufFile file = ModelFiles.open(model)) {
                assertFalse(file.metadata().contains("gpt-oss.rope.scaling.attn_factor"), member);
            }
        }
        edit(model.resolve("config.json"), node -> {
            ((ObjectNode) node.path("rope_parameters")).put("mscale", 1.0).put("mscale_all_dim", 0.5);
            return node;
        });
        try (GgufFile file = ModelFiles.open(model)) {
            assertTrue(file.metadata().contains("gpt-oss.rope.scaling.attn_factor"));
        }
    }

    /** Every member that is read is read with its type, and none contradicts another: with the file and the key. */
    @Test
    void membersOfOtherTypesOrThatContradictEachOther() throws IOException {
        String huge = "1" + "0".repeat(400);
        for (String[] wrong : new String[][] {
            {"rope_scaling", "\"yarn\"", "config.json: rope_scaling is \"yarn\": an object is needed"},
            {"rope_scaling", "[\"yarn\",8.0]", "config.json: rope_scaling is"},
            {"rope_scaling", "8", "config.json: rope_scaling is 8"},
            {"rope_scaling", "true", "config.json: rope_scaling is true"},
            {"rope_scaling", "{\"rope_type\":[\"yarn\"],\"factor\":8.0}", "rope_scaling.rope_type is [\"yarn\"]"},
            {"rope_scaling", "{\"rope_type\":null,\"factor\":8.0}", "rope_scaling.rope_type is null"},
            {"rope_scaling", "{\"rope_type\":null,\"type\":\"linear\",\"factor\":8.0}", "rope_scaling.rope_type is null"
            },
            {"rope_scaling", "{\"type\":\"Linear\",\"factor\":2.0}", "rope_scaling.type is \"Linear\""},
            {"rope_scaling", "{\"factor\":8.0}", "rope_scaling is {\"factor\":8.0}: a rope_type is needed"},
            {
                "rope_scaling",
                "{\"rope_type\":\"default\",\"type\":\"linear\",\"factor\":8.0}",
                "rope_scaling.type is \"linear\": what rope_type says (default) is needed"
            },
            {"rope_scaling", "{\"rope_type\":\"default\",\"factor\":8.0}", "an object without 'factor' is needed"},
            {"rope_scaling", "{\"type\":\"linear\",\"factor\":0}", "rope_scaling.factor is 0: a positive number"},
            {"rope_scaling", "{\"type\":\"linear\"}", "rope_scaling.factor is missing: a finite number"},
            {"rope_scaling", "{\"type\":\"linear\",\"factor\":" + huge + "}", "config.json: rope_scaling.factor is 1000"
            },
            {"rope_scaling", "{\"type\":\"linear\",\"factor\":2.0,\"rope_theta\":\"x\"}", "rope_theta is \"x\""},
            {"rope_scaling", "{\"type\":\"linear\",\"factor\":2.0,\"rope_theta\":5.0}", "rope_theta is 10000.0: what"},
            {
                "rope_scaling",
                "{\"type\":\"yarn\",\"factor\":2.0,\"original_max_position_embeddings\":64,\"truncate\":\"no\"}",
                "config.json: rope_scaling.truncate is \"no\": true or false is needed"
            },
            {
                "rope_scaling",
                "{\"type\":\"yarn\",\"factor\":2.0,\"original_max_position_embeddings\":64,\"truncate\":{}}",
                "rope_scaling.truncate is {}"
            },
            {"rope_parameters", "\"x\"", "rope_parameters is \"x\""},
            {"rope_parameters", "{\"full_attention\":\"x\"}", "rope_parameters.full_attention is \"x\""},
            {
                "rope_parameters",
                "{\"sliding_attention\":{\"rope_type\":\"yarn\",\"factor\":4.0},\"full_attention\":{\"rope_type\":\"default\"}}",
                "one entry for all layers is needed"
            },
            {"rope_theta", huge, "config.json: rope_theta is 1000"},
            {"rms_norm_eps", huge, "config.json: rms_norm_eps is 1000"},
            {"partial_rotary_factor", huge, "huggingface.config.partial_rotary_factor"},
            {
                "sliding_window",
                "3",
                "config.json: sliding_window is 3: null, as a model of type llama has none, is needed"
            },
            {"sliding_window_pattern", "2", "huggingface.config.sliding_window_pattern"},
            {"layer_types", "[\"sliding_attention\",\"full_attention\"]", "full_attention, as there is no window"},
            {"vocab_size", "5", "config.json: vocab_size is 5, and the embedding has 267 rows"},
            {"attention_bias", "\"yes\"", "config.json: attention_bias is \"yes\": true or false is needed"},
            {"pad_token_id", "\"x\"", "huggingface.config.pad_token_id"},
            {"bos_token_id", "[1,2]", "config.json: bos_token_id is [1,2]"},
            {"bos_token_id", "-1", "config.json: bos_token_id is -1"},
            {"bos_token_id", "\"1\"", "config.json: bos_token_id is \"1\""},
            {"bos_token_id", "1099511627776", "config.json: bos_token_id is 1099511627776"},
            {"eos_token_id", "2.5", "config.json: eos_token_id is 2.5"},
            {"eos_token_id", "{}", "config.json: eos_token_id is {}"},
            {"quantization_config", "{\"quant_method\":\"fp8\",\"weight_block_size\":[7,\"x\"]}", "quantization_config"}
        }) {
            Path model = copy("llama");
            edit(model.resolve("config.json"), node -> {
                if (wrong[0].equals("rope_scaling") || wrong[0].equals("rope_theta")) {
                    node.remove("rope_parameters");
                    node.put("rope_theta", 10000.0);
                }
                return node.set(wrong[0], JsonMapper.shared().readTree(wrong[1]));
            });
            assertRefused(model, wrong[2]);
        }
        Path two = copy("llama");
        edit(
                two.resolve("config.json"),
                node -> node.set("rope_scaling", JsonMapper.shared().readTree("{\"type\":\"linear\",\"factor\":2.0}")));
        assertRefused(two, "config.json: rope_scaling is", "what rope_parameters says");
        Path windows = copy("gemma3");
        edit(windows.resolve("config.json"), node -> node.put("_sliding_window_pattern", 2));
        assertRefused(windows, "config.json: layer_types is", "what sliding_window_pattern says of layer 1");
        Path pictures = copy("gemma3");
        edit(pictures.resolve("config.json"), node -> {
            ObjectNode outer = JsonMapper.shared().createObjectNode();
            outer.put("model_type", "gemma3");
            outer.set("text_config", node.deepCopy());
            return outer.put("hidden_size", node.path("hidden_size").asInt());
        });
        LanguageModel.open(pictures).close();
        edit(pictures.resolve("config.json"), node -> node.put("hidden_size", 7));
        assertRefused(pictures, "config.json: hidden_size is 7: what text_config says (32) is needed");
        edit(pictures.resolve("config.json"), node -> {
            node.remove("hidden_size");
            return node.set("rope_scaling", JsonMapper.shared().readTree("{\"type\":\"linear\",\"factor\":2.0}"));
        });
        assertRefused(pictures, "config.json: rope_scaling is", "what text_config says (missing)");
        Path base = copy("gemma3");
        edit(base.resolve("config.json"), node -> node.put("rope_local_base_freq", 5.0));
        assertRefused(base, "config.json: rope_local_base_freq is 5.0");
        Path plain = copy("llama");
        edit(plain.resolve("config.json"), node -> {
            node.put("pad_token_id", -1);
            return node.putNull("sliding_window");
        });
        LanguageModel.open(plain).close();
    }

    /** The files beside config.json: empty, of other types, and not known in their form. */
    @Test
    void filesBesideTheConfiguration() throws IOException {
        for (String file : List.of(
                "config.json", "generation_config.json", "tokenizer_config.json", "model.safetensors.index.json")) {
            for (String text : List.of("", "  \n", "null", "[1]")) {
                Path model = copy("llama");
                Files.writeString(model.resolve(file), text);
                assertRefused(model, file + ": an object of JSON is needed");
            }
        }
        Path empty = copy("llama");
        Files.writeString(empty.resolve("tokenizer.json"), " ");
        assertRefused(empty, "tokenizer.json: the file: nothing found where an object is needed");
        for (String[] wrong : new String[][] {
            {"generation_config.json", "eos_token_id", "\"x\"", "generation_config.json: eos_token_id is \"x\""},
            {"generation_config.json", "eos_token_id", "[2,99999]", "generation_config.json: eos_token_id is 99999"},
            {"tokenizer_config.json", "chat_template", "5", "tokenizer_config.json: chat_template is 5: a text"},
            {
                "tokenizer_config.json",
                "chat_template",
                "[{\"name\":\"tool_use\",\"template\":\"x\"}]",
                "none of its entries is called default"
            },
            {"tokenizer_config.json", "bos_token", "7", "tokenizer_config.json: bos_token is 7"},
            {"tokenizer_config.json", "add_bos_token", "\"no\"", "tokenizer_config.json: add_bos_token is \"no\""},
            {"tokenizer.json", "post_processor", "\"x\"", "tokenizer.json: post_processor of type '\"x\"' is not known"
            },
            {"tokenizer.json", "post_processor", "{\"type\":\"Sequence\"}", "post_processor: processors must be a list"
            },
            {"tokenizer.json", "post_processor", "{\"type\":\"TemplateProcessing\"}", "single has no text in it"},
            {"tokenizer.json", "decoder", "{\"type\":\"WordPiece\"}", "decoder {\"type\":\"WordPiece\"} is not known"},
            {"tokenizer.json", "decoder", "\"x\"", "decoder \"x\" is not known"},
            {"tokenizer.json", "normalizer", "\"x\"", "normalizer \"x\" is not known"},
            {"tokenizer.json", "normalizer", "{\"type\":\"Sequence\",\"normalizers\":{}}", "normalizers is {}"},
            {
                "tokenizer.json",
                "pre_tokenizer",
                "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":\"x\"}",
                "use_regex is \"x\""
            },
            {"tokenizer.json", "added_tokens", "\"x\"", "tokenizer.json: added_tokens is \"x\""},
            {"tokenizer.json", "added_tokens", "[{\"id\":1.5,\"content\":\"z\"}]", "a content and an id are needed"},
            {"tokenizer.json", "new_step", "1", "huggingface.tokenizer.new_step"}
        }) {
            Path model = copy("llama");
            edit(
                    model.resolve(wrong[0]),
                    node -> node.set(wrong[1], JsonMapper.shared().readTree(wrong[2])));
            assertRefused(model, wrong[3]);
        }
        for (String[] wrong : new String[][] {
            {"unk_token", "\"nope\"", "model.unk_token 'nope' is no token"},
            {"byte_fallback", "\"x\"", "model.byte_fallback is \"x\""},
            {"ignore_merges", "1", "model.ignore_merges is 1"},
            {"new_rule", "true", "huggingface.tokenizer.model.new_rule"}
        }) {
            Path model = copy("llama");
            edit(model.resolve("tokenizer.json"), node -> {
                ((ObjectNode) node.path("model"))
                        .set(wrong[0], JsonMapper.shared().readTree(wrong[1]));
                return node;
            });
            assertRefused(model, wrong[2]);
        }
        Path added = copy("llama");
        edit(
                added.resolve("tokenizer_config.json"),
                node -> node.set(
                        "added_tokens_decoder",
                        JsonMapper.shared()
                                .readTree("{\"264\":{\"content\":\"<|begin|>\"},\"7\":{\"content\":\"<new>\"}}")));
        assertRefused(added, "tokenizer_config.json: added_tokens_decoder.7 is '<new>'");
        Path latin = copy("llama");
        Files.write(latin.resolve("chat_template.jinja"), new byte[] {(byte) 0xff, '{'});
        assertRefused(latin, "chat_template.jinja: bytes that are no UTF-8");
        Path directory = copy("qwen2");
        Files.createDirectory(directory.resolve("chat_template.jinja"));
        assertRefused(directory, "chat_template.jinja: not a regular file");
    }

    @Test
    void tokenizersThatAreNotKnownAreRefused() throws IOException {
        for (String[] wrong : new String[][] {
            {
                "qwen3",
                "pre_tokenizer",
                "{\"type\":\"Whitespace\"}",
                "pre_tokenizer {\"type\":\"Whitespace\"} is not known"
            },
            {
                "qwen3",
                "pre_tokenizer",
                "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"x+\"},\"behavior\":\"Isolated\",\"invert\":false}",
                "cuts text by [NFC, x+]"
            },
            {
                // GPT-NeoX's, whose text is composed before it is cut as GPT-2's.
                "qwen3",
                "pre_tokenizer",
                "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true}",
                "cuts text by [NFC, words], which is not known"
            },
            {"qwen3", "normalizer", "{\"type\":\"NFKC\"}", "normalizer {\"type\":\"NFKC\"} is not known"},
            {
                "qwen3",
                "model",
                "{\"type\":\"Unigram\",\"vocab\":[[\"a\",0.0]]}",
                "a model of type 'Unigram' (SentencePiece's language model): 'BPE'"
            },
            {
                "qwen3",
                "model",
                "{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}",
                "tokens 'a' and 'b' have the id 0"
            },
            {"qwen3", "model", "{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}", "has the id -1"},
            {"qwen3", "model", "{\"type\":\"BPE\",\"vocab\":{\"a\":5000},\"merges\":[]}", "and the embedding has"},
            {"qwen3", "model", "{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"abc\"]}", "merge 0 is 'abc'"},
            {
                "qwen3",
                "model",
                "{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[[\"a\",\"b\",\"c\"]]}",
                "merge 0 is [a, b, c]"
            },
            {
                "qwen3",
                "post_processor",
                "{\"type\":\"BertProcessing\"}",
                "post_processor of type 'BertProcessing' is not known"
            },
            {"qwen3", "added_tokens", "[{\"id\":1,\"content\":\"zz\",\"special\":true,\"rstrip\":true}]", "tokens"},
            {"gemma2", "normalizer", "{\"type\":\"Lowercase\"}", "normalizer {\"type\":\"Lowercase\"} is not known"},
            {
                "gemma2",
                "pre_tokenizer",
                "{\"type\":\"Metaspace\",\"replacement\":\"x\",\"prepend_scheme\":\"always\"}",
                "is not known here"
            }
        }) {
            Path model = copy(wrong[0]);
            edit(
                    model.resolve("tokenizer.json"),
                    node -> node.<ObjectNode>set(wrong[1], JsonMapper.shared().readTree(wrong[2])));
            assertRefused(model, wrong[3]);
        }
        Path spm = copy("gemma3");
        String original = Files.readString(spm.resolve("tokenizer.json"));
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(original);
        tools.jackson.databind.node.ArrayNode merges =
                (tools.jackson.databind.node.ArrayNode) root.path("model").path("merges");
        JsonNode first = merges.remove(0);
        Files.writeString(spm.resolve("tokenizer.json"), root.toString());
        assertRefused(spm, "such a list has no scores");
        merges.add(first);
        Files.writeString(spm.resolve("tokenizer.json"), root.toString());
        LanguageModel.open(spm).close();
        Files.delete(spm.resolve("tokenizer.json"));
        assertRefused(spm, "there is no tokenizer.json");
        Path strip = copy("qwen2");
        edit(strip.resolve("tokenizer.json"), node -> {
            ((ObjectNode) node.path("added_tokens").get(0)).put("lstrip", true);
            return node;
        });
        assertRefused(strip, "metadata huggingface.tokenizer.added_tokens.lstrip is not known");
        LanguageModel.open(
                        strip,
                        LanguageModel.Options.DEFAULT.withIgnoredKeys(
                                Set.of("huggingface.tokenizer.added_tokens.lstrip")))
                .close();
    }

    /** Files that do not belong together, and names that lead out of the folder. */
    @Test
    void indexes() throws IOException {
        Path model = copy("llama");
        Path index = model.resolve("model.safetensors.index.json");
        String original = Files.readString(index);
        for (String escape : List.of(
                "../model-00001-of-00003.safetensors",
                "/etc/passwd",
                "a/b.safetensors",
                "..",
                "",
                ".hidden.safetensors",
                "config.json")) {
            edit(index, node -> {
                ((ObjectNode) node.path("weight_map")).put("model.norm.weight", escape);
                return node;
            });
            assertRefused(
                    model,
                    "weight_map: tensor model.norm.weight is in '" + escape
                            + "': the name of a safetensors file of the same folder is needed");
            Files.writeString(index, original);
        }
        edit(index, node -> {
            ((ObjectNode) node.path("weight_map")).put("model.other.weight", "model-00001-of-00003.safetensors");
            return node;
        });
        assertRefused(model, "tensor model.other.weight is missing");
        Files.writeString(index, original);
        edit(index, node -> {
            ((ObjectNode) node.path("weight_map")).remove("model.norm.weight");
            return node;
        });
        assertRefused(model, "model.norm.weight", "says is in no file");
        Files.writeString(index, "{\"weight_map\": []}");
        assertRefused(model, "weight_map must be an object");
        Files.writeString(index, original);
        Files.delete(model.resolve("model-00002-of-00003.safetensors"));
        assertRefused(model, "model-00002-of-00003.safetensors is missing, one of the 3 files");
        Files.delete(index);
        assertRefused(
                model,
                "there is no model.safetensors and no model.safetensors.index.json",
                "model-00001-of-00003.safetensors");
    }

    /** The hash of a folder is of all of its bits that count, and of no others. */
    @Test
    void hashes() throws IOException {
        Path model = copy("qwen2");
        String before = ModelFiles.sha256(model);
        assertEquals(64, before.length());
        assertEquals(before, ModelFiles.sha256(TinyModels.ofFolders("qwen2")));
        Files.writeString(model.resolve("README.md"), "not read");
        assertEquals(before, ModelFiles.sha256(model));
        assertEquals(ModelFiles.bytes(TinyModels.ofFolders("qwen2")), ModelFiles.bytes(model));
        Files.writeString(model.resolve("generation_config.json"), "{}");
        assertTrue(!before.equals(ModelFiles.sha256(model)));
        assertEquals(
                org.threehalf.kernels.io.Sha256.of(TinyModels.ofFolders("qwen2.gguf")),
                ModelFiles.sha256(TinyModels.ofFolders("qwen2.gguf")));
    }

    @Test
    void foldersThatHoldNoModel() throws IOException {
        String message = assertThrows(ModelFormatException.class, () -> ModelFiles.open(folder))
                .getMessage();
        assertTrue(message.contains("a folder without config.json: the name of"), message);
        Path model = copy("qwen2");
        // The cache of Hugging Face's libraries: its snapshots are links to files of hashes.
        Path snapshot = Files.createDirectories(folder.resolve("hub/snapshots/0123abcd"));
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.createSymbolicLink(snapshot.resolve(file.getFileName()), file.toAbsolutePath());
            }
        }
        LanguageModel.open(snapshot).close();
        assertRefused(folder.resolve("hub"), "hub: a folder without config.json, but with one in snapshots/0123abcd:");
        Path ggufs = Files.createDirectories(folder.resolve("ggufs"));
        Files.createFile(ggufs.resolve("b.gguf"));
        Files.createFile(ggufs.resolve("a.gguf"));
        assertRefused(ggufs, "a folder without config.json, with a.gguf, b.gguf: the name of a GGUF file");
        Files.writeString(ggufs.resolve("adapter_config.json"), "{}");
        assertRefused(ggufs, "adapters are not read");
        assertRefused(model.resolve("config.json"), "it is a JSON file: of a model in several files give the folder");
        Files.write(model.resolve("model.safetensors"), new byte[5]);
        assertRefused(model, "model.safetensors: 5 bytes");
        try (InputStream in = Files.newInputStream(TinyModels.ofFolders("qwen2").resolve("model.safetensors"))) {
            Files.write(model.resolve("model.safetensors"), in.readNBytes(50_000));
        }
        assertRefused(model, "are not within the");
    }

    /** Windows, activations and caps as the library reads them; what it would not read alike is refused. */
    @Test
    void whatTheLibraryReadsOtherwise() throws IOException {
        for (String[] wrong : new String[][] {
            {"mistral", "sliding_window_pattern", "1", "huggingface.config.sliding_window_pattern"},
            {"gemma2", "_sliding_window_pattern", "1", "huggingface.config._sliding_window_pattern"},
            {"olmo3", "sliding_window_pattern", "2", "huggingface.config.sliding_window_pattern"},
            {"gpt-oss", "sliding_window_pattern", "1", "huggingface.config.sliding_window_pattern"},
            {"gemma2", "hidden_activation", "\"gelu_10\"", "gelu_pytorch_tanh is needed"},
            {"gemma2", "hidden_activation", "\"gelu\"", "gelu_pytorch_tanh is needed"},
            {"gemma3", "hidden_activation", "\"geluwrong\"", "gelu_pytorch_tanh is needed"},
            {"gemma2", "hidden_activation", "null", "gelu_pytorch_tanh is needed"},
            {"gemma3", "attn_logit_softcapping", "1.0", "null, as the library does not apply it"},
        }) {
            Path model = copy(wrong[0]);
            edit(
                    model.resolve("config.json"),
                    node -> node.set(wrong[1], JsonMapper.shared().readTree(wrong[2])));
            assertRefused(model, wrong[3]);
        }
        Path plain = copy("gemma2");
        edit(plain.resolve("config.json"), node -> node.put("hidden_act", "gelu"));
        LanguageModel.open(plain).close();

        // Qwen's windows begin at layer 28 where nothing is said: these models have none.
        for (String type : List.of("qwen2", "qwen3")) {
            Path windowed = copy(type);
            edit(windowed.resolve("config.json"), node -> {
                node.remove("max_window_layers");
                node.remove("layer_types");
                return node.put("use_sliding_window", true).put("sliding_window", 6);
            });
            try (LanguageModel opened = LanguageModel.open(windowed)) {
                assertTrue(opened.weights().layers().stream().allMatch(layer -> layer.window() == 0));
            }
            edit(windowed.resolve("config.json"), node -> node.put("max_window_layers", 1));
            assertRefused(windowed, "max_window_layers is 1");
            edit(windowed.resolve("config.json"), node -> node.putNull("max_window_layers"));
            assertRefused(windowed, "max_window_layers is null");
        }
        Path unrotated = copy("smollm3");
        edit(
                unrotated.resolve("config.json"),
                node -> node.put("use_sliding_window", true).put("sliding_window", 6));
        assertRefused(unrotated, "use_sliding_window is true");

        Path adapted = copy("llama");
        Files.writeString(adapted.resolve("adapter_config.json"), "{}");
        assertRefused(adapted, "adapter_config.json: an adapter changes the model");
    }
}
