package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.gguf.TensorInfo;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixReport;
import org.threehalf.kernels.format.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf quantize}: makes a quantised model of a GGUF file, and says how good it is. */
@Command(
        name = "quantize",
        description = "Quantise the weight matrices of a GGUF file.",
        footer = {
            "%nEvery tensor of two dimensions whose name ends in .weight becomes a matrix of the format, token embedding and output included.",
            "All else (norms, biases, stacks of experts, tokenizer) is carried over byte for byte."
        },
        mixinStandardHelpOptions = true)
public final class QuantizeCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "MODEL", description = "a GGUF file: F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K to Q6_K")
    private Path model = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "the file to write")
    private Path out = Path.of("");

    @Option(names = "--format", paramLabel = "NAME", required = true, description = "one of ${COMPLETION-CANDIDATES}, in any case")
    private Format format = Format.G35;

    @Option(names = {"-f", "--force"}, description = "replace OUT if it exists")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls a command");
        }
        if (Files.exists(out) && Files.exists(model) && Files.isSameFile(model, out)) {
            throw new ParameterException(spec.commandLine(), "OUT is MODEL itself: choose another name");
        }
        if (Files.exists(out) && !force) {
            throw new ParameterException(spec.commandLine(), out + " exists: choose another name, or replace it with --force");
        }
        long start = System.nanoTime();
        List<MatrixReport> reports;
        try (GgufFile source = GgufReader.open(model)) {
            reports = quantize(source);
        }
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        PrintWriter table = spec.commandLine().getOut();
        print(reports, table);
        table.printf("%n%s: %,d bytes (%s: %,d), %s%n", out, Files.size(out), model.getFileName(), Files.size(model), seconds(time));
        table.flush();
        return 0;
    }

    private List<MatrixReport> quantize(GgufFile source) throws IOException {
        FormatChoice choice = FormatChoice.uniform(format);
        long rows = source.tensors().stream().filter(tensor -> choice.apply(tensor.info()).isPresent()).mapToLong(GgufTensor::rows).sum();
        try (Progress progress = new Progress("quantize", rows)) {
            return QuantizedModelWriter.quantize(source, out, choice, new QuantizedModelWriter.Listener() {
                @Override
                public void begin(TensorInfo matrix, Format chosen) {
                    progress.show(matrix.name());
                }

                @Override
                public void rowDone() {
                    progress.step();
                }
            });
        }
    }

    /** A line a matrix, then the totals: sizes add, and the error is over all weights. */
    private static void print(List<MatrixReport> reports, PrintWriter out) {
        int width = reports.stream().mapToInt(report -> report.source().name().length()).max().orElse(0);
        String columns = "%-" + Math.max(width, 6) + "s %7s %16s %6s %12s %14s %9s%n";
        out.printf(columns, "matrix", "read as", "rows x columns", "format", "bits/weight", "relative RMSE", "time");
        long weights = 0;
        long bytes = 0;
        double squaredError = 0;
        double squaredSum = 0;
        Duration time = Duration.ZERO;
        for (MatrixReport report : reports) {
            out.printf(columns, report.source().name(), report.source().type(), report.rows() + " x " + report.columns(), report.format(),
                    "%.4f".formatted(report.bitsPerWeight()), "%.6f".formatted(report.error().relativeRmse()), seconds(report.time()));
            weights += (long) report.rows() * report.columns();
            bytes += report.bytes();
            squaredError += report.error().squaredError();
            squaredSum += report.error().squaredSum();
            time = time.plus(report.time());
        }
        out.printf(columns, "total", "", "%,d".formatted(weights), "", weights == 0 ? "" : "%.4f".formatted(8.0 * bytes / weights),
                squaredSum == 0 ? "" : "%.6f".formatted(Math.sqrt(squaredError / squaredSum)), seconds(time));
    }

    private static String seconds(Duration time) {
        return "%.2f s".formatted(time.toNanos() / 1e9);
    }
}
