package org.threehalf.proofs.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The evidence of each requirement, and what is wrong with it.
 *
 * <p>Every requirement needs a theorem or a contract, a test, and a case, except for what the specification waives with a reason.
 *
 * @param rows one for each requirement, by id
 * @param problems ids that nothing defines, and requirements without evidence
 */
public record TraceMatrix(SortedMap<String, Row> rows, List<Problem> problems) {

    /** A requirement with everything that names it. */
    public record Row(
            Requirement requirement, List<Theorem> theorems, List<Contract> contracts, List<TestMethod> tests, List<GoldenCase> cases) {

        /** The kinds of evidence that are needed, neither there nor waived; empty if the requirement is covered. */
        public List<String> missing() {
            Set<EvidenceKind> waived = requirement.waivers().keySet();
            List<String> missing = new ArrayList<>();
            if (theorems.isEmpty() && contracts.isEmpty() && !waived.contains(EvidenceKind.THEOREM) && !waived.contains(EvidenceKind.CONTRACT)) {
                missing.add("theorem or contract");
            }
            if (tests.isEmpty() && !waived.contains(EvidenceKind.TEST)) {
                missing.add("test");
            }
            if (cases.isEmpty() && !waived.contains(EvidenceKind.CASE)) {
                missing.add("case");
            }
            return missing;
        }
    }

    /** Joins everything by the ids it names. */
    public static TraceMatrix of(
            Map<String, Requirement> requirements,
            List<Theorem> theorems,
            List<Contract> contracts,
            List<TestMethod> tests,
            List<GoldenCase> cases) {
        List<Problem> problems = new ArrayList<>();
        undefined(requirements, theorems, Theorem::requirements, t -> "theorem %s (%s:%d)".formatted(t.name(), t.file(), t.line()), problems);
        undefined(requirements, contracts, Contract::requirements, c -> "contract of %s.%s (%s:%d)".formatted(c.type(), c.method(), c.file(), c.line()), problems);
        undefined(requirements, tests, TestMethod::requirements, t -> "test %s.%s (%s:%d)".formatted(t.type(), t.method(), t.file(), t.line()), problems);
        undefined(requirements, cases, GoldenCase::requirements, c -> "case %s (%s)".formatted(c.id(), c.file()), problems);
        requirements.values().forEach(r -> undefined(requirements, List.of(r), x -> RequirementIds.namedIn(x.text()),
                x -> "requirement %s (%s:%d)".formatted(x.id(), x.file(), x.line()), problems));

        SortedMap<String, Row> rows = new TreeMap<>();
        for (Requirement requirement : requirements.values()) {
            String id = requirement.id();
            Row row = new Row(
                    requirement,
                    naming(id, theorems, Theorem::requirements),
                    naming(id, contracts, Contract::requirements),
                    naming(id, tests, TestMethod::requirements),
                    naming(id, cases, GoldenCase::requirements));
            rows.put(id, row);
            if (!row.missing().isEmpty()) {
                problems.add(new Problem(
                        "%s (%s:%d) has no %s".formatted(id, requirement.file(), requirement.line(), String.join(", no ", row.missing())),
                        "name %s where that evidence is, or write 'Waiver (kind): reason.' into its paragraph".formatted(id)));
            }
        }
        return new TraceMatrix(rows, List.copyOf(problems));
    }

    private static <T> List<T> naming(String id, List<T> all, Function<T, SortedSet<String>> ids) {
        return all.stream().filter(x -> ids.apply(x).contains(id)).toList();
    }

    private static <T> void undefined(
            Map<String, Requirement> defined, List<T> all, Function<T, SortedSet<String>> ids, Function<T, String> name, List<Problem> problems) {
        for (T item : all) {
            for (String id : ids.apply(item)) {
                if (!defined.containsKey(id)) {
                    problems.add(new Problem(
                            "%s names %s, which the specification does not define".formatted(name.apply(item), id),
                            "correct the id, or define it in spec/"));
                }
            }
        }
    }
}
