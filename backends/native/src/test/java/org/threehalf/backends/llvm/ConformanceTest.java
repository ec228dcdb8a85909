package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.kernels.format.Format;

/**
 * The backend is found by its name, and passes every golden vector with each instruction set that the processor has
 * (REQ-CNF-002).
 */
@Tag("instructions")
@ExtendWith(WithLlvm.class)
class ConformanceTest {

    private static final Path VECTORS = Path.of(System.getProperty("threehalf.root", "../.."))
            .resolve("spec")
            .resolve("vectors");

    @Test
    void backendIsFoundByItsName() {
        BackendProvider provider = BackendProvider.named("native");
        assertTrue(provider.availability().available(), provider.availability().detail());
        assertTrue(
                provider.availability()
                        .detail()
                        .contains(NativeKernel.best().instructions().name()),
                provider.availability().detail());
        try (Backend backend = provider.open()) {
            assertEquals("native", backend.name());
        }
    }

    static Stream<InstructionSet> sets() {
        return WithLlvm.sets().stream();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void everyGoldenVectorPasses(InstructionSet instructions) {
        try (Backend backend = NativeBackendProvider.open(instructions)) {
            ConformanceReport report = ConformanceRunner.run(backend, instructions.name(), VECTORS);
            assertEquals(
                    List.of(),
                    report.failures().stream().map(CaseResult::toString).toList());
            for (String kind : List.of("dot", "gemv", "gemm")) {
                Set<String> formats = report.results().stream()
                        .filter(r -> r.kind().equals(kind))
                        .map(r -> String.valueOf(r.format()))
                        .collect(Collectors.toSet());
                assertEquals(Stream.of(Format.values()).map(Format::name).collect(Collectors.toSet()), formats, kind);
            }
        }
    }
}
