package org.threehalf.backends.groq;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.groq.toolchain.ModuleCache;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.CaseResult;
import org.threehalf.conformance.ConformanceReport;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.vectors.GoldenVectors;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.conformance.vectors.VectorFile;
import org.threehalf.kernels.format.Format;

/** All golden vectors on {@code groq-mlir} (REQ-CNF-002). */
@ExtendWith(WithMlir.class)
class MlirGoldenVectorsTest {

    private static final Path VECTORS = Path.of(System.getProperty("threehalf.root", "../.."))
            .resolve("spec")
            .resolve("vectors");

    /** Every case passes, and there are products of every format among them. */
    @Test
    void allPass() {
        List<VectorCase> cases = GoldenVectors.read(VECTORS).stream()
                .map(VectorFile::cases)
                .flatMap(List::stream)
                .toList();
        compileAhead(cases);
        ConformanceReport report;
        try (Backend backend = new MlirBackend("groq-mlir", WithMlir.compiler(), new ProductGenerator())) {
            report = ConformanceRunner.run(backend, "groq-mlir on CPU", VECTORS);
        }
        assertEquals(
                List.of(), report.failures().stream().map(CaseResult::toString).toList());
        assertEquals(cases.size(), report.results().size());
        for (String kind : List.of("dot", "gemv", "gemm")) {
            Set<String> formats = report.results().stream()
                    .filter(r -> r.kind().equals(kind))
                    .map(r -> String.valueOf(r.format()))
                    .collect(Collectors.toSet());
            assertEquals(Arrays.stream(Format.values()).map(Enum::name).collect(Collectors.toSet()), formats, kind);
        }
        Checks.passed(
                "golden vectors by groq-mlir on CPU",
                "%,d cases equal the specification".formatted(report.results().size()));
    }

    /** Fills the cache with the modules that the cases need, on all processors: each takes some tenths of a second. */
    private static void compileAhead(List<VectorCase> cases) {
        ModuleCache cache = WithMlir.cache();
        ProductGenerator generator = new ProductGenerator();
        cases.stream()
                .flatMap(c -> switch (c) {
                    case VectorCase.Dot dot ->
                        java.util.stream.Stream.of(generator
                                .product(dot.format(), 1, dot.columns(), 1)
                                .print());
                    case VectorCase.Product p ->
                        java.util.stream.Stream.of(1, p.together() ? MlirBackend.BATCH : 1)
                                .distinct()
                                .map(tokens -> generator
                                        .product(p.format(), p.rows().size(), p.columns(), tokens)
                                        .print());
                    case VectorCase.QuantizeActivation q ->
                        java.util.stream.Stream.of(
                                generator.quantizer(q.activations().length).print());
                    default -> java.util.stream.Stream.<String>empty();
                })
                .distinct()
                .toList()
                .parallelStream()
                .forEach(cache::library);
    }
}
