package org.threehalf.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.threehalf.inference.generate.Conversation;
import org.threehalf.inference.generate.Generator;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.inference.tokenizer.Utf8Stream;

/**
 * Prints what a model generates, as it is made.
 *
 * @param tokenizer the model's
 * @param out where the text goes; flushed after every token
 * @param interruption ends a run early
 */
record GeneratedText(Tokenizer tokenizer, PrintWriter out, Interruption interruption) {

    /** A run of a generator, and the end of the line after it. Arguments and result as of {@link Generator#run}. */
    Generator.Run print(Generator generator, int[] prompt, int tokens) {
        Utf8Stream stream = new Utf8Stream();
        Generator.Run run = generator.run(prompt, tokens, token -> {
            out.print(stream.append(tokenizer.bytes(token)));
            out.flush();
            return !interruption.requested();
        });
        out.println(stream.end());
        out.flush();
        return run;
    }

    /**
     * An answer in a conversation, which goes on when the context is full as long as the conversation can make room.
     *
     * @param generator holds what was fed of the conversation
     * @param conversation is told of the answer
     * @param prompt what {@link Conversation#ask} gave
     * @param tokens how many at most
     * @return why it ended
     * @throws ModelFormatException if the template fails on a shorter conversation
     */
    Generator.End answer(Generator generator, Conversation conversation, int[] prompt, int tokens) throws ModelFormatException {
        Utf8Stream stream = new Utf8Stream();
        StringBuilder text = new StringBuilder();
        int[] answer = {};
        int[] fed = prompt;
        Generator.End end;
        do {
            List<Integer> more = new ArrayList<>();
            end = generator.runWhole(fed, tokens - answer.length, token -> {
                more.add(token);
                String piece = stream.append(tokenizer.bytes(token));
                text.append(piece);
                out.print(piece);
                out.flush();
                return !interruption.requested();
            }).end();
            answer = IntStream.concat(Arrays.stream(answer), more.stream().mapToInt(Integer::intValue)).toArray();
            fed = end == Generator.End.CONTEXT && answer.length < tokens ? conversation.shorter(answer) : new int[0];
        } while (fed.length > 0);
        String rest = stream.end();
        text.append(rest);
        out.println(rest);
        out.flush();
        conversation.answered(answer, text.toString());
        return end;
    }
}
