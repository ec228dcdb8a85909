package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.Exact;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.Numbers.Weights;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;

class WeightQuantizerTest {

    private static final int[] DIVISORS = {127, 7, 465};

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    @Provide
    Arbitrary<Float> weight() {
        return Numbers.upTo(Format.MAX_SCALE);
    }

    @Provide
    Arbitrary<Float> scale() {
        return Numbers.scale(Format.MAX_SCALE);
    }

    @Provide
    Arbitrary<Integer> fixedPoint() {
        return Arbitraries.integers().between(-WeightQuantizer.MAX_FIXED_POINT, WeightQuantizer.MAX_FIXED_POINT);
    }

    @Provide
    Arbitrary<Codebook> codebooks() {
        return Arbitraries.of(Codebook.T4G, Codebook.T3G);
    }

    /** REQ-QNT-005, REQ-QNT-006: s = fl₃₂(amax / D), which REQ-FMT-004 accepts. */
    @Property
    void theScaleIsTheLargestMagnitudeOverTheDivisorRoundedOnce(@ForAll Weights weights) {
        for (int divisor : DIVISORS) {
            float scale = WeightQuantizer.scale(weights.values(), divisor);
            assertEquals(
                    Exact.of(largest(weights.values()))
                            .dividedBy(Exact.of(divisor))
                            .toBinary32(),
                    scale);
            Format.requireScale(scale);
        }
    }

    /**
     * REQ-QNT-007, REQ-QNT-008, REQ-QNT-010: the integers of exact quotients, although the kernel divides in binary64.
     */
    @Property(tries = 4_000)
    void quotientsAreRoundedAsIfTheyWereExact(@ForAll("weight") float weight, @ForAll("scale") float scale) {
        requireExactCodes(weight, scale);
    }

    /** As above, at weights next to the places where the rounding changes. */
    @Property(tries = 2_000)
    void quotientsNextToTiesAreRoundedAsIfTheyWereExact(
            @ForAll("scale") float scale,
            @ForAll @IntRange(min = -30_000, max = 30_000) int halves,
            @ForAll @IntRange(min = -2, max = 2) int steps) {
        for (double factor : new double[] {0.5, 1, 64}) {
            float weight = (float) (halves / 2.0 / factor * scale);
            for (int i = 0; i < Math.abs(steps); i++) {
                weight = steps < 0 ? Math.nextDown(weight) : Math.nextUp(weight);
            }
            if (Math.abs(weight) <= Format.MAX_SCALE) {
                requireExactCodes(weight, scale);
            }
        }
    }

    private static void requireExactCodes(float weight, float scale) {
        Exact quotient = scale == 0 ? Exact.ZERO : Exact.of(weight).dividedBy(Exact.of(scale));
        assertEquals(quotient.clampedToInteger(-127, 127), (byte) WeightQuantizer.uniformCode(weight, scale, 8));
        assertEquals(quotient.clampedToInteger(-8, 7) + 8, WeightQuantizer.uniformCode(weight, scale, 4));
        assertEquals(
                quotient.times(Exact.of(1, 2)).clampedToInteger(-4, 3) + 4,
                WeightQuantizer.uniformCode(weight, scale, 3));
        assertEquals(
                quotient.times(Exact.of(64)).clampedToInteger(-29_760, 29_760),
                WeightQuantizer.fixedPoint(weight, scale));
    }

    /** A quantiser of one weight: the one that is tested, or a faulty one. */
    @FunctionalInterface
    private interface Coder {
        int code(float weight, float scale, int bits);
    }

    private static int value(int code, int bits) {
        return (bits == 8 ? Codebook.T8 : bits == 4 ? Codebook.T4U : Codebook.T3U).value(code);
    }

    /** REQ-QNT-009, the theorem: |w − ŵ| ≤ step/2 inside the range, at 8, 4 and 3 bits. */
    @Property(tries = 2_000)
    void theErrorIsBoundedByHalfAStepInsideTheRange(
            @ForAll("scale") float scale, @ForAll @IntRange(min = -130_000, max = 130_000) int thousandths) {
        float weight = (float) (thousandths / 1000.0 * scale);
        if (Math.abs(weight) <= Format.MAX_SCALE) {
            requireErrorBound(weight, scale, WeightQuantizer::uniformCode);
        }
    }

