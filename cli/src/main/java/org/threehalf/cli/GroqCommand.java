package org.threehalf.cli;

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
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a subcommand is missing");
    }
}
