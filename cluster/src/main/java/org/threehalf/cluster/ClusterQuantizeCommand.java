package org.threehalf.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.QuantizeCommand;
import org.threehalf.cli.Site;
import org.threehalf.cli.StampedModel;
import org.threehalf.inference.calibrate.CalibratedModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import org.threehalf.kernels.format.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code threehalf cluster quantize}: as {@code threehalf quantize}, to the byte, with the rows quantised by a
 * cluster's tasks.
 */
@Command(name = "quantize")
public final class ClusterQuantizeCommand extends QuantizeCommand {
    /** Weights of a task: some seconds of work, and some tens of megabytes. */
    private static final long TASK_WEIGHTS = 1L << 23;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private SparkOptions spark = new SparkOptions();

    private @Nullable Parts parts;
    private @Nullable ClusterSteps steps;
    /** What is read of the parts now. */
    private @Nullable PartMatrices matrices;

    /** The command. */
    public ClusterQuantizeCommand() {}

    @Override
    public Integer call() throws Exception {
        spark.require();
        List<Path> texts = spec.findOption("--calibrate").getValue();
        return spark.withFiles(!texts.isEmpty(), () -> {
            try {
                return super.call();
            } finally {
                close();
            }
        });
    }

    private void close() throws IOException {
        try {
            if (matrices != null) {
                matrices.close();
            }
            if (steps != null) {
                steps.close();
            }
        } finally {
            if (parts != null) {
                parts.close();
            }
        }
    }

    @Override
    protected Site site() {
        return spark;
    }

    @Override
    protected Path text(String word) {
        return RemoteFiles.path(word);
    }

    private Parts parts(Path target) throws IOException {
        Parts made = Parts.beside(target, spark.open("quantize"));
        parts = made;
        return made;
    }

    @Override
    protected MatrixSource plain(
            GgufFile source,
            StampedModel stamped,
            Path target,
            FormatChoice choice,
            boolean rotated,
            QuantizedModelWriter.Listener listener)
            throws IOException {
        List<RowRange> whole = new ArrayList<>();
        for (Map.Entry<String, Format> matrix :
                QuantizedModelWriter.formats(source, choice).entrySet()) {
            whole.add(RowRange.whole(source.tensor(matrix.getKey()), matrix.getValue()));
        }
        return quantized(parts(target), SharedFile.of(stamped), whole, rotated, null, row -> listener.rowDone());
    }

    @Override
    protected CalibratedModel.Steps calibrated(GgufFile source, StampedModel stamped, Path target) throws IOException {
        Parts made = parts(target);
        SharedFile model = SharedFile.of(stamped);
        ClusterSteps spread = new ClusterSteps(
                made,
                (rows, rotated, hessian, rowDone) -> quantized(made, model, List.of(rows), rotated, hessian, rowDone),
                size -> spark.partitions(made.cluster().parallelism(), size));
        steps = spread;
        return spread;
    }

    /** Has tasks quantise rows. */
    private PartMatrices quantized(
            Parts made,
            SharedFile model,
            List<RowRange> rows,
            boolean rotated,
            SharedFolder.@Nullable Whole hessian,
            IntConsumer rowDone)
            throws IOException {
        long weights = RowRange.weights(rows);
        // Calibration takes some times as long as rounding, and a matrix is to be spread over all that work.
        long byDefault = Math.max(
                (weights + TASK_WEIGHTS - 1) / TASK_WEIGHTS,
                hessian == null ? 1 : 2L * made.cluster().parallelism());
        List<List<RowRange>> ranges = RowRange.cut(rows, spark.partitions(byDefault, weights));
        SharedFolder.Whole[] written = new SharedFolder.Whole[ranges.size()];
        List<QuantizeRows> work = ranges.stream()
                .map(part -> new QuantizeRows(model, made.folder(), rotated, part, hessian))
                .toList();
        made.cluster().run("quantize " + model.name(), work, (number, part) -> {
            written[number] = part;
            for (RowRange range : ranges.get(number)) {
                for (int i = 0; i < range.count(); i++) {
                    rowDone.accept(range.first() + i);
                }
            }
        });
        PartMatrices read =
                new PartMatrices(made.folder(), ranges, Arrays.asList(written), made.cluster()::interrupted);
        matrices = read;
        return read;
    }
}
