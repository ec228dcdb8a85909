package org.threehalf.backends.groq.generator;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.groq.mlir.Type;
import org.threehalf.backends.groq.mlir.Type.TensorType;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.LayerWeights;
import org.threehalf.backends.spi.decoder.Weights;
import org.threehalf.kernels.format.Format;

/**
 * All that the module of a transformer layer depends on; layers that agree in it share one module.
 *
 * @param config the model's numbers
 * @param formats the formats of the layer's matrices, by {@link Matrix}
 * @param options the vectors that only some models have, and this layer has
 * @param window positions that a query sees, 0 for all (REQ-ATT-002)
 * @param pairs rotated pairs of a head
 * @param capacity positions of the cache, a multiple of 16
 */
public record LayerShape(DecoderConfig config, List<Format> formats, List<Option> options, int window, int pairs, int capacity) {

    /** A layer's matrices, in the order of their arguments (REQ-DEC-002). */
    public enum Matrix {
        /** W_q, H·n rows of width. */
        QUERY,
        /** W_k, H_kv·n rows of width. */
        KEY,
        /** W_v, H_kv·n rows of width. */
        VALUE,
        /** W_o, width rows of H·n. */
        ATTENTION_OUTPUT,
        /** W_gate, hidden rows of width. */
        GATE,
        /** W_up, hidden rows of width. */
        UP,
        /** W_down, width rows of hidden. */
        DOWN
    }

    /** Vectors that only some models have. */
    public enum Option {
        /** b_q, H·n. */
        QUERY_BIAS,
        /** b_k, H_kv·n. */
        KEY_BIAS,
        /** b_v, H_kv·n. */
        VALUE_BIAS,
        /** b_o, width. */
        OUTPUT_BIAS,
        /** Norm of each query head, n. */
        QUERY_NORM,
        /** Norm of each key head, n. */
        KEY_NORM,
        /** Norm after the attention, width. */
        POST_ATTENTION_NORM,
        /** Norm after the feed-forward block, width. */
        POST_FEED_FORWARD_NORM
    }

    /**
     * A tensor that the layer's function takes.
     *
     * @param name its name; unique in the layer
     * @param type its type
     */
    public record Argument(String name, TensorType type) {}

    /**
     * Checks what the generator needs.
     *
     * @throws IllegalArgumentException if ε is no normal number, the capacity no multiple of 16, or a matrix outside of its format's limits
     */
    public LayerShape {
        formats = List.copyOf(formats);
        options = List.copyOf(options);
        if (formats.size() != Matrix.values().length) {
            throw new IllegalArgumentException("%d formats for %d matrices".formatted(formats.size(), Matrix.values().length));
        }
        if (!(config.normEpsilon() >= Float.MIN_NORMAL)) {
            throw new IllegalArgumentException("an epsilon of %s: it must be a normal number".formatted(config.normEpsilon()));
        }
        if (capacity < FloatEmitter.LANES || capacity % FloatEmitter.LANES != 0) {
            throw new IllegalArgumentException("a capacity of %,d positions: it must be a multiple of %d".formatted(capacity, FloatEmitter.LANES));
        }
        for (Matrix matrix : Matrix.values()) {
            formats.get(matrix.ordinal()).requireShape(rows(config, matrix), columns(config, matrix));
        }
    }

    /**
     * The shape of a model's layer.
     *
     * @param capacity positions of the cache; rounded up to a multiple of 16
     * @throws IllegalArgumentException if a matrix of the layer is not quantised
     */
    public static LayerShape of(DecoderConfig config, LayerWeights layer, int capacity) {
        List<Format> formats = new ArrayList<>();
        for (Matrix matrix : Matrix.values()) {
            if (!(weights(layer, matrix) instanceof Weights.Quantized(var packed))) {
                throw new IllegalArgumentException("the layer's matrix %s is not quantised; this generator takes formats of spec/FORMAT.md alone".formatted(matrix));
            }
            formats.add(packed.format());
        }
        List<Option> options = new ArrayList<>();
        for (Option option : Option.values()) {
            if (vector(layer, option) != null) {
                options.add(option);
            }
        }
        int lanes = FloatEmitter.LANES;
        return new LayerShape(config, formats, options, layer.attention().window(), layer.attention().frequencies().length, (capacity + lanes - 1) / lanes * lanes);
    }

