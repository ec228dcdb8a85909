package org.threehalf.cli;

import java.io.PrintWriter;
import org.threehalf.inference.generate.Generator;
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
}
