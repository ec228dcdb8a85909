package org.threehalf.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.Exact;
import org.threehalf.kernels.Numbers;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;

class DotProductTest {

    @Provide
    Arbitrary<QuantizedRow> rows() {
        return Numbers.anyRow();
    }

    @Provide
    Arbitrary<Float> rowScale() {
        return Numbers.scale(Format.MAX_SCALE);
    }

    @Provide
    Arbitrary<Float> activationScale() {
        return Numbers.scale(0x1p50f);
    }

    /** I by the definition, block by block, in integers that cannot overflow. */
    private static BigInteger sumByDefinition(QuantizedRow row, byte[] activations) {
        BigInteger sum = BigInteger.ZERO;
        for (int b = 0; b < Format.blocks(row.columns()); b++) {
            long inner = 0;
            for (int k = 64 * b; k < Math.min(64 * b + 64, row.columns()); k++) {
                inner += activations[k] * Numbers.integer(row, k);
            }
            long m = row.format().hasSubscales() ? row.subscales()[b] : 1;
            sum = sum.add(BigInteger.valueOf(m * inner));
        }
        return sum;
    }

    private static int kernel(QuantizedRow row, byte[] activations) {
        return DotProduct.dot(
                activations, row.integerWeights(), row.columns(), row.format().maxWeight());
    }

    /** REQ-DOT-001: I = Σ_b m_b · Σ_k a_k·T[c_k]. */
    @Property(tries = 500)
    void theSumIsTheDefinition(@ForAll("rows") QuantizedRow row, @ForAll long seed) {
        byte[] activations = Numbers.activationCodes(row.columns(), seed);
        assertEquals(sumByDefinition(row, activations), BigInteger.valueOf(kernel(row, activations)));
    }

    /** Seeded faults of the test above: a sub-scale of the neighbouring block, tables exchanged. */
    @Test
    void theDefinitionSeesFaults() {
        SplittableRandom random = new SplittableRandom(5);
        byte[] codes = new byte[130];
        for (int k = 0; k < codes.length; k++) {
            codes[k] = (byte) random.nextInt(8);
        }
        QuantizedRow row = new QuantizedRow(Format.G35, 1, codes, new byte[] {15, 2, 7});
        QuantizedRow rotated = new QuantizedRow(Format.G35, 1, codes, new byte[] {2, 7, 15});
        QuantizedRow exchanged = new QuantizedRow(Format.G3, 1, codes, new byte[] {15, 2, 7});
        byte[] activations = Numbers.activationCodes(130, 6);
        BigInteger sum = sumByDefinition(row, activations);
        assertEquals(sum, BigInteger.valueOf(kernel(row, activations)));
        assertTrue(!sum.equals(BigInteger.valueOf(kernel(rotated, activations))));
        assertTrue(!sum.equals(BigInteger.valueOf(kernel(exchanged, activations))));
    }

    /** Integer weights and activations that drive the sum to its bound: every term is +max, or −max. */
    private static long extremeSum(int maxWeight, int columns, int sign) {
        byte[] activations = new byte[columns];
        short[] weights = new short[columns];
        for (int k = 0; k < columns; k++) {
            activations[k] = (byte) (k % 3 == 0 ? 127 : -127);
            weights[k] = (short) (activations[k] > 0 ? sign * maxWeight : -sign * maxWeight);
        }
        int sum = DotProduct.dot(activations, weights, columns, maxWeight);
        assertEquals((long) sign * 127 * maxWeight * columns, sum);
        return sum;
    }

    /**
     * REQ-DOT-002, the theorem at its limit: all K of the format's limit, all terms of one sign, no prefix wraps (the
     * sum is monotone).
     */
    @ParameterizedTest
    @EnumSource
    void theLargestSumOfEveryFormatFitsInt32(Format format) {
        assertTrue(127L * format.maxWeight() * format.maxColumns() < 1L << 31, "the format's own constant");
        extremeSum(format.maxWeight(), format.maxColumns(), 1);
        extremeSum(format.maxWeight(), format.maxColumns(), -1);
    }

