package org.threehalf.inference.huggingface;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import tools.jackson.databind.JsonNode;

/**
 * {@code config.json} as GGUF's metadata. Each field is read, or known to change nothing at the value that it has;
 * every other one becomes metadata {@code huggingface.config.FIELD}, which whoever computes with the model refuses by
 * name.
 */
final class ModelConfig {
    /** More experts than any model's layer has. */
    private static final int MAX_EXPERTS = 4096;

    /** Prefix of what nothing computes. */
    static final String UNKNOWN = "huggingface.config.";

    /**
     * A family of models.
     *
     * @param architecture GGUF's name
     * @param interleaved whether GGUF has the rows of query and key in the order that makes neighbours a pair
     * @param shiftedNorms whether a norm's weight is 1 more than what is stored
     * @param postNorms whether {@code post_attention_layernorm} stands behind the attention, and not before the
     *     feed-forward block
     * @param spelt whether the numbers for which the library has defaults of its own must be in the file
     */
    record Family(String architecture, boolean interleaved, boolean shiftedNorms, boolean postNorms, boolean spelt) {
        /** A family whose defaults are known here. */
        Family(String architecture, boolean interleaved, boolean shiftedNorms, boolean postNorms) {
            this(architecture, interleaved, shiftedNorms, postNorms, false);
        }

        /** Whether its norms have biases. */
        boolean layerNorms() {
            return architecture.equals("stablelm");
        }

        /** Whether its experts lie in stacks, with biases and a limited product, and its attention has sinks. */
        boolean stacksOfExperts() {
            return architecture.equals("gpt-oss");
        }

        /** Whether the number of its experts must be in the file. */
        boolean alwaysExperts() {
            return stacksOfExperts() || architecture.equals("qwen3moe") || architecture.equals("olmoe");
        }

        /** Whether it may rotate a part of each head. */
        boolean rotatedInPart() {
            return architecture.equals("phi3") || architecture.equals("stablelm");
        }
    }

    /** By {@code model_type}. */
    private static final Map<String, Family> FAMILIES = Map.ofEntries(
            Map.entry("llama", new Family("llama", true, false, false)),
            Map.entry("mistral", new Family("llama", true, false, false)),
            Map.entry("smollm3", new Family("smollm3", true, false, false, true)),
            Map.entry("granite", new Family("granite", true, false, false, true)),
            Map.entry("olmo2", new Family("olmo2", false, false, true, true)),
            Map.entry("olmo3", new Family("olmo2", false, false, true, true)),
            Map.entry("phi3", new Family("phi3", false, false, false, true)),
            Map.entry("stablelm", new Family("stablelm", false, false, false, true)),
            Map.entry("qwen2", new Family("qwen2", false, false, false)),
            Map.entry("qwen3", new Family("qwen3", false, false, false)),
            Map.entry("mixtral", new Family("llama", true, false, false, true)),
            Map.entry("qwen3_moe", new Family("qwen3moe", false, false, false, true)),
            Map.entry("olmoe", new Family("olmoe", false, false, false, true)),
            Map.entry("gpt_oss", new Family("gpt-oss", false, false, false, true)),
            Map.entry("gemma2", new Family("gemma2", false, true, true)),
            Map.entry("gemma3_text", new Family("gemma3", false, true, true)),
            Map.entry("gemma3", new Family("gemma3", false, true, true)));

    /** The biases that some models' attention has. */
    static final Set<TensorRole> ATTENTION_BIASES = EnumSet.of(
            TensorRole.QUERY_BIAS, TensorRole.KEY_BIAS, TensorRole.VALUE_BIAS, TensorRole.ATTENTION_OUTPUT_BIAS);

    private static final Set<TensorRole> INPUT_BIASES =
            EnumSet.of(TensorRole.QUERY_BIAS, TensorRole.KEY_BIAS, TensorRole.VALUE_BIAS);
    /** The kinds of models whose library reads {@code attention_bias}: query, key, value and output have biases. */
    private static final Set<String> BIASED = Set.of(
            "llama",
            "smollm3",
            "granite",
            "olmo2",
            "olmo3",
            "qwen3",
            "qwen3_moe",
            "olmoe",
            "gpt_oss",
            "gemma2",
            "gemma3",
            "gemma3_text");

    /** Of so many layers the last one does not rotate, in SmolLM 3. */
    private static final int UNROTATED_PERIOD = 4;
    /** Gemma's scale of scores, as the library has it where a file says nothing. */
    private static final int USUAL_SCALAR = 256;
    /** The kinds of models that have a window where a file says nothing, and how large it is. */
    private static final Set<String> USUALLY_WINDOWED =
            Set.of("mistral", "qwen2", "qwen3", "qwen3_moe", "olmo3", "gemma2", "gemma3", "gemma3_text");

    private static final long USUAL_WINDOW = 4096;
    /** Layers before those with a window, where Qwen's file does not say. */
    private static final long USUALLY_BEFORE_WINDOWS = 28;
    /** Of these the library goes by the window alone, whatever kinds of layers are listed. */
    private static final Set<String> TYPES_UNREAD = Set.of("mixtral", "phi3", "qwen3_moe");
    /** Granite's factors: what config.json calls them, and GGUF. */
    private static final Map<String, String> MULTIPLIERS = Map.of(
            "embedding_multiplier", "embedding_scale",
            "residual_multiplier", "residual_scale",
            "attention_multiplier", "attention.scale",
            "logits_scaling", "logit_scale");

