package org.threehalf.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.threehalf.conformance.oracle.OperationOracle;
import org.threehalf.conformance.oracle.SamplingOracle;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorCase.Header;
import org.threehalf.kernels.transformer.ElementaryFunctions;

/**
 * What a host does around a device: cosines and sines, and the draw of tokens. A backend has no part in them, so they
 * are asked of exchanged programs alone.
 */
public final class HostCases {
    /** Quadrants, multiples of π/2 nearly met, and the last position. */
    private static final int[] POSITIONS = {0, 1, 2, 3, 11, 22, 44, 355, 710, 4095, 65_535, 524_288, (1 << 20) - 1};

    private static final Set<String> KINDS = Set.of("cosines", "sines", "sample");

    private static final int VOCABULARY = 57;
    private static final int DRAWS = 48;

    private final String prefix;
    private final String flag;
    private final String reason;
    private final SplittableRandom random;
    private final List<VectorCase> cases = new ArrayList<>();

    /**
     * None yet.
     *
     * @param prefix of their ids
     * @param flag why they are there, for a program
     * @param reason the same, for a person
     * @param seed of what is drawn in them
     */
    private HostCases(String prefix, String flag, String reason, long seed) {
        this.prefix = prefix;
        this.flag = flag;
        this.reason = reason;
        this.random = new SplittableRandom(seed ^ 0x686f7374L);
    }

    /** Whether a case is one of them, so that no backend has an answer. */
    public static boolean has(VectorCase vectorCase) {
        return vectorCase instanceof VectorCase.Operation
                && KINDS.contains(vectorCase.header().kind());
    }

    /** The cases of a seed. */
    static List<VectorCase> of(long seed) {
        HostCases all = new HostCases("random-" + seed, "Random", "random contents, seed " + seed, seed);
        all.angles("base-10000", OperationOracle.frequencies(10_000, 24));
        all.angles("base-500000", OperationOracle.frequencies(500_000, 16));
        float[] any = new float[17];
        for (int i = 0; i < any.length; i++) {
            any[i] = (float) all.random.nextDouble(1e-6, 1);
        }
        any[16] = 1;
        all.angles("any", any);
        all.draws();
        return List.copyOf(all.cases);
    }

    /**
     * Inputs that were searched for: frequencies at which a constant one unit off, or a term of a polynomial less,
     * gives another cosine or sine at one of {@link #POSITIONS}; draws that turn on the last bits of the random number,
     * or on equality.
     */
    static List<VectorCase> searched() {
        return Searched.CASES;
    }

    /** Made once. */
    private static final class Searched {
        private static final List<VectorCase> CASES = search();
    }

    private static List<VectorCase> search() {
        HostCases all = new HostCases("wide", "Searched", "a small fault of an implementation shows here", 0);
        all.angles("searched", FREQUENCIES);
        // So many equal logits that the last bits of a target decide.
        float[] equal = new float[3001];
        for (long from : new long[] {5060, 21_205, 88_599}) {
            all.draw("last-bits-%d".formatted(from), equal, 1, 0, 1, from);
        }
        // Two candidates; the first random number is 2⁶³, so the target is exactly the first's weight, which is passed.
        all.draw("target-is-a-bound", new float[2], 1, 0, 1, 0x2fed_f1ef_ce1d_5545L);
        // Of four candidates two have exactly the share.
        all.draw("share-is-met", new float[4], 1, 0, 0.5f, 1);
        all.reciprocalTemperature();
        all.angles("library", LIBRARY_POSITIONS, LIBRARY_FREQUENCIES);
        all.wideDraws();
        all.widePositions();
        return List.copyOf(all.cases);
    }

    /**
     * At one of these frequencies each, a correctly rounded cosine or sine, or one whose last step is fused, is another
     * than that of REQ-ROP-004.
     */
    private static final int[] LIBRARY_POSITIONS = {517_973, 518_418, 342_005, 43_242, 828_842, 492_538, 460_472};

    private static final float[] LIBRARY_FREQUENCIES = {
        0x1.ea88b8p-1f,
        0x1.222e84p-1f,
        0x1.fe998cp-1f,
        0x1.267036p-16f,
        0x1.ea6a44p-21f,
        0x1.9d26cep-20f,
        0x1.b5699p-20f
    };

    private static final float[] FREQUENCIES = {
        0x1.85a96ep-1f,
        0x1.481046p-2f,
        0x1.56a3fp-6f,
        0x1.c964a4p-5f,
        0x1.891f3cp-4f,
        0x1.8e8c56p-2f,
        0x1.030e5ep-5f,
        0x1.21d768p-3f,
        0x1.ac2bdcp-3f
    };

