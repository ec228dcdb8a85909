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

    /** A model's name is part of a case's; and no other library's writer is taken, whose bytes are others. */
    @Test
    void namesOfAnyCharactersStayXmlWhateverIsOnTheClassPath() throws Exception {
        CaseResult nasty = new CaseResult(
                "m\u0007\ud83c\uffff\ud83d\ude00<&\".gguf/x",
                Level.L0,
                "pa\u0000ck",
                null,
                List.of("REQ\u0001"),
                new LinkedHashMap<>(),
                "",
                CaseResult.Failure.of("no"));
        ConformanceReport report =
                new ConformanceReport("b\u001b", "d", List.of(), List.of(), null, null, List.of(nasty), List.of());
        String property = "javax.xml.stream.XMLOutputFactory";
        System.setProperty(property, "no.such.Factory");
        try {
            Element suite = (Element) parsed(ReportJUnit.text(List.of(report)))
                    .getElementsByTagName("testsuite")
                    .item(0);
            assertEquals("b?.L0.pa?ck", suite.getAttribute("name"));
            Element testcase = (Element) suite.getElementsByTagName("testcase").item(0);
            assertEquals("m???\ud83d\ude00<&\".gguf/x", testcase.getAttribute("name"));
            assertEquals("REQ?", testcase.getTextContent().strip());
        } finally {
            System.clearProperty(property);
        }
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
