package org.threehalf.kernels.product;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A fixed set of platform threads that run one task together, again and again.
 *
 * <p>A decoder runs some hundred products a token, each of some tens of microseconds, so waking a parked thread for each would
 * cost as much as the product. A worker that has finished spins for the next task, and parks only after {@link #SPINS} turns
 * without one: between two tokens perhaps, not between two matrices. Running a task allocates nothing.
 *
 * <p>Not for use by several threads at once.
 */
public final class WorkerPool implements AutoCloseable {

    /** What every worker runs. */
    @FunctionalInterface
    public interface Task {
        /**
         * One worker's share.
         *
         * @param worker its number, from 0
         * @param workers how many there are
         */
        void run(int worker, int workers);
    }

    // Some 50 µs of x86 PAUSE: longer than the gap between two matrices of a layer, far shorter than a scheduler's time slice.
    private static final int SPINS = 2_000;

    private final Worker[] workers;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicInteger round = new AtomicInteger();
    private final AtomicInteger nextItem = new AtomicInteger();
    private volatile boolean closed;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable failure;
    // Written before `round` and read after it, so it needs no ordering of its own.
    private @Nullable Task task;

    /**
     * Starts the threads; the caller of {@link #run} is one of the workers.
     *
     * @param workers at least 1
     * @throws IllegalArgumentException if there are fewer
     */
    public WorkerPool(int workers) {
        if (workers < 1) {
            throw new IllegalArgumentException("a pool of " + workers + " workers: there must be at least 1");
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
     * Runs a task on every worker and returns when all have finished.
     *
     * @throws IllegalStateException if the pool is closed
     * @throws RuntimeException what a worker threw; one of them, if several did
     */
    public void run(Task next) {
        if (closed) {
            throw new IllegalStateException("the worker pool is closed");
        }
        task = next;
        failure = null;
        unfinished.set(workers.length);
        round.incrementAndGet();
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker.thread);
            }
        }
        share(next, 0);
        await();
        task = null;
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /**
     * Runs an action for 0 … n − 1, each taken by the first worker that is free, and returns when all are done. A single worker, or a single item, is run by the caller.
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
        nextItem.set(0);
        run((worker, all) -> {
            for (int i = nextItem.getAndIncrement(); i < n; i = nextItem.getAndIncrement()) {
                action.accept(i);
            }
        });
    }

    private void await() {
        for (int spin = 0; spin < SPINS; spin++) {
            if (unfinished.get() == 0) {
                return;
            }
            Thread.onSpinWait();
        }
        waiting = Thread.currentThread();
        while (unfinished.get() != 0) {
            LockSupport.park(this);
        }
        waiting = null;
    }

    private void share(Task next, int worker) {
        try {
            next.run(worker, workers());
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /** Ends the threads. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker.thread);
        }
    }

    private final class Worker implements Runnable {
        private final int number;
        private final Thread thread;
        private volatile boolean parked;

        Worker(int number) {
            this.number = number;
            this.thread = Thread.ofPlatform().daemon().name("threehalf-worker-" + number).unstarted(this);
        }

        @Override
        public void run() {
            int done = 0;
            while (awaitRound(done)) {
                done++;
                Task current = task;
                if (current == null) {
                    throw new AssertionError("a round without a task");
                }
                share(current, number);
                if (unfinished.decrementAndGet() == 0) {
                    Thread caller = waiting;
                    if (caller != null) {
                        LockSupport.unpark(caller);
                    }
                }
            }
        }

        /** Waits for a round after the given one; false when the pool is closed. */
        private boolean awaitRound(int done) {
            for (int spin = 0; spin < SPINS; spin++) {
                if (round.get() != done) {
                    return true;
                }
                Thread.onSpinWait();
            }
            // Announce first, look again after: the caller counts the round first and looks for parked workers after.
            parked = true;
            while (round.get() == done && !closed) {
                LockSupport.park(WorkerPool.this);
            }
            parked = false;
            return round.get() != done;
        }
    }
}
