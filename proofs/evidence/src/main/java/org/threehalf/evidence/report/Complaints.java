package org.threehalf.evidence.report;

import static org.threehalf.evidence.report.Judgement.is;
import static org.threehalf.evidence.report.Judgement.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.SecondKernel;
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
        problems.addAll(Contradictions.of(report));
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
            suite.path("list")
                    .valueStream()
                    .filter(c -> is(c, Verdict.PASSED)
                            && (Words.denies(text(c, "detail")) || Words.namesFailure(text(c, "id"))))
                    .forEach(c -> problems.add(new Problem(
                            "%s: %s is said to have passed, and that it did not: %s"
                                    .formatted(text(suite, "suite"), text(c, "id"), text(c, "detail")),
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
        Map<String, Stream<String>> keys = Map.ofEntries(
                Map.entry("requirement", names(report.path("requirements"), "id")),
                Map.entry("theorem", names(report.path("theorems"), "name")),
                Map.entry(
                        "contract",
                        report.path("contracts").valueStream().map(c -> text(c, "type") + "." + text(c, "method"))),
                Map.entry(
                        "method that a prover looked at",
                        report.path("provers")
                                .path("methods")
                                .valueStream()
                                .map(m -> Judgement.method(text(m, "file"), text(m, "name")))),
                Map.entry("prover", names(report.path("provers").path("checkers"), "name")),
                Map.entry(
                        "test class",
                        report.path("tests").valueStream().map(t -> text(t, "module") + " " + text(t, "type"))),
                Map.entry(
                        "test class beyond the sources",
                        report.path("otherTests").valueStream().map(t -> text(t, "module") + " " + text(t, "type"))),
                Map.entry("case", names(report.path("cases"), "id")),
                Map.entry("backend", names(report.path("conformance"), "backend")),
                Map.entry("Lean source", names(report.path("lean").path("sources"), "file")),
                Map.entry(
                        "fault seeded for Lean",
                        report.path("lean")
                                .path("seeded")
                                .valueStream()
                                .map(s -> text(s, "what") + ", by " + text(s, "by"))),
                Map.entry("suite of mutants", names(report.path("mutations"), "suite")),
                Map.entry("suite of checks", names(report.path("checks"), "suite")),
                Map.entry(
                        "tool",
                        report.path("tools").valueStream().map(t -> text(t, "name") + " " + text(t, "version"))),
                Map.entry("file of vectors", names(report.path("vectors"), "file")));
        new TreeMap<>(keys).forEach((what, names) -> twice(what, names, problems));
        report.path("tests")
                .forEach(t -> twice(
                        "test of " + text(t, "type"),
                        t.path("methods").valueStream().map(m -> text(m, "name")),
                        problems));
        for (String suites : List.of("mutations", "checks")) {
            report.path(suites)
                    .forEach(s -> twice(
                            "%s of %s".formatted(suites.equals("checks") ? "check" : "mutant", text(s, "suite")),
                            names(s.path("list"), "id"),
                            problems));
        }
        report.path("requirements")
                .forEach(r -> twice("waiver of " + text(r, "id"), names(r.path("waivers"), "kind"), problems));
        report.path("conformance")
                .forEach(c -> twice(
                        "group of backend " + text(c, "backend"),
                        c.path("results").valueStream().map(g -> text(g, "kind") + " " + text(g, "format")),
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

    private static Stream<String> names(JsonNode list, String member) {
        return list.valueStream().map(item -> text(item, member));
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
        report.path("theorems")
                .valueStream()
                .filter(t -> !Judgement.sound(t))
                .forEach(t -> problems.add(new Problem(
                        "the theorem %s (%s:%s) is not proved: it rests on %s"
                                .formatted(
                                        text(t, "name"),
                                        text(t, "file"),
                                        t.path("line").asString(),
                                        t.path("axioms").isEmpty()
                                                ? "a proof that was left out"
                                                : String.join(", ", strings(t.path("axioms")))),
                        "see spec/SOUNDNESS.md, section 0")));
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
            if (name.equals(Judgement.REFERENCE)
                    && backend.path(Verdict.NOT_CHECKED.name()).asLong() > 0) {
                problems.add(new Problem(
                        "backend %s was not judged by %s of its cases"
                                .formatted(
                                        name,
                                        backend.path(Verdict.NOT_CHECKED.name()).asString()),
                        "run mvn verify again"));
            }
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
        Set<String> ran = Clauses.ran(report);
        Map<String, JsonNode> methods = new HashMap<>();
        for (JsonNode method : report.path("provers").path("methods")) {
            methods.putIfAbsent(Judgement.method(text(method, "file"), text(method, "name")), method);
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
                String fault = Clauses.fault(c, ran);
                if (!fault.isEmpty()) {
                    problems.add(new Problem(
                            "%s:%s: %s: %s '%s' %s"
                                    .formatted(
                                            text(method, "file"),
                                            c.path("line").asString(),
                                            text(method, "name"),
                                            text(c, "kind"),
                                            text(c, "text"),
                                            fault),
                            "correct the method or its contract"));
                }
            }
            twice(
                    "clause of " + text(method, "name"),
                    method.path("clauses")
                            .valueStream()
                            .map(c -> text(c, "kind") + " " + c.path("line").asString() + " " + text(c, "text")),
                    problems);
        }
        for (JsonNode contract : report.path("contracts")) {
            String type = text(contract, "type").replaceFirst("^.*[.$]", "");
            JsonNode method =
                    methods.get(Judgement.method(text(contract, "file"), type + "." + text(contract, "method")));
            String difference = method == null ? "" : Clauses.difference(contract, method);
            if (!difference.isEmpty()) {
                problems.add(new Problem(
                        "%s:%s: %s.%s: what provers looked at is not its contract: %s"
                                .formatted(
                                        text(contract, "file"),
                                        contract.path("line").asString(),
                                        text(contract, "type"),
                                        text(contract, "method"),
                                        difference),
                        "run mvn verify again"));
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
                .filter(r -> r.path("missing").isEmpty()
                        && r.path("open").isEmpty()
                        && !r.path("covered").asBoolean())
                .forEach(r -> all.add(new NotChecked(
                        "Requirement " + text(r, "id"),
                        "every kind of evidence for it is waived: "
                                + names(r.path("waivers"), "reason").collect(Collectors.joining("; ")),
                        "have one of them")));
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
            all.add(new NotChecked(
                    "Translated methods beside Java", text(lean, "reason"), "have the Lean project checked"));
        }
        if (lean.path("seeded").valueStream().noneMatch(s -> text(s, "by").equals(SecondKernel.BY))) {
            all.add(new NotChecked(
                    "Lean theorems by a kernel of other authors",
                    "no kernel but Lean's own has checked them in this run",
                    "put nanoda_bin (nanoda, a type checker in Rust) on PATH, or name it: NANODA=... mvn verify"));
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
                .filter(c -> !Words.ran(text(c, "version")))
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
        cases(report, all);
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

    /** Cases by which a backend was not judged, and those that it lacks and another backend has. */
    private static void cases(JsonNode report, List<NotChecked> all) {
        Map<String, Set<String>> judged = new LinkedHashMap<>();
        Set<String> known = new LinkedHashSet<>();
        for (JsonNode backend : report.path("conformance")) {
            Set<String> ids = judged.computeIfAbsent(text(backend, "backend"), b -> new HashSet<>());
            List<String> open = new ArrayList<>();
            for (JsonNode group : backend.path("results")) {
                ids.addAll(strings(group.path("passed")));
                ids.addAll(strings(group.path("notChecked")));
                ids.addAll(names(group.path("failed"), "id").toList());
                open.addAll(strings(group.path("notChecked")));
            }
            known.addAll(ids);
            if (!open.isEmpty()) {
                all.add(new NotChecked(
                        "Conformance of backend %s by %d cases".formatted(text(backend, "backend"), open.size()),
                        "it was not judged by " + String.join(", ", open),
                        "./threehalf conformance --backend " + text(backend, "backend")));
            }
        }
        judged.forEach((backend, ids) -> {
            List<String> lacking =
                    known.stream().filter(id -> !ids.contains(id)).toList();
            if (!lacking.isEmpty()) {
                all.add(new NotChecked(
                        "Conformance of backend %s by %d cases that another was judged by"
                                .formatted(backend, lacking.size()),
                        "its results lack them, the first " + lacking.getFirst(),
                        "./threehalf conformance --backend " + backend));
            }
        });
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
