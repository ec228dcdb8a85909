package org.threehalf.backends.groq.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.threehalf.backends.groq.generator.LayerShape;
import org.threehalf.backends.groq.generator.ModelModules.MatrixShape;
import org.threehalf.backends.spi.decoder.Buffer;
import org.threehalf.backends.spi.decoder.DecoderConfig;
import org.threehalf.backends.spi.decoder.ModelShape;
import org.threehalf.backends.spi.decoder.Step.Add;
import org.threehalf.backends.spi.decoder.Step.AddBias;
import org.threehalf.backends.spi.decoder.Step.Attend;
import org.threehalf.backends.spi.decoder.Step.Centre;
import org.threehalf.backends.spi.decoder.Step.Gate;
import org.threehalf.backends.spi.decoder.Step.Mix;
import org.threehalf.backends.spi.decoder.Step.Multiply;
import org.threehalf.backends.spi.decoder.Step.Norm;
import org.threehalf.backends.spi.decoder.Step.Rotate;
import org.threehalf.backends.spi.decoder.Step.Scale;
import org.threehalf.backends.spi.decoder.Step.SoftCap;
import org.threehalf.backends.spi.decoder.Step.Store;
import org.threehalf.backends.spi.decoder.TensorRole;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * A schedule of a network on chips, worked out from a {@link Chip}'s figures: the same inputs always give the same
 * plan, as on a chip without caches and arbiters.
 *
 * <p>A layer that does not fit a chip lies by rows on as many as it needs; layers that are small share one. The output
 * matrix has chips of its own. Weights stay packed in memory. Each token streams them through the vector unit, which
 * unpacks them by the operations of the generated modules, into the matrix planes; a step takes as long as the slowest
 * of the three. No conflict of streams and perfect overlap inside a step are assumptions that favour the chip.
 *
 * @param format the format of all matrices
 * @param weightBytes everything stored for the layers' and the output matrix
 * @param cacheBytes keys and values of one stream
 * @param chips chips that hold both, whole layers together
 * @param chipsPerLayer chips that share a layer by its rows, at least 1
 * @param schedule the steps of one layer on its chips
 * @param output the step of the output matrix
 * @param secondsPerToken one stream, alone
 * @param streams streams that a full pipeline holds: one for each chip or group of chips that has layers
 * @param pipelinedTokensPerSecond all streams of a full pipeline together
 * @param joulesPerToken with all chips on, one stream alone
 */