    private static void requireErrorBound(float weight, float scale, Coder coder) {
        Exact s = Exact.of(scale);
        Exact w = Exact.of(weight);
        Exact[][] ranges = {
            {Exact.of(-255, 2), Exact.of(255, 2)}, {Exact.of(-17, 2), Exact.of(15, 2)}, {Exact.of(-9), Exact.of(7)}
        };
        int[] bits = {8, 4, 3};
        for (int i = 0; i < bits.length; i++) {
            if (s.times(ranges[i][0]).atMost(w) && w.atMost(s.times(ranges[i][1]))) {
                int code = coder.code(weight, scale, bits[i]);
                Exact error = w.minus(s.times(Exact.of(value(code, bits[i])))).abs();
                Exact bound = s.times(bits[i] == 3 ? Exact.of(1) : Exact.of(1, 2));
                assertTrue(
                        error.atMost(bound),
                        "%s with scale %s at %d bits has the code %d, off by %s"
                                .formatted(weight, scale, bits[i], code, error));
            }
        }
    }

    /** Seeded faults: cutting off, a range that ends a step early, the step of the other position. */
    @Test
    void theBoundsCheckSeesFaults() {
        for (float weight : new float[] {-8.5f, -8, 7.5f, 7, -9, 3.3f, 127.5f}) {
            requireErrorBound(weight, 1, WeightQuantizer::uniformCode);
        }
        assertThrows(
                AssertionError.class,
                () -> requireErrorBound(
                        2.75f, 1, (w, s, bits) -> bits == 4 ? (int) w + 8 : WeightQuantizer.uniformCode(w, s, bits)));
        assertThrows(
                AssertionError.class,
                () -> requireErrorBound(
                        -8, 1, (w, s, bits) -> Math.max(1, WeightQuantizer.uniformCode(w, s, bits) & 15)));
        assertThrows(
                AssertionError.class,
                () -> requireErrorBound(
                        2,
                        1,
                        (w, s, bits) -> bits == 3
                                ? WeightQuantizer.round(w, s, 1, -4, 3) + 4
                                : WeightQuantizer.uniformCode(w, s, bits)));
    }

    /** REQ-QNT-009, exactness: a weight that is a point of the grid is reproduced. */
    @Property(tries = 300)
    void pointsOfTheGridAreReproduced(@ForAll("scale") float scale) {
        for (int v = -127; v <= 127; v++) {
            float weight = scale * v;
            if (scale > 0
                    && Math.abs(weight) <= Format.MAX_SCALE
                    && Exact.of(weight).same(Exact.of(scale).times(Exact.of(v)))) {
                assertEquals(v, value(WeightQuantizer.uniformCode(weight, scale, 8), 8));
                if (v >= -8 && v <= 7) {
                    assertEquals(v, value(WeightQuantizer.uniformCode(weight, scale, 4), 4));
                }
                if (v >= -8 && v <= 6 && v % 2 == 0) {
                    assertEquals(v, value(WeightQuantizer.uniformCode(weight, scale, 3), 3));
                }
            }
        }
    }

    /** REQ-QNT-011, the theorem: the chosen entry is a nearest one, and the first of those. */
    @Property(tries = 4_000)
    void theChosenEntryIsTheFirstOfTheNearest(
            @ForAll("fixedPoint") int u, @ForAll @IntRange(max = 15) int m, @ForAll("codebooks") Codebook codebook) {
        requireNearest(u, m, codebook.toArray(), WeightQuantizer.nearest(u, m, codebook.toArray()));
    }

    private static void requireNearest(int u, int m, byte[] table, int code) {
        for (int c = 0; c < table.length; c++) {
            long chosen = Math.abs(u - 64L * m * table[code]);
            long other = Math.abs(u - 64L * m * table[c]);
            assertTrue(
                    c < code ? chosen < other : chosen <= other,
                    "u = %d, m = %d: code %d is chosen, %d is better".formatted(u, m, code, c));
        }
    }

    /**
     * REQ-QNT-011: every tie between neighbours goes to the smaller code; m = 0 gives code 0. The last of the nearest
     * is a seeded fault.
     */
    @Test
    void tiesGoToTheSmallestCode() {
        for (Codebook codebook : new Codebook[] {Codebook.T4G, Codebook.T3G}) {
            byte[] table = codebook.toArray();
            for (int m = 1; m <= 15; m++) {
                for (int c = 0; c + 1 < table.length; c++) {
                    int tie = 32 * m * (table[c] + table[c + 1]);
                    assertEquals(c, WeightQuantizer.nearest(tie, m, table));
                    int faulty = c + 1;
                    int subscale = m;
                    assertThrows(AssertionError.class, () -> requireNearest(tie, subscale, table, faulty));
                    assertEquals(c + 1, WeightQuantizer.nearest(tie + 1, m, table));
                }
            }
            assertEquals(0, WeightQuantizer.nearest(5, 0, table));
        }
    }

