package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.ConformanceRunner.Run;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.exchange.Asked;
import org.threehalf.conformance.exchange.ExchangeFolder;
import org.threehalf.conformance.mistakes.Diagnosis;
import org.threehalf.conformance.vectors.VectorFormatException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf conformance check}: judges what a program wrote into an exported folder. */
@Command(
        name = "check",
        description = "Judge what a program wrote into an exported folder.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every case passed", "1:a case failed", "2:the folder cannot be judged"},
        mixinStandardHelpOptions = true)
final class ConformanceCheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "a folder that 'conformance export' made")
    private Path folder = Path.of(".");

    @Option(
            names = "--vectors",
            paramLabel = "DIR",
            description = "the golden vectors that were exported (default: those of the installation)")
    private @Nullable Path vectors;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "program",
            description = "how the report calls the device (default: ${DEFAULT-VALUE})")
    private String name = "program";

    @Option(
            names = "--asked",
            paramLabel = "FILE",
            description = "what was asked, as export wrote it (default: DIR.asked.json, beside the folder)")
    private @Nullable Path asked;

    @Option(
            names = "--asked-sha256",
            paramLabel = "HASH",
            description = "what export printed: the file that says what was asked must have this SHA-256")
    private @Nullable String sha256;

    @Mixin
    private final ConformanceReports reports = new ConformanceReports();

    /**
     * What was judged, in every report: a file beside the folder says what was asked, and whoever can write there could
     * ask for less.
     */
    private String detail(Asked what) {
        return "results in %s; %s%s%s"
                .formatted(
                        folder,
                        String.join(
                                ", ", what.levels().stream().map(Level::name).toList()),
                        what.seeds().isEmpty()
                                ? ", golden vectors alone"
                                : what.seeds().stream()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(", ", ", seeds ", "")),
                        sha256 == null
                                ? "; NOT CHECKED whether that is all that was exported: --asked-sha256 was not given"
                                : "");
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Path golden = ConformanceCases.orInstalled(vectors);
        Run run;
        try {
            List<Path> read = new ArrayList<>(ConformanceCases.files(golden));
            read.add(asked == null ? Asked.beside(folder) : asked);
            reports.requireNoneOf(List.of(name), read);
            Asked what = Asked.read(asked == null ? Asked.beside(folder) : asked, sha256);
            run = new ExchangeFolder(folder)
                    .check(name, detail(what), what.options(golden, result -> reports.show(result, out)));
        } catch (VectorFormatException | IllegalArgumentException | IOException cannotBegin) {
            throw new ParameterException(spec.commandLine(), String.valueOf(cannotBegin.getMessage()), cannotBegin);
        }
        String again = "compute the line(s) of %s in "
                + ConformanceReports.quoted(
                        folder.resolve("in").resolve("cases.jsonl").toString())
                + " again, then ./threehalf conformance check " + ConformanceReports.quoted(folder.toString());
        return reports.finish(
                        List.of(run.report().with(Diagnosis.explain(run.judged()))),
                        (backend, id) -> again.formatted(id),
                        out)
                ? 0
                : 1;
    }
}
