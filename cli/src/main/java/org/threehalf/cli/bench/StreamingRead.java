package org.threehalf.cli.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.threehalf.kernels.product.WorkerPool;

/**
 * The bandwidth at which memory can be read in order: the sum of a ring's bytes as long integers, each thread a part of
 * its own.
 */
final class StreamingRead {

    private static final int UNROLL = 8 * Long.BYTES;

    private StreamingRead() {}

    /**
     * Reads a ring again and again.
     *
     * @return the times of reading it once
     */
    static Timing measure(Ring ring, WorkerPool pool, long nanos) {
        long[] sums = new long[16 * pool.workers()];
        MemorySegment memory = ring.memory();
        long lines = memory.byteSize() / UNROLL;
        WorkerPool.Task task = (worker, workers) -> sums[16 * worker] +=
                sum(memory, lines * worker / workers * UNROLL, lines * (worker + 1) / workers * UNROLL);
        Timing timing = Timing.of(run -> pool.run(task), nanos / 2, nanos);
        if (sums[0] == 42) {
            // The sum is used, so that reading cannot be left out.
            throw new AssertionError("a sum of random numbers of 42");
        }
        return timing;
    }

    private static long sum(MemorySegment memory, long from, long to) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (long at = from; at < to; at += UNROLL) {
            a += memory.get(ValueLayout.JAVA_LONG, at) + memory.get(ValueLayout.JAVA_LONG, at + 32);
            b += memory.get(ValueLayout.JAVA_LONG, at + 8) + memory.get(ValueLayout.JAVA_LONG, at + 40);
            c += memory.get(ValueLayout.JAVA_LONG, at + 16) + memory.get(ValueLayout.JAVA_LONG, at + 48);
            d += memory.get(ValueLayout.JAVA_LONG, at + 24) + memory.get(ValueLayout.JAVA_LONG, at + 56);
        }
        return a + b + c + d;
    }
}
