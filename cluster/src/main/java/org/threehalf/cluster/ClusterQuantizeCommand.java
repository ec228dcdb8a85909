package org.threehalf.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.QuantizeCommand;
import org.threehalf.cli.StampedModel;
import org.threehalf.inference.calibrate.CalibratedModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufTensor;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.quantize.DampedHessian;
import org.threehalf.kernels.quantize.MatrixQuantizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code threehalf cluster quantize}: as {@code threehalf quantize}, to the byte, with the rows quantised by a
 * cluster's tasks.
 */
@Command(name = "quantize")
public final class ClusterQuantizeCommand extends QuantizeCommand {
    /** Weights of a task: some seconds of work, and some tens of megabytes. */
    private static final long TASK_WEIGHTS = 1L << 23;

    @Mixin
    private SparkOptions spark = new SparkOptions();

    private @Nullable Parts parts;

    /** The command. */
    public ClusterQuantizeCommand() {}

    @Override
    public Integer call() throws Exception {
        spark.require();
        try {
            return super.call();
        } finally {
            if (parts != null) {
                parts.close();
            }
        }
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

    /**
     * The activations, which need the layers before as quantised, are this process's, and so are their sums; the rows
     * are the tasks'.
     */
    @Override
    protected CalibratedModel.Rows calibrated(GgufFile source, StampedModel stamped, Path target) throws IOException {
        return new CalibratedRows(parts(target), SharedFile.of(stamped));
    }

    private final class CalibratedRows implements CalibratedModel.Rows {
        private final Parts made;
        private final SharedFile model;
        private @Nullable DampedHessian last;
        private SharedFolder.@Nullable Whole part;

        private CalibratedRows(Parts made, SharedFile model) {
            this.made = made;
            this.model = model;
        }

        @Override
        public MatrixQuantizer.Error quantize(
                GgufTensor tensor, int first, PackedMatrix target, DampedHessian hessian, IntConsumer rowDone) {
            try {
                if (last != hessian) {
                    if (part != null) {
                        made.folder().remove(part);
                    }
                    part = Hessians.write(made.folder(), hessian);
                    last = hessian;
                }
                RowRange rows = new RowRange(tensor.name(), target.format(), first, target.rows(), target.columns());
                return quantized(made, model, List.of(rows), target.rotated(), part, rowDone)
                        .fill(tensor.name(), first, target);
            } catch (Problem problem) {
                throw new UncheckedIOException(problem.forCommand());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
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
        made.cluster().run("quantize " + model.file().getFileName(), work, (number, part) -> {
            written[number] = part;
            for (RowRange range : ranges.get(number)) {
                for (int i = 0; i < range.count(); i++) {
                    rowDone.accept(range.first() + i);
                }
            }
        });
        return new PartMatrices(made.folder(), ranges, Arrays.asList(written), made.cluster()::interrupted);
    }
}
