package org.threehalf.kernels.quantize;

import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * Shortest paths through the windows of a block in a format of windows, where each path carries its own error feedback (REQ-FMT-009; {@link DampedHessian}).
 *
 * <p>After input i only the bits that the next window shares with this one matter: 16 or 32 paths survive, one for each value of them, with what the remaining inputs of the block should hold after
 * that path's errors. The string is closed in two passes: the first gives the bits at the seam, which the second takes as given.
 *
 * <p>Binary64 in a fixed order. Not safe for use by several threads at once.
 */
final class FeedbackPaths {
    private static final int BLOCK = Format.BLOCK;
    private static final int MOST_PATHS = 32;

    private final FormatTraits traits;
    private final double[] table = new double[256];
    private final byte[][] chosen = new byte[BLOCK][MOST_PATHS];
    private double[][] rest = new double[MOST_PATHS][BLOCK];
    private double[][] nextRest = new double[MOST_PATHS][BLOCK];
    private double[] costs = new double[MOST_PATHS];
    private double[] nextCosts = new double[MOST_PATHS];
    private final int[] windows = new int[BLOCK];

    FeedbackPaths(FormatTraits traits) {
        this.traits = traits;
        for (int window = 0; window < table.length; window++) {
            table[window] = traits.even().value(window);
        }
    }

    /** T of the input's window on the path that was found last. */
    double integer(int i) {
        return table[windows[i]];
    }

    /** The code of the input on the path that was found last. */
    byte code(int i) {
        return (byte) (windows[i] & (1 << traits.codeBits(i)) - 1);
    }

    /**
     * The bits that windows 0 and 63 should share: those of the open path without feedback that begins and ends in the middle of the block, so that both its ends are far from the seam.
     *
     * @param targets as in {@link #find}
     */
    int seam(double[] targets, int from, int count, double step, DampedHessian hessian) {
        int middle = BLOCK / 2;
        for (int j = 0; j < BLOCK; j++) {
            int i = (j + middle) % BLOCK;
            int bits = traits.codeBits(i);
            int shared = (1 << 8 - traits.codeBits(i + 1)) - 1;
            double weight = i < count ? hessian.weight(from + i) : 0;
            double target = i < count ? targets[from + i] : 0;
            for (int path = 0; path < 1 << 8 - bits; path++) {
                double least = Double.POSITIVE_INFINITY;
                int best = 0;
                for (int code = 0; code < (i < count ? 1 << bits : 1); code++) {
                    int window = path << bits | code;
                    double difference = target - step * table[window];
                    double cost = (j == 0 ? 0 : costs[window & shared]) + weight * difference * difference;
                    if (cost < least) {
                        least = cost;
                        best = code;
                    }
                }
                nextCosts[path] = least;
                chosen[i][path] = (byte) best;
            }
            double[] swap = costs;
            costs = nextCosts;
            nextCosts = swap;
        }
        int path = 0;
        for (int other = 1; other < 1 << 8 - traits.codeBits(middle - 1); other++) {
            path = costs[other] < costs[path] ? other : path;
        }
        int window = 0;
        for (int i = middle - 1; i >= 0; i--) {
            window = path << traits.codeBits(i) | chosen[i][path];
            path = window & (1 << 8 - traits.codeBits(i + 1)) - 1;
        }
        return window & (1 << 8 - traits.oddBits()) - 1;
    }

    /**
     * Finds a path.
     *
     * @param targets what the inputs should hold after the errors of all blocks before
     * @param weights the row's weights
     * @param from the block's first input
     * @param count the block's inputs below K
     * @param step what a table's 1 stands for
     * @param seam the bits with which the string begins and ends
     * @return its error: Σ D_k·(t_k − ŵ_k)²
     */
    double find(double[] targets, float[] weights, int from, int count, double step, DampedHessian hessian, int seam) {
        int last = BLOCK - 1;
        for (int i = 0; i < BLOCK; i++) {
            int bits = traits.codeBits(i);
            int before = i == 0 ? 0 : traits.codeBits(i - 1);
            int shared = (1 << 8 - before) - 1;
            int paths = 1 << 8 - bits;
            double weight = i < count ? hessian.weight(from + i) : 0;
            for (int path = 0; path < paths; path++) {
                double least = Double.POSITIVE_INFINITY;
                int best = 0;
                for (int code = 0; code < (i < count ? 1 << bits : 1); code++) {
                    int window = path << bits | code;
                    double cost;
                    double target;
                    if (i == 0) {
                        cost = (window & (1 << 8 - traits.oddBits()) - 1) == seam ? 0 : Double.POSITIVE_INFINITY;
                        target = targets[from];
                    } else {
                        cost = costs[window & shared];
                        target = rest[window & shared][i];
                    }
                    double difference = target - step * table[window];
                    cost += weight * difference * difference;
                    if (cost < least) {
                        least = cost;
                        best = code;
                    }
                }
                nextCosts[path] = least;
                chosen[i][path] = (byte) best;
                if (i < count - 1 && least < Double.POSITIVE_INFINITY) {
                    int window = path << bits | best;
                    double missed = weights[from + i] - step * table[window];
                    double[] feedback = hessian.feedback(from + i);
                    double[] old = i == 0 ? null : rest[window & shared];
                    double[] next = nextRest[path];
                    if (old == null) {
                        for (int k = 1; k < count; k++) {
                            next[k] = targets[from + k] + missed * feedback[from + k];
                        }
                    } else {
                        for (int k = i + 1; k < count; k++) {
                            next[k] = old[k] + missed * feedback[from + k];
                        }
                    }
                }
            }
            double[] swap = costs;
            costs = nextCosts;
            nextCosts = swap;
            double[][] swapRest = rest;
            rest = nextRest;
            nextRest = swapRest;
        }
        // What is left of window 63 without its own code are the bits that it shares with window 0.
        double error = costs[seam];
        int path = seam;
        for (int i = last; i >= 0; i--) {
            int bits = traits.codeBits(i);
            windows[i] = path << bits | chosen[i][path];
            path = i == 0 ? 0 : windows[i] & (1 << 8 - traits.codeBits(i - 1)) - 1;
        }
        return error;
    }

    /** The windows of the path that was found last. */
    int[] windows() {
        return windows.clone();
    }

    /** Goes back to a path of {@link #windows}. */
    void restore(int[] path) {
        System.arraycopy(path, 0, windows, 0, BLOCK);
    }
}
