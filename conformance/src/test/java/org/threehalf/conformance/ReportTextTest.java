package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.threehalf.conformance.vectors.Difference;
import org.threehalf.conformance.vectors.Difference.Value;

/** How a result is shown (REQ-CNF-003). */
class ReportTextTest {

    static final CaseResult PASSED = new CaseResult(
            "output-001", Level.L1, "output", null, List.of("REQ-DOT-004"), new LinkedHashMap<>(), "", null);
    static final CaseResult FAILED = new CaseResult(
            "dot-g35-002",
            Level.L1,
            "dot",
            "G35",
            List.of("REQ-DOT-001"),
            new LinkedHashMap<>(Map.of("Padding", "padding must not count")),
            "2 of 9 rows",
            new CaseResult.Failure(
                    "sums[1]: expected …",
                    new Difference("sums", 1, Value.of(-1), Value.of(255)),
                    List.of(new CaseResult.Spread("sums", 9, 2, List.of(1, 5)))));
    static final ConformanceReport REPORT = new ConformanceReport(
            "b",
            "d",
            List.of(new ConformanceReport.VectorSource("v.json", "0".repeat(64), 2)),
            List.of(35L),
            new ConformanceReport.ModelSource("m.gguf", 7, "f".repeat(64), 3),
            "dot-g35-002",
            List.of(PASSED, FAILED),
            List.of(new ConformanceReport.Finding(List.of("padding counted"), 1, 1)));

    @Test
    void theSummaryCountsByKindAndFormat() {
        assertEquals("""
                level  kind                        format    cases   passed   failed
                L1     output                      -             1        1        0
                L1     dot                         G35           1        0        1
                total                                            2        1        1
                """, ReportText.summary(REPORT));
    }

    @Test
    void aFailureIsShownInFull() {
        assertEquals("""
                FAILED  dot-g35-002  (L1, dot, G35; REQ-DOT-001)
                        sums[1]: expected …
                        sums: 2 of 9 values differ
                        Padding: padding must not count
                        2 of 9 rows
                        repeat: run it
                """, ReportText.failure(FAILED, "run it"));
        assertThrows(IllegalArgumentException.class, () -> ReportText.failure(PASSED, ""));
    }

    @Test
    void theDiagnosisNamesTheMistakeOrSaysThatItIsUnknown() {
        assertEquals(
                "diagnosis: looks like: padding counted (explains 1 of 1 failures)\n", ReportText.diagnosis(REPORT));
        assertEquals("diagnosis: no known mistake gives these results\n", ReportText.diagnosis(REPORT.with(List.of())));
    }

    @Test
    void aLineHoldsVerdictIdAndNote() {
        assertEquals("PASSED  output-001\n", ReportText.line(PASSED));
        assertEquals("FAILED  dot-g35-002  (2 of 9 rows)\n", ReportText.line(FAILED));
    }

    @Test
    void valuesAreShownInBothNotations() {
        assertEquals(
                "sums[1]: expected 0xffffffff (-1), got 0x000000ff (255)",
                String.valueOf(new Difference("sums", 1, Value.of(-1), Value.of(255))));
        assertEquals("0x80000000 (-0.0)", Value.of(-0.0f).toString());
        assertEquals("0x81 (129)", Value.ofUnsigned((byte) 129).toString());
        assertEquals("0x81 (-127)", Value.ofSigned((byte) -127).toString());
    }
}
