package org.threehalf.inference.generate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * How well a model predicts a text: exp(−mean ln p(token | the tokens before it in its window)).
 *
 * <p>As llama.cpp measures it: the text is cut into windows of n tokens, without overlap; each begins with the model's
 * token of the beginning where it has one, in place of the window's first token; and only tokens of the second half
 * count, so that each has at least n/2 − 1 tokens before it. Tokens that fill no window are left out. ln p is computed
 * in binary64 from the logits, so the figure is no conformance value; the logits' bits are.
 */
public final class Perplexity {
    /** Tokens fed at a time: bounds the memory for logits. */
    static final int CHUNK = 32;

    /** Told of the state after each window; false stops. */
    @FunctionalInterface
    public interface Progress {
        /**
         * After a window.
         *
         * @param done windows done
         * @param windows all windows
         * @param soFar the result over the windows done
         */
        boolean window(int done, int windows, Result soFar);
    }

    /** Told of the logits after each token of each window, in their order. */
    @FunctionalInterface
    public interface Logits {
        /** The logits after the token at a position of a window; valid during the call. */
        void after(int position, float[] logits);
    }

    /**
     * A perplexity.
     *
     * @param negativeLogLikelihood Σ −ln p over the tokens that count
     * @param squared Σ (ln p)²
     * @param tokens how many count
     */
    public record Result(double negativeLogLikelihood, double squared, int tokens) {
        /** exp of the mean. */
        public double perplexity() {
            return Math.exp(negativeLogLikelihood / tokens);
        }

        /** The standard error of {@link #perplexity}, from the spread of ln p. */
        public double standardError() {
            double mean = negativeLogLikelihood / tokens;
            double variance = squared / tokens - mean * mean;
            return tokens < 2 ? 0 : perplexity() * Math.sqrt(Math.max(0, variance) / (tokens - 1));
        }
    }

    private Perplexity() {}

    /** How many windows of n tokens a text has. */
    public static int windows(int tokens, int window) {
        return tokens / window;
    }

    /**
     * Measures a text.
     *
     * @param decoder runs the model; its capacity is at least the window
     * @param vocabulary how many tokens the model has
     * @param tokens the text's, with the token of the beginning in front where the model has one
     * @param window n, at least 4
     * @param most how many windows at most
     * @param beginning the token that takes the first place of each window, or negative for none
     * @param listener told of all logits, or null; with one, logits are computed for the first half of a window too
     * @param progress told after each window
     * @throws IllegalArgumentException if the text fills no window, or the logits are not finite (REQ-DEC-004)
     */
    public static Result measure(
            Decoder decoder,
            int vocabulary,
            int[] tokens,
            int window,
            int most,
            int beginning,
            @Nullable Logits listener,
            Progress progress) {
        int windows = require(decoder, tokens, window, most);
        Sum sum = new Sum();
        float[][] buffers = buffers(window, vocabulary);
        for (int w = 0; w < windows; w++) {
            int[] part = window(tokens, w, window, beginning);
            sum.add(logProbabilities(decoder, part, buffers, listener));
            if (!progress.window(w + 1, windows, sum.result())) {
                break;
            }
        }
        return sum.result();
    }

    /** How many windows are measured, at least one. */
    static int require(Decoder decoder, int[] tokens, int window, int most) {
        if (window < 4 || window > decoder.capacity()) {
            throw new IllegalArgumentException(
                    "windows of %,d tokens: it must be 4 to %,d".formatted(window, decoder.capacity()));
        }
        int windows = Math.min(windows(tokens.length, window), most);
        if (windows == 0) {
            throw new IllegalArgumentException(
                    "the text has %,d tokens, fewer than one window of %,d: give a longer text or a smaller window"
                            .formatted(tokens.length, window));
        }
        return windows;
    }

    static float[][] buffers(int window, int vocabulary) {
        return new float[Math.min(CHUNK, window)][vocabulary];
    }

    /**
     * The tokens of a window.
     *
     * @param tokens the text's
     * @param w the window's number, from 0
     * @param window how many tokens it has
     * @param beginning the token that takes its first place, or negative for none
     */
    public static int[] window(int[] tokens, int w, int window, int beginning) {
        int[] part = Arrays.copyOfRange(tokens, w * window, w * window + window);
        if (beginning >= 0) {
            part[0] = beginning;
        }
        return part;
    }

    /**
     * Measures one window, wherever the others are.
     *
     * @param decoder runs the model; its capacity is at least the window
     * @param vocabulary how many tokens the model has
     * @param part the window's tokens
     * @param listener told of all logits, or null
     * @return ln p of the tokens that count, in their order, for {@link Sum#add(double[])}
     * @throws IllegalArgumentException if the logits are not finite (REQ-DEC-004)
     */
    public static double[] logProbabilities(Decoder decoder, int vocabulary, int[] part, @Nullable Logits listener) {
        return logProbabilities(decoder, part, buffers(part.length, vocabulary), listener);
    }

    private static double[] logProbabilities(
            Decoder decoder, int[] part, float[][] buffers, @Nullable Logits listener) {
        int counted = part.length / 2;
        double[] found = new double[part.length - 1 - counted];
        for (int from = 0; from < part.length; from += CHUNK) {
            int to = Math.min(from + CHUNK, part.length);
            int wanted = listener != null ? to - from : Math.max(0, to - Math.max(from, counted));
            float[][] logits = Arrays.copyOf(buffers, wanted);
            decoder.forward(Arrays.copyOfRange(part, from, to), from, logits);
            for (int i = 0; i < wanted; i++) {
                int position = to - wanted + i;
                if (listener != null) {
                    listener.after(position, logits[i]);
                }
                if (position >= counted && position + 1 < part.length) {
                    found[position - counted] = logProbability(logits[i], part[position + 1]);
                }
            }
        }
        return found;
    }

    /**
     * Sums over the tokens that count. Added in the order of the text they give the same bits, whoever computed them.
     */
    public static final class Sum {
        private double negativeLogLikelihood;
        private double squared;
        private int tokens;

        /** Of no token. */
        public Sum() {}

        /** Adds the tokens of a window by their ln p, in their order. */
        public void add(double[] logProbabilities) {
            for (double logProbability : logProbabilities) {
                add(logProbability);
            }
        }

        /** Adds a token by its ln p. */
        void add(double logProbability) {
            negativeLogLikelihood -= logProbability;
            squared += logProbability * logProbability;
            tokens++;
        }

        /** The sums so far. */
        public Result result() {
            return new Result(negativeLogLikelihood, squared, tokens);
        }
    }

    /** ln of the softmax at a token, in binary64. */
    static double logProbability(float[] logits, int token) {
        return logits[token] - logSum(logits);
    }

    /**
     * ln Σ exp of the logits.
     *
     * @throws IllegalArgumentException if one is not finite (REQ-DEC-004)
     */
    public static double logSum(float[] logits) {
        TokenSampler.requireFinite(logits);
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit - largest);
        }
        return largest + Math.log(total);
    }
}
