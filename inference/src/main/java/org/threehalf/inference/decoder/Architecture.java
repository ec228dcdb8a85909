package org.threehalf.inference.decoder;

import java.util.List;
import java.util.Set;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.Rotation.Layout;

/**
 * A family of decoders, as {@code general.architecture} of a GGUF file names it: what it has beside the parts that all
 * have (REQ-DEC-002).
 *
 * <p>Sources: the papers on Llama 2 and 3, Mistral 7B, Gemma 2 and 3, Qwen 2 and 3, OLMo 2, Phi-3, Mixtral, OLMoE, the
 * model card of gpt-oss, and the published configurations of their models and of SmolLM 3, Granite 3 and StableLM.
 *
 * @param name as in the file
 * @param activation the gate's function
 * @param rotation which elements make a rotated pair in the file's order of rows
 * @param parts what its layers have
 * @param windowPeriod of so many layers in a row all but the last see a sliding window, unless the file says otherwise;
 *     0 where the file's window, if any, is for all layers
 * @param window the window where a file does not name one, 0 for none
 * @param localRotaryBase the rotary base of layers with a window where a file does not name one, 0 where it is the
 *     model's
 * @param unrotatedPeriod of so many layers in a row the last one does not rotate; 0 where all do
 */
public record Architecture(
        String name,
        Activation activation,
        Layout rotation,
        Set<Part> parts,
        int windowPeriod,
        int window,
        float localRotaryBase,
        int unrotatedPeriod) {

    /** What some architectures have. */
    public enum Part {
        /** Embeddings are multiplied by √width. */
        SCALED_EMBEDDING,
        /** Biases on query, key and value. */
        BIASES,
        /** A bias on the attention's output. */
        OUTPUT_BIAS,
        /** Norms before the attention, before the feed-forward block and after the last layer are layer norms. */
        LAYER_NORMS,
        /** Norms on each head of query and key. */
        HEAD_NORMS,
        /** Norms on all heads of query and of key together. */
        ROW_NORMS,
        /** Norms after the attention and after the feed-forward block. */
        POST_NORMS,
        /** No norms before the attention and the feed-forward block. */
        NO_PRE_NORMS,
        /** Layers with a window rotate by frequencies that are not scaled. */
        UNSCALED_WINDOWS,
        /**
         * Experts in every layer; other architectures have them where the file counts some, and renormalise their
         * shares.
         */
        EXPERTS,
        /** Biases on the router and on the matrices of every expert. */
        EXPERT_BIASES,
        /** Each query head has a sink, and the norm before the feed-forward block is named after the attention. */
        SINKS,
        /** A file says how large the window is: 0 for none. */
        NAMED_WINDOW,
        /** The ends of YaRN's ramp are not rounded to whole pairs. */
        UNROUNDED_YARN,
        /**
         * The shares of the experts that a token goes through are not divided by their sum, unless the file says so.
         */
        SHARES_AS_THEY_ARE,
        /** Query, key and value in one matrix, and gate and up in another, where a file has them so. */
        FUSED,
        /**
         * Factors on embeddings, residuals, scores and logits, each where the file has it; and the file says whether
         * positions are rotated.
         */
        MULTIPLIERS,
        /**
         * Soft caps on scores and logits, 50 and 30 unless the file says otherwise. Those of other architectures have
         * caps only where the file names them.
         */
        CAPS,
        /** The largest model scales its scores by 1/√(width/heads), not by the heads' own size. */
        LARGEST_SCALES_BY_WIDTH
    }

    private static final List<Architecture> ALL = List.of(
            // Llama 2 and 3, Mistral: rows of query and key are stored in the order that makes neighbours a pair.
            new Architecture("llama", Activation.SILU, Layout.INTERLEAVED, Set.of(), 0, 0, 0, 0),
            // As Llama; every fourth layer has no positions.
            new Architecture("smollm3", Activation.SILU, Layout.INTERLEAVED, Set.of(), 0, 0, 0, 4),
            new Architecture("granite", Activation.SILU, Layout.INTERLEAVED, Set.of(Part.MULTIPLIERS), 0, 0, 0, 0),
            // OLMo 2; of OLMo 3's layers, which have a window in the file, three in four see no more.
            new Architecture(
                    "olmo2",
                    Activation.SILU,
                    Layout.SPLIT,
                    Set.of(Part.ROW_NORMS, Part.POST_NORMS, Part.NO_PRE_NORMS, Part.UNSCALED_WINDOWS),
                    4,
                    0,
                    0,
                    0),
            // StableLM 3B, Zephyr 3B, StableLM 2 1.6B: of those with parallel halves none is read.
            new Architecture("stablelm", Activation.SILU, Layout.SPLIT, Set.of(Part.LAYER_NORMS), 0, 0, 0, 0),
            // Phi-3 and Phi-4.
            new Architecture("phi3", Activation.SILU, Layout.SPLIT, Set.of(Part.FUSED), 0, 0, 0, 0),
            new Architecture("qwen2", Activation.SILU, Layout.SPLIT, Set.of(Part.BIASES), 0, 0, 0, 0),
            new Architecture("qwen3", Activation.SILU, Layout.SPLIT, Set.of(Part.HEAD_NORMS), 0, 0, 0, 0),
            new Architecture(
                    "qwen3moe", Activation.SILU, Layout.SPLIT, Set.of(Part.HEAD_NORMS, Part.EXPERTS), 0, 0, 0, 0),
            new Architecture(
                    "olmoe",
                    Activation.SILU,
                    Layout.SPLIT,
                    Set.of(Part.ROW_NORMS, Part.EXPERTS, Part.SHARES_AS_THEY_ARE),
                    0,
                    0,
                    0,
                    0),
            // Every second layer sees everything, the first one does not.
            new Architecture(
                    "gpt-oss",
                    Activation.CLAMPED_SWIGLU,
                    Layout.SPLIT,
                    Set.of(
                            Part.BIASES,
                            Part.OUTPUT_BIAS,
                            Part.EXPERTS,
                            Part.EXPERT_BIASES,
                            Part.SINKS,
                            Part.NAMED_WINDOW,
                            Part.UNROUNDED_YARN),
                    2,
                    0,
                    0,
                    0),
            // Every second layer sees everything, the first one does not. Files made before the key of the window mean
            // 4,096.
            new Architecture(
                    "gemma2",
                    Activation.GELU,
                    Layout.SPLIT,
                    Set.of(Part.SCALED_EMBEDDING, Part.POST_NORMS, Part.CAPS, Part.LARGEST_SCALES_BY_WIDTH),
                    2,
                    4096,
                    0,
                    0),
            // Five layers with a window, then one that sees everything. A file without a window has none, and one
            // rotary base.
            new Architecture(
                    "gemma3",
                    Activation.GELU,
                    Layout.SPLIT,
                    Set.of(Part.SCALED_EMBEDDING, Part.HEAD_NORMS, Part.POST_NORMS, Part.LARGEST_SCALES_BY_WIDTH),
                    6,
                    0,
                    10_000,
                    0));

    /** Takes a copy of the set. */
    public Architecture {
        parts = Set.copyOf(parts);
    }

    /**
     * The architecture of a name.
     *
     * @throws IllegalArgumentException if it is not known, listing those that are
     */
    public static Architecture named(String name) {
        return ALL.stream()
                .filter(a -> a.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("architecture '%s' is not known; those that are: %s"
                        .formatted(name, String.join(", ", names()))));
    }

    /** The names of all. */
    public static List<String> names() {
        return ALL.stream().map(Architecture::name).toList();
    }

    /** A tensor's name in its files. */
    String nameOf(TensorRole role, int layer) {
        return role == TensorRole.FEED_FORWARD_NORM && has(Part.SINKS)
                ? TensorRole.POST_ATTENTION_NORM.ggufName(layer)
                : role.ggufName(layer);
    }

    /** Whether each of its layers has a tensor. */
    boolean requires(TensorRole role) {
        return switch (role) {
            case QUERY_BIAS, KEY_BIAS, VALUE_BIAS -> has(Part.BIASES);
            case ATTENTION_OUTPUT_BIAS -> has(Part.OUTPUT_BIAS);
            case ATTENTION_NORM_BIAS, FEED_FORWARD_NORM_BIAS, OUTPUT_NORM_BIAS -> has(Part.LAYER_NORMS);
            case QUERY_NORM, KEY_NORM -> has(Part.HEAD_NORMS);
            case QUERY_ROW_NORM, KEY_ROW_NORM -> has(Part.ROW_NORMS);
            case ATTENTION_SINKS -> has(Part.SINKS);
            case ROUTER_BIAS -> has(Part.EXPERT_BIASES);
            case ATTENTION_NORM, FEED_FORWARD_NORM -> !has(Part.NO_PRE_NORMS);
            case POST_ATTENTION_NORM, POST_FEED_FORWARD_NORM -> has(Part.POST_NORMS);
            default -> role.required();
        };
    }

    /** Whether a layer of any architecture may have a tensor that its architecture does not ask for. */
    static boolean allows(TensorRole role) {
        return switch (role) {
            case QUERY_BIAS, KEY_BIAS, VALUE_BIAS, ATTENTION_OUTPUT_BIAS -> true;
            default -> false;
        };
    }

    /** Whether a file of it may have experts. */
    boolean allowsExperts() {
        return name.equals("llama") || has(Part.EXPERTS);
    }

    /** Whether its layers have a part. */
    boolean has(Part part) {
        return parts.contains(part);
    }
}
