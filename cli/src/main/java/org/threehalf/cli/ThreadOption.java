package org.threehalf.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import picocli.CommandLine.Option;

/** {@code --threads} of every command that computes. */
final class ThreadOption {
    /** More than any machine has processors. */
    private static final int MAX_THREADS = 1024;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads on the host (default: one a processor). Their number changes no bit")
    private @Nullable Integer threads;

    /**
     * Looks at the number.
     *
     * @throws UsageException if it is outside its range
     */
    void require() {
        if (threads != null) {
            UsageException.requireRange("--threads", threads, 1, MAX_THREADS);
        }
    }

    /** Opens a backend on so many threads. */
    Backend open(BackendProvider provider) {
        return threads == null ? provider.open() : provider.open(threads);
    }

    /** Does work whose parallel streams run on so many threads. */
    <T> T inPool(Callable<T> work) throws Exception {
        // The fork-join pool that a parallel stream runs in is that of the thread that starts it.
        try (ForkJoinPool pool =
                new ForkJoinPool(threads == null ? Runtime.getRuntime().availableProcessors() : threads)) {
            return pool.submit(work).get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case ResultWriter.LostException lost -> throw lost;
                // A ForkJoinTask wraps a checked exception once more.
                case RuntimeException wrapper when wrapper.getCause() instanceof IOException io -> throw io;
                case Exception cause -> throw cause;
                case Error error -> throw error;
                default -> throw failed;
            }
        }
    }
}
