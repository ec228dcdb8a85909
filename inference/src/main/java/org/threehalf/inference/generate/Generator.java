package org.threehalf.inference.generate;

import java.util.Arrays;
import java.util.function.IntPredicate;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.tokenizer.Vocabulary;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * Feeds a prompt and draws tokens, one after the other. Keeps what was fed, so that a conversation goes on where it
 * stopped. Not safe for use by several threads.
 *
 * <p>Either the generator runs and tells a listener ({@link #run}), or it is begun and asked for one token after the
 * other ({@link #begin}, {@link #next}): the same tokens.
 */
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

    // Of the run that is under way, or was the last.
    private Run run = new Run(End.STOPPED, 0, 0, 0, 0);
    private int most;
    private long begun;
    private int last;
    private boolean over = true;

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
     * Feeds a prompt after what was fed before, and draws tokens.
     *
     * @param prompt at least one token
     * @param most how many tokens to draw at most
     * @param listener told of each token; false stops the run
     * @throws IllegalArgumentException if the prompt does not fit the context, or the logits are not finite
     *     (REQ-DEC-004)
     */
    public Run run(int[] prompt, int most, IntPredicate listener) {
        begin(prompt, most);
        for (int token = next(); token >= 0; token = next()) {
            if (!listener.test(token) || Thread.currentThread().isInterrupted()) {
                stop();
            }
        }
        return run;
    }

    /**
     * Feeds what is not fed yet of a text that may begin as the one before, and begins a run.
     *
     * @param all the whole text from position 0 on, at least one token
     * @param most as of {@link #run}
     * @throws IllegalArgumentException as of {@link #run}
     */
    public void beginWhole(int[] all, int most) {
        int common = 0;
        while (common < Math.min(position, all.length - 1) && history[common] == all[common]) {
            common++;
        }
        position = common;
        begin(Arrays.copyOfRange(all, common, all.length), most);
    }

    /**
     * Feeds a prompt after what was fed before, and begins a run; an interrupt of the thread ends it.
     *
     * @param prompt as of {@link #run}
     * @param most as of {@link #run}
     * @throws IllegalArgumentException as of {@link #run}
     */
    public void begin(int[] prompt, int most) {
        over = true;
        requirePrompt(prompt, decoder.capacity(), position);
        long begin = System.nanoTime();
        for (int from = 0; from < prompt.length; from += PROMPT_CHUNK) {
            if (Thread.currentThread().isInterrupted()) {
                run = new Run(End.STOPPED, from, System.nanoTime() - begin, 0, 0);
                return;
            }
            int to = Math.min(from + PROMPT_CHUNK, prompt.length);
            decoder.forward(
                    Arrays.copyOfRange(prompt, from, to),
                    position,
                    to == prompt.length ? new float[][] {logits} : new float[0][]);
            System.arraycopy(prompt, from, history, position, to - from);
            position += to - from;
        }
        this.most = most;
        begun = System.nanoTime();
        run = new Run(End.LENGTH, prompt.length, begun - begin, 0, 0);
        over = false;
    }

    /** Refuses a prompt that is empty, or does not fit a context of which some positions are filled. */
    static void requirePrompt(int[] prompt, int capacity, int position) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException(
                    "an empty prompt, and the model has no token that begins a text: give a prompt");
        }
        if (prompt.length > capacity - position) {
            throw new IllegalArgumentException(
                    "the prompt has %,d tokens; the context of %,d has room for %,d: give a shorter prompt or a larger context"
                            .formatted(prompt.length, capacity, capacity - position));
        }
    }

    /**
     * Draws the run's next token.
     *
     * @return its id, or −1 where the run has ended
     * @throws IllegalArgumentException if the logits are not finite (REQ-DEC-004)
     */
    public int next() {
        if (over) {
            return -1;
        }
        if (run.tokens == most) {
            return end(End.LENGTH);
        }
        if (run.tokens > 0) {
            if (position == decoder.capacity()) {
                return end(End.CONTEXT);
            }
            decoder.forward(new int[] {last}, position, new float[][] {logits});
            history[position] = last;
            position++;
        }
        int token = sampler.next(logits);
        if (vocabulary.isEnd(token)) {
            return end(End.ANSWERED);
        }
        last = token;
        run = new Run(End.LENGTH, run.promptTokens, run.promptNanos, run.tokens + 1, 0);
        return token;
    }

    /** Ends the run that is under way. */
    public void stop() {
        if (!over) {
            end(End.STOPPED);
        }
    }

    private int end(End end) {
        over = true;
        run = new Run(end, run.promptTokens, run.promptNanos, run.tokens, System.nanoTime() - begun);
        return -1;
    }

    /** What the last run took; while one is under way, without its end and its time. */
    public Run lastRun() {
        return run;
    }

    /** The logits that the last token was drawn from: a copy, one number a token of the vocabulary. */
    public float[] logits() {
        return logits.clone();
    }
}