    private static final Predicate<JsonNode> ANY = node -> true;
    private static final Predicate<JsonNode> ABSENT = node ->
            node.isNull() || node.isNumber() && JsonFile.real(node) == 0 || node.isBoolean() && !node.asBoolean();
    private static final Predicate<JsonNode> ONE = node -> node.isNull() || node.isNumber() && JsonFile.real(node) == 1;
    /** A token's id, or none. */
    private static final Predicate<JsonNode> TOKEN = node -> node.isNull()
            || node.isIntegralNumber() && JsonFile.real(node) >= -1 && JsonFile.real(node) <= Integer.MAX_VALUE;
    /** What a model that sees pictures says of itself, whatever its text's part says. */
    private static final Set<String> BESIDE =
            Set.of("model_type", "text_config", "bos_token_id", "eos_token_id", "tie_word_embeddings");
    /** The kinds of models of whose layers some or all see a window only. */
    private static final Set<String> WINDOWED = Set.of(
            "mistral",
            "mixtral",
            "phi3",
            "qwen2",
            "qwen3",
            "qwen3_moe",
            "smollm3",
            "olmo3",
            "gpt_oss",
            "gemma2",
            "gemma3",
            "gemma3_text");
    /** Of the kinds of quantised weights that are read, the bits of a code. */
    private static final Map<String, Integer> BITS = Map.of("fp8", 8, "mxfp4", 4);
    /** What is said of weights of every kind that is read; nothing else is known to change nothing. */
    private static final Set<String> QUANTIZED_MEMBERS =
            Set.of("quant_method", "bits", "modules_to_not_convert", "dequantize");

    private static final Set<String> FLOAT8_MEMBERS = Set.of(
            "quant_method",
            "bits",
            "modules_to_not_convert",
            "dequantize",
            "weight_block_size",
            "activation_scheme",
            "fmt",
            "ignored_layers",
            "scale_fmt");
    /** The positions of the training, in a scaling. */
    private static final String TRAINED = "original_max_position_embeddings";
    /** What stands in every scaling of positions. */
    private static final Set<String> ALWAYS =
            Set.of("rope_type", "type", "rope_theta", "partial_rotary_factor", "original_max_position_embeddings");
    /** What each kind of scaling has beside that. */
    private static final Map<String, Set<String>> SCALINGS = Map.of(
            "default", Set.of(),
            "linear", Set.of("factor"),
            "llama3", Set.of("factor", "low_freq_factor", "high_freq_factor"),
            "yarn",
                    Set.of(
                            "factor",
                            "beta_fast",
                            "beta_slow",
                            "attention_factor",
                            "mscale",
                            "mscale_all_dim",
                            "truncate"),
            "longrope", Set.of("factor", "short_factor", "long_factor", "attention_factor"),
            "su", Set.of("factor", "short_factor", "long_factor", "attention_factor"));
    /** What changes nothing, at which values. */
    private static final Map<String, Predicate<JsonNode>> HARMLESS = Map.ofEntries(
            // For people, for training, and for the library.
            Map.entry("architectures", ANY),
            Map.entry("_name_or_path", ANY),
            Map.entry("name_or_path", ANY),
            Map.entry("transformers_version", ANY),
            Map.entry("initializer_range", ANY),
            Map.entry("use_cache", ANY),
            Map.entry("torch_dtype", ANY),
            Map.entry("dtype", ANY),
            Map.entry("attention_dropout", ANY),
            Map.entry("hidden_dropout", ANY),
            Map.entry("embd_pdrop", ANY),
            Map.entry("resid_pdrop", ANY),
            Map.entry("classifier_dropout", ANY),
            Map.entry("_attn_implementation", ANY),
            Map.entry("cache_implementation", ANY),
            Map.entry("return_dict", ANY),
            Map.entry("output_attentions", ANY),
            Map.entry("output_hidden_states", ANY),
            Map.entry("gradient_checkpointing", ANY),
            Map.entry("auto_map", ANY),
            Map.entry("transformers.js_config", ANY),
            Map.entry("unsloth_fixed", ANY),
            Map.entry("unsloth_version", ANY),
            Map.entry("chunk_size_feed_forward", ANY),
            Map.entry("id2label", ANY),
            Map.entry("label2id", ANY),
            Map.entry("problem_type", ANY),
            Map.entry("is_llama_config", ANY),
            Map.entry("pad_token_id", TOKEN),
            Map.entry("eoi_token_index", ANY),
            Map.entry("boi_token_index", ANY),
            Map.entry("image_token_index", ANY),
            Map.entry("mm_tokens_per_image", ANY),
            Map.entry("vision_config", ANY),
            Map.entry("original_max_position_embeddings", ANY),
            // Of experts: what counts in training alone.
            Map.entry("output_router_logits", ANY),
            Map.entry("router_aux_loss_coef", ANY),
            Map.entry("router_jitter_noise", ANY),
            // Phi-4's, at their only values.
            Map.entry("full_attn_mod", ONE),
            Map.entry("interpolate_factor", ONE),
            Map.entry("lm_head_bias", ABSENT),
            // Layers without experts, and limits on queries, keys and values.
            Map.entry("decoder_sparse_step", ONE),
            Map.entry("mlp_only_layers", node -> node.isNull() || node.isArray() && node.isEmpty()),
            Map.entry("clip_qkv", JsonNode::isNull),
            // How weights were cut for training: the computation is the same.
            Map.entry("pretraining_tp", ANY),
            // What these families could have, and have not at these values.
            Map.entry("mlp_bias", ABSENT),
            Map.entry("attention_bias", ABSENT),
            Map.entry("use_qkv_bias", ABSENT),
            Map.entry("qk_layernorm", ABSENT),
            Map.entry("use_parallel_residual", ABSENT),
            Map.entry("rope_interleaved", ABSENT),
            Map.entry("use_bidirectional_attention", ABSENT),
            Map.entry("add_cross_attention", ABSENT),
            Map.entry("is_encoder_decoder", ABSENT),
            Map.entry("partial_rotary_factor", ONE),
            Map.entry("quantization_config", node -> isFloat8(node) || isMxfp4(node)),
            Map.entry("is_decoder", ANY));

    private final String file;
    private final JsonNode root;
    /** Where the decoder's own fields are: the root, or {@code text_config} of a model that sees pictures, too. */
    private final JsonNode fields;

    private final String type;
    private final Family family;
    private final Set<String> read = new HashSet<>();
    private final SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
    private final SequencedMap<String, float[]> rotaryTensors = new LinkedHashMap<>();
    private Set<TensorRole> attentionBiases = Set.of();
    /** The field of the scaling of positions. */
    private String positions = "rope_scaling";

    /** The field that says which; empty where none does. */
    private String biasField = "";

    private long experts;

    private ModelConfig(String file, JsonNode root, JsonNode fields, String type, Family family) {
        this.file = file;
        this.root = root;
        this.fields = fields;
        this.type = type;
        this.family = family;
    }

