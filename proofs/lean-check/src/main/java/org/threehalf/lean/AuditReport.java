package org.threehalf.lean;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.threehalf.repository.Problem;

/**
 * What {@code lean/Audit.lean} prints (its protocol stands there and in {@code lean/README.md}).
 *
 * @param axioms the axioms that each theorem rests on, by its full name
 * @param uses the project's constants that each theorem's statement says something of, by its full name
 * @param possible what shows that each theorem's hypotheses can hold, by its full name: empty where there are none,
 *     {@code found}, or the name of a theorem; a theorem of which nothing shows it is not here
 * @param statements what Lean prints for each theorem, by its full name
 * @param modules the modules that were audited
 * @param told the definitions that each statement was shown to tell from a stand-in, by theorem
 * @param unseen how many constants of the toolchain's library had no body in this build and were taken as proved
 * @param problems what the audit found, and whatever is amiss with its output
 */
record AuditReport(
        Map<String, List<String>> axioms,
        Map<String, List<String>> uses,
        Map<String, Set<String>> told,
        Map<String, String> possible,
        Map<String, String> statements,
        Set<String> modules,
        int unseen,
        List<Problem> problems) {
    /** The audit found nothing that shows that a theorem's hypotheses can hold. */
    private static final String UNKNOWN = "unknown";

    /** It was not asked to look: the theorem serves no requirement. */
    private static final String UNASKED = "unasked";

    /**
     * Reads the output of an audit. One that ended with an error, that stops before its last line, or whose counts do
     * not agree with its lines, is a failed one.
     *
     * @param exit the exit code
     * @param output the lines that it printed
     * @param library the modules that it must have seen
     */
    static AuditReport of(int exit, String output, Set<String> library) {
        Map<String, List<String>> axioms = new LinkedHashMap<>();
        Map<String, List<String>> uses = new LinkedHashMap<>();
        Map<String, Set<String>> told = new LinkedHashMap<>();
        Map<String, String> possible = new LinkedHashMap<>();
        Map<String, String> statements = new LinkedHashMap<>();
        Set<String> modules = new LinkedHashSet<>();
        List<Problem> problems = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        int counted = 0;
        int found = 0;
        int replayed = 0;
        String last = "";
        for (String line : output.lines().toList()) {
            String[] parts = line.split("\t", -1);
            if (parts[0].equals("theorem") && parts.length == 6) {
                List<String> rests = words(parts[2]);
                axioms.put(parts[1], rests);
                uses.put(parts[1], words(parts[3]));
                if (!parts[4].equals(UNKNOWN) && !parts[4].equals(UNASKED)) {
                    possible.put(parts[1], parts[4]);
                }
                statements.put(parts[1], parts[5]);
                rests.stream()
                        .filter(a -> !LeanOutcome.AXIOMS.contains(a))
                        .forEach(a -> problems.add(new Problem(
                                "theorem %s rests on the axiom %s".formatted(parts[1], a), "prove it without")));
            } else if (parts[0].equals("told") && parts.length == 3) {
                told.computeIfAbsent(parts[1], n -> new LinkedHashSet<>()).add(parts[2]);
            } else if (parts[0].equals("module") && parts.length == 3) {
                modules.add(parts[1]);
                counted += number(parts[2]);
            } else if (parts[0].equals("problem") && parts.length == 3) {
                found++;
                problems.add(new Problem("the audit: %s %s".formatted(parts[1], parts[2]), "do without that"));
            } else if (parts[0].equals("replayed") && parts.length == 2) {
                replayed = number(parts[1]);
            } else if (parts[0].equals("audit") && parts.length == 4) {
                last = line;
            } else if (!line.isBlank()) {
                rest.add(line);
            }
        }
        String[] totals = last.split("\t", -1);
        if (exit != 0 && problems.isEmpty()) {
            problems.add(new Problem(
                    "the audit ended with exit code %d: %s".formatted(exit, String.join(" / ", rest)),
                    "see lean/Audit.lean"));
        }
        if (exit == 0) {
            if (last.isEmpty()) {
                problems.add(new Problem(
                        "the audit printed no total: %s".formatted(String.join(" / ", rest)), "see lean/Audit.lean"));
            } else if (number(totals[1]) != axioms.size() || counted != axioms.size() || number(totals[2]) != found) {
                problems.add(new Problem(
                        "the audit counts %s theorems and %s problems, but lists %d (%d by modules) and %d"
                                .formatted(totals[1], totals[2], axioms.size(), counted, found),
                        "see lean/Audit.lean"));
            }
            if (axioms.isEmpty()) {
                problems.add(new Problem("the audit saw no theorem", "see lean/Audit.lean"));
            }
            if (replayed < axioms.size()) {
                problems.add(new Problem(
                        "the audit replayed %d constants, and lists %d theorems".formatted(replayed, axioms.size()),
                        "see lean/Audit.lean"));
            }
            library.stream()
                    .filter(m -> !modules.contains(m))
                    .forEach(m -> problems.add(new Problem(
                            "the audit did not see the module " + m,
                            "import it in lean/%s.lean".formatted(LeanProject.LIBRARY))));
        }
        return new AuditReport(
                axioms,
                uses,
                told,
                possible,
                statements,
                modules,
                last.isEmpty() ? 0 : number(totals[3]),
                List.copyOf(problems));
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" "));
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }
}
