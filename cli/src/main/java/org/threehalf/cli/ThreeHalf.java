package org.threehalf.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.cli.bench.BenchCommand;
import org.threehalf.cli.doctor.DoctorCommand;
import org.threehalf.kernels.io.BuildVersion;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The command line's root.
 *
 * <p>Exit codes of every command: 0 done; 1 the answer is no (a case failed, a file is not as it should be); 2 the
 * arguments are wrong or the command could not begin; 3 an error inside ThreeHalf, with its stack trace; 4 it could not
 * go on, for a reason outside ThreeHalf: results could not be written, memory did not suffice, or a file was changed
 * while it was read.
 */
@Command(
        name = "threehalf",
        description = "3.5-bit language-model inference with verified kernels.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the answer is no: a check failed, or a file is not as it must be",
            "2:wrong arguments, or it could not begin",
            "3:an error inside ThreeHalf",
            "4:it could not go on: results could not be written, memory did not suffice, or a file changed while it was read"
        },
        mixinStandardHelpOptions = true,
        versionProvider = ThreeHalf.Version.class)
public final class ThreeHalf implements Runnable {

    /** The answer is no. */
    public static final int FAILED = 1;
    /** The command could not begin. */
    public static final int USAGE = 2;
    /** An error inside ThreeHalf. */
    public static final int INTERNAL = 3;
    /** The command could not go on, for a reason outside ThreeHalf. */
    public static final int STOPPED = 4;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private ThreeHalf() {}

    /** The subcommands by name. A new command is one line here, or an {@link AddedCommand} of another module. */
    private static SequencedMap<String, Supplier<Object>> commands() {
        SequencedMap<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("quantize", QuantizeCommand::new);
        commands.put("export", ExportCommand::new);
        commands.put("inspect", InspectCommand::new);
        commands.put("backends", BackendsCommand::new);
        commands.put("doctor", () -> new DoctorCommand(BackendProvider.PREFERRED));
        commands.put("bench", BenchCommand::new);
        commands.put("generate", GenerateCommand::new);
        commands.put("chat", ChatCommand::new);
        commands.put("serve", ServeCommand::new);
        commands.put("perplexity", PerplexityCommand::new);
        commands.put("compare", CompareCommand::new);
        commands.put("tokenize", TokenizeCommand::new);
        commands.put("plan", PlanCommand::new);
        commands.put("conformance", () -> ConformanceCommand.commandLine(ConformanceModels::open));
        commands.put("groq", GroqCommand::new);
        // verify and evidence, of the module that checks proofs.
        ServiceLoader.load(AddedCommand.class).forEach(added -> commands.put(added.name(), added::command));
        return commands;
    }

    /** The command line with all subcommands. */
    public static CommandLine commandLine() {
        return commandLine(commands());
    }

    private static CommandLine commandLine(Map<String, Supplier<Object>> commands) {
        CommandLine line = new CommandLine(new ThreeHalf());
        commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
        line.registerConverter(Pattern.class, ThreeHalf::pattern);
        Numbers.register(line);
        tellVersion(line);
        return line.setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(ThreeHalf::execute)
                .setParameterExceptionHandler(ThreeHalf::explainUsage)
                .setExitCodeExceptionMapper(failure -> failure instanceof ParameterException ? USAGE : INTERNAL);
    }

