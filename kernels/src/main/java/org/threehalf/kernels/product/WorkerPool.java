package org.threehalf.kernels.product;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A fixed set of platform threads that run one task together, again and again.
 *
 * <p>A decoder runs some hundred products a token, each of some tens of microseconds, so waking a parked thread for
 * each would cost as much as the product. A worker that has finished spins for the next task, and parks only after
 * {@link #SPINS} turns without one: between two tokens perhaps, not between two matrices. Running a task allocates
 * nothing.
 *
 * <p>A task's parts are taken by the threads that are running. Where other work takes a processor away for some
 * milliseconds, the caller does not wait for a thread that has not begun: it does that thread's part itself.
 *
 * <p>Not for use by several threads at once, but for {@link #CALLER}.
 */
public final class WorkerPool implements AutoCloseable {

    /** What is divided among the workers. */
    @FunctionalInterface
    public interface Task {
        /**
         * One part, run once, by one of the threads.
         *
         * @param part its number, from 0
         * @param parts how many there are
         */
        void run(int part, int parts);
    }

    /**
     * No threads but the caller's. It keeps no state: any number of threads may use it at once, and closing it does
     * nothing.
     */
    public static final WorkerPool CALLER = new WorkerPool(1);

    // Some 50 µs of x86 PAUSE: longer than the gap between two matrices of a layer, far shorter than a scheduler's time
    // slice.
    private static final int SPINS = 2_000;

    // The state: a round's number, whether it is open to workers, and how many are in it. Fields of a round are written
    // before it is opened and after all have left it.
    private static final int ROUND_SHIFT = 16;
    private static final long OPEN = 1 << ROUND_SHIFT - 1;
    private static final long INSIDE = OPEN - 1;
    private static final int MOST_WORKERS = (int) INSIDE;

    private final Worker[] workers;
    private final AtomicLong state = new AtomicLong();
    private final AtomicInteger nextPart = new AtomicInteger();
    private volatile boolean closed;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable failure;
    private @Nullable Task task;
    private int parts;

    /**
     * Starts the threads; the caller of {@link #run} is one of the workers.
     *
     * @param workers at least 1
     * @throws IllegalArgumentException if there are fewer, or more than 32,767
     */
    public WorkerPool(int workers) {
        if (workers < 1 || workers > MOST_WORKERS) {
            throw new IllegalArgumentException(
                    "a pool of %d workers: there must be 1 to %,d".formatted(workers, MOST_WORKERS));
        }
        this.workers = new Worker[workers - 1];
        for (int i = 0; i < this.workers.length; i++) {
            this.workers[i] = new Worker(i + 1);
        }
        for (Worker worker : this.workers) {
            worker.thread.start();
        }
    }

    /** The number of workers, with the calling thread. */
    public int workers() {
        return workers.length + 1;
    }

    /**
     * Runs a task in as many parts as there are workers and returns when all are done.
     *
     * @throws IllegalStateException if the pool is closed
     * @throws RuntimeException what a part threw; one of them, if several did. Some parts may not have been run then
     */
    public void run(Task next) {
        run(workers(), next);
    }

    /**
     * Runs an action for 0 … n − 1, each taken by the first worker that is free, and returns when all are done. A
     * single worker, or a single item, is run by the caller.
     *
     * @throws RuntimeException what an action threw; one of them, if several did
     */
    public void forEach(int n, IntConsumer action) {
        if (n == 1 || workers.length == 0) {
            for (int i = 0; i < n; i++) {
                action.accept(i);
            }
            return;
        }
        run(n, (item, all) -> action.accept(item));
    }

    private void run(int count, Task next) {
        if (closed) {
            throw new IllegalStateException("the worker pool is closed");
        }
        if (workers.length == 0) {
            for (int i = 0; i < count; i++) {
                next.run(i, count);
            }
            return;
        }
        task = next;
        parts = count;
        failure = null;
        nextPart.set(0);
        state.set((state.get() >>> ROUND_SHIFT) + 1 << ROUND_SHIFT | OPEN);
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker.thread);
            }
        }
        takeParts(next, count);
        state.addAndGet(-OPEN);
        await();
        task = null;
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void takeParts(Task next, int count) {
        try {
            for (int i = nextPart.getAndIncrement(); i < count; i = nextPart.getAndIncrement()) {
                next.run(i, count);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private boolean someAreInside() {
        return (state.get() & INSIDE) != 0;
    }

    private void await() {
        for (int spin = 0; spin < SPINS; spin++) {
            if (!someAreInside()) {
                return;
            }
            Thread.onSpinWait();
        }
        waiting = Thread.currentThread();
        while (someAreInside()) {
            LockSupport.park(this);
        }
        waiting = null;
    }

    /** Ends the threads. */
    @Override
    public void close() {
        if (this == CALLER) {
            return;
        }
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker.thread);
        }
    }

    private final class Worker implements Runnable {
        private final Thread thread;
        private volatile boolean parked;
        /** The last round that it was in, or came too late for. */
        private long seen;

        Worker(int number) {
            this.thread = Thread.ofPlatform()
                    .daemon()
                    .name("threehalf-worker-" + number)
                    .unstarted(this);
        }

        @Override
        public void run() {
            while (enterRound()) {
                Task current = task;
                if (current == null) {
                    throw new AssertionError("a round without a task");
                }
                takeParts(current, parts);
                // The last one out wakes a caller that has gone to sleep; as long as the round is open, it has not.
                if ((state.decrementAndGet() & (OPEN | INSIDE)) == 0) {
                    Thread caller = waiting;
                    if (caller != null) {
                        LockSupport.unpark(caller);
                    }
                }
            }
        }

        /** Waits for an open round after the last one that it saw, and enters it; false when the pool is closed. */
        private boolean enterRound() {
            while (!closed) {
                for (int spin = 0; spin < SPINS; spin++) {
                    long now = state.get();
                    if (now >>> ROUND_SHIFT != seen) {
                        if ((now & OPEN) == 0) {
                            seen = now >>> ROUND_SHIFT;
                        } else if (state.compareAndSet(now, now + 1)) {
                            seen = now >>> ROUND_SHIFT;
                            return true;
                        }
                    }
                    Thread.onSpinWait();
                }
                // Announce first, look again after: the caller opens the round first and looks for parked workers
                // after.
                parked = true;
                while (state.get() >>> ROUND_SHIFT == seen && !closed) {
                    LockSupport.park(WorkerPool.this);
                }
                parked = false;
            }
            return false;
        }
    }
}