    /** Reads a file. */
    static ModelConfig read(Path path) throws java.io.IOException {
        String file = String.valueOf(path.getFileName());
        JsonNode root = JsonFile.object(path);
        String type =
                root.path("model_type").isString() ? root.path("model_type").asString() : "";
        Family family = FAMILIES.get(type);
        if (family == null) {
            throw new ModelFormatException("%s: model_type '%s' is not known; those that are: %s"
                    .formatted(
                            file,
                            type,
                            String.join(
                                    ", ", FAMILIES.keySet().stream().sorted().toList())));
        }
        JsonNode inner = root.path("text_config");
        ModelConfig config = new ModelConfig(file, root, inner.isObject() ? inner : root, type, family);
        config.convert();
        return config;
    }

    private static boolean hasOnly(JsonNode node, Set<String> members) {
        return members.containsAll(node.propertyNames());
    }

    private static boolean isFloat8(JsonNode node) {
        JsonNode tile = node.path("weight_block_size");
        boolean known = tile.isMissingNode()
                || tile.isNull()
                || tile.isArray() && tile.size() == 2 && isTile(tile.get(0)) && isTile(tile.get(1));
        return node.isNull()
                || node.path("quant_method").asString("").equals("fp8") && known && hasOnly(node, FLOAT8_MEMBERS);
    }

    /** Weights in MXFP4 lie in tensors of their own, which are known by their names. */
    private static boolean isMxfp4(JsonNode node) {
        return node.path("quant_method").asString("").equals("mxfp4") && hasOnly(node, QUANTIZED_MEMBERS);
    }

    private static boolean isTile(JsonNode edge) {
        return edge.isIntegralNumber() && JsonFile.real(edge) == Float8.TILE;
    }

    /** The family. */
    Family family() {
        return family;
    }

    /** The metadata that it is. */
    SequencedMap<String, GgufValue> metadata() {
        return metadata;
    }

    /** How many experts a layer has, 0 for none. */
    long experts() {
        return experts;
    }

    /** How many layers there are. */
    long layers() throws ModelFormatException {
        return integer("num_hidden_layers", 1, 10_000);
    }

    /** The biases that the attention of each layer has. */
    Set<TensorRole> attentionBiases() {
        return attentionBiases;
    }

    /** What the file says of them, for messages. */
    String saidOfBiases() {
        return biasField.isEmpty()
                ? "model_type is \"%s\"".formatted(type)
                : "%s is %s".formatted(biasField, JsonFile.shown(fields.path(biasField)));
    }

    /** The tool that quantised the weights, if the file names one. */
    Optional<String> quantMethod() {
        JsonNode method = fields.path("quantization_config").path("quant_method");
        return method.isString() ? Optional.of(method.asString()) : Optional.empty();
    }

    /** What the file says of the embedding as the output matrix, for messages. */
    String saidOfTies() {
        return JsonFile.shown(ties());
    }

    private JsonNode ties() {
        return fields.has("tie_word_embeddings")
                ? fields.path("tie_word_embeddings")
                : root.path("tie_word_embeddings");
    }

    /** Whether the output matrix is the embedding. */
    boolean tied() throws ModelFormatException {
        read.add("tie_word_embeddings");
        JsonNode tied = ties();
        // The library ties those of Gemma and SmolLM 3 where nothing is said.
        return tied.isMissingNode() || tied.isNull()
                ? family.architecture.startsWith("gemma") || family.architecture.equals("smollm3")
                : bool("tie_word_embeddings", tied);
    }

    /**
     * Divisors of the rotary frequencies, one a pair, as the tensors that GGUF has them in; none if positions are not
     * scaled by any.
     */
    SequencedMap<String, float[]> rotaryTensors() {
        return rotaryTensors;
    }

    int heads() throws ModelFormatException {
        return (int) integer("num_attention_heads", 1, 1 << 24);
    }

    int keyValueHeads() throws ModelFormatException {
        return (int) find("num_key_value_heads")
                .map(node -> node.asLong())
                .orElse((long) heads())
                .longValue();
    }

    private ModelFormatException wrong(String field, JsonNode value, String needed) {
        return new ModelFormatException(
                "%s: %s is %s: %s is needed".formatted(file, field, JsonFile.shown(value), needed));
    }

    private boolean bool(String field, JsonNode value) throws ModelFormatException {
        if (!value.isBoolean()) {
            throw wrong(field, value, "true or false");
        }
        return value.asBoolean();
    }

    /** A field that is there and not null. */
    private Optional<JsonNode> find(String field) {
        read.add(field);
        JsonNode value = fields.path(field);
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    private JsonNode required(String field) throws ModelFormatException {
        return find(field).orElseThrow(() -> new ModelFormatException("%s: %s is missing".formatted(file, field)));
    }

    private long integer(String field, JsonNode value, long least, long most) throws ModelFormatException {
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < least || value.asLong() > most) {
            throw wrong(field, value, "an integer from %,d to %,d".formatted(least, most));
        }
        return value.asLong();
    }

    private long integer(String field, long least, long most) throws ModelFormatException {
        return integer(field, required(field), least, most);
    }

    private double number(String field, JsonNode value) throws ModelFormatException {
        if (!value.isNumber() || !Double.isFinite(JsonFile.real(value))) {
            throw wrong(field, value, "a finite number");
        }
        return JsonFile.real(value);
    }

    /** A number that is positive and finite in binary32, too, in which it is computed with. */
    private double positive(String field, JsonNode value) throws ModelFormatException {
        double number = number(field, value);
        if (!((float) number > 0 && Float.isFinite((float) number))) {
            throw wrong(field, value, "a positive number");
        }
        return number;
    }

    private Optional<Double> positive(JsonNode scaling, String field) throws ModelFormatException {
        JsonNode value = scaling.path(field);
        return value.isMissingNode() || value.isNull()
                ? Optional.empty()
                : Optional.of(positive(positions + "." + field, value));
    }

    private void put(String key, long value) {
        metadata.put(family.architecture + "." + key, GgufValue.ofUint32((int) value));
    }

    private void put(String key, double value) {
        metadata.put(family.architecture + "." + key, GgufValue.ofFloat32((float) value));
    }

