package org.threehalf.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.QuantizeCommand;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.model.QuantizedModelWriter.MatrixSource;
import org.threehalf.kernels.format.Format;
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

    @Override
    protected MatrixSource plain(
            GgufFile source,
            Path model,
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
        long weights = RowRange.weights(whole);
        Parts made = Parts.beside(target, spark.open("quantize"));
        parts = made;
        SharedFile shared = SharedFile.of(model);
        List<List<RowRange>> ranges =
                RowRange.cut(whole, spark.partitions((weights + TASK_WEIGHTS - 1) / TASK_WEIGHTS, weights));
        QuantizeRows.Written[] written = new QuantizeRows.Written[ranges.size()];
        made.cluster()
                .run(
                        "quantize " + source.name(),
                        ranges.stream()
                                .map(rows -> new QuantizeRows(shared, made.folder(), rotated, rows))
                                .toList(),
                        (number, part) -> {
                            written[number] = part;
                            ranges.get(number).forEach(rows -> {
                                for (int i = 0; i < rows.count(); i++) {
                                    listener.rowDone();
                                }
                            });
                        });
        return new PartMatrices(made.folder(), ranges, Arrays.asList(written));
    }
}
