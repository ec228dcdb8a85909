package org.threehalf.conformance;

import org.threehalf.backends.spi.decoder.DecoderWeights;

/**
 * A model that can be run from tokens to logits (level L3).
 *
 * @param weights its decoder; the memory stays open while the run lasts
 * @param text the tokens of {@link #TEXT} in the model's own vocabulary, at least one
 */
public record WholeModel(DecoderWeights weights, int[] text) {

    /** The fixed text. */
    public static final String TEXT =
            "Three and a half bits hold a weight, and every machine gives the same bits for it. That is what this text is here to show.";

    /**
     * Checks that there is a token.
     *
     * @throws IllegalArgumentException if there is none
     */
    public WholeModel {
        if (text.length == 0) {
            throw new IllegalArgumentException("the fixed text gives no token of this model");
        }
    }
}
