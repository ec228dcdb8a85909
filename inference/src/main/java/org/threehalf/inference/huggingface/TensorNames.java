package org.threehalf.inference.huggingface;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.gguf.TensorType;
import org.threehalf.inference.huggingface.ModelConfig.Family;
import org.threehalf.inference.huggingface.Safetensors.Tensor;
import org.threehalf.inference.huggingface.Safetensors.Type;

/** The tensors of a folder under GGUF's names, with GGUF's order of rows and GGUF's norms. */
final class TensorNames {
    private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,5})\\.(.+)\\.(weight|bias)");
    private static final Pattern SINKS = Pattern.compile("layers\\.(\\d{1,5})\\.self_attn\\.sinks");
    /** In a layer, for every family but where {@link Family#postNorms()} says otherwise. */
    private static final Map<String, String> IN_LAYER = Map.ofEntries(
            Map.entry("input_layernorm", stem(TensorRole.ATTENTION_NORM)),
            Map.entry("post_attention_layernorm", stem(TensorRole.FEED_FORWARD_NORM)),
            Map.entry("self_attn.q_proj", stem(TensorRole.QUERY)),
            Map.entry("self_attn.k_proj", stem(TensorRole.KEY)),
            Map.entry("self_attn.v_proj", stem(TensorRole.VALUE)),
            Map.entry("self_attn.o_proj", stem(TensorRole.ATTENTION_OUTPUT)),
            // Query, key and value, one above the other, have no role of their own.
            Map.entry("self_attn.qkv_proj", "attn_qkv"),
            Map.entry("self_attn.q_norm", stem(TensorRole.QUERY_NORM)),
            Map.entry("self_attn.k_norm", stem(TensorRole.KEY_NORM)),
            Map.entry("mlp.gate_proj", stem(TensorRole.GATE)),
            Map.entry("mlp.up_proj", stem(TensorRole.UP)),
            Map.entry("mlp.gate", stem(TensorRole.ROUTER)),
            Map.entry("mlp.router", stem(TensorRole.ROUTER)),
            Map.entry("block_sparse_moe.gate", stem(TensorRole.ROUTER)),
            // Gate and up, one above the other.
            Map.entry("mlp.gate_up_proj", stem(TensorRole.UP)),
            Map.entry("mlp.down_proj", stem(TensorRole.DOWN)));
    /** An expert's part; in Mixtral's files under other names. */
    private static final Pattern EXPERT =
            Pattern.compile("(?:mlp|block_sparse_moe)\\.experts\\.(\\d{1,5})\\.(gate_proj|up_proj|down_proj|w1|w2|w3)");

    private static final Map<String, String> IN_EXPERT = Map.of(
            "gate_proj", stem(TensorRole.GATE),
            "up_proj", stem(TensorRole.UP),
            "down_proj", stem(TensorRole.DOWN),
            "w1", stem(TensorRole.GATE),
            "w3", stem(TensorRole.UP),
            "w2", stem(TensorRole.DOWN));
    private static final Map<String, String> WITH_POST_NORMS = Map.of(
            "post_attention_layernorm", stem(TensorRole.POST_ATTENTION_NORM),
            "pre_feedforward_layernorm", stem(TensorRole.FEED_FORWARD_NORM),
            "post_feedforward_layernorm", stem(TensorRole.POST_FEED_FORWARD_NORM));
    /** What is no part of the decoder: frequencies that are computed, and what sees pictures. */
    private static final Pattern LEFT_OUT =
            Pattern.compile(".*\\.rotary_emb\\.inv_freq|(model\\.)?(vision_tower|multi_modal_projector)\\..*");

    private static final String OUTPUT = "lm_head.weight";
    /** Scales of 8-bit numbers stand beside them under these names. */
    private static final List<String> SCALES = List.of("_scale_inv", "_scale");

    private final String model;
    private final ModelConfig config;
    private final Family family;
    private final Map<String, Tensor> stored;
    private final Set<String> used = new HashSet<>();
    /** Of GGUF's names, what each is made of. */
    private final Map<String, Tensor> sources = new HashMap<>();

    /**
     * Of a folder.
     *
     * @param model its name, for messages
     */
    TensorNames(String model, ModelConfig config, Map<String, Tensor> stored) {
        this.model = model;
        this.config = config;
        this.family = config.family();
        this.stored = stored;
    }

    /**
     * All tensors, in the order of the files: of those that are stored each is read, or is known to be no part of the
     * decoder, or is refused.
     *
     * @throws ModelFormatException if one is not known or not read, two are one, or one that the configuration speaks
     *     of is missing
     */
    List<GgufTensor> converted() throws ModelFormatException {
        OtherTools.refuse(stored);
        requireStoredAs();
        SequencedMap<String, GgufTensor> converted = new LinkedHashMap<>();
        boolean tied = config.tied();
        for (Tensor tensor : stored.values()) {
            String name = plain(tensor.name());
            if (LEFT_OUT.matcher(tensor.name()).matches() || isScale(tensor.name())) {
                continue;
            }
            if (tied && name.equals(OUTPUT)) {
                requireEmbedding(tensor);
                continue;
            }
            Matcher stack = ExpertStacks.NAME.matcher(name);
            if (family.stacksOfExperts() && stack.matches()) {
                for (GgufTensor part : ExpertStacks.of(tensor, stack, stored, config.experts())) {
                    add(converted, part, tensor);
                }
                continue;
            }
            String target = name(name)
                    .orElseThrow(() -> new ModelFormatException("%s: tensor %s is not known in architecture %s"
                            .formatted(tensor.file(), tensor.name(), family.architecture())));
            add(converted, tensor(target, tensor), tensor);
        }
        for (Tensor tensor : stored.values()) {
            if (isScale(tensor.name()) && !used.contains(tensor.name())) {
                throw new ModelFormatException(
                        "%s: tensor %s is the scale of none".formatted(tensor.file(), tensor.name()));
            }
        }
        if (!tied && !converted.containsKey(TensorRole.OUTPUT.ggufName())) {
            throw new ModelFormatException(
                    "%s: tensor %s is missing, and config.json does not say that it is the embedding (tie_word_embeddings is %s)"
                            .formatted(model, OUTPUT, config.saidOfTies()));
        }
        requireBiases(converted);
        return new ArrayList<>(converted.values());
    }

    private void add(SequencedMap<String, GgufTensor> converted, GgufTensor part, Tensor of)
            throws ModelFormatException {
        Tensor other = sources.put(part.name(), of);
        if (other != null) {
            throw new ModelFormatException(
                    "%s: tensor %s and tensor %s of %s are both %s: one of them would not be read"
                            .formatted(of.file(), of.name(), other.name(), other.file(), part.name()));
        }
        if (part.name().endsWith(TensorRole.ROUTER.ggufName()) && config.experts() != part.rows()) {
            throw new ModelFormatException("%s: tensor %s has %,d rows, and config.json says that there are %,d experts"
                    .formatted(of.file(), of.name(), part.rows(), config.experts()));
        }
        converted.put(part.name(), part);
    }

    /** Whether weights are stored as the configuration says that they were quantised. */
    private void requireStoredAs() throws ModelFormatException {
        Optional<String> method = config.quantMethod();
        boolean blocks = stored.keySet().stream().anyMatch(name -> name.endsWith(ExpertStacks.BLOCKS));
        boolean eight = stored.values().stream().anyMatch(tensor -> tensor.type() == Type.F8_E4M3);
        if (method.isPresent()
                && (method.get().equals("mxfp4")
                        ? !blocks || eight
                        : method.get().equals("fp8") && (blocks || !eight))) {
            throw new ModelFormatException(
                    "config.json: quantization_config.quant_method is \"%s\", and the tensors are stored as %s"
                            .formatted(
                                    method.get(),
                                    blocks && eight
                                            ? "F8_E4M3 and as MXFP4"
                                            : blocks ? "MXFP4" : eight ? "F8_E4M3" : "neither MXFP4 nor F8_E4M3"));
        }
    }

    /**
     * An output matrix beside an embedding that it is said to be must be it: the library reads one or the other,
     * depending on its version.
     */
    private void requireEmbedding(Tensor output) throws ModelFormatException {
        for (Tensor tensor : stored.values()) {
            if (plain(tensor.name()).equals("embed_tokens.weight")
                    && (tensor.type() != output.type()
                            || !tensor.shape().equals(output.shape())
                            || tensor.data().mismatch(output.data()) >= 0)) {
                throw new ModelFormatException(
                        "%s: tensor %s is not %s, which config.json says that it is (tie_word_embeddings is %s): which of the two counts is not known"
                                .formatted(output.file(), output.name(), tensor.name(), config.saidOfTies()));
            }
        }
    }

    /** Biases of the attention are there where the configuration asks for them, and nowhere else. */
    private void requireBiases(Map<String, GgufTensor> converted) throws ModelFormatException {
        Set<TensorRole> wanted = config.attentionBiases();
        for (long layer = 0; layer < config.layers(); layer++) {
            for (TensorRole role : ModelConfig.ATTENTION_BIASES) {
                String name = role.ggufName((int) layer);
                Tensor found = sources.get(name);
                if (wanted.contains(role) && !converted.containsKey(name)) {
                    throw new ModelFormatException(
                            "%s: the bias %s of layer %d is missing, and config.json asks for it (%s)"
                                    .formatted(model, nameInFolder(role), layer, config.saidOfBiases()));
                }
                if (!wanted.contains(role) && found != null) {
                    throw new ModelFormatException("%s: tensor %s is a bias that config.json does not ask for (%s)"
                            .formatted(found.file(), found.name(), config.saidOfBiases()));
                }
            }
        }
    }

    /** What follows the layer's number in a folder. */
    private static String nameInFolder(TensorRole role) {
        return IN_LAYER.entrySet().stream()
                .filter(entry -> entry.getValue().equals(stem(role)))
                .map(entry -> entry.getKey() + ".bias")
                .findFirst()
                .orElseThrow();
    }

    private boolean isScale(String name) {
        return SCALES.stream().anyMatch(suffix -> name.endsWith(".weight" + suffix));
    }

    /** Without what stands before it in models of several parts. */
    private static String plain(String name) {
        String plain = name.startsWith("language_model.") ? name.substring("language_model.".length()) : name;
        plain = plain.startsWith("model.language_model.") ? plain.substring("model.language_model.".length()) : plain;
        return plain.startsWith("model.") ? plain.substring("model.".length()) : plain;
    }

    /** A role's name in GGUF without the layer before it and {@code weight} behind it. */
    private static String stem(TensorRole role) {
        return role.ggufName().substring(0, role.ggufName().lastIndexOf('.'));
    }

    private Optional<String> name(String name) {
        switch (name) {
            case "embed_tokens.weight" -> {
                return Optional.of(TensorRole.EMBEDDING.ggufName());
            }
            case "norm.weight" -> {
                return Optional.of(TensorRole.OUTPUT_NORM.ggufName());
            }
            case "norm.bias" -> {
                return Optional.of(TensorRole.OUTPUT_NORM_BIAS.ggufName());
            }
            case OUTPUT -> {
                return Optional.of(TensorRole.OUTPUT.ggufName());
            }
            default -> {
                Matcher sinks = SINKS.matcher(name);
                if (family.stacksOfExperts() && sinks.matches()) {
                    return Optional.of(TensorRole.ATTENTION_SINKS.ggufName(Integer.parseInt(sinks.group(1))));
                }
                Matcher layer = LAYER.matcher(name);
                if (!layer.matches()) {
                    return Optional.empty();
                }
                Matcher expert = EXPERT.matcher(layer.group(2));
                if (expert.matches()) {
                    return Optional.of("blk.%d.%s.%d.%s"
                            .formatted(
                                    Integer.parseInt(layer.group(1)),
                                    IN_EXPERT.get(expert.group(2)),
                                    Integer.parseInt(expert.group(1)),
                                    layer.group(3)));
                }
                // Of gpt-oss GGUF names the norm before the feed-forward block after the attention, too.
                boolean after = family.postNorms()
                        || family.stacksOfExperts() && layer.group(2).equals("post_attention_layernorm");
                String part = after && WITH_POST_NORMS.containsKey(layer.group(2))
                        ? WITH_POST_NORMS.get(layer.group(2))
                        : IN_LAYER.get(layer.group(2));
                return Optional.ofNullable(part)
                        .map(p -> "blk.%d.%s.%s".formatted(Integer.parseInt(layer.group(1)), p, layer.group(3)));
            }
        }
    }

    private GgufTensor tensor(String target, Tensor tensor) throws ModelFormatException {
        List<Long> dimensions = tensor.shape().reversed();
        TensorType type = switch (tensor.type()) {
            case F32, F8_E4M3 -> TensorType.F32;
            case F16 -> TensorType.F16;
            case BF16 -> TensorType.BF16;
            default ->
                throw new ModelFormatException("%s: tensor %s is of type %s: F32, F16, BF16 and F8_E4M3 are read"
                        .formatted(tensor.file(), tensor.name(), tensor.type()));
        };
        TensorInfo info;
        try {
            info = new TensorInfo(target, type, dimensions);
        } catch (IllegalArgumentException absurd) {
            throw new ModelFormatException(
                    "%s: tensor %s: %s".formatted(tensor.file(), tensor.name(), absurd.getMessage()), absurd);
        }
        LongUnaryOperator places = places(target, info);
        if (tensor.type() == Type.F8_E4M3) {
            Tensor scale = scale(tensor);
            return new GgufTensor(
                    info,
                    0,
                    tensor.data(),
                    places,
                    Float8.rows(tensor, scale, info),
                    tensor.data().byteSize() + scale.data().byteSize());
        }
        GgufTensor plain = new GgufTensor(
                info, 0, tensor.data(), places, null, tensor.data().byteSize());
        if (dimensions.size() > 1) {
            return plain;
        }
        // Vectors are small, and in binary32 wherever GGUF has them.
        float[] values = plain.toFloats();
        if (family.shiftedNorms() && target.endsWith("norm.weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] += 1;
            }
        }
        return HuggingFaceFolder.vector(target, values);
    }

    /**
     * Where a row of query or key lies: here pair i of a head is (i, i + d/2), and in llama's GGUF files (2i, 2i + 1).
     */
    private @Nullable LongUnaryOperator places(String target, TensorInfo info) throws ModelFormatException {
        if (!family.interleaved() || !target.matches("blk\\.\\d+\\.attn_[qk]\\.(weight|bias)")) {
            return null;
        }
        boolean vector = info.dimensions().size() == 1;
        long rows = vector ? info.elements() : info.rows();
        long heads = target.contains(stem(TensorRole.QUERY)) ? config.heads() : config.keyValueHeads();
        if (rows % (2 * heads) != 0) {
            throw new ModelFormatException("%s: tensor %s has %,d rows: they must be %,d heads of pairs"
                    .formatted(model, target, rows, heads));
        }
        if (vector) {
            throw new ModelFormatException("%s: tensor %s: biases of rotated rows are not known in architecture %s"
                    .formatted(model, target, family.architecture()));
        }
        long size = rows / heads;
        return row -> row / size * size + row % size % 2 * (size / 2) + row % size / 2;
    }

    /** The scales of 8-bit numbers: of the tensor, its rows, or its tiles. */
    private Tensor scale(Tensor tensor) throws ModelFormatException {
        Tensor scale = null;
        for (String suffix : SCALES) {
            Tensor found = stored.get(tensor.name() + suffix);
            if (found != null) {
                used.add(found.name());
                if (scale != null) {
                    throw new ModelFormatException(
                            "%s: tensor %s has two scales".formatted(tensor.file(), tensor.name()));
                }
                scale = found;
            }
        }
        if (scale == null) {
            throw new ModelFormatException("%s: tensor %s is of type F8_E4M3 and has no scale (%s_scale or _scale_inv)"
                    .formatted(tensor.file(), tensor.name(), tensor.name()));
        }
        return scale;
    }
}
