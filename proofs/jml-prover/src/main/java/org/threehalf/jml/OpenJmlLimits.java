package org.threehalf.jml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.threehalf.jml.logic.Verdict;

/**
 * The clauses at which OpenJML must fail, each with the reason: it takes {@code float} and {@code double} for real
 * numbers, so a division by zero is an error to it, there is no NaN, and {@code Math.rint} has no meaning.
 *
 * <p>The list has the form of {@link OpenClauses}: a line {@code METHOD: KIND `TEXT`} and below it, indented, the
 * reason. KIND and TEXT are a clause's, as {@code --contracts} prints them; or, for a check that only OpenJML makes,
 * its name for the check ({@code PossiblyDivideByZero}) and the line of the source. The list is strict: an entry
 * without its clause or line fails, and so does one about a method that OpenJML proves. A method that fails at listed
 * clauses alone is UNKNOWN to OpenJML, whatever model it has: no disagreement.
 *
 * @param reasons why OpenJML fails, by method, kind and text
 */
public record OpenJmlLimits(Map<String, List<String>> reasons) {
    /** What errors call the list. */
    public static final String LIST = "openjml-open.txt";

    /** No clause is known to be beyond OpenJML. */
    public static final OpenJmlLimits NONE = new OpenJmlLimits(Map.of());

    /** Reads a list. */
    public static OpenJmlLimits parse(String text) throws IOException {
        return new OpenJmlLimits(OpenClauses.parse(text, LIST).reasons());
    }

    /**
     * The report with an error for each line of the list that is not so, and without OpenJML's models of what it cannot
     * say.
     *
     * @param root what the report's names of files are relative to
     * @param whole whether the report speaks of all that the list does; otherwise lines about methods that it lacks are
     *     left alone
     */
    public ContractReport mark(ContractReport report, Path root, boolean whole) throws IOException {
        List<String> errors = new ArrayList<>(report.errors());
        Map<String, List<String>> texts = new HashMap<>();
        for (ContractReport.Method m : report.methods()) {
            if (!texts.containsKey(m.file())) {
                texts.put(
                        m.file(),
                        Files.readAllLines(root.resolve(m.file())).stream()
                                .map(String::strip)
                                .toList());
            }
        }
        for (String entry : reasons.keySet()) {
            List<ContractReport.Method> of = report.methods().stream()
                    .filter(m -> entry.startsWith(m.name() + ": "))
                    .toList();
            if (of.isEmpty() && !whole) {
                continue;
            }
            if (of.stream()
                    .noneMatch(m -> m.clauses().stream()
                                    .anyMatch(c -> OpenClauses.name(m, c).equals(entry))
                            || texts.getOrDefault(m.file(), List.of()).stream()
                                    .anyMatch(line -> entry.endsWith(" `" + line + "`")
                                            && check(m, entry, line).matches("[A-Z]\\w+")))) {
                errors.add("%s lists a clause that is not there: %s: take it off the list".formatted(LIST, entry));
            } else if (of.stream().anyMatch(m -> m.openJml() == Verdict.PROVED)) {
                errors.add("%s lists a clause of a method that OpenJML proves: %s: take it off the list"
                        .formatted(LIST, entry));
            }
        }
        List<ContractReport.Method> methods = report.methods().stream()
                .map(m -> m.openJml() == Verdict.REFUTED && expected(m, report.openJml(), texts)
                        ? m.with(Verdict.UNKNOWN)
                        : m)
                .toList();
        return new ContractReport(report.solver(), methods, report.openJml(), errors, report.notes(), report.millis());
    }

    /** What stands between a method and a line of the source in an entry. */
    private static String check(ContractReport.Method m, String entry, String line) {
        return entry.substring(
                m.name().length() + 2, Math.max(m.name().length() + 2, entry.length() - line.length() - 3));
    }

    /** Whether OpenJML complains of listed clauses of a method, and of nothing else. */
    private boolean expected(ContractReport.Method m, OpenJml.Outcome outcome, Map<String, List<String>> texts) {
        List<OpenJml.Complaint> complaints = ContractCheck.of(m.name(), outcome.complaints()).stream()
                .flatMap(List::stream)
                .toList();
        Set<String> listed = reasons.keySet();
        List<String> lines = texts.getOrDefault(m.file(), List.of());
        return !complaints.isEmpty()
                && complaints.stream()
                        .allMatch(c -> Path.of(m.file()).endsWith(c.file())
                                && (m.clauses().stream()
                                                .anyMatch(k ->
                                                        k.line() == c.line() && listed.contains(OpenClauses.name(m, k)))
                                        || c.line() <= lines.size()
                                                && listed.contains("%s: %s `%s`"
                                                        .formatted(m.name(), c.label(), lines.get(c.line() - 1)))));
    }
}
