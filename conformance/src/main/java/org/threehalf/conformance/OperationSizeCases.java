package org.threehalf.conformance;

import java.util.Arrays;
import java.util.List;
import org.threehalf.conformance.oracle.OperationOracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;

/**
 * Sizes and ends of ranges of the operations of level L2: norms and attention past what fits a tile, heads of odd
 * sizes, sums that overflow, small epsilons, subnormal numbers in every operation.
 */
final class OperationSizeCases extends WideMaker {
    /** First position, positions, elements of a head, cap. */
    private static final int[][] ATTENTION = {
        {37, 1100, 20, 5}, {40_005, 70, 24, 0}, {1000, 100, 72, 0}, {0, 70, 250, 0}, {5, 70, 256, 50}, {0, 2100, 8, 0}
    };

    private static final String SUBNORMAL = "subnormal inputs and results";

    private OperationSizeCases() {
        super(149);
    }

    static List<VectorCase> all() {
        OperationSizeCases all = new OperationSizeCases();
        all.norms();
        all.attention();
        all.subnormals();
        return all.cases;
    }

    private void norms() {
        for (int n : new int[] {2050, 5377}) {
            float[] weights = gaussian(n, 1);
            float[] x = gaussian(n, 2);
            float dot = plain(x, x, -1);
            while (root(dot / n) == root(dot * (1f / n))) {
                x = gaussian(n, 2);
                dot = plain(x, x, -1);
            }
            norm("" + n, "MeanByReciprocal", "a mean by 1/n in place of a division by n shows", x, weights, 1e-6f);
            dot("" + n, "Wide", TILES, x, weights);
        }
        int number = 0;
        for (float epsilon : new float[] {1e-12f, 1e-8f, 1e-30f, 1e-3f}) {
            norm(
                    "epsilon-" + number++,
                    "SmallEpsilon",
                    "epsilon decides the root, and is not the usual one",
                    gaussian(33, (float) Math.sqrt(epsilon)),
                    gaussian(33, 1),
                    epsilon);
        }
        String reason = "the sum of squares is infinite, so that the root's reciprocal is 0";
        norm("overflow", "Overflow", reason, gaussian(40, 0x1p70f), gaussian(40, 1), 1e-6f);
        float[] one = gaussian(40, 1);
        one[21] = -0x1p64f;
        norm("overflow-of-one-square", "Overflow", reason, one, gaussian(40, 1), 1e-6f);
    }

    private void dot(String rest, String flag, String reason, float[] a, float[] b) {
        operation(
                "dot-product",
                rest,
                flag,
                reason,
                List.of(Part.f32("a", a), Part.f32("b", b)),
                new float[] {OperationOracle.dot(a, b)},
                "REQ-OPS-001",
                "REQ-OPS-003");
    }

    private static float root(float mean) {
        return 1 / (float) Math.sqrt(mean + 1e-6f);
    }

    private void attention() {
        for (int[] shape : ATTENTION) {
            int n = shape[2];
            float[] query = gaussian(n, 1);
            float[][] keys = vectors(shape[1], n);
            // The largest score comes last.
            keys[shape[1] - 1] = query.clone();
            attend(
                    "%d-%d/%d/cap-%d".formatted(shape[0], shape[0] + shape[1] - 1, n, shape[3]),
                    "Wide",
                    TILES,
                    query,
                    keys,
                    vectors(shape[1], n),
                    shape[0],
                    1.7f / (float) Math.sqrt(n),
                    shape[3]);
        }
        float[][] keys = new float[40][8];
        for (int t = 0; t < keys.length; t++) {
            keys[t][0] = -12 - 18 * (t * 7 % 40) / 40f;
        }
        float[] query = Arrays.copyOf(new float[] {1}, 8);
        attend("low-scores", "LowScores", "all scores are far below 0", query, keys, vectors(40, 8), 0, 1, 0);
        attend("low-capped-scores", "LowScores", "all scores are near -cap", query, keys, vectors(40, 8), 0, 1, 20);
    }

    private void subnormals() {
        int n = 37;
        float[] tiny = gaussian(n, 0x1p-130f);
        tiny[0] = Float.MIN_VALUE;
        tiny[1] = -Float.MIN_VALUE;
        tiny[2] = 3 * Float.MIN_VALUE;
        tiny[3] = -5 * Float.MIN_VALUE;
        for (boolean gelu : new boolean[] {false, true}) {
            gate(gelu, "subnormal", "Subnormal", SUBNORMAL, tiny, filled(n, 0x1p100f));
            gate(gelu, "subnormal-result", "Subnormal", SUBNORMAL, gaussian(n, 1), tiny);
        }
        softCap("subnormal", "Subnormal", SUBNORMAL, tiny, 1.7f);
        softCap("subnormal-quotient", "Subnormal", SUBNORMAL, gaussian(n, 0x1p-80f), 0x1p55f);
        norm("subnormal", "Subnormal", SUBNORMAL, tiny, filled(n, 0x1p60f), 1e-12f);
        norm("subnormal-weights", "Subnormal", SUBNORMAL, gaussian(n, 1), tiny, 1e-6f);
        norm("subnormal-squares", "Subnormal", SUBNORMAL, gaussian(n, 0x1p-68f), gaussian(n, 1), Float.MIN_VALUE);
        dot("subnormal", "Subnormal", SUBNORMAL, tiny, filled(n, 0x1p100f));
        dot("subnormal-sum", "Subnormal", SUBNORMAL, tiny, filled(n, 1));
        dot("subnormal-products", "Subnormal", SUBNORMAL, gaussian(n, 0x1p-70f), gaussian(n, 0x1p-65f));
        float[] others = gaussian(n, 0x1p-130f);
        operation(
                "residual",
                "subnormal-terms",
                "Subnormal",
                SUBNORMAL,
                List.of(Part.f32("x", tiny), Part.f32("d", others)),
                OperationOracle.plus(tiny, others),
                "REQ-OPS-010");
        matrixProduct(
                "subnormal",
                "Subnormal",
                SUBNORMAL,
                new float[][] {tiny, gaussian(n, 0x1p-100f), gaussian(n, 0x1p-30f)},
                gaussian(n, 0x1p-30f));
        float[] cosines = new float[8];
        float[] sines = new float[8];
        for (int i = 0; i < 8; i++) {
            float[] angle = OperationOracle.angle(31, Math.scalb(1f, -i));
            cosines[i] = angle[0];
            sines[i] = angle[1];
        }
        for (boolean interleaved : new boolean[] {false, true}) {
            operation(
                    interleaved ? "rotate-interleaved" : "rotate-split",
                    "subnormal",
                    "Subnormal",
                    SUBNORMAL,
                    List.of(Part.f32("x", tiny), Part.f32("cosines", cosines), Part.f32("sines", sines)),
                    OperationOracle.rotate(interleaved, tiny, cosines, sines),
                    "REQ-ROP-005");
        }
        float[][] values = new float[20][8];
        for (float[] value : values) {
            System.arraycopy(gaussian(8, 0x1p-130f), 0, value, 0, 8);
        }
        attend("subnormal-values", "Subnormal", SUBNORMAL, gaussian(8, 1), vectors(20, 8), values, 1, 0.5f, 0);
        float[][] keys = new float[20][];
        for (int t = 0; t < keys.length; t++) {
            keys[t] = gaussian(8, 0x1p-130f);
        }
        attend("subnormal-keys", "Subnormal", SUBNORMAL, gaussian(8, 0x1p65f), keys, vectors(20, 8), 1, 0x1p64f, 0);
    }
}
