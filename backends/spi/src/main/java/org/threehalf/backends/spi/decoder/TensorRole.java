package org.threehalf.backends.spi.decoder;

import java.util.Arrays;
import java.util.List;

/**
 * The tensors of a decoder (REQ-DEC-001 to REQ-DEC-003): what each is for, its shape, and its names. Constants are in
 * the order in which a layer uses them.
 *
 * <p>A program ({@link LayerProgram}) and everything that runs, reads or writes a model names a tensor by its constant
 * here.
 */
public enum TensorRole {
    /** E, vocabulary rows of dim. */
    EMBEDDING("embedding", "token_embd.weight", Dimension.VOCABULARY, Dimension.DIM, true),
    /** Norm before the attention, dim. */
    ATTENTION_NORM("attention norm", "attn_norm.weight", Dimension.DIM, false),
    /** Bias of that norm, dim; a norm that has one is a layer norm (REQ-OPS-012), here and below. */
    ATTENTION_NORM_BIAS("attention norm's bias", "attn_norm.bias", Dimension.DIM, false),
    /** W_q, H·n rows of dim. */
    QUERY("query", "attn_q.weight", Dimension.QUERIES, Dimension.DIM, true),
    /** W_k, H_kv·n rows of dim. */
    KEY("key", "attn_k.weight", Dimension.KEYS, Dimension.DIM, true),
    /** W_v, H_kv·n rows of dim. */
    VALUE("value", "attn_v.weight", Dimension.KEYS, Dimension.DIM, true),
    /** W_o, dim rows of H·n. */
    ATTENTION_OUTPUT("attention output", "attn_output.weight", Dimension.DIM, Dimension.QUERIES, true),
    /** b_q, H·n. */
    QUERY_BIAS("query bias", "attn_q.bias", Dimension.QUERIES, false),
    /** b_k, H_kv·n. */
    KEY_BIAS("key bias", "attn_k.bias", Dimension.KEYS, false),
    /** b_v, H_kv·n. */
    VALUE_BIAS("value bias", "attn_v.bias", Dimension.KEYS, false),
    /** b_o, dim. */
    ATTENTION_OUTPUT_BIAS("attention output bias", "attn_output.bias", Dimension.DIM, false),
    /** Norm of each query head, n. */
    QUERY_NORM("query norm", "attn_q_norm.weight", Dimension.HEAD, false),
    /** Norm of each key head, n. */
    KEY_NORM("key norm", "attn_k_norm.weight", Dimension.HEAD, false),
    /** Norm of all query heads together, H·n; a layer has this or {@link #QUERY_NORM} or neither, under one name. */
    QUERY_ROW_NORM("query norm over all heads", "attn_q_norm.weight", Dimension.QUERIES, false),
    /** Norm of all key heads together, H_kv·n, likewise. */
    KEY_ROW_NORM("key norm over all heads", "attn_k_norm.weight", Dimension.KEYS, false),
    /** A number for each query head, H, which takes weight from the positions (REQ-ATT-006). */
    ATTENTION_SINKS("attention sinks", "attn_sinks.weight", Dimension.HEADS, false),
    /** Norm after the attention, dim. */
    POST_ATTENTION_NORM("post-attention norm", "post_attention_norm.weight", Dimension.DIM, false),
    /** Norm before the feed-forward block, dim. */
    FEED_FORWARD_NORM("feed-forward norm", "ffn_norm.weight", Dimension.DIM, false),
    /** Bias of that norm, dim. */
    FEED_FORWARD_NORM_BIAS("feed-forward norm's bias", "ffn_norm.bias", Dimension.DIM, false),
    /** W_router, a row of dim for each expert; of a layer with experts alone. */
    ROUTER("router", "ffn_gate_inp.weight", Dimension.EXPERTS, Dimension.DIM, false),
    /** b_router, a number for each expert. */
    ROUTER_BIAS("router bias", "ffn_gate_inp.bias", Dimension.EXPERTS, false),
    /** W_gate, ffn rows of dim; in a layer with experts each of them has its own, and so of the next two. */
    GATE("gate", "ffn_gate.weight", Dimension.FFN, Dimension.DIM, true),
    /** W_up, ffn rows of dim. */
    UP("up", "ffn_up.weight", Dimension.FFN, Dimension.DIM, true),
    /** W_down, dim rows of ffn. */
    DOWN("down", "ffn_down.weight", Dimension.DIM, Dimension.FFN, true),
    /** Norm after the feed-forward block, dim. */
    POST_FEED_FORWARD_NORM("post-feed-forward norm", "post_ffw_norm.weight", Dimension.DIM, false),
    /** Norm after the last layer, dim. */
    OUTPUT_NORM("output norm", "output_norm.weight", Dimension.DIM, true),
    /** Bias of that norm, dim. */
    OUTPUT_NORM_BIAS("output norm's bias", "output_norm.bias", Dimension.DIM, false),
    /** Vocabulary rows of dim; the embedding itself where the model ties them. */
    OUTPUT("output", "output.weight", Dimension.VOCABULARY, Dimension.DIM, true);