public record LpuPlan(
        Format format,
        long weightBytes,
        long cacheBytes,
        int chips,
        int chipsPerLayer,
        List<Step> schedule,
        Step output,
        double secondsPerToken,
        int streams,
        double pipelinedTokensPerSecond,
        double joulesPerToken) {

    /**
     * A step of a layer.
     *
     * @param name what it does
     * @param start its first cycle, counted from the layer's begin
     * @param cycles how many it takes, with its latency
     * @param boundBy what is slowest in it
     */
    public record Step(String name, long start, long cycles, String boundBy) {}

    private static final int BINARY32_OPERATIONS_OF_EXP = 25;

    /** Cycles of a layer. */
    public long layerCycles() {
        Step last = schedule.getLast();
        return last.start() + last.cycles();
    }

    /** Tokens a second of one stream. */
    public double tokensPerSecond() {
        return 1 / secondsPerToken;
    }

    /**
     * Plans a model.
     *
     * @param model a Llama's shape
     * @param context positions that a token sees
     */
    public static LpuPlan of(ModelShape model, Format format, int context, Chip chip) {
        DecoderConfig config = model.llama();
        // What a module takes: a byte a weight in the formats of windows.
        FormatTraits stored = format.traits().withoutWindows();
        LayerShape layer = LayerShape.of(model, format, context);
        long layerBytes = 0;
        for (TensorRole matrix : layer.program().matrices()) {
            MatrixShape shape = layer.matrix(matrix);
            layerBytes += stored.matrixBytes(shape.rows(), shape.columns());
        }
        MatrixShape outputShape = new MatrixShape(format, config.vocabulary(), config.dim());
        long weightBytes = layerBytes * model.layers() + stored.matrixBytes(outputShape.rows(), outputShape.columns());
        long cacheBytes = 2L * config.keyValueWidth() * Float.BYTES * context * model.layers();
        long room = (long) (chip.sramBytes() * chip.usable());
        long perLayerBytes = layerBytes + cacheBytes / model.layers();
        int chipsPerLayer = Math.toIntExact(ceil(perLayerBytes, room));
        int layersPerChip = Math.toIntExact(Math.max(1, Math.min(model.layers(), room / perLayerBytes)));
        int stages = Math.toIntExact(ceil(model.layers(), layersPerChip));
        int outputChips = Math.toIntExact(ceil(stored.matrixBytes(outputShape.rows(), outputShape.columns()), room));
        int chips = stages * chipsPerLayer + outputChips;

        List<Step> schedule = schedule(layer, context, chipsPerLayer, chip);
        Step output = product("output", outputShape, outputChips, 0, chip);
        long layerCycles = schedule.getLast().start() + schedule.getLast().cycles();
        // A layer on several chips exchanges vectors four times: before the attention's output, after it, before the
        // last product and after it.
        double exchanges = chipsPerLayer > 1 ? 4 * chip.hopSeconds() : 0;
        double layerSeconds = layerCycles / chip.clock() + exchanges;
        // From stage to stage, to the output matrix, and back with the token.
        double hops = (stages + 1) * chip.hopSeconds();
        double seconds = model.layers() * layerSeconds + output.cycles() / chip.clock() + hops;
        return new LpuPlan(
                format,
                weightBytes,
                cacheBytes,
                chips,
                chipsPerLayer,
                schedule,
                output,
                seconds,
                stages,
                1 / (layersPerChip * layerSeconds),
                chips * chip.watts() * seconds);
    }

    /**
     * The steps of a layer's program. What the vector unit does in one go with the same chips is one step; attention
     * stands alone. A vector is quantised once for all products that take it, with what made it where that was just
     * before, or beside the unpacking of the first product's weights.
     */
    private static List<Step> schedule(LayerShape layer, int context, int chips, Chip chip) {
        DecoderConfig c = layer.config();
        Schedule schedule = new Schedule(chip);
        Set<Buffer> quantized = new HashSet<>();
        for (org.threehalf.backends.spi.decoder.Step step : layer.program().steps()) {
            switch (step) {
                case Multiply(TensorRole matrix, Buffer from, Buffer to) -> {
                    long quantizing = quantized.add(from) ? 8L * from.width() : 0;
                    if (quantizing > 0 && schedule.open()) {
                        schedule.vector("quantise", quantizing, schedule.chips);
                        quantizing = 0;
                    }
                    schedule.add(product(matrix.label(), layer.matrix(matrix), chips, quantizing, chip));
                }
                case Centre(Buffer from, Buffer to) -> schedule.vector("mean", 2L * from.width(), 1);
                case Norm(TensorRole weights, Buffer from, Buffer to, int vectors) ->
                    schedule.vector("norm", 4L * from.width(), vectors == 1 ? 1 : chips);
                case Add(Buffer to, Buffer addition) -> schedule.vector("residual", to.width(), 1);
                case AddBias(Buffer to, TensorRole bias) -> schedule.vector("bias", to.width(), chips);
                case Scale(Buffer x, float factor) -> schedule.vector("scaling", x.width(), 1);
                case SoftCap(Buffer x, float cap) ->
                    schedule.vector("cap", (long) BINARY32_OPERATIONS_OF_EXP * x.width(), chips);
                case Rotate(Buffer x, int heads, int pairs, var layout) ->
                    schedule.vector("rotation", 3L * x.width(), chips);
                case Store store -> {
                    // Keys and values go to memory as the streams pass it.
                }
                case Attend attend -> {
                    long scores = (long) c.heads() * context;
                    schedule.close();
                    schedule.vector(
                            "attention", 4 * scores * c.headSize() + scores * BINARY32_OPERATIONS_OF_EXP, chips);
                    schedule.close();
                }
                case Gate(var activation, Buffer gate, Buffer up) ->
                    schedule.vector("gated product", (BINARY32_OPERATIONS_OF_EXP + 4L) * gate.width(), chips);
                case Mix mix ->
                    throw new IllegalArgumentException("a layer with a mixture of experts: which of them a token takes"
                            + " is not known before it runs, so nothing is planned for it");
            }
            step.writes().ifPresent(quantized::remove);
        }
        schedule.close();
        return List.copyOf(schedule.steps);
    }

    /** Steps in the making. */
    private static final class Schedule {
        private final Chip chip;
        private final List<Step> steps = new ArrayList<>();
        private final Set<String> names = new LinkedHashSet<>();
        private long operations;
        private int chips;

        Schedule(Chip chip) {
            this.chip = chip;
        }

        /** Whether the vector unit's step is not closed. */
        boolean open() {
            return !names.isEmpty();
        }

        /** More for the vector unit: in the step that is open, if that is on as many chips. */
        void vector(String name, long more, int onChips) {
            if (chips != onChips) {
                close();
            }
            chips = onChips;
            names.add(name);
            operations += more;
        }

        void close() {
            if (open()) {
                List<String> all = List.copyOf(names);
                String last = all.getLast();
                String name =
                        all.size() == 1 ? last : String.join(", ", all.subList(0, all.size() - 1)) + " and " + last;
                append(LpuPlan.vector(name, operations, chips, chip));
                names.clear();
                operations = 0;
            }
        }

        /** A step of the matrix unit. */
        void add(Step step) {
            close();
            append(step);
        }

        private void append(Step step) {
            long start = steps.isEmpty()
                    ? 0
                    : steps.getLast().start() + steps.getLast().cycles();
            steps.add(new Step(step.name(), start, step.cycles(), step.boundBy()));
        }
    }

    private static Step vector(String name, long operations, int chips, Chip chip) {
        return new Step(
                name,
                0,
                ceil(operations, (long) chips * chip.vectorOperationsPerCycle()) + chip.stepCycles(),
                "vector unit");
    }

    /** A product with one token, its rows shared by some chips. */
    private static Step product(String name, MatrixShape shape, int chips, long before, Chip chip) {
        long rows = ceil(shape.rows(), chips);
        long tiles = ceil(rows, chip.lanes()) * ceil(shape.columns(), chip.lanes());
        long load = ceil(tiles * chip.lanes() * chip.lanes(), chip.weightsPerCycle());
        long contract = ceil(tiles, chip.planes());
        FormatTraits traits = shape.format().traits().withoutWindows();
        double unpacking = (operations(traits.even()) + operations(traits.odd())) / 2;
        long blocks = shape.format().hasSubscales() ? 2 * rows * Format.blocks(shape.columns()) : 0;
        long unpack =
                ceil((long) (unpacking * rows * shape.columns()) + blocks + before, chip.vectorOperationsPerCycle());
        long longest = Math.max(load, Math.max(contract, unpack));
        String boundBy =
                longest == unpack && unpack > load ? "unpacking" : longest == load ? "loading weights" : "matrix unit";
        return new Step(name, 0, longest + chip.stepCycles(), boundBy);
    }

    /** Operations of the generated modules to make T[c] of a stored code, a weight; reading INT8 takes none. */
    static double operations(Codebook table) {
        if (table.bits() == 8) {
            return 0;
        }
        int step = table.value(1) - table.value(0);
        int bits = table.bits() == 4 ? 2 : 6;
        int value = table.isUniform() ? (step == 1 ? 1 : 2) : 2 * table.bits() + table.size() - 1;
        return bits + value;
    }

    private static long ceil(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
