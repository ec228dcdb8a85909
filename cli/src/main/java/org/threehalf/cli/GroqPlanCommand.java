package org.threehalf.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.groq.plan.Chip;
import org.threehalf.backends.groq.plan.LpuPlan;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.kernels.format.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code threehalf groq plan}: what LPUs would need for a model, by a model of the chip. */
@Command(
        name = "plan",
        description =
                "Work out chips, cycles and tokens a second of a TSP-like chip, from public figures. A model, not a measurement.",
        mixinStandardHelpOptions = true)
public final class GroqPlanCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            required = true,
            completionCandidates = ShapeNames.class,
            description = "the shape of a Llama, of ${COMPLETION-CANDIDATES}")
    private String arch = "";

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "2048",
            description = "positions that the token sees (default: ${DEFAULT-VALUE})")
    private int context = 2048;

    @Option(names = "--schedule", paramLabel = "FORMAT", description = "show the steps of a layer in this format")
    private @Nullable Format schedule;

    @Override
    public Integer call() {
        ModelShape model;
        try {
            model = ModelShape.named(arch);
            model.llama();
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), "--arch: " + unknown.getMessage(), unknown);
        }
        if (context < 1 || context > 1 << 20) {
            throw new ParameterException(
                    spec.commandLine(), "--context %d: it must be 1 to 1,048,576".formatted(context));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%s, %d layers, %,d positions. A MODEL, NOT A MEASUREMENT: no LPU was at hand.%n%n",
                model.name(), model.layers(), context);
        out.printf(
                "%-6s %9s %6s %11s %13s %-16s %14s %22s %12s%n",
                "format",
                "weights",
                "chips",
                "chips/layer",
                "cycles/layer",
                "mostly",
                "one stream",
                "pipeline (all streams)",
                "energy");
        for (Format format : Format.values()) {
            LpuPlan plan = LpuPlan.of(model, format, context, Chip.TSP);
            out.printf(
                    "%-6s %6.1f GB %6d %11d %,13d %-16s %8.0f tok/s %10.0f tok/s of %d %8.1f J/tok%n",
                    format,
                    plan.weightBytes() / 1e9,
                    plan.chips(),
                    plan.chipsPerLayer(),
                    plan.layerCycles(),
                    mostly(plan),
                    plan.tokensPerSecond(),
                    plan.pipelinedTokensPerSecond(),
                    plan.streams(),
                    plan.joulesPerToken());
        }
        if (schedule != null) {
            LpuPlan plan = LpuPlan.of(model, schedule, context, Chip.TSP);
            out.printf(
                    "%nA layer in %s on %d chips:%n%n%10s %10s  %-28s %s%n",
                    schedule, plan.chipsPerLayer(), "cycle", "cycles", "step", "bound by");
            plan.schedule()
                    .forEach(step -> out.printf(
                            "%,10d %,10d  %-28s %s%n", step.start(), step.cycles(), step.name(), step.boundBy()));
        }
        out.printf("%nFigures and assumptions:%n");
        Chip.figures()
                .forEach(figure -> out.printf("  %-28s %s (%s)%n", figure.what(), figure.value(), figure.source()));
        out.print("""
                  Weights stay packed; the vector unit unpacks them by the operations of the generated modules. A chip with a table look-up would take fewer.
                  Inside a step streams never collide and overlap perfectly; steps follow each other. The energy has all chips on for one stream.

                A figure of "10,000+ tokens/s" is often quoted beside 80 ms for the 80 layers of a 70B model. 80 ms over 80 layers is 1 ms a layer, or 1,000 layers a second; a
                token goes through all 80, so one stream gets 1 / 0.080 s = 12.5 tokens/s, and a full pipeline of 80 streams 1,000 tokens/s together. A rate of layers is
                not a rate of tokens.
                """);
        out.flush();
        return 0;
    }

    /** What bounds the larger part of a layer. */
    private static String mostly(LpuPlan plan) {
        return plan.schedule().stream()
                .max(java.util.Comparator.comparingLong(LpuPlan.Step::cycles))
                .map(LpuPlan.Step::boundBy)
                .orElse("");
    }
}
