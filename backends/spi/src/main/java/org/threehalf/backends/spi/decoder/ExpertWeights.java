package org.threehalf.backends.spi.decoder;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * One expert of a layer: a feed-forward block of its own (REQ-EXP-002). Arrays are owned by this record.
 *
 * @param gate W_gate, ffn rows of dim
 * @param up W_up, ffn rows of dim
 * @param down W_down, dim rows of ffn
 * @param biases by their matrix, as long as it has rows; none in most models
 */
public record ExpertWeights(Weights gate, Weights up, Weights down, Map<TensorRole, float[]> biases) {

    /** An expert without biases. */
    public ExpertWeights(Weights gate, Weights up, Weights down) {
        this(gate, up, down, Map.of());
    }

    /**
     * Takes a copy of the map.
     *
     * @throws IllegalArgumentException if a bias is of another matrix
     */
    public ExpertWeights {
        Map<TensorRole, float[]> copy = new EnumMap<>(TensorRole.class);
        copy.putAll(biases);
        for (TensorRole role : copy.keySet()) {
            if (!role.ofFeedForward()) {
                throw new IllegalArgumentException("an expert has no " + role.label());
            }
        }
        biases = Collections.unmodifiableMap(copy);
    }

    /**
     * One of the three.
     *
     * @throws IllegalArgumentException if the role is another's
     */
    public Weights matrix(TensorRole role) {
        return switch (role) {
            case GATE -> gate;
            case UP -> up;
            case DOWN -> down;
            default -> throw new IllegalArgumentException("an expert has no " + role.label());
        };
    }
}
