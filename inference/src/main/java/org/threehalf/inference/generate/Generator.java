package org.threehalf.inference.generate;

import java.util.Arrays;
import java.util.function.IntPredicate;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.tokenizer.Vocabulary;
import org.threehalf.kernels.transformer.TokenSampler;

/** Feeds a prompt and draws tokens, one after the other. Keeps what was fed, so that a conversation goes on where it stopped. Not safe for use by several threads. */
public final class Generator {
    /** Prompt tokens fed at a time; between two feeds a run can be stopped. */
    private static final int PROMPT_CHUNK = 128;

    private final Decoder decoder;
    private final Vocabulary vocabulary;
    private final TokenSampler sampler;
    private final float[] logits;
    /** The tokens at the positions that are filled. */
    private final int[] history;
    private int position;

    /**
     * A generator at the start of a text.
     *
     * @param decoder runs the model; stays the caller's
     * @param vocabulary tells which tokens end an answer
     * @param sampler draws the tokens
     */
    public Generator(Decoder decoder, Vocabulary vocabulary, TokenSampler sampler) {
        this.decoder = decoder;
        this.vocabulary = vocabulary;
        this.sampler = sampler;
        this.logits = new float[vocabulary.size()];
        this.history = new int[decoder.capacity()];
    }

    /** Why a run ended. */
    public enum End {
        /** The model drew a token that ends an answer. */
        ANSWERED,
        /** The number of tokens that was asked for. */
        LENGTH,
        /** The context is full. */
        CONTEXT,
        /** The listener, or an interrupt of the thread, stopped it. */
        STOPPED
    }

    /**
     * What a run took.
     *
     * @param end why it ended
     * @param promptTokens tokens fed
     * @param promptNanos time for them
     * @param tokens tokens drawn, without the one that ended it
     * @param nanos time for them
     */
    public record Run(End end, int promptTokens, long promptNanos, int tokens, long nanos) {
        /** Prompt tokens a second. */
        public double promptRate() {
            return promptNanos == 0 ? 0 : promptTokens * 1e9 / promptNanos;
        }

        /** Drawn tokens a second. */
        public double rate() {
            return nanos == 0 ? 0 : tokens * 1e9 / nanos;
        }
    }

    /** Positions that are filled. */
    public int position() {
        return position;
    }

    /**
     * Feeds what is not fed yet of a text that may begin as the one before, and draws tokens.
     *
     * @param all the whole text from position 0 on, at least one token
     * @param most as of {@link #run}
     * @param listener as of {@link #run}
     * @throws IllegalArgumentException as of {@link #run}
     */
    public Run runWhole(int[] all, int most, IntPredicate listener) {
        int common = 0;
        while (common < Math.min(position, all.length - 1) && history[common] == all[common]) {
            common++;
        }
        position = common;
        return run(Arrays.copyOfRange(all, common, all.length), most, listener);
    }

    /**
     * Feeds a prompt after what was fed before, and draws tokens.
     *
     * @param prompt at least one token
     * @param most how many tokens to draw at most
     * @param listener told of each token; false stops the run
     * @throws IllegalArgumentException if the prompt does not fit the context, or the logits are not finite (REQ-DEC-004)
     */
    public Run run(int[] prompt, int most, IntPredicate listener) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("an empty prompt, and the model has no token that begins a text: give a prompt");
        }
        if (prompt.length > decoder.capacity() - position) {
            throw new IllegalArgumentException("the prompt has %,d tokens; the context of %,d has room for %,d: give a shorter prompt or a larger --context".formatted(
                    prompt.length, decoder.capacity(), decoder.capacity() - position));
        }
        long begin = System.nanoTime();
        for (int from = 0; from < prompt.length; from += PROMPT_CHUNK) {
            if (Thread.currentThread().isInterrupted()) {
                return new Run(End.STOPPED, from, System.nanoTime() - begin, 0, 0);
            }
            int to = Math.min(from + PROMPT_CHUNK, prompt.length);
            decoder.forward(Arrays.copyOfRange(prompt, from, to), position, to == prompt.length ? new float[][] {logits} : new float[0][]);
            System.arraycopy(prompt, from, history, position, to - from);
            position += to - from;
        }
        long fed = System.nanoTime();
        int drawn = 0;
        End end = End.LENGTH;
        while (drawn < most) {
            int token = sampler.next(logits);
            if (vocabulary.isEnd(token)) {
                end = End.ANSWERED;
                break;
            }
            drawn++;
            if (!listener.test(token) || Thread.currentThread().isInterrupted()) {
                end = End.STOPPED;
                break;
            }
            if (drawn == most) {
                break;
            }
            if (position == decoder.capacity()) {
                end = End.CONTEXT;
                break;
            }
            decoder.forward(new int[] {token}, position, new float[][] {logits});
            history[position] = token;
            position++;
        }
        return new Run(end, prompt.length, fed - begin, drawn, System.nanoTime() - fed);
    }
}
