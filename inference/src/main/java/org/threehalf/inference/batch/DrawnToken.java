package org.threehalf.inference.batch;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * A token that was drawn.
 *
 * @param id its id
 * @param probabilities natural logarithms of probabilities by the model's own logits, before temperature and cuts; null
 *     where they were not asked for
 */
public record DrawnToken(int id, @Nullable Probabilities probabilities) {

    /**
     * A token and the logarithm of its probability.
     *
     * @param id the token
     * @param logProbability natural logarithm, at most 0
     */
    public record Candidate(int id, double logProbability) {}

    /**
     * What the model thought.
     *
     * @param logProbability of the drawn token
     * @param mostLikely the most likely tokens, in the order of REQ-SMP-002
     */
    public record Probabilities(double logProbability, List<Candidate> mostLikely) {

        /**
         * By logits, summed in double precision in the order of ids, with {@link StrictMath}: the same numbers on every
         * machine.
         *
         * @param logits one a token of the vocabulary, finite
         * @param drawn the drawn token
         * @param count how many of the most likely tokens
         */
        static Probabilities of(float[] logits, int drawn, int count) {
            float largest = Float.NEGATIVE_INFINITY;
            for (float logit : logits) {
                largest = Math.max(largest, logit);
            }
            double sum = 0;
            for (float logit : logits) {
                sum += StrictMath.exp(logit - (double) largest);
            }
            double normaliser = largest + StrictMath.log(sum);
            return new Probabilities(
                    logits[drawn] - normaliser,
                    TokenSampler.mostLikely(logits, count).stream()
                            .map(id -> new Candidate(id, logits[id] - normaliser))
                            .toList());
        }
    }
}
