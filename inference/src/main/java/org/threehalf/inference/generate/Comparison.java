package org.threehalf.inference.generate;

import java.util.Arrays;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * How far a model's predictions of a text are from another's, which is taken as right: most often a quantised model
 * from its source.
 *
 * <p>At each counted position of {@link Perplexity}'s windows: the Kullback-Leibler divergence Σ p ln(p / q) of the
 * model's distribution q from the source's p, in nats, and whether both have the same most likely token (of equals the
 * smallest). Probabilities are computed in binary64 from the logits.
 */
public final class Comparison {

    /**
     * A comparison.
     *
     * @param source the source's perplexity
     * @param model the model's
     * @param divergences one a counted position, in nats, ascending
     * @param agreeing positions at which both have the same most likely token
     * @param difference Σ of ln p(token) of the source minus that of the model
     * @param differenceSquared Σ of its squares
     */
    public record Result(
            Perplexity.Result source,
            Perplexity.Result model,
            double[] divergences,
            int agreeing,
            double difference,
            double differenceSquared) {
        /** How many positions count. */
        public int tokens() {
            return divergences.length;
        }

        /** The mean divergence. */
        public double mean() {
            return Arrays.stream(divergences).average().orElse(0);
        }

        /** The standard error of {@link #mean}. */
        public double meanError() {
            double mean = mean();
            double squares =
                    Arrays.stream(divergences).map(d -> (d - mean) * (d - mean)).sum();
            return tokens() < 2 ? 0 : Math.sqrt(squares / tokens() / (tokens() - 1));
        }

        /** The smallest divergence that a share of all positions do not exceed; {@code share} in (0, 1]. */
        public double quantile(double share) {
            return divergences[Math.clamp((int) Math.ceil(share * tokens()) - 1, 0, tokens() - 1)];
        }

        /** The share of positions with the same most likely token. */
        public double agreement() {
            return (double) agreeing / tokens();
        }

        /** The standard error of {@link #agreement}. */
        public double agreementError() {
            return tokens() < 2 ? 0 : Math.sqrt(agreement() * (1 - agreement()) / (tokens() - 1));
        }

        /** The model's perplexity over the source's. */
        public double ratio() {
            return Math.exp(difference / tokens());
        }

        /**
         * The standard error of {@link #ratio}, from the differences at each position: far smaller than that of either
         * perplexity, since both see the same text.
         */
        public double ratioError() {
            double mean = difference / tokens();
            return tokens() < 2
                    ? 0
                    : ratio() * Math.sqrt(Math.max(0, differenceSquared / tokens() - mean * mean) / (tokens() - 1));
        }
    }

    private Comparison() {}

    /**
     * Compares on a text; the arguments are as in {@link Perplexity#measure}, with both decoders of the same
     * vocabulary.
     *
     * @param source runs the model that is taken as right
     * @param model runs the other
     * @throws IllegalArgumentException also if a logit of one of them is not finite; says which model's, and where
     */
    public static Result measure(
            Decoder source,
            Decoder model,
            int vocabulary,
            int[] tokens,
            int window,
            int most,
            int beginning,
            Perplexity.Progress progress) {
        int windows = Perplexity.require(source, tokens, window, most);
        Perplexity.require(model, tokens, window, most);
        Sums sums = new Sums(windows * ((window - 1) - window / 2));
        float[][] right = Perplexity.buffers(window, vocabulary);
        float[][] other = Perplexity.buffers(window, vocabulary);
        for (int w = 0; w < windows; w++) {
            int[] part = Perplexity.window(tokens, w, window, beginning);
            for (int from = 0; from < window; from += Perplexity.CHUNK) {
                int to = Math.min(from + Perplexity.CHUNK, window);
                int wanted = Math.max(0, to - Math.max(from, window / 2));
                int[] fed = Arrays.copyOfRange(part, from, to);
                source.forward(fed, from, Arrays.copyOf(right, wanted));
                model.forward(fed, from, Arrays.copyOf(other, wanted));
                for (int i = 0; i < wanted; i++) {
                    int position = to - wanted + i;
                    requireFinite("source", right[i], w, position);
                    requireFinite("model", other[i], w, position);
                    if (position + 1 < window) {
                        sums.add(right[i], other[i], part[position + 1]);
                    }
                }
            }
            if (!progress.window(w + 1, windows, sums.model.result())) {
                break;
            }
        }
        return sums.result();
    }

    /** Says which of the two it is (REQ-DEC-004). */
    private static void requireFinite(String whose, float[] logits, int window, int position) {
        try {
            TokenSampler.requireFinite(logits);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "the %s, at position %,d of window %,d: %s"
                            .formatted(whose, position, window + 1, refused.getMessage()),
                    refused);
        }
    }

    private static final class Sums {
        private final Perplexity.Sum source = new Perplexity.Sum();
        private final Perplexity.Sum model = new Perplexity.Sum();
        private final double[] divergences;
        private int count;
        private int agreeing;
        private double difference;
        private double differenceSquared;

        private Sums(int positions) {
            this.divergences = new double[positions];
        }

        private void add(float[] right, float[] other, int token) {
            double rightSum = Perplexity.logSum(right);
            double otherSum = Perplexity.logSum(other);
            double p = right[token] - rightSum;
            double q = other[token] - otherSum;
            source.add(p);
            model.add(q);
            difference += p - q;
            differenceSquared += (p - q) * (p - q);
            divergences[count++] = divergence(right, rightSum, other, otherSum);
            agreeing += mostLikely(right) == mostLikely(other) ? 1 : 0;
        }

        private Result result() {
            double[] sorted = Arrays.copyOf(divergences, count);
            Arrays.sort(sorted);
            return new Result(source.result(), model.result(), sorted, agreeing, difference, differenceSquared);
        }
    }

    /**
     * Σ p ln(p / q) of the softmaxes of two vectors of logits with their {@link Perplexity#logSum}, in nats; what
     * rounding makes negative is 0.
     *
     * @param right the logits whose softmax is p
     * @param rightSum their sum
     * @param other those whose softmax is q, as many
     * @param otherSum theirs
     */
    public static double divergence(float[] right, double rightSum, float[] other, double otherSum) {
        double sum = 0;
        for (int i = 0; i < right.length; i++) {
            double logP = right[i] - rightSum;
            sum += Math.exp(logP) * (logP - (other[i] - otherSum));
        }
        return Math.max(0, sum);
    }

    private static int mostLikely(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
