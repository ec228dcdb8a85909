package org.threehalf.inference.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.threehalf.inference.generate.ChatTemplate.Message;
import org.threehalf.inference.generate.ChatTemplate.Rendered;
import org.threehalf.inference.tokenizer.Tokenizer;

/**
 * A conversation as the tokens that a model is fed. Every token that was drawn stays as it was drawn, wherever an
 * answer ended; what the template puts around it is encoded.
 *
 * <p>When the context is full, the oldest messages go, whole, two at a time: not the instructions, not the first ones
 * that are to be kept, and not the last message. What is left is encoded anew.
 */
public final class Conversation {
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final int capacity;
    private final int keep;
    private final List<Message> messages = new ArrayList<>();
    /** The text up to where the last answer began, and the tokens of it and of the answer. */
    private String prompt = "";

    private int[] fixed = {};
    private int dropped;

    /**
     * An empty conversation.
     *
     * @param template writes it
     * @param tokenizer the model's
     * @param capacity positions of the context
     * @param keep how many messages after the instructions stay when the context is full
     * @param instructions the system's, or empty
     */
    public Conversation(ChatTemplate template, Tokenizer tokenizer, int capacity, int keep, String instructions) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.capacity = capacity;
        this.keep = keep;
        if (!instructions.isEmpty()) {
            messages.add(new Message("system", instructions));
        }
    }

    /** How many messages have gone because the context was full. */
    public int dropped() {
        return dropped;
    }

    /** The text that the next answer follows, as the template writes it. */
    public String prompt() {
        return prompt;
    }

    /**
     * Takes a user's message.
     *
     * @return all tokens of the conversation, up to where the answer begins: at least one, and fewer than the context
     *     has positions
     * @throws ConversationRefusedException if the template does not take it; the message is forgotten
     * @throws IllegalArgumentException if it does not fit the context, even alone; it is forgotten
     */
    public int[] ask(String message) throws ConversationRefusedException {
        messages.add(new Message("user", message));
        try {
            int[] tokens = afterAnswer();
            while (tokens.length >= capacity) {
                int length = tokens.length;
                tokens = shorter(new int[0]);
                if (tokens.length == 0) {
                    throw new IllegalArgumentException(
                            "the message takes %,d tokens; the context of %,d positions does not hold it: give a shorter message or a larger --context"
                                    .formatted(length, capacity));
                }
            }
            return tokens;
        } catch (ConversationRefusedException | IllegalArgumentException refused) {
            messages.removeLast();
            throw refused;
        }
    }

    /**
     * The tokens of before, with what the template adds; or all anew where the template writes what was before
     * otherwise.
     */
    private int[] afterAnswer() throws ConversationRefusedException {
        Rendered all = template.render(messages, true);
        String before = prompt;
        prompt = all.text();
        if (fixed.length > 0 && all.text().startsWith(before)) {
            // The instructions, the user's message and the answer before this one.
            String answer = messages.get(messages.size() - 2).content();
            String rest = all.text().substring(before.length());
            String stripped = answer.strip();
            int at = rest.startsWith(answer)
                    ? answer.length()
                    : rest.stripLeading().startsWith(stripped) ? rest.indexOf(stripped) + stripped.length() : -1;
            if (at >= 0) {
                int from = before.length() + at;
                fixed = concat(
                        fixed,
                        tokenizer.encodeWithControlTokens(
                                all.text().substring(from),
                                all.foreign()
                                        .get(from, Math.max(from, all.foreign().length()))));
                return fixed;
            }
        }
        fixed = template.tokens(all);
        return fixed;
    }

    private static int[] concat(int[] a, int[] b) {
        return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
    }

    /**
     * Makes room when the context is full: drops the oldest messages until half of the context is free, or none is left
     * that may go.
     *
     * @param answer tokens of an answer that is under way, which goes on
     * @return all tokens of what is left, the answer's among them; none if nothing could be dropped, or it does not
     *     help
     * @throws ConversationRefusedException if the template does not take what is left
     */
    public int[] shorter(int[] answer) throws ConversationRefusedException {
        int from = (!messages.isEmpty() && messages.getFirst().role().equals("system") ? 1 : 0) + keep;
        int[] tokens = {};
        while (messages.size() - 1 - from >= 2) {
            messages.remove(from);
            messages.remove(from);
            dropped += 2;
            Rendered all = template.render(messages, true);
            prompt = all.text();
            fixed = template.tokens(all);
            tokens = concat(fixed, answer);
            if (tokens.length <= capacity / 2) {
                return tokens;
            }
        }
        return tokens.length < capacity ? tokens : new int[0];
    }

    /**
     * Takes the model's answer.
     *
     * @param tokens all that were drawn, without the one that ended it
     * @param text what was printed of them
     */
    public void answered(int[] tokens, String text) {
        messages.add(new Message("assistant", text));
        fixed = concat(fixed, tokens);
    }
}
