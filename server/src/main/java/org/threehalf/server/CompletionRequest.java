package org.threehalf.server;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * A request for chat completions or completions, taken apart and checked.
 *
 * @param chat whether it is of a chat
 * @param messages of a chat; empty otherwise
 * @param prompts of completions, each text or tokens; empty in a chat
 * @param choices n: how many answers to each prompt
 * @param most how many tokens at most; 0 where nothing is said
 * @param sampling how tokens are drawn
 * @param seed where draws start; answer i of a prompt starts at seed + i. Null: by the clock
 * @param stops strings that end an answer
 * @param stream whether the answer comes as server-sent events
 * @param includeUsage whether a stream ends with its usage
 * @param alternatives −1 for no log-probabilities, else of how many of the most likely tokens
 * @param hashLogits whether the logits' SHA-256 is wanted
 */
record CompletionRequest(
        boolean chat,
        List<Message> messages,
        List<Prompt> prompts,
        int choices,
        int most,
        TokenSampler.Settings sampling,
        @Nullable Long seed,
        List<String> stops,
        boolean stream,
        boolean includeUsage,
        int alternatives,
        boolean hashLogits) {

    /**
     * One message of a chat.
     *
     * @param role {@code system}, {@code user} or {@code assistant}
     * @param content its text
     */
    record Message(String role, String content) {}

    /** What completions go on with. */
    sealed interface Prompt {}

    /** A text. */
    record Text(String text) implements Prompt {}

    /** Token ids, fed as they are. */
    record Tokens(int[] ids) implements Prompt {}
}
