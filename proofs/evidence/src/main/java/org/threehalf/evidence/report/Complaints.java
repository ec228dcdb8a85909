package org.threehalf.evidence.report;

import static org.threehalf.evidence.report.Judgement.is;
import static org.threehalf.evidence.report.Judgement.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;
import org.threehalf.repository.RequirementIds;
import tools.jackson.databind.JsonNode;

/** What fails in a report whose verdicts are there, and what nobody checked. */
final class Complaints {
    private Complaints() {}

    /** Every failure. The run passed if there is none. */
    static List<Problem> problems(JsonNode report) {
        List<Problem> problems = new ArrayList<>();
        report.path("reported").forEach(p -> problems.add(new Problem(text(p, "what"), text(p, "remedy"))));
        hollow(report, problems);
        repeated(report, problems);
        ids(report, problems);
        for (JsonNode r : report.path("requirements")) {
            if (!r.path("missing").isEmpty()) {
                problems.add(new Problem(
                        "%s (%s:%s) has no %s%s"
                                .formatted(
                                        text(r, "id"),
                                        text(r, "file"),
                                        r.path("line").asString(),
                                        String.join(", no ", strings(r.path("missing"))),
                                        Stream.of("theorems", "contracts", "tests", "cases")
                                                        .allMatch(k -> r.path(k).isEmpty())
                                                ? ""
                                                : " that passed"),
                        "name %s where that evidence is, or write 'Waiver (kind): reason.' into its paragraph"
                                .formatted(text(r, "id"))));
            }
        }
        lean(report, problems);
        for (JsonNode v : report.path("vectors")) {
            if (is(v, Verdict.FAILED)) {
                problems.add(
                        new Problem(
                                text(v, "difference").isEmpty()
                                        ? "spec/vectors/%s is not what Lean emits".formatted(text(v, "file"))
                                        : text(v, "difference"),
                                "if the Lean definitions changed on purpose, commit the emitted file; if not, the file or the definitions were damaged"));
            }
        }
        tests(report, problems);
        conformance(report, problems);
        clauses(report, problems);
        for (JsonNode suite : report.path("mutations")) {
            if (suite.path("list").isEmpty()) {
                problems.add(new Problem(
                        "the mutation results of %s hold no mutant".formatted(text(suite, "suite")),
                        "see the program that writes them"));
            }
            suite.path("list")
                    .valueStream()
                    .filter(m -> is(m, Verdict.FAILED))
                    .forEach(m -> problems.add(new Problem(
                            "%s does not notice the fault: %s".formatted(text(suite, "suite"), text(m, "id")),
                            "add a case or a clause that does")));
        }
        for (JsonNode suite : report.path("checks")) {
            if (suite.path("list").isEmpty()) {
                problems.add(new Problem(
                        "the check results of %s hold no check".formatted(text(suite, "suite")),
                        "see the program that writes them"));
            }
            suite.path("list")
                    .valueStream()
                    .filter(c -> is(c, Verdict.FAILED))
                    .forEach(c -> problems.add(new Problem(
                            "%s: %s failed: %s".formatted(text(suite, "suite"), text(c, "id"), text(c, "detail")),
                            "see the module's test reports")));
        }
        return problems;
    }

    /** A report about nothing passes nothing. */
    private static void hollow(JsonNode report, List<Problem> problems) {
        for (String list : List.of("requirements", "theorems", "contracts", "tests", "cases", "vectors")) {
            if (report.path(list).isEmpty()) {
                problems.add(new Problem(
                        "the report holds no %s".formatted(list), "run mvn verify in the whole repository"));
            }
        }
        if (report.path("conformance")
                .valueStream()
                .noneMatch(c -> text(c, "backend").equals("reference"))) {
            problems.add(new Problem("the reference backend was not judged", "see the other failures"));
        }
    }

