package org.threehalf.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.ModelReader;
import org.threehalf.conformance.ModelReader.OpenModel;
import org.threehalf.conformance.ModelUnderTest;
import org.threehalf.conformance.ReportJson;
import org.threehalf.conformance.ReportText;
import org.threehalf.conformance.Verdict;
import org.threehalf.conformance.vectors.VectorFormatException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code threehalf conformance}: judges a backend by golden vectors and on a model's matrices ({@code spec/CONFORMANCE.md}). */
@Command(
        name = "conformance",
        description = "Compare a backend with the specification, bit for bit.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every case passed", "1:a case failed", "2:the run could not begin"},
        mixinStandardHelpOptions = true)
public final class ConformanceCommand implements Callable<Integer> {

    private final ModelReader reader;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "reference", description = "the backend to judge (default: ${DEFAULT-VALUE})")
    private String backend = "reference";

    @Option(names = "--model", paramLabel = "FILE", description = "a quantised model: judge the backend on its matrices too")
    private @Nullable Path model;

    @Option(names = "--vectors", paramLabel = "DIR", description = "the golden vectors (default: those of the installation)")
    private @Nullable Path vectors;

    @Option(names = "--json", paramLabel = "FILE", description = "write the result as JSON")
    private @Nullable Path json;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "" + ConformanceRunner.DEFAULT_ROWS,
            description = "compare at most N rows of a matrix, the first and the last among them (default: ${DEFAULT-VALUE})")
    private int rows = ConformanceRunner.DEFAULT_ROWS;

    @Option(names = "--case", paramLabel = "ID", description = "run only this case")
    private @Nullable String only;

    @Option(names = {"-v", "--verbose"}, description = "show every case")
    private boolean verbose;

    /**
     * A command that opens models by a reader.
     *
     * @param reader opens the file that {@code --model} names
     */
    public ConformanceCommand(ModelReader reader) {
        this.reader = reader;
    }

    @Override
    public Integer call() throws IOException {
        CommandSpec command = command();
        PrintWriter out = command.commandLine().getOut();
        BackendProvider provider;
        try {
            provider = BackendProvider.named(backend);
        } catch (IllegalArgumentException unknown) {
            throw usage(unknown);
        }
        Availability availability = provider.availability();
        if (!availability.available()) {
            throw new ParameterException(command.commandLine(), "backend %s cannot run here: %s".formatted(backend, availability.detail()));
        }
        ConformanceReport report;
        try (Backend open = provider.open()) {
            report = run(open, availability.detail(), out);
        }
        report.failures().forEach(failure -> out.print(ReportText.failure(failure, repeat(failure.id()))));
        out.print(ReportText.summary(report));
        out.printf("backend %s (%s): %s%n", report.backend(), report.detail(), report.passed() ? "PASSED" : "FAILED");
        if (json != null) {
            ReportJson.write(report, json);
            out.printf("result: %s%n", json);
        }
        out.flush();
        return report.passed() ? 0 : 1;
    }

    private ConformanceReport run(Backend open, String detail, PrintWriter out) {
        Path folder = vectors == null ? Path.of(System.getProperty("threehalf.root", "."), "spec", "vectors") : vectors;
        try {
            if (model == null) {
                return run(open, detail, folder, null, out);
            }
            try (OpenModel opened = reader.open(model)) {
                String name = String.valueOf(model.getFileName());
                return run(open, detail, folder, new ModelUnderTest(name, Files.size(model), sha256(model), opened.matrices()), out);
            }
        } catch (VectorFormatException | IllegalArgumentException | IOException cannotBegin) {
            throw usage(cannotBegin);
        }
    }

    private ConformanceReport run(Backend open, String detail, Path folder, @Nullable ModelUnderTest underTest, PrintWriter out) {
        return ConformanceRunner.run(open, detail, new ConformanceRunner.Options(folder, underTest, rows, only, result -> show(result, out)));
    }

    private void show(CaseResult result, PrintWriter out) {
        if (verbose || result.verdict() == Verdict.FAILED) {
            out.print(ReportText.line(result));
            out.flush();
        }
    }

    /** The command that runs one case again. */
    private String repeat(String id) {
        List<String> words = new ArrayList<>(List.of("./threehalf", "conformance", "--backend", backend));
        if (vectors != null) {
            words.addAll(List.of("--vectors", vectors.toString()));
        }
        if (model != null) {
            words.addAll(List.of("--model", model.toString(), "--rows", Integer.toString(rows)));
        }
        words.addAll(List.of("--case", id));
        return String.join(" ", words.stream().map(ConformanceCommand::quoted).toList());
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            DigestInputStream digesting = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
            digesting.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private ParameterException usage(Exception cause) {
        return new ParameterException(command().commandLine(), String.valueOf(cause.getMessage()), cause);
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls a command");
        }
        return spec;
    }
}
