package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.ModelReader;
import org.threehalf.conformance.ModelReader.OpenModel;
import org.threehalf.conformance.ModelSuite;
import org.threehalf.conformance.ModelUnderTest;
import org.threehalf.conformance.WholeModel;
import org.threehalf.conformance.exchange.DeviceProgram;
import org.threehalf.conformance.exchange.ExchangeFolder;
import org.threehalf.conformance.mistakes.Diagnosis;
import org.threehalf.conformance.vectors.VectorFormatException;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.Sha256;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code threehalf conformance} and {@code threehalf conformance run}: judges backends, or a vendor's program, by the
 * golden vectors, the generated cases and on a model's matrices ({@code spec/CONFORMANCE.md}).
 */
@Command(
        name = "conformance",
        description = "Compare backends with the specification, bit for bit.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every case passed", "1:a case failed", "2:the run could not begin"},
        mixinStandardHelpOptions = true)
public class ConformanceCommand implements Callable<Integer> {

    private static final String ALL = "all";
    private static final String PROGRAM = "program";

    private final ModelReader reader;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            split = ",",
            arity = "1..*",
            description = "the backends to judge, or 'all' for every one that can run here (default: reference)")
    private List<String> backends = List.of("reference");

    @Mixin
    private final ThreadOption threads = new ThreadOption();

    @Option(
            names = "--exec",
            paramLabel = "PROG",
            description = "judge a program instead: a command line with {in} and {out} for its folders")
    private @Nullable String program;

    @Option(
            names = "--exec-limit",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "stop the program after this time (default: ${DEFAULT-VALUE})")
    private int programSeconds = 600;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "judge N times: a race may pass once; a case passes if it does every time (default: ${DEFAULT-VALUE})")
    private int repeats = 1;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description = "a quantised model: judge the backends on its matrices too")
    private @Nullable Path model;

    private @Nullable StampedModel stamped;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "" + ConformanceRunner.DEFAULT_ROWS,
            description =
                    "compare at most N rows of a matrix, the first and the last among them (default: ${DEFAULT-VALUE})")
    private int rows = ConformanceRunner.DEFAULT_ROWS;

    @Mixin
    private final ConformanceCases cases = new ConformanceCases();

    @Mixin
    private final ConformanceReports reports = new ConformanceReports();

    /**
     * A command that opens models by a reader.
     *
     * @param reader opens the file that {@code --model} names
     */
    public ConformanceCommand(ModelReader reader) {
        this.reader = reader;
    }

    /** The command with its subcommands; without one it runs. */
    public static CommandLine commandLine(ModelReader reader) {
        CommandLine run = new CommandLine(new ConformanceCommand(reader)).setCommandName("run");
        return new CommandLine(new ConformanceCommand(reader))
                .addSubcommand(run)
                .addSubcommand(new ConformanceExportCommand())
                .addSubcommand(new ConformanceCheckCommand());
    }

    /** Where the work is done: a command that extends this one may do it elsewhere. */
    protected Site site() {
        return Site.HERE;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<ConformanceReport> finished;
        threads.require();
        try {
            if (repeats < 1) {
                throw new IllegalArgumentException("--repeat %d: at least 1".formatted(repeats));
            }
            finished = program == null ? judgeBackends(out) : List.of(judgeProgram(program, out));
        } catch (StoppedException stopped) {
            throw stopped;
        } catch (VectorFormatException | IllegalArgumentException | IOException cannotBegin) {
            throw usage(cannotBegin);
        }
        return reports.finish(finished, this::repeat, out) ? 0 : 1;
    }

    private List<ConformanceReport> judgeBackends(PrintWriter out) throws IOException {
        List<BackendProvider> providers = providers(out);
        reports.requireNoneOf(providers.stream().map(BackendProvider::name).toList(), read());
        if (model == null) {
            return judge(providers, null, null, out);
        }
        StampedModel before = StampedModel.of(model);
        stamped = before;
        try (OpenModel opened = reader.open(model)) {
            String name = String.valueOf(model.getFileName());
            ModelUnderTest underTest = new ModelUnderTest(name, Files.size(model), Sha256.of(model), opened.matrices());
            WholeModel whole = cases.levels().contains(Level.L3) ? opened.whole() : null;
            List<ConformanceReport> finished =
                    judge(providers, underTest, whole == null ? null : suite(name, whole, out), out);
            site().requireUnchanged(before);
            return finished;
        }
    }

    /** What is judged, and what it is judged by. */
    private List<Path> read() throws IOException {
        List<Path> read = new ArrayList<>(model == null ? List.of() : ModelFiles.files(model));
        read.addAll(ConformanceCases.files(cases.vectors()));
        read.addAll(site().read());
        return read;
    }

    /** Level L3 of a model; what is right comes from the reference backend, which takes its time. */
    protected @Nullable ModelSuite suite(String name, WholeModel whole, PrintWriter out) {
        out.printf("level L3: the reference backend computes %s over %d tokens …%n", name, whole.text().length);
        out.flush();
        try (Backend reference = BackendProvider.named("reference").open()) {
            return new ModelSuite(name, whole, reference);
        }
    }

    /** The chosen backends; one that is named must be available, with {@code all} those that are not are told of. */
    private List<BackendProvider> providers(PrintWriter out) {
        List<BackendProvider> chosen = new ArrayList<>();
        for (BackendProvider provider : backends.contains(ALL)
                ? BackendProvider.all()
                : backends.stream().map(BackendProvider::named).toList()) {
            Availability availability = provider.availability();
            if (availability.available()) {
                chosen.add(provider);
            } else if (backends.contains(ALL)) {
                out.printf("backend %s: NOT CHECKED: %s%n", provider.name(), availability.detail());
            } else {
                throw new IllegalArgumentException(
                        "backend %s cannot run here: %s".formatted(provider.name(), availability.detail()));
            }
        }
        return chosen;
    }

    private List<ConformanceReport> judge(
            List<BackendProvider> providers,
            @Nullable ModelUnderTest underTest,
            @Nullable ModelSuite whole,
            PrintWriter out)
            throws IOException {
        Options options = new Options(
                cases.vectors(), cases.seeds(), underTest, whole, rows, cases.levels(), cases.only(), result -> {});
        Cases selected = Cases.of(options);
        try (Progress progress =
                        new Progress("conformance", (long) selected.cases().size() * providers.size());
                ExecutorService threads =
                        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            Options shown = options.listener(result -> {
                progress.step();
                synchronized (out) {
                    reports.show(result, out);
                }
            });
            List<Future<ConformanceReport>> running = providers.stream()
                    .map(provider -> threads.submit(() -> judge(provider, shown, selected)))
                    .toList();
            List<ConformanceReport> finished = new ArrayList<>();
            for (Future<ConformanceReport> one : running) {
                finished.add(one.get());
            }
            return finished;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the run was interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case IOException cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private ConformanceReport judge(BackendProvider provider, Options options, Cases selected) throws IOException {
        List<ConformanceReport> judged = new ArrayList<>();
        for (Run run : run(provider, options, selected, repeats)) {
            judged.add(run.report().with(Diagnosis.explain(run.judged())));
        }
        return ConformanceReport.repeated(judged);
    }

    /**
     * Who judges: this process, unless a command that extends this one knows of others.
     *
     * @param provider of the backend
     * @param options what is run; the listener may be told by any thread
     * @param selected the golden and generated cases
     * @param times how often
     * @return a run for each time
     */
    protected List<Run> run(BackendProvider provider, Options options, Cases selected, int times) throws IOException {
        try (Backend backend = threads.open(provider)) {
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                runs.add(ConformanceRunner.run(backend, provider.availability().detail(), options, selected));
            }
            return runs;
        }
    }

    /** The model, as it was before it was opened; or null. */
    protected final @Nullable StampedModel model() {
        return stamped;
    }

    /** Whether a program is to be judged. */
    protected final boolean judgesProgram() {
        return program != null;
    }

    private ConformanceReport judgeProgram(String line, PrintWriter out) throws IOException {
        DeviceProgram device = DeviceProgram.of(line);
        if (model != null) {
            throw new IllegalArgumentException(
                    "--model judges backends; a program is judged by the exchanged cases alone");
        }
        reports.requireNoneOf(List.of(PROGRAM), read());
        Options options = new Options(
                cases.vectors(),
                cases.seeds(),
                null,
                null,
                rows,
                cases.levels(),
                cases.only(),
                result -> reports.show(result, out));
        Path temporary = Files.createTempDirectory("threehalf-exchange");
        // Should this process be ended, DeviceProgram ends the program, and this deletes what is left.
        Thread atExit = new Thread(() -> deleteAtExit(temporary), "threehalf-delete-exchange");
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            List<ConformanceReport> runs = new ArrayList<>();
            for (int i = 0; i < repeats; i++) {
                ExchangeFolder folder = new ExchangeFolder(temporary.resolve("exchange-" + i));
                folder.export(options);
                device.run(folder, Duration.ofSeconds(programSeconds));
                Run run = folder.check(PROGRAM, line, options);
                FolderTree.delete(temporary.resolve("exchange-" + i));
                runs.add(run.report().with(Diagnosis.explain(run.judged())));
            }
            return ConformanceReport.repeated(runs);
        } finally {
            FolderTree.delete(temporary);
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException ending) {
                // It runs already.
            }
        }
    }

    /** The program may still write while it is being ended. */
    private static void deleteAtExit(Path temporary) {
        for (int i = 0; i < 20 && Files.exists(temporary); i++) {
            try {
                FolderTree.delete(temporary);
            } catch (IOException again) {
                java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
            }
        }
    }

    /** The command that runs one case again. */
    private String repeat(String backend, String id) {
        List<String> words = new ArrayList<>(List.of("./threehalf", "conformance"));
        words.addAll(program == null ? List.of("--backend", backend) : List.of("--exec", program));
        words.addAll(cases.words());
        if (repeats > 1) {
            words.addAll(List.of("--repeat", Integer.toString(repeats)));
        }
        if (model != null) {
            words.addAll(List.of("--model", model.toString(), "--rows", Integer.toString(rows)));
        }
        words.addAll(List.of("--case", id));
        return String.join(" ", words.stream().map(ConformanceReports::quoted).toList());
    }

    private ParameterException usage(Exception cause) {
        return new ParameterException(spec.commandLine(), String.valueOf(cause.getMessage()), cause);
    }
}
