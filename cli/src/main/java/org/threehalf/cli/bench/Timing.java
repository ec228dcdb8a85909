package org.threehalf.cli.bench;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Times of repeated runs, in nanoseconds of wall clock.
 *
 * @param min the shortest
 * @param low the 10th percentile
 * @param median the median: what figures are derived from
 * @param high the 90th percentile
 * @param runs how many were timed
 */
public record Timing(double min, double low, double median, double high, int runs) {

    private static final int MOST_RUNS = 20_000;

    /**
     * Runs something until a time is used up, at least five times.
     *
     * @param run told the number of the run, from 0
     * @param warmUpNanos how long it runs before it is timed
     * @param nanos how long it is timed
     */
    static Timing of(IntConsumer run, long warmUpNanos, long nanos) {
        int number = 0;
        long start = System.nanoTime();
        do {
            run.accept(number++);
        } while (System.nanoTime() - start < warmUpNanos);
        double[] times = new double[MOST_RUNS];
        int runs = 0;
        start = System.nanoTime();
        long now = start;
        while (runs < MOST_RUNS && (runs < 5 || now - start < nanos)) {
            long before = System.nanoTime();
            run.accept(number++);
            now = System.nanoTime();
            times[runs++] = now - before;
        }
        double[] sorted = Arrays.copyOf(times, runs);
        Arrays.sort(sorted);
        return new Timing(sorted[0], at(sorted, 0.1), at(sorted, 0.5), at(sorted, 0.9), runs);
    }

    /**
     * Runs something until its best time no longer falls: until it is compiled, that is. Gives up after a hundred
     * windows.
     *
     * @param windowNanos how long it is watched before it is compared; at least two runs
     */
    static void warmUp(IntConsumer run, long windowNanos) {
        double best = Double.MAX_VALUE;
        int number = 0;
        int steady = 0;
        for (int window = 0; window < 100 && steady < 3; window++) {
            double least = Double.MAX_VALUE;
            long start = System.nanoTime();
            long now = start;
            for (int i = 0; i < 2 || now - start < windowNanos; i++) {
                long before = System.nanoTime();
                run.accept(number++);
                now = System.nanoTime();
                least = Math.min(least, now - before);
            }
            steady = least > 0.9 * best ? steady + 1 : 0;
            best = Math.min(best, least);
        }
    }

    private static double at(double[] sorted, double part) {
        return sorted[(int) Math.round(part * (sorted.length - 1))];
    }

    /** The times of something larger by a factor. */
    Timing times(double factor) {
        return new Timing(min * factor, low * factor, median * factor, high * factor, runs);
    }

    /** The times of one after the other; the number of runs is the smaller one. */
    Timing plus(Timing other) {
        return new Timing(
                min + other.min,
                low + other.low,
                median + other.median,
                high + other.high,
                runs == 0 ? other.runs : Math.min(runs, other.runs));
    }

    /** Of nothing. */
    static Timing zero() {
        return new Timing(0, 0, 0, 0, 0);
    }
}