    private void convert() throws ModelFormatException {
        read.add("model_type");
        metadata.put("general.architecture", GgufValue.of(family.architecture));
        long layers = integer("num_hidden_layers", 1, 10_000);
        long width = integer("hidden_size", 1, 1 << 24);
        long heads = heads();
        if (family.spelt) {
            for (String field : List.of("num_key_value_heads", epsilon())) {
                if (!fields.has(field)) {
                    throw new ModelFormatException("%s: %s is missing".formatted(file, field));
                }
            }
        }
        put("block_count", layers);
        put(
                "context_length",
                find("max_position_embeddings").isPresent()
                        ? integer("max_position_embeddings", 1, Integer.MAX_VALUE)
                        : family.architecture.equals("gemma3") ? 131_072 : 8192);
        put("embedding_length", width);
        put("feed_forward_length", integer("intermediate_size", 1, 1 << 24));
        put("attention.head_count", heads);
        put(
                "attention.head_count_kv",
                find("num_key_value_heads").isPresent() ? integer("num_key_value_heads", 1, 1 << 24) : heads);
        long head = find("head_dim").isPresent()
                ? integer("head_dim", 1, 1 << 24)
                : family.architecture.startsWith("gemma")
                        ? 256
                        : family.architecture.equals("qwen3") ? 128 : width / heads;
        put("attention.key_length", head);
        put("attention.value_length", head);
        put(
                family.layerNorms() ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon",
                find(epsilon()).isPresent() ? epsilon(required(epsilon())) : 1e-6);
        integer("vocab_size", 1, Integer.MAX_VALUE);
        quantized();
        readExperts();
        biases();
        activation();
        window(layers, head);
        rotation(head);
        tied();
        if (family.architecture.startsWith("gemma")) {
            gemma(width, heads, head, layers);
        } else if (family.architecture.equals("granite")) {
            for (Map.Entry<String, String> factor : MULTIPLIERS.entrySet()) {
                put(
                        factor.getValue(),
                        find(factor.getKey()).isPresent() ? positive(factor.getKey(), required(factor.getKey())) : 1.0);
            }
        } else if (family.architecture.equals("smollm3")) {
            unrotated(layers);
        }
        for (String field : List.of("bos_token_id", "eos_token_id")) {
            read.add(field);
        }
        unknown();
    }

    private double epsilon(JsonNode value) throws ModelFormatException {
        double number = value.isNumber() ? JsonFile.real(value) : 0;
        if (!((float) number > 0 && number <= 1)) {
            throw wrong(epsilon(), value, "a number above 0, at most 1,");
        }
        return number;
    }

    /** The field of the norms' epsilon. */
    private String epsilon() {
        return family.layerNorms() ? "layer_norm_eps" : "rms_norm_eps";
    }

    /**
     * Weights that a tool of another kind quantised are refused with what to do, before their tensors are; and what
     * contradicts the kind of those that are read.
     */
    private void quantized() throws ModelFormatException {
        JsonNode config = fields.path("quantization_config");
        if (!config.isMissingNode() && !config.isNull() && !config.isObject()) {
            throw wrong("quantization_config", config, "an object");
        }
        JsonNode method = config.path("quant_method");
        if (method.isString() && BITS.containsKey(method.asString())) {
            JsonNode bits = config.path("bits");
            if (!bits.isMissingNode()
                    && !bits.isNull()
                    && !(bits.isNumber() && JsonFile.real(bits) == BITS.get(method.asString()))) {
                throw wrong(
                        "quantization_config.bits",
                        bits,
                        "%d, as quant_method is %s,".formatted(BITS.get(method.asString()), JsonFile.shown(method)));
            }
            JsonNode kind = config.path("fmt");
            if (!kind.isMissingNode() && !kind.asString("").equals("e4m3")) {
                throw wrong("quantization_config.fmt", kind, "\"e4m3\"");
            }
        }
        if (method.isString() && !Set.of("fp8", "mxfp4", "compressed-tensors").contains(method.asString())) {
            throw wrong(
                    "quantization_config.quant_method",
                    method,
                    "fp8 or mxfp4 (weights of other kinds are not read: use the model before it was quantised, and quantise that)");
        }
        // MLX's field, which stands beside a copy of it under the library's name, or alone.
        if (fields.path("quantization").isObject()) {
            throw wrong(
                    "quantization",
                    fields.path("quantization"),
                    "none (MLX's weights are not read: use the model before it was quantised, and quantise that)");
        }
    }

    private void readExperts() throws ModelFormatException {
        String count =
                fields.has("num_local_experts") || Set.of("gpt_oss", "mixtral").contains(type)
                        ? "num_local_experts"
                        : "num_experts";
        if (find(count).isEmpty()) {
            if (family.alwaysExperts() || type.equals("mixtral")) {
                required(count);
            }
            return;
        }
        experts = integer(count, 1, MAX_EXPERTS);
        if (count.equals("num_local_experts")) {
            same("num_experts", count);
        }
        put("expert_count", experts);
        put("expert_used_count", integer("num_experts_per_tok", 1, experts));
        if (find("moe_intermediate_size").isPresent()) {
            put("expert_feed_forward_length", integer("moe_intermediate_size", 1, 1 << 24));
        }
        if (family.stacksOfExperts()) {
            // GGUF has a number of its own for the size of an expert, which other programs ask for.
            put("expert_feed_forward_length", integer("intermediate_size", 1, 1 << 24));
            exactly("swiglu_limit", ElementaryFunctions.SWIGLU_LIMIT);
            exactly("swiglu_alpha", ElementaryFunctions.SWIGLU_SLOPE);
            // The older name of a number.
            same("experts_per_token", "num_experts_per_tok");
        } else if (!family.architecture.equals("llama")) {
            Optional<JsonNode> norm = find("norm_topk_prob");
            metadata.put(
                    family.architecture + ".expert_weights_norm",
                    GgufValue.of(norm.isPresent() && bool("norm_topk_prob", norm.get())));
        }
    }