    /** What is named twice could be counted twice, or hide behind its namesake. */
    private static void repeated(JsonNode report, List<Problem> problems) {
        Map<String, Stream<String>> keys = Map.of(
                "requirement", report.path("requirements").valueStream().map(r -> text(r, "id")),
                "theorem", report.path("theorems").valueStream().map(t -> text(t, "name")),
                "contract", report.path("contracts").valueStream().map(c -> text(c, "type") + "." + text(c, "method")),
                "method that a prover looked at",
                        report.path("provers")
                                .path("methods")
                                .valueStream()
                                .map(m -> text(m, "file") + " " + text(m, "name")),
                "test class", report.path("tests").valueStream().map(t -> text(t, "module") + " " + text(t, "type")),
                "case", report.path("cases").valueStream().map(c -> text(c, "id")),
                "backend", report.path("conformance").valueStream().map(c -> text(c, "backend")),
                "Lean source", report.path("lean").path("sources").valueStream().map(s -> text(s, "file")),
                "file of vectors", report.path("vectors").valueStream().map(v -> text(v, "file")));
        new TreeMap<>(keys).forEach((what, names) -> twice(what, names, problems));
        report.path("tests")
                .forEach(t -> twice(
                        "test of " + text(t, "type"),
                        t.path("methods").valueStream().map(m -> text(m, "name")),
                        problems));
        report.path("conformance")
                .forEach(c -> twice(
                        "case of backend " + text(c, "backend"),
                        c.path("results")
                                .valueStream()
                                .flatMap(g -> Stream.of(
                                                g.path("passed").valueStream().map(JsonNode::asString),
                                                g.path("notChecked")
                                                        .valueStream()
                                                        .map(JsonNode::asString),
                                                g.path("failed").valueStream().map(f -> text(f, "id")))
                                        .flatMap(s -> s)),
                        problems));
    }

    private static void twice(String what, Stream<String> names, List<Problem> problems) {
        Set<String> seen = new HashSet<>();
        Set<String> again = new LinkedHashSet<>();
        names.forEach(n -> {
            if (!seen.add(n)) {
                again.add(n);
            }
        });
        again.forEach(n -> problems.add(
                new Problem("there are two of the %s %s".formatted(what, n), "rename one, or take it out")));
    }

    /** Ids that nothing defines. */
    private static void ids(JsonNode report, List<Problem> problems) {
        Set<String> defined = new HashSet<>();
        report.path("requirements").forEach(r -> defined.add(text(r, "id")));
        report.path("theorems")
                .forEach(t -> undefined(
                        defined,
                        t,
                        "theorem %s (%s:%s)"
                                .formatted(
                                        text(t, "name"),
                                        text(t, "file"),
                                        t.path("line").asString()),
                        problems));
        report.path("contracts")
                .forEach(c -> undefined(
                        defined,
                        c,
                        "contract of %s.%s (%s:%s)"
                                .formatted(
                                        text(c, "type"),
                                        text(c, "method"),
                                        text(c, "file"),
                                        c.path("line").asString()),
                        problems));
        report.path("tests")
                .forEach(t -> t.path("methods")
                        .forEach(m -> undefined(
                                defined,
                                m,
                                "test %s.%s (%s:%s)"
                                        .formatted(
                                                text(t, "type"),
                                                text(m, "name"),
                                                text(t, "file"),
                                                m.path("line").asString()),
                                problems)));
        report.path("cases")
                .forEach(c ->
                        undefined(defined, c, "case %s (%s)".formatted(text(c, "id"), text(c, "file")), problems));
        for (JsonNode r : report.path("requirements")) {
            StringBuilder all = new StringBuilder(text(r, "text"));
            r.path("waivers").forEach(w -> all.append('\n').append(text(w, "reason")));
            RequirementIds.namedIn(all.toString()).stream()
                    .filter(id -> !defined.contains(id))
                    .forEach(id -> problems.add(undefined(
                            "requirement %s (%s:%s)"
                                    .formatted(
                                            text(r, "id"),
                                            text(r, "file"),
                                            r.path("line").asString()),
                            id)));
        }
    }

    private static void undefined(Set<String> defined, JsonNode item, String name, List<Problem> problems) {
        strings(item.path("requirements")).stream()
                .filter(id -> !defined.contains(id))
                .forEach(id -> problems.add(undefined(name, id)));
    }

    private static Problem undefined(String name, String id) {
        return new Problem(
                "%s names %s, which the specification does not define".formatted(name, id),
                "correct the id, or define it in spec/");
    }

    private static void lean(JsonNode report, List<Problem> problems) {
        JsonNode lean = report.path("lean");
        lean.path("problems").forEach(p -> problems.add(new Problem(text(p, "what"), text(p, "remedy"))));
        if (is(lean, Verdict.FAILED) && lean.path("problems").isEmpty()) {
            problems.add(new Problem("Lean did not accept the proofs", "see the log above"));
        }
        if (is(lean, Verdict.PASSED)) {
            report.path("theorems")
                    .valueStream()
                    .filter(t -> !t.path("audited").asBoolean())
                    .forEach(t -> problems.add(new Problem(
                            "the axiom audit did not see the theorem %s (%s:%s)"
                                    .formatted(
                                            text(t, "name"),
                                            text(t, "file"),
                                            t.path("line").asString()),
                            "see lean/Audit.lean; a private theorem is not evidence")));
            if (!lean.path("emitted").asBoolean()) {
                problems.add(new Problem("Lean emitted no golden vectors", "see lean/Emit.lean"));
            }
        }
    }

