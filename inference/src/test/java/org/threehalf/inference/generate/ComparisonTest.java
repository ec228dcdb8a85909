package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.decoder.Decoder;

class ComparisonTest {
    private static final int[] TOKENS = {0, 1, 0, 1, 1, 0, 0, 1};

    /** A decoder whose logits are those of a list of distributions, by position. */
    private static Decoder fixed(double[]... distributions) {
        return new Decoder() {
            @Override
            public void forward(int[] tokens, int position, float[][] logits) {
                for (int i = 0; i < logits.length; i++) {
                    double[] p = distributions[position + tokens.length - logits.length + i];
                    for (int v = 0; v < p.length; v++) {
                        // Any constant may be added.
                        logits[i][v] = (float) (Math.log(p[v]) + 3);
                    }
                }
            }

            @Override
            public int capacity() {
                return distributions.length;
            }

            @Override
            public void close() {}
        };
    }

    private static Comparison.Result compare(Decoder source, Decoder model) {
        return Comparison.measure(source, model, 2, TOKENS, 8, 9, -1, (done, all, soFar) -> true);
    }

    /** Of 8 positions those from 4 to 6 count. */
    @Test
    void figuresAreThoseOfTheirDefinitions() {
        double[] even = {0.5, 0.5};
        double[] left = {0.75, 0.25};
        double[] right = {0.25, 0.75};
        Comparison.Result result = compare(
                fixed(even, even, even, even, left, left, left, even),
                fixed(even, even, even, even, even, left, right, even));
        double a = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
        double b = 0.5 * Math.log(3);
        assertEquals(3, result.tokens());
        assertArrayEquals(new double[] {0, a, b}, result.divergences(), 1e-6);
        assertEquals((a + b) / 3, result.mean(), 1e-6);
        double mean = (a + b) / 3;
        assertEquals(
                Math.sqrt((mean * mean + (a - mean) * (a - mean) + (b - mean) * (b - mean)) / 6),
                result.meanError(),
                1e-6);
        assertEquals(a, result.quantile(0.5), 1e-6);
        assertEquals(b, result.quantile(0.99), 1e-6);
        assertEquals(0, result.quantile(1e-9), 1e-6);
        // Even odds count as the first token, as left does; right does not.
        assertEquals(2.0 / 3, result.agreement(), 1e-12);
        // The tokens after positions 4, 5 and 6 are 0, 0 and 1.
        double source = -(2 * Math.log(0.75) + Math.log(0.25)) / 3;
        double model = -(Math.log(0.5) + 2 * Math.log(0.75)) / 3;
        assertEquals(Math.exp(source), result.source().perplexity(), 1e-6);
        assertEquals(Math.exp(model), result.model().perplexity(), 1e-6);
        assertEquals(Math.exp(model - source), result.ratio(), 1e-6);
    }

    @Test
    void aModelIsItself() {
        double[] p = {0.3, 0.7};
        Comparison.Result result = compare(fixed(p, p, p, p, p, p, p, p), fixed(p, p, p, p, p, p, p, p));
        assertEquals(0, result.quantile(1), 1e-12);
        assertEquals(1, result.agreement());
        assertEquals(0, result.agreementError());
        assertEquals(1, result.ratio());
        assertEquals(0, result.ratioError());
    }

    @Test
    void aTextOfLessThanAWindowIsRefused() {
        Decoder decoder = fixed(new double[8][]);
        assertThrows(
                IllegalArgumentException.class,
                () -> Comparison.measure(decoder, decoder, 2, new int[7], 8, 9, -1, (done, all, soFar) -> true));
        assertThrows(
                IllegalArgumentException.class,
                () -> Comparison.measure(decoder, decoder, 2, TOKENS, 9, 9, -1, (done, all, soFar) -> true));
    }

    /** REQ-DEC-004: of two models it is said which one's logits are damaged, and where. */
    @Test
    void aLogitThatIsNotFiniteIsNamedWithItsModel() {
        double[] even = {0.5, 0.5};
        double[] damaged = {Double.NaN, 0.5};
        Decoder right = fixed(even, even, even, even, even, even, even, even);
        Decoder wrong = fixed(even, even, even, even, even, damaged, even, even);
        assertEquals(
                "the model, at position 5 of window 1",
                assertThrows(IllegalArgumentException.class, () -> compare(right, wrong))
                        .getMessage()
                        .split(":")[0]);
        assertEquals(
                "the source, at position 5 of window 1",
                assertThrows(IllegalArgumentException.class, () -> compare(wrong, right))
                        .getMessage()
                        .split(":")[0]);
    }
}
