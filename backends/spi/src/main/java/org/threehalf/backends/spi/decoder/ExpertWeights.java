package org.threehalf.backends.spi.decoder;

/**
 * One expert of a layer: a feed-forward block of its own (REQ-EXP-002).
 *
 * @param gate W_gate, ffn rows of dim
 * @param up W_up, ffn rows of dim
 * @param down W_down, dim rows of ffn
 */
public record ExpertWeights(Weights gate, Weights up, Weights down) {

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