    private static void tests(JsonNode report, List<Problem> problems) {
        Map<String, List<String>> silent = new TreeMap<>();
        for (JsonNode type : report.path("tests")) {
            type.path("methods").forEach(m -> failed(type, m, problems));
            type.path("methods")
                    .valueStream()
                    .filter(Complaints::silent)
                    .forEach(m -> silent.computeIfAbsent(text(type, "module"), x -> new ArrayList<>())
                            .add(text(type, "type") + "." + text(m, "name")));
        }
        report.path("otherTests").forEach(o -> failed(o, o, problems));
        silent.forEach((module, tests) -> problems.add(new Problem(
                "surefire reported nothing about %d tests of %s, the first %s"
                        .formatted(tests.size(), module, tests.getFirst()),
                "run mvn verify without -DskipTests and -Dtest")));
    }

    private static void failed(JsonNode type, JsonNode method, List<Problem> problems) {
        method.path("failures")
                .forEach(f -> problems.add(new Problem(
                        "test %s.%s failed: %s".formatted(text(type, "type"), text(f, "name"), text(f, "message")),
                        "see %s/target/surefire-reports".formatted(text(type, "module")))));
    }

    /** Tests of the sources that surefire says nothing about did not run, whatever the build's exit code was. */
    private static boolean silent(JsonNode method) {
        return method.path("passed").asLong() == 0
                && method.path("failures").isEmpty()
                && method.path("skips").isEmpty();
    }

    private static void conformance(JsonNode report, List<Problem> problems) {
        for (JsonNode backend : report.path("conformance")) {
            String name = text(backend, "backend");
            backend.path("failures")
                    .forEach(f -> problems.add(new Problem(
                            "conformance of backend %s, case %s: %s".formatted(name, text(f, "id"), text(f, "message")),
                            "repeat it with ./threehalf conformance --backend %s --case %s"
                                    .formatted(name, text(f, "id")))));
            List<String> left = report.path("cases")
                    .valueStream()
                    .filter(c -> text(c.path("verdicts"), name).equals(Verdict.NOT_CHECKED.name()))
                    .map(c -> text(c, "id"))
                    .toList();
            if (!left.isEmpty()) {
                problems.add(new Problem(
                        "backend %s was not judged by %d of the cases, the first %s"
                                .formatted(name, left.size(), left.getFirst()),
                        "run mvn verify again"));
            }
        }
    }

    /** An open clause is nobody's proof and no failure; one that is refuted is a failure whatever the list says. */
    private static void clauses(JsonNode report, List<Problem> problems) {
        for (JsonNode method : report.path("provers").path("methods")) {
            if (method.path("clauses").isEmpty()) {
                problems.add(new Problem(
                        "%s:%s: %s: a prover looked at it and gives no clause"
                                .formatted(
                                        text(method, "file"),
                                        method.path("line").asString(),
                                        text(method, "name")),
                        "run mvn verify again"));
            }
            for (JsonNode c : method.path("clauses")) {
                boolean refuted = text(c, "verdict").equals("REFUTED");
                if (!text(c, "verdict").equals("PROVED") && (text(c, "open").isEmpty() || refuted)) {
                    problems.add(new Problem(
                            "%s:%s: %s: %s '%s' is %s by %s%s"
                                    .formatted(
                                            text(method, "file"),
                                            c.path("line").asString(),
                                            text(method, "name"),
                                            text(c, "kind"),
                                            text(c, "text"),
                                            refuted ? "refuted" : "not proved",
                                            text(c, "checker"),
                                            text(c, "failure").isEmpty() ? "" : ": " + text(c, "failure")),
                            "correct the method or its contract"));
                }
            }
        }
    }

