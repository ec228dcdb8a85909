package org.threehalf.inference.generate;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.generate.Generator.End;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.inference.tokenizer.Utf8Stream;

/**
 * An answer as it is drawn: each token is computed when it is asked for, and none after {@link #close}. What it holds
 * (a slot of the model) is free when the answer has ended, or is closed.
 *
 * <p>To be gone through once: {@code for (GeneratedToken token : stream)}, as a {@link #stream}, or whole by
 * {@link #text}. Not safe for use by several threads at once; several streams of one {@link LanguageModel} are.
 */
public final class TokenStream implements Iterable<GeneratedToken>, AutoCloseable {

    /** Is told of an answer. */
    interface Owner {
        /**
         * The context is full.
         *
         * @param answer the tokens of the answer so far
         * @return a shorter text that goes on with the answer; none where there is none, and the answer ends
         */
        default int[] shorter(int[] answer) {
            return new int[0];
        }

        /**
         * The answer has ended, or is left; told once.
         *
         * @param answer its tokens
         * @param text what was told of them
         */
        default void ended(int[] answer, String text) {}
    }

    private final Generator generator;
    private final Tokenizer tokenizer;
    private final int[] prompt;
    private final int most;
    private final Owner owner;
    private final Utf8Stream utf8 = new Utf8Stream();
    private final StopText stop;
    private final StringBuilder told = new StringBuilder();
    private int[] tokens = new int[16];
    private int count;
    private long serial;
    private @Nullable GeneratedToken ahead;
    private boolean begun;
    private boolean over;
    private boolean closed;
    private boolean given;

    /**
     * For a text that has not begun.
     *
     * @param generator draws; the stream's alone until it has ended
     * @param tokenizer the model's
     * @param prompt the whole text from position 0 on, at least one token
     * @param options the number of tokens and the texts that end it; how tokens are drawn is the generator's
     * @param owner is told of it
     */
    TokenStream(Generator generator, Tokenizer tokenizer, int[] prompt, GenerationOptions options, Owner owner) {
        this.generator = generator;
        this.tokenizer = tokenizer;
        this.prompt = prompt;
        this.most = options.tokens();
        this.stop = new StopText(options.stops());
        this.owner = owner;
    }

    /**
     * A text on a decoder of one's own, from position 0.
     *
     * @param decoder runs the model; stays the caller's, who uses it for nothing else before the stream has ended
     * @param tokenizer the model's
     * @param prompt token ids, at least one
     * @param options how it is generated
     */
    public static TokenStream of(Decoder decoder, Tokenizer tokenizer, int[] prompt, GenerationOptions options) {
        return new TokenStream(
                new Generator(decoder, tokenizer.vocabulary(), options.sampler()),
                tokenizer,
                prompt,
                options,
                new Owner() {});
    }

    /**
     * The tokens, to be gone through once.
     *
     * @throws IllegalStateException if they were given before
     */
    @Override
    public Iterator<GeneratedToken> iterator() {
        if (given) {
            throw new IllegalStateException("the tokens of a stream can be gone through once");
        }
        given = true;
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                if (ahead == null && !over) {
                    ahead = advance();
                }
                return ahead != null;
            }

            @Override
            public GeneratedToken next() {
                if (!hasNext() || ahead == null) {
                    throw new NoSuchElementException("the answer has ended");
                }
                GeneratedToken token = ahead;
                ahead = null;
                return token;
            }
        };
    }

    /** The tokens as a sequential stream, to be gone through once; closing it closes this. */
    public Stream<GeneratedToken> stream() {
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(iterator(), Spliterator.ORDERED | Spliterator.NONNULL),
                        false)
                .onClose(this::close);
    }

    /**
     * Draws what is still to be drawn, and gives the whole text, from its beginning; of a stream that was closed, as
     * far as it came.
     */
    public String text() {
        while (!over) {
            advance();
        }
        ahead = null;
        return told.toString();
    }

    /**
     * What it took; while it is under way, without its end. Where the context was full and the conversation made room,
     * since then.
     */
    public Generator.Run run() {
        return generator.lastRun();
    }

    /** How many tokens were drawn so far. */
    public int tokens() {
        return count;
    }

    private @Nullable GeneratedToken advance() {
        if (over) {
            return null;
        }
        try {
            if (!begun) {
                begun = true;
                generator.beginWhole(prompt, most);
            }
            int id = generator.next();
            while (id < 0 && generator.lastRun().end() == End.CONTEXT && count < most) {
                int[] shorter = owner.shorter(Arrays.copyOf(tokens, count));
                if (shorter.length == 0) {
                    break;
                }
                generator.beginWhole(shorter, most - count);
                id = generator.next();
            }
            return id < 0 ? last() : drawn(id);
        } catch (RuntimeException | Error failed) {
            end();
            throw failed;
        }
    }

    private GeneratedToken drawn(int id) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
        }
        tokens[count++] = id;
        serial++;
        String piece = stop.append(utf8.append(tokenizer.bytes(id)));
        told.append(piece);
        if (stop.stopped()) {
            generator.stop();
            end();
        }
        return new GeneratedToken(id, piece, this, serial);
    }

    /** What was held back, where there is something. */
    private @Nullable GeneratedToken last() {
        String rest = stop.append(utf8.end()) + stop.end();
        told.append(rest);
        end();
        return rest.isEmpty() ? null : new GeneratedToken(GeneratedToken.NONE, rest, this, -1);
    }

    private void end() {
        if (!over) {
            over = true;
            owner.ended(Arrays.copyOf(tokens, count), told.toString());
        }
    }

    float[] logits(long of) {
        if (of != serial) {
            throw new IllegalStateException(
                    "the stream has gone on: logits are there until the next token is asked for");
        }
        return generator.logits();
    }

    /** Leaves the answer where it is: no more tokens are computed. Does nothing where it has ended. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ahead = null;
            generator.stop();
            end();
        }
    }
}
