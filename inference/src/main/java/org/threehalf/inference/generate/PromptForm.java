package org.threehalf.inference.generate;

import java.io.IOException;
import java.io.Serializable;
import java.time.LocalDateTime;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.tokenizer.Tokenizer;

/**
 * How a text becomes what a model is fed: as it is, or as the first message of a chat.
 *
 * @param chat whether it is a message
 * @param instructions of a chat: the system's, or empty
 * @param template of a chat: the source of a template that takes the place of the model's own, or null
 * @param special of a text: whether control tokens that are spelt out in it are those tokens
 * @param time of a chat: what a template that asks is told of the time, or null for the time when it asks
 */
public record PromptForm(
        boolean chat,
        String instructions,
        @Nullable String template,
        boolean special,
        @Nullable LocalDateTime time) implements Serializable {
    private static final long serialVersionUID = 1;

    /** The same, with one time for all texts. */
    public PromptForm at(LocalDateTime now) {
        return new PromptForm(chat, instructions, template, special, now);
    }

    /**
     * Whether what a text becomes depends on when that is.
     *
     * @throws IOException if the model has no template that can be read
     */
    public boolean tellsTime(LanguageModel model) throws IOException {
        return chat && written(model).tellsTime();
    }

    private ChatTemplate written(LanguageModel model) throws IOException {
        ChatTemplate written = ChatTemplate.of(model.file().metadata(), model.tokenizer(), template);
        return time == null ? written : written.at(time);
    }

    /**
     * What is fed.
     *
     * @param tokens ids, at least one
     * @param text what they say
     */
    public record Fed(int[] tokens, String text) {}

    /**
     * The tokens of a text.
     *
     * @param model its tokenizer and template count
     * @param capacity positions of the context
     * @throws IllegalArgumentException if there is none, or the context does not hold them
     * @throws ConversationRefusedException if the template does not take the text
     * @throws IOException if the model has no template that can be read
     */
    public Fed feed(LanguageModel model, int capacity, String text) throws IOException {
        Tokenizer tokenizer = model.tokenizer();
        if (chat) {
            Conversation whole = new Conversation(written(model), tokenizer, capacity + 1, 0, instructions);
            int[] ids = whole.ask(text);
            return new Fed(ids, whole.prompt());
        }
        int[] ids = tokenizer.wrap(special ? tokenizer.encodeWithControlTokens(text) : tokenizer.encode(text));
        if (ids.length == 0) {
            throw new IllegalArgumentException(
                    "an empty prompt, and the model has no token that begins a text: give a prompt");
        }
        if (ids.length > capacity) {
            throw new IllegalArgumentException(
                    "the prompt has %,d tokens; the context of %,d positions does not hold it: give a shorter prompt or a larger --context"
                            .formatted(ids.length, capacity));
        }
        return new Fed(ids, text);
    }
}
