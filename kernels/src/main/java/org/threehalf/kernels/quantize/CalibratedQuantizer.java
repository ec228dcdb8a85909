package org.threehalf.kernels.quantize;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.WeightQuantizer;

/**
 * Chooses a row's scale, sub-scales and codes so that the error of the outputs on calibration inputs, (w − ŵ)·H·(w −
 * ŵ)ᵀ, is small. The numbers mean what the format says they mean; only which of them are taken differs from REQ-QNT-005
 * to REQ-QNT-012, which remain the definition of plain quantisation.
 *
 * <p>A format of windows takes {@link FeedbackPaths} in the place of rounding, with a scale that its sub-scales suit.
 * Other formats take three steps. The row's scale is the best of 32 fractions of the plain one, each input's error
 * weighing D_k (see {@link DampedHessian}); a block's error at a step is interpolated between some steps where it was
 * computed, and the best few and the plain scale are compared exactly. Then blocks are rounded one after the other with
 * the error feedback of GPTQ; each block's sub-scale is the one with the least error after feedback inside the block,
 * among the neighbours of the best one without. Then, twice, each code in turn is set to the best one with all others
 * held (coordinate descent on the same error).
 *
 * <p>All arithmetic is binary64 in a fixed order. Safe for use by several threads at once.
 */
public final class CalibratedQuantizer {
    /**
     * Steps for which a block's error is computed before the row's scale is chosen: the largest, and each a tenth below
     * the one before.
     */
    private static final int STEPS = 12;

    private static final double STEP_RATIO = 0.9;
    /**
     * The largest of those steps, in units of the one at which the block's largest magnitude is the table's: rounding
     * may well choose one that is a little larger.
     */
    private static final double LARGEST_STEP = 1.1;
    /** Fractions of the plain scale that are tried: the largest, and how much each is below the one before. */
    private static final int SCALES = 32;

    private static final double LARGEST_FRACTION = 1.06;
    private static final double FRACTION_STEP = 0.02;
    /** Below it fractions of a scale would lose bits: it is 2²⁶ times the least normal number. */
    private static final float LEAST_SCALE = 0x1p-100f;

    private static final double LOG_RATIO = StrictMath.log(STEP_RATIO);
    private static final int PASSES = 2;
    /**
     * The step that suits a block of normally distributed numbers in a format of windows, in units of their spread: the
     * best one on random blocks, where errors are the least.
     */
    private static final double WINDOW_STEP = 0.145;
    /** The sub-scale of the block with the largest spread, which leaves room for what feedback adds. */
    private static final double WINDOW_SUBSCALE = 13.5;
    /** Half units that a look-up table of nearest codes spans on each side of 0. */
    private static final int REACH = 256;

    private static final ThreadLocal<Map<Format, FeedbackPaths>> PATHS =
            ThreadLocal.withInitial(() -> new EnumMap<>(Format.class));

    private final Format format;
    private final DampedHessian hessian;
    private final Table even;
    private final Table odd;

    /**
     * The nearest entry of a codebook, found by one look-up: midpoints of neighbours are multiples of 1/2 in every
     * table of REQ-FMT-002.
     */
    private static final class Table {
        private final byte[] codes = new byte[2 * REACH];
        private final double[] values = new double[2 * REACH];

        Table(Codebook book) {
            for (int i = 0; i < codes.length; i++) {
                // Twice the middle of the half unit: never a midpoint.
                double point = (i - REACH) / 2.0 + 0.25;
                int best = 0;
                for (int c = 1; c < book.size(); c++) {
                    if (Math.abs(book.value(c) - point) < Math.abs(book.value(best) - point)) {
                        best = c;
                    }
                }
                codes[i] = (byte) best;
                values[i] = book.value(best);
            }
        }

        static int index(double point) {
            // The cast rounds towards 0 and saturates; what it rounds up lies below 0 and is cut off there.
            return Math.max(0, Math.min(2 * REACH - 1, (int) (point * 2 + REACH)));
        }
    }

    /**
     * A quantiser for the rows of one matrix.
     *
     * @param format the rows' format
     * @param hessian of the matrix's inputs; its size is K
     */
    public CalibratedQuantizer(Format format, DampedHessian hessian) {
        format.requireShape(1, hessian.size());
        this.format = format;
        this.hessian = hessian;
        this.even = new Table(format.even());
        this.odd = format.odd() == format.even() ? even : new Table(format.odd());
    }

    /** Quantises one row, as {@link #quantize(float[][])}. */
    public QuantizedRow quantize(float[] weights) {
        return quantize(new float[][] {weights})[0];
    }