    /** What a length follows from. */
    private enum Dimension {
        VOCABULARY,
        DIM,
        QUERIES,
        KEYS,
        HEADS,
        HEAD,
        FFN,
        EXPERTS,
        ONE;

        private int of(DecoderSizes sizes) {
            return switch (this) {
                case VOCABULARY -> sizes.vocabulary();
                case DIM -> sizes.dim();
                case QUERIES -> sizes.queryWidth();
                case KEYS -> sizes.keyValueWidth();
                case HEADS -> sizes.heads();
                case HEAD -> sizes.headSize();
                case FFN -> sizes.ffn();
                case EXPERTS -> sizes.routed();
                case ONE -> 1;
            };
        }
    }

    private static final List<TensorRole> LAYER =
            Arrays.stream(values()).filter(TensorRole::inLayer).toList();
    private static final List<TensorRole> LAYER_MATRICES =
            LAYER.stream().filter(role -> role.isMatrix() && role.required()).toList();
    private static final List<TensorRole> LAYER_VECTORS =
            LAYER.stream().filter(role -> !role.isMatrix()).toList();

    private final String label;
    private final String gguf;
    private final Dimension rows;
    private final Dimension columns;
    private final boolean required;

    TensorRole(String label, String gguf, Dimension length, boolean required) {
        this(label, gguf, Dimension.ONE, length, required);
    }

    TensorRole(String label, String gguf, Dimension rows, Dimension columns, boolean required) {
        this.label = label;
        this.gguf = gguf;
        this.rows = rows;
        this.columns = columns;
        this.required = required;
    }

    /** Those of a layer. */
    public static List<TensorRole> ofLayer() {
        return LAYER;
    }

    /** The matrices of a layer without experts. */
    public static List<TensorRole> layerMatrices() {
        return LAYER_MATRICES;
    }

    /** The vectors of a layer: norms and biases. */
    public static List<TensorRole> layerVectors() {
        return LAYER_VECTORS;
    }

    /** Its name for a person. */
    public String label() {
        return label;
    }

    /** Its name in a GGUF file, in a layer behind {@code blk.N.}. */
    public String ggufName() {
        return gguf;
    }

    /**
     * Its name in a GGUF file.
     *
     * @param layer the layer's number; of a tensor that belongs to no layer it does not matter
     */
    public String ggufName(int layer) {
        return inLayer() ? "blk." + layer + "." + gguf : gguf;
    }

    /**
     * The name of what all experts of a layer have of it, one after the other, in a GGUF file.
     *
     * @param kind {@code weight} or {@code bias}
     */
    public String ggufStackName(int layer, String kind) {
        return ggufName(layer).replaceFirst("\\.weight$", "_exps." + kind);
    }

    /** Whether each layer has its own. */
    public boolean inLayer() {
        return this != EMBEDDING && this != OUTPUT_NORM && this != OUTPUT_NORM_BIAS && this != OUTPUT;
    }

    /** Whether it is a matrix; else a vector in binary32. */
    public boolean isMatrix() {
        return rows != Dimension.ONE;
    }

    /** Whether it is one of the three matrices of a feed-forward block. */
    public boolean ofFeedForward() {
        return this == GATE || this == UP || this == DOWN;
    }

    /** Whether every model has it; of a feed-forward block's matrices, every model without experts. */
    public boolean required() {
        return required;
    }

    /** N of a matrix, 1 of a vector. */
    public int rows(DecoderSizes sizes) {
        return rows.of(sizes);
    }

    /** K of a matrix, the length of a vector. */
    public int columns(DecoderSizes sizes) {
        return columns.of(sizes);
    }
}
