package org.threehalf.jml;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.vc.Condition;

/**
 * The clauses that are known not to be proved, so that all others can be insisted on. The list is strict both ways: a
 * clause that is not proved and not listed fails, and so does a listed one that is proved, refuted or no longer there.
 *
 * @param reasons why a clause is open, by method, kind and text; one reason for each clause of that name
 */
public record OpenClauses(Map<String, List<String>> reasons) {
    private static final String UNTRIED = ": not tried";

    /** No clause is open. */
    public static final OpenClauses NONE = new OpenClauses(Map.of());

    /**
     * Reads a list: a line {@code METHOD: KIND `TEXT`} or {@code METHOD: not tried}, and below it, indented, the
     * reason.
     */
    public static OpenClauses parse(String text) throws IOException {
        return parse(text, "open-clauses.txt");
    }

    /** The same of another list of this form, which an error names. */
    static OpenClauses parse(String text, String list) throws IOException {
        Map<String, List<String>> found = new LinkedHashMap<>();
        String clause = "";
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith(" ") != !clause.isEmpty()) {
                throw new IOException(list + ": a clause and below it, indented, one line with the reason: " + line);
            }
            if (clause.isEmpty()) {
                clause = line.strip();
            } else {
                found.computeIfAbsent(clause, k -> new ArrayList<>()).add(line.strip());
                clause = "";
            }
        }
        if (!clause.isEmpty()) {
            throw new IOException(list + ": no reason below " + clause);
        }
        return new OpenClauses(found);
    }

    /** Names of the methods that a build does not try, so that the evidence says NOT CHECKED of them. */
    public Set<String> untried() {
        Set<String> names = new TreeSet<>();
        reasons.keySet().stream()
                .filter(k -> k.endsWith(UNTRIED))
                .forEach(k -> names.add(k.substring(0, k.length() - UNTRIED.length())));
        return names;
    }

    /** How the list names a clause. */
    static String name(ContractReport.Method m, ContractReport.Clause c) {
        return name(m.name(), c.kind().toString(), c.text());
    }

    /** Whether a clause of a method is open, or its method is not tried. */
    public boolean lists(String method, Condition.Check clause) {
        return reasons.containsKey(name(method, clause.kind().toString(), clause.text()))
                || reasons.containsKey(method + UNTRIED);
    }

    private static String name(String method, String kind, String text) {
        return "%s: %s `%s`".formatted(method, kind, text);
    }

    /**
     * The report with the reasons of open clauses, and an error for each line of the list that is not so.
     *
     * @param whole whether the report speaks of all kernels; otherwise lines about methods that it lacks are left alone
     */
    public ContractReport mark(ContractReport report, boolean whole) {
        Map<String, List<String>> left = new LinkedHashMap<>();
        reasons.forEach((clause, list) -> left.put(clause, new ArrayList<>(list)));
        List<ContractReport.Method> methods = new ArrayList<>();
        for (ContractReport.Method m : report.methods()) {
            List<ContractReport.Clause> clauses = new ArrayList<>();
            for (ContractReport.Clause c : m.clauses()) {
                List<String> open = left.getOrDefault(name(m, c), List.of());
                clauses.add(c.verdict() != Verdict.UNKNOWN || open.isEmpty() ? c : c.with(open.removeFirst()));
            }
            methods.add(m.with(clauses));
        }
        List<String> errors = new ArrayList<>(report.errors());
        for (String name : untried()) {
            left.remove(name + UNTRIED);
            if (report.methods().stream().anyMatch(m -> m.name().equals(name) && m.proved())) {
                errors.add("open-clauses.txt lists a method as not tried that is proved: " + name
                        + ": take it off the list");
            }
        }
        left.forEach((clause, list) -> {
            if (!list.isEmpty()
                    && (whole || report.methods().stream().anyMatch(m -> clause.startsWith(m.name() + ": ")))) {
                errors.add("open-clauses.txt lists a clause that is proved, refuted or no longer there: " + clause
                        + ": take it off the list");
            }
        });
        return new ContractReport(report.solver(), methods, report.openJml(), errors, report.notes(), report.millis());
    }
}
