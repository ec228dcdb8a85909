package org.threehalf.conformance.oracle;

import java.util.stream.IntStream;

/**
 * The codes of a block of a T format by the text of REQ-QNT-014 to REQ-QNT-016: every seam of the string is tried, and
 * in each the shortest path is found, window by window. Slow and plain.
 */
final class PathOracle {
    private final Oracle format;

    PathOracle(Oracle format) {
        this.format = format;
    }

    /** Puts a block's codes where they belong and gives its sub-scale. */
    int quantize(int[] u, byte[] codes, int from) {
        long squares = IntStream.of(u).mapToLong(x -> (long) x * x).sum();
        int largest = IntStream.of(u).map(Math::abs).max().orElseThrow();
        int spread = IntStream.rangeClosed(0, 15)
                .filter(m -> 262144L * m * m * u.length <= squares)
                .max()
                .orElseThrow();
        int reach = IntStream.range(0, 15)
                .filter(m -> 1472 * m >= largest)
                .findFirst()
                .orElse(15);
        long least = Long.MAX_VALUE;
        int best = 0;
        for (int m :
                IntStream.of(spread, Math.min(spread + 1, 15), reach).sorted().toArray()) {
            for (int seam = 0; seam < 1 << 8 - format.oddBits(); seam++) {
                int[] windows = new int[64];
                long error = shortest(u, m, seam, windows);
                if (error < least) {
                    least = error;
                    best = m;
                    for (int i = 0; i < u.length; i++) {
                        codes[from + i] = (byte) (windows[i] % (1 << format.width(i)));
                    }
                }
            }
        }
        return best;
    }

    /**
     * The least E(m) of the strings that begin with a seam, and their first windows by the order of REQ-QNT-014;
     * Long.MAX_VALUE if there are none.
     */
    private long shortest(int[] u, int m, int seam, int[] windows) {
        long[][] errors = new long[64][256];
        for (int i = 0; i < 64; i++) {
            for (int window = 0; window < 256; window++) {
                long error = i == 0
                        ? window % (1 << 8 - format.oddBits()) == seam ? 0 : -1
                        : before(errors[i - 1], i, window);
                if (error < 0 || i >= u.length && window % (1 << format.width(i)) != 0) {
                    errors[i][window] = -1;
                } else {
                    long distance = i < u.length ? u[i] - 64L * m * format.evenTable()[window] : 0;
                    errors[i][window] = error + distance * distance;
                }
            }
        }
        long least = Long.MAX_VALUE;
        for (int window = 0; window < 256; window++) {
            if (window >> format.oddBits() == seam && errors[63][window] >= 0 && errors[63][window] < least) {
                least = errors[63][window];
                windows[63] = window;
            }
        }
        for (int i = 62; least < Long.MAX_VALUE && i >= 0; i--) {
            long error = before(errors[i], i + 1, windows[i + 1]);
            for (int code = (1 << format.width(i)) - 1; code >= 0; code--) {
                int window = standsBefore(code, i + 1, windows[i + 1]);
                windows[i] = errors[i][window] == error ? window : windows[i];
            }
        }
        return least;
    }

    /**
     * The window with a code that can stand before the one of input {@code i}: without its code it is the other's low
     * bits.
     */
    private int standsBefore(int code, int i, int window) {
        int width = format.width(i - 1);
        return window % (1 << 8 - width) << width | code;
    }

    /** The least error of the windows before one; -1 if there is none. */
    private long before(long[] errors, int i, int window) {
        long least = -1;
        for (int code = 0; code < 1 << format.width(i - 1); code++) {
            long error = errors[standsBefore(code, i, window)];
            if (error >= 0 && (least < 0 || error < least)) {
                least = error;
            }
        }
        return least;
    }
}
