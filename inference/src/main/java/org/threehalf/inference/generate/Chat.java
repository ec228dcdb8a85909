package org.threehalf.inference.generate;

import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.tokenizer.Tokenizer;

/**
 * A conversation with a model: what was said before is remembered, and not computed again. When the context is full,
 * the oldest messages go and the answer goes on ({@link Conversation}). Not safe for use by several threads at once.
 */
public final class Chat implements AutoCloseable {
    private final Conversation conversation;
    private final Generator generator;
    private final Tokenizer tokenizer;
    private final GenerationOptions options;
    private final Runnable free;
    private @Nullable TokenStream answer;
    private boolean closed;

    /**
     * On a decoder of one's own.
     *
     * @param conversation writes it; this one's alone from now on
     * @param decoder runs the model; stays the caller's, who uses it for nothing else before this is closed
     * @param tokenizer the model's
     * @param options of each answer; draws go on from answer to answer
     */
    public Chat(Conversation conversation, Decoder decoder, Tokenizer tokenizer, GenerationOptions options) {
        this(conversation, decoder, tokenizer, options, () -> {});
    }

    Chat(Conversation conversation, Decoder decoder, Tokenizer tokenizer, GenerationOptions options, Runnable free) {
        this.conversation = conversation;
        this.generator = new Generator(decoder, tokenizer.vocabulary(), options.sampler());
        this.tokenizer = tokenizer;
        this.options = options;
        this.free = free;
    }

    /**
     * Says something. An answer that is still under way is left where it is, and remembered so.
     *
     * @return the answer, as it is drawn
     * @throws ModelFormatException if the model's template does not take it; it is forgotten
     * @throws IllegalArgumentException if it does not fit the context, even alone; it is forgotten
     * @throws IllegalStateException if this is closed
     */
    public TokenStream ask(String message) throws ModelFormatException {
        if (closed) {
            throw new IllegalStateException("the conversation is closed");
        }
        leave();
        TokenStream stream =
                new TokenStream(generator, tokenizer, conversation.ask(message), options, new TokenStream.Owner() {
                    @Override
                    public int[] shorter(int[] soFar) {
                        try {
                            return conversation.shorter(soFar);
                        } catch (ModelFormatException failed) {
                            throw new UncheckedIOException(failed);
                        }
                    }

                    @Override
                    public void ended(int[] tokens, String text) {
                        conversation.answered(tokens, text);
                    }
                });
        answer = stream;
        return stream;
    }

    private void leave() {
        if (answer != null) {
            answer.close();
            answer = null;
        }
    }

    /** The text that the last answer follows, as the template writes it. */
    public String prompt() {
        return conversation.prompt();
    }

    /** How many messages have gone because the context was full. */
    public int dropped() {
        return conversation.dropped();
    }

    /** Ends it, with the answer that is under way. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            leave();
            free.run();
        }
    }
}
