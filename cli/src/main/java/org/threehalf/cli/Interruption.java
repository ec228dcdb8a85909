package org.threehalf.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.io.UnfinishedFiles;

/**
 * Lets a command end its work in order when the program is interrupted (Ctrl-C, SIGTERM): the program stays alive until
 * {@link #close}, three seconds at most. What is not written to its end by then is removed all the same
 * ({@link UnfinishedFiles}).
 */
public final class Interruption implements AutoCloseable {
    private static final Duration MOST = Duration.ofSeconds(3);

    private UnfinishedFiles.@Nullable Grace grace;

    /** From now on the program is kept alive. */
    public Interruption() {
        this(MOST);
    }

    /** With another time. */
    Interruption(Duration most) {
        grace = UnfinishedFiles.grace(most);
    }

    private Interruption(UnfinishedFiles.@Nullable Grace grace) {
        this.grace = grace;
    }

    /**
     * One that keeps nothing alive before {@link #hold}: as long as nothing was shown, a prompt being read for example,
     * there is nothing to end in order.
     */
    static Interruption unheld() {
        return new Interruption((UnfinishedFiles.Grace) null);
    }

    /** From now on the program is kept alive, if it was not before. */
    void hold() {
        if (grace == null) {
            grace = UnfinishedFiles.grace(MOST);
        }
    }

    /** The program is not kept alive any more, until {@link #hold}. */
    void release() {
        if (grace != null) {
            grace.close();
            grace = null;
        }
    }

    /** Whether the work is to end. */
    public boolean requested() {
        return UnfinishedFiles.ending();
    }

    @Override
    public void close() {
        release();
    }
}