    /**
     * Quantises rows, each by itself; of several at a time every row of H is loaded once for all of them.
     *
     * @param weights K values each
     * @throws IllegalArgumentException if there are not K, or a weight is refused (REQ-FMT-007)
     */
    public QuantizedRow[] quantize(float[][] weights) {
        int n = hessian.size();
        QuantizedRow[] result = new QuantizedRow[weights.length];
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            if (weights[i].length != n) {
                throw new IllegalArgumentException(
                        "a row of %,d weights for inputs of %,d numbers".formatted(weights[i].length, n));
            }
            float plain = WeightQuantizer.scale(weights[i], format.scaleDivisor());
            if (plain < LEAST_SCALE) {
                // Zeros, or so small that fractions of the scale would lose bits.
                result[i] = QuantizedRow.quantize(format, weights[i], new PrunedSearch());
            } else {
                Row row = new Row(hessian.ordered(weights[i]), i);
                // With a byte a code the steps are so small that no other scale is worth its search.
                row.scale = format.traits().byteCodes()
                        ? plain
                        : format.traits().windowed() ? windowScale(row.targets, plain) : scale(row.targets, plain);
                rows.add(row);
            }
        }
        for (int from = 0; from < n; from += Format.BLOCK) {
            int to = Math.min(from + Format.BLOCK, n);
            for (Row row : rows) {
                row.round(from, to);
            }
            for (int j = from; j < to; j++) {
                for (Row row : rows) {
                    row.feedBack(j);
                }
            }
        }
        // A single code of a string cannot be improved with all others held: it is part of three windows.
        boolean improves = !format.traits().windowed();
        for (int k = 0; improves && k < n; k++) {
            for (Row row : rows) {
                VectorSum.addScaled(row.gradient, row.residuals[k], hessian.weightedColumn(k), k + 1);
            }
        }
        for (int pass = 0; improves && pass < PASSES; pass++) {
            for (int k = 0; k < n; k++) {
                for (Row row : rows) {
                    row.improve(k);
                }
            }
        }
        for (Row row : rows) {
            result[row.index] = new QuantizedRow(
                    format,
                    row.scale,
                    hessian.inPlace(row.codes(), Format.BLOCK),
                    format.hasSubscales() ? hessian.inPlace(row.subscales, 1) : new byte[0]);
        }
        return result;
    }

    /**
     * The scale at which the block that needs the largest steps has a sub-scale near the largest: sub-scales are finest
     * then. Rounded up blocks reach 15 still.
     */
    private float windowScale(double[] values, float plain) {
        double largest = 0;
        for (int from = 0; from < values.length; from += Format.BLOCK) {
            largest = Math.max(largest, spread(values, from, Math.min(from + Format.BLOCK, values.length)));
        }
        float scale = (float) (WINDOW_STEP * largest / WINDOW_SUBSCALE);
        return scale >= LEAST_SCALE && scale <= Format.MAX_SCALE ? scale : plain;
    }

    /** √(mean of squares) of a block. */
    private static double spread(double[] values, int from, int to) {
        double squares = 0;
        for (int k = from; k < to; k++) {
            squares += values[k] * values[k];
        }
        return Math.sqrt(squares / (to - from));
    }

    /** The scale with the least weighted error without feedback, of equals the largest. */
    private float scale(double[] values, float plain) {
        int blocks = Format.blocks(values.length);
        double[] largestSteps = new double[blocks];
        double[][] errors = new double[blocks][STEPS];
        for (int b = 0; b < blocks; b++) {
            int from = b * Format.BLOCK;
            int to = Math.min(from + Format.BLOCK, values.length);
            largestSteps[b] =
                    LARGEST_STEP * largest(values, from, to) / format.odd().maxMagnitude();
            double step = largestSteps[b];
            for (int i = 0; i < STEPS; i++) {
                errors[b][i] = error(values, from, to, step, Double.POSITIVE_INFINITY);
                step *= STEP_RATIO;
            }
        }
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < SCALES; i++) {
            double error = 0;
            for (int b = 0; b < blocks && error < least; b++) {
                error += interpolated(errors[b], largestSteps[b], candidate(plain, i));
            }
            if (error < least) {
                least = error;
                best = i;
            }
        }
        float chosen = plain;
        least = error(values, plain);
        for (int i = Math.max(0, best - 1); i <= Math.min(SCALES - 1, best + 1); i++) {
            float candidate = candidate(plain, i);
            double error = candidate > Format.MAX_SCALE ? least : error(values, candidate);
            if (error < least) {
                least = error;
                chosen = candidate;
            }
        }
        return chosen;
    }

    private static float candidate(float plain, int i) {
        return (float) (plain * (LARGEST_FRACTION - FRACTION_STEP * i));
    }

    /** The weighted error of a row without feedback, with each block's best sub-scale. */
    private double error(double[] values, float scale) {
        double error = 0;
        for (int from = 0; from < values.length; from += Format.BLOCK) {
            int to = Math.min(from + Format.BLOCK, values.length);
            error += error(
                    values, from, to, (double) scale * bestSubscale(values, from, to, scale), Double.POSITIVE_INFINITY);
        }
        return error;
    }

    /** The least error of a block over the sub-scales, from its errors at some steps. */
    private double interpolated(double[] errors, double largestStep, double scale) {
        if (largestStep == 0) {
            return 0;
        }
        if (!format.hasSubscales()) {
            return errorAt(errors, scale / largestStep);
        }
        double least = Double.POSITIVE_INFINITY;
        for (int m = 1; m <= Format.MAX_SUBSCALE; m++) {
            least = Math.min(least, errorAt(errors, m * scale / largestStep));
        }
        return least;
    }

    /** Linear between the steps; beyond them the error grows with the square of the ratio. */
    private static double errorAt(double[] errors, double fraction) {
        double position = StrictMath.log(fraction) / LOG_RATIO;
        if (position <= 0) {
            return errors[0] * fraction * fraction;
        }
        if (position >= STEPS - 1) {
            double beyond = StrictMath.pow(STEP_RATIO, STEPS - 1) / fraction;
            return errors[STEPS - 1] * beyond * beyond;
        }
        int below = (int) position;
        return errors[below] + (position - below) * (errors[below + 1] - errors[below]);
    }

    private static double largest(double[] values, int from, int to) {
        double largest = 0;
        for (int k = from; k < to; k++) {
            largest = Math.max(largest, Math.abs(values[k]));
        }
        return largest;
    }

    /** The sub-scale with the least weighted error without feedback, of equals the smallest; 1 in a format without. */
    private int bestSubscale(double[] values, int from, int to, float scale) {
        if (!format.hasSubscales()) {
            return 1;
        }
        double largest = largest(values, from, to);
        // A step that reaches beyond the largest weight is never better than the one that reaches it, but for what is
        // lost in rounding m.
        int most = (int) Math.min(
                Format.MAX_SUBSCALE,
                Math.ceil(largest / ((double) scale * format.odd().maxMagnitude())) + 1);
        int best = 0;
        double least = error(values, from, to, 0, Double.POSITIVE_INFINITY);
        for (int m = Math.max(1, most / 2 - 1); m <= most; m++) {
            double error = error(values, from, to, (double) scale * m, least);
            if (error < least) {
                least = error;
                best = m;
            }
        }
        return best;
    }

    /** Σ D_k·(v_k − step·T[nearest])² of a block, or something not below {@code limit} as soon as it is known. */
    private double error(double[] values, int from, int to, double step, double limit) {
        double inverse = step == 0 ? 0 : 1 / step;
        double error = 0;
        int k = from;
        for (; k + 1 < to && error < limit; k += 2) {
            double a = values[k] - step * even.values[Table.index(values[k] * inverse)];
            double b = values[k + 1] - step * odd.values[Table.index(values[k + 1] * inverse)];
            error += hessian.weight(k) * (a * a) + hessian.weight(k + 1) * (b * b);
        }
        if (k < to) {
            double a = values[k] - step * even.values[Table.index(values[k] * inverse)];
            error += hessian.weight(k) * (a * a);
        }
        return error;
    }

    /** The state of one row. */
    private final class Row {
        private final float[] weights;
        private final int index;
        /** t_k for inputs that are not chosen yet. */
        private final double[] targets;
        /** t_k − ŵ_k = (Uᵀ·(w − ŵ))_k. */
        private final double[] residuals;
        /** H·(w − ŵ) = U·D·Uᵀ·(w − ŵ). */
        private final double[] gradient;
        /** Indexes into the look-up tables. */
        private final short[] points;

        private final short[] trial = new short[Format.BLOCK];
        private final double[] work = new double[Format.BLOCK];
        private final byte[] subscales;
        /** T of each input and its code, in a format of windows. */
        private final byte[] integers;

        private final byte[] pathCodes;
        private float scale;

        Row(float[] weights, int index) {
            int n = weights.length;
            this.weights = weights;
            this.index = index;
            targets = new double[n];
            for (int k = 0; k < n; k++) {
                targets[k] = weights[k];
            }
            residuals = new double[n];
            gradient = new double[n];
            points = new short[n];
            subscales = new byte[Format.blocks(n)];
            integers = new byte[n];
            pathCodes = new byte[n];
        }

        /**
         * As {@link #round}, in a format of windows: a path without feedback at the nearest sub-scale gives the seam,
         * then the two sub-scales beside are tried with it.
         */
        private void roundPath(int from, int to) {
            FeedbackPaths paths = PATHS.get().computeIfAbsent(format, f -> new FeedbackPaths(f.traits()));
            double wanted = WINDOW_STEP * spread(targets, from, to) / scale;
            int low = (int) Math.min(Format.MAX_SUBSCALE - 1, Math.floor(wanted));
            int best = 0;
            double least = Double.POSITIVE_INFINITY;
            int[] found = new int[Format.BLOCK];
            if (wanted > 0) {
                int seam = paths.seam(
                        targets,
                        from,
                        to - from,
                        (double) scale * Math.clamp(Math.round(wanted), 1, Format.MAX_SUBSCALE),
                        hessian);
                for (int m = low; m <= low + 1; m++) {
                    double error = paths.find(targets, weights, from, to - from, (double) scale * m, hessian, seam);
                    if (error < least) {
                        least = error;
                        best = m;
                        found = paths.windows();
                    }
                }
            }
            paths.restore(found);
            subscales[from / Format.BLOCK] = (byte) best;
            for (int k = from; k < to; k++) {
                integers[k] = (byte) paths.integer(k - from);
                pathCodes[k] = paths.code(k - from);
            }
        }

        /** Chooses a block's sub-scale and codes, with feedback inside the block. */
        void round(int from, int to) {
            if (format.traits().windowed()) {
                roundPath(from, to);
                return;
            }
            int center = bestSubscale(targets, from, to, scale);
            int best = center;
            double least = roundBlock(from, to, center, Double.POSITIVE_INFINITY);
            System.arraycopy(trial, 0, points, from, to - from);
            if (format.hasSubscales()) {
                for (int m = Math.max(0, center - 1); m <= Math.min(Format.MAX_SUBSCALE, center + 1); m++) {
                    double error = m == center ? least : roundBlock(from, to, m, least);
                    if (error < least) {
                        least = error;
                        best = m;
                        System.arraycopy(trial, 0, points, from, to - from);
                    }
                }
            }
            subscales[from / Format.BLOCK] = (byte) best;
        }

        /** Passes the error of an input that is chosen on to those after it. */
        void feedBack(int j) {
            residuals[j] = targets[j] - value(j);
            VectorSum.addScaledFrom(targets, j, weights[j] - value(j), hessian.feedback(j));
        }

        /**
         * Rounds a block with feedback inside it; gives its error, or something not below {@code limit} as soon as it
         * is known.
         */
        private double roundBlock(int from, int to, int m, double limit) {
            double step = (double) scale * m;
            double inverse = m == 0 ? 0 : 1 / step;
            System.arraycopy(targets, from, work, 0, to - from);
            double error = 0;
            for (int k = from; k < to; k++) {
                Table table = (k & 1) == 0 ? even : odd;
                int point = Table.index(work[k - from] * inverse);
                trial[k - from] = (short) point;
                double value = step * table.values[point];
                double difference = work[k - from] - value;
                error += hessian.weight(k) * difference * difference;
                if (error >= limit) {
                    return error;
                }
                double missed = weights[k] - value;
                double[] feedback = hessian.feedback(k);
                for (int j = k + 1; j < to; j++) {
                    work[j - from] += missed * feedback[j - k];
                }
            }
            return error;
        }

        private double value(int k) {
            if (format.traits().windowed()) {
                return scale * (double) (subscales[k / Format.BLOCK] * integers[k]);
            }
            return scale * (subscales[k / Format.BLOCK] * ((k & 1) == 0 ? even : odd).values[points[k]]);
        }

        /** Sets the code of an input to the best one with all others held. */
        void improve(int k) {
            int m = subscales[k / Format.BLOCK];
            if (m == 0) {
                return;
            }
            Table table = (k & 1) == 0 ? even : odd;
            double step = (double) scale * m;
            double old = table.values[points[k]];
            int point = Table.index(old + gradient[k] / (hessian.row(k)[k] * step));
            double change = table.values[point] - old;
            points[k] = (short) point;
            if (change != 0) {
                VectorSum.addScaled(gradient, -step * change, hessian.row(k), gradient.length);
            }
        }

        byte[] codes() {
            if (format.traits().windowed()) {
                return pathCodes;
            }
            byte[] codes = new byte[points.length];
            for (int k = 0; k < codes.length; k++) {
                int m = format.hasSubscales() ? subscales[k / Format.BLOCK] : 1;
                // With a sub-scale of 0 every code stands for 0; 0 is the smallest (REQ-QNT-011).
                codes[k] = m == 0 ? 0 : ((k & 1) == 0 ? even : odd).codes[points[k]];
            }
            return codes;
        }
    }

    /** The format of the rows. */
    public Format format() {
        return format;
    }
}
