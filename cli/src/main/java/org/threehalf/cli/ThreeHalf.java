package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.threehalf.cli.bench.BenchCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line's root.
 *
 * <p>Exit codes of every command: 0 done; 1 the answer is no (a case failed, a file is not as it should be); 2 the arguments are wrong or
 * the command could not begin; 3 an error inside ThreeHalf, with its stack trace.
 */
@Command(
        name = "threehalf",
        description = "3.5-bit language-model inference with verified kernels.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:the answer is no: a check failed, or a file is not as it must be", "2:wrong arguments, or it could not begin", "3:an error inside ThreeHalf"},
        mixinStandardHelpOptions = true,
        versionProvider = ThreeHalf.Version.class)
public final class ThreeHalf implements Runnable {

    /** The answer is no. */
    public static final int FAILED = 1;
    /** The command could not begin. */
    public static final int USAGE = 2;
    /** An error inside ThreeHalf. */
    public static final int INTERNAL = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private ThreeHalf() {}

    /** The subcommands by name. A new command is one line here. */
    private static SequencedMap<String, Supplier<Object>> commands() {
        SequencedMap<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("quantize", QuantizeCommand::new);
        commands.put("inspect", InspectCommand::new);
        commands.put("backends", BackendsCommand::new);
        commands.put("bench", BenchCommand::new);
        commands.put("generate", GenerateCommand::new);
        commands.put("chat", ChatCommand::new);
        commands.put("perplexity", PerplexityCommand::new);
        commands.put("plan", PlanCommand::new);
        commands.put("conformance", () -> ConformanceCommand.commandLine(ConformanceModels::open));
        commands.put("groq", GroqCommand::new);
        return commands;
    }

    /** The command line with all subcommands. */
    public static CommandLine commandLine() {
        return commandLine(commands());
    }

    private static CommandLine commandLine(Map<String, Supplier<Object>> commands) {
        CommandLine line = new CommandLine(new ThreeHalf());
        commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
        return line.setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command))
                .setExitCodeExceptionMapper(failure -> failure instanceof ParameterException ? USAGE : INTERNAL);
    }

    /** Runs a command and ends the program with its exit code. */
    public static void main(String[] arguments) {
        // Reading the annotations of all commands takes a fifth of a second, which somebody who names one need not wait for.
        Supplier<Object> named = arguments.length == 0 ? null : commands().get(arguments[0]);
        System.exit((named == null ? commandLine() : commandLine(Map.of(arguments[0], named))).execute(arguments));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /**
     * Says what went wrong in one line where the message is meant for a person: bad files, refused values, missing devices. Anything else is
     * an error of ours and shows its stack trace.
     */
    private static int explain(Exception failure, CommandLine command) {
        PrintWriter err = command.getErr();
        String message = switch (failure) {
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file or folder";
            case AccessDeniedException denied -> denied.getFile() + ": access is denied";
            case IOException io -> io.getMessage() == null ? io.toString() : io.getMessage();
            case IllegalArgumentException refused when refused.getMessage() != null -> refused.getMessage();
            default -> null;
        };
        if (message == null) {
            err.println("threehalf: an error inside ThreeHalf; please report it with this:");
            failure.printStackTrace(err);
            err.flush();
            return INTERNAL;
        }
        err.println("threehalf " + command.getCommandName() + ": " + message);
        err.flush();
        return failure instanceof NoSuchFileException || failure instanceof AccessDeniedException ? USAGE : FAILED;
    }

    /** The version, with the Java and the processor that run it. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "threehalf 0.1.0", "Java %s on %s, %d processors".formatted(Runtime.version(), System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors())
            };
        }
    }
}
