package org.threehalf.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code threehalf groq}: what is for Groq LPUs. */
@Command(
        name = "groq",
        description = "MLIR for Groq LPUs, and what such chips would need.",
        subcommands = {GroqEmitCommand.class, GroqPlanCommand.class},
        mixinStandardHelpOptions = true)
public final class GroqCommand implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "a subcommand is missing");
        }
    }
}