    private void add(String kind, String rest, List<Part> inputs, Part expected, String... requirements) {
        cases.add(new VectorCase.Operation(
                new Header(
                        "%s/%s/%s".formatted(prefix, kind, rest),
                        kind,
                        List.of(requirements),
                        new LinkedHashMap<>(Map.of(flag, reason))),
                inputs,
                expected));
    }

    private void angles(String rest, float[] frequencies) {
        angles(rest, POSITIONS, frequencies);
    }

    private void angles(String rest, int[] positions, float[] frequencies) {
        float[][] cosines = new float[positions.length][frequencies.length];
        float[][] sines = new float[positions.length][frequencies.length];
        for (int p = 0; p < positions.length; p++) {
            for (int i = 0; i < frequencies.length; i++) {
                float[] angle = OperationOracle.angle(positions[p], frequencies[i]);
                cosines[p][i] = angle[0];
                sines[p][i] = angle[1];
            }
        }
        List<Part> inputs = List.of(Part.i32("positions", positions), Part.f32("frequencies", frequencies));
        add("cosines", rest, inputs, Part.f32("y", cosines), "REQ-ROP-003", "REQ-ROP-004");
        add("sines", rest, inputs, Part.f32("y", sines), "REQ-ROP-003", "REQ-ROP-004");
    }

    private void draws() {
        float[] logits = new float[VOCABULARY];
        for (int v = 0; v < VOCABULARY; v++) {
            logits[v] = 3 * (float) random.nextGaussian();
        }
        draw("all", logits, 1, 0, 1);
        draw("hot", logits, 5.5f, 0, 1);
        draw("cold", logits, 0.0625f, 0, 1);
        draw("top-k-1", logits, 0.8f, 1, 1);
        draw("top-k-7", logits, 1.3f, 7, 1);
        draw("top-k-more-than-there-are", logits, 1.3f, VOCABULARY + 1, 1);
        draw("top-p", logits, 0.8f, 0, 0.75f);
        draw("top-p-tiny", logits, 2, 0, 0x1p-149f);
        draw("top-k-and-p", logits, 0.7f, 20, 0.9f);
        draw("most-likely", logits, 0, 0, 1);
        // Equal logits are in the order of their ids, and the two zeros are equal.
        float[] equal = new float[VOCABULARY];
        for (int v = 0; v < VOCABULARY; v++) {
            equal[v] = v % 5 == 0 ? -1 : v % 2 == 0 ? 0.0f : -0.0f;
        }
        draw("equal", equal, 1, 0, 1);
        draw("equal-top-k", equal, 1, 9, 1);
        draw("equal-top-p", equal, 1, 0, 0.5f);
        draw("equal-most-likely", equal, 0, 0, 1);
        // A weight that is subnormal, and some that are 0: candidates that no draw takes.
        float[] far = new float[VOCABULARY];
        for (int v = 0; v < VOCABULARY; v++) {
            far[v] = -4 * v;
        }
        draw("far", far, 1, 0, 1);
    }

    /**
     * Vocabularies as large as those of models, more draws than a buffer holds, temperatures far from 1, and candidates
     * whose number or order turns on the width in which weights are added.
     */
    private void wideDraws() {
        // Few logits are different, so that weights come again and again and the candidates of one weight are many.
        float[] vocabulary = new float[150_000];
        for (int v = 0; v < vocabulary.length; v++) {
            vocabulary[v] = Math.round(12 * random.nextGaussian()) / 8f;
        }
        draw("vocabulary", vocabulary, 1.3f, 0, 1, random.nextLong(), 1000);
        float[] many = new float[10_000];
        for (int v = 0; v < many.length; v++) {
            many[v] = Math.round(12 * random.nextGaussian()) / 8f;
        }
        draw("many", many, 0.7f, 0, 1, random.nextLong(), 1000);
        draw("many-top-p", many, 1.7f, 0, 0.97f, random.nextLong(), 300);
        draw("many-top-k", many, 1.1f, 9999, 1, random.nextLong(), 300);
        draw("many-top-k-and-p", many, 2.3f, 9000, 0.6f, random.nextLong(), 300);
        draw("many-top-k-40", many, 0.9f, 40, 1, random.nextLong(), 300);
        float[] few = new float[VOCABULARY];
        for (int v = 0; v < VOCABULARY; v++) {
            few[v] = (float) random.nextGaussian();
        }
        for (int k : new int[] {2, 3, 15, 16, 17, 21, 31, 32, 33, 40, 50, 55, 56, 57}) {
            draw("few-top-" + k, few, 3, k, 1, random.nextLong(), 100);
        }
        for (float p : new float[] {0.05f, 0.3f, 0.6f, 0.9f, 0.99f, Math.nextDown(1f)}) {
            draw("few-20-then-" + p, few, 2, 20, p, random.nextLong(), 100);
        }
        float[] near = new float[VOCABULARY];
        for (int v = 0; v < VOCABULARY; v++) {
            near[v] = 7 + few[v] / 50;
        }
        int number = 0;
        for (float t : new float[] {0.01f, 0.03f, 0.049f, 0.1f, 1e-3f}) {
            draw("cold-" + number++, near, t, 0, 1, random.nextLong(), 100);
        }
        draw("coldest", few, 1e-30f, 0, 1, random.nextLong(), 20);
        draw("hottest", few, 1e30f, 0, 1, random.nextLong(), 100);
        // Of n equal candidates the share p · n lies just above k, and its rounding to binary32 is k: k + 1 stay.
        float[] equal = new float[3001];
        for (int k : new int[] {37, 1000, 2999}) {
            float share = Math.nextUp((float) ((double) k / equal.length));
            while ((float) ((double) share * equal.length) > k) {
                share = Math.nextDown(share);
            }
            while (!((double) share * equal.length > k)) {
                share = Math.nextUp(share);
            }
            draw("share-above-" + k, equal, 1, 0, share, random.nextLong(), 200);
        }
    }

