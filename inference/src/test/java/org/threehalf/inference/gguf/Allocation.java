package org.threehalf.inference.gguf;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures what the calling thread allocates on the heap; exact, and independent of time and of other threads. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /** Something that may throw. */
    @FunctionalInterface
    public interface Task<E extends Exception> {
        /** Runs it. */
        void run() throws E;
    }

    /** Bytes that the task allocated. */
    public static <E extends Exception> long of(Task<E> task) throws E {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        task.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
