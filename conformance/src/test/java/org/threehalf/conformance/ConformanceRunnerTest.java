package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.vectors.VectorFormatException;

/** The reference backend by the committed golden vectors (REQ-CNF-002), and what a run reports (REQ-CNF-003). */
class ConformanceRunnerTest {

    private static final Backend REFERENCE = BackendProvider.named("reference").open();
    private static final String FIRST = ConformanceRunner.run(REFERENCE, "", Installation.VECTORS)
            .results()
            .getFirst()
            .id();

    private static Options only(String id) {
        return Options.goldenVectors(Installation.VECTORS).only(id);
    }

    /** One test a kind and format, with its count. */
    @TestFactory
    Stream<DynamicTest> theReferenceBackendPassesEveryGoldenCase() {
        ConformanceReport report = ConformanceRunner.run(REFERENCE, "this Java", Installation.VECTORS);
        return report.summary().stream()
                .map(count -> DynamicTest.dynamicTest(
                        "%s %s: %d cases".formatted(count.kind(), count.format(), count.passed() + count.failed()),
                        () -> {
                            assertEquals(
                                    0,
                                    count.failed(),
                                    () -> String.join(
                                            "",
                                            report.failures().stream()
                                                    .map(f -> ReportText.failure(f, ""))
                                                    .toList()));
                        }));
    }

    @Test
    void theReportSaysWhatWasRun() {
        List<String> heard = new ArrayList<>();
        ConformanceReport report = ConformanceRunner.run(
                        REFERENCE,
                        "this Java",
                        Options.goldenVectors(Installation.VECTORS).listener(result -> heard.add(result.id())))
                .report();
        assertTrue(report.passed());
        assertEquals("reference", report.backend());
        assertEquals("this Java", report.detail());
        assertEquals(
                report.vectors().stream()
                        .mapToInt(ConformanceReport.VectorSource::cases)
                        .sum(),
                report.results().size());
        assertEquals(heard, report.results().stream().map(CaseResult::id).toList());
    }

    @Test
    void oneCaseCanBeRepeated() {
        ConformanceReport report =
                ConformanceRunner.run(REFERENCE, "", only(FIRST)).report();
        assertEquals(
                List.of(FIRST), report.results().stream().map(CaseResult::id).toList());
        assertEquals(FIRST, report.selection());
        assertThrows(IllegalArgumentException.class, () -> ConformanceRunner.run(REFERENCE, "", only("no-such-case")));
    }

    @Test
    void aRunWithoutCasesIsAnErrorAndNoResult() {
        Options none = new Options(null, List.of(), null, null, 2, Level.all(), null, result -> {});
        assertThrows(IllegalArgumentException.class, () -> ConformanceRunner.run(REFERENCE, "", none));
        assertTrue(!new ConformanceReport("b", "", List.of(), List.of(), null, null, List.of(), List.of()).passed());
    }

    @Test
    void missingVectorsAreNamed() {
        VectorFormatException missing = assertThrows(
                VectorFormatException.class,
                () -> ConformanceRunner.run(REFERENCE, "", Path.of("no", "such", "folder")));
        assertTrue(String.valueOf(missing.getMessage()).contains("such"), missing.getMessage());
    }
}
