package org.threehalf.kernels.transformer;

/** The function on the gate of a feed-forward block (REQ-OPS-010). */
public enum Activation {
    /** x / (1 + e^(−x)) (REQ-OPS-005). */
    SILU,
    /** The tanh form of GELU (REQ-OPS-006). */
    GELU;

    /** The function at x, any finite number. */
    public float apply(float x) {
        return switch (this) {
            case SILU -> ElementaryFunctions.silu(x);
            case GELU -> ElementaryFunctions.gelu(x);
        };
    }
}
