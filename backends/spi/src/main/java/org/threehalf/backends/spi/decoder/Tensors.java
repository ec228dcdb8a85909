package org.threehalf.backends.spi.decoder;

import java.util.List;

/**
 * Tensors by what they are for: those of a layer ({@link LayerWeights}), or those that belong to no layer
 * ({@link DecoderWeights}).
 */
public interface Tensors {

    /**
     * A matrix.
     *
     * @throws IllegalArgumentException if there is none
     */
    Weights matrix(TensorRole role);

    /**
     * A norm's weights, or a bias.
     *
     * @throws IllegalArgumentException if there is none
     */
    float[] vector(TensorRole role);

    /** The experts; none but in a layer that has them. */
    default List<ExpertWeights> experts() {
        return List.of();
    }
}