    /**
     * REQ-DOT-002: the corollaries, K ≤ 8192 for int8 × int4 and K = 28,672 for G35; and the seeded fault, a K past the
     * limit, wraps.
     */
    @Test
    void theCorollariesHoldAndALargerKWraps() {
        assertEquals(127L * 8 * 8192, extremeSum(8, 8192, 1));
        assertEquals(127L * 465 * 28_672, extremeSum(465, 28_672, 1));
        int past = (int) ((1L << 31) / (127 * 465)) + 1;
        assertTrue(past > Format.G35.maxColumns());
        assertThrows(AssertionError.class, () -> extremeSum(465, past, 1));
    }

    /** REQ-DOT-002, REQ-DOT-003: in any order and any chunks, every partial sum stays in int32 and the result is I. */
    @Property(tries = 300)
    void everyOrderAndEveryChunkingGiveTheSameSum(@ForAll("rows") QuantizedRow row, @ForAll long seed) {
        byte[] activations = Numbers.activationCodes(row.columns(), seed);
        short[] weights = row.integerWeights();
        int expected = kernel(row, activations);
        SplittableRandom random = new SplittableRandom(seed);
        int[] order = java.util.stream.IntStream.range(0, row.columns()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        long exact = 0;
        int[] lanes = new int[1 + random.nextInt(16)];
        for (int k : order) {
            exact += activations[k] * weights[k];
            assertEquals((int) exact, exact, "a partial sum");
            lanes[random.nextInt(lanes.length)] += activations[k] * weights[k];
        }
        assertEquals(expected, exact);
        assertEquals(expected, Arrays.stream(lanes).sum());
    }

    /**
     * REQ-DOT-003: sums of looked-up products, one table for each pair of neighbouring inputs, equal the sum of
     * multiplications.
     */
    @Property(tries = 200)
    void tablesOfProductsGiveTheSameSum(@ForAll("rows") QuantizedRow row, @ForAll long seed) {
        byte[] activations = Numbers.activationCodes(row.columns(), seed);
        int sum = 0;
        for (int k = 0; k < row.columns(); k++) {
            int size = 256;
            int[] products = new int[size];
            for (int c = 0; c < size; c++) {
                products[c] = activations[k] * (byte) c;
            }
            int m = row.format().hasSubscales() ? row.subscales()[k / 64] : 1;
            sum += m * products[Numbers.integer(row, k) & 0xff];
        }
        assertEquals(kernel(row, activations), sum);
    }

    /** REQ-DOT-004: three roundings, each by the exact yardstick; zeros have the sign of I. */
    @Property(tries = 3_000)
    void theOutputIsRoundedThreeTimes(
            @ForAll int sum, @ForAll("rowScale") float rowScale, @ForAll("activationScale") float activationScale) {
        requireThreeRoundings(sum, rowScale, activationScale, DotProduct.output(sum, rowScale, activationScale));
    }

    private static void requireThreeRoundings(int sum, float rowScale, float activationScale, float y) {
        float scale = Exact.of(rowScale).times(Exact.of(activationScale)).toBinary32();
        float expected =
                Exact.of(Exact.of(sum).toBinary32()).times(Exact.of(scale)).toBinary32();
        assertEquals(Math.abs(expected), Math.abs(y), () -> "%d, %s, %s".formatted(sum, rowScale, activationScale));
        assertEquals(sum < 0, Float.floatToRawIntBits(y) < 0, "the sign");
        assertTrue(Math.abs(y) < 0x1p122f, "REQ-DOT-005");
    }

    /**
     * Seeded faults: a product in binary64 that is rounded once, another order of the products, and a zero of the other
     * sign.
     */
    @Test
    void theCheckSeesOtherRoundings() {
        SplittableRandom random = new SplittableRandom(1);
        int once = 0;
        int order = 0;
        for (int i = 0; i < 200; i++) {
            int sum = random.nextInt();
            float rowScale = (float) random.nextDouble();
            float activationScale = (float) random.nextDouble();
            requireThreeRoundings(sum, rowScale, activationScale, DotProduct.output(sum, rowScale, activationScale));
            once += isSeen(sum, rowScale, activationScale, (float) (sum * ((double) rowScale * activationScale)));
            order += isSeen(sum, rowScale, activationScale, sum * rowScale * activationScale);
        }
        assertTrue(once > 20 && order > 20, once + " and " + order + " of 200");
        assertThrows(AssertionError.class, () -> requireThreeRoundings(-1, 0, 1, 0f));
    }

    private static int isSeen(int sum, float rowScale, float activationScale, float y) {
        try {
            requireThreeRoundings(sum, rowScale, activationScale, y);
            return 0;
        } catch (AssertionError seen) {
            return 1;
        }
    }

    /** REQ-DOT-005: at the limits of the scales and the sum, the output is finite and below 2¹²². */
    @Test
    void theLargestOutputIsFinite() {
        float y = DotProduct.output(Integer.MIN_VALUE + 1, 0x1p40f, 0x1p50f);
        assertTrue(Float.isFinite(y) && Math.abs(y) < 0x1p122f, () -> "" + y);
        assertEquals("-0.0", Float.toString(DotProduct.output(-5, Float.MIN_VALUE, Float.MIN_VALUE)));
        assertEquals("0.0", Float.toString(DotProduct.output(0, 1, 1)));
    }

    /**
     * REQ-DOT-007: exactly, s_row · s_act · I = Σ ŵ·(s_act·a); and y is that times three factors (1 + δ), |δ| ≤ 2⁻²⁴,
     * for normal numbers.
     */
    @Property(tries = 300)
    void theScaledSumIsTheDotProductOfTheDequantisedValues(
            @ForAll("rows") QuantizedRow row, @ForAll("activationScale") float activationScale, @ForAll long seed) {
        QuantizedToken token = new QuantizedToken(activationScale, Numbers.activationCodes(row.columns(), seed));
        int sum = row.dot(token);
        Exact scaled = Exact.of(row.scale()).times(Exact.of(activationScale)).times(Exact.of(sum));
        BigInteger integers = BigInteger.ZERO;
        short[] weights = row.integerWeights();
        for (int k = 0; k < weights.length; k++) {
            integers = integers.add(BigInteger.valueOf((long) weights[k] * token.codes()[k]));
        }
        Exact dot = Exact.of(row.scale()).times(Exact.of(activationScale)).times(new Exact(integers, BigInteger.ONE));
        assertTrue(scaled.same(dot));
        float y = DotProduct.output(sum, row.scale(), activationScale);
        if (row.scale() * activationScale >= Float.MIN_NORMAL && Math.abs(y) >= Float.MIN_NORMAL) {
            requireRelativeError(scaled, y);
        }
    }

    /** |y − v| ≤ ((1 + 2⁻²⁴)³ − 1)·|v|. */
    private static void requireRelativeError(Exact value, float y) {
        Exact one = Exact.of((1 << 24) + 1L, 1 << 24);
        Exact bound = one.times(one).times(one).minus(Exact.of(1));
        assertTrue(Exact.of(y).minus(value).abs().atMost(value.abs().times(bound)), () -> y + " for " + value);
    }

    /** Seeded fault of the bound: a fourth rounding's worth of error. */
    @Test
    void theRelativeErrorSeesAnotherUlp() {
        Exact three = Exact.of(3);
        requireRelativeError(three, 3);
        requireRelativeError(three, Math.nextUp(3f));
        assertThrows(
                AssertionError.class, () -> requireRelativeError(three, Math.nextUp(Math.nextUp(Math.nextUp(3f)))));
    }
}
