package org.threehalf.cli.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.cuda.ProductMeter;
import org.threehalf.backends.cuda.ProductMeter.Measured;
import org.threehalf.kernels.format.Format;

/** Asks a {@link ProductMeter} for the products of models, and puts a report together. */
final class DeviceBenchRun {
    /** The peer's lines in the table of several tokens. */
    static final String PEER = "peer INT8";

    /**
     * What to measure.
     *
     * @param formats the formats
     * @param models the models; the first one's query matrix is also multiplied with several tokens
     * @param tokens numbers of tokens, the first of which is 1
     * @param options memory and time
     */
    record Plan(List<Format> formats, List<ModelMatrices> models, List<Integer> tokens, BenchReport.Options options) {}

    private record Size(Format format, int rows, int columns) {}

    private final ProductMeter meter;
    private final Consumer<String> progress;
    private final Map<Size, Measured> oneToken = new HashMap<>();

    private DeviceBenchRun(ProductMeter meter, Consumer<String> progress) {
        this.meter = meter;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @param progress told of each step
     * @throws IllegalStateException if a result is wrong, or the device refuses
     */
    static DeviceBenchReport run(ProductMeter meter, Plan plan, Consumer<String> progress) {
        return new DeviceBenchRun(meter, progress).run(plan);
    }

    private DeviceBenchReport run(Plan plan) {
        progress.accept("streaming read");
        Measured streaming = meter.streamingRead();
        double limit = streaming.bestGigabytesPerSecond() * 1e9;
        List<DeviceBenchReport.ModelLine> models = new ArrayList<>();
        for (ModelMatrices model : plan.models()) {
            for (Format format : plan.formats()) {
                models.add(model(model, format, limit));
            }
        }
        ModelMatrices.Part query = plan.models().getFirst().layer().getFirst();
        return new DeviceBenchReport(
                meter.device(),
                meter.peer(),
                plan.options(),
                streaming,
                models,
                batches(query.rows(), query.columns(), plan));
    }

    private Measured oneToken(Format format, int rows, int columns) {
        return oneToken.computeIfAbsent(new Size(format, rows, columns), size -> {
            progress.accept("gemv %s %d x %d".formatted(format, rows, columns));
            return meter.product(format, rows, columns, 1);
        });
    }

    private DeviceBenchReport.ModelLine model(ModelMatrices model, Format format, double limit) {
        double seconds = 0;
        long bytes = 0;
        boolean cold = true;
        for (ModelMatrices.Part part : model.layer()) {
            Measured one = oneToken(format, part.rows(), part.columns());
            seconds += part.count() * one.seconds();
            bytes += part.count() * one.bytes();
            cold &= one.cold();
        }
        Measured output = oneToken(format, model.output().rows(), model.output().columns());
        return new DeviceBenchReport.ModelLine(
                model.name(),
                model.layers(),
                format.name(),
                seconds,
                output.seconds(),
                bytes,
                limit,
                cold && output.cold());
    }

    private List<DeviceBenchReport.BatchLine> batches(int rows, int columns, Plan plan) {
        Map<Integer, Measured> peer = new HashMap<>();
        for (int tokens : plan.tokens()) {
            progress.accept("the peer's int8 product, %d x %d with %d tokens".formatted(rows, columns, tokens));
            Optional<Measured> measured = meter.peerProduct(rows, columns, tokens);
            measured.ifPresent(found -> peer.put(tokens, found));
        }
        List<DeviceBenchReport.BatchLine> lines = new ArrayList<>();
        for (Format format : plan.formats()) {
            Measured one = oneToken(format, rows, columns);
            for (int tokens : plan.tokens()) {
                if (tokens > 1) {
                    progress.accept("gemm %s %d x %d with %d tokens".formatted(format, rows, columns, tokens));
                }
                Measured measured = tokens == 1 ? one : meter.product(format, rows, columns, tokens);
                @Nullable Measured other = peer.get(tokens);
                lines.add(new DeviceBenchReport.BatchLine(
                        format.name(),
                        rows,
                        columns,
                        tokens,
                        measured.seconds(),
                        one.seconds(),
                        other == null ? null : other.seconds(),
                        measured.cold()));
            }
        }
        for (int tokens : plan.tokens()) {
            @Nullable Measured measured = peer.get(tokens);
            @Nullable Measured one = peer.get(1);
            if (measured != null) {
                lines.add(new DeviceBenchReport.BatchLine(
                        PEER,
                        rows,
                        columns,
                        tokens,
                        measured.seconds(),
                        one == null ? null : one.seconds(),
                        null,
                        measured.cold()));
            }
        }
        return lines;
    }
}
