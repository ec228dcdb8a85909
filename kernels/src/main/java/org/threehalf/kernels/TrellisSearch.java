package org.threehalf.kernels;

import java.util.Arrays;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import org.threehalf.kernels.reference.WeightQuantizer;

/**
 * Chooses the sub-scales and codes of a row in a format of windows by plain quantisation (REQ-QNT-014 to REQ-QNT-016):
 * shortest paths through the windows, exact in 64-bit integers.
 *
 * <p>A path goes from the window of input 0 to that of input 63. A window followed by input i's code shifted out, and
 * the next input's code shifted in, is the next window; the string closes where the bits that window 63 shares with
 * window 0 (the <b>seam</b>: 8 − odd width of them) are the same in both. A path with a given seam is found by the
 * Viterbi algorithm. Which seam is best is found by trying those that can be: a path that does not close costs no more
 * than one that does, so the least cost of open paths that begin, or end, with a seam bounds what the seam can give.
 *
 * <p>Not safe for use by several threads at once.
 */
final class TrellisSearch {
    private static final int STATES = 1 << FormatTraits.WINDOW_BITS;
    // A key is a cost, and below it the code that was shifted out: the least key is the least cost and, of equals, the
    // least window before.
    private static final int KEY_BITS = 4;
    // Above every sum of 64 squared distances, and far below 2⁶³ with a key's bits.
    private static final long NEVER = 1L << 50;

    private final FormatTraits traits;
    private final int largest;
    private final int seamBits;
    /** T[window], in the order of {@link #index} for the width at even and at odd inputs. */
    private final int[] evenOrder;

    private final int[] oddOrder;
    private final int[] byWindow = new int[STATES];
    private final long[] keys = new long[STATES];
    private final long[] least = new long[STATES];
    private final byte[][] shiftedOut = new byte[Format.BLOCK][32];
    private final long[] costs = new long[STATES];
    private final long[] nextCosts = new long[STATES];
    private final byte[] trial = new byte[Format.BLOCK];
    private final int[] targets = new int[Format.BLOCK];

    TrellisSearch(FormatTraits traits) {
        if (!traits.windowed()) {
            throw new IllegalArgumentException("a format of codes has no paths");
        }
        this.traits = traits;
        this.largest = traits.even().maxMagnitude();
        this.seamBits = FormatTraits.WINDOW_BITS - traits.oddBits();
        this.evenOrder = new int[STATES];
        this.oddOrder = new int[STATES];
        for (int window = 0; window < STATES; window++) {
            byWindow[window] = traits.even().value(window);
            evenOrder[index(window, traits.evenBits())] = byWindow[window];
            oddOrder[index(window, traits.oddBits())] = byWindow[window];
        }
    }

    /**
     * Where a window is kept: the code that it shifts out first, so that those which lead to the same windows are a
     * constant distance apart.
     */
    private static int index(int window, int bits) {
        return (window & (1 << bits) - 1) << FormatTraits.WINDOW_BITS - bits | window >> bits;
    }

    /**
     * Quantises a row's fixed-point weights.
     *
     * @param u K fixed-point weights (REQ-QNT-010)
     * @param codes where the K codes go
     * @param subscales where the ⌈K/64⌉ sub-scales go
     */
    void quantize(int[] u, byte[] codes, byte[] subscales) {
        for (int from = 0; from < u.length; from += Format.BLOCK) {
            int count = Math.min(Format.BLOCK, u.length - from);
            System.arraycopy(u, from, targets, 0, count);
            Arrays.fill(targets, count, Format.BLOCK, 0);
            long best = NEVER;
            for (int m : candidates(count)) {
                long cost = closed(m, count, best);
                if (cost < best) {
                    best = cost;
                    subscales[from / Format.BLOCK] = (byte) m;
                    System.arraycopy(trial, 0, codes, from, count);
                }
            }
        }
    }

    /** The sub-scales that are tried, rising (REQ-QNT-015). */
    private int[] candidates(int count) {
        long squares = 0;
        int magnitude = 0;
        for (int k = 0; k < count; k++) {
            squares += (long) targets[k] * targets[k];
            magnitude = Math.max(magnitude, Math.abs(targets[k]));
        }
        int unit = WeightQuantizer.FIXED_POINT * 8;
        int spread = 0;
        while (spread < Format.MAX_SUBSCALE && (long) unit * unit * (spread + 1) * (spread + 1) * count <= squares) {
            spread++;
        }
        int reach = 0;
        while (reach < Format.MAX_SUBSCALE && WeightQuantizer.FIXED_POINT * largest * reach < magnitude) {
            reach++;
        }
        return java.util.stream.IntStream.of(spread, Math.min(spread + 1, Format.MAX_SUBSCALE), reach)
                .distinct()
                .sorted()
                .toArray();
    }

