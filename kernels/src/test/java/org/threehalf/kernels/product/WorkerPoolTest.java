package org.threehalf.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each worker runs each task once, before {@link WorkerPool#run} returns; what it throws comes out. */
class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyWorkerRunsEveryTaskOnce(int workers) {
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
                    assertThrows(IllegalArgumentException.class, () -> pool.forEach(9, i -> {
                        if (i == 5) {
                            throw new IllegalArgumentException("item " + i);
                        }
                    })).getMessage());
        }
    }

    /** Workers that have parked are woken. */
    @Test
    void parkedWorkersAreWoken() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(4)) {
            int[] runs = new int[4];
            for (int round = 0; round < 5; round++) {
                Thread.sleep(20);
                pool.run((worker, all) -> runs[worker]++);
            }
            assertArrayEquals(new int[] {5, 5, 5, 5}, runs);
        }
    }

    /** A caller that has waited longer than it spins is woken by the last worker. */
    @Test
    void waitingCallerIsWoken() {
        try (WorkerPool pool = new WorkerPool(2)) {
            boolean[] done = new boolean[1];
            pool.run((worker, all) -> {
                if (worker == 1) {
                    try {
                        Thread.sleep(50);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    done[0] = true;
                }
            });
            assertEquals(true, done[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void failureOfAWorkerComesOut(int failing) {
        try (WorkerPool pool = new WorkerPool(3)) {
            IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, () -> pool.run((worker, all) -> {
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
