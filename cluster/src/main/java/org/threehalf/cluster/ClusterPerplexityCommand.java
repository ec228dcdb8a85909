package org.threehalf.cluster;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.ModelOptions;
import org.threehalf.cli.PerplexityCommand;
import org.threehalf.cli.Site;
import org.threehalf.cli.StampedModel;
import org.threehalf.cli.StoppedException;
import org.threehalf.cli.UsageException;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.Perplexity;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.PartsFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code threehalf cluster perplexity}: as {@code threehalf perplexity}, to the last digit and the hash of the logits,
 * with the windows measured by a cluster's tasks.
 */
@Command(name = "perplexity")
public final class ClusterPerplexityCommand extends PerplexityCommand {

    @Mixin
    private SparkOptions spark = new SparkOptions();

    @Option(
            names = "--parts",
            paramLabel = "DIR",
            description =
                    "with --hash or --logits: a folder that every node sees, for the logits on their way to the driver (default: that of the --logits file, or this one)")
    private @Nullable Path parts;

    /** The command. */
    public ClusterPerplexityCommand() {}

    @Override
    public Integer call() throws Exception {
        spark.require();
        // Where an address stands for it, it is refused as one.
        if (parts != null && RemoteFiles.address(parts).isEmpty() && !Files.isWritable(folder(parts))) {
            throw new UsageException("--parts %s: it cannot be written".formatted(parts));
        }
        return spark.withFiles(true, super::call);
    }

    @Override
    protected Site site() {
        return spark;
    }

    @Override
    protected void measure(
            ModelOptions options,
            StampedModel stamped,
            int window,
            @Nullable Path logits,
            PrintWriter err,
            Report report)
            throws Exception {
        try (LanguageModel opened = options.open(err)) {
            Engine.Key key = new Engine.Key(SharedFile.of(stamped), options.ignoredKeys(), options.backend());
            report.print(opened, (tokens, n, most, beginning, listener, progress) -> {
                List<int[]> windows = new ArrayList<>();
                for (int w = 0; w < most; w++) {
                    windows.add(Perplexity.window(tokens, w, n, beginning));
                }
                int vocabulary = opened.tokenizer().vocabulary().size();
                if (listener == null) {
                    try (Cluster cluster = spark.open("perplexity")) {
                        return measure(
                                cluster, key, windows, null, new Joined(most, n, vocabulary, null, null, progress));
                    }
                }
                try (Parts made = Parts.of(() -> made(logits), spark.open("perplexity"))) {
                    return measure(
                            made.cluster(),
                            key,
                            windows,
                            made.folder(),
                            new Joined(most, n, vocabulary, made.folder(), listener, progress));
                }
            });
        }
    }

    private static Path folder(Path parts) {
        if (!Files.isDirectory(parts)) {
            throw new UsageException("--parts %s: %s; a folder that every node sees is needed"
                    .formatted(parts, Files.exists(parts) ? "no folder" : "there is no such folder"));
        }
        return parts;
    }

    private PartsFolder made(@Nullable Path logits) throws IOException {
        if (parts == null && logits != null) {
            return PartsFolder.beside(logits);
        }
        try {
            return PartsFolder.in(parts == null ? Path.of("") : parts, "threehalf-perplexity");
        } catch (FileNotWrittenException refused) {
            throw new UsageException(
                    "%s: name a folder for the parts by --parts".formatted(refused.getMessage()), refused);
        }
    }

    private Perplexity.Result measure(
            Cluster cluster, Engine.Key key, List<int[]> windows, @Nullable SharedFolder folder, Joined joined)
            throws IOException {
        int tasks = spark.partitions(windows.size(), windows.size());
        List<Integer> first = new ArrayList<>();
        List<MeasureWindows> work = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            int from = (int) ((long) windows.size() * i / tasks);
            int to = (int) ((long) windows.size() * (i + 1) / tasks);
            first.add(from);
            work.add(new MeasureWindows(key, List.copyOf(windows.subList(from, to)), folder));
        }
        cluster.run(
                "perplexity of " + key.model().name(),
                work,
                (number, measured) -> joined.add(first.get(number), measured));
        return joined.sum.result();
    }

    /** Takes windows as they come, and adds them in the order of the text. */
    private static final class Joined {
        private final MeasureWindows.@Nullable Measured[] windows;
        private final int positions;
        private final int vocabulary;
        private final @Nullable SharedFolder folder;
        private final Perplexity.@Nullable Logits listener;
        private final Perplexity.Progress progress;
        private final Perplexity.Sum sum = new Perplexity.Sum();
        private int next;

        Joined(
                int windows,
                int positions,
                int vocabulary,
                @Nullable SharedFolder folder,
                Perplexity.@Nullable Logits listener,
                Perplexity.Progress progress) {
            this.windows = new MeasureWindows.Measured[windows];
            this.positions = positions;
            this.vocabulary = vocabulary;
            this.folder = folder;
            this.listener = listener;
            this.progress = progress;
        }

        private void add(int first, List<MeasureWindows.Measured> measured) throws IOException {
            for (int i = 0; i < measured.size(); i++) {
                windows[first + i] = measured.get(i);
            }
            for (; next < windows.length; next++) {
                MeasureWindows.Measured window = windows[next];
                if (window == null) {
                    return;
                }
                if (folder != null && listener != null && window.logits() != null) {
                    read(folder, window.logits(), listener);
                }
                sum.add(window.logProbabilities());
                windows[next] = null;
                if (!progress.window(next + 1, windows.length, sum.result())) {
                    throw new StoppedException("interrupted");
                }
            }
        }

        private void read(SharedFolder from, SharedFolder.Whole part, Perplexity.Logits told) throws IOException {
            float[] logits = new float[vocabulary];
            try (SharedFolder.Reading whole = from.read(part, Node.DRIVER);
                    InputStream in = new BufferedInputStream(whole, 1 << 20)) {
                for (int position = 0; position < positions; position++) {
                    ByteBuffer.wrap(in.readNBytes(vocabulary * Float.BYTES))
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asFloatBuffer()
                            .get(logits);
                    told.after(position, logits);
                }
                // What was told of it counts only once the whole has been told.
                whole.requireWhole();
            } catch (Problem problem) {
                throw problem.forCommand();
            }
            from.remove(part);
        }
    }
}