    /**
     * The least cost of a closed path at a sub-scale, with its codes in {@link #trial}; something not below
     * {@code limit} if there is none below it.
     */
    private long closed(int m, int count, long limit) {
        int seams = 1 << seamBits;
        long[] bounds = new long[seams];
        backward(m, count);
        for (int seam = 0; seam < seams; seam++) {
            bounds[seam] = NEVER;
            for (int window = seam; window < STATES; window += seams) {
                bounds[seam] = Math.min(bounds[seam], costs[window]);
            }
        }
        forward(m, count, -1);
        for (int seam = 0; seam < seams; seam++) {
            bounds[seam] = Math.max(bounds[seam], leastEnd(seam) >> KEY_BITS);
        }
        byte[] bestCodes = new byte[Format.BLOCK];
        long best = limit;
        int bestSeam = -1;
        for (int tried = 0; tried < seams; tried++) {
            int seam = 0;
            for (int other = 1; other < seams; other++) {
                seam = bounds[other] < bounds[seam] ? other : seam;
            }
            long bound = bounds[seam];
            bounds[seam] = NEVER;
            if (bound > best || bound == best && (bestSeam < 0 || seam > bestSeam)) {
                if (bound > best) {
                    break;
                }
                continue;
            }
            forward(m, count, seam);
            long cost = leastEnd(seam) >> KEY_BITS;
            if (cost < best || cost == best && bestSeam >= 0 && seam < bestSeam) {
                best = cost;
                bestSeam = seam;
                trace(seam);
                System.arraycopy(trial, 0, bestCodes, 0, Format.BLOCK);
            }
        }
        System.arraycopy(bestCodes, 0, trial, 0, Format.BLOCK);
        return best;
    }

    /** The least key of the last input's windows that share a seam. */
    private long leastEnd(int seam) {
        long end = Long.MAX_VALUE;
        for (int low = 0; low < 1 << traits.oddBits(); low++) {
            end = Math.min(end, keys[low << seamBits | seam]);
        }
        return end;
    }

    /**
     * Costs of the paths up to each window of the last input, into {@link #keys} by {@link #index}; with {@code seam} ≥
     * 0, of those that begin with it.
     */
    private void forward(int m, int count, int seam) {
        int step = WeightQuantizer.FIXED_POINT * m;
        int evenBits = traits.evenBits();
        for (int window = 0; window < STATES; window++) {
            boolean taken = seam < 0 || (window & (1 << seamBits) - 1) == seam;
            long distance = targets[0] - (long) step * byWindow[window];
            keys[index(window, evenBits)] =
                    (taken ? distance * distance : NEVER) << KEY_BITS | window & (1 << evenBits) - 1;
        }
        for (int i = 1; i < Format.BLOCK; i++) {
            int before = traits.codeBits(i - 1);
            int bits = traits.codeBits(i);
            int paths = 1 << FormatTraits.WINDOW_BITS - before;
            System.arraycopy(keys, 0, least, 0, paths);
            for (int low = 1; low < 1 << before; low++) {
                int at = low * paths;
                for (int t = 0; t < paths; t++) {
                    least[t] = Math.min(least[t], keys[at + t]);
                }
            }
            byte[] out = shiftedOut[i - 1];
            int[] values = (i & 1) == 0 ? evenOrder : oddOrder;
            int stride = 1 << FormatTraits.WINDOW_BITS - before - bits;
            for (int t = 0; t < paths; t++) {
                out[t] = (byte) (least[t] & 15);
                long cost = least[t] >> KEY_BITS;
                int low = t & (1 << bits) - 1;
                int at = low << FormatTraits.WINDOW_BITS - bits | t >> bits;
                if (i >= count) {
                    // Codes past K are 0 and cost nothing.
                    for (int c = 0; c < 1 << before; c++) {
                        keys[at + c * stride] = (low == 0 ? cost : NEVER) << KEY_BITS | low;
                    }
                } else {
                    for (int c = 0; c < 1 << before; c++) {
                        long distance = targets[i] - (long) step * values[at + c * stride];
                        keys[at + c * stride] = cost + distance * distance << KEY_BITS | low;
                    }
                }
            }
        }
    }

    /**
     * The codes of the least path that {@link #forward} left, into {@link #trial}: of equals, the one with the least
     * last window, then the least window before it, and so on.
     */
    private void trace(int seam) {
        long end = leastEnd(seam);
        int odd = traits.oddBits();
        int window = seam << odd | (int) (end & 15);
        for (int i = Format.BLOCK - 1; ; i--) {
            trial[i] = (byte) (window & (1 << traits.codeBits(i)) - 1);
            if (i == 0) {
                return;
            }
            int before = traits.codeBits(i - 1);
            int shared = window & (1 << FormatTraits.WINDOW_BITS - before) - 1;
            window = shared << before | shiftedOut[i - 1][shared];
        }
    }

    /** Costs of the paths from each window of the first input on, open at the end, into {@link #costs} by window. */
    private void backward(int m, int count) {
        int step = WeightQuantizer.FIXED_POINT * m;
        Arrays.fill(costs, 0);
        for (int i = Format.BLOCK - 1; i >= 0; i--) {
            int bits = traits.codeBits(i);
            int shared = 1 << FormatTraits.WINDOW_BITS - bits;
            if (i < Format.BLOCK - 1) {
                for (int t = 0; t < shared; t++) {
                    long best = NEVER;
                    for (int c = 0; c < 1 << bits; c++) {
                        best = Math.min(best, costs[t | c << FormatTraits.WINDOW_BITS - bits]);
                    }
                    nextCosts[t] = best;
                }
            } else {
                Arrays.fill(nextCosts, 0, shared, 0);
            }
            for (int window = 0; window < STATES; window++) {
                long rest = nextCosts[window >> bits];
                if (i >= count) {
                    costs[window] = (window & (1 << bits) - 1) == 0 ? rest : NEVER;
                } else {
                    long distance = targets[i] - (long) step * byWindow[window];
                    costs[window] = Math.min(NEVER, rest + distance * distance);
                }
            }
        }
    }
}