    /** Everything that nobody checked; clauses that are known not to be proved come first. */
    static List<NotChecked> notChecked(JsonNode report) {
        List<NotChecked> all = new ArrayList<>();
        JsonNode methods = report.path("provers").path("methods");
        methods.forEach(m -> m.path("clauses")
                .valueStream()
                .filter(c -> !text(c, "open").isEmpty())
                .forEach(c -> all.add(new NotChecked(
                        "Contract clause of %s (%s:%s): %s '%s'"
                                .formatted(
                                        text(m, "name"),
                                        text(m, "file"),
                                        c.path("line").asString(),
                                        text(c, "kind"),
                                        text(c, "text")),
                        "NOT PROVED: " + text(c, "open"),
                        "./threehalf verify --contracts " + text(m, "file")))));
        report.path("unchecked")
                .forEach(n -> all.add(new NotChecked(text(n, "what"), text(n, "reason"), text(n, "remedy"))));
        report.path("requirements")
                .valueStream()
                .filter(r -> !r.path("open").isEmpty())
                .forEach(r -> all.add(new NotChecked(
                        "Requirement %s by a %s"
                                .formatted(text(r, "id"), String.join(" and a ", strings(r.path("open")))),
                        "what is named for it was not checked in this run",
                        "see the other entries")));
        JsonNode lean = report.path("lean");
        if (is(lean, Verdict.NOT_CHECKED)) {
            all.add(new NotChecked(
                    "Lean theorems",
                    text(lean, "reason"),
                    "install elan or npm and run mvn verify without -Dlean.check=skip"));
        }
        if (report.path("vectors").isEmpty()
                || report.path("vectors").valueStream().anyMatch(v -> is(v, Verdict.NOT_CHECKED))) {
            all.add(new NotChecked(
                    "Golden vectors against the Lean definitions",
                    report.path("vectors").isEmpty() ? "there are no golden vectors" : "Lean emitted none in this run",
                    "have the Lean project checked"));
        }
        List<JsonNode> unproved = report.path("contracts")
                .valueStream()
                .filter(c -> c.path("checked").isEmpty())
                .toList();
        if (unproved.size() == report.path("contracts").size() && !unproved.isEmpty()) {
            all.add(new NotChecked("JML contracts", "no prover was run on them", "./threehalf verify --contracts"));
        } else {
            unproved.forEach(c -> all.add(new NotChecked(
                    "Contract of %s.%s".formatted(text(c, "type"), text(c, "method")),
                    "no prover looked at it",
                    "./threehalf verify --contracts " + text(c, "file"))));
        }
        report.path("provers")
                .path("checkers")
                .valueStream()
                .filter(c -> text(c, "version").startsWith("not run"))
                .forEach(c -> all.add(new NotChecked(
                        "JML contracts by " + text(c, "name"),
                        text(c, "version"),
                        "install it and run mvn verify again")));
        methods.forEach(m -> strings(m.path("assumptions"))
                .forEach(a -> all.add(new NotChecked(
                        "Assumption in %s (%s:%s)"
                                .formatted(
                                        text(m, "name"),
                                        text(m, "file"),
                                        m.path("line").asString()),
                        "assumed without proof: " + a,
                        "prove it, and take the assumption out"))));
        if (report.path("mutations").isEmpty()) {
            all.add(new NotChecked(
                    "Seeded faults (mutation)",
                    "no module left mutation results",
                    "see proofs/evidence/README.md, Result files"));
        }
        report.path("checks")
                .forEach(s -> s.path("list")
                        .valueStream()
                        .filter(c -> is(c, Verdict.NOT_CHECKED))
                        .forEach(c -> all.add(new NotChecked(
                                "%s: %s".formatted(text(s, "suite"), text(c, "id")),
                                text(c, "detail"),
                                "provide what it needs"))));
        if (report.path("conformance").isEmpty()) {
            all.add(new NotChecked("Conformance of the reference backend", "it did not run", "see the failures"));
        }
        for (JsonNode type : report.path("tests")) {
            type.path("methods")
                    .valueStream()
                    .filter(Complaints::silent)
                    .forEach(m -> all.add(new NotChecked(
                            "Test %s.%s".formatted(text(type, "type"), text(m, "name")),
                            "surefire reported no result",
                            "run mvn verify without -DskipTests")));
            type.path("methods").forEach(m -> skipped(type, m, all));
        }
        report.path("otherTests").forEach(o -> skipped(o, o, all));
        return all;
    }

    private static void skipped(JsonNode type, JsonNode method, List<NotChecked> all) {
        method.path("skips")
                .forEach(s -> all.add(new NotChecked(
                        "Test %s.%s".formatted(text(type, "type"), text(s, "name")),
                        text(s, "message").isEmpty() ? "skipped, with no reason given" : text(s, "message"),
                        "provide what it needs")));
    }

    private static List<String> strings(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }
}
