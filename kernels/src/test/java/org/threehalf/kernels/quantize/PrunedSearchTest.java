package org.threehalf.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.Numbers.Weights;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedRow.SubscaleSearch;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.WeightQuantizer;

/** REQ-QNT-011, REQ-QNT-012: the fast search gives the codes and sub-scales of the reference. */
class PrunedSearchTest {

    private static final Format[] FORMATS = {Format.G4, Format.G35, Format.G3};

    /** What a search gave. */
    private record Found(String codes, String subscales) {
        static Found by(SubscaleSearch search, int[] u, Format format) {
            byte[] codes = new byte[u.length];
            byte[] subscales = new byte[Format.blocks(u.length)];
            search.quantize(u, format.even().toArray(), format.odd().toArray(), codes, subscales);
            return new Found(Arrays.toString(codes), Arrays.toString(subscales));
        }
    }

    private static void requireEqual(SubscaleSearch search, int[] u) {
        for (Format format : FORMATS) {
            assertEquals(
                    Found.by(WeightQuantizer::quantizeWithSubscales, u, format),
                    Found.by(search, u, format),
                    () -> format + " of " + Arrays.toString(u));
        }
    }

    /** REQ-QNT-012 on rows as they come. */
    @Property(tries = 500)
    void equalsTheReferenceOnRows(@ForAll Weights weights) {
        for (Format format : FORMATS) {
            assertEquals(
                    QuantizedRow.quantize(format, weights.values()),
                    QuantizedRow.quantize(format, weights.values(), new PrunedSearch()));
        }
    }

    @Provide
    Arbitrary<int[]> fixedPoint() {
        Arbitrary<Integer> any =
                Arbitraries.integers().between(-WeightQuantizer.MAX_FIXED_POINT, WeightQuantizer.MAX_FIXED_POINT);
        // Multiples of 32 are where the ties between neighbours lie.
        Arbitrary<Integer> ties = Arbitraries.integers().between(-930, 930).map(n -> 32 * n);
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(1, any), net.jqwik.api.Tuple.of(2, ties))
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(130);
    }

    /** REQ-QNT-011 on fixed-point weights of any kind, many at ties. */
    @Property(tries = 500)
    void equalsTheReferenceOnFixedPointWeights(@ForAll("fixedPoint") int[] u) {
        requireEqual(new PrunedSearch(), u);
    }

    /**
     * REQ-QNT-011, exhaustively: every fixed-point weight, alone in its block, in all three formats at both positions.
     */
    @Test
    void everyWeightAloneInItsBlock() {
        PrunedSearch search = new PrunedSearch();
        for (Codebook codebook : new Codebook[] {Codebook.T4G, Codebook.T3G}) {
            byte[] table = codebook.toArray();
            byte[] codes = new byte[2];
            byte[] subscales = new byte[1];
            byte[] expectedCodes = new byte[2];
            byte[] expectedSubscales = new byte[1];
            for (int u = -WeightQuantizer.MAX_FIXED_POINT; u <= WeightQuantizer.MAX_FIXED_POINT; u += 3) {
                int[] block = {u, u / 2};
                search.quantize(block, table, table, codes, subscales);
                WeightQuantizer.quantizeWithSubscales(block, table, table, expectedCodes, expectedSubscales);
                if (subscales[0] != expectedSubscales[0] || !Arrays.equals(codes, expectedCodes)) {
                    assertEquals(
                            Arrays.toString(expectedCodes) + expectedSubscales[0],
                            Arrays.toString(codes) + subscales[0],
                            "u = " + u);
                }
            }
        }
    }

    /**
     * REQ-QNT-011: where the sub-scale is 0 every entry is equally near, and the code is 0 even of a weight that is
     * not.
     */
    @Test
    void aSubscaleOfZeroHasCodesOfZero() {
        assertEquals(new Found("[0, 0]", "[0]"), Found.by(new PrunedSearch(), new int[] {1, -1}, Format.G35));
        requireEqual(new PrunedSearch(), new int[] {31, 31});
    }

    /** The zeros, the extremes, and blocks of one magnitude, where many sub-scales are equally good. */
    @Test
    void blocksWithManyEqualSubscales() {
        int[] u = new int[64];
        requireEqual(new PrunedSearch(), u);
        for (int value : new int[] {1, 32, 64, 992, 1984, 14_880, 29_760, -29_760, -1}) {
            Arrays.fill(u, value);
            requireEqual(new PrunedSearch(), u);
            u[63] = -value;
            requireEqual(new PrunedSearch(), u);
        }
    }

    /** Seeded faults: a search that takes the last of equal sub-scales, and one that starts too high and gives up. */
    @Test
    void theComparisonSeesFaultySearches() {
        int[] zeros = new int[64];
        SubscaleSearch lastOfEquals = (u, even, odd, codes, subscales) -> {
            WeightQuantizer.quantizeWithSubscales(u, even, odd, codes, subscales);
            int from = 0;
            for (int m = subscales[0]; m <= 15; m++) {
                if (WeightQuantizer.blockError(u, from, 64, m, even, odd)
                        == WeightQuantizer.blockError(u, from, 64, subscales[0], even, odd)) {
                    subscales[0] = (byte) m;
                }
            }
        };
        SubscaleSearch largestFits = (u, even, odd, codes, subscales) -> {
            WeightQuantizer.quantizeWithSubscales(u, even, odd, codes, subscales);
            subscales[0] =
                    (byte) Math.min(15, (Arrays.stream(u).map(Math::abs).max().orElse(0) + 1983) / 1984);
        };
        int[] random = new SplittableRandom(1).ints(64, -20_000, 20_000).toArray();
        int[] spike = new int[64];
        spike[0] = 29_760;
        Arrays.fill(spike, 1, 64, 300);
        for (int[] u : new int[][] {random, spike, zeros}) {
            requireEqual(new PrunedSearch(), u);
        }
        int[] one = {64 * 31, 0};
        assertNotEquals(
                Found.by(WeightQuantizer::quantizeWithSubscales, spike, Format.G35),
                Found.by(largestFits, spike, Format.G35));
        assertEquals(
                Found.by(WeightQuantizer::quantizeWithSubscales, one, Format.G35),
                Found.by(new PrunedSearch(), one, Format.G35));
        int[] tied = tiedBlock();
        requireEqual(new PrunedSearch(), tied);
        assertNotEquals(
                Found.by(WeightQuantizer::quantizeWithSubscales, tied, Format.G4),
                Found.by(lastOfEquals, tied, Format.G4));
    }

    /** 64 weights that two sub-scales meet exactly: 28 = 2·14 = 4·7 = 7·4. */
    private static int[] tiedBlock() {
        int[] u = new int[64];
        Arrays.fill(u, 64 * 28);
        return u;
    }
}
