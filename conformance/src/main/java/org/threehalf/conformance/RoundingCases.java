package org.threehalf.conformance;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;

/**
 * Rows of weights in which another rounding shows: fixed-point weights half-way between two integers, quotients that
 * binary32 puts half-way and exact division does not, sums of squares that binary32 puts in another order. Such weights
 * seldom change a code; the seeds of blocks in which they do were searched for.
 */
final class RoundingCases extends WideMaker {
    /** By format: seeds of {@link #halves}, of {@link #quotients} and of {@link #sums}. */
    private static final Map<Format, int[][]> SEEDS = Map.of(
            Format.G4,
            new int[][] {{14, 16, 638, 1043}, {2, 44, 52}, {229966}},
            Format.G35,
            new int[][] {{16, 23, 39, 1745, 6429}, {30, 52, 103}, {1430276}},
            Format.G3,
            new int[][] {{16, 78, 80, 1428, 7134}, {30, 78, 80}, {}},
            Format.T4,
            new int[][] {{16, 19, 47}, {1, 47}, {}},
            Format.T35,
            new int[][] {{10}, {16, 40}, {}},
            Format.T3,
            new int[][] {{126, 140, 195, 255, 291}, {48, 181}, {}});

    private RoundingCases() {
        super(157);
    }

    static List<VectorCase> all() {
        RoundingCases all = new RoundingCases();
        for (Format format : Format.values()) {
            int[][] seeds = SEEDS.get(format);
            if (seeds == null) {
                continue;
            }
            all.row(
                    format,
                    "half-way",
                    "half-way cases: away from 0, up or down give other codes",
                    format.scaleDivisor(),
                    seeds[0],
                    (scale, seed) -> halves(seed));
            all.row(
                    format,
                    "quotients",
                    "a quotient in binary32 gives other codes",
                    QUOTIENT_LARGEST,
                    seeds[1],
                    RoundingCases::quotients);
            if (seeds[2].length > 0) {
                all.row(
                        format,
                        "sums-of-squares",
                        "a sum of squares in binary32 gives another sub-scale",
                        format.scaleDivisor(),
                        seeds[2],
                        (scale, seed) -> sums(seed));
            }
        }
        return all.cases;
    }

    static final float QUOTIENT_LARGEST = 173.25f;

    /** The weights of a block, of a row's scale and a seed. */
    interface Block {
        float[] weights(float scale, int seed);
    }

    private void row(Format format, String rest, String reason, float largest, int[] seeds, Block blocks) {
        quantized(format, rest, "Rounding", reason, weights(format, largest, seeds, blocks));
    }

    /** A block with the row's largest weight, then one of each seed. */
    static float[] weights(Format format, float largest, int[] seeds, Block blocks) {
        float[] weights = new float[64 * (1 + seeds.length)];
        weights[0] = largest;
        for (int i = 0; i < seeds.length; i++) {
            float[] block = blocks.weights(largest / format.scaleDivisor(), seeds[i]);
            System.arraycopy(block, 0, weights, 64 * (1 + i), 64);
        }
        return weights;
    }

    private static int near(SplittableRandom random, int spread) {
        return (int) Math.clamp(Math.rint(random.nextGaussian() * spread), -21_000, 21_000);
    }

    /** 64 times each of them lies half-way between two integers; the row's scale is 1. */
    static float[] halves(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int spread = random.nextInt(300, 6000);
        float[] weights = new float[64];
        for (int k = 0; k < weights.length; k++) {
            weights[k] = (near(random, spread) + 0.5f) / 64;
        }
        return weights;
    }

    /** Their quotients by the scale lie half-way in binary32 and beside that in truth. */
    static float[] quotients(float scale, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int spread = random.nextInt(300, 6000);
        float[] weights = new float[64];
        for (int k = 0; k < weights.length; ) {
            double half = (near(random, spread) + 0.5) / 64;
            float near = (float) (half * scale);
            for (float candidate : new float[] {near, Math.nextUp(near), Math.nextDown(near)}) {
                if (candidate / scale == half && (double) candidate / scale != half) {
                    weights[k] = candidate;
                }
            }
            k += weights[k] != 0 ? 1 : 0;
        }
        return weights;
    }

    /** Multiples of 1/64; the row's scale is 1. */
    static float[] sums(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int spread = random.nextInt(300, 6000);
        float[] weights = new float[64];
        for (int k = 0; k < weights.length; k++) {
            weights[k] = near(random, spread) / 64f;
        }
        return weights;
    }
}
