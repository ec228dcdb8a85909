package org.threehalf.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.inference.calibrate.FormatAllocation;
import org.threehalf.inference.calibrate.FormatAllocation.Allocated;
import org.threehalf.inference.calibrate.FormatAllocation.Range;
import org.threehalf.inference.calibrate.MatrixGroup;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Printable;

/**
 * {@code --bits} of {@code threehalf quantize}: how many bits a weight a model's matrices may take.
 *
 * @param asked the number, as it was given
 * @param groups the model's matrices
 * @param range what they can take
 */
record Budget(BigDecimal asked, List<MatrixGroup> groups, Range range) {
    /** More than any format takes. */
    private static final int MOST_BITS = 999;
    /** ASCII digits alone: neither NaN, signs, exponents nor other scripts' digits, which Java would read too. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(?:\\.[0-9]{1,9})?");

    /**
     * The budget of a model.
     *
     * @param source the open model
     * @param given the option's value
     * @param mistake what is wrong with the other options, or null
     * @throws UsageException if something is, or the number is none or too small; says what this model can have
     * @throws ModelFormatException if the model cannot be quantised
     */
    static Budget of(GgufFile source, String given, @Nullable String mistake) throws ModelFormatException {
        List<MatrixGroup> groups = MatrixGroup.of(source);
        Range range = Range.of(groups);
        String possible = "%s can have %s (all matrices in the smallest format) to %s bits a weight"
                .formatted(source.name(), range.leastBits(), range.mostBits());
        if (mistake != null) {
            throw new UsageException(mistake + "; " + possible);
        }
        if (!NUMBER.matcher(given).matches()) {
            throw new UsageException("--bits '%s' is no number such as 3.6; %s".formatted(given, possible));
        }
        BigDecimal asked = new BigDecimal(given);
        if (asked.compareTo(BigDecimal.valueOf(MOST_BITS)) > 0) {
            throw new UsageException("--bits %s is too many, over %d: %s".formatted(given, MOST_BITS, possible));
        }
        if (range.bytes(asked) < range.least()) {
            throw new UsageException("--bits %s is too few: %s".formatted(given, possible));
        }
        return new Budget(asked, groups, range);
    }

    /** What the file says of it. */
    String description() {
        return "formats chosen for %s bits a weight".formatted(asked.toPlainString());
    }

    /** Measures, chooses, and prints why. */
    FormatChoice allocate(GgufFile source, List<int[]> windows, boolean rotated, Backend device, PrintWriter out)
            throws ModelFormatException {
        long start = System.nanoTime();
        FormatAllocation allocation;
        try (Progress progress = new Progress("measure", FormatAllocation.steps(groups))) {
            allocation = FormatAllocation.of(source, groups, range.bytes(asked), windows, rotated, device, what -> {
                progress.show(what);
                progress.step();
            });
        }
        print(source, allocation, (System.nanoTime() - start) / 1e9, out);
        return allocation.choice();
    }

    private void print(GgufFile source, FormatAllocation allocation, double seconds, PrintWriter out) {
        Map<String, List<Allocated>> lines = new LinkedHashMap<>();
        for (MatrixGroup group : groups) {
            for (Format format : MatrixGroup.FORMATS) {
                lines.putIfAbsent(group.kind() + " " + format, new ArrayList<>());
            }
        }
        allocation
                .matrices()
                .forEach(allocated -> lines.get(allocated.group().kind() + " " + allocated.format())
                        .add(allocated));
        lines.values().removeIf(List::isEmpty);
        int kind = lines.values().stream()
                .mapToInt(line -> line.getFirst().group().kind().length())
                .reduce(6, Math::max);
        int layers =
                lines.values().stream().mapToInt(line -> layers(line).length()).reduce(6, Math::max);
        String columns = "%-" + kind + "s  %-" + layers + "s %6s %15s %12s %15s %7s%n";
        out.printf(columns, "matrix", "layers", "format", "weights", "bits/weight", "predicted loss", "share");
        for (List<Allocated> line : lines.values()) {
            Format format = line.getFirst().format();
            long weights =
                    line.stream().mapToLong(each -> each.group().weights()).sum();
            long bytes =
                    line.stream().mapToLong(each -> each.group().bytes(format)).sum();
            double loss = line.stream().mapToDouble(Allocated::loss).sum();
            out.printf(
                    columns,
                    Printable.line(line.getFirst().group().kind()),
                    layers(line),
                    format,
                    "%,d".formatted(weights),
                    "%.4f".formatted(8.0 * bytes / weights),
                    "%.6f".formatted(loss),
                    allocation.loss() == 0 ? "" : "%.1f %%".formatted(100 * loss / allocation.loss()));
        }
        long otherBytes = 0;
        long otherElements = 0;
        FormatChoice choice = allocation.choice();
        for (GgufTensor tensor : source.tensors()) {
            if (choice.apply(tensor.info()).isEmpty()) {
                otherBytes += tensor.data().byteSize();
                otherElements += tensor.info().elements();
            }
        }
        out.printf(
                "%nbits a weight: %s asked, %.4f reached (of %s to %s); %.4f with norms and all else that is carried over%n",
                asked.toPlainString(),
                8.0 * allocation.bytes() / range.weights(),
                range.leastBits(),
                range.mostBits(),
                8.0 * (allocation.bytes() + otherBytes) / (range.weights() + otherElements));
        out.printf("predicted loss, nats a token: %.6f", allocation.loss());
        allocation
                .uniforms()
                .forEach(uniform -> out.printf(
                        "; all in %s (%.4f bits) %.6f",
                        uniform.format(), 8.0 * uniform.bytes() / range.weights(), uniform.loss()));
        out.printf(
                "%nmeasured on %,d tokens of the text: what %d groups of matrices, each alone in T3, add to the mean KL divergence from the model as read; %.1f s%n%n",
                allocation.tokens(), groups.size(), seconds);
        out.flush();
    }

    /** The layers of some groups: {@code 0-3, 5}. */
    private static String layers(List<Allocated> line) {
        List<Integer> numbers = line.stream()
                .map(allocated -> allocated.group().layer())
                .filter(layer -> layer >= 0)
                .sorted()
                .toList();
        List<int[]> runs = new ArrayList<>();
        for (int number : numbers) {
            if (!runs.isEmpty() && runs.getLast()[1] + 1 == number) {
                runs.getLast()[1] = number;
            } else {
                runs.add(new int[] {number, number});
            }
        }
        return runs.stream()
                .map(run -> run[0] == run[1] ? "" + run[0] : run[0] + "-" + run[1])
                .collect(Collectors.joining(", "));
    }
}
