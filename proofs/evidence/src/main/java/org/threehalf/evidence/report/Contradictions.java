package org.threehalf.evidence.report;

import static org.threehalf.evidence.report.Judgement.is;
import static org.threehalf.evidence.report.Judgement.text;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;
import tools.jackson.databind.JsonNode;

/**
 * Members of a report that say the opposite of others, or nothing. No checker of this project writes them, so a report
 * that has them was edited, or a program that writes results is wrong; either way nothing follows from it.
 */
final class Contradictions {
    /** The SHA-256 of no bytes at all. */
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static final String REMEDY = "run mvn verify again";
    /** How a suite of mutants says that it is a sample. */
    private static final Pattern SAMPLE = Pattern.compile("(\\d{1,8}) of (\\d{1,8}) mutants");
    /** Members that follow from others, or that may say nothing, by their path. */
    private static final Pattern MAY_BE_EMPTY =
            Pattern.compile("(?:notChecked|problems|summary|untraced|result|schema|environment)\\b.*"
                    + "|requirements\\[\\]\\.(?:theorems|contracts|tests|cases)\\[\\]|contracts\\[\\]\\.(?:checked|assumptions)\\b.*"
                    + "|conformance\\[\\]\\.(?:summary|failures)\\b.*"
                    + "|lean\\.(?:reason|checker|version|commit|integrity)|theorems\\[\\]\\.(?:reading|statement|sha256)"
                    + "|.*\\.(?:open|failure|message|remedy|module|detail|committed|emitted|difference)"
                    + "|.*\\.(?:failures|skips)\\[\\]\\.name|tools\\[\\]\\.(?:version|hash)");

    /** Members that say what failed or was not checked, or that follow from others. */
    private static final Pattern MAY_DENY = Pattern.compile(
            "(?:notChecked|problems|reported|summary|untraced|result|lean\\.problems|unchecked\\[\\]\\.what)\\b.*"
                    + "|requirements\\[\\]\\.(?:theorems|contracts|tests|cases|missing|open)\\[\\]|cases\\[\\]\\.verdicts\\b.*"
                    + "|contracts\\[\\]\\.(?:checked|assumptions)\\b.*|conformance\\[\\]\\.(?:summary|failures)\\b.*"
                    + "|.*\\.(?:verdict|reason|remedy|message|failure|open|difference|detail|version|killedBy\\[\\])");

    private final JsonNode report;
    private final List<Problem> problems = new ArrayList<>();

    private Contradictions(JsonNode report) {
        this.report = report;
    }

    /** What contradicts itself in a report whose verdicts are there. */
    static List<Problem> of(JsonNode report) {
        Contradictions all = new Contradictions(report);
        all.unsaid();
        all.requirements();
        all.lean();
        all.theorems();
        all.contracts();
        all.vectors();
        all.backends();
        all.tests();
        all.mutants();
        all.tools();
        all.environment();
        all.hidden();
        return all.problems;
    }

    private void add(String what, Object... of) {
        problems.add(new Problem(what.formatted(of), REMEDY));
    }

    /**
     * Texts without a visible character, where one is needed; verdicts in the place of names; lines are counted from 1.
     */
    private void unsaid() {
        SortedMap<String, Integer> silent = new TreeMap<>();
        SortedMap<String, Integer> nowhere = new TreeMap<>();
        SortedMap<String, Integer> verdicts = new TreeMap<>();
        walk(report, "", silent, nowhere, verdicts);
        verdicts.forEach((path, times) -> add("%s is a verdict, and not of success, %d times", path, times));
        silent.forEach((path, times) -> add("%s says nothing, %d times", path, times));
        nowhere.forEach((path, times) -> add("%s is 0, %d times, and lines are counted from 1", path, times));
    }

