package org.threehalf.cluster;

import java.nio.file.Path;
import org.threehalf.cli.AddedCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Adds {@code threehalf cluster} to the command line. */
public final class AddedClusterCommand implements AddedCommand {

    /** For {@link java.util.ServiceLoader}. */
    public AddedClusterCommand() {}

    @Override
    public String name() {
        return "cluster";
    }

    @Override
    public Object command() {
        CommandLine line = new CommandLine(new ClusterCommand()).registerConverter(Path.class, RemoteFiles::path);
        describe(
                line.getSubcommands().get("generate").getCommandSpec(),
                "--seed",
                "the seed of lines without one: same seed, same text, on every machine and backend (default: 0)");
        return line;
    }

    /** Says of an option of another command what it means here. */
    private static void describe(CommandSpec command, String name, String description) {
        OptionSpec option = command.findOption(name);
        command.remove(option);
        command.addOption(option.toBuilder().description(description).build());
    }

    /** {@code threehalf cluster}: the commands that can be spread over machines. */
    @Command(
            name = "cluster",
            description = "Quantise, measure, judge and generate on many machines, with Apache Spark.",
            subcommands = {
                ClusterQuantizeCommand.class,
                ClusterPerplexityCommand.class,
                ClusterConformanceCommand.class,
                ClusterGenerateCommand.class
            },
            footer = {
                "%nThe results are the bytes of the commands without 'cluster'. docs/CLUSTER.md says what each cluster needs.",
                "Models, texts and prompts may be addresses of file systems that Spark knows (hdfs://…, s3a://…)."
            },
            mixinStandardHelpOptions = true)
    static final class ClusterCommand implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "a subcommand is missing");
        }
    }
}
