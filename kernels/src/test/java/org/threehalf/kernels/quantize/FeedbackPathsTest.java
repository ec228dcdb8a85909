package org.threehalf.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;

/**
 * The search against one window after the other in plain Java: the same windows and the same bits of the error,
 * whatever the width of vectors.
 */
@Tag("instructions")
class FeedbackPathsTest {
    private static final int BLOCK = Format.BLOCK;

    @ParameterizedTest
    @EnumSource(
            value = Format.class,
            names = {"T35", "T4", "T3"})
    void equalsAPlainSearch(Format format) {
        SplittableRandom random = new SplittableRandom(7);
        FormatTraits traits = format.traits();
        FeedbackPaths paths = new FeedbackPaths(traits);
        for (int trial = 0; trial < 60; trial++) {
            int count = trial % 3 == 0 ? 1 + random.nextInt(BLOCK) : BLOCK;
            double[] targets = random.doubles(BLOCK, -1, 1).toArray();
            float[] weights = new float[BLOCK];
            double[][] inputs = new double[80][BLOCK];
            for (double[] x : inputs) {
                double common = random.nextGaussian();
                Arrays.setAll(x, k -> common + random.nextGaussian() * (1 + k % 5));
            }
            for (int k = 0; k < BLOCK; k++) {
                weights[k] = (float) (targets[k] + 0.01 * random.nextGaussian());
            }
            Hessian sum = new Hessian(BLOCK);
            sum.add(inputs);
            DampedHessian hessian = sum.damped(0.01);
            double step = 0.03 + 0.04 * random.nextDouble();
            int seam = paths.seam(targets, 0, count, step, hessian);
            double error = paths.find(targets, weights, 0, count, step, hessian, seam);
            Plain plain = new Plain(traits, targets, weights, count, step, hessian, seam);
            assertEquals(Double.doubleToRawLongBits(plain.error), Double.doubleToRawLongBits(error));
            assertArrayEquals(plain.windows, paths.windows());
            requireString(traits, paths.windows());
            // A path that begins with other bits is another one.
            paths.find(targets, weights, 0, count, step, hessian, seam ^ 1);
            assertNotEquals(Arrays.toString(plain.windows), Arrays.toString(paths.windows()));
        }
    }

    /** Each window begins with the bits that the one before ends with, and the first with those of the last. */
    private static void requireString(FormatTraits traits, int[] windows) {
        for (int i = 0; i < BLOCK; i++) {
            int shared = 8 - traits.codeBits(i);
            int next = windows[(i + 1) % BLOCK];
            assertEquals(
                    windows[i] >> traits.codeBits(i),
                    next & (1 << shared) - 1,
                    "windows %d and %d".formatted(i, i + 1));
        }
    }

    /** All paths, each with all its targets. */
    private static final class Plain {
        private final int[] windows = new int[BLOCK];
        private final double error;

        private Plain(
                FormatTraits traits,
                double[] targets,
                float[] weights,
                int count,
                double step,
                DampedHessian hessian,
                int seam) {
            double[] costs = new double[256];
            double[][] rest = new double[256][];
            Arrays.fill(costs, Double.POSITIVE_INFINITY);
            costs[seam] = 0;
            rest[seam] = targets.clone();
            int[][] chosen = new int[BLOCK][256];
            int[][] from = new int[BLOCK][256];
            for (int i = 0; i < BLOCK; i++) {
                int bits = traits.codeBits(i);
                int before = traits.codeBits((i + BLOCK - 1) % BLOCK);
                double[] nextCosts = new double[256];
                double[][] nextRest = new double[256][];
                Arrays.fill(nextCosts, Double.POSITIVE_INFINITY);
                for (int window = 0; window < 256; window++) {
                    int state = window & (1 << 8 - before) - 1;
                    if (costs[state] == Double.POSITIVE_INFINITY || i >= count && (window & (1 << bits) - 1) != 0) {
                        continue;
                    }
                    double value = step * traits.even().value(window);
                    double difference = rest[state][i] - value;
                    double cost = costs[state] + (i < count ? hessian.weight(i) : 0) * difference * difference;
                    int path = window >> bits;
                    if (cost < nextCosts[path]) {
                        nextCosts[path] = cost;
                        chosen[i][path] = window;
                        from[i][path] = state;
                        double[] next = rest[state].clone();
                        for (int k = i + 1; k < count && i < count; k++) {
                            next[k] += (weights[i] - value) * hessian.feedback(i)[k - i];
                        }
                        nextRest[path] = next;
                    }
                }
                costs = nextCosts;
                rest = nextRest;
            }
            error = costs[seam];
            int path = seam;
            for (int i = BLOCK - 1; i >= 0; i--) {
                windows[i] = chosen[i][path];
                path = from[i][path];
            }
        }
    }
}
