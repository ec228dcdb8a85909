package org.threehalf.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on the standard error of a terminal, and nothing elsewhere, so that logs stay readable.
 *
 * <p>The launcher says in the property {@code threehalf.terminal} how wide the terminal is; without it there is none.
 */
final class Progress implements AutoCloseable {

    private final @Nullable ProgressBar bar;

    /**
     * Shows a bar.
     *
     * @param task what is done
     * @param total the number of steps
     */
    Progress(String task, long total) {
        Integer width = Integer.getInteger("threehalf.terminal");
        PrintStream err = System.err;
        bar = width == null ? null : new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setMaxRenderedLength(width - 1)
                .setConsumer(new ConsoleProgressBarConsumer(err, width - 1))
                .build();
    }

    /** Another step is done; may be called from any thread. */
    void step() {
        if (bar != null) {
            bar.step();
        }
    }

    /** Shows what is being done now. */
    void show(String message) {
        if (bar != null) {
            bar.setExtraMessage(" " + message);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
