package org.threehalf.conformance;

import java.util.ArrayList;
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
        return List.copyOf(all.cases);
    }

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
        float[][] cosines = new float[POSITIONS.length][frequencies.length];
        float[][] sines = new float[POSITIONS.length][frequencies.length];
        for (int p = 0; p < POSITIONS.length; p++) {
            for (int i = 0; i < frequencies.length; i++) {
                float[] angle = OperationOracle.angle(POSITIONS[p], frequencies[i]);
                cosines[p][i] = angle[0];
                sines[p][i] = angle[1];
            }
        }
        List<Part> inputs = List.of(Part.i32("positions", POSITIONS), Part.f32("frequencies", frequencies));
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

    private void draw(String rest, float[] logits, float temperature, int topK, float topP) {
        draw(rest, logits, temperature, topK, topP, random.nextLong());
    }

    private void draw(String rest, float[] logits, float temperature, int topK, float topP, long from) {
        int[] tokens = new SamplingOracle(temperature, topK, topP, from).draws(logits, DRAWS);
        add(
                "sample",
                rest,
                List.of(
                        Part.f32("logits", logits),
                        Part.f32("temperature", temperature),
                        Part.i32("topK", topK),
                        Part.f32("topP", topP),
                        Part.i32("seed", (int) from, (int) (from >>> 32)),
                        Part.i32("draws", DRAWS)),
                Part.i32("y", tokens),
                "REQ-SMP-001",
                "REQ-SMP-002",
                "REQ-SMP-003",
                "REQ-SMP-004",
                "REQ-SMP-005");
    }
}
