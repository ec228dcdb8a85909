package org.threehalf.cli.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.bench.DeviceBenchReport.BatchLine;
import org.threehalf.cli.bench.DeviceBenchReport.ModelLine;

/** A device's report as tables for a person. */
final class DeviceBenchText {
    private DeviceBenchText() {}

    static String of(DeviceBenchReport report) {
        StringBuilder text = new StringBuilder();
        append(text, "%s%n", report.device());
        append(text, "peer: %s%n", report.peer());
        append(
                text,
                "cold: matrices cycle through %,d MiB; %d ms a product%s%n",
                report.options().ringBytes() >> 20,
                report.options().millis(),
                report.options().quick() ? "; QUICK: times are short" : "");
        append(
                text,
                "a product is y of every row (REQ-DOT-004), compared with the reference before it is timed; quantising the activations is not in the times%n");
        append(
                text,
                "streaming read: %.1f GB/s at best (the limit), %.1f median%n",
                report.streaming().bestGigabytesPerSecond(),
                report.streaming().gigabytesPerSecond());
        append(
                text,
                "%nOne token through a layer (gemv), and what its products alone would allow for the whole model (layers, and the output matrix)%n");
        append(
                text,
                "%-13s %-8s %11s %9s %9s %6s %9s%n",
                "model",
                "format",
                "layer ms",
                "MB/layer",
                "GB/s",
                "limit",
                "tokens/s");
        for (ModelLine line : report.models()) {
            append(
                    text,
                    "%-13s %-8s %11.4f%s %8.1f %9.1f %5.0f%% %9.1f%n",
                    line.model(),
                    line.format(),
                    line.layerSeconds() * 1e3,
                    mark(line.cold()),
                    line.layerBytes() / 1e6,
                    line.gigabytes(),
                    100 * line.share(),
                    line.tokensPerSecond());
        }
        if (!report.batches().isEmpty()) {
            BatchLine first = report.batches().getFirst();
            append(text, "%nSeveral tokens at a time (gemm), %d x %d%n", first.rows(), first.columns());
            append(
                    text,
                    "%-10s %7s %11s %11s %11s %12s %9s%n",
                    "format",
                    "tokens",
                    "ms",
                    "tokens/s",
                    "GMAC/s",
                    "x one token",
                    "x peer");
            for (BatchLine line : report.batches()) {
                append(
                        text,
                        "%-10s %7d %11.4f%s %10.0f %11.1f %12s %9s%n",
                        line.what(),
                        line.tokens(),
                        line.seconds() * 1e3,
                        mark(line.cold()),
                        line.tokens() / line.seconds(),
                        line.gigaMacs(),
                        ratio(line.overOneToken()),
                        ratio(line.overPeer()));
            }
        }
        if (report.models().stream().anyMatch(line -> !line.cold())
                || report.batches().stream().anyMatch(line -> !line.cold())) {
            append(text, "* so small that a cache may have held it%n");
        }
        return text.toString();
    }

    private static String ratio(@Nullable Double ratio) {
        return ratio == null ? "-" : String.format(Locale.ROOT, "%.2f", ratio);
    }

    private static String mark(boolean cold) {
        return cold ? " " : "*";
    }

    private static void append(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }
}
