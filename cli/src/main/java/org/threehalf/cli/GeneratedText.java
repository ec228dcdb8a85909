package org.threehalf.cli;

import java.io.PrintWriter;
import org.threehalf.inference.generate.GeneratedToken;
import org.threehalf.inference.generate.TokenStream;

/** Prints what a model generates, as it is made. */
final class GeneratedText {
    private GeneratedText() {}

    /**
     * An answer, and the end of the line after it.
     *
     * @param answer its tokens; closed when this returns
     * @param out where the text goes; flushed after every token
     * @param interruption ends it early
     */
    static void print(TokenStream answer, PrintWriter out, Interruption interruption) {
        try (answer) {
            for (GeneratedToken token : answer) {
                out.print(token.text());
                out.flush();
                if (interruption.requested()) {
                    break;
                }
            }
        }
        out.println();
        out.flush();
    }
}
