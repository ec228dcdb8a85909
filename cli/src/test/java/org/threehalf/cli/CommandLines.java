package org.threehalf.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a run of the command line gave.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record CommandLines(int code, String out, String err) {
    /** Runs the whole command line. */
    static CommandLines run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = java.util.Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        int code = ThreeHalf.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
        return new CommandLines(code, out.toString(), err.toString());
    }
}