    private static void walk(
            JsonNode node,
            String path,
            SortedMap<String, Integer> silent,
            SortedMap<String, Integer> nowhere,
            SortedMap<String, Integer> verdicts) {
        if (node.isObject()) {
            node.properties()
                    .forEach(p -> walk(
                            p.getValue(),
                            path.isEmpty() ? p.getKey() : path + "." + p.getKey(),
                            silent,
                            nowhere,
                            verdicts));
        } else if (node.isArray()) {
            node.forEach(item -> walk(item, path + "[]", silent, nowhere, verdicts));
        } else if (node.isString()) {
            if (Words.invisible(node.asString()) && !MAY_BE_EMPTY.matcher(path).matches()) {
                silent.merge(path, 1, Integer::sum);
            }
            if (Words.isFailure(node.asString()) && !MAY_DENY.matcher(path).matches()) {
                verdicts.merge(path, 1, Integer::sum);
            }
        } else if (node.isNumber() && path.endsWith(".line") && node.asLong() == 0) {
            nowhere.merge(path, 1, Integer::sum);
        }
    }

    /** A waiver without a reason waives nothing; numbers have no gaps, so none was taken out. */
    private void requirements() {
        SortedMap<String, TreeSet<Integer>> sections = new TreeMap<>();
        for (JsonNode requirement : report.path("requirements")) {
            String id = text(requirement, "id");
            sections.computeIfAbsent(id.substring(0, id.length() - 3), s -> new TreeSet<>())
                    .add(Integer.valueOf(id.substring(id.length() - 3)));
            requirement
                    .path("waivers")
                    .valueStream()
                    .filter(w -> Words.blank(text(w, "reason")))
                    .forEach(w -> add("%s waives its %s without a reason", id, text(w, "kind")));
        }
        sections.forEach((section, numbers) -> {
            for (int number = 1; number < numbers.getLast(); number++) {
                if (!numbers.contains(number)) {
                    add("%s%03d is missing: there is a %s%03d", section, number, section, numbers.getLast());
                    break;
                }
            }
        });
    }

    private void lean() {
        JsonNode lean = report.path("lean");
        boolean ran = !is(lean, Verdict.NOT_CHECKED);
        if (ran && !Words.invisible(text(lean, "reason"))) {
            add("Lean ran, and there is a reason why it did not: %s", text(lean, "reason"));
        }
        if (ran && lean.path("problems").isEmpty() && !Words.ran(text(lean, "version"))) {
            add("Lean ran, and its version says that it did not: '%s'", text(lean, "version"));
        }
        if (!ran) {
            if (Words.blank(text(lean, "reason"))) {
                add("Lean did not run, and no reason is given");
            }
            if (lean.path("emitted").asBoolean()
                    || lean.path("sources").valueStream().anyMatch(s -> is(s, Verdict.PASSED))
                    || lean.path("seeded").valueStream().anyMatch(s -> is(s, Verdict.PASSED))
                    || report.path("theorems")
                            .valueStream()
                            .anyMatch(t -> t.path("audited").asBoolean())) {
                add("Lean did not run, and results of it are given");
            }
        }
        for (JsonNode source : lean.path("sources")) {
            if (is(source, Verdict.PASSED)
                    && (text(source, "sha256").isEmpty()
                            || text(source, "sha256").equals(EMPTY))) {
                add("Lean accepted %s, and there is no such text: its hash is that of nothing", text(source, "file"));
            }
        }
    }

    private void theorems() {
        Map<String, String> places = new HashMap<>();
        Set<String> sources = new HashSet<>();
        report.path("lean").path("sources").forEach(s -> sources.add(text(s, "file")));
        for (JsonNode theorem : report.path("theorems")) {
            String name = text(theorem, "name");
            String place = text(theorem, "file") + ":" + theorem.path("line").asString();
            String other = places.putIfAbsent(place, name);
            if (other != null) {
                add("the theorems %s and %s stand in one place, %s", other, name, place);
            }
            if (!theorem.path("audited").asBoolean() && !theorem.path("axioms").isEmpty()) {
                add("the axiom audit did not see the theorem %s, and gives its axioms", name);
            }
            if (theorem.path("audited").asBoolean() && Words.invisible(text(theorem, "statement"))) {
                add("the axiom audit saw the theorem %s, and it states nothing", name);
            }
            if (is(report.path("lean"), Verdict.PASSED) && !sources.contains(text(theorem, "file"))) {
                add("Lean passed, and says nothing of %s, the source of the theorem %s", text(theorem, "file"), name);
            }
        }
    }