    /**
     * Which biases the attention has, as the library's code makes them: where a file says otherwise than its tensors
     * do, one of the two is wrong.
     */
    private void biases() throws ModelFormatException {
        if (type.equals("qwen2")) {
            // Whatever the field says.
            attentionBiases = INPUT_BIASES;
            read.add("attention_bias");
        } else if (BIASED.contains(type) || type.equals("stablelm")) {
            biasField = BIASED.contains(type) ? "attention_bias" : "use_qkv_bias";
            Optional<JsonNode> said = find(biasField);
            boolean there = said.isPresent() ? bool(biasField, said.get()) : family.stacksOfExperts();
            if (family.stacksOfExperts() && !there) {
                // In every file; without them it would be another model than its tensors are.
                throw wrong(biasField, fields.path(biasField), "true");
            }
            attentionBiases = !there ? Set.of() : type.equals("stablelm") ? INPUT_BIASES : ATTENTION_BIASES;
        }
    }

    /** A number that, where it is there, can have one value. */
    private void exactly(String field, float only) throws ModelFormatException {
        Optional<JsonNode> value = find(field);
        if (value.isPresent() && (float) number(field, value.get()) != only) {
            throw wrong(field, value.get(), String.valueOf(only));
        }
    }

    /** A field that, where it is there, says what another one says. */
    private void same(String field, String other) throws ModelFormatException {
        Optional<JsonNode> value = find(field);
        if (value.isPresent() && !value.get().equals(required(other))) {
            throw wrong(field, value.get(), "what %s says (%s)".formatted(other, JsonFile.shown(required(other))));
        }
    }

    /** Which layers have no positions: GGUF has no key for them, and every fourth one has none there. */
    private void unrotated(long layers) throws ModelFormatException {
        long interval = find("no_rope_layer_interval").isPresent()
                ? integer("no_rope_layer_interval", 1, 10_000)
                : UNROTATED_PERIOD;
        Optional<JsonNode> listed = find("no_rope_layers").filter(list -> !list.isEmpty());
        for (int i = 0; i < layers; i++) {
            int said = listed.isPresent() ? rotates(listed.get().path(i)) : (i + 1) % interval != 0 ? 1 : 0;
            if (said != ((i + 1) % UNROTATED_PERIOD != 0 ? 1 : 0)
                    || listed.isPresent() && listed.get().size() != layers) {
                throw wrong(
                        listed.isPresent() ? "no_rope_layers" : "no_rope_layer_interval",
                        listed.orElseGet(() -> fields.path("no_rope_layer_interval")),
                        listed.isPresent()
                                ? "a list with 0 for every fourth of the %,d layers and 1 for the others"
                                        .formatted(layers)
                                : String.valueOf(UNROTATED_PERIOD));
            }
        }
    }

    /** 0 or 1, or −1 for everything else. */
    private static int rotates(JsonNode value) {
        return value.isIntegralNumber() && (JsonFile.real(value) == 0 || JsonFile.real(value) == 1)
                ? (int) JsonFile.real(value)
                : -1;
    }

    /** The size of the vocabulary: rows of the embedding. */
    long vocabulary() throws ModelFormatException {
        return integer("vocab_size", 1, Integer.MAX_VALUE);
    }

    private void activation() throws ModelFormatException {
        boolean gelu = family.architecture.startsWith("gemma");
        for (String field : List.of("hidden_act", "hidden_activation")) {
            // Gemma 2's published files say gelu in the first field; the library computes what the second one says.
            Set<String> known = !gelu
                    ? Set.of("silu")
                    : field.equals("hidden_act") ? Set.of("gelu", "gelu_pytorch_tanh") : Set.of("gelu_pytorch_tanh");
            Optional<JsonNode> value = find(field);
            if (value.isPresent()
                    && !(value.get().isString() && known.contains(value.get().asString()))) {
                throw wrong(field, value.get(), gelu ? "gelu_pytorch_tanh" : "silu");
            }
            if (gelu && value.isEmpty() && fields.has(field)) {
                throw wrong(field, fields.path(field), "gelu_pytorch_tanh");
            }
        }
    }

    private void window(long layers, long head) throws ModelFormatException {
        Optional<JsonNode> window = find("sliding_window");
        if (family.stacksOfExperts() && !fields.has("sliding_window")) {
            required("sliding_window");
        }
        if (window.isPresent() && !WINDOWED.contains(type)) {
            throw wrong("sliding_window", window.get(), "null, as a model of type %s has none,".formatted(type));
        }
        boolean used = true;
        if (family.architecture.startsWith("qwen") || family.architecture.equals("smollm3")) {
            used = find("use_sliding_window").isPresent() && bool("use_sliding_window", required("use_sliding_window"));
            if (used && family.architecture.equals("smollm3")) {
                throw wrong(
                        "use_sliding_window",
                        fields.path("use_sliding_window"),
                        "false, as a window in the unrotated layers alone is not computed,");
            }
            // Layers from this one on have the window, if there is one.
            boolean first = find("max_window_layers").isPresent();
            if (used && !first && fields.has("max_window_layers")) {
                throw wrong("max_window_layers", fields.path("max_window_layers"), "a number with use_sliding_window");
            }
            long from = first ? integer("max_window_layers", 0, Integer.MAX_VALUE) : USUALLY_BEFORE_WINDOWS;
            if (used && from >= layers) {
                used = false;
            } else if (used && from > 0) {
                throw wrong(
                        "max_window_layers",
                        fields.path("max_window_layers"),
                        "0, or as many as there are layers, with use_sliding_window");
            }
        }
        // Elsewhere it is a field that nothing reads; under the second name what the library writes beside layer_types.
        boolean patterned = family.architecture.equals("gemma3");
        Optional<JsonNode> pattern = !patterned
                ? Optional.empty()
                : find("sliding_window_pattern")
                        .or(() -> fields.has("layer_types") ? find("_sliding_window_pattern") : Optional.empty());
        Optional<JsonNode> types = find("layer_types");
        if (types.isPresent() && TYPES_UNREAD.contains(type) && used && window.isPresent()) {
            throw wrong(
                    "layer_types",
                    types.get(),
                    "null beside sliding_window, as model_type %s does not read it,".formatted(type));
        }
        long usual = USUALLY_WINDOWED.contains(type) && !fields.has("sliding_window") ? USUAL_WINDOW : 0;
        long said = window.isPresent() ? integer("sliding_window", 1, Integer.MAX_VALUE) : usual;
        long size = used ? said : 0;
        boolean[] local = new boolean[(int) layers];
        int period = switch (family.architecture) {
            case "gemma3" -> 6;
            case "gemma2", "gpt-oss" -> 2;
            case "olmo2" -> 4;
            default -> 0;
        };
        if (pattern.isPresent()) {
            period = (int) integer("sliding_window_pattern", pattern.get(), 1, 10_000);
        }
        for (int i = 0; i < layers; i++) {
            local[i] = size > 0 && (period == 0 || i % period < period - 1);
        }
        if (types.isPresent()) {
            if (!types.get().isArray() || types.get().size() != layers) {
                throw wrong("layer_types", types.get(), "an entry for each of the %,d layers".formatted(layers));
            }
            for (int i = 0; i < layers; i++) {
                String type = types.get().get(i).asString("");
                if (!type.equals("sliding_attention") && !type.equals("full_attention")) {
                    throw wrong("layer_types", types.get(), "full_attention or sliding_attention");
                }
                boolean sliding = type.equals("sliding_attention");
                if (sliding && size == 0) {
                    throw wrong("layer_types", types.get(), "full_attention, as there is no window,");
                }
                if (pattern.isPresent() && sliding != local[i] && size > 0) {
                    throw wrong(
                            "layer_types",
                            types.get(),
                            "what sliding_window_pattern says of layer %,d (%s)"
                                    .formatted(i, local[i] ? "sliding_attention" : "full_attention"));
                }
                local[i] = sliding;
            }
        }
        boolean any = false;
        boolean all = true;
        for (boolean one : local) {
            any |= one;
            all &= one;
        }
        if (any) {
            put("attention.sliding_window", size);
        } else if (family.architecture.equals("gemma2") || family.stacksOfExperts()) {
            // Where a file says nothing, these architectures have one, or must say it.
            put("attention.sliding_window", 0);
        }
        if (any
                && (family.architecture.startsWith("gemma")
                        || family.architecture.equals("olmo2")
                        || family.stacksOfExperts())) {
            metadata.put(
                    family.architecture + ".attention.sliding_window_pattern",
                    GgufValue.arrayOf(ValueType.BOOL, booleans(local)));
        } else if (any && !all) {
            throw wrong("layer_types", types.orElse(required("sliding_window")), "one kind of attention in all layers");
        }
    }

