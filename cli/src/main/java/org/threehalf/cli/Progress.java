package org.threehalf.cli;

import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Progress on the standard error: a bar on a terminal, elsewhere a line every few seconds, so that logs stay readable
 * and a job that takes hours can be told from one that hangs.
 *
 * <p>The launcher says in the property {@code threehalf.terminal} how wide the terminal is; without it there is none.
 */
public final class Progress implements AutoCloseable {
    private static final long INTERVAL = 5_000_000_000L;

    private final @Nullable ProgressBar bar;
    private final PrintStream err;
    private final String task;
    private final long total;
    private final long interval;
    private final long start = System.nanoTime();
    private final AtomicLong done = new AtomicLong();
    /** When the first step was done: what comes before says nothing of how long the others take. */
    private volatile long first;

    private final AtomicLong next;
    private volatile String message = "";

    /**
     * Shows a bar, or lines.
     *
     * @param task what is done
     * @param total the number of steps
     */
    public Progress(String task, long total) {
        this(task, total, INTERVAL, System.err);
    }

    /** With lines every so many nanoseconds. */
    Progress(String task, long total, long interval, PrintStream err) {
        Integer width = Integer.getInteger("threehalf.terminal");
        this.err = err;
        this.task = task;
        this.total = total;
        this.interval = interval;
        this.next = new AtomicLong(start + interval);
        bar = width == null
                ? null
                : new ProgressBarBuilder()
                        .setTaskName(task)
                        .setInitialMax(total)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(200)
                        .setMaxRenderedLength(width - 1)
                        .setConsumer(new ConsoleProgressBarConsumer(err, width - 1))
                        .build();
    }

    /** Another step is done; may be called from any thread. */
    public void step() {
        if (bar != null) {
            bar.step();
            return;
        }
        long steps = done.incrementAndGet();
        long now = System.nanoTime();
        if (steps == 1) {
            first = now;
        }
        long due = next.get();
        // Whoever moves the time on prints the line.
        if (now - due >= 0 && next.compareAndSet(due, now + interval)) {
            err.printf(
                    "%s: %,d of %,d (%d %%), %d s%s%s%n",
                    task,
                    steps,
                    total,
                    total == 0 ? 100 : Math.min(100, 100 * steps / total),
                    (now - start) / 1_000_000_000,
                    left(steps, now),
                    message);
        }
    }

    /** An estimate, as if all steps took as long as those that are done. */
    private String left(long steps, long now) {
        return steps < 2 || steps > total || first == 0
                ? ""
                : ", about %,.0f s left".formatted((now - first) / 1e9 * (total - steps) / (steps - 1));
    }

    /** Shows what is being done now. */
    void show(String text) {
        message = ", " + text;
        if (bar != null) {
            bar.setExtraMessage(" " + text);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