    /** A contract has the clauses of its text, which all have or none. */
    private void contracts() {
        long texts =
                report.path("contracts").valueStream().filter(c -> c.has("jml")).count();
        if (texts != 0 && texts != report.path("contracts").size()) {
            add(
                    "%d of %d contracts have their text",
                    texts, report.path("contracts").size());
        }
        report.path("contracts")
                .valueStream()
                .filter(c -> !Clauses.counted(c))
                .forEach(c -> add(
                        "the contract of %s.%s has other clauses than its text", text(c, "type"), text(c, "method")));
    }

    /** A failure that is listed as not checked. */
    private void hidden() {
        report.path("unchecked")
                .valueStream()
                .filter(n -> Words.fails(text(n, "reason")) || Words.fails(text(n, "what")))
                .forEach(n -> add("%s is listed as not checked, and failed: %s", text(n, "what"), text(n, "reason")));
        for (JsonNode suite : report.path("checks")) {
            suite.path("list")
                    .valueStream()
                    .filter(c -> is(c, Verdict.NOT_CHECKED) && Words.fails(text(c, "detail")))
                    .forEach(c -> add("%s is listed as not checked, and failed: %s", text(c, "id"), text(c, "detail")));
        }
        Stream.concat(
                        report.path("tests")
                                .valueStream()
                                .flatMap(t -> t.path("methods").valueStream()),
                        report.path("otherTests").valueStream())
                .flatMap(m -> m.path("skips").valueStream())
                .filter(s -> Words.fails(text(s, "message")))
                .forEach(s ->
                        add("the test %s is listed as skipped, and failed: %s", text(s, "name"), text(s, "message")));
        report.path("provers")
                .path("methods")
                .valueStream()
                .flatMap(m -> m.path("clauses").valueStream())
                .filter(c -> text(c, "verdict").equals("UNKNOWN")
                        && !text(c, "open").isEmpty()
                        && (Words.fails(text(c, "open")) || Words.fails(text(c, "failure"))))
                .forEach(c -> add("a clause is listed as open, and refuted: %s", text(c, "text")));
    }

    private void vectors() {
        Set<String> files = new HashSet<>();
        boolean emitted = report.path("lean").path("emitted").asBoolean();
        for (JsonNode file : report.path("vectors")) {
            files.add("spec/vectors/" + text(file, "file"));
            if (!emitted && !text(file, "emitted").isEmpty()) {
                add("Lean emitted nothing, and %s is given as emitted", text(file, "file"));
            }
            if (text(file, "committed").equals(text(file, "emitted")) && !Words.invisible(text(file, "difference"))) {
                add(
                        "%s has the hash that Lean emits, and differs from it: %s",
                        text(file, "file"), text(file, "difference"));
            }
            if (text(file, "committed").equals(EMPTY) || text(file, "emitted").equals(EMPTY)) {
                add("%s holds nothing: its hash is that of no bytes", text(file, "file"));
            }
        }
        Set<String> lacking = new LinkedHashSet<>();
        report.path("cases")
                .valueStream()
                .map(c -> text(c, "file"))
                .filter(f -> f.startsWith("spec/vectors/") && !files.contains(f))
                .forEach(lacking::add);
        lacking.forEach(f -> add("there are cases of %s, which is not among the files of vectors", f));
    }