    private static List<GgufValue> booleans(boolean[] values) {
        List<GgufValue> list = new java.util.ArrayList<>();
        for (boolean value : values) {
            list.add(GgufValue.of(value));
        }
        return list;
    }

    /** A field that must be an object where it is there. */
    private Optional<JsonNode> object(String field) throws ModelFormatException {
        Optional<JsonNode> value = find(field);
        if (value.isPresent() && !value.get().isObject()) {
            throw wrong(field, value.get(), "an object");
        }
        return value;
    }

    /** A number that may stand in the scaling of positions, in the model's fields, or in both, and then is the same. */
    private Optional<Double> either(Optional<JsonNode> scaling, String field) throws ModelFormatException {
        Optional<JsonNode> outer = find(field);
        Optional<Double> inner = scaling.isPresent() ? number(scaling.get(), field) : Optional.empty();
        if (outer.isPresent() && inner.isPresent() && number(field, outer.get()) != inner.get()) {
            throw wrong(field, outer.get(), "what the scaling of positions says (%s)".formatted(inner.get()));
        }
        return inner.isPresent() || outer.isEmpty() ? inner : Optional.of(number(field, outer.get()));
    }

    private void rotation(long head) throws ModelFormatException {
        Optional<JsonNode> parameters = object("rope_parameters");
        Optional<JsonNode> older = object("rope_scaling");
        if (parameters.isPresent() && older.isPresent() && !parameters.get().equals(older.get())) {
            throw wrong("rope_scaling", older.get(), "what rope_parameters says, or only one of the two,");
        }
        Optional<JsonNode> scaling = parameters.isPresent() ? parameters : older;
        positions = parameters.isPresent() ? "rope_parameters" : "rope_scaling";
        // One entry for all layers, or, in newer files, one for each kind of layer.
        Optional<JsonNode> local = Optional.empty();
        if (parameters.isPresent()
                && (parameters.get().has("full_attention") || parameters.get().has("sliding_attention"))) {
            boolean kinds = family.architecture.equals("gemma3") || family.architecture.equals("olmo2");
            for (Map.Entry<String, JsonNode> entry : parameters.get().properties()) {
                boolean known = entry.getKey().equals("full_attention")
                        || entry.getKey().equals("sliding_attention");
                if (!kinds || !known || !entry.getValue().isObject()) {
                    throw wrong(
                            "rope_parameters." + entry.getKey(),
                            entry.getValue(),
                            !kinds
                                    ? "one entry for all layers"
                                    : known ? "an object" : "only full_attention and sliding_attention");
                }
            }
            scaling = Optional.of(parameters.get().path("full_attention"));
            positions = "rope_parameters.full_attention";
            if (scaling.get().isMissingNode()) {
                throw wrong("rope_parameters", parameters.get(), "full_attention");
            }
            local = Optional.of(parameters.get().path("sliding_attention")).filter(JsonNode::isObject);
        }
        Optional<Double> base = either(scaling, "rope_theta");
        if (base.isEmpty() && family.spelt) {
            throw new ModelFormatException("%s: rope_theta is missing".formatted(file));
        }
        double theta = base.orElse(family.architecture.equals("gemma3") ? 1_000_000.0 : 10_000.0);
        if (!(theta > 0)) {
            throw new ModelFormatException("%s: rope_theta is %s: a positive number is needed".formatted(file, theta));
        }
        put("rope.freq_base", theta);
        long rotated = head;
        if (family.rotatedInPart()) {
            // The library rotates a quarter of StableLM's heads where nothing is said.
            double usual = family.architecture.equals("stablelm") ? 0.25 : 1;
            double share = either(scaling, "partial_rotary_factor").orElse(usual);
            if (!(share > 0 && share <= 1)) {
                throw new ModelFormatException("%s: partial_rotary_factor is %s: a number above 0, at most 1, is needed"
                        .formatted(file, share));
            }
            rotated = (long) (head * share);
        }
        put("rope.dimension_count", rotated);
        if (local.isPresent()) {
            if (!kind("rope_parameters.sliding_attention", local.get()).equals("default")) {
                throw wrong(
                        "rope_parameters.sliding_attention", local.get(), "rope_type default for layers with a window");
            }
            requireMembers("rope_parameters.sliding_attention", local.get(), "default");
        }
        if (family.architecture.equals("gemma3")) {
            Optional<Double> localBase = localBase(local);
            Optional<JsonNode> named = find("rope_local_base_freq");
            if (named.isPresent()
                    && localBase.isPresent()
                    && number("rope_local_base_freq", named.get()) != localBase.get()) {
                throw wrong(
                        "rope_local_base_freq",
                        named.get(),
                        "what rope_parameters.sliding_attention says (%s)".formatted(localBase.get()));
            }
            if (localBase.isPresent() || named.isPresent()) {
                put(
                        "rope.freq_base_swa",
                        localBase.isPresent() ? localBase.get() : number("rope_local_base_freq", named.get()));
            }
        } else if (localBase(local).orElse(theta) != theta) {
            throw wrong("rope_parameters", parameters.orElseThrow(), "one rope_theta for all layers");
        }
        if (scaling.isPresent()) {
            scaling(scaling.get(), theta, rotated);
        }
        if (family.stacksOfExperts()) {
            initialContext(scaling);
        }
    }

