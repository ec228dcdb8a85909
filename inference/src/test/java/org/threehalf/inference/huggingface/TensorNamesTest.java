package org.threehalf.inference.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.threehalf.inference.huggingface.Folders.assertRefused;
import static org.threehalf.inference.huggingface.Folders.copy;
import static org.threehalf.inference.huggingface.Folders.edit;
import static org.threehalf.inference.huggingface.Folders.tensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.huggingface.Folders.Stored;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Of the tensors of a folder each is read, or refused; and none that is needed may be missing. */
class TensorNamesTest {
    private static final String EXPERTS = "model.layers.0.mlp.experts.";

    @TempDir
    private Path folder;

    /** A tensor in two forms: whichever were taken, the other would be passed over. */
    @Test
    void oneTensorInTwoForms() throws IOException {
        Path model = copy(folder, "gpt-oss");
        tensors(model, all -> all.put(EXPERTS + "down_proj", Stored.zeros("BF16", 2, 5L, 64L, 32L)));
        assertRefused(
                model,
                "model.safetensors: tensor " + EXPERTS + "down_proj and tensor " + EXPERTS
                        + "down_proj_blocks of model.safetensors are both blk.0.ffn_down_exps.weight");
        model = copy(folder, "gpt-oss");
        tensors(model, all -> all.putFirst(EXPERTS + "gate_up_proj", Stored.zeros("BF16", 2, 5L, 32L, 128L)));
        assertRefused(model, "tensor " + EXPERTS + "gate_up_proj of model.safetensors are both blk.0.ffn_gate_exps");
        // The same with and without what stands before all names.
        model = copy(folder, "gpt-oss");
        tensors(
                model,
                all -> all.put(
                        "layers.0.mlp.experts.down_proj_bias",
                        Objects.requireNonNull(all.get(EXPERTS + "down_proj_bias"))));
        assertRefused(model, "tensor layers.0.mlp.experts.down_proj_bias", "are both blk.0.ffn_down_exps.bias");
        model = copy(folder, "gpt-oss");
        tensors(model, all -> all.put(EXPERTS + "1.down_proj.weight", Stored.zeros("BF16", 2, 32L, 64L)));
        assertRefused(model, "tensor blk.0.ffn_down.1.weight is not known in architecture gpt-oss");
        model = copy(folder, "qwen3");
        tensors(model, all -> all.put("model.layers.0.mlp.up_proj.weight_scale_inv", Stored.zeros("F32", 4, 1L)));
        assertRefused(model, "tensor model.layers.0.mlp.up_proj.weight_scale_inv is the scale of none");
        model = copy(folder, "qwen3-float8");
        tensors(model, all -> all.remove("model.layers.0.mlp.up_proj.weight"));
        assertRefused(model, "tensor model.layers.0.mlp.up_proj.weight_scale is the scale of none");
        model = copy(folder, "llama");
        Files.copy(model.resolve("model-00001-of-00003.safetensors"), model.resolve("model.safetensors"));
        assertRefused(model, "there is model.safetensors, of which model.safetensors.index.json says nothing");
    }

    /** Codes and exponents of a stack in files of their own: the model is the same, and none of them may be lost. */
    @Test
    void stacksInSeveralFiles() throws IOException {
        Path model = copy(folder, "gpt-oss");
        Folders.split(model, 3);
        try (GgufFile whole = HuggingFaceFolder.open(TinyModels.ofFolders("gpt-oss"));
                GgufFile parts = HuggingFaceFolder.open(model)) {
            assertEquals(whole.tensors().size(), parts.tensors().size());
            for (GgufTensor tensor : whole.tensors()) {
                assertArrayEquals(tensor.toFloats(), parts.tensor(tensor.name()).toFloats(), tensor.name());
            }
        }
        // A file that is left out of the index with all that is in it, as of a folder that was not copied whole.
        Path index = model.resolve("model.safetensors.index.json");
        String lost = "model-00002-of-00003.safetensors";
        edit(index, node -> {
            ObjectNode places = (ObjectNode) node.path("weight_map");
            places.remove(places.propertyStream()
                    .filter(entry -> entry.getValue().asString().equals(lost))
                    .map(Map.Entry::getKey)
                    .toList());
            return node;
        });
        assertRefused(model, "there is no model.layers.0.mlp.experts.");
    }

