package org.threehalf.conformance;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A report as text for the terminal. */
public final class ReportText {
    private ReportText() {}

    /** The table of counts by level, kind and format, with a line of totals. */
    public static String summary(ConformanceReport report) {
        List<ConformanceReport.Count> counts = report.summary();
        int width = Math.max(
                26,
                counts.stream().mapToInt(count -> count.kind().length()).max().orElse(0));
        String line = "%-5s  %-" + width + "s  %-6s  %7s  %7s  %7s%n";
        StringBuilder text = new StringBuilder(line.formatted("level", "kind", "format", "cases", "passed", "failed"));
        for (ConformanceReport.Count count : counts) {
            text.append(line.formatted(
                    count.level(),
                    count.kind(),
                    orDash(count.format()),
                    count.passed() + count.failed(),
                    count.passed(),
                    count.failed()));
        }
        int failed = report.failures().size();
        int total = report.results().size();
        return text.append(line.formatted("total", "", "", total, total - failed, failed))
                .toString();
    }

    /** One line of a case: verdict, id and note. */
    public static String line(CaseResult result) {
        return "%-6s  %s%s%n"
                .formatted(result.verdict(), result.id(), result.note().isEmpty() ? "" : "  (" + result.note() + ")");
    }

    /**
     * A failed case in full: where it differs, what it is for, and how to repeat it.
     *
     * @param repeat the command that runs the case alone
     */
    public static String failure(CaseResult result, String repeat) {
        CaseResult.Failure failure = result.failure();
        if (failure == null) {
            throw new IllegalArgumentException(result.id() + " did not fail");
        }
        StringBuilder text = new StringBuilder("FAILED  %s  (%s, %s, %s; %s)%n"
                .formatted(
                        result.id(),
                        result.level(),
                        result.kind(),
                        orDash(result.format()),
                        String.join(", ", result.requirements())));
        text.append("        %s%n".formatted(failure.message()));
        for (CaseResult.Spread spread : failure.spreads()) {
            text.append(
                    "        %s: %,d of %,d values differ%n".formatted(spread.part(), spread.count(), spread.size()));
        }
        result.flags().forEach((flag, reason) -> text.append("        %s: %s%n".formatted(flag, reason)));
        if (!result.note().isEmpty()) {
            text.append("        %s%n".formatted(result.note()));
        }
        return text.append("        repeat: %s%n".formatted(repeat)).toString();
    }

    /** What the failures look like, a line each; says so if nothing known explains them. */
    public static String diagnosis(ConformanceReport report) {
        if (report.passed()) {
            return "";
        }
        if (report.diagnosis().isEmpty()) {
            return "diagnosis: no known mistake gives these results%n".formatted();
        }
        StringBuilder text = new StringBuilder();
        report.diagnosis().forEach(finding -> text.append("diagnosis: %s%n".formatted(finding)));
        return text.toString();
    }

    private static String orDash(@Nullable String format) {
        return format == null ? "-" : format;
    }
}
