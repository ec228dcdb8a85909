package org.threehalf.cli.bench;

import java.util.Locale;
import org.threehalf.cli.bench.BenchReport.BatchLine;
import org.threehalf.cli.bench.BenchReport.ModelLine;
import org.threehalf.cli.bench.BenchReport.SizeLine;
import org.threehalf.cli.bench.BenchReport.Streaming;

/** A report as tables for a person. */
final class BenchText {
    private BenchText() {}

    static String of(BenchReport report) {
        StringBuilder text = new StringBuilder();
        BenchReport.Machine machine = report.machine();
        append(
                text,
                "%s, %d processors; Java %s; simd at %d bits; %s%n",
                machine.processor(),
                machine.processors(),
                machine.java(),
                machine.vectorBits(),
                machine.time());
        append(
                text,
                "cold: matrices cycle through %,d MiB; %d ms a product%s%n",
                report.options().ringBytes() >> 20,
                report.options().millis(),
                report.options().quick() ? "; QUICK: caches may help, and times are short" : "");
        append(
                text,
                "a product is I and y of every row (REQ-DOT-001, REQ-DOT-004); quantising the activations is not in the times%n");
        for (Streaming streaming : report.streaming()) {
            append(
                    text,
                    "streaming read, %d threads: %.1f GB/s at best (the limit), %.1f median%n",
                    streaming.threads(),
                    streaming.gigabytes(),
                    streaming.median());
        }
        if (!report.models().isEmpty()) {
            append(
                    text,
                    "%nOne token through a layer, and what its products alone would allow for the whole model (layers, and the output matrix)%n");
            append(
                    text,
                    "%-13s %-9s %-8s %3s %11s %19s %9s %7s %6s %9s %9s %9s%n",
                    "model",
                    "kernel",
                    "format",
                    "thr",
                    "layer ms",
                    "10 % .. 90 %",
                    "MB/layer",
                    "GB/s",
                    "limit",
                    "x ref",
                    "layers/s",
                    "tokens/s");
            String before = "";
            for (ModelLine line : report.models()) {
                if (!before.isEmpty() && !before.equals(line.model())) {
                    append(text, "%n");
                }
                before = line.model();
                append(
                        text,
                        "%-13s %-9s %-8s %3d %10.3f%s %19s %9.1f %7.2f %5.0f%% %9s %9.1f %9.2f%n",
                        line.model(),
                        line.kernel(),
                        line.format(),
                        line.threads(),
                        line.layer().median() / 1e6,
                        line.scaledRows() ? "*" : " ",
                        "%.3f .. %.3f"
                                .formatted(
                                        line.layer().low() / 1e6, line.layer().high() / 1e6),
                        line.layerBytes() / 1e6,
                        line.gigabytes(),
                        100 * line.share(),
                        line.speedUp() == 0 ? "-" : "%.1f".formatted(line.speedUp()),
                        line.layersPerSecond(),
                        line.tokensPerSecond());
            }
            append(
                    text,
                    "* a matrix was measured on some of its rows (the reference, and what does not fit the memory twice), its time scaled by rows%n");
        }
        if (!report.batches().isEmpty()) {
            BatchLine first = report.batches().getFirst();
            append(
                    text,
                    "%nSeveral tokens at a time, %d x %d, %s, %d threads%n",
                    first.rows(),
                    first.columns(),
                    first.kernel(),
                    first.threads());
            append(
                    text,
                    "%-8s %7s %11s %19s %10s %9s %12s%n",
                    "format",
                    "tokens",
                    "ms",
                    "10 % .. 90 %",
                    "tokens/s",
                    "GMAC/s",
                    "x one token");
            for (BatchLine line : report.batches()) {
                append(
                        text,
                        "%-8s %7d %11.3f %19s %10.0f %9.1f %12.2f%n",
                        line.format(),
                        line.tokens(),
                        line.time().median() / 1e6,
                        "%.3f .. %.3f"
                                .formatted(line.time().low() / 1e6, line.time().high() / 1e6),
                        line.tokens() * 1e9 / line.time().median(),
                        line.gigaMacs(),
                        line.ratio());
            }
        }
        if (!report.sizes().isEmpty()) {
            SizeLine first = report.sizes().getFirst();
            append(
                    text,
                    "%nCost against size, one token, %s %s, %d threads%n",
                    first.kernel(),
                    first.format(),
                    first.threads());
            append(text, "%10s %9s %14s %12s %12s%n", "rows", "inputs", "weights", "ms", "ps a weight");
            for (SizeLine line : report.sizes()) {
                append(
                        text,
                        "%10d %9d %,14d %12.3f %12.2f%n",
                        line.rows(),
                        line.columns(),
                        (long) line.rows() * line.columns(),
                        line.time().median() / 1e6,
                        line.picosPerWeight());
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }
}