    /** What is listed as not judged was not, and what the machine had was. */
    private void backends() {
        Set<String> judged = new HashSet<>();
        for (JsonNode backend : report.path("conformance")) {
            String name = text(backend, "backend");
            judged.add(name);
            backend.path("results")
                    .valueStream()
                    .filter(g -> g.path("passed").isEmpty()
                            && g.path("notChecked").isEmpty()
                            && g.path("failed").isEmpty())
                    .forEach(g ->
                            add("backend %s was judged by no case of %s %s", name, text(g, "kind"), text(g, "format")));
            if (!report.path("environment").has("backend." + name)) {
                add("backend %s was judged, and the environment does not say on what", name);
            }
        }
        report.path("environment").propertyNames().stream()
                .filter(n -> n.startsWith("backend.") && !judged.contains(n.substring("backend.".length())))
                .forEach(n -> add("the environment has a %s, and it has no results", n));
        report.path("unchecked")
                .valueStream()
                .map(n -> text(n, "what"))
                .filter(what -> what.startsWith("Backend ") && judged.contains(what.substring("Backend ".length())))
                .forEach(what -> add("%s is listed as not checked, and has results", what));
    }

    private void tests() {
        for (JsonNode type : report.path("tests")) {
            if (type.path("methods").isEmpty()) {
                add("the test class %s has no test", text(type, "type"));
            }
        }
        for (JsonNode type : report.path("otherTests")) {
            if (type.path("passed").asLong() == 0
                    && type.path("failures").isEmpty()
                    && type.path("skips").isEmpty()) {
                add("surefire reported %s, and nothing of it", text(type, "type"));
            }
        }
    }

    /** A sample has the size that it says, and the rest is listed as not checked. */
    private void mutants() {
        for (JsonNode suite : report.path("mutations")) {
            Matcher sample = SAMPLE.matcher(text(suite, "suite"));
            if (!sample.find()) {
                continue;
            }
            int some = Integer.parseInt(sample.group(1));
            int all = Integer.parseInt(sample.group(2));
            if (some != suite.path("list").size() || some > all) {
                add(
                        "%s holds %d mutants",
                        text(suite, "suite"), suite.path("list").size());
            }
            String left = "%d of %d mutants".formatted(all - some, all);
            if (some < all
                    && report.path("unchecked")
                            .valueStream()
                            .noneMatch(n -> text(n, "what").startsWith(left))) {
                add("%s is a sample, and the other mutants are not listed as not checked", text(suite, "suite"));
            }
        }
    }

    /** Provers are among the tools, with the version that they have there. */
    private void tools() {
        if (text(report, "commit").matches("0+")) {
            add("the commit is none");
        }
        report.path("tools")
                .valueStream()
                .filter(t -> text(t, "hash").equals(EMPTY))
                .forEach(t -> add("the hash of the tool %s is that of nothing", text(t, "name")));
        Set<String> tools = new HashSet<>();
        report.path("tools").forEach(t -> tools.add(text(t, "name") + "\n" + text(t, "version")));
        JsonNode lean = report.path("lean");
        if (!Words.invisible(text(lean, "checker"))
                && report.path("tools")
                        .valueStream()
                        .noneMatch(t -> text(t, "name").equals("Lean by " + text(lean, "checker"))
                                && text(t, "version").equals(text(lean, "version") + " " + text(lean, "commit"))
                                && text(t, "hash").equals(text(lean, "integrity")))) {
            add("the tools name another Lean than the one that checked");
        }
        for (JsonNode checker : report.path("provers").path("checkers")) {
            if (!tools.contains(text(checker, "name") + "\n" + text(checker, "version"))) {
                add("the tools name another %s than the one that proved", text(checker, "name"));
            }
        }
    }

    private void environment() {
        JsonNode environment = report.path("environment");
        for (String name : List.of("seconds", "lean.seconds", "processors")) {
            String value = environment.path(name).asString("1");
            if (!value.matches("[0-9]{1,9}") || name.equals("processors") && value.matches("0+")) {
                add("the environment's %s is no number of them: '%s'", name, value);
            }
        }
        String time = environment.path("time").asString("2000-01-01T00:00:00Z");
        try {
            Instant.parse(time);
        } catch (DateTimeParseException e) {
            add("the environment's time is none: '%s'", time);
        }
    }
}
