package org.threehalf.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end its work in order when the program is interrupted (Ctrl-C, SIGTERM): the program stays alive until
 * {@link #close}, ten seconds at most.
 */
public final class Interruption implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::hold, "interruption");
    private volatile boolean requested;

    /** Begins to watch. */
    public Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void hold() {
        requested = true;
        try {
            done.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the work is to end. */
    public boolean requested() {
        return requested;
    }

    @Override
    public void close() {
        done.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException alreadyShuttingDown) {
                // The hook runs, and the count above lets it end.
                requested = true;
            }
        }
    }
}
