package org.threehalf.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.plan.ModelPlan;
import org.threehalf.kernels.format.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code threehalf plan}: what a model takes in a format, and the most tokens a second that a bandwidth allows. */
@Command(
        name = "plan",
        description =
                "Count the bytes of a model in a format, its cache by context, and the most tokens a second by bandwidth.",
        footer = {
            "%nEverything is counted: codes with padding, sub-scales, scales, norms. The rate is a limit, not a measurement: bandwidth divided by",
            "the bytes that a token reads; a machine that computes, waits or has less bandwidth than it says is slower."
        },
        mixinStandardHelpOptions = true)
public final class PlanCommand implements Callable<Integer> {
    private static final double GB = 1e9;
    private static final List<Integer> CONTEXTS = List.of(2_048, 8_192, 32_768, 131_072);
    /** Memory sizes that the table speaks of, in 10⁹ bytes. */
    private static final List<Integer> MEMORIES = List.of(8, 16, 24, 32, 48, 64, 80, 96, 128, 141, 192, 256, 512);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            description = "a GGUF file, a Hugging Face folder, or one of the names of --arch")
    private @Nullable String model;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            completionCandidates = ShapeNames.class,
            description = "${COMPLETION-CANDIDATES} (llama-… is Llama 3)")
    private String architecture = "";

    @Option(
            names = "--format",
            paramLabel = "NAME",
            defaultValue = "G35",
            description = "one of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Format format = Format.G35;

    @Option(
            names = "--bandwidth",
            paramLabel = "GB/S",
            split = ",",
            description = "memory bandwidths in 10^9 bytes a second, separated by commas (default: 50,100,1000,3350)")
    private List<Double> bandwidths = List.of(50.0, 100.0, 1000.0, 3350.0);

    @Override
    public Integer call() throws IOException {
        if (bandwidths.stream().anyMatch(b -> !(b > 0 && b < 1e9))) {
            throw new UsageException("--bandwidth " + bandwidths + ": a bandwidth must be positive");
        }
        ModelPlan plan = ModelPlan.of(shape(), format);
        PrintWriter out = spec.commandLine().getOut();
        parts(plan, out);
        contexts(plan, out);
        rates(plan, out);
        out.flush();
        return 0;
    }

    private ModelShape shape() throws IOException {
        if ((model == null) == architecture.isEmpty()) {
            throw new UsageException("either MODEL or --arch is needed");
        }
        // A name, unless something is called so.
        if (model != null && Files.exists(Path.of(model))
                || model != null
                        && ModelShape.all().stream()
                                .noneMatch(shape -> shape.name().equals(model))) {
            try (LanguageModel opened = LanguageModel.open(Path.of(model))) {
                return ModelShape.of(opened.file().name(), opened.weights());
            }
        }
        try {
            return ModelShape.named(model == null ? architecture : model);
        } catch (IllegalArgumentException unknown) {
            throw new UsageException("--arch: " + unknown.getMessage(), unknown);
        }
    }

    private static void parts(ModelPlan plan, PrintWriter out) {
        out.printf("%s in %s%n%n", plan.shape().title(), plan.format());
        out.printf(
                "%-22s %6s %18s %18s %12s %18s%n", "part", "count", "weights", "bytes", "bits/weight", "bytes a token");
        for (ModelPlan.Part part : plan.parts()) {
            out.printf(
                    "%-22s %,6d %,18d %,18d %12.4f %,18d%n",
                    part.name(),
                    part.count(),
                    part.weights(),
                    part.bytes(),
                    8.0 * part.bytes() / part.weights(),
                    part.bytesPerToken());
        }
        out.printf(
                "%-22s %6s %,18d %,18d %12.4f %,18d%n%n",
                "total", "", plan.weights(), plan.bytes(), plan.bitsPerWeight(), plan.bytesPerToken());
        if (plan.cuts() > 1) {
            out.printf(
                    "%s takes at most %,d columns: the widest matrices are counted as %d parts side by side, which this version does not run%n%n",
                    plan.format(), plan.format().maxColumns(), plan.cuts());
        }
    }

    private static void contexts(ModelPlan plan, PrintWriter out) {
        out.printf(
                "%-10s %18s %18s %20s   %s%n",
                "context",
                "cache (binary32)",
                "all in GB (10^9)",
                "cache without window",
                "smallest memory of one device, in GB");
        for (int context : CONTEXTS) {
            double total = (plan.bytes() + plan.cacheBytes(context)) / GB;
            String fits = MEMORIES.stream()
                    .filter(size -> size >= total)
                    .findFirst()
                    .map(size -> "" + size)
                    .orElse("none: split it by layers or rows");
            out.printf(
                    "%,-10d %,18d %18.2f %,20d   %s%n",
                    context, plan.cacheBytes(context), total, plan.fullCacheBytes(context), fits);
        }
        out.println();
    }

    private void rates(ModelPlan plan, PrintWriter out) {
        out.printf(
                "most tokens a second, one after another, by bandwidth (a limit, not a measurement)%n%-10s", "context");
        bandwidths.forEach(b -> out.printf(" %12s", "%,.0f GB/s".formatted(b)));
        out.println();
        for (int context : CONTEXTS) {
            out.printf("%,-10d", context);
            bandwidths.forEach(b -> out.printf(" %12.2f", plan.tokensPerSecond(b * GB, context)));
            out.println();
        }
    }
}
