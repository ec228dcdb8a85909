package org.threehalf.backends.llvm;

import java.util.Arrays;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Value;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.FormatTraits;

/**
 * TW (REQ-FMT-010) for machine code: as a table of its half, and as what a processor without look-ups in 128 bytes
 * computes. With i = (97·w + 48) mod 256 − 128, the quantile's number counted from the middle, TW[w] = F(i) where i ≥
 * 0, and −F(−1 − i) where it is negative.
 *
 * <pre>
 * i = w + C[w mod 16] (mod 256)                    as 96·w mod 256 depends on w mod 8 only
 * F(j) = ⌊x / 8⌋ mod 16 + (0 if x ≥ 128, else E[x])   with x = j + G[⌊j/8⌋] (mod 256)
 * </pre>
 *
 * <p>Below j = 112 F has at most one step in eight numbers; G is such that x ≥ 128 there, and x = j − 112 behind. That
 * all this is TW, for each of the 256 windows, is checked when it is made.
 */
final class WindowTable {
    private static final int WINDOWS = 1 << FormatTraits.WINDOW_BITS;
    private static final int HALF = 128;
    /** Bytes of a table that a byte shuffle looks up. */
    private static final int SMALL = 16;
    /** Numbers a step of the piecewise form. */
    private static final int STEP = 8;
    /** The first number of those with a table of their own. */
    private static final int TAIL = HALF - SMALL;
    /** The values of the piecewise form are less. */
    private static final int MOST = 16;

    private final byte[] values;
    private final byte[] quantiles = new byte[SMALL];
    private final byte[] steps = new byte[SMALL];
    private final byte[] tail = new byte[SMALL];

    /**
     * The forms of a table.
     *
     * @throws IllegalArgumentException if it has not the form above
     */
    WindowTable(Codebook codebook) {
        values = codebook.toArray();
        if (values.length != WINDOWS) {
            throw new IllegalArgumentException(codebook + " is no table of windows");
        }
        for (int w = 0; w < SMALL; w++) {
            quantiles[w] = (byte) (96 * w + 48 - HALF);
        }
        int[] magnitudes = new int[HALF];
        for (int w = 0; w < WINDOWS; w++) {
            int i = number(w);
            if (i >= 0) {
                magnitudes[i] = values[w];
            }
        }
        for (int s = 0; s < SMALL; s++) {
            steps[s] = STEP * s < TAIL ? step(magnitudes, STEP * s) : (byte) -TAIL;
            tail[s] = (byte) (magnitudes[TAIL + s] - s / STEP);
        }
        for (int w = 0; w < WINDOWS; w++) {
            int i = number(w);
            int j = i < 0 ? -1 - i : i;
            int x = j + steps[j / STEP] & 0xff;
            int magnitude = x / STEP % MOST + (x >= HALF ? 0 : tail[x % SMALL]);
            if (values[w] != (i < 0 ? -magnitude : magnitude)) {
                throw new IllegalArgumentException("%s: window %d has no such form".formatted(codebook, w));
            }
        }
    }

    /** i of a window. */
    private byte number(int w) {
        return (byte) (w + quantiles[w % SMALL]);
    }

    /** G of eight numbers. */
    private static byte step(int[] magnitudes, int from) {
        for (int g = Byte.MIN_VALUE; g <= Byte.MAX_VALUE; g++) {
            boolean fits = true;
            for (int j = from; j < from + STEP; j++) {
                int x = j + g & 0xff;
                fits &= x >= HALF && x / STEP % MOST == magnitudes[j];
            }
            if (fits) {
                return (byte) g;
            }
        }
        throw new IllegalArgumentException("more than one step from number %d on".formatted(from));
    }

    /** Entries of the table, a vector of constants of as many bytes, each with the bias added. */
    Value entries(int from, int count, int bias) {
        byte[] biased = Arrays.copyOfRange(values, from, from + count);
        for (int w = 0; w < count; w++) {
            biased[w] += (byte) bias;
        }
        return Value.bytes(count, biased);
    }

    /** i of windows. */
    Value numbers(X86Instructions instructions, Function f, Value windows) {
        return f.add(windows, instructions.lookup(f, Value.bytes(instructions.width(), quantiles), windows));
    }

    /** F of numbers from 0 to 127. */
    Value magnitudes(X86Instructions instructions, Function f, Value numbers) {
        int width = instructions.width();
        Value stepped = f.add(
                numbers,
                instructions.shuffleBytes(
                        f, Value.bytes(width, steps), instructions.shiftedBits(f, numbers, -3, SMALL - 1)));
        Value central = instructions.shiftedBits(f, stepped, -3, MOST - 1);
        return f.add(central, instructions.shuffleBytes(f, Value.bytes(width, tail), stepped));
    }
}
