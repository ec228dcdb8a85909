package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase.Operation;
import org.threehalf.kernels.transformer.RotaryAngles;
import org.threehalf.kernels.transformer.TokenSampler;

/**
 * What this project's own host computes of the cases that programs are asked for (REQ-ROP-003, REQ-ROP-004, REQ-SMP-001
 * to REQ-SMP-005).
 */
class HostCasesTest {
    private static final List<Operation> CASES = Stream.concat(
                    HostCases.searched().stream(),
                    GeneratedCases.SEEDS.stream().flatMap(seed -> HostCases.of(seed).stream()))
            .map(Operation.class::cast)
            .toList();

    private static List<Operation> of(String kind) {
        List<Operation> cases =
                CASES.stream().filter(c -> c.header().kind().equals(kind)).toList();
        assertTrue(cases.size() >= 6, kind + ": " + cases.size());
        return cases;
    }

    private static Part angles(Operation c, float[] frequencies) {
        int[] positions = c.input("positions").ints();
        float[][] cosines = new float[positions.length][frequencies.length];
        float[][] sines = new float[positions.length][frequencies.length];
        for (int p = 0; p < positions.length; p++) {
            RotaryAngles.cosinesAndSines(frequencies, positions[p], cosines[p], sines[p], 0);
        }
        return Part.f32("y", c.header().kind().equals("cosines") ? cosines : sines);
    }

    private static Part drawn(Operation c, float topP, long seed) {
        float[] logits = c.input("logits").floats();
        TokenSampler sampler = new TokenSampler(
                new TokenSampler.Settings(
                        c.input("temperature").floats()[0], c.input("topK").ints()[0], topP),
                seed);
        return Part.i32(
                "y",
                IntStream.range(0, c.input("draws").ints()[0])
                        .map(i -> sampler.next(logits))
                        .toArray());
    }

    private static long seed(Operation c) {
        int[] halves = c.input("seed").ints();
        return (long) halves[1] << 32 | Integer.toUnsignedLong(halves[0]);
    }

    @Test
    void theHostGivesTheAnglesOfTheOracle() {
        for (String kind : List.of("cosines", "sines")) {
            for (Operation c : of(kind)) {
                float[] frequencies = c.input("frequencies").floats();
                assertEquals(c.expected(), angles(c, frequencies), c.header().id());
                frequencies[0] = Math.nextDown(frequencies[0]);
                assertNotEquals(c.expected(), angles(c, frequencies), "another frequency shows");
            }
        }
    }

    @Test
    void theHostDrawsTheTokensOfTheOracle() {
        for (Operation c : of("sample")) {
            float topP = c.input("topP").floats()[0];
            Part tokens = drawn(c, topP, seed(c));
            assertEquals(c.expected(), tokens, c.header().id());
        }
    }

    /** Another seed gives other tokens in the cases whose draws many candidates can win. */
    @Test
    void anotherSeedShows() {
        List<String> open =
                List.of("all", "hot", "top-k-7", "top-k-more-than-there-are", "equal", "equal-top-k", "equal-top-p");
        List<Operation> drawn = of("sample").stream()
                .filter(c -> open.contains(c.header().id().replaceFirst(".*/", "")))
                .toList();
        assertEquals(open.size() * GeneratedCases.SEEDS.size(), drawn.size());
        for (Operation c : drawn) {
            assertNotEquals(
                    c.expected(),
                    drawn(c, c.input("topP").floats()[0], seed(c) + 1),
                    c.header().id());
        }
    }
}
