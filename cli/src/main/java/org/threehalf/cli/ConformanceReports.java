package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ReportHtml;
import org.threehalf.conformance.ReportJUnit;
import org.threehalf.conformance.ReportJson;
import org.threehalf.conformance.ReportText;
import org.threehalf.kernels.io.Printable;
import org.threehalf.kernels.io.Verdict;
import picocli.CommandLine.Option;

/** The options of the conformance commands that say where results go. */
final class ConformanceReports {

    /** The most failed cases that are printed in full. */
    private static final int SHOWN = 20;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "write the result as JSON; of several backends, a file each: FILE-NAME.json")
    private @Nullable Path json;

    @Option(names = "--junit", paramLabel = "FILE", description = "write the results as JUnit XML")
    private @Nullable Path junit;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "write the results as a page with plots of where differences lie")
    private @Nullable Path html;

    @Option(
            names = {"-v", "--verbose"},
            description = "show every case")
    private boolean verbose;

    /**
     * Refuses to write over what is judged, and two results to one file.
     *
     * @param backends the names of those that are judged
     * @param read what is read
     * @throws UsageException if two of them are one file, by whatever names
     */
    void requireNoneOf(List<String> backends, List<Path> read) throws IOException {
        List<Path> written = new ArrayList<>();
        Stream.of(junit, html).filter(Objects::nonNull).forEach(written::add);
        if (json != null && backends.size() == 1) {
            written.add(json);
        } else if (json != null) {
            backends.forEach(backend -> written.add(of(json, backend)));
        }
        OutputFiles.requireDistinct(written);
        OutputFiles.requireNoneOf(written, read);
    }

    /** The file of one of several backends. */
    private static Path of(Path json, String backend) {
        return json.resolveSibling(
                String.valueOf(json.getFileName()).replaceFirst("(\\.json)?$", "") + "-" + backend + ".json");
    }

    /** Shows a case as it comes, where that is asked for. */
    void show(CaseResult result, PrintWriter out) {
        if (verbose) {
            out.print(Printable.text(ReportText.line(result)));
            out.flush();
        }
    }

    /** How a failed case is repeated alone. */
    interface Repeat {
        /** The command line. */
        String command(String backend, String caseId);
    }

    /**
     * Prints and writes the results.
     *
     * @return whether every backend passed
     */
    boolean finish(List<ConformanceReport> reports, Repeat repeat, PrintWriter out) throws IOException {
        for (ConformanceReport report : reports) {
            List<CaseResult> failures = report.failures();
            failures.stream()
                    .limit(SHOWN)
                    .forEach(f ->
                            out.print(Printable.text(ReportText.failure(f, repeat.command(report.backend(), f.id())))));
            if (failures.size() > SHOWN) {
                out.printf("… and %,d more failed cases; --json lists them all%n", failures.size() - SHOWN);
            }
            out.print(ReportText.summary(report));
            out.print(ReportText.diagnosis(report));
            out.printf(
                    "backend %s (%s): %s, %,d of %,d cases%s%n",
                    Printable.line(report.backend()),
                    Printable.line(report.detail()),
                    Verdict.of(report.passed()),
                    report.results().size() - failures.size(),
                    report.results().size(),
                    report.selection() == null
                            ? ""
                            : "; only %s was asked for".formatted(Printable.line(report.selection())));
        }
        if (json != null) {
            for (ConformanceReport report : reports) {
                Path file = reports.size() == 1 ? json : of(json, report.backend());
                ReportJson.write(report, file);
                out.printf("result: %s%n", ThreeHalf.printable(file));
            }
        }
        if (junit != null) {
            ReportJUnit.write(reports, junit);
            out.printf("JUnit XML: %s%n", ThreeHalf.printable(junit));
        }
        if (html != null) {
            ReportHtml.write(reports, html);
            out.printf("page: %s%n", ThreeHalf.printable(html));
        }
        out.flush();
        return reports.stream().allMatch(ConformanceReport::passed);
    }

    /** A word of a command line, quoted for a shell where it must be. */
    static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