    /** Every command has {@code --version}, and it is the same everywhere. */
    private static void tellVersion(CommandLine line) {
        line.getCommandSpec().versionProvider(new Version());
        line.getSubcommands().values().forEach(ThreeHalf::tellVersion);
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException wrong) {
            throw new CommandLine.TypeConversionException("'%s' is no regular expression: %s (at %d)"
                    .formatted(text, wrong.getDescription(), wrong.getIndex()));
        }
    }

    /** The version's number, which the build wrote down. */
    public static String version() {
        return BuildVersion.number();
    }

    /** Runs a command and ends the program with its exit code. */
    public static void main(String[] arguments) {
        // Figures are written alike everywhere: who reads them may be a program.
        Locale.setDefault(Locale.ROOT);
        KeptStart.judge();
        // Reading the annotations of all commands takes a fifth of a second, which somebody who names one need not wait
        // for.
        Supplier<Object> named = arguments.length == 0 ? null : commands().get(arguments[0]);
        CommandLine commands = named == null ? commandLine() : commandLine(Map.of(arguments[0], named));
        // Not System.out, which keeps errors to itself.
        commands.setOut(new ResultWriter(new FileOutputStream(FileDescriptor.out), System.out.charset()));
        Optional<String> wrong = Arguments.wrong(arguments, Arguments.ON_LINUX);
        if (wrong.isPresent()) {
            System.err.println("threehalf: " + wrong.get());
            System.exit(USAGE);
        }
        int code = commands.execute(arguments);
        try {
            commands.getOut().flush();
        } catch (ResultWriter.LostException lost) {
            code = code == 0 ? explain(lost, commands) : code;
        }
        // What the writers still hold is lost already; nothing else waits for the end.
        System.exit(code);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int execute(ParseResult parsed) {
        CommandLine command = parsed.commandSpec().commandLine();
        for (ParseResult inner = parsed; inner.hasSubcommand(); ) {
            inner = inner.subcommand();
            command = inner.commandSpec().commandLine();
        }
        try {
            int code = new CommandLine.RunLast().execute(parsed);
            command.getOut().flush();
            return code;
        } catch (ParameterException wrong) {
            throw wrong;
        } catch (ExecutionException failed) {
            return explain(failed.getCause() == null ? failed : failed.getCause(), command);
        } catch (RuntimeException | Error failed) {
            return explain(failed, command);
        }
    }

    /**
     * Says what went wrong in one line where the message is meant for a person: bad files, refused values, missing
     * devices, a machine that does not suffice. Anything else is an error of ours and shows its stack trace.
     */
    private static int explain(Throwable thrown, CommandLine command) {
        PrintWriter err = command.getErr();
        Throwable first = original(thrown);
        Throwable failure = first instanceof UncheckedIOException io && !(first instanceof ResultWriter.LostException)
                ? io.getCause()
                : first;
        String message = switch (failure) {
            case NoSuchFileException missing ->
                missing.getFile()
                        + ": there is no such file or folder"
                        + (missing.getFile().matches("https?:.*") ? "; nothing is downloaded: give a path" : "");
            case AccessDeniedException denied -> denied.getFile() + ": access is denied";
            case FileSystemException io ->
                String.valueOf(io.getFile()) + ": "
                        + (io.getReason() == null ? io.getClass().getSimpleName() : io.getReason());
            case IOException io -> io.getMessage() == null ? io.toString() : io.getMessage();
            case ResultWriter.LostException lost -> lost.getMessage();
            case IllegalArgumentException refused -> refused.getMessage();
            case OutOfMemoryError full ->
                "memory does not suffice (%s): JAVA_OPTS=-Xmx… allows more than the %,d MiB of now"
                        .formatted(full.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
            case StackOverflowError deep -> "the stack does not suffice: JAVA_OPTS=-Xss… allows more";
            // What the JVM makes of a page that is no longer there.
            case InternalError lost
            when String.valueOf(lost.getMessage()).contains("unsafe memory access") ->
                "a file changed while it was read: start again when nothing writes to it";
            default -> null;
        };
        if (message == null) {
            err.println("threehalf: an error inside ThreeHalf; please report it with this:");
            failure.printStackTrace(err);
            err.flush();
            return INTERNAL;
        }
        err.println("threehalf " + command.getCommandName() + ": " + printable(message));
        err.flush();
        return switch (failure) {
            case NoSuchFileException missing -> USAGE;
            case AccessDeniedException denied -> USAGE;
            case UsageException usage -> USAGE;
            case ResultWriter.LostException lost -> STOPPED;
            case FileNotWrittenException lost -> STOPPED;
            case StoppedException stopped -> STOPPED;
            case Error error -> STOPPED;
            default -> FAILED;
        };
    }

    /**
     * The exception that was thrown: a pool's thread hands it on in a copy, whose message is the original's class and
     * message.
     */
    private static Throwable original(Throwable failure) {
        Throwable original = failure;
        for (Throwable cause = original.getCause();
                cause != null
                        && (copies(original, cause) || original instanceof java.util.concurrent.ExecutionException);
                cause = cause.getCause()) {
            original = cause;
        }
        return original;
    }

    private static boolean copies(Throwable copy, Throwable cause) {
        boolean wraps = copy.getClass() == cause.getClass() || copy.getClass() == RuntimeException.class;
        return wraps && (copy.getMessage() == null || copy.getMessage().equals(cause.toString()));
    }

    /**
     * A message for the terminal: it may hold text of files and arguments, which {@link Printable} keeps from steering
     * it; a line that is not the first is set in, so that none looks like another message.
     */
    public static String printable(String text) {
        return Printable.text(text).replace("\n", "\n    ");
    }

    /** A file's name or path in one line. */
    public static String printable(Path path) {
        return Printable.line(path.toString());
    }

    /** As picocli does it, with a message that steers no terminal. */
    private static int explainUsage(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText(printable(String.valueOf(wrong.getMessage()))));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err)) {
            command.usage(err, command.getColorScheme());
        }
        err.flush();
        return USAGE;
    }

    /** The version, with the Java and the processor that run it. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "threehalf " + BuildVersion.number(),
                "Java %s on %s, %d processors"
                        .formatted(
                                Runtime.version(),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors())
            };
        }
    }
}
