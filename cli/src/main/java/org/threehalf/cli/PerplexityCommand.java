package org.threehalf.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.Perplexity;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.tokenizer.Vocabulary;
import org.threehalf.kernels.io.FileNotWrittenException;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.WholeFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code threehalf perplexity}: how well a model predicts a text. */
@Command(
        name = "perplexity",
        description = "Measure how well a model predicts a text: exp of the mean of -ln p.",
        footer = {
            "%nThe text is cut into windows without overlap; the tokens of each window's second half count. The same figure as llama.cpp's perplexity tool.",
            "With --hash, the SHA-256 of all logits' bits (little endian, position by position): equal on every machine, backend and number of threads."
        },
        mixinStandardHelpOptions = true)
public class PerplexityCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private TextWindows windows = new TextWindows();

    @Option(names = "--hash", description = "print the SHA-256 of all logits")
    private boolean hash;

    @Option(
            names = "--logits",
            paramLabel = "FILE",
            description = "write all logits: binary32, little endian, position by position")
    private @Nullable Path logits;

    /** The command. */
    public PerplexityCommand() {}

    /** Measures windows of a text. */
    @FunctionalInterface
    protected interface Measuring {
        /** As {@link Perplexity#measure}. */
        Perplexity.Result measure(
                int[] tokens,
                int window,
                int most,
                int beginning,
                Perplexity.@Nullable Logits logits,
                Perplexity.Progress progress)
                throws IOException;
    }

    /** Prints what is measured. */
    @FunctionalInterface
    protected interface Report {
        /** Has it measured, and prints it. */
        void print(LanguageModel opened, Measuring measuring) throws IOException;
    }

    /**
     * Who measures: this process, unless a command that extends this one knows of others.
     *
     * @param options the model
     * @param stamped what was there before it was opened
     * @param window tokens of a window
     * @param logits where the logits are to be written, or null
     * @param err told of what the model's file does not say
     * @param report prints it
     */
    protected void measure(
            ModelOptions options,
            StampedModel stamped,
            int window,
            @Nullable Path logits,
            PrintWriter err,
            Report report)
            throws Exception {
        options.run(window, err, (opened, decoder) -> {
            opened.requireFinite();
            int vocabulary = opened.tokenizer().vocabulary().size();
            if (window > opened.trainedContext()) {
                err.printf(
                        "note: %s was trained for %,d positions: --window %,d goes beyond%n",
                        opened.file().name(), opened.trainedContext(), window);
                err.flush();
            }
            report.print(
                    opened,
                    (tokens, n, most, beginning, listener, progress) ->
                            Perplexity.measure(decoder, vocabulary, tokens, n, most, beginning, listener, progress));
            return 0;
        });
    }

    /** Where the work is done: a command that extends this one may do it elsewhere. */
    protected Site site() {
        return Site.HERE;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        windows.require();
        if (logits != null) {
            OutputFiles.require(logits);
            List<Path> read = new ArrayList<>(ModelFiles.files(model.file()));
            read.add(windows.file());
            read.addAll(site().read());
            OutputFiles.requireNoneOf(List.of(logits), read);
        }
        String text = windows.read();
        StampedModel stamped = StampedModel.of(model.file());
        measure(
                model,
                stamped,
                windows.length(),
                logits,
                spec.commandLine().getErr(),
                (opened, measuring) -> print(opened, stamped, measuring, text, out));
        return 0;
    }

    private void print(LanguageModel opened, StampedModel stamped, Measuring measuring, String text, PrintWriter out)
            throws IOException {
        Vocabulary vocabulary = opened.tokenizer().vocabulary();
        int[] tokens = opened.tokenizer().encodePrompt(text);
        int count = windows.count(tokens.length);
        Perplexity.Result result;
        try (Interruption interruption = new Interruption();
                Progress progress = new Progress("perplexity", count);
                LogitsSink sink = new LogitsSink(vocabulary.size(), logits)) {
            long begin = System.nanoTime();
            result = measuring.measure(
                    tokens,
                    windows.length(),
                    count,
                    TextWindows.beginning(vocabulary),
                    hash || logits != null ? sink : null,
                    TextWindows.shown(progress, interruption));
            site().requireUnchanged(stamped);
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (result.tokens() == 0 || !Double.isFinite(result.perplexity())) {
                throw new IOException("%s: a perplexity of %s over %,d tokens is no result"
                        .formatted(opened.file().name(), result.perplexity(), result.tokens()));
            }
            out.printf(
                    "%s%s on %s: perplexity %.4f +/- %.4f over %,d tokens in windows of %d, %.1f s%n",
                    opened.file().name(),
                    ModelOptions.remark(opened),
                    ThreeHalf.printable(windows.name()),
                    result.perplexity(),
                    result.standardError(),
                    result.tokens(),
                    windows.length(),
                    seconds);
            if (hash) {
                out.printf("SHA-256 of the logits: %s%n", sink.digest());
            }
            sink.commit();
            out.flush();
        }
    }

    /** Digests the logits, and writes them to a file that takes its name only once it is whole. */
    private static final class LogitsSink implements Perplexity.Logits, AutoCloseable {
        private final ByteBuffer bytes;
        private final MessageDigest digest = Sha256.digest();
        private final @Nullable Path target;
        private final @Nullable WholeFile file;
        private final OutputStream out;

        private LogitsSink(int vocabulary, @Nullable Path target) throws IOException {
            this.bytes = ByteBuffer.allocate(vocabulary * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            this.target = target;
            this.file = target == null ? null : WholeFile.begin(target);
            try {
                this.out = file == null
                        ? OutputStream.nullOutputStream()
                        : new BufferedOutputStream(Files.newOutputStream(file.temporary()));
            } catch (IOException failed) {
                throw notWritten(failed);
            }
        }

        @Override
        public void after(int position, float[] logits) {
            bytes.clear().asFloatBuffer().put(logits);
            digest.update(bytes.array());
            try {
                out.write(bytes.array());
            } catch (IOException e) {
                throw new UncheckedIOException(notWritten(e));
            }
        }

        private String digest() {
            return HexFormat.of().formatHex(digest.digest());
        }

        private IOException notWritten(IOException failed) {
            return target == null ? failed : new FileNotWrittenException(target, failed);
        }

        private void commit() throws IOException {
            try {
                out.close();
                if (file != null) {
                    file.commit();
                }
            } catch (IOException failed) {
                throw notWritten(failed);
            }
        }

        /** Leaves nothing of a file that was not committed, even where closing it fails. */
        @Override
        public void close() throws IOException {
            try {
                out.close();
            } catch (IOException failed) {
                throw notWritten(failed);
            } finally {
                if (file != null) {
                    file.close();
                }
            }
        }
    }
}
