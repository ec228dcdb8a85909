package org.threehalf.conformance.mistakes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.ConformanceSuite;
import org.threehalf.conformance.KillList;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.io.Verdict;

/**
 * Level L2 finds every known mistake of the transformer's operations (REQ-OPS-001 to REQ-OPS-010, REQ-ROP-005,
 * REQ-ATT-002, REQ-ATT-004, REQ-ATT-005, REQ-CNF-005).
 */
class OperationMistakesTest {

    private static final List<VectorCase> CASES = Cases.of(
                    new Options(null, List.of(35L), null, null, 2, Set.of(Level.L2), null, result -> {}))
            .cases();

    private static Optional<CaseResult> killer(Backend backend, List<VectorCase> cases) {
        return cases.stream()
                .map(c -> ConformanceSuite.run(backend, c))
                .filter(result -> result.verdict() == Verdict.FAILED)
                .findFirst();
    }

    @Test
    void theRightOperationsPass() {
        assertEquals(Optional.empty(), killer(OperationMistakes.right(), CASES));
    }

    @Test
    void everyMistakeIsKilledByASingleOperation() throws IOException {
        KillList list = new KillList("known mistakes of a transformer's operations, by single operations");
        List<VectorCase> single =
                CASES.stream().filter(c -> c instanceof VectorCase.Operation).toList();
        for (Mistake mistake : OperationMistakes.all()) {
            list.add(mistake.name(), killer(mistake.backend().get(), single));
        }
        assertEquals(List.of(), list.survivors());
        list.write("operation-mistakes.json");
    }

    @Test
    void wholeDecodersFindMostOfThemToo() {
        List<VectorCase> decoders =
                CASES.stream().filter(c -> c instanceof VectorCase.DecoderRun).toList();
        assertEquals(22, decoders.size());
        List<String> unseen = OperationMistakes.all().stream()
                .filter(m -> killer(m.backend().get(), decoders).isEmpty())
                .map(Mistake::name)
                .toList();
        // Subnormal results of single operations do not reach these decoders' logits, nor do the last bits of a weight
        // and the small rest of a gate far below 0; the single operations have cases for them.
        assertEquals(
                List.of(
                        "transformer: flush of subnormal results",
                        "transformer: exp: subnormal results are zero",
                        "transformer: sinks: left out of the largest score",
                        "transformer: clamped product: the gate is limited on both sides"),
                unseen);
    }
}
