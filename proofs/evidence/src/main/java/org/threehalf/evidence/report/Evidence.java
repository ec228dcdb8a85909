package org.threehalf.evidence.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.threehalf.evidence.trace.Contract;
import org.threehalf.evidence.trace.Requirement;
import org.threehalf.evidence.trace.TestMethod;
import org.threehalf.evidence.trace.Traceability;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.LeanOutcome;
import org.threehalf.lean.Theorem;
import org.threehalf.repository.Problem;
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
    public static final String SCHEMA = "threehalf-evidence/2";

    /** Every failure. The run passed if there is none. */
    public List<Problem> problems() {
        return toJson().path("problems")
                .valueStream()
                .map(p ->
                        new Problem(p.path("what").asString(), p.path("remedy").asString()))
                .toList();
    }

    /** Everything that nobody checked. */
    public List<NotChecked> notChecked() {
        return toJson().path("notChecked")
                .valueStream()
                .map(n -> new NotChecked(
                        n.path("what").asString(),
                        n.path("reason").asString(),
                        n.path("remedy").asString()))
                .toList();
    }

    /**
     * The report, in a fixed order: two runs on one commit differ in {@code environment} alone. All but the facts
     * follows by {@link Judgement}.
     */
    public ObjectNode toJson() {
        return Judgement.of(facts());
    }

    private ObjectNode facts() {
        ObjectNode root = new JsonMapper().createObjectNode();
        root.put("schema", SCHEMA).put("commit", commit).put("dirty", dirty);
        reported(root.putArray("reported"));
        ArrayNode left = root.putArray("unchecked");
        unchecked.forEach(n ->
                left.addObject().put("what", n.what()).put("reason", n.reason()).put("remedy", n.remedy()));
        ArrayNode requirements = root.putArray("requirements");
        trace.specification().requirements().values().forEach(r -> requirement(requirements.addObject(), r));
        lean(root.putObject("lean"));
        ArrayNode theorems = root.putArray("theorems");
        trace.theorems().forEach(t -> theorem(theorems.addObject(), t));
        provers(root.putObject("provers"));
        ArrayNode contracts = root.putArray("contracts");
        trace.contracts().forEach(c -> contract(contracts.addObject(), c));
        tests(root.putArray("tests"), root.putArray("otherTests"));
        ArrayNode cases = root.putArray("cases");
        trace.cases()
                .forEach(c -> strings(
                        cases.addObject()
                                .put("id", c.id())
                                .put("file", c.file())
                                .putArray("requirements"),
                        c.requirements().stream()));
        ArrayNode backends = root.putArray("conformance");
        conformance.forEach(c -> conformance(backends.addObject(), c));
        ArrayNode suites = root.putArray("mutations");
        results.mutations().forEach(m -> mutations(suites.addObject(), m));
        ArrayNode devices = root.putArray("checks");
        results.checks().forEach(c -> checks(devices.addObject(), c));
        ArrayNode used = root.putArray("tools");
        allTools()
                .forEach(t -> used.addObject()
                        .put("name", t.name())
                        .put("version", t.version())
                        .put("hash", t.hash()));
        ArrayNode files = root.putArray("vectors");
        vectors.forEach(v -> files.addObject()
                .put("file", v.file())
                .put("committed", v.committed())
                .put("emitted", v.emitted())
                .put("difference", v.problem() == null ? "" : v.problem().what()));
        ObjectNode varying = root.putObject("environment");
        new java.util.TreeMap<>(environment).forEach(varying::put);
        lean.environment().forEach((name, value) -> varying.put("lean." + name, value));
        conformance.forEach(c -> varying.put("backend." + c.backend(), c.detail()));
        return root;
    }

    /** What tools and readers report as wrong and nothing else in the report shows. */
    private void reported(ArrayNode node) {
        List<Problem> all = new ArrayList<>(failures);
        all.addAll(trace.specification().problems());
        all.addAll(results.problems());
        all.addAll(results.contracts().problems());
        results.mutations().forEach(m -> m.reported().forEach(p -> all.add(new Problem(p, "see " + m.suite()))));
        problems(node, all);
    }

    private static void problems(ArrayNode node, List<Problem> problems) {
        problems.forEach(p -> node.addObject().put("what", p.what()).put("remedy", p.remedy()));
    }

    private static void requirement(ObjectNode node, Requirement requirement) {
        node.put("id", requirement.id())
                .put("text", requirement.text())
                .put("file", requirement.file())
                .put("line", requirement.line());
        ArrayNode waivers = node.putArray("waivers");
        requirement
                .waivers()
                .forEach((kind, reason) ->
                        waivers.addObject().put("kind", kind.word()).put("reason", reason));
    }

    private void lean(ObjectNode node) {
        node.put("verdict", lean.verdict().name())
                .put("reason", lean.reason())
                .put("checker", lean.checker())
                .put("version", lean.version());
        node.put("commit", lean.commit()).put("integrity", lean.integrity()).put("emitted", lean.emitted() != null);
        problems(node.putArray("problems"), lean.problems());
        ArrayNode sources = node.putArray("sources");
        lean.sources()
                .forEach(s -> sources.addObject()
                        .put("file", s.file())
                        .put("sha256", s.sha256())
                        .put("verdict", s.verdict().name()));
        ArrayNode seeded = node.putArray("seeded");
        lean.seeded()
                .forEach(s -> seeded.addObject()
                        .put("what", s.what())
                        .put("by", s.by())
                        .put("verdict", s.verdict().name()));
    }

    private void theorem(ObjectNode node, Theorem theorem) {
        node.put("name", theorem.name())
                .put("file", theorem.file())
                .put("line", theorem.line())
                .put("reading", theorem.reading());
        node.put("statement", lean.statements().getOrDefault(theorem.name(), theorem.statement()));
        node.put("audited", lean.axioms().containsKey(theorem.name()));
        strings(node.putArray("axioms"), lean.axioms().getOrDefault(theorem.name(), List.of()).stream());
        strings(node.putArray("requirements"), theorem.requirements().stream());
    }

    private void provers(ObjectNode node) {
        ArrayNode checkers = node.putArray("checkers");
        results.contracts()
                .checkers()
                .forEach((name, version) ->
                        checkers.addObject().put("name", name).put("version", version));
        ArrayNode methods = node.putArray("methods");
        for (ContractResults.Method m : results.contracts().methods()) {
            ObjectNode method = methods.addObject()
                    .put("file", m.file())
                    .put("line", m.line())
                    .put("name", m.name());
            strings(method.putArray("assumptions"), m.assumptions().stream());
            ArrayNode clauses = method.putArray("clauses");
            m.clauses()
                    .forEach(c -> clauses.addObject()
                            .put("kind", c.kind())
                            .put("line", c.line())
                            .put("text", c.text())
                            .put("verdict", c.verdict().name())
                            .put("checker", c.checker())
                            .put("open", c.open())
                            .put("failure", c.failure()));
        }
    }

    private static void contract(ObjectNode node, Contract contract) {
        node.put("type", contract.type())
                .put("method", contract.method())
                .put("file", contract.file())
                .put("line", contract.line())
                .put("jml", contract.text());
        ObjectNode clauses = node.putObject("clauses");
        contract.clauses().forEach(clauses::put);
        strings(node.putArray("requirements"), contract.requirements().stream());
    }

    private static void checks(ObjectNode node, CheckResults suite) {
        ArrayNode list = node.put("suite", suite.suite()).putArray("list");
        suite.checks()
                .forEach(c -> list.addObject()
                        .put("id", c.id())
                        .put("verdict", c.verdict().name())
                        .put("detail", c.detail()));
    }

    private static void mutations(ObjectNode node, MutationResults suite) {
        ArrayNode list = node.put("suite", suite.suite()).putArray("list");
        suite.mutants()
                .forEach(m -> strings(list.addObject().put("id", m.id()).putArray("killedBy"), m.killedBy().stream()));
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

    /** The tests of the sources by class, and what surefire reported beyond them. */
    private void tests(ArrayNode classes, ArrayNode others) {
        java.util.Set<TestResults.Execution> listed =
                java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        Map<String, ObjectNode> types = new LinkedHashMap<>();
        for (TestMethod test : trace.tests()) {
            ObjectNode type = types.computeIfAbsent(test.module() + " " + test.type(), t -> {
                ObjectNode node = classes.addObject()
                        .put("module", test.module())
                        .put("type", test.type())
                        .put("file", test.file());
                node.putArray("methods");
                return node;
            });
            ObjectNode method = type.withArray("methods")
                    .addObject()
                    .put("name", test.method())
                    .put("line", test.line())
                    .put("property", test.property());
            List<TestResults.Execution> executions = tests.of(test);
            listed.addAll(executions);
            executions(method, executions);
            strings(method.putArray("requirements"), test.requirements().stream());
        }
        Map<String, List<TestResults.Execution>> rest = new LinkedHashMap<>();
        tests.executions().stream()
                .filter(e -> !listed.contains(e))
                .forEach(e -> rest.computeIfAbsent(e.module() + " " + e.type(), t -> new ArrayList<>())
                        .add(e));
        rest.values()
                .forEach(of -> executions(
                        others.addObject()
                                .put("module", of.getFirst().module())
                                .put("type", of.getFirst().type()),
                        of));
    }

    private static void executions(ObjectNode node, List<TestResults.Execution> executions) {
        node.put(
                "passed",
                executions.stream().filter(e -> e.verdict() == Verdict.PASSED).count());
        for (Map.Entry<String, Verdict> list :
                Map.of("failures", Verdict.FAILED, "skips", Verdict.NOT_CHECKED).entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .toList()) {
            ArrayNode array = node.putArray(list.getKey());
            executions.stream()
                    .filter(e -> e.verdict() == list.getValue())
                    .forEach(e -> array.addObject().put("name", e.name()).put("message", e.message()));
        }
    }

    private static void conformance(ObjectNode node, ConformanceResult result) {
        ArrayNode results = node.put("backend", result.backend()).putArray("results");
        for (ConformanceResult.Group group : result.groups()) {
            ObjectNode of = results.addObject().put("kind", group.kind()).put("format", group.format());
            strings(of.putArray("passed"), group.ids(Verdict.PASSED));
            strings(of.putArray("notChecked"), group.ids(Verdict.NOT_CHECKED));
            ArrayNode failed = of.putArray("failed");
            group.cases().stream()
                    .filter(c -> c.verdict() == Verdict.FAILED)
                    .forEach(c -> failed.addObject().put("id", c.id()).put("message", c.message()));
        }
    }

    private static void strings(ArrayNode array, Stream<String> values) {
        values.forEach(array::add);
    }
}
