package org.threehalf.cluster;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;

/**
 * Where a task runs.
 *
 * @param host its name, for messages
 * @param threads how many the task has: what the cluster gives it
 */
record Node(String host, int threads) {
    /** The name of where no task runs, for messages: "node …". */
    static final String DRIVER = "of the driver";

    /** Does work whose parallel streams run on the task's threads, which find our classes as the calling one does. */
    <T> T inPool(Callable<T> work) throws Exception {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        ForkJoinPool.ForkJoinWorkerThreadFactory factory = pool -> {
            var thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
            thread.setContextClassLoader(loader);
            return thread;
        };
        try (ForkJoinPool pool = new ForkJoinPool(threads, factory, null, false)) {
            return pool.submit(work).get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            // A ForkJoinTask wraps a checked exception once more.
            if (cause instanceof RuntimeException
                    && cause.getCause() instanceof Exception original
                    && cause.getMessage() != null
                    && cause.getMessage().equals(original.toString())) {
                cause = original;
            }
            switch (cause) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                default -> throw failed;
            }
        }
    }
}
