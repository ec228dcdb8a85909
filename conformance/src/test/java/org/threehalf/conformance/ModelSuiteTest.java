package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.conformance.mistakes.Mistake;
import org.threehalf.conformance.mistakes.SteppedBackend;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.io.Verdict;

/** Level L3 on small models: right and faulty backends (REQ-CNF-005, REQ-DEC-005). */
class ModelSuiteTest {

    private static final VectorCase.DecoderRun RUN = (VectorCase.DecoderRun) TransformerCases.of(35).stream()
            .filter(c -> c instanceof VectorCase.DecoderRun)
            .toList()
            .get(1);
    private static final ModelSuite SUITE = new ModelSuite(
            "m.gguf",
            new WholeModel(RUN.weights(), RUN.tokens()),
            BackendProvider.named("reference").open());

    private static List<CaseResult> run(Backend backend) {
        List<CaseResult> results = new ArrayList<>();
        SUITE.run(backend, (id, level) -> true, results::add);
        return results;
    }

    private static List<String> failed(Backend backend) {
        return run(backend).stream()
                .filter(result -> result.verdict() == Verdict.FAILED)
                .map(CaseResult::id)
                .toList();
    }

    /** REQ-CNF-008. */
    @Test
    void aRightBackendPassesAtEveryPositionWithItsHash() {
        List<CaseResult> results = run(new SteppedBackend());
        assertEquals(RUN.tokens().length + 1, results.size());
        assertTrue(
                results.stream().allMatch(r -> r.verdict() == Verdict.PASSED && r.level() == Level.L3),
                results::toString);
        assertTrue(
                results.getFirst().note().matches("SHA-256 [0-9a-f]{64}"),
                results.getFirst().note());
        assertEquals("m.gguf/tokens", results.getLast().id());
        assertTrue(
                results.getLast().note().startsWith("greedy: ["),
                results.getLast().note());
    }

    @Test
    void mistakesInProductsAndOperationsShow() {
        for (String name : List.of(
                "output: flush of a subnormal y",
                "wrapping 16-bit accumulation",
                "activations: truncating conversion",
                "swapped nibbles",
                "transformer: fused multiply-add",
                "transformer: norm: 1 + weight",
                "transformer: attention: the window holds one position too many")) {
            Mistake mistake = Mistake.all().stream()
                    .filter(m -> m.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            // The first of these flushes what no weight of this model makes: L3 is no substitute for L1.
            assertEquals(
                    name.startsWith("output: flush"),
                    failed(mistake.backend().get()).isEmpty(),
                    name);
        }
    }

    @Test
    void aStaleCacheShowsFromTheSecondPositionOn() {
        Backend stale = new SteppedBackend() {
            @Override
            public Decoder decoder(DecoderWeights weights, int capacity) {
                Decoder right = super.decoder(weights, capacity);
                return new Decoder() {
                    @Override
                    public int capacity() {
                        return right.capacity();
                    }

                    @Override
                    public void forward(int[] tokens, int position, float[][] logits) {
                        // Every token is fed as if it were the first: what was fed before is forgotten.
                        right.forward(tokens, 0, logits);
                    }

                    @Override
                    public void close() {
                        right.close();
                    }
                };
            }
        };
        List<String> failed = failed(stale);
        assertEquals("m.gguf/logits/001", failed.getFirst());
        assertTrue(failed.size() >= RUN.tokens().length - 1, failed::toString);
    }

    @Test
    void whatADecoderThrowsFailsEveryPosition() {
        Backend none = new SteppedBackend() {
            @Override
            public Decoder decoder(DecoderWeights weights, int capacity) {
                throw new IllegalStateException("no room");
            }
        };
        assertEquals(RUN.tokens().length + 1, failed(none).size());
    }

    @Test
    void aTextWithoutTokensIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new WholeModel(RUN.weights(), new int[0]));
    }
}
