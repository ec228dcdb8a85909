package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** Results for build servers (REQ-CNF-003). */
class ReportJUnitTest {

    private static Document parsed(String text) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    @Test
    void suitesAreByBackendLevelAndKind() throws Exception {
        Document xml = parsed(ReportJUnit.text(List.of(ReportTextTest.REPORT)));
        assertEquals(2, xml.getElementsByTagName("testsuite").getLength());
        Element dot = (Element) xml.getElementsByTagName("testsuite").item(1);
        assertEquals("b.L1.dot", dot.getAttribute("name"));
        assertEquals("1", dot.getAttribute("failures"));
        Element failure = (Element) dot.getElementsByTagName("failure").item(0);
        assertEquals("sums[1]: expected …", failure.getAttribute("message"));
        assertEquals("REQ-DOT-001\nPadding: padding must not count\n", failure.getTextContent());
    }

    @Test
    void aMessageOfAnyCharactersStaysXml() throws Exception {
        CaseResult nasty = new CaseResult(
                "a<b>&\"",
                Level.L0,
                "pack",
                null,
                List.of(),
                new LinkedHashMap<>(Map.of("F", "]]> \u0001")),
                "",
                CaseResult.Failure.of("the backend threw \u0000 \u001b[31m <x>"));
        ConformanceReport report =
                new ConformanceReport("b", "d", List.of(), List.of(), null, null, List.of(nasty), List.of());
        Document xml = parsed(ReportJUnit.text(List.of(report)));
        Element failure = (Element) xml.getElementsByTagName("failure").item(0);
        assertEquals("the backend threw ? ?[31m <x>", failure.getAttribute("message"));
        assertEquals("F: ]]> ?\n", failure.getTextContent().stripLeading());
    }
}
