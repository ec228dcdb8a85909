package org.threehalf.proofs.evidence;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.threehalf.proofs.trace.Contract;
import org.threehalf.proofs.trace.GoldenCase;
import org.threehalf.proofs.trace.Problem;
import org.threehalf.proofs.trace.TestMethod;
import org.threehalf.proofs.trace.Theorem;
import org.threehalf.proofs.trace.TraceMatrix;
import org.threehalf.proofs.trace.Traceability;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All evidence of a run.
 *
 * @param commit the commit of the sources, or {@code unknown}
 * @param dirty whether the working tree differs from it
 * @param trace the sources' own account
 * @param lean what Lean said
 * @param vectors the golden vectors against what Lean emits
 * @param tests what surefire reported
 * @param results the result files of all modules
 * @param tools programs and libraries that the results rest on
 * @param conformance by backend
 * @param unchecked what the caller knows that nobody checked, beyond what follows from the other members
 * @param failures what else went wrong
 * @param environment everything that may vary between two runs on one commit
 */
public record Evidence(
        String commit,
        boolean dirty,
        Traceability trace,
        LeanOutcome lean,
        List<VectorComparison.Result> vectors,
        TestResults tests,
        ResultFiles results,
        List<Tool> tools,
        List<ConformanceResult> conformance,
        List<NotChecked> unchecked,
        List<Problem> failures,
        Map<String, String> environment) {

    /** The value of the member {@code schema}. */
    public static final String SCHEMA = "threehalf-evidence/1";

    /** Every failure. The run passed if there is none. */
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>(failures);
        problems.addAll(trace.problems());
        problems.addAll(lean.problems());
        if (lean.verdict() == Verdict.FAILED && lean.problems().isEmpty()) {
            problems.add(new Problem("Lean did not accept the proofs", "see the log above"));
        }
        if (lean.verdict() == Verdict.PASSED) {
            trace.theorems().stream().filter(t -> !lean.axioms().containsKey(t.name())).forEach(t -> problems.add(new Problem(
                    "the axiom audit did not see the theorem %s (%s:%d)".formatted(t.name(), t.file(), t.line()), "see lean/Audit.lean; a private theorem is not evidence")));
        }
        vectors.stream().map(VectorComparison.Result::problem).filter(java.util.Objects::nonNull).forEach(problems::add);
        tests.executions().stream()
                .filter(e -> e.verdict() == Verdict.FAILED)
                .forEach(e -> problems.add(new Problem("test %s.%s failed: %s".formatted(e.type(), e.name(), e.message()),
                        "see %s/target/surefire-reports".formatted(e.module()))));
        conformance.forEach(c -> problems.addAll(c.problems()));
        problems.addAll(unreported());
        problems.addAll(results.problems());
        problems.addAll(results.contracts().problems());
        results.mutations().forEach(m -> problems.addAll(m.problems()));
        results.checks().forEach(c -> problems.addAll(c.problems()));
        return problems;
    }

    /** Tests of the sources that surefire says nothing about: they did not run, whatever the build's exit code was. */
    private List<Problem> unreported() {
        Map<String, List<String>> missing = new java.util.TreeMap<>();
        for (TestMethod test : trace.tests()) {
            if (tests.of(test).isEmpty()) {
                missing.computeIfAbsent(test.module(), m -> new ArrayList<>()).add(test.type() + "." + test.method());
            }
        }
        return missing.entrySet().stream()
                .map(m -> new Problem("surefire reported nothing about %d tests of %s, the first %s".formatted(m.getValue().size(), m.getKey(), m.getValue().getFirst()),
                        "run mvn verify without -DskipTests and -Dtest"))
                .toList();
    }

    /** Everything that nobody checked. */
    public List<NotChecked> notChecked() {
        List<NotChecked> all = new ArrayList<>();
        results.contracts().methods().values().forEach(m -> m.clauses().stream().filter(c -> !c.open().isEmpty()).forEach(c ->
                all.add(new NotChecked("Contract clause of %s (%s:%d): %s '%s'".formatted(m.name(), m.file(), c.line(), c.kind(), c.text()), "NOT PROVED: " + c.open(),
                        "./threehalf verify --contracts " + m.file()))));
        all.addAll(unchecked);
        if (lean.verdict() == Verdict.NOT_CHECKED) {
            all.add(new NotChecked("Lean theorems", lean.reason(), "install elan or npm and run mvn verify without -Dlean.check=skip"));
        }
        if (vectors.isEmpty() || vectors.stream().anyMatch(v -> v.verdict() == Verdict.NOT_CHECKED)) {
            all.add(new NotChecked("Golden vectors against the Lean definitions",
                    vectors.isEmpty() ? "there are no golden vectors" : "Lean emitted none in this run", "have the Lean project checked"));
        }
        List<Contract> unproved = trace.contracts().stream().filter(c -> results.contracts().of(c).isEmpty()).toList();
        if (unproved.size() == trace.contracts().size() && !unproved.isEmpty()) {
            all.add(new NotChecked("JML contracts", "no prover was run on them", "./threehalf verify --contracts"));
        } else {
            unproved.forEach(c -> all.add(new NotChecked("Contract of %s.%s".formatted(c.type(), c.method()), "no prover looked at it", "./threehalf verify --contracts " + c.file())));
        }
        results.contracts().checkers().forEach((name, version) -> {
            if (version.startsWith("not run")) {
                all.add(new NotChecked("JML contracts by " + name, version, "install it and run mvn verify again"));
            }
        });
        results.contracts().methods().values().forEach(m -> m.assumptions().forEach(a ->
                all.add(new NotChecked("Assumption in %s (%s:%d)".formatted(m.name(), m.file(), m.line()), "assumed without proof: " + a, "prove it, and take the assumption out"))));
        if (results.mutations().isEmpty()) {
            all.add(new NotChecked("Seeded faults (mutation)", "no module left mutation results", "see proofs-ci/README.md, Result files"));
        }
        results.checks().forEach(c -> all.addAll(c.notChecked()));
        if (conformance.isEmpty()) {
            all.add(new NotChecked("Conformance of the reference backend", "it did not run", "see the failures"));
        }
        for (TestMethod test : trace.tests()) {
            if (tests.of(test).isEmpty()) {
                all.add(new NotChecked("Test %s.%s".formatted(test.type(), test.method()), "surefire reported no result", "run mvn verify without -DskipTests"));
            }
        }
        for (TestResults.Execution test : tests.executions()) {
            if (test.verdict() == Verdict.NOT_CHECKED) {
                all.add(new NotChecked("Test %s.%s".formatted(test.type(), test.name()),
                        test.message().isEmpty() ? "skipped, with no reason given" : test.message(), "provide what it needs"));
            }
        }
        return all;
    }

    /** The report, in a fixed order: two runs on one commit differ in {@code environment} alone. */
    public ObjectNode toJson() {
        List<Problem> problems = problems();
        List<NotChecked> notChecked = notChecked();
        ObjectNode root = new JsonMapper().createObjectNode();
        root.put("schema", SCHEMA).put("commit", commit).put("dirty", dirty).put("result", problems.isEmpty() ? "PASSED" : "FAILED");
        summary(root.putObject("summary"), problems.size(), notChecked.size());
        ArrayNode left = root.putArray("notChecked");
        notChecked.forEach(n -> left.addObject().put("what", n.what()).put("reason", n.reason()).put("remedy", n.remedy()));
        ArrayNode wrong = root.putArray("problems");
        problems.forEach(p -> wrong.addObject().put("what", p.what()).put("remedy", p.remedy()));
        ArrayNode requirements = root.putArray("requirements");
        trace.matrix().rows().values().forEach(row -> requirement(requirements.addObject(), row));
        lean(root.putObject("lean"));
        ArrayNode theorems = root.putArray("theorems");
        trace.theorems().forEach(t -> theorem(theorems.addObject(), t));
        ArrayNode contracts = root.putArray("contracts");
        trace.contracts().forEach(c -> contract(contracts.addObject(), c));
        tests(root.putArray("tests"));
        ArrayNode cases = root.putArray("cases");
        trace.cases().forEach(c -> goldenCase(cases.addObject(), c));
        ArrayNode backends = root.putArray("conformance");
        conformance.forEach(c -> conformance(backends.addObject(), c));
        ArrayNode suites = root.putArray("mutations");
        results.mutations().forEach(m -> mutations(suites.addObject(), m));
        ArrayNode devices = root.putArray("checks");
        results.checks().forEach(c -> checks(devices.addObject(), c));
        ArrayNode used = root.putArray("tools");
        allTools().forEach(t -> used.addObject().put("name", t.name()).put("version", t.version()).put("hash", t.hash()));
        untraced(root.putObject("untraced"));
        ArrayNode files = root.putArray("vectors");
        vectors.forEach(v -> files.addObject().put("file", v.file()).put("committed", v.committed()).put("emitted", v.emitted()).put("verdict", v.verdict().name()));
        ObjectNode varying = root.putObject("environment");
        new java.util.TreeMap<>(environment).forEach(varying::put);
        lean.environment().forEach((name, value) -> varying.put("lean." + name, value));
        conformance.forEach(c -> varying.put("backend." + c.backend(), c.detail()));
        return root;
    }

    private void summary(ObjectNode node, int problems, int notChecked) {
        Collection<TraceMatrix.Row> rows = trace.matrix().rows().values();
        node.put("problems", problems)
                .put("notChecked", notChecked)
                .put("requirements", rows.size())
                .put("requirementsCovered", rows.stream().filter(r -> r.missing().isEmpty()).count())
                .put("requirementsWithWaivers", rows.stream().filter(r -> !r.requirement().waivers().isEmpty()).count())
                .put("theorems", trace.theorems().size())
                .put("contracts", trace.contracts().size())
                .put("tests", trace.tests().size())
                .put("properties", trace.tests().stream().filter(TestMethod::property).count())
                .put("testsPassed", tests.count(Verdict.PASSED))
                .put("testsFailed", tests.count(Verdict.FAILED))
                .put("testsSkipped", tests.count(Verdict.NOT_CHECKED))
                .put("goldenCases", trace.cases().size())
                .put("conformancePassed", conformance.stream().mapToLong(c -> c.count(Verdict.PASSED)).sum())
                .put("conformanceFailed", conformance.stream().mapToLong(c -> c.count(Verdict.FAILED)).sum())
                .put("contractsProved", trace.contracts().stream().filter(c -> results.contracts().of(c).filter(m -> m.verdict() == Verdict.PASSED).isPresent()).count())
                .put("mutants", results.mutations().stream().mapToLong(m -> m.mutants().size()).sum())
                .put("mutantsKilled", results.mutations().stream().mapToLong(MutationResults::killed).sum())
                .put("vectorFilesEqual", vectors.stream().filter(v -> v.verdict() == Verdict.PASSED).count());
    }

    private static void requirement(ObjectNode node, TraceMatrix.Row row) {
        var requirement = row.requirement();
        node.put("id", requirement.id()).put("text", requirement.text()).put("file", requirement.file()).put("line", requirement.line());
        ArrayNode waivers = node.putArray("waivers");
        requirement.waivers().forEach((kind, reason) -> waivers.addObject().put("kind", kind.word()).put("reason", reason));
        strings(node.putArray("theorems"), row.theorems().stream().map(Theorem::name));
        strings(node.putArray("contracts"), row.contracts().stream().map(c -> c.type() + "." + c.method()));
        strings(node.putArray("tests"), row.tests().stream().map(t -> t.type() + "." + t.method()));
        strings(node.putArray("cases"), row.cases().stream().map(GoldenCase::id));
        strings(node.putArray("missing"), row.missing().stream());
    }

    private void lean(ObjectNode node) {
        node.put("verdict", lean.verdict().name()).put("reason", lean.reason()).put("checker", lean.checker()).put("version", lean.version());
        node.put("commit", lean.commit()).put("integrity", lean.integrity());
        ArrayNode sources = node.putArray("sources");
        lean.sources().forEach(s -> sources.addObject().put("file", s.file()).put("sha256", s.sha256()).put("verdict", s.verdict().name()));
        ArrayNode seeded = node.putArray("seeded");
        lean.seeded().forEach(s -> seeded.addObject().put("what", s.what()).put("by", s.by()).put("verdict", s.verdict().name()));
    }

    private void theorem(ObjectNode node, Theorem theorem) {
        node.put("name", theorem.name()).put("file", theorem.file()).put("line", theorem.line()).put("reading", theorem.reading());
        node.put("statement", lean.statements().getOrDefault(theorem.name(), theorem.statement()));
        strings(node.putArray("axioms"), lean.axioms().getOrDefault(theorem.name(), List.of()).stream());
        node.put("sha256", lean.sources().stream().filter(s -> s.file().equals(theorem.file())).map(LeanOutcome.Source::sha256).findFirst().orElse(""));
        // A source that Lean accepted proves nothing that the axiom audit did not see.
        Verdict verdict = lean.of(theorem.file());
        node.put("verdict", (verdict == Verdict.PASSED && !lean.axioms().containsKey(theorem.name()) ? Verdict.NOT_CHECKED : verdict).name());
        strings(node.putArray("requirements"), theorem.requirements().stream());
    }

    private void contract(ObjectNode node, Contract contract) {
        node.put("type", contract.type()).put("method", contract.method()).put("file", contract.file()).put("line", contract.line());
        ObjectNode clauses = node.putObject("clauses");
        contract.clauses().forEach(clauses::put);
        var found = results.contracts().of(contract);
        node.put("verdict", found.map(ContractResults.Method::verdict).orElse(Verdict.NOT_CHECKED).name());
        ArrayNode checked = node.putArray("checked");
        found.ifPresent(m -> m.clauses().forEach(c -> checked.addObject().put("kind", c.kind()).put("line", c.line()).put("text", c.text())
                .put("verdict", c.verdict()).put("checker", c.checker())));
        strings(node.putArray("assumptions"), found.stream().flatMap(m -> m.assumptions().stream()));
        strings(node.putArray("requirements"), contract.requirements().stream());
    }

    private static void checks(ObjectNode node, CheckResults suite) {
        ArrayNode list = node.put("suite", suite.suite()).putArray("list");
        suite.checks().forEach(c -> list.addObject().put("id", c.id()).put("verdict", c.verdict().name()).put("detail", c.detail()));
    }

    private static void mutations(ObjectNode node, MutationResults suite) {
        node.put("suite", suite.suite()).put("mutants", suite.mutants().size()).put("killed", suite.killed());
        ArrayNode list = node.putArray("list");
        suite.mutants().forEach(m -> {
            ObjectNode mutant = list.addObject().put("id", m.id()).put("verdict", (m.killedBy().isEmpty() ? Verdict.FAILED : Verdict.PASSED).name());
            strings(mutant.putArray("killedBy"), m.killedBy().stream());
        });
    }

    /** The other direction of traceability: evidence that serves no requirement by name. It is no fault; a reader may ask what it is for. */
    private void untraced(ObjectNode node) {
        strings(node.putArray("theorems"), trace.theorems().stream().filter(t -> t.requirements().isEmpty()).map(Theorem::name));
        strings(node.putArray("contracts"), trace.contracts().stream().filter(c -> c.requirements().isEmpty()).map(c -> c.type() + "." + c.method()));
        strings(node.putArray("tests"), trace.tests().stream().filter(t -> t.requirements().isEmpty()).map(t -> t.type() + "." + t.method()));
        strings(node.putArray("cases"), trace.cases().stream().filter(c -> c.requirements().isEmpty()).map(GoldenCase::id));
    }

    /** The caller's tools with the provers. */
    private List<Tool> allTools() {
        List<Tool> all = new ArrayList<>(tools);
        if (!lean.checker().isEmpty()) {
            all.add(new Tool("Lean by " + lean.checker(), lean.version() + " " + lean.commit(), lean.integrity()));
        }
        results.contracts().checkers().forEach((name, version) -> all.add(new Tool(name, version, "")));
        all.sort(java.util.Comparator.comparing(Tool::name).thenComparing(Tool::version));
        return all;
    }

    private void tests(ArrayNode classes) {
        ObjectNode type = null;
        for (TestMethod test : trace.tests()) {
            if (type == null || !type.path("type").asString().equals(test.type()) || !type.path("module").asString().equals(test.module())) {
                type = classes.addObject().put("module", test.module()).put("type", test.type()).put("file", test.file());
                List<TestMethod> all = trace.tests().stream().filter(t -> t.type().equals(test.type()) && t.module().equals(test.module())).toList();
                type.put("tests", all.size()).put("properties", all.stream().filter(TestMethod::property).count());
                for (Verdict verdict : Verdict.values()) {
                    type.put(verdict.name(), all.stream().flatMap(t -> tests.of(t).stream()).filter(e -> e.verdict() == verdict).count());
                }
                type.putArray("methods");
            }
            ObjectNode method = type.withArray("methods").addObject();
            method.put("name", test.method()).put("line", test.line()).put("property", test.property()).put("verdict", tests.verdict(test).name());
            strings(method.putArray("requirements"), test.requirements().stream());
        }
    }

    private void goldenCase(ObjectNode node, GoldenCase golden) {
        node.put("id", golden.id()).put("file", golden.file());
        strings(node.putArray("requirements"), golden.requirements().stream());
        ObjectNode verdicts = node.putObject("verdicts");
        conformance.forEach(c -> verdicts.put(c.backend(), c.verdicts().getOrDefault(golden.id(), Verdict.NOT_CHECKED).name()));
    }

    private static void conformance(ObjectNode node, ConformanceResult result) {
        node.put("backend", result.backend());
        for (Verdict verdict : Verdict.values()) {
            node.put(verdict.name(), result.count(verdict));
        }
        ArrayNode summary = node.putArray("summary");
        result.counts().forEach(c -> summary.addObject().put("kind", c.kind()).put("format", c.format()).put("passed", c.passed()).put("failed", c.failed()));
        ArrayNode failures = node.putArray("failures");
        result.failures().forEach((id, message) -> failures.addObject().put("id", id).put("message", message));
    }

    private static void strings(ArrayNode array, Stream<String> values) {
        values.forEach(array::add);
    }
}
