package org.threehalf.conformance.oracle;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The draw of a token, computed a second time by section 6 of {@code spec/INFERENCE.md}: weights and their sums in
 * exact rationals, the generator in integers modulo 2⁶⁴.
 */
public final class SamplingOracle {
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(64);
    private static final BigInteger STEP = new BigInteger("9E3779B97F4A7C15", 16);
    private static final BigInteger FIRST = new BigInteger("BF58476D1CE4E5B9", 16);
    private static final BigInteger SECOND = new BigInteger("94D049BB133111EB", 16);

    private final float temperature;
    private final int topK;
    private final float topP;
    private BigInteger state;

    /**
     * A generator at the start of its seed's sequence.
     *
     * @param temperature T, 0 for the most likely token
     * @param topK how many candidates stay, 0 for all
     * @param topP P in (0, 1]
     * @param seed any number; its bits count
     */
    public SamplingOracle(float temperature, int topK, float topP, long seed) {
        this.temperature = temperature;
        this.topK = topK;
        this.topP = topP;
        this.state = BigInteger.valueOf(seed).mod(MODULUS);
    }

    /** So many tokens, one after the other, from the same logits (REQ-SMP-001 to REQ-SMP-005). */
    public int[] draws(float[] logits, int count) {
        List<Integer> order = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> logits[id] + 0.0) // −0 becomes +0
                        .reversed()
                        .thenComparing(id -> id))
                .limit(topK == 0 || temperature == 0 ? logits.length : topK)
                .toList();
        if (temperature == 0) {
            return IntStream.range(0, count).map(i -> order.getFirst()).toArray();
        }
        double[] cumulative = new double[order.size()];
        // Of a large vocabulary many logits are the same.
        Map<Float, Rational> weights = new HashMap<>();
        for (int i = 0; i < cumulative.length; i++) {
            Rational weight =
                    weights.computeIfAbsent(logits[order.get(i)], logit -> weight(logit, logits[order.getFirst()]));
            cumulative[i] = i == 0
                    ? weight.toBinary64()
                    : Rational.of(cumulative[i - 1]).plus(weight).toBinary64();
        }
        int stay = cumulative.length;
        if (topP < 1) {
            double share =
                    Rational.of(topP).times(Rational.of(cumulative[stay - 1])).toBinary64();
            stay = 1
                    + IntStream.range(0, stay)
                            .filter(i -> cumulative[i] >= share)
                            .findFirst()
                            .orElseThrow();
        }
        int last = stay - 1;
        return IntStream.range(0, count)
                .map(i -> {
                    double target =
                            uniform().times(Rational.of(cumulative[last])).toBinary64();
                    return order.get(IntStream.rangeClosed(0, last)
                            .filter(c -> cumulative[c] > target)
                            .findFirst()
                            .orElseThrow());
                })
                .toArray();
    }

    private Rational weight(float logit, float largest) {
        Rational distance = Rational.of(logit).plus(Rational.of(-largest));
        float quotient = Rational.of(distance.toBinary32())
                .dividedBy(Rational.of(temperature))
                .toBinary32();
        return Rational.of(OperationOracle.exp(quotient));
    }

    private Rational uniform() {
        state = state.add(STEP).mod(MODULUS);
        BigInteger z = state;
        z = z.xor(z.shiftRight(30)).multiply(FIRST).mod(MODULUS);
        z = z.xor(z.shiftRight(27)).multiply(SECOND).mod(MODULUS);
        z = z.xor(z.shiftRight(31));
        return new Rational(z.shiftRight(11), BigInteger.ONE.shiftLeft(53));
    }
}
