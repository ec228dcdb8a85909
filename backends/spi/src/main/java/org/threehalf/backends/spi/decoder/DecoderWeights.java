package org.threehalf.backends.spi.decoder;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.transformer.ElementwiseOperations;

/**
 * A whole decoder. The memory behind its matrices belongs to whoever opened the model, and must outlive every
 * {@link Decoder} made of it.
 *
 * @param config numbers of the model
 * @param embedding vocabulary rows of dim
 * @param layers the layers, in order
 * @param outputNorm dim weights
 * @param output vocabulary rows of dim; {@code embedding} itself where the model ties them
 * @param outputNormBias dim numbers in a model whose output norm is a layer norm (REQ-OPS-012); else null
 */
public record DecoderWeights(
        DecoderConfig config,
        Weights embedding,
        List<LayerWeights> layers,
        float[] outputNorm,
        Weights output,
        float @Nullable [] outputNormBias)
        implements Tensors {

    /** A decoder whose output norm has no bias. */
    public DecoderWeights(
            DecoderConfig config, Weights embedding, List<LayerWeights> layers, float[] outputNorm, Weights output) {
        this(config, embedding, layers, outputNorm, output, null);
    }

    /**
     * Checks every shape against the numbers, and that norms, biases and frequencies are finite; a sink may be −∞,
     * which is none (REQ-ATT-006).
     *
     * @throws IllegalArgumentException naming the layer and the part, with both shapes
     */
    public DecoderWeights {
        layers = List.copyOf(layers);
        requireShape("", TensorRole.EMBEDDING, embedding, config);
        requireShape("", TensorRole.OUTPUT, output, config);
        requireVector("", TensorRole.OUTPUT_NORM, outputNorm, config);
        if (outputNormBias != null) {
            requireVector("", TensorRole.OUTPUT_NORM_BIAS, outputNormBias, config);
        }
        for (int i = 0; i < layers.size(); i++) {
            LayerWeights layer = layers.get(i);
            String where = "layer " + i + ": ";
            layer.matrices().forEach((role, matrix) -> requireShape(where, role, matrix, config));
            layer.vectors().forEach((role, vector) -> requireVector(where, role, vector, config));
            requireExperts(where, layer, config);
            requirePositions(where, layer, config);
        }
    }

    @Override
    public Weights matrix(TensorRole role) {
        return switch (role) {
            case EMBEDDING -> embedding;
            case OUTPUT -> output;
            default -> throw new IllegalArgumentException(role.label() + " belongs to a layer, or is no matrix");
        };
    }

    @Override
    public float[] vector(TensorRole role) {
        if (role == TensorRole.OUTPUT_NORM_BIAS && outputNormBias != null) {
            return outputNormBias;
        }
        if (role != TensorRole.OUTPUT_NORM) {
            throw new IllegalArgumentException(role.label() + " is not there, belongs to a layer, or is no vector");
        }
        return outputNorm;
    }

    /** This model with other layers, embedding and output matrix. */
    public DecoderWeights with(Weights otherEmbedding, List<LayerWeights> otherLayers, Weights otherOutput) {
        return new DecoderWeights(config, otherEmbedding, otherLayers, outputNorm, otherOutput, outputNormBias);
    }

    /**
     * The matrices that the products of a token may read: those of the layers, of all experts, and the output matrix.
     */
    public Stream<Weights> multiplied() {
        return Stream.concat(
                Stream.of(output),
                layers.stream()
                        .flatMap(layer -> Stream.concat(
                                layer.matrices().values().stream(),
                                layer.experts().stream()
                                        .flatMap(expert -> Stream.of(expert.gate(), expert.up(), expert.down())))));
    }

    /**
     * Whether it is a mixture of experts, which a decoder that has no such step on its device must leave to
     * {@link HostDecoder}.
     */
    public boolean hasExperts() {
        return config.experts().count() > 0;
    }

    /** All matrices, each once. */
    public Stream<Weights> matrices() {
        return output == embedding ? multiplied() : Stream.concat(Stream.of(embedding), multiplied());
    }

    /**
     * The model in a context of so many positions: every layer with one set of frequencies (REQ-ROP-007). What runs it
     * begins with this.
     */
    public DecoderWeights within(int context) {
        if (layers.stream().allMatch(layer -> layer.rotary().longer() == null)) {
            return this;
        }
        return with(
                embedding,
                layers.stream()
                        .map(layer -> layer.withRotary(layer.rotary().within(context)))
                        .toList(),
                output);
    }

    /**
     * Whether some matrix is rotated (REQ-ROT-003), which a decoder that does not rotate on its device must leave to
     * {@link HostDecoder}.
     */
    public boolean anyRotated() {
        return matrices().anyMatch(weights -> weights instanceof Weights.Quantized(var matrix) && matrix.rotated());
    }

    /**
     * The stream of a token before the first layer (REQ-DEC-001).
     *
     * @param token 0 … vocabulary − 1
     * @param stream where it goes, dim numbers
     */
    public void embed(int token, float[] stream) {
        embedding.read(token, stream);
        if (config.embeddingScale() != 1) {
            ElementwiseOperations.scale(stream, config.embeddingScale());
        }
    }

    private static void requireExperts(String where, LayerWeights layer, DecoderConfig config) {
        if (layer.experts().size() != config.experts().count()) {
            throw new IllegalArgumentException(where
                    + "%,d experts; the model's numbers ask for %,d"
                            .formatted(layer.experts().size(), config.experts().count()));
        }
        for (int e = 0; e < layer.experts().size(); e++) {
            ExpertWeights expert = layer.experts().get(e);
            for (TensorRole role : List.of(TensorRole.GATE, TensorRole.UP, TensorRole.DOWN)) {
                requireShape(where + "expert " + e + ": ", role, expert.matrix(role), config);
                float[] bias = expert.biases().get(role);
                if (bias != null) {
                    requireVector(where + "expert " + e + ": bias of " + role.label(), bias, role.rows(config), false);
                }
            }
        }
    }

    private static void requirePositions(String where, LayerWeights layer, DecoderConfig config) {
        if (layer.window() < 0) {
            throw new IllegalArgumentException(where + "a window of " + layer.window() + " positions");
        }
        if (layer.frequencies().length > config.headSize() / 2) {
            throw new IllegalArgumentException(where
                    + "%d rotary frequencies for heads of %d elements"
                            .formatted(layer.frequencies().length, config.headSize()));
        }
    }

    private static void requireShape(String where, TensorRole role, Weights weights, DecoderConfig config) {
        int rows = role.rows(config);
        int columns = role.columns(config);
        if (weights.rows() != rows || weights.columns() != columns) {
            throw new IllegalArgumentException("%s%s: %d rows of %d; the model's numbers ask for %d rows of %d"
                    .formatted(where, role.label(), weights.rows(), weights.columns(), rows, columns));
        }
    }

    private static void requireVector(String where, TensorRole role, float[] values, DecoderConfig config) {
        requireVector(where + role.label(), values, role.columns(config), role == TensorRole.ATTENTION_SINKS);
    }

    private static void requireVector(String what, float[] values, int length, boolean mayBeNone) {
        if (values.length != length) {
            throw new IllegalArgumentException(
                    "%s: %d numbers; the model asks for %d".formatted(what, values.length, length));
        }
        for (int k = 0; k < length; k++) {
            if (!Float.isFinite(values[k]) && !(mayBeNone && values[k] == Float.NEGATIVE_INFINITY)) {
                throw new IllegalArgumentException("%s: number %d is %s".formatted(what, k, values[k]));
            }
        }
    }
}
