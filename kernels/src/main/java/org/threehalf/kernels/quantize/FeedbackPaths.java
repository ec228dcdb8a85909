package org.threehalf.kernels.quantize;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * Shortest paths through the windows of a block in a format of windows, where each path carries its own error feedback
 * (REQ-FMT-009; {@link DampedHessian}).
 *
 * <p>After input i only the bits that the next window shares with this one matter: 16 or 32 paths survive, one for each
 * value of them, with what the remaining inputs of the block should hold after that path's errors. The string is closed
 * in two passes: the first gives the bits at the seam, which the second takes as given.
 *
 * <p>Binary64 in a fixed order. Not safe for use by several threads at once.
 */
final class FeedbackPaths {
    private static final int BLOCK = Format.BLOCK;
    private static final int MOST_PATHS = 32;

    private final FormatTraits traits;
    private static final int WINDOWS = 1 << FormatTraits.WINDOW_BITS;
    /** Lanes are paths; a path's codes are tried one after the other, so that the number of lanes changes no bit. */
    private static final VectorSpecies<Double> LANES =
            VectorSpecies.of(double.class, VectorShape.forBitSize(VectorSupport.bits()));

    private final double[] table = new double[WINDOWS];
    /** The table in units of the weights. */
    private final double[] values = new double[WINDOWS];
    /** The same for even and odd inputs, all paths of a code side by side. */
    private final double[][] byCode = new double[2][WINDOWS];
    /**
     * What stands before the windows of a code, for as many paths as lanes: cost and target of the state that they
     * share bits with.
     */
    private final double[] codeCosts = new double[16 * LANES.length() * 2];

    private final double[] codeTargets = new double[16 * LANES.length() * 2];
    private final double[] bestCodes = new double[MOST_PATHS];
    /** What the input should hold, by the bits that its window shares with the one before. */
    private final double[] wanted = new double[MOST_PATHS];

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
     * The bits that windows 0 and 63 should share: those of the open path without feedback that begins and ends in the
     * middle of the block, so that both its ends are far from the seam.
     *
     * @param targets as in {@link #find}
     */
    int seam(double[] targets, int from, int count, double step, DampedHessian hessian) {
        int middle = BLOCK / 2;
        scale(step);
        for (int j = 0; j < BLOCK; j++) {
            int i = (j + middle) % BLOCK;
            int bits = traits.codeBits(i);
            int shared = (1 << FormatTraits.WINDOW_BITS - traits.codeBits(i + 1)) - 1;
            double weight = i < count ? hessian.weight(from + i) : 0;
            double target = i < count ? targets[from + i] : 0;
            int codes = i < count ? 1 << bits : 1;
            if (j == 0) {
                Arrays.fill(costs, 0);
            }
            Arrays.fill(wanted, target);
            step(i, shared, codes, weight);
            double[] swap = costs;
            costs = nextCosts;
            nextCosts = swap;
        }
        int path = 0;
        for (int other = 1; other < 1 << FormatTraits.WINDOW_BITS - traits.codeBits(middle - 1); other++) {
            path = costs[other] < costs[path] ? other : path;
        }
        int window = 0;
        for (int i = middle - 1; i >= 0; i--) {
            window = path << traits.codeBits(i) | chosen[i][path];
            path = window & (1 << FormatTraits.WINDOW_BITS - traits.codeBits(i + 1)) - 1;
        }
        return window & (1 << FormatTraits.WINDOW_BITS - traits.oddBits()) - 1;
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
        scale(step);
        for (int i = 0; i < BLOCK; i++) {
            int bits = traits.codeBits(i);
            int shared = (1 << FormatTraits.WINDOW_BITS - (i == 0 ? traits.oddBits() : traits.codeBits(i - 1))) - 1;
            int paths = 1 << FormatTraits.WINDOW_BITS - bits;
            double weight = i < count ? hessian.weight(from + i) : 0;
            int codes = i < count ? 1 << bits : 1;
            if (i == 0) {
                // Windows 63 and 0 share the bits of the seam.
                Arrays.fill(costs, Double.POSITIVE_INFINITY);
                costs[seam] = 0;
                Arrays.fill(wanted, targets[from]);
            } else {
                for (int state = 0; state <= shared; state++) {
                    wanted[state] = rest[state][i];
                }
            }
            step(i, shared, codes, weight);
            for (int path = 0; path < paths; path++) {
                if (i < count - 1 && nextCosts[path] < Double.POSITIVE_INFINITY) {
                    int window = path << bits | chosen[i][path];
                    double missed = weights[from + i] - values[window];
                    double[] feedback = hessian.feedback(from + i);
                    double[] old = i == 0 ? null : rest[window & shared];
                    double[] next = nextRest[path];
                    if (old == null) {
                        for (int k = 1; k < count; k++) {
                            next[k] = targets[from + k] + missed * feedback[k];
                        }
                    } else {
                        for (int k = i + 1; k < count; k++) {
                            next[k] = old[k] + missed * feedback[k - i];
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
            path = i == 0 ? 0 : windows[i] & (1 << FormatTraits.WINDOW_BITS - traits.codeBits(i - 1)) - 1;
        }
        return error;
    }

    private void scale(double step) {
        for (int window = 0; window < WINDOWS; window++) {
            values[window] = step * table[window];
        }
        for (int i = 0; i < 2; i++) {
            int bits = traits.codeBits(i);
            int paths = 1 << FormatTraits.WINDOW_BITS - bits;
            for (int window = 0; window < WINDOWS; window++) {
                byCode[i][(window & (1 << bits) - 1) * paths + (window >> bits)] = values[window];
            }
        }
    }

    /**
     * For each path after input i the first of its codes that costs least, from {@link #costs} and {@link #wanted} of
     * the states before.
     */
    private void step(int i, int shared, int codes, double weight) {
        int bits = traits.codeBits(i);
        int paths = 1 << FormatTraits.WINDOW_BITS - bits;
        // The state before a window repeats after so many paths.
        int period = Math.max(LANES.length(), shared + 1 >> bits);
        for (int code = 0; code < codes; code++) {
            for (int path = 0; path < period; path++) {
                int state = (path << bits | code) & shared;
                codeCosts[code * period + path] = costs[state];
                codeTargets[code * period + path] = wanted[state];
            }
        }
        double[] value = byCode[i & 1];
        for (int path = 0; path < paths; path += LANES.length()) {
            DoubleVector least = DoubleVector.broadcast(LANES, Double.POSITIVE_INFINITY);
            DoubleVector best = DoubleVector.zero(LANES);
            int before = path & period - 1;
            for (int code = 0; code < codes; code++) {
                DoubleVector difference = DoubleVector.fromArray(LANES, codeTargets, code * period + before)
                        .sub(DoubleVector.fromArray(LANES, value, code * paths + path));
                DoubleVector cost = DoubleVector.fromArray(LANES, codeCosts, code * period + before)
                        .add(difference.mul(weight).mul(difference));
                VectorMask<Double> less = cost.lt(least);
                least = least.blend(cost, less);
                best = best.blend(code, less);
            }
            least.intoArray(nextCosts, path);
            best.intoArray(bestCodes, path);
        }
        for (int path = 0; path < paths; path++) {
            chosen[i][path] = (byte) bestCodes[path];
        }
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
