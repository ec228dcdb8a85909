package org.threehalf.cli;

import java.time.Duration;
import org.threehalf.kernels.io.UnfinishedFiles;

/**
 * Lets a command end its work in order when the program is interrupted (Ctrl-C, SIGTERM): the program stays alive until
 * {@link #close}, ten seconds at most. What is not written to its end by then is removed all the same
 * ({@link UnfinishedFiles}).
 */
public final class Interruption implements AutoCloseable {
    private static final Duration MOST = Duration.ofSeconds(10);

    private final UnfinishedFiles.Grace grace;

    /** Begins to watch. */
    public Interruption() {
        this(MOST);
    }

    /** With another time. */
    Interruption(Duration most) {
        grace = UnfinishedFiles.grace(most);
    }

    /** Whether the work is to end. */
    public boolean requested() {
        return UnfinishedFiles.ending();
    }

    @Override
    public void close() {
        grace.close();
    }
}
