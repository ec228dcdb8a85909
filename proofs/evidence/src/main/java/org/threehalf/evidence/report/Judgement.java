package org.threehalf.evidence.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.threehalf.evidence.trace.EvidenceKind;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.LeanOutcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one rule by which a report follows from its facts: verdicts, coverage, what was not checked, failures, counts and
 * the result. {@code mvn verify} makes reports by it, and {@code evidence verify} takes the facts out of a report
 * ({@link #facts}) and makes it anew, so that no report can say other than what its content says.
 *
 * <p>Facts are what sources and checkers said: requirements, the names of evidence, hashes, each clause's and each
 * case's verdict, the tests that failed. A verdict of Lean is a fact that may turn out worse than it was given, never
 * better.
 */
final class Judgement {
    private static final JsonMapper JSON = new JsonMapper();
    /** The backend whose verdicts cover requirements. */
    static final String REFERENCE = "reference";
    /** A proof that was left out. */
    private static final Pattern SORRY = Pattern.compile("(?i)(?<![\\w.])sorry(Ax)?(?!\\w)");
    /**
     * Members that follow from others, by the path of what they belong to. {@code []} stands for each item of a list.
     */
    private static final Map<String, List<String>> DERIVED = Map.ofEntries(
            Map.entry("", List.of("result", "summary", "notChecked", "problems", "untraced")),
            Map.entry(
                    "requirements[]", List.of("theorems", "contracts", "tests", "cases", "covered", "missing", "open")),
            Map.entry("theorems[]", List.of("sha256", "verdict")),
            Map.entry("contracts[]", List.of("verdict", "checked", "assumptions")),
            Map.entry("tests[]", List.of("tests", "properties", "PASSED", "FAILED", "NOT_CHECKED")),
            Map.entry("tests[].methods[]", List.of("verdict")),
            Map.entry("cases[]", List.of("verdicts")),
            Map.entry("conformance[]", List.of("PASSED", "FAILED", "NOT_CHECKED", "summary", "failures")),
            Map.entry("mutations[]", List.of("mutants", "killed")),
            Map.entry("mutations[].list[]", List.of("verdict")),
            Map.entry("vectors[]", List.of("verdict")));

    private final ObjectNode report;

    private Judgement(ObjectNode report) {
        this.report = report;
    }

    /** The facts of a report: it without everything that {@link #of} adds. */
    static ObjectNode facts(ObjectNode report) {
        ObjectNode facts = report.deepCopy();
        strip(facts, "");
        return facts;
    }

    private static void strip(JsonNode node, String path) {
        if (node instanceof ObjectNode object) {
            DERIVED.getOrDefault(path, List.of()).forEach(object::remove);
            object.properties()
                    .forEach(p -> strip(p.getValue(), path.isEmpty() ? p.getKey() : path + "." + p.getKey()));
        } else if (node.isArray()) {
            node.forEach(item -> strip(item, path + "[]"));
        }
    }

    /**
     * The report that follows from facts, in a fixed order.
     *
     * @param facts as {@link Evidence} gathers them; left as they are
     */
    static ObjectNode of(ObjectNode facts) {
        return new Judgement(facts.deepCopy()).derived();
    }

    private ObjectNode derived() {
        lean();
        theorems();
        contracts();
        tests();
        conformance();
        report.path("mutations").forEach(Judgement::suite);
        report.path("vectors")
                .forEach(v -> ((ObjectNode) v).put("verdict", vector(v).name()));
        cover();
        untraced();
        ArrayNode problems = report.putArray("problems");
        Complaints.problems(report)
                .forEach(p -> problems.addObject().put("what", p.what()).put("remedy", p.remedy()));
        ArrayNode unchecked = report.putArray("notChecked");
        Complaints.notChecked(report)
                .forEach(n -> unchecked
                        .addObject()
                        .put("what", n.what())
                        .put("reason", n.reason())
                        .put("remedy", n.remedy()));
        report.put("result", problems.isEmpty() ? "PASSED" : "FAILED");
        summary();
        return inOrder();
    }

    /** What people look for comes first; the rest as the facts have it. */
    private ObjectNode inOrder() {
        ObjectNode ordered = JSON.createObjectNode();
        for (String name :
                List.of("schema", "commit", "dirty", "result", "summary", "notChecked", "problems", "requirements")) {
            ordered.set(name, report.path(name));
        }
        report.properties().forEach(p -> {
            if (!ordered.has(p.getKey()) && !p.getKey().equals("environment")) {
                ordered.set(p.getKey(), p.getValue());
            }
        });
        ordered.set("environment", report.path("environment"));
        return ordered;
    }

    /**
     * Lean passed if it says so, every source and every seeded fault did, nothing is reported, it gives no reason why
     * it did not run, and it has a name and a version.
     */
    private void lean() {
        ObjectNode lean = object(report, "lean");
        if (!is(lean, Verdict.NOT_CHECKED)) {
            boolean passed = is(lean, Verdict.PASSED)
                    && lean.path("problems").isEmpty()
                    && Words.invisible(text(lean, "reason"))
                    && !Words.blank(text(lean, "checker"))
                    && Words.ran(text(lean, "version"))
                    && all(lean.path("sources"), s -> is(s, Verdict.PASSED))
                    && all(lean.path("seeded"), s -> is(s, Verdict.PASSED));
            lean.put("verdict", (passed ? Verdict.PASSED : Verdict.FAILED).name());
        }
    }

    /**
     * A theorem passes if Lean accepted its source, the axiom audit saw it, and it rests on no axioms but those that
     * SOUNDNESS.md names; a source that Lean accepted proves nothing that the audit did not see. Where Lean did not
     * run, nobody accepted anything.
     */
    private void theorems() {
        boolean ran = !is(report.path("lean"), Verdict.NOT_CHECKED);
        Map<String, JsonNode> sources = new HashMap<>();
        report.path("lean").path("sources").forEach(s -> sources.put(text(s, "file"), s));
        for (JsonNode theorem : report.path("theorems")) {
            JsonNode source = sources.get(text(theorem, "file"));
            Verdict verdict = source == null || !ran ? Verdict.NOT_CHECKED : Verdict.valueOf(text(source, "verdict"));
            if (verdict == Verdict.PASSED && !theorem.path("audited").asBoolean()) {
                verdict = Verdict.NOT_CHECKED;
            }
            if (!sound(theorem)) {
                verdict = Verdict.FAILED;
            }
            ((ObjectNode) theorem)
                    .put("sha256", source == null ? "" : text(source, "sha256"))
                    .put("verdict", verdict.name());
        }
    }

    /** Whether a theorem rests on the allowed axioms alone, and leaves no proof out. */
    static boolean sound(JsonNode theorem) {
        return theorem.path("axioms").valueStream().allMatch(a -> LeanOutcome.AXIOMS.contains(a.asString()))
                && !SORRY.matcher(text(theorem, "statement")).find();
    }

    /**
     * A contract has the verdict of what provers found about its method: passed if every clause is proved, not checked
     * if all others are proved but clauses listed as open, or if something was assumed. Clauses that are not the
     * contract's prove nothing of it.
     */
    private void contracts() {
        Map<String, JsonNode> found = new HashMap<>();
        report.path("provers")
                .path("methods")
                .forEach(m -> found.putIfAbsent(method(text(m, "file"), text(m, "name")), m));
        Set<String> ran = Clauses.ran(report);
        for (JsonNode contract : report.path("contracts")) {
            String type = text(contract, "type").replaceFirst("^.*[.$]", "");
            // What was found of a method is of one contract.
            JsonNode method = found.remove(method(text(contract, "file"), type + "." + text(contract, "method")));
            ((ObjectNode) contract)
                    .put(
                            "verdict",
                            (method == null ? Verdict.NOT_CHECKED : Clauses.verdict(contract, method, ran)).name());
            ArrayNode checked = ((ObjectNode) contract).putArray("checked");
            ArrayNode assumptions = ((ObjectNode) contract).putArray("assumptions");
            if (method != null) {
                checked.addAll((ArrayNode) method.path("clauses").deepCopy());
                assumptions.addAll((ArrayNode) method.path("assumptions").deepCopy());
            }
        }
    }

    /** How a method is told from others, however its parameters are spaced. */
    static String method(String file, String name) {
        return file + " " + name.replaceAll("\\s", "");
    }

    /** A test failed if an execution failed, and was not checked if none passed. */
    private void tests() {
        for (JsonNode type : report.path("tests")) {
            long[] counts = new long[Verdict.values().length];
            long properties = 0;
            for (JsonNode method : type.path("methods")) {
                long passed = method.path("passed").asLong();
                counts[Verdict.PASSED.ordinal()] += passed;
                counts[Verdict.FAILED.ordinal()] += method.path("failures").size();
                counts[Verdict.NOT_CHECKED.ordinal()] += method.path("skips").size();
                properties += method.path("property").asBoolean() ? 1 : 0;
                ((ObjectNode) method)
                        .put(
                                "verdict",
                                (!method.path("failures").isEmpty()
                                                ? Verdict.FAILED
                                                : passed > 0 ? Verdict.PASSED : Verdict.NOT_CHECKED)
                                        .name());
            }
            ((ObjectNode) type).put("tests", type.path("methods").size()).put("properties", properties);
            for (Verdict verdict : Verdict.values()) {
                ((ObjectNode) type).put(verdict.name(), counts[verdict.ordinal()]);
            }
        }
    }

    private void conformance() {
        Map<String, Map<String, Verdict>> verdicts = new LinkedHashMap<>();
        for (JsonNode backend : report.path("conformance")) {
            Map<String, Verdict> ofBackend = verdicts.computeIfAbsent(text(backend, "backend"), b -> new HashMap<>());
            ArrayNode summary = ((ObjectNode) backend).putArray("summary");
            ArrayNode failures = ((ObjectNode) backend).putArray("failures");
            long passed = 0;
            long open = 0;
            for (JsonNode group : backend.path("results")) {
                passed += group.path("passed").size();
                open += group.path("notChecked").size();
                group.path("passed").forEach(id -> ofBackend.put(id.asString(), Verdict.PASSED));
                group.path("notChecked").forEach(id -> ofBackend.put(id.asString(), Verdict.NOT_CHECKED));
                group.path("failed").forEach(f -> ofBackend.put(text(f, "id"), Verdict.FAILED));
                failures.addAll((ArrayNode) group.path("failed").deepCopy());
                summary.addObject()
                        .put("kind", text(group, "kind"))
                        .put("format", text(group, "format"))
                        .put("passed", group.path("passed").size())
                        .put("failed", group.path("failed").size());
            }
            ((ObjectNode) backend)
                    .put("PASSED", passed)
                    .put("FAILED", failures.size())
                    .put("NOT_CHECKED", open);
        }
        for (JsonNode golden : report.path("cases")) {
            ObjectNode of = ((ObjectNode) golden).putObject("verdicts");
            verdicts.forEach((backend, all) -> of.put(
                    backend,
                    all.getOrDefault(text(golden, "id"), Verdict.NOT_CHECKED).name()));
        }
    }

    private static void suite(JsonNode suite) {
        long killed = 0;
        for (JsonNode mutant : suite.path("list")) {
            boolean caught = !mutant.path("killedBy").isEmpty()
                    && mutant.path("killedBy").valueStream().allMatch(k -> Words.catches(k.asString()));
            killed += caught ? 1 : 0;
            ((ObjectNode) mutant).put("verdict", (caught ? Verdict.PASSED : Verdict.FAILED).name());
        }
        ((ObjectNode) suite).put("mutants", suite.path("list").size()).put("killed", killed);
    }

    /**
     * The committed and the emitted file are the same bytes, and nobody says that they differ; nothing was compared if
     * Lean emitted nothing at all.
     */
    private Verdict vector(JsonNode file) {
        if (!report.path("lean").path("emitted").asBoolean()) {
            return Verdict.NOT_CHECKED;
        }
        return !text(file, "committed").isEmpty()
                        && text(file, "committed").equals(text(file, "emitted"))
                        && Words.invisible(text(file, "difference"))
                ? Verdict.PASSED
                : Verdict.FAILED;
    }

    /**
     * What covers each requirement: a theorem that the audit saw in a source that Lean accepted, or a contract all of
     * whose clauses are proved and that has a postcondition; a test that passed; a case that the reference backend
     * passed. Evidence that is named and that nobody checked covers nothing: it leaves the requirement open if no
     * checker of its kind ran at all, and otherwise it is missing.
     */
    private void cover() {
        Map<EvidenceKind, Map<String, List<Named>>> all = Map.of(
                EvidenceKind.THEOREM,
                        byId(report.path("theorems").valueStream().map(t -> new Named(text(t, "name"), verdict(t), t))),
                EvidenceKind.CONTRACT,
                        byId(report.path("contracts")
                                .valueStream()
                                .map(c -> new Named(text(c, "type") + "." + text(c, "method"), verdict(c), c))),
                EvidenceKind.TEST,
                        byId(report.path("tests")
                                .valueStream()
                                .flatMap(type -> type.path("methods")
                                        .valueStream()
                                        .map(m ->
                                                new Named(text(type, "type") + "." + text(m, "name"), verdict(m), m)))),
                EvidenceKind.CASE,
                        byId(report.path("cases").valueStream().map(c -> new Named(text(c, "id"), caseVerdict(c), c))));
        boolean proofs = !is(report.path("lean"), Verdict.NOT_CHECKED);
        boolean provers = !report.path("provers").path("methods").isEmpty();
        boolean judged = !report.path("conformance").isEmpty();
        for (JsonNode item : report.path("requirements")) {
            ObjectNode requirement = (ObjectNode) item;
            Map<EvidenceKind, List<Named>> named = new HashMap<>();
            for (EvidenceKind kind : EvidenceKind.values()) {
                List<Named> ofKind = all.get(kind).getOrDefault(text(requirement, "id"), List.of());
                named.put(kind, ofKind);
                ArrayNode names = requirement.putArray(kind.word() + "s");
                ofKind.forEach(n -> names.add(n.name()));
            }
            Set<String> waived = new HashSet<>();
            requirement
                    .path("waivers")
                    .valueStream()
                    .filter(w -> !Words.blank(text(w, "reason")))
                    .forEach(w -> waived.add(text(w, "kind")));
            List<String> missing = new ArrayList<>();
            List<String> open = new ArrayList<>();
            if (!waived.contains(EvidenceKind.THEOREM.word())
                    && !waived.contains(EvidenceKind.CONTRACT.word())
                    && !passes(named, EvidenceKind.THEOREM)
                    && !passes(named, EvidenceKind.CONTRACT)) {
                boolean waits = !proofs && !named.get(EvidenceKind.THEOREM).isEmpty()
                        || !provers && !named.get(EvidenceKind.CONTRACT).isEmpty();
                (waits ? open : missing).add("theorem or contract");
            }
            if (!waived.contains(EvidenceKind.TEST.word()) && !passes(named, EvidenceKind.TEST)) {
                (named.get(EvidenceKind.TEST).stream().anyMatch(t -> t.verdict() == Verdict.NOT_CHECKED)
                                ? open
                                : missing)
                        .add("test");
            }
            if (!waived.contains(EvidenceKind.CASE.word()) && !passes(named, EvidenceKind.CASE)) {
                (!judged && !named.get(EvidenceKind.CASE).isEmpty() ? open : missing).add("case");
            }
            // What is waived altogether is covered by nothing.
            boolean any = Stream.of(EvidenceKind.values()).anyMatch(kind -> passes(named, kind));
            requirement.put("covered", any && missing.isEmpty() && open.isEmpty());
            missing.forEach(requirement.putArray("missing")::add);
            open.forEach(requirement.putArray("open")::add);
        }
    }

    private record Named(String name, Verdict verdict, JsonNode item) {}

    private static Map<String, List<Named>> byId(Stream<Named> evidence) {
        Map<String, List<Named>> byId = new HashMap<>();
        evidence.forEach(e -> new LinkedHashSet<>(e.item()
                        .path("requirements")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList())
                .forEach(id -> byId.computeIfAbsent(id, i -> new ArrayList<>()).add(e)));
        return byId;
    }

    private static boolean passes(Map<EvidenceKind, List<Named>> named, EvidenceKind kind) {
        return named.getOrDefault(kind, List.of()).stream()
                .anyMatch(n -> n.verdict() == Verdict.PASSED && (kind != EvidenceKind.CONTRACT || promises(n.item())));
    }

    /**
     * Whether a contract promises anything of what its method does: one of preconditions and frames alone is met by a
     * body that is empty.
     */
    private static boolean promises(JsonNode contract) {
        return contract.path("checked")
                .valueStream()
                .anyMatch(c -> Set.of("ensures", "signals").contains(text(c, "kind")) && Clauses.says(text(c, "text")));
    }

    private static Verdict caseVerdict(JsonNode golden) {
        String verdict = golden.path("verdicts").path(REFERENCE).asString("");
        return verdict.isEmpty() ? Verdict.NOT_CHECKED : Verdict.valueOf(verdict);
    }

    /**
     * The other direction of traceability: evidence that serves no requirement by name. It is no fault; a reader may
     * ask what it is for.
     */
    private void untraced() {
        ObjectNode untraced = report.putObject("untraced");
        Predicate<JsonNode> bare = item -> item.path("requirements").isEmpty();
        ArrayNode theorems = untraced.putArray("theorems");
        report.path("theorems").valueStream().filter(bare).forEach(t -> theorems.add(text(t, "name")));
        ArrayNode contracts = untraced.putArray("contracts");
        report.path("contracts")
                .valueStream()
                .filter(bare)
                .forEach(c -> contracts.add(text(c, "type") + "." + text(c, "method")));
        ArrayNode tests = untraced.putArray("tests");
        report.path("tests")
                .forEach(type -> type.path("methods")
                        .valueStream()
                        .filter(bare)
                        .forEach(m -> tests.add(text(type, "type") + "." + text(m, "name"))));
        ArrayNode cases = untraced.putArray("cases");
        report.path("cases").valueStream().filter(bare).forEach(c -> cases.add(text(c, "id")));
    }

    private void summary() {
        ObjectNode summary = report.putObject("summary");
        JsonNode tests = report.path("tests");
        JsonNode others = report.path("otherTests");
        summary.put("problems", report.path("problems").size())
                .put("notChecked", report.path("notChecked").size())
                .put("requirements", report.path("requirements").size())
                .put(
                        "requirementsCovered",
                        count(
                                report.path("requirements"),
                                r -> r.path("covered").asBoolean()))
                .put(
                        "requirementsWithWaivers",
                        count(
                                report.path("requirements"),
                                r -> !r.path("waivers").isEmpty()))
                .put("theorems", report.path("theorems").size())
                .put("contracts", report.path("contracts").size())
                .put("tests", sum(tests, "tests"))
                .put("properties", sum(tests, "properties"))
                .put("testsPassed", sum(tests, "PASSED") + sum(others, "passed"))
                .put(
                        "testsFailed",
                        sum(tests, "FAILED")
                                + others.valueStream()
                                        .mapToLong(o -> o.path("failures").size())
                                        .sum())
                .put(
                        "testsSkipped",
                        sum(tests, "NOT_CHECKED")
                                + others.valueStream()
                                        .mapToLong(o -> o.path("skips").size())
                                        .sum())
                .put("goldenCases", report.path("cases").size())
                .put("conformancePassed", sum(report.path("conformance"), "PASSED"))
                .put("conformanceFailed", sum(report.path("conformance"), "FAILED"))
                .put("contractsProved", count(report.path("contracts"), c -> is(c, Verdict.PASSED)))
                .put("mutants", sum(report.path("mutations"), "mutants"))
                .put("mutantsKilled", sum(report.path("mutations"), "killed"))
                .put("vectorFilesEqual", count(report.path("vectors"), v -> is(v, Verdict.PASSED)));
    }

    private static long sum(JsonNode list, String member) {
        return list.valueStream().mapToLong(item -> item.path(member).asLong()).sum();
    }

    private static long count(JsonNode list, Predicate<JsonNode> which) {
        return list.valueStream().filter(which).count();
    }

    /** Whether there are items and all are such. */
    private static boolean all(JsonNode list, Predicate<JsonNode> which) {
        return !list.isEmpty() && list.valueStream().allMatch(which);
    }

    private static ObjectNode object(JsonNode parent, String name) {
        return (ObjectNode) parent.path(name);
    }

    private static Verdict verdict(JsonNode item) {
        return Verdict.valueOf(text(item, "verdict"));
    }

    static boolean is(JsonNode item, Verdict verdict) {
        return text(item, "verdict").equals(verdict.name());
    }

    static String text(JsonNode item, String member) {
        return item.path(member).asString("");
    }
}
