package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;

/** The backend is found by its name, and passes every golden vector (REQ-CNF-002). */
@ExtendWith(WithLlvm.class)
class ConformanceTest {

    private static final Path VECTORS = Path.of(System.getProperty("threehalf.root", "../..")).resolve("spec").resolve("vectors");

    @Test
    void everyGoldenVectorPasses() {
        BackendProvider provider = BackendProvider.named("native");
        assertTrue(provider.availability().available(), provider.availability().detail());
        try (Backend backend = provider.open()) {
            ConformanceReport report = ConformanceRunner.run(backend, provider.availability().detail(), VECTORS);
            assertEquals(List.of(), report.failures().stream().map(CaseResult::toString).toList());
            for (String kind : List.of("dot", "gemv", "gemm")) {
                Set<String> formats = report.results().stream().filter(r -> r.kind().equals(kind)).map(r -> String.valueOf(r.format())).collect(Collectors.toSet());
                assertTrue(formats.containsAll(Set.of("INT8", "U4", "U35", "U3", "G4", "G35", "G3")), kind + " of " + formats);
            }
        }
    }
}
