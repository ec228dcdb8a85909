package org.threehalf.conformance;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.kernels.io.WholeFile;

/**
 * Writes reports as JUnit XML, which build servers show: a suite for each backend, level and kind. It holds no times.
 */
public final class ReportJUnit {
    private ReportJUnit() {}

    /**
     * Writes the reports of several backends into one file, whole or not at all.
     *
     * @throws IOException if the file cannot be written
     */
    public static void write(List<ConformanceReport> reports, Path file) throws IOException {
        WholeFile.write(file, text(reports));
    }

    /** The XML. */
    static String text(List<ConformanceReport> reports) {
        StringWriter text = new StringWriter();
        try {
            // Java's own, whatever else is on the class path: the report's bytes are the same everywhere.
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            for (ConformanceReport report : reports) {
                Map<String, List<CaseResult>> suites = report.results().stream()
                        .collect(Collectors.groupingBy(
                                result -> report.backend() + "." + result.level() + "." + result.kind(),
                                LinkedHashMap::new,
                                Collectors.toList()));
                for (Map.Entry<String, List<CaseResult>> suite : suites.entrySet()) {
                    write(suite.getKey(), suite.getValue(), xml);
                }
            }
            xml.writeEndElement();
            xml.writeEndDocument();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing XML to memory failed", e);
        }
        return text + "\n";
    }

    private static void write(String suite, List<CaseResult> results, XMLStreamWriter xml) throws XMLStreamException {
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", printable(suite));
        xml.writeAttribute("tests", Integer.toString(results.size()));
        xml.writeAttribute(
                "failures",
                Long.toString(results.stream()
                        .filter(r -> r.verdict() == Verdict.FAILED)
                        .count()));
        for (CaseResult result : results) {
            xml.writeStartElement("testcase");
            xml.writeAttribute("classname", printable(suite));
            xml.writeAttribute("name", printable(result.id()));
            CaseResult.Failure failure = result.failure();
            if (failure != null) {
                xml.writeStartElement("failure");
                xml.writeAttribute("message", printable(failure.message()));
                xml.writeCharacters(printable(String.join(", ", result.requirements())) + "\n");
                for (Map.Entry<String, String> flag : result.flags().entrySet()) {
                    xml.writeCharacters(printable(flag.getKey() + ": " + flag.getValue()) + "\n");
                }
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    /** XML 1.0 has no control characters and no half of a surrogate pair, and names and messages may hold any. */
    private static String printable(String text) {
        return text.replaceAll("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]", "?");
    }
}
