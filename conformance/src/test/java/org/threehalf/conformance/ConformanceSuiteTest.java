package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.mistakes.Mistake;
import org.threehalf.conformance.mistakes.SteppedBackend;
import org.threehalf.conformance.vectors.GoldenVectors;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;

/** The golden vectors find every known mistake, down to one bit and a zero's sign (REQ-CNF-001, REQ-CNF-002). */
class ConformanceSuiteTest {

    private static final List<VectorCase> CASES =
            GoldenVectors.read(Installation.VECTORS).stream().flatMap(file -> file.cases().stream()).toList();

    @Test
    void theUnchangedSteppedBackendPasses() {
        assertEquals(Optional.empty(), killer(new Mistake("none", SteppedBackend::new, format -> true)));
    }

    @Test
    void everyMistakeIsKilled() {
        // Those of a transformer's operations have no golden vectors; OperationMistakesTest is theirs.
        List<Mistake> mistakes = Mistake.all().stream().filter(m -> !m.name().startsWith("transformer: ")).toList();
        assertTrue(mistakes.size() >= 70, "only " + mistakes.size() + " mistakes");
        report(mistakes);
    }

    @Test
    void everyWrongBitOfATableIsKilled() {
        report(Mistake.tableBits());
    }

    /** Prints which case killed each mistake, and fails if one survives. */
    private static void report(List<Mistake> mistakes) {
        List<String> survivors = new ArrayList<>();
        for (Mistake mistake : mistakes) {
            Optional<CaseResult> killer = killer(mistake);
            System.out.printf("%-70s %s%n", mistake.name(), killer.map(CaseResult::id).orElse("SURVIVES"));
            if (killer.isEmpty()) {
                survivors.add(mistake.name());
            }
        }
        assertEquals(List.of(), survivors, "mistakes that no golden vector finds");
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
