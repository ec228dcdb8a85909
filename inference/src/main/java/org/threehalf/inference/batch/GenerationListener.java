package org.threehalf.inference.batch;

import org.threehalf.inference.generate.Generator;

/** Is told of an answer as it is made, by the thread that makes all of them: it must return at once. */
public interface GenerationListener {

    /**
     * A token was drawn. Tokens that end an answer are not told.
     *
     * @param token it
     * @return whether to go on; where not, the answer ends with {@link Generator.End#STOPPED}
     */
    boolean drawn(DrawnToken token);

    /**
     * The answer is whole. Told once, after the last token; nothing is told after it.
     *
     * @param summary what it took
     */
    void ended(Summary summary);

    /**
     * The answer cannot be made (REQ-DEC-004, or no memory). Told once in the place of {@link #ended}.
     *
     * @param cause why
     */
    void failed(RuntimeException cause);

    /**
     * What an answer took.
     *
     * @param end why it ended
     * @param promptTokens tokens of the prompt
     * @param reusedTokens of those, the ones whose keys and values were there already
     * @param tokens tokens drawn, without the one that ended it
     * @param logitsSha256 SHA-256 in lower-case hexadecimal over the logits of each draw in order, the one that ended
     *     it too, as little-endian binary32; empty where it was not asked for
     */
    record Summary(Generator.End end, int promptTokens, int reusedTokens, int tokens, String logitsSha256) {}
}
