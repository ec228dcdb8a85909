package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.vectors.GoldenVectors;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;

/** The golden vectors find every known mistake, down to one bit and a zero's sign (REQ-CNF-001, REQ-CNF-002). */
class ConformanceSuiteTest {

    private static final List<VectorCase> CASES =
            GoldenVectors.read(Installation.VECTORS).stream().flatMap(file -> file.cases().stream()).toList();

    @Test
    void theUnchangedSteppedBackendPasses() {
        assertEquals(Optional.empty(), killer(new Fault("none", SteppedBackend::new, format -> true)));
    }

    @Test
    void everyFaultIsKilled() {
        List<Fault> faults = Fault.all();
        assertTrue(faults.size() >= 70, "only " + faults.size() + " faults");
        report(faults);
    }

    @Test
    void everyWrongBitOfATableIsKilled() {
        report(Fault.tableBits());
    }

    /** Prints which case killed each fault, and fails if one survives. */
    private static void report(List<Fault> faults) {
        List<String> survivors = new ArrayList<>();
        for (Fault fault : faults) {
            Optional<CaseResult> killer = killer(fault);
            System.out.printf("%-70s %s%n", fault.name(), killer.map(CaseResult::id).orElse("SURVIVES"));
            if (killer.isEmpty()) {
                survivors.add(fault.name());
            }
        }
        assertEquals(List.of(), survivors, "faults that no golden vector finds");
    }

    /** The first case that a faulty backend fails. */
    private static Optional<CaseResult> killer(Fault fault) {
        try (Backend backend = fault.backend().get()) {
            ConformanceSuite suite = new ConformanceSuite(backend);
            return CASES.stream()
                    .filter(c -> c.format() == null || fault.touches().test(formatOf(c)))
                    .map(suite::run)
                    .filter(result -> result.verdict() == Verdict.FAILED)
                    .findFirst();
        }
    }

    private static Format formatOf(VectorCase vectorCase) {
        return Objects.requireNonNull(vectorCase.format());
    }
}