    /**
     * Shares at which another number of candidates stays where a product with 1/T stands in place of the division by T.
     */
    private void reciprocalTemperature() {
        float temperature = 1.3f;
        for (int found = 0; found < 4; ) {
            float[] logits = new float[VOCABULARY];
            for (int v = 0; v < VOCABULARY; v++) {
                logits[v] = 2 * (float) random.nextGaussian();
            }
            double[] right = cumulative(logits, x -> x / temperature);
            double[] wrong = cumulative(logits, x -> x * (1 / temperature));
            for (int kept = VOCABULARY - 8; kept > 20; kept--) {
                float share = (float) (right[kept] / right[VOCABULARY - 1]);
                if (kept(right, share) != kept(wrong, share)) {
                    draw("reciprocal-temperature-" + found++, logits, temperature, 0, share, random.nextLong(), 2000);
                    break;
                }
            }
        }
    }

    private interface Quotient {
        float of(float distance);
    }

    /** Sums of weights, for the search alone. */
    private static double[] cumulative(float[] logits, Quotient quotient) {
        float[] sorted = logits.clone();
        Arrays.sort(sorted);
        double[] sums = new double[sorted.length];
        double sum = 0;
        for (int i = 0; i < sums.length; i++) {
            float distance = sorted[sorted.length - 1 - i] - sorted[sorted.length - 1];
            sum += ElementaryFunctions.exp(quotient.of(distance));
            sums[i] = sum;
        }
        return sums;
    }

    private static int kept(double[] sums, float share) {
        int kept = 1;
        while (sums[kept - 1] < share * sums[sums.length - 1]) {
            kept++;
        }
        return kept;
    }

    /** Odd positions from each power of two to the next, and the neighbours of each power. */
    private void widePositions() {
        int[] positions = new int[57];
        for (int i = 0; i < 19; i++) {
            positions[3 * i] = (1 << i + 1) - 1;
            positions[3 * i + 1] = (1 << i + 1) + 1;
            positions[3 * i + 2] = (1 << i + 1 | random.nextInt(1 << i + 1) | 1) % (1 << 20);
        }
        float[] frequencies = {1, 0x1.8p-1f, 0x1.fffffep-1f, 0.1f, 0x1.23456p-5f, 1e-4f, 0x1p-20f};
        angles("positions", positions, frequencies);
    }

    private void draw(String rest, float[] logits, float temperature, int topK, float topP) {
        draw(rest, logits, temperature, topK, topP, random.nextLong());
    }

    private void draw(String rest, float[] logits, float temperature, int topK, float topP, long from) {
        draw(rest, logits, temperature, topK, topP, from, DRAWS);
    }

    private void draw(String rest, float[] logits, float temperature, int topK, float topP, long from, int draws) {
        int[] tokens = new SamplingOracle(temperature, topK, topP, from).draws(logits, draws);
        add(
                "sample",
                rest,
                List.of(
                        Part.f32("logits", logits),
                        Part.f32("temperature", temperature),
                        Part.i32("topK", topK),
                        Part.f32("topP", topP),
                        Part.i32("seed", (int) from, (int) (from >>> 32)),
                        Part.i32("draws", draws)),
                Part.i32("y", tokens),
                "REQ-SMP-001",
                "REQ-SMP-002",
                "REQ-SMP-003",
                "REQ-SMP-004",
                "REQ-SMP-005");
    }
}
