package org.threehalf.cli;

import java.io.PrintWriter;
import org.threehalf.kernels.io.Printable;
import picocli.CommandLine.Option;

/** The option that shows what a model is fed. */
final class PrintPromptOption {
    @Option(names = "--print-prompt", description = "print what the model is fed to the standard error")
    private boolean wanted;

    /** Prints it, where that is wanted. */
    void print(String prompt, PrintWriter err) {
        if (wanted) {
            err.println(Printable.text(prompt));
            err.flush();
        }
    }
}