    /** The output matrix: lost, or other than what it is said to be. */
    @Test
    void outputMatrices() throws IOException {
        Path model = copy(folder, "llama-spm");
        tensors(model, all -> all.remove("lm_head.weight"));
        assertRefused(
                model,
                "tensor lm_head.weight is missing, and config.json does not say that it is the embedding (tie_word_embeddings is false)");
        edit(model.resolve("config.json"), node -> {
            node.remove("tie_word_embeddings");
            return node;
        });
        assertRefused(model, "tensor lm_head.weight is missing", "(tie_word_embeddings is missing)");
        edit(model.resolve("config.json"), node -> node.put("tie_word_embeddings", true));
        LanguageModel.open(model).close();
        Path other = copy(folder, "llama-spm");
        edit(other.resolve("config.json"), node -> node.put("tie_word_embeddings", true));
        assertRefused(
                other,
                "model.safetensors: tensor lm_head.weight is not model.embed_tokens.weight, which config.json says that it is");
        tensors(other, all -> all.put("lm_head.weight", Objects.requireNonNull(all.get("model.embed_tokens.weight"))));
        LanguageModel.open(other).close();
    }

    /** Biases of the attention are where config.json says that they are. */
    @Test
    void biasesAsTheConfigurationSays() throws IOException {
        Path one = copy(folder, "gpt-oss");
        tensors(one, all -> all.remove("model.layers.1.self_attn.o_proj.bias"));
        assertRefused(
                one,
                "the bias self_attn.o_proj.bias of layer 1 is missing, and config.json asks for it (attention_bias is true)");
        edit(one.resolve("config.json"), node -> {
            node.remove("attention_bias");
            return node;
        });
        assertRefused(one, "self_attn.o_proj.bias of layer 1 is missing", "(attention_bias is missing)");
        Path none = copy(folder, "gpt-oss");
        tensors(none, all -> all.keySet().removeIf(name -> name.contains("self_attn") && name.endsWith("bias")));
        assertRefused(none, "the bias self_attn.", "of layer 0 is missing");
        for (String[] family : new String[][] {
            {"qwen3", "attention_bias", "true", "of layer 0 is missing, and config.json asks for it"},
            {"granite", "attention_bias", "true", "of layer 0 is missing, and config.json asks for it"},
            {"granite", "mlp_bias", "true", "huggingface.config.mlp_bias is not known"},
            {"mistral", "attention_bias", "true", "huggingface.config.attention_bias is not known"},
            {"stablelm", "use_qkv_bias", "false", "is a bias that config.json does not ask for (use_qkv_bias is false)"
            },
            {"stablelm", "attention_bias", "true", "huggingface.config.attention_bias is not known"},
            {"gpt-oss", "attention_bias", "\"true\"", "attention_bias is \"true\": true or false is needed"}
        }) {
            Path model = copy(folder, family[0]);
            edit(
                    model.resolve("config.json"),
                    node -> node.set(family[1], JsonMapper.shared().readTree(family[2])));
            assertRefused(model, family[3]);
        }
        for (String name : List.of("qwen3", "granite", "phi3", "gemma3")) {
            Path model = copy(folder, name);
            tensors(model, all -> all.put("model.layers.1.self_attn.o_proj.bias", Stored.zeros("BF16", 2, 32L)));
            assertRefused(model, "tensor model.layers.1.self_attn.o_proj.bias is a bias that config.json does not ask");
        }
    }

