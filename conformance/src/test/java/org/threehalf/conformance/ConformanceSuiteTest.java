package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
import org.threehalf.kernels.io.Verdict;

/**
 * The golden vectors and the generated cases find every known mistake, down to one bit and a zero's sign (REQ-CNF-001,
 * REQ-CNF-002). The mistakes are found by golden vectors alone, but for those of windows and of rotation, of which
 * there are none yet: generated cases find these.
 */
class ConformanceSuiteTest {

    private static final List<VectorCase> GOLDEN = GoldenVectors.read(Installation.VECTORS).stream()
            .flatMap(file -> file.cases().stream())
            .toList();
    private static final List<VectorCase> CASES =
            Stream.concat(GOLDEN.stream(), GeneratedCases.products(35).stream()).toList();

    @Test
    void theUnchangedSteppedBackendPasses() {
        assertEquals(Optional.empty(), killer(new Mistake("none", SteppedBackend::new, format -> true), CASES));
    }

    @Test
    void everyMistakeIsKilled() throws IOException {
        // Those of a transformer's operations have no golden vectors; OperationMistakesTest is theirs.
        List<Mistake> mistakes = Mistake.all().stream()
                .filter(m -> !m.name().startsWith("transformer: ") && !isGeneratedOnly(m))
                .toList();
        assertTrue(mistakes.size() >= 70, "only " + mistakes.size() + " mistakes");
        KillList list = new KillList("known mistakes of devices, by golden vectors");
        mistakes.forEach(mistake -> list.add(mistake.name(), killer(mistake, GOLDEN)));
        assertEquals(List.of(), list.survivors(), "mistakes that no golden vector finds");
        list.write("known-mistakes.json");
    }

    /** REQ-FMT-009, REQ-FMT-010, REQ-ROT-001 to REQ-ROT-003. */
    @Test
    void everyMistakeOfWindowsAndRotationIsKilled() throws IOException {
        List<Mistake> mistakes = Mistake.all().stream()
                .filter(ConformanceSuiteTest::isGeneratedOnly)
                .toList();
        assertTrue(mistakes.size() >= 8, "only " + mistakes.size() + " mistakes");
        List<VectorCase> generated = GeneratedCases.random(35);
        KillList list = new KillList("known mistakes of windows and rotation, by generated cases");
        mistakes.forEach(mistake -> list.add(mistake.name(), killer(mistake, generated)));
        assertEquals(List.of(), list.survivors(), "mistakes that no generated case finds");
        list.write("window-mistakes.json");
    }

    private static boolean isGeneratedOnly(Mistake mistake) {
        return mistake.name().startsWith("windows: ") || mistake.name().startsWith("rotation: ");
    }

    @Test
    void everyWrongBitOfATableIsKilled() throws IOException {
        KillList list = new KillList("single wrong bits of tables, by golden vectors and generated cases");
        Mistake.tableBits().forEach(mistake -> list.add(mistake.name(), killer(mistake, CASES)));
        assertEquals(List.of(), list.survivors(), "wrong bits that no case finds");
        list.write("table-bits.json");
    }

    /** The first case that a mistakey backend fails. */
    private static Optional<CaseResult> killer(Mistake mistake, List<VectorCase> cases) {
        try (Backend backend = mistake.backend().get()) {
            return cases.stream()
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
