package org.threehalf.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each part of each task is run once, before {@link WorkerPool#run} returns; what it throws comes out. */
class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyPartIsRunOnce(int workers) {
        try (WorkerPool pool = new WorkerPool(workers)) {
            int[] runs = new int[workers];
            for (int round = 1; round <= 2_000; round++) {
                pool.run((worker, all) -> {
                    assertEquals(workers, all);
                    runs[worker]++;
                });
                int[] expected = new int[workers];
                Arrays.fill(expected, round);
                assertArrayEquals(expected, runs);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyItemIsRunOnce(int workers) {
        try (WorkerPool pool = new WorkerPool(workers)) {
            for (int n : new int[] {0, 1, 2, 7, 1_000}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(n);
                pool.forEach(n, runs::incrementAndGet);
                for (int i = 0; i < n; i++) {
                    assertEquals(1, runs.get(i), i + " of " + n);
                }
            }
            assertEquals(
                    "item 5",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> pool.forEach(9, i -> {
                                        if (i == 5) {
                                            throw new IllegalArgumentException("item " + i);
                                        }
                                    }))
                            .getMessage());
        }
    }

    /** Workers that have parked are woken: parts that wait for each other need a thread each. */
    @Test
    void parkedWorkersAreWoken() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(4)) {
            for (int round = 0; round < 5; round++) {
                Thread.sleep(20);
                CountDownLatch all = new CountDownLatch(4);
                pool.run((part, parts) -> {
                    all.countDown();
                    try {
                        assertTrue(all.await(30, TimeUnit.SECONDS), "a worker was not woken");
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
        }
    }

    /**
     * Short rounds on more threads than processors, so that workers are taken away at every place: none is lost, none
     * is run twice, and the results of a round are seen after it.
     */
    @Test
    void roundsFollowEachOtherWhileWorkersComeLate() {
        try (WorkerPool pool = new WorkerPool(4 * Runtime.getRuntime().availableProcessors())) {
            int[] runs = new int[pool.workers()];
            for (int round = 1; round <= 3_000; round++) {
                pool.run((part, parts) -> runs[part]++);
                for (int count : runs) {
                    assertEquals(round, count);
                }
            }
        }
    }

    /** The pool of no threads is the calling thread's, whichever that is; closing it changes nothing. */
    @Test
    void theCallersPoolServesSeveralThreadsAtOnce() throws InterruptedException {
        int[] sums = new int[2];
        CountDownLatch inside = new CountDownLatch(2);
        Thread[] threads = new Thread[2];
        for (int i = 0; i < threads.length; i++) {
            int own = i;
            threads[i] = Thread.ofPlatform()
                    .start(() -> WorkerPool.CALLER.run((part, parts) -> {
                        inside.countDown();
                        try {
                            // Both are in a task at once, and each runs its own.
                            if (inside.await(30, TimeUnit.SECONDS)) {
                                sums[own] += 10 * parts + part + own;
                            }
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
        }
        for (Thread thread : threads) {
            thread.join(60_000);
        }
        WorkerPool.CALLER.close();
        WorkerPool.CALLER.run((part, parts) -> sums[0]++);
        assertEquals(11, sums[0]);
        assertEquals(11, sums[1]);
    }

    /** A thread that is busy elsewhere is not waited for: its part is done by another. */
    @Test
    void theCallerTakesThePartsOfThoseThatDoNotCome() {
        try (WorkerPool pool = new WorkerPool(2)) {
            CountDownLatch rest = new CountDownLatch(9);
            // One thread is held in an item until the other has done all others.
            pool.forEach(10, item -> {
                if (item == 0) {
                    try {
                        assertTrue(rest.await(30, TimeUnit.SECONDS), "the other thread did not take the rest");
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                } else {
                    rest.countDown();
                }
            });
            assertEquals(0, rest.getCount());
        }
    }

    /** A caller that has waited longer than it spins is woken by the last worker. */
    @Test
    void waitingCallerIsWoken() {
        Thread caller = Thread.currentThread();
        try (WorkerPool pool = new WorkerPool(2)) {
            boolean[] done = new boolean[1];
            CountDownLatch both = new CountDownLatch(2);
            pool.run((part, parts) -> {
                both.countDown();
                try {
                    assertTrue(both.await(30, TimeUnit.SECONDS), "the other thread did not come");
                    if (Thread.currentThread() != caller) {
                        Thread.sleep(50);
                        done[0] = true;
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertTrue(done[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void failureOfAWorkerComesOut(int failing) {
        try (WorkerPool pool = new WorkerPool(3)) {
            IllegalArgumentException thrown = assertThrows(
                    IllegalArgumentException.class,
                    () -> pool.run((worker, all) -> {
                        if (worker == failing) {
                            throw new IllegalArgumentException("worker " + worker);
                        }
                    }));
            assertEquals("worker " + failing, thrown.getMessage());
            int[] runs = new int[3];
            pool.run((worker, all) -> runs[worker]++);
            assertArrayEquals(new int[] {1, 1, 1}, runs);
        }
    }

    @Test
    void closedPoolAndNoWorkersAreRefused() {
        WorkerPool pool = new WorkerPool(2);
        pool.close();
        assertThrows(IllegalStateException.class, () -> pool.run((worker, all) -> {}));
        assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
    }
}
