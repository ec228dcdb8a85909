package org.threehalf.cli;

import java.io.PrintWriter;
import org.threehalf.inference.generate.GeneratedToken;
import org.threehalf.inference.generate.TokenStream;
import org.threehalf.kernels.io.Printable;

/**
 * Prints what a model generates, as it is made. A terminal gets no control characters: a vocabulary may hold any, and
 * who asks a model is not who made it. Files and pipes get the text as it is.
 */
final class GeneratedText {
    private static final boolean TERMINAL =
            System.console() != null && System.console().isTerminal();

    private GeneratedText() {}

    /**
     * An answer, and the end of the line after it.
     *
     * @param answer its tokens; closed when this returns
     * @param out where the text goes; flushed after every token
     * @param interruption ends it early, and in order from the first token on
     */
    static void print(TokenStream answer, PrintWriter out, Interruption interruption) {
        print(answer, out, interruption, TERMINAL);
    }

    static void print(TokenStream answer, PrintWriter out, Interruption interruption, boolean terminal) {
        try (answer) {
            for (GeneratedToken token : answer) {
                out.print(terminal ? Printable.text(token.text()) : token.text());
                out.flush();
                interruption.hold();
                if (interruption.requested()) {
                    break;
                }
            }
        }
        out.println();
        out.flush();
    }
}
