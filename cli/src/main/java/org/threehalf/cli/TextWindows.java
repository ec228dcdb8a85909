package org.threehalf.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.generate.Perplexity;
import org.threehalf.inference.tokenizer.Vocabulary;
import org.threehalf.kernels.transformer.RotaryAngles;
import picocli.CommandLine.Option;

/** Options of the commands that measure models on windows of a text. */
final class TextWindows {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "TEXT",
            required = true,
            description = "a text in UTF-8; - for the standard input")
    private Path file = Path.of("");

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "512",
            description = "tokens a window (default: ${DEFAULT-VALUE})")
    private int window = 512;

    @Option(names = "--windows", paramLabel = "N", description = "measure the first N windows only")
    private @Nullable Integer windows;

    /** Refuses numbers outside their ranges. */
    void require() {
        UsageException.requireRange("--window", window, 4, RotaryAngles.POSITIONS);
        if (windows != null) {
            UsageException.requireRange("--windows", windows, 1, Integer.MAX_VALUE);
        }
    }

    /** The text. */
    String read() throws IOException {
        return InputText.read(file);
    }

    /** The text's place. */
    Path file() {
        return file;
    }

    /** The text's name, for results. */
    Path name() {
        return file.getFileName();
    }

    /** Tokens a window. */
    int length() {
        return window;
    }

    /**
     * How many windows are measured.
     *
     * @param tokens of the text
     * @throws UsageException if there is none
     */
    int count(int tokens) {
        int all = Perplexity.windows(tokens, window);
        if (all == 0) {
            throw new UsageException(
                    "the text has %,d tokens, fewer than one window of %,d: give a longer text or a smaller --window"
                            .formatted(tokens, window));
        }
        return windows == null ? all : Math.min(all, windows);
    }

    /** The token that takes the first place of each window, or a negative number. */
    static int beginning(Vocabulary vocabulary) {
        return vocabulary.addBeginning() ? vocabulary.beginning() : -1;
    }

    /** Shows the perplexity so far, and stops where that is asked for. */
    static Perplexity.Progress shown(Progress progress, Interruption interruption) {
        return (done, wanted, soFar) -> {
            progress.step();
            progress.show("%.3f".formatted(soFar.perplexity()));
            return !interruption.requested();
        };
    }
}
