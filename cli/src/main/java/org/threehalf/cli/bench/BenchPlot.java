package org.threehalf.cli.bench;

import java.util.List;
import java.util.Locale;
import org.threehalf.cli.bench.BenchReport.BatchLine;
import org.threehalf.cli.bench.BenchReport.ModelLine;

/**
 * A report as an SVG: for each model the bandwidth of every kernel and format beside the limit, and the gain of several
 * tokens at a time.
 *
 * <p>Two bar charts need no plotting library, and those for Java need fonts and AWT, which servers often lack.
 */
final class BenchPlot {

    private static final int WIDTH = 900;
    private static final int BAR = 18;
    private static final int LEFT = 300;
    private static final int RIGHT = 150;
    private static final List<String> COLOURS = List.of("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#9d755d");

    private final StringBuilder body = new StringBuilder();
    private int y = 40;

    private BenchPlot() {}

    static String of(BenchReport report) {
        return new BenchPlot().draw(report);
    }

    private String draw(BenchReport report) {
        heading(
                "Weights read, GB/s: one token, cold; " + report.machine().processor() + ", Java "
                        + report.machine().java(),
                16);
        int threads =
                report.models().stream().mapToInt(ModelLine::threads).max().orElse(1);
        double limit = report.streaming().stream()
                .filter(s -> s.threads() == threads)
                .mapToDouble(BenchReport.Streaming::gigabytes)
                .findFirst()
                .orElse(0);
        List<String> kernels =
                report.models().stream().map(ModelLine::kernel).distinct().toList();
        for (String model :
                report.models().stream().map(ModelLine::model).distinct().toList()) {
            heading("%s, %d threads (reference: 1)".formatted(model, threads), 13);
            int top = y;
            List<ModelLine> lines = report.models().stream()
                    .filter(line -> line.model().equals(model)
                            && (line.threads() == threads || line.kernel().equals("reference")))
                    .toList();
            double scale = (WIDTH - LEFT - RIGHT)
                    / Math.max(
                            limit,
                            lines.stream()
                                    .mapToDouble(ModelLine::gigabytes)
                                    .max()
                                    .orElse(1));
            for (ModelLine line : lines) {
                bar(
                        line.kernel() + " " + line.format(),
                        line.gigabytes() * scale,
                        "%.1f GB/s, %.2f tokens/s".formatted(line.gigabytes(), line.tokensPerSecond()),
                        COLOURS.get(kernels.indexOf(line.kernel()) % COLOURS.size()));
            }
            double x = LEFT + limit * scale;
            add(
                    "<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='#e45756' stroke-dasharray='4 3'/>%n",
                    x, top - 4, x, y);
            add(
                    "<text x='%.1f' y='%d' font-size='11' fill='#e45756' text-anchor='end'>streaming read %.1f GB/s</text>%n",
                    x - 4, y + 10, limit);
            y += 26;
        }
        if (!report.batches().isEmpty()) {
            heading("Several tokens at a time: tokens/s over those of one", 13);
            double scale = (WIDTH - LEFT - RIGHT)
                    / report.batches().stream()
                            .mapToDouble(BatchLine::ratio)
                            .max()
                            .orElse(1);
            for (BatchLine line : report.batches()) {
                bar(
                        line.kernel() + " " + line.format() + ", " + line.tokens() + " tokens",
                        line.ratio() * scale,
                        "%.2f (%.0f GMAC/s)".formatted(line.ratio(), line.gigaMacs()),
                        COLOURS.getFirst());
            }
        }
        return "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif'>%n<rect width='100%%' height='100%%' fill='white'/>%n%s</svg>%n"
                .formatted(WIDTH, y + 20, body);
    }

    private void heading(String text, int size) {
        add("<text x='20' y='%d' font-size='%d' font-weight='bold'>%s</text>%n", y, size, escaped(text));
        y += size + 12;
    }

    private void bar(String label, double length, String value, String colour) {
        add("<text x='%d' y='%d' font-size='12' text-anchor='end'>%s</text>%n", LEFT - 8, y + 9, escaped(label));
        add("<rect x='%d' y='%d' width='%.1f' height='%d' fill='%s'/>%n", LEFT, y - 4, length, BAR - 4, colour);
        add("<text x='%.1f' y='%d' font-size='11'>%s</text>%n", LEFT + length + 5, y + 8, escaped(value));
        y += BAR;
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private void add(String format, Object... values) {
        body.append(String.format(Locale.ROOT, format, values));
    }
}