    private Optional<Double> localBase(Optional<JsonNode> local) throws ModelFormatException {
        JsonNode value = local.map(one -> one.path("rope_theta")).orElse(null);
        return value == null || value.isMissingNode() || value.isNull()
                ? Optional.empty()
                : Optional.of(positive("rope_parameters.sliding_attention.rope_theta", value));
    }

    /** The older name of the positions of the training. */
    private void initialContext(Optional<JsonNode> scaling) throws ModelFormatException {
        Optional<JsonNode> initial = find("initial_context_length");
        if (initial.isPresent()) {
            long said = integer("initial_context_length", 1, Integer.MAX_VALUE);
            if (scaling.filter(one -> one.has(TRAINED)).isPresent() && trainedPositions(scaling.get()) != said) {
                throw wrong(
                        "initial_context_length",
                        initial.get(),
                        "what %s.%s says (%s)"
                                .formatted(
                                        positions,
                                        TRAINED,
                                        JsonFile.shown(scaling.get().path(TRAINED))));
            }
        }
    }

    /** The kind of a scaling, by either of its names; an entry that says nothing of one is {@code default}. */
    private String kind(String field, JsonNode scaling) throws ModelFormatException {
        String kind = "";
        for (String name : List.of("rope_type", "type")) {
            JsonNode value = scaling.path(name);
            if (value.isMissingNode()) {
                continue;
            }
            // An older name, in the files of one family.
            boolean known = value.isString()
                    && SCALINGS.containsKey(value.asString())
                    && (!value.asString().equals("su") || type.equals("phi3"));
            if (!known) {
                throw wrong(
                        field + "." + name,
                        value,
                        "one of "
                                + String.join(
                                        ", ",
                                        SCALINGS.keySet().stream()
                                                .filter(one -> !one.equals("su"))
                                                .sorted()
                                                .toList()));
            }
            if (!kind.isEmpty() && !kind.equals(value.asString())) {
                throw wrong(field + "." + name, value, "what rope_type says (%s)".formatted(kind));
            }
            kind = value.asString();
        }
        if (kind.isEmpty() && !Set.of("rope_theta", "partial_rotary_factor").containsAll(scaling.propertyNames())) {
            throw wrong(field, scaling, "a rope_type");
        }
        return kind.isEmpty() ? "default" : kind;
    }

    /** Refuses members that nothing would read. */
    private void requireMembers(String field, JsonNode scaling, String kind) throws ModelFormatException {
        for (String member : scaling.propertyNames()) {
            boolean whole = member.equals("partial_rotary_factor")
                    && !family.rotatedInPart()
                    && !ONE.test(scaling.path(member));
            if (whole
                    || !ALWAYS.contains(member)
                            && !SCALINGS.getOrDefault(kind, Set.of()).contains(member)) {
                throw wrong(field, scaling, "an object without '%s'".formatted(member));
            }
        }
        if (scaling.has("original_max_position_embeddings")) {
            trainedPositions(scaling);
        }
    }

    private void scaling(JsonNode scaling, double theta, long head) throws ModelFormatException {
        String kind = kind(positions, scaling);
        requireMembers(positions, scaling, kind);
        switch (kind) {
            case "linear" -> {
                double factor = positive(positions + ".factor", scaling.path("factor"));
                metadata.put(family.architecture + ".rope.scaling.type", GgufValue.of("linear"));
                put("rope.scaling.factor", factor);
            }
            case "llama3" -> rotaryTensors.put("rope_freqs.weight", llama3(scaling, theta, head));
            case "yarn" -> yarn(scaling);
            case "longrope", "su" -> longrope(scaling, head);
            default -> {}
        }
    }

    private Optional<Double> number(JsonNode scaling, String field) throws ModelFormatException {
        JsonNode value = scaling.path(field);
        return value.isMissingNode() || value.isNull()
                ? Optional.empty()
                : Optional.of(number(positions + "." + field, value));
    }

    /** Positions of the training, in the scaling's own field or in the model's; the same in both if both are there. */
    private long trainedPositions(JsonNode scaling) throws ModelFormatException {
        String field = TRAINED;
        Optional<JsonNode> outer = find(field);
        JsonNode value = scaling.has(field) ? scaling.path(field) : outer.orElse(scaling.path(field));
        long count = integer(positions + "." + field, value, 1, Integer.MAX_VALUE);
        if (outer.isPresent() && integer(field, outer.get(), 1, Integer.MAX_VALUE) != count) {
            throw wrong(field, outer.get(), "what the scaling of positions says (%,d)".formatted(count));
        }
        return count;
    }

