package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.ModelUnderTest;
import org.threehalf.conformance.NamedMatrix;
import org.threehalf.conformance.ReportText;
import org.threehalf.kernels.format.Format;

/**
 * The backend on the emulated device passes every golden vector (REQ-CNF-002), and the oracle's comparison on made
 * matrices (REQ-CNF-004): REQ-DOT-001 to REQ-DOT-006, REQ-QNT-001 to REQ-QNT-003.
 */
class ConformanceTest {
    private static final Set<String> PRODUCTS = Set.of("quantize-activation", "output", "dot", "gemv", "gemm");
    private static final Path VECTORS = Path.of(System.getProperty("threehalf.root", "../.."))
            .resolve("spec")
            .resolve("vectors");

    private static final ConformanceRunner.Options GOLDEN = ConformanceRunner.Options.withoutModel(VECTORS);
    /** Made once for all orders of threads. */
    private static final ConformanceRunner.Cases CASES = ConformanceRunner.Cases.of(GOLDEN);

    @BeforeEach
    void requireCompiler() {
        Emulation.requireCompiler("golden vectors on the emulated device");
    }

    private static void requirePassed(ConformanceReport report) {
        assertTrue(
                report.passed(),
                () -> String.join(
                        "",
                        report.failures().stream()
                                .map(failure -> ReportText.failure(failure, ""))
                                .toList()));
    }

    @ParameterizedTest
    @EnumSource
    void everyGoldenVectorPasses(Order order) {
        try (CudaBackend backend = Emulation.backend(order)) {
            ConformanceReport report = ConformanceRunner.run(
                            backend, backend.device().description(), GOLDEN, CASES)
                    .report();
            requirePassed(report);
            long products = report.results().stream()
                    .filter(result -> PRODUCTS.contains(result.kind()))
                    .count();
            long launches = ((EmulatedDevice) backend.device()).launches();
            assertTrue(
                    products > 0 && launches >= products,
                    "only %d kernels were started for %d products".formatted(launches, products));
            Checks.passed(
                    "emulation, threads " + order + ": golden vectors",
                    "%,d cases, %,d launches".formatted(report.results().size(), launches));
        }
    }

    @Test
    void theOracleAgreesOnMadeMatrices() {
        try (CudaBackend backend = Emulation.backend(Order.SHUFFLED);
                Arena arena = Arena.ofShared()) {
            SplittableRandom random = new SplittableRandom(35);
            List<NamedMatrix> matrices = Stream.of(Format.values())
                    .map(format ->
                            new NamedMatrix(format.name(), Comparison.matrix(format, 61, 64 * 40 + 17, random, arena)))
                    .toList();
            ConformanceReport report = ConformanceRunner.run(
                            backend,
                            "",
                            new ConformanceRunner.Options(
                                    null,
                                    List.of(),
                                    new ModelUnderTest("made", 0, "", matrices),
                                    null,
                                    61,
                                    Level.all(),
                                    null,
                                    result -> {}))
                    .report();
            requirePassed(report);
            assertEquals(4 * Format.values().length, report.results().size());
            Checks.passed(
                    "emulation: the oracle on made matrices",
                    "%,d cases".formatted(report.results().size()));
        }
    }
}
