package org.threehalf.cli.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.WholeFile;
import org.threehalf.kernels.lut.LutKernel;
import org.threehalf.kernels.product.ProductKernel;
import org.threehalf.kernels.product.ReferenceKernel;
import org.threehalf.kernels.simd.SimdKernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code threehalf bench}: measures the CPU's kernels on the matrices of language models. */
@Command(
        name = "bench",
        description = "Measure the CPU's kernels on the matrices of language models, beside the machine's memory bandwidth.",
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {

    private static final int SMALLEST_MEMORY = 16;
    private static final int LARGEST_BATCH = 512;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--quick", description = "a minute instead of several: less memory, shorter times, two formats; caches may help")
    private boolean quick;

    @Option(names = "--kernels", split = ",", paramLabel = "NAME", description = "reference, lut, simd, float32 (default: all)")
    private List<String> kernels = List.of("reference", "lut", "simd", "float32");

    @Option(names = "--formats", split = ",", paramLabel = "FORMAT", description = "formats (default: G35,U35,U4,INT8)")
    private List<String> formats = List.of();

    @Option(names = "--models", split = ",", paramLabel = "NAME", description = "LLaMA-70B, LLaMA-8B, Gemma-3-270M (default: all)")
    private List<String> models = List.of();

    @Option(names = "--threads", split = ",", paramLabel = "N", description = "numbers of threads (default: 1, 2, 4, ... and all)")
    private List<Integer> threads = List.of();

    @Option(names = "--batches", split = ",", paramLabel = "N", description = "tokens at a time, 1 to 512; the first must be 1 (default: 1,2,8,32,128,512)")
    private List<Integer> batches = List.of();

    @Option(names = "--memory", paramLabel = "MIB", description = "memory that matrices cycle through, in MiB (default: 1280)")
    private @Nullable Integer memory;

    @Option(names = "--millis", paramLabel = "MS", description = "how long each product is timed (default: 250)")
    private @Nullable Integer millis;

    @Option(names = "--json", paramLabel = "FILE", description = "write the result as JSON")
    private @Nullable Path json;

    @Option(names = "--plot", paramLabel = "FILE", description = "write the result as an SVG")
    private @Nullable Path plot;

    /** For picocli. */
    public BenchCommand() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter out = command().commandLine().getOut();
        PrintWriter err = command().commandLine().getErr();
        BenchRun.Plan plan = plan();
        BenchReport report = BenchRun.run(plan, step -> {
            err.println("bench: " + step);
            err.flush();
        });
        out.print(BenchText.of(report));
        if (json != null) {
            WholeFile.write(json, BenchJson.of(report));
            out.printf("result: %s%n", json);
        }
        if (plot != null) {
            WholeFile.write(plot, BenchPlot.of(report));
            out.printf("plot: %s%n", plot);
        }
        out.flush();
        return 0;
    }

    private BenchRun.Plan plan() {
        int mebibytes = memory == null ? quick ? 256 : 1_280 : memory;
        int time = millis == null ? quick ? 60 : 250 : millis;
        if (mebibytes < SMALLEST_MEMORY || time < 1) {
            throw usage("--memory must be at least %d and --millis at least 1".formatted(SMALLEST_MEMORY));
        }
        List<Integer> tokens = batches.isEmpty() ? quick ? List.of(1, 8, 128) : List.of(1, 2, 8, 32, 128, 512) : batches;
        if (tokens.getFirst() != 1 || tokens.stream().anyMatch(n -> n < 1 || n > LARGEST_BATCH)) {
            throw usage("--batches %s: they must begin with 1 and be at most %d".formatted(tokens, LARGEST_BATCH));
        }
        return new BenchRun.Plan(
                productKernels(),
                formats.isEmpty() ? quick ? List.of(Format.G35, Format.U35) : List.of(Format.G35, Format.U35, Format.U4, Format.INT8) : formats.stream().map(this::format).toList(),
                models.isEmpty() ? ModelShape.ALL : models.stream().map(this::model).toList(),
                threadCounts(),
                kernels.contains("float32"),
                tokens,
                new BenchReport.Options(quick, (long) mebibytes << 20, time));
    }

    private List<ProductKernel> productKernels() {
        List<ProductKernel> chosen = new ArrayList<>();
        for (String name : kernels) {
            switch (name) {
                case "reference" -> chosen.add(new ReferenceKernel());
                case "lut" -> chosen.add(new LutKernel());
                case "simd" -> chosen.add(SimdKernel.widest());
                case "float32" -> {}
                default -> throw usage("no kernel is called '%s'; there are reference, lut, simd and float32".formatted(name));
            }
        }
        if (chosen.isEmpty()) {
            throw usage("--kernels %s: at least one of reference, lut and simd must be measured".formatted(kernels));
        }
        return chosen;
    }

    private List<Integer> threadCounts() {
        if (!threads.isEmpty()) {
            if (threads.stream().anyMatch(n -> n < 1)) {
                throw usage("--threads %s: they must be at least 1".formatted(threads));
            }
            return threads.stream().sorted().distinct().toList();
        }
        List<Integer> counts = new ArrayList<>();
        int all = Runtime.getRuntime().availableProcessors();
        for (int n = 1; n < all; n *= 2) {
            counts.add(n);
        }
        counts.add(all);
        return counts;
    }

    private Format format(String name) {
        try {
            return Format.ofName(name);
        } catch (IllegalArgumentException unknown) {
            throw usage(String.valueOf(unknown.getMessage()));
        }
    }

    private ModelShape model(String name) {
        return ModelShape.ALL.stream()
                .filter(model -> model.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> usage("no model is called '%s'; there are %s".formatted(name, ModelShape.ALL.stream().map(ModelShape::name).toList())));
    }

    private ParameterException usage(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls a command");
        }
        return spec;
    }
}
