package org.threehalf.lean;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Steps that run beside each other and may fail with an {@link IOException}. */
final class Tasks {
    private Tasks() {}

    /** A step. */
    interface Step<T> {
        T run() throws IOException;
    }

    /** Starts a step in a thread of its own when others are done. */
    static <T> CompletableFuture<T> after(CompletableFuture<?> others, Step<T> step) {
        return others.thenApplyAsync(
                done -> {
                    try {
                        return step.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    /** Starts a step in a thread of its own. */
    static <T> CompletableFuture<T> start(Step<T> step) {
        return after(CompletableFuture.completedFuture(""), step);
    }

    /** Waits for a step's result, or throws what it threw. */
    static <T> T join(CompletableFuture<T> task) throws IOException {
        try {
            return task.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException cause && cause.getCause() != null) {
                throw cause.getCause();
            }
            throw e;
        }
    }
}
