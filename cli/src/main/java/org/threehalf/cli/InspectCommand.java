package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.model.QuantizedModel;
import org.threehalf.kernels.io.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf inspect}: what is in a model file. */
@Command(
        name = "inspect",
        description = "Show what is in a GGUF file, in one that ThreeHalf quantised, or in a Hugging Face folder.",
        mixinStandardHelpOptions = true)
public final class InspectCommand implements Callable<Integer> {

    private static final int WIDTH = 60;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "a GGUF file, or a Hugging Face folder")
    private Path file = Path.of("");

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "without --json: cut strings to N characters (default: 60)")
    private @Nullable Integer width;

    @Option(names = "--json", description = "print it as JSON: of long arrays their type and length")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        int most = width == null ? WIDTH : width;
        UsageException.requireRange("--width", most, 1, Integer.MAX_VALUE);
        if (json && width != null) {
            throw new UsageException("--width is of tables: with --json strings are whole");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (GgufFile gguf = ModelFiles.open(file)) {
            // Of a quantised model nothing is shown before all of it is checked.
            QuantizedModel model = QuantizedModel.isQuantized(gguf) ? QuantizedModel.of(gguf) : null;
            if (json) {
                out.println(ModelJson.of(gguf, model));
                out.flush();
                return 0;
            }
            out.printf(
                    "%s: GGUF version %d, %,d bytes, %d metadata entries, %d tensors%n",
                    gguf.name(),
                    gguf.version(),
                    gguf.bytes(),
                    gguf.metadata().entries().size(),
                    gguf.tensors().size());
            out.println();
            gguf.metadata()
                    .entries()
                    .forEach((key, value) ->
                            out.printf("%-40s %-8s %s%n", Printable.line(key), value.type(), value.summary(most)));
            out.println();
            if (model == null) {
                print(gguf.tensors(), out);
            } else {
                print(model, out);
            }
        }
        out.flush();
        return 0;
    }

    private static void print(Collection<GgufTensor> tensors, PrintWriter out) {
        out.printf("%-40s %-8s %18s %15s %12s%n", "tensor", "type", "dimensions", "bytes", "bits/element");
        long bytes = 0;
        long elements = 0;
        for (GgufTensor tensor : tensors) {
            out.printf(
                    "%-40s %-8s %18s %,15d %12.4f%n",
                    Printable.line(tensor.name()),
                    tensor.type(),
                    tensor.info().shape(),
                    tensor.storedBytes(),
                    tensor.storedBitsPerElement());
            bytes += tensor.storedBytes();
            elements += tensor.info().elements();
        }
        out.printf(
                "%-40s %-8s %,18d %,15d %12.4f%n",
                "total", "", elements, bytes, elements == 0 ? 0 : 8.0 * bytes / elements);
    }

    private static void print(QuantizedModel model, PrintWriter out) {
        out.printf(
                "%-40s %-8s %18s %15s %12s%n", "quantised matrix", "format", "rows x columns", "bytes", "bits/weight");
        long[] totals = new long[2];
        model.matrices().forEach((name, matrix) -> {
            long bytes = matrix.format().matrixBytes(matrix.rows(), matrix.columns());
            out.printf(
                    "%-40s %-8s %18s %,15d %12.4f%n",
                    Printable.line(name),
                    matrix.format(),
                    matrix.rows() + " x " + matrix.columns(),
                    bytes,
                    matrix.format().bitsPerWeight(matrix.rows(), matrix.columns()));
            totals[0] += (long) matrix.rows() * matrix.columns();
            totals[1] += bytes;
        });
        out.printf(
                "%-40s %-8s %,18d %,15d %12.4f%n%n",
                "total", "", totals[0], totals[1], totals[0] == 0 ? 0 : 8.0 * totals[1] / totals[0]);
        print(model.otherTensors(), out);
    }
}
