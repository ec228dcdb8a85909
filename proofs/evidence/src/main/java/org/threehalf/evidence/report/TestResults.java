package org.threehalf.evidence.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.threehalf.evidence.trace.TestMethod;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.SourceTree;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What surefire reported about the tests of all modules.
 *
 * @param executions every execution of a test, in the order of modules, files and reports
 */
public record TestResults(List<Execution> executions) {

    /**
     * One execution.
     *
     * @param module the module's folder, relative to the repository's root
     * @param type the class's binary name
     * @param name the method's name, with arguments where it has some
     * @param verdict skipped tests are not checked
     * @param message the failure's or the skip's message, in one line, or empty
     */
    public record Execution(String module, String type, String name, Verdict verdict, String message) {}

    /** Reads {@code target/surefire-reports/TEST-*.xml} of every module. */
    public static TestResults read(Path root) throws IOException {
        List<Execution> executions = new ArrayList<>();
        for (Path module : SourceTree.modules(root)) {
            for (Path report : SourceTree.files(module.resolve("target/surefire-reports"), ".xml")) {
                if (report.getFileName().toString().startsWith("TEST-")) {
                    read(root, SourceTree.name(root, module), report, executions);
                }
            }
        }
        return new TestResults(List.copyOf(executions));
    }

    private static void read(Path root, String module, Path report, List<Execution> executions) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            NodeList cases = factory.newDocumentBuilder().parse(report.toFile()).getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                executions.add(execution(root, module, (Element) cases.item(i)));
            }
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException(
                    "%s is no surefire report: %s; run the tests again".formatted(report.getFileName(), e.getMessage()),
                    e);
        }
    }

    private static Execution execution(Path root, String module, Element test) {
        Verdict verdict = Verdict.PASSED;
        String message = "";
        for (Node child = test.getFirstChild(); child != null; child = child.getNextSibling()) {
            Verdict of = switch (child.getNodeName()) {
                case "failure", "error" -> Verdict.FAILED;
                case "skipped" -> Verdict.NOT_CHECKED;
                default -> Verdict.PASSED;
            };
            if (of != Verdict.PASSED) {
                verdict = of;
                message = message((Element) child, root);
            }
        }
        return new Execution(module, test.getAttribute("classname"), test.getAttribute("name"), verdict, message);
    }

    /**
     * The reason in one line: surefire gives it as an attribute, or, for an assumption that does not hold, at the head
     * of the stack trace.
     */
    private static String message(Element outcome, Path root) {
        String text =
                outcome.getAttribute("message").isBlank() ? outcome.getTextContent() : outcome.getAttribute("message");
        return text.strip()
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^[\\w.$]+(Exception|Error): ", "")
                .replaceFirst("^Assumption failed: ", "")
                .replaceFirst("^NOT CHECKED: ", "")
                .replace(root + java.io.File.separator, "")
                .strip();
    }

    /** The executions of a test: more than one if it takes arguments. */
    public List<Execution> of(TestMethod test) {
        return executions.stream()
                .filter(e -> e.type().equals(test.type()) && e.module().equals(test.module()))
                .filter(e -> e.name().equals(test.method())
                        || e.name().startsWith(test.method())
                                && !Character.isJavaIdentifierPart(
                                        e.name().charAt(test.method().length())))
                .toList();
    }
}