    /** REQ-QNT-012: the sub-scale is the first of those with the least E(m), and E(m) is what it is defined to be. */
    @Property(tries = 300)
    void theSubscaleIsTheFirstWithTheLeastError(@ForAll Weights weights) {
        for (Format format : new Format[] {Format.G4, Format.G35, Format.G3}) {
            byte[] even = format.even().toArray();
            byte[] odd = format.odd().toArray();
            int[] u = fixedPoint(weights.values(), format);
            for (int from = 0; from < u.length; from += 64) {
                int count = Math.min(64, u.length - from);
                requireBest(u, from, count, even, odd, WeightQuantizer.bestSubscale(u, from, count, even, odd));
            }
        }
    }

    private static int[] fixedPoint(float[] weights, Format format) {
        float scale = WeightQuantizer.scale(weights, format.scaleDivisor());
        int[] u = new int[weights.length];
        for (int k = 0; k < u.length; k++) {
            u[k] = WeightQuantizer.fixedPoint(weights[k], scale);
        }
        return u;
    }

    private static void requireBest(int[] u, int from, int count, byte[] even, byte[] odd, int chosen) {
        long least = errorByDefinition(u, from, count, chosen, even, odd);
        assertEquals(least, WeightQuantizer.blockError(u, from, count, chosen, even, odd));
        for (int m = 0; m <= 15; m++) {
            long error = errorByDefinition(u, from, count, m, even, odd);
            assertTrue(
                    m < chosen ? least < error : least <= error,
                    "block at %d: sub-scale %d with error %d is chosen; %d has %d"
                            .formatted(from, chosen, least, m, error));
        }
    }

    /** E(m) by least distances, without choosing codes. */
    private static long errorByDefinition(int[] u, int from, int count, int m, byte[] even, byte[] odd) {
        long error = 0;
        for (int k = from; k < from + count; k++) {
            long least = Long.MAX_VALUE;
            for (byte value : k % 2 == 0 ? even : odd) {
                least = Math.min(least, Math.abs(u[k] - 64L * m * value));
            }
            error = Math.addExact(error, Math.multiplyExact(least, least));
        }
        return error;
    }

    /** REQ-QNT-012: equal errors take the smallest sub-scale (zeros take 0); seeded fault: the largest. */
    @Test
    void equalErrorsTakeTheSmallestSubscale() {
        byte[] even = Codebook.T4G.toArray();
        byte[] odd = Codebook.T3G.toArray();
        int[] zeros = new int[64];
        assertEquals(0, WeightQuantizer.bestSubscale(zeros, 0, 64, even, odd));
        assertThrows(AssertionError.class, () -> requireBest(zeros, 0, 64, even, odd, 1));
        // A single weight of 4·31·64 is met exactly by m·T = 124: m = 4 and T = 31, which is the first.
        int[] single = {64 * 124};
        assertEquals(4, WeightQuantizer.bestSubscale(single, 0, 1, even, odd));
        assertThrows(AssertionError.class, () -> requireBest(single, 0, 1, even, odd, 5));
    }

    /** REQ-QNT-012: E(m) at its largest, 64 weights of the largest magnitude against m = 0. */
    @Test
    void theLargestErrorFitsALong() {
        int[] largest = new int[64];
        java.util.Arrays.fill(largest, -29_760);
        assertEquals(
                64L * 29_760 * 29_760,
                WeightQuantizer.blockError(largest, 0, 64, 0, Codebook.T4G.toArray(), Codebook.T3G.toArray()));
    }

    /** REQ-QNT-013, the theorem: |w − ŵ| ≤ s·(1/128 + d), with d ≤ m·(largest gap)/2 inside the table's range. */
    @Property(tries = 300)
    void theErrorOfCodebooksIsBoundedByHalfTheLargestGap(@ForAll Weights weights) {
        for (Format format : new Format[] {Format.G4, Format.G35, Format.G3}) {
            float scale = WeightQuantizer.scale(weights.values(), format.scaleDivisor());
            if (scale == 0) {
                continue;
            }
            int[] u = fixedPoint(weights.values(), format);
            byte[] codes = new byte[u.length];
            byte[] subscales = new byte[Format.blocks(u.length)];
            WeightQuantizer.quantizeWithSubscales(
                    u, format.even().toArray(), format.odd().toArray(), codes, subscales);
            for (int k = 0; k < u.length; k++) {
                requireCodebookBound(weights.values()[k], scale, u[k], subscales[k / 64], format.codebook(k), codes[k]);
            }
        }
    }