    /**
     * Source: the library's function of YaRN's parameters. GGUF's factor on queries and keys is what is left of it
     * beside 1 + ln(s)/10.
     */
    private void yarn(JsonNode scaling) throws ModelFormatException {
        double factor = positive(positions + ".factor", scaling.path("factor"));
        boolean rounded = !family.stacksOfExperts();
        if (!(factor >= 1)) {
            throw wrong(positions + ".factor", scaling.path("factor"), "a number of 1 or more");
        }
        if (JsonFile.flag(file, positions + ".", scaling, "truncate", true) != rounded) {
            throw wrong(positions + ".truncate", scaling.path("truncate"), String.valueOf(rounded));
        }
        metadata.put(family.architecture + ".rope.scaling.type", GgufValue.of("yarn"));
        put("rope.scaling.factor", factor);
        put("rope.scaling.original_context_length", trainedPositions(scaling));
        Optional<Double> fast = positive(scaling, "beta_fast");
        Optional<Double> slow = positive(scaling, "beta_slow");
        if (fast.isPresent()) {
            put("rope.scaling.yarn_beta_fast", fast.get());
        }
        if (slow.isPresent()) {
            put("rope.scaling.yarn_beta_slow", slow.get());
        }
        double usual = 1 + 0.1 * Math.log(factor);
        // The library takes neither of the two without the other.
        double one = number(scaling, "mscale").orElse(0.0);
        double all = number(scaling, "mscale_all_dim").orElse(0.0);
        double inferred =
                one != 0 && all != 0 ? (1 + 0.1 * one * Math.log(factor)) / (1 + 0.1 * all * Math.log(factor)) : usual;
        double attention = positive(scaling, "attention_factor").orElse(inferred);
        if (attention != usual) {
            put("rope.scaling.attn_factor", attention / usual);
        }
    }

    /** Source: the library's function of LongRoPE's parameters. */
    private void longrope(JsonNode scaling, long head) throws ModelFormatException {
        long trained = trainedPositions(scaling);
        double factor = number(scaling, "factor")
                .orElse((double) integer("max_position_embeddings", 1, Integer.MAX_VALUE) / trained);
        double attention = positive(scaling, "attention_factor")
                .orElse(factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained)));
        put("rope.scaling.original_context_length", trained);
        put("rope.scaling.attn_factor", attention);
        rotaryTensors.put("rope_factors_long.weight", factors("long_factor", scaling.path("long_factor"), head / 2));
        rotaryTensors.put("rope_factors_short.weight", factors("short_factor", scaling.path("short_factor"), head / 2));
    }

    private float[] factors(String field, JsonNode list, long count) throws ModelFormatException {
        if (!list.isArray() || list.size() != count) {
            throw wrong(positions + "." + field, list, "a list of %,d numbers".formatted(count));
        }
        float[] factors = new float[(int) count];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) positive(positions + "." + field, list.get(i));
        }
        return factors;
    }

    /**
     * The divisors of Llama 3.1's frequencies: none for short waves, the factor for long ones, a mean of both between
     * them.
     *
     * <p>Source: the published code of Llama 3.1. In binary32 step by step, as the converter to GGUF computes it.
     */
    private float[] llama3(JsonNode scaling, double theta, long head) throws ModelFormatException {
        double factor = number(positions + ".factor", scaling.path("factor"));
        double low = number(positions + ".low_freq_factor", scaling.path("low_freq_factor"));
        double high = number(positions + ".high_freq_factor", scaling.path("high_freq_factor"));
        double old = number(
                positions + ".original_max_position_embeddings", scaling.path("original_max_position_embeddings"));
        if (!(factor >= 1) || !(low > 0) || !(high > low) || !(old >= 1)) {
            throw wrong(positions, scaling, "factor of 1 or more, 0 < low_freq_factor < high_freq_factor");
        }
        if (head > 1024 || head % 2 != 0) {
            throw new ModelFormatException(
                    "%s: heads of %,d elements: an even number up to 1,024 is needed".formatted(file, head));
        }
        float[] factors = new float[(int) head / 2];
        for (int i = 0; i < factors.length; i++) {
            float frequency = 1 / (float) Math.pow(theta, 2f * i / head);
            float wave = (float) (2 * Math.PI / frequency);
            if (wave < old / high) {
                factors[i] = 1;
            } else if (wave > old / low) {
                factors[i] = (float) factor;
            } else {
                double smooth = (old / wave - low) / (high - low);
                factors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
            }
        }
        return factors;
    }

    private void gemma(long width, long heads, long head, long layers) throws ModelFormatException {
        for (String cap : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
            Optional<JsonNode> value = find(cap);
            if (value.isPresent()) {
                if (family.architecture.equals("gemma3") && cap.startsWith("attn")) {
                    throw wrong(cap, value.get(), "null, as the library does not apply it to this model,");
                }
                // Where scores have no cap the field is null.
                put(cap, positive(cap, value.get()));
            } else if (family.architecture.equals("gemma2") && fields.has(cap)) {
                put(cap, 0.0);
            }
        }
        Optional<JsonNode> scalar = find("query_pre_attn_scalar");
        boolean largest = layers == 46 || layers == 62;
        long expected = largest ? width / heads : head;
        double said = scalar.isPresent() ? number("query_pre_attn_scalar", scalar.get()) : USUAL_SCALAR;
        if (said != expected) {
            throw wrong(
                    "query_pre_attn_scalar",
                    fields.path("query_pre_attn_scalar"),
                    expected + ", which scores are scaled by here,");
        }
    }

    /** What is left over. */
    private void unknown() throws ModelFormatException {
        unknown(fields);
        if (fields != root) {
            read.add("text_config");
            unknown(root);
            // What is read of the text's part must not stand otherwise, or alone, beside it.
            for (Map.Entry<String, JsonNode> entry : root.properties()) {
                JsonNode inner = fields.path(entry.getKey());
                if (read.contains(entry.getKey())
                        && !BESIDE.contains(entry.getKey())
                        && !entry.getValue().isNull()
                        && !entry.getValue().equals(inner)) {
                    throw wrong(
                            entry.getKey(),
                            entry.getValue(),
                            "what text_config says (%s)".formatted(JsonFile.shown(inner)));
                }
            }
        }
    }

    private void unknown(JsonNode node) {
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String field = entry.getKey();
            Predicate<JsonNode> harmless = HARMLESS.get(field);
            if (!read.contains(field) && (harmless == null || !harmless.test(entry.getValue()))) {
                metadata.put(UNKNOWN + field, GgufValue.of(entry.getValue().toString()));
            }
        }
    }
}
