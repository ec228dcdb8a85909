package org.threehalf.cli.bench;

import java.util.List;
import java.util.stream.Stream;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.backends.spi.decoder.TensorRole;

/**
 * The matrices of a transformer that decoding one token multiplies.
 *
 * @param name the model
 * @param layers its layers
 * @param layer the matrices of one layer
 * @param output the matrix that gives the logits
 */
public record ModelMatrices(String name, int layers, List<Part> layer, Part output) {

    /**
     * Matrices of one shape.
     *
     * @param name which ones
     * @param rows N
     * @param columns K
     * @param count how many
     */
    public record Part(String name, int rows, int columns, int count) {
        /** N · K. */
        public long weights() {
            return (long) rows * columns;
        }
    }

    /** Those that are measured where none is named: the largest, the usual, and the real model of the tests. */
    public static final List<ModelMatrices> USUAL = Stream.of("llama-70b", "llama-8b", "gemma3-270m")
            .map(ModelShape::named)
            .map(ModelMatrices::of)
            .toList();

    /** The matrices of a shape; of experts, those that a token uses. */
    public static ModelMatrices of(ModelShape shape) {
        return new ModelMatrices(
                shape.name(),
                shape.layers(),
                List.of(
                        part(shape, "q", TensorRole.QUERY),
                        part(shape, "k, v", TensorRole.KEY, TensorRole.VALUE),
                        part(shape, "o", TensorRole.ATTENTION_OUTPUT),
                        part(shape, "gate, up", TensorRole.GATE, TensorRole.UP),
                        part(shape, "down", TensorRole.DOWN)),
                part(shape, "output", TensorRole.OUTPUT));
    }

    /** Matrices of one shape. */
    private static Part part(ModelShape shape, String name, TensorRole... roles) {
        return new Part(
                name,
                roles[0].rows(shape),
                roles[0].columns(shape),
                Stream.of(roles).mapToInt(shape::activeMatrices).sum());
    }

    /** Weights of a layer. */
    public long layerWeights() {
        return layer.stream().mapToLong(part -> part.count() * part.weights()).sum();
    }
}
