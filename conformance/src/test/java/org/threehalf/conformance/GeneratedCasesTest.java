package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.vectors.Part;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;

/** Random and extreme cases, judged by the oracle (REQ-CNF-004, REQ-DOT-002). */
class GeneratedCasesTest {

    private static List<String> failures(Backend backend, List<VectorCase> cases) {
        return cases.stream().map(c -> ConformanceSuite.run(backend, c)).filter(r -> r.verdict() == Verdict.FAILED).map(r -> r.id() + " " + r.failure()).toList();
    }

    @Test
    void theReferenceBackendPassesRandomCasesOfBothSeeds() {
        Backend reference = BackendProvider.named("reference").open();
        Set<String> ids = new HashSet<>();
        for (long seed : GeneratedCases.SEEDS) {
            List<VectorCase> cases = GeneratedCases.random(seed);
            assertEquals(398, cases.size());
            cases.forEach(c -> assertTrue(ids.add(c.header().id()), c.header().id()));
            assertEquals(List.of(), failures(reference, cases));
        }
    }

    @Test
    void aSeedGivesTheSameCasesTwiceAndAnotherOthers() {
        List<List<Part>> first = GeneratedCases.random(1).stream().map(CaseArrays::expected).toList();
        assertEquals(first, GeneratedCases.random(1).stream().map(CaseArrays::expected).toList());
        assertNotEquals(first, GeneratedCases.random(2).stream().map(CaseArrays::expected).toList());
    }

    @Test
    void theExtremesReachTheLargestSumOfEachFormat() {
        List<VectorCase> extremes = GeneratedCases.extremes();
        assertEquals(List.of(), failures(BackendProvider.named("reference").open(), extremes));
        for (VectorCase extreme : extremes) {
            VectorCase.Product product = (VectorCase.Product) extreme;
            Format format = product.format();
            assertEquals(format.maxColumns(), product.columns());
            assertEquals(product.sums()[0][0], -product.sums()[1][0]);
            if (format == Format.G4) {
                assertEquals(127 * 465 * 36_000, product.sums()[0][0]);
            }
        }
    }
}
