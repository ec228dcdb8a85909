package org.threehalf.cli.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.cuda.CudaBench;
import org.threehalf.backends.cuda.ProductMeter;
import org.threehalf.backends.llvm.NativeKernel;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.cli.ThreeHalf;
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

/** {@code threehalf bench}: measures the CPU's kernels, or those of a GPU, on the matrices of language models. */
@Command(
        name = "bench",
        description =
                "Measure the CPU's kernels, or a GPU's, on the matrices of language models, beside the memory bandwidth in the same run.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:measured",
            "1:a GPU's product has wrong bits, or the GPU refused something",
            "2:wrong arguments, or the backend cannot run here"
        },
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {

    private static final int SMALLEST_MEMORY = 16;
    private static final int LARGEST_BATCH = 512;
    private static final int MOST_CLIENTS = 1_024;
    private static final String CPU = "cpu";
    private static final String CUDA = "cuda";
    private static final String FLOAT32 = "float32";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--quick",
            description = "a minute instead of several: less memory, shorter times, two formats; caches may help")
    private boolean quick;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = CPU,
            description =
                    "cpu, or cuda: an NVIDIA GPU, with cuBLAS INT8 as its peer; with --serve any backend, cpu being the fastest of the CPU's (default: ${DEFAULT-VALUE})")
    private String backend = CPU;

    @Option(
            names = "--kernels",
            split = ",",
            paramLabel = "NAME",
            description = "of the CPU: reference, lut, simd, native, float32 (default: all that run here)")
    private List<String> kernels = List.of();

    @Option(
            names = "--formats",
            split = ",",
            paramLabel = "FORMAT",
            description = "formats (default: G35,T35,T4,U35,U4,INT8; on a GPU all)")
    private List<String> formats = List.of();

    @Option(
            names = "--models",
            split = ",",
            paramLabel = "NAME",
            description = "names of shapes, as in 'threehalf plan' (default: llama-70b,llama-8b,gemma3-270m)")
    private List<String> models = List.of();

    @Option(
            names = "--threads",
            split = ",",
            paramLabel = "N",
            description = "of the CPU: numbers of threads (default: 1, 2, 4, ... and all)")
    private List<Integer> threads = List.of();

    @Option(
            names = "--batches",
            split = ",",
            paramLabel = "N",
            description = "tokens at a time, 1 to 512; the first must be 1 (default: 1,2,8,32,128,512)")
    private List<Integer> batches = List.of();

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            description = "memory that matrices cycle through, in MiB (default: 1280; on a GPU 2048)")
    private @Nullable Integer memory;

    @Option(
            names = "--millis",
            paramLabel = "MS",
            description = "how long each product is timed at least (default: 250)")
    private @Nullable Integer millis;

    @Option(names = "--json", paramLabel = "FILE", description = "write the result as JSON")
    private @Nullable Path json;

    @Option(names = "--plot", paramLabel = "FILE", description = "of the CPU: write the result as an SVG")
    private @Nullable Path plot;

    @Option(
            names = "--serve",
            paramLabel = "MODEL",
            description =
                    "measure the server with this model: tokens/s and time to the first token by numbers of clients, beside 'generate'")
    private @Nullable Path serve;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "with --serve: another server of the OpenAI API, which has that model, in the place of ours")
    private @Nullable URI url;

    @Option(
            names = "--clients",
            split = ",",
            paramLabel = "N",
            description = "with --serve: clients at once (default: 1,4,16,32)")
    private List<Integer> clients = List.of();

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "with --serve: tokens of a prompt (default: ${DEFAULT-VALUE})")
    private int promptTokens = 64;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "with --serve: tokens of an answer (default: ${DEFAULT-VALUE})")
    private int answerTokens = 64;

    private final Meters meters;

    /** Opens what measures on a GPU. */
    interface Meters {
        /**
         * Opens it.
         *
         * @param memory bytes that matrices cycle through
         * @param seconds how long each product is timed at least
         * @throws IllegalStateException if there is no GPU, or it cannot be used
         */
        ProductMeter open(long memory, double seconds);
    }

    /** For picocli. */
    public BenchCommand() {
        this(CudaBench::open);
    }

    BenchCommand(Meters meters) {
        this.meters = meters;
    }

    @Override
    public Integer call() throws IOException {
        if (serve != null) {
            return ofServer(serve);
        }
        if (url != null || !clients.isEmpty()) {
            throw usage("--url and --clients are of --serve");
        }
        return switch (backend.toLowerCase(Locale.ROOT)) {
            case CPU -> onCpu();
            case CUDA -> onGpu();
            default -> throw usage("bench measures on '%s' or '%s', not on '%s'".formatted(CPU, CUDA, backend));
        };
    }

    private int ofServer(Path model) throws IOException {
        if (!kernels.isEmpty()
                || !formats.isEmpty()
                || !models.isEmpty()
                || !batches.isEmpty()
                || json != null
                || plot != null
                || threads.size() > 1) {
            throw usage(
                    "--serve measures a model's file as it is, with one number of threads: --kernels, --formats, --models, --batches, --json and --plot are of kernels");
        }
        List<Integer> counts = clients.isEmpty() ? List.of(1, 4, 16, 32) : clients;
        if (counts.stream().anyMatch(n -> n < 1 || n > MOST_CLIENTS) || promptTokens < 4 || answerTokens < 2) {
            throw usage("--clients: each from 1 to %,d; --prompt-tokens: at least 4; --tokens: at least 2"
                    .formatted(MOST_CLIENTS));
        }
        int workers = threads.isEmpty()
                ? Runtime.getRuntime().availableProcessors()
                : threadCounts().getFirst();
        PrintWriter out = spec.commandLine().getOut();
        ServeBench.run(
                new ServeBench.Plan(
                        model,
                        url,
                        backend.equals(CPU) ? null : backend,
                        workers,
                        counts,
                        promptTokens,
                        answerTokens,
                        quick ? 1 : 3,
                        options(1_280, 256)),
                out,
                this::progress);
        out.flush();
        return 0;
    }

    private int onGpu() throws IOException {
        if (!kernels.isEmpty() || !threads.isEmpty() || plot != null) {
            throw usage("--kernels, --threads and --plot are of the CPU's kernels, not of --backend " + CUDA);
        }
        DeviceBenchRun.Plan plan =
                new DeviceBenchRun.Plan(formats(List.of(Format.values())), models(), tokens(), options(2_048, 512));
        ProductMeter opened;
        try {
            opened = meters.open(plan.options().ringBytes(), plan.options().millis() / 1e3);
        } catch (IllegalStateException missing) {
            return refused(ThreeHalf.USAGE, "backend cuda cannot run here: " + missing.getMessage());
        }
        try (ProductMeter meter = opened) {
            DeviceBenchReport report = DeviceBenchRun.run(meter, plan, this::progress);
            PrintWriter out = spec.commandLine().getOut();
            out.print(DeviceBenchText.of(report));
            if (json != null) {
                WholeFile.write(json, DeviceBenchJson.of(report));
                out.printf("result: %s%n", json);
            }
            out.flush();
            return 0;
        } catch (IllegalStateException wrong) {
            return refused(ThreeHalf.FAILED, String.valueOf(wrong.getMessage()));
        }
    }

    private int refused(int exitCode, String message) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("threehalf bench: " + message);
        err.flush();
        return exitCode;
    }

    private void progress(String step) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("bench: " + step);
        err.flush();
    }

    private int onCpu() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        BenchReport report = BenchRun.run(plan(), this::progress);
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
        List<String> names = kernels.isEmpty() ? usualKernels() : kernels;
        return new BenchRun.Plan(
                productKernels(names),
                formats(
                        quick
                                ? List.of(Format.G35, Format.U35)
                                : List.of(Format.G35, Format.T35, Format.T4, Format.U35, Format.U4, Format.INT8)),
                models(),
                threadCounts(),
                names.contains(FLOAT32),
                tokens(),
                options(1_280, 256));
    }

    private static List<String> usualKernels() {
        return NativeKernel.problem() == null
                ? List.of("reference", "lut", "simd", "native", FLOAT32)
                : List.of("reference", "lut", "simd", FLOAT32);
    }

    private BenchReport.Options options(int usualMebibytes, int quickMebibytes) {
        int mebibytes = memory == null ? quick ? quickMebibytes : usualMebibytes : memory;
        int time = millis == null ? quick ? 60 : 250 : millis;
        if (mebibytes < SMALLEST_MEMORY || time < 1) {
            throw usage("--memory must be at least %d and --millis at least 1".formatted(SMALLEST_MEMORY));
        }
        return new BenchReport.Options(quick, (long) mebibytes << 20, time);
    }

    private List<Integer> tokens() {
        List<Integer> tokens =
                batches.isEmpty() ? quick ? List.of(1, 8, 128) : List.of(1, 2, 8, 32, 128, 512) : batches;
        if (tokens.getFirst() != 1 || tokens.stream().anyMatch(n -> n < 1 || n > LARGEST_BATCH)) {
            throw usage("--batches %s: they must begin with 1 and be at most %d".formatted(tokens, LARGEST_BATCH));
        }
        return tokens;
    }

    private List<Format> formats(List<Format> usual) {
        return formats.isEmpty() ? usual : formats.stream().map(this::format).toList();
    }

    private List<ModelMatrices> models() {
        return models.isEmpty()
                ? ModelMatrices.USUAL
                : models.stream().map(this::model).toList();
    }

    private List<ProductKernel> productKernels(List<String> names) {
        List<ProductKernel> chosen = new ArrayList<>();
        for (String name : names) {
            switch (name) {
                case "reference" -> chosen.add(new ReferenceKernel());
                case "lut" -> chosen.add(new LutKernel());
                case "simd" -> chosen.add(SimdKernel.widest());
                case "native" -> chosen.add(nativeKernel());
                case FLOAT32 -> {}
                default ->
                    throw usage("no kernel is called '%s'; there are reference, lut, simd, native and float32"
                            .formatted(name));
            }
        }
        if (chosen.isEmpty()) {
            throw usage(
                    "--kernels %s: at least one of reference, lut, simd and native must be measured".formatted(names));
        }
        return chosen;
    }

    private NativeKernel nativeKernel() {
        String problem = NativeKernel.problem();
        if (problem != null) {
            throw usage("the kernel native cannot run here: " + problem);
        }
        return NativeKernel.best();
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

    private ModelMatrices model(String name) {
        try {
            return ModelMatrices.of(ModelShape.named(name));
        } catch (IllegalArgumentException unknown) {
            throw usage(String.valueOf(unknown.getMessage()));
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
