package org.threehalf.conformance;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.kernels.io.WholeFile;

/** Writes reports as one HTML page that needs no network, with a plot of where each failed case's arrays differ. */
public final class ReportHtml {

    /** The most failed cases of a backend that are shown in full; the JSON holds all. */
    private static final int SHOWN = 200;

    private static final int WIDTH = 640;

    private ReportHtml() {}

    /**
     * Writes the reports of several backends into one page, whole or not at all.
     *
     * @throws IOException if the file cannot be written
     */
    public static void write(List<ConformanceReport> reports, Path file) throws IOException {
        WholeFile.write(file, text(reports));
    }

    /** The page. */
    static String text(List<ConformanceReport> reports) {
        try (Reader template = new InputStreamReader(
                Objects.requireNonNull(ReportHtml.class.getResourceAsStream("conformance.mustache")),
                StandardCharsets.UTF_8)) {
            return Mustache.compiler()
                    .compile(template)
                    .execute(Map.of(
                            "reports", reports.stream().map(ReportHtml::report).toList()));
        } catch (IOException e) {
            throw new IllegalStateException("the template of the page cannot be read", e);
        }
    }

    private static Map<String, Object> report(ConformanceReport report) {
        List<CaseResult> failures = report.failures();
        return Map.of(
                "backend", report.backend(),
                "detail", report.detail(),
                "verdict", Verdict.of(report.passed()),
                "total", report.results().size(),
                "failed", failures.size(),
                "summary", report.summary().stream().map(ReportHtml::count).toList(),
                "diagnosis", report.diagnosis().stream().map(Object::toString).toList(),
                "undiagnosed", !report.passed() && report.diagnosis().isEmpty(),
                "left", Math.max(0, failures.size() - SHOWN),
                "failures",
                        failures.stream().limit(SHOWN).map(ReportHtml::failure).toList());
    }

    private static Map<String, Object> count(ConformanceReport.Count count) {
        return Map.of(
                "level", count.level(),
                "kind", count.kind(),
                "format", count.format() == null ? "–" : String.valueOf(count.format()),
                "passed", count.passed(),
                "failed", count.failed(),
                "bad", count.failed() > 0);
    }

    private static Map<String, Object> failure(CaseResult result) {
        CaseResult.Failure failure = Objects.requireNonNull(result.failure());
        List<String> flags = new ArrayList<>();
        result.flags().forEach((flag, reason) -> flags.add(flag + ": " + reason));
        return Map.of(
                "id", result.id(),
                "message", failure.message(),
                "requirements", String.join(", ", result.requirements()),
                "flags", flags,
                "spreads", failure.spreads().stream().map(ReportHtml::spread).toList());
    }

    private static Map<String, Object> spread(CaseResult.Spread spread) {
        return Map.of(
                "part", spread.part(),
                "count", spread.count(),
                "size", spread.size(),
                "width", WIDTH,
                "marks",
                        spread.places().stream()
                                .map(place -> (long) WIDTH * place / Math.max(spread.size(), 1))
                                .distinct()
                                .toList());
    }
}