    /** A layer's matrix. */
    public static Weights weights(LayerWeights layer, Matrix matrix) {
        return switch (matrix) {
            case QUERY -> layer.attention().query();
            case KEY -> layer.attention().key();
            case VALUE -> layer.attention().value();
            case ATTENTION_OUTPUT -> layer.attention().output();
            case GATE -> layer.feedForward().gate();
            case UP -> layer.feedForward().up();
            case DOWN -> layer.feedForward().down();
        };
    }

    /** A layer's vector, or null where it has none. */
    public static float @Nullable [] vector(LayerWeights layer, Option option) {
        return switch (option) {
            case QUERY_BIAS -> layer.attention().queryBias();
            case KEY_BIAS -> layer.attention().keyBias();
            case VALUE_BIAS -> layer.attention().valueBias();
            case OUTPUT_BIAS -> layer.attention().outputBias();
            case QUERY_NORM -> layer.attention().queryNorm();
            case KEY_NORM -> layer.attention().keyNorm();
            case POST_ATTENTION_NORM -> layer.attention().postNorm();
            case POST_FEED_FORWARD_NORM -> layer.feedForward().postNorm();
        };
    }

    private static int rows(DecoderConfig config, Matrix matrix) {
        return switch (matrix) {
            case QUERY -> config.queryWidth();
            case KEY, VALUE -> config.keyValueWidth();
            case ATTENTION_OUTPUT, DOWN -> config.width();
            case GATE, UP -> config.hidden();
        };
    }

    private static int columns(DecoderConfig config, Matrix matrix) {
        return switch (matrix) {
            case QUERY, KEY, VALUE, GATE, UP -> config.width();
            case ATTENTION_OUTPUT -> config.queryWidth();
            case DOWN -> config.hidden();
        };
    }

    /** The product of a matrix with one token. */
    ProductGenerator.Shape product(Matrix matrix) {
        return new ProductGenerator.Shape(formats.get(matrix.ordinal()), rows(config, matrix), columns(config, matrix), 1);
    }

    private int length(Option option) {
        return switch (option) {
            case QUERY_BIAS -> config.queryWidth();
            case KEY_BIAS, VALUE_BIAS -> config.keyValueWidth();
            case OUTPUT_BIAS, POST_ATTENTION_NORM, POST_FEED_FORWARD_NORM -> config.width();
            case QUERY_NORM, KEY_NORM -> config.headSize();
        };
    }

    /** What the layer's function takes, in order. */
    public List<Argument> arguments() {
        List<Argument> arguments = new ArrayList<>();
        arguments.add(new Argument("x", TensorType.of(Type.F32, config.width())));
        arguments.add(new Argument("position", TensorType.of(Type.I64, 1)));
        if (pairs > 0) {
            arguments.add(new Argument("cosines", TensorType.of(Type.F32, pairs)));
            arguments.add(new Argument("sines", TensorType.of(Type.F32, pairs)));
        }
        arguments.add(new Argument("keys", TensorType.of(Type.F32, config.keyValueHeads(), capacity, config.headSize())));
        arguments.add(new Argument("values", TensorType.of(Type.F32, config.keyValueHeads(), capacity, config.headSize())));
        arguments.add(new Argument("attention_norm", TensorType.of(Type.F32, config.width())));
        arguments.add(new Argument("feed_forward_norm", TensorType.of(Type.F32, config.width())));
        for (Matrix matrix : Matrix.values()) {
            List<TensorType> types = product(matrix).matrix();
            String name = matrix.name().toLowerCase(java.util.Locale.ROOT);
            arguments.add(new Argument(name + "_codes", types.getFirst()));
            if (types.size() == 3) {
                arguments.add(new Argument(name + "_subscales", types.get(1)));
            }
            arguments.add(new Argument(name + "_scales", types.getLast()));
        }
        for (Option option : options) {
            arguments.add(new Argument(option.name().toLowerCase(java.util.Locale.ROOT), TensorType.of(Type.F32, length(option))));
        }
        return arguments;
    }

    /** What it returns, in order: the stream after the layer, the token's rotated key and its value, and the bits of the largest magnitude that was quantised. */
    public List<Argument> results() {
        TensorType cached = TensorType.of(Type.F32, config.keyValueHeads(), config.headSize());
        return List.of(
                new Argument("x", TensorType.of(Type.F32, config.width())),
                new Argument("key", cached),
                new Argument("value", cached),
                new Argument("largest", TensorType.of(Type.I32, 1)));
    }
}
