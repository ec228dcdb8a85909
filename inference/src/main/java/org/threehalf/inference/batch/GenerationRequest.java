package org.threehalf.inference.batch;

import org.threehalf.kernels.transformer.TokenSampler;

/**
 * What somebody wants generated.
 *
 * @param prompt token ids, at least one; owned by this record
 * @param most how many tokens to draw at most, at least one
 * @param sampling how tokens are drawn
 * @param seed where the draws start (REQ-SMP-001)
 * @param alternatives of how many of the most likely tokens the log-probabilities are told, 0 … 20; −1 tells none, not
 *     even the drawn token's
 * @param hashLogits whether the logits that tokens were drawn from are hashed
 */
public record GenerationRequest(
        int[] prompt, int most, TokenSampler.Settings sampling, long seed, int alternatives, boolean hashLogits) {
    /** The largest number of alternatives; the OpenAI API's. */
    public static final int MOST_ALTERNATIVES = 20;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the prompt is empty or a number is outside its range
     */
    public GenerationRequest {
        if (prompt.length == 0) {
            throw new IllegalArgumentException(
                    "an empty prompt, and the model has no token that begins a text: give a prompt");
        }
        if (most < 1) {
            throw new IllegalArgumentException("%,d tokens: there must be at least one".formatted(most));
        }
        if (alternatives < -1 || alternatives > MOST_ALTERNATIVES) {
            throw new IllegalArgumentException(
                    "log-probabilities of %d tokens: at most %d".formatted(alternatives, MOST_ALTERNATIVES));
        }
    }
}
