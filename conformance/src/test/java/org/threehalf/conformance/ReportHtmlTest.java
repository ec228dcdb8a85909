package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Results as a page (REQ-CNF-003). */
class ReportHtmlTest {

    @Test
    void aFailureIsPlottedWhereItLies() {
        String page = ReportHtml.text(List.of(ReportTextTest.REPORT));
        assertTrue(page.contains("Diagnosis: looks like: padding counted"), page);
        assertTrue(
                page.contains("<rect x=\"71\"") && page.contains("<rect x=\"355\""),
                "places 1 and 5 of 9, on a width of 640");
        assertTrue(page.contains("sums: 2 of 9 values differ"), page);
        assertFalse(page.contains("http"), "the page needs no network");
    }

    @Test
    void textOfADeviceIsEscaped() {
        CaseResult nasty = new CaseResult(
                "x", Level.L0, "pack", null, List.of(), new LinkedHashMap<>(), "", CaseResult.Failure.of("<script>"));
        String page = ReportHtml.text(
                List.of(new ConformanceReport("b", "d", List.of(), List.of(), null, null, List.of(nasty), List.of())));
        assertFalse(page.contains("<script>"));
        assertTrue(page.contains("no known mistake gives these results"));
        assertEquals(1, page.split("<section>", -1).length - 1);
    }
}