    /** What other tools made is known by its tensors where config.json says nothing of it. */
    @Test
    void tensorsOfOtherTools() throws IOException {
        String layer = "model.layers.0.mlp.up_proj.";
        for (String[] tool : new String[][] {
            {"qweight", "GPTQ or AWQ"},
            {"g_idx", "GPTQ"},
            {"scales", "MLX"},
            {"biases", "MLX"},
            {"weight_packed", "compressed-tensors"},
            {"weight.absmax", "bitsandbytes"},
            {"weight.quant_state.bitsandbytes__nf4", "bitsandbytes"},
            {"SCB", "bitsandbytes"}
        }) {
            Path model = copy(folder, "qwen3");
            tensors(model, all -> all.put(layer + tool[0], Stored.zeros("I32", 4, 2L)));
            assertRefused(
                    model,
                    "model.safetensors: tensor " + layer + tool[0] + " is part of weights that " + tool[1]
                            + " quantised, which are not read: use the model before it was quantised");
        }
    }

    /** The kind of quantisation that config.json names is that of the tensors. */
    @Test
    void kindsOfQuantisation() throws IOException {
        for (String[] wrong : new String[][] {
            {"gpt-oss", "{\"quant_method\":\"fp8\"}", "quant_method is \"fp8\", and the tensors are stored as MXFP4"},
            {"gpt-oss-bf16", "{\"quant_method\":\"mxfp4\"}", "is \"mxfp4\", and the tensors are stored as neither"},
            {"qwen3-float8", "{\"quant_method\":\"mxfp4\"}", "is \"mxfp4\", and the tensors are stored as F8_E4M3"},
            {"qwen3", "{\"quant_method\":\"fp8\"}", "is \"fp8\", and the tensors are stored as neither"},
            {
                "gpt-oss",
                "{\"quant_method\":\"mxfp4\",\"bits\":3}",
                "config.json: quantization_config.bits is 3: 4, as quant_method is \"mxfp4\", is needed"
            },
            {"gpt-oss", "{\"quant_method\":\"mxfp4\",\"bits\":\"4\"}", "quantization_config.bits is \"4\""},
            {"gpt-oss", "{\"quant_method\":\"mxfp4\",\"new\":1}", "huggingface.config.quantization_config"},
            {"gpt-oss", "\"mxfp4\"", "quantization_config is \"mxfp4\": an object is needed"},
            {"qwen3-float8", "{\"quant_method\":\"fp8\",\"fmt\":\"e5m2\"}", "quantization_config.fmt is \"e5m2\""}
        }) {
            Path model = copy(folder, wrong[0]);
            edit(
                    model.resolve("config.json"),
                    node -> node.set("quantization_config", JsonMapper.shared().readTree(wrong[1])));
            assertRefused(model, wrong[2]);
        }
        Path right = copy(folder, "gpt-oss");
        edit(
                right.resolve("config.json"),
                node -> node.set(
                        "quantization_config",
                        JsonMapper.shared().readTree("{\"quant_method\":\"mxfp4\",\"bits\":4}")));
        LanguageModel.open(right).close();
    }

    /** Stacks of experts say what is wrong with their shapes. */
    @Test
    void shapesOfStacks() throws IOException {
        Path model = copy(folder, "gpt-oss");
        tensors(model, all -> all.put(EXPERTS + "gate_up_proj_bias", Stored.zeros("BF16", 2, 128L, 5L)));
        assertRefused(
                model,
                EXPERTS
                        + "gate_up_proj_bias is of type BF16 and of shape [128, 5]: the first dimension must be 5, the experts of config.json");
        model = copy(folder, "gpt-oss");
        tensors(model, all -> all.put(EXPERTS + "gate_up_proj_bias", Stored.zeros("BF16", 2, 5L, 127L)));
        assertRefused(model, "of shape [5, 127]: dimension 2 is of gate and up in turn, and must be even");
        model = copy(folder, "gpt-oss");
        edit(model.resolve("config.json"), node -> node.put("num_local_experts", 4));
        assertRefused(model, "the first dimension must be 4, the experts of config.json");
        model = copy(folder, "mixtral");
        edit(model.resolve("config.json"), node -> node.put("num_local_experts", 3));
        assertRefused(model, "gate.weight has 4 rows, and config.json says that there are 3 experts");
        model = copy(folder, "mixtral");
        tensors(model, all -> all.remove("model.layers.0.block_sparse_moe.experts.2.w1.weight"));
        assertRefused(model, "tensor blk.0.ffn_gate.2.weight is missing");
    }
}