    private static void requireCodebookBound(float weight, float scale, int u, int m, Codebook codebook, int code) {
        Exact s = Exact.of(scale);
        Exact quotient = Exact.of(64).times(Exact.of(weight)).dividedBy(s);
        if (quotient.abs().atMost(Exact.of(29_760))) {
            Exact d = Exact.of(Math.abs(u - 64L * m * codebook.value(code)), 64);
            Exact error = Exact.of(weight)
                    .minus(s.times(Exact.of(m * codebook.value(code))))
                    .abs();
            assertTrue(error.atMost(s.times(Exact.of(1, 128).plus(d))), () -> "off by " + error);
            if (Math.abs(u) <= 64L * m * codebook.maxMagnitude()) {
                assertTrue(
                        d.atMost(Exact.of((long) m * largestGap(codebook), 2)),
                        () -> "u = %d, m = %d: a distance of %s".formatted(u, m, d));
            }
        }
    }

    private static int largestGap(Codebook codebook) {
        int gap = 0;
        for (int c = 1; c < codebook.size(); c++) {
            gap = Math.max(gap, codebook.value(c) - codebook.value(c - 1));
        }
        return gap;
    }

    /** Seeded fault of the bound: the neighbour of the nearest code. */
    @Test
    void theCodebookBoundSeesAFarCode() {
        requireCodebookBound(100, 1, 6400, 4, Codebook.T4G, 14);
        assertThrows(AssertionError.class, () -> requireCodebookBound(100, 1, 6400, 4, Codebook.T4G, 12));
    }

    /** REQ-QNT-007, REQ-QNT-008: a row's codes are those of its weights, by position. */
    @Property(tries = 200)
    void aRowIsQuantisedByPosition(@ForAll Weights weights) {
        for (int[] bits : new int[][] {{8, 8}, {4, 4}, {4, 3}, {3, 3}}) {
            float scale = WeightQuantizer.scale(weights.values(), 7);
            byte[] codes = new byte[weights.values().length];
            WeightQuantizer.quantizeUniform(weights.values(), scale, bits[0], bits[1], codes);
            for (int k = 0; k < codes.length; k++) {
                assertEquals(WeightQuantizer.uniformCode(weights.values()[k], scale, bits[k % 2]), codes[k] & 0xff);
            }
        }
    }

    /** REQ-QNT-006: a row of zeros, and one that underflows, have the scale 0 and count as zeros. */
    @Test
    void aScaleOfZeroCountsAsZeros() {
        assertEquals(0, WeightQuantizer.scale(new float[] {Float.MIN_VALUE, -0.0f}, 465));
        assertEquals(8, WeightQuantizer.uniformCode(Float.MIN_VALUE, 0, 4));
        assertEquals(4, WeightQuantizer.uniformCode(-Float.MIN_VALUE, 0, 3));
        assertEquals(0, WeightQuantizer.uniformCode(Float.MIN_VALUE, 0, 8));
        assertEquals(0, WeightQuantizer.fixedPoint(Float.MIN_VALUE, 0));
    }

    /** REQ-FMT-007. */
    @Test
    void whatIsNoWeightIsRefusedWithItsPlace() {
        for (float bad : new float[] {
            Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Math.nextUp(Format.MAX_SCALE), -Float.MAX_VALUE
        }) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> WeightQuantizer.scale(new float[] {0, 0, bad}, 7))
                    .getMessage();
            assertTrue(message.startsWith("weight 2 is " + bad), message);
        }
        assertEquals(0x1p40f / 7, WeightQuantizer.scale(new float[] {-Format.MAX_SCALE}, 7));
    }

    /** REQ-QNT-011, REQ-QNT-012: whole rows, with blocks that are cut short, are quantised block by block. */
    @Test
    void blocksDoNotInfluenceEachOther() {
        SplittableRandom random = new SplittableRandom(3);
        byte[] even = Codebook.T4G.toArray();
        byte[] odd = Codebook.T3G.toArray();
        int[] u = random.ints(150, -29_760, 29_761).toArray();
        byte[] codes = new byte[150];
        byte[] subscales = new byte[3];
        WeightQuantizer.quantizeWithSubscales(u, even, odd, codes, subscales);
        for (int b = 0; b < 3; b++) {
            int[] block = java.util.Arrays.copyOfRange(u, 64 * b, Math.min(150, 64 * b + 64));
            byte[] blockCodes = new byte[block.length];
            byte[] blockSubscale = new byte[1];
            WeightQuantizer.quantizeWithSubscales(block, even, odd, blockCodes, blockSubscale);
            assertEquals(subscales[b], blockSubscale[0]);
            org.junit.jupiter.api.Assertions.assertArrayEquals(
                    java.util.Arrays.copyOfRange(codes, 64 * b, 64 * b + block.length), blockCodes);
        }
    }
}
