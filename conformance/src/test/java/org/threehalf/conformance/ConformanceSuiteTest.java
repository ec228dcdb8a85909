package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.mistakes.Mistake;
import org.threehalf.conformance.mistakes.SteppedBackend;
import org.threehalf.conformance.vectors.GoldenVectors;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;

/**
 * The golden vectors and the generated cases find every known mistake, down to one bit and a zero's sign (REQ-CNF-001, REQ-CNF-002). All but two are found by golden vectors
 * alone; a quotient that binary64 rounds otherwise and sub-scales of equal error stand among the generated cases only.
 */
class ConformanceSuiteTest {

    private static final List<VectorCase> GOLDEN = GoldenVectors.read(Installation.VECTORS).stream().flatMap(file -> file.cases().stream()).toList();
    private static final List<VectorCase> CASES = Stream.concat(GOLDEN.stream(), GeneratedCases.products(35).stream()).toList();
    private static final List<String> NOT_GOLDEN = List.of("binary64 quotient", "weights: the largest sub-scale of equals");

    @Test
    void theUnchangedSteppedBackendPasses() {
        assertEquals(Optional.empty(), killer(new Mistake("none", SteppedBackend::new, format -> true)));
    }

    @Test
    void everyMistakeIsKilled() throws IOException {
        // Those of a transformer's operations have no golden vectors; OperationMistakesTest is theirs.
        List<Mistake> mistakes = Mistake.all().stream().filter(m -> !m.name().startsWith("transformer: ")).toList();
        assertTrue(mistakes.size() >= 70, "only " + mistakes.size() + " mistakes");
        KillList list = new KillList("known mistakes of devices, by golden vectors and generated cases");
        List<String> notGolden = new ArrayList<>();
        for (Mistake mistake : mistakes) {
            Optional<CaseResult> killer = killer(mistake);
            list.add(mistake.name(), killer);
            if (killer.isPresent() && GOLDEN.stream().noneMatch(c -> c.header().id().equals(killer.get().id()))) {
                notGolden.add(mistake.name());
            }
        }
        assertEquals(List.of(), list.survivors(), "mistakes that no case finds");
        assertEquals(NOT_GOLDEN, notGolden, "mistakes that no golden vector finds");
        list.write("known-mistakes.json");
    }

    @Test
    void everyWrongBitOfATableIsKilled() throws IOException {
        KillList list = new KillList("single wrong bits of tables, by golden vectors and generated cases");
        Mistake.tableBits().forEach(mistake -> list.add(mistake.name(), killer(mistake)));
        assertEquals(List.of(), list.survivors(), "wrong bits that no case finds");
        list.write("table-bits.json");
    }

    /** The first case that a mistakey backend fails. */
    private static Optional<CaseResult> killer(Mistake mistake) {
        try (Backend backend = mistake.backend().get()) {
            return CASES.stream()
                    .filter(c -> c.format() == null || mistake.touches().test(formatOf(c)))
                    .map(c -> ConformanceSuite.run(backend, c))
                    .filter(result -> result.verdict() == Verdict.FAILED)
                    .findFirst();
        }
    }

    private static Format formatOf(VectorCase vectorCase) {
        return Objects.requireNonNull(vectorCase.format());
    }
}
