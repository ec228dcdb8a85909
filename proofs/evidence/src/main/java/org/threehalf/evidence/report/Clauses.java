package org.threehalf.evidence.report;

import static org.threehalf.evidence.report.Judgement.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.jml.frontend.DeclaredMethod;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.kernels.io.Verdict;
import tools.jackson.databind.JsonNode;

/** What the clauses that provers found say of a contract. */
final class Clauses {
    /** The kind that a prover reports a clause under that is written with another word. */
    private static final Map<String, String> WORDS = Map.of("maintaining", "loop_invariant", "assigns", "assignable");
    /**
     * Kinds of which a prover reports one for each that is written. (Of {@code requires} it reports that it can hold
     * and, where that is a question, that it is well defined; of {@code assignable} also what holds where it is not
     * written; of {@code loop_writes} and {@code signals_only} what they make of statements.)
     */
    private static final List<String> ONE_EACH = List.of("ensures", "loop_invariant", "decreases", "assert");

    private static final Set<String> KINDS =
            Arrays.stream(CheckKind.values()).map(CheckKind::toString).collect(Collectors.toUnmodifiableSet());
    /** Characters of a contract's text, which is read anew. */
    private static final int LONGEST = 20_000;

    private Clauses() {}

    /** The provers that ran: those with a version that does not say otherwise. */
    static Set<String> ran(JsonNode report) {
        Set<String> ran = new HashSet<>();
        Set<String> not = new HashSet<>();
        report.path("provers")
                .path("checkers")
                .forEach(c -> (Words.ran(text(c, "version")) ? ran : not).add(text(c, "name")));
        ran.removeAll(not);
        return ran;
    }

    /** The verdict of a contract by what was found of its method. */
    static Verdict verdict(JsonNode contract, JsonNode method, Set<String> ran) {
        JsonNode clauses = method.path("clauses");
        if (!difference(contract, method).isEmpty()) {
            return Verdict.FAILED;
        }
        boolean open = !method.path("assumptions").isEmpty();
        for (JsonNode clause : clauses) {
            if (!fault(clause, ran).isEmpty()) {
                return Verdict.FAILED;
            }
            open |= !text(clause, "verdict").equals("PROVED");
        }
        return open ? Verdict.NOT_CHECKED : Verdict.PASSED;
    }

    /**
     * Why a clause is neither proved nor excused, in words that follow its name; empty if it is. One is excused that no
     * prover decided and that is listed as open.
     */
    static String fault(JsonNode clause, Set<String> ran) {
        if (!KINDS.contains(text(clause, "kind"))) {
            return "is of a kind that is none";
        }
        String by = " by " + text(clause, "checker");
        String failure = Words.invisible(text(clause, "failure")) ? "" : ": " + text(clause, "failure");
        return switch (text(clause, "verdict")) {
            case "PROVED" ->
                !ran.contains(text(clause, "checker"))
                        ? "is proved by '%s', which did not run".formatted(text(clause, "checker"))
                        : !failure.isEmpty()
                                ? "is said to be proved" + by + ", and to fail" + failure
                                : text(clause, "open").isEmpty()
                                        ? ""
                                        : "is said to be proved%s, and to be open: %s"
                                                .formatted(by, text(clause, "open"));
            case "REFUTED" -> "is refuted" + by + failure;
            default -> Words.blank(text(clause, "open")) ? "is not proved" + by + failure : "";
        };
    }

    /** How the clauses that were found of a method differ from its contract's; empty if they do not. */
    static String difference(JsonNode contract, JsonNode method) {
        if (contract.path("line").asInt() != method.path("line").asInt()) {
            return "line %d in place of %d: it is the contract of another version"
                    .formatted(
                            method.path("line").asInt(), contract.path("line").asInt());
        }
        if (method.path("clauses").isEmpty()) {
            return "no clause was looked at";
        }
        Map<String, Long> written = new TreeMap<>();
        contract.path("clauses")
                .properties()
                .forEach(c -> written.merge(
                        WORDS.getOrDefault(c.getKey(), c.getKey()), c.getValue().asLong(), Long::sum));
        if (written.values().stream().mapToLong(n -> n).sum() == 0) {
            return "no clause is written";
        }
        Map<String, Long> found = method.path("clauses")
                .valueStream()
                .collect(Collectors.groupingBy(c -> text(c, "kind"), HashMap::new, Collectors.counting()));
        for (String kind : ONE_EACH) {
            long wanted = written.getOrDefault(kind, 0L);
            long there = found.getOrDefault(kind, 0L);
            if (wanted != there) {
                return "%d %s in place of %d".formatted(there, kind, wanted);
            }
        }
        if (!counted(contract)) {
            return "the text of the contract has other clauses";
        }
        String other = other(contract, method);
        if (!other.isEmpty()) {
            return other;
        }
        for (String kind : List.of("requires", "assignable", "signals", "measured_by")) {
            if (written.getOrDefault(kind, 0L) > 0 && !found.containsKey(kind)) {
                return "no %s".formatted(kind);
            }
        }
        return "";
    }

    /** Whether a contract has the clauses of its text, where the report has that. */
    static boolean counted(JsonNode contract) {
        if (!contract.has("jml")) {
            return true;
        }
        if (text(contract, "jml").length() > LONGEST) {
            return false;
        }
        Map<String, Integer> counts = new TreeMap<>();
        contract.path("clauses")
                .properties()
                .forEach(c -> counts.put(c.getKey(), c.getValue().asInt()));
        try {
            return DeclaredMethod.Contract.clauses(text(contract, "jml")).equals(counts);
        } catch (RuntimeException e) {
            // What cannot be read is no contract.
            return false;
        }
    }

    /** The first clause that is not written, or not as often, in the contract's text, where the report has that. */
    private static String other(JsonNode contract, JsonNode method) {
        if (!contract.has("jml")) {
            return "";
        }
        String written = plain(text(contract, "jml").replaceAll("//|/\\*|\\*/", ""));
        Map<String, Integer> found = new HashMap<>();
        for (JsonNode clause : method.path("clauses")) {
            String kind = text(clause, "kind");
            if (ONE_EACH.contains(kind)
                    || kind.equals("requires") && !text(clause, "text").equals(CheckKind.TOGETHER)) {
                int times = found.merge(kind + " " + plain(text(clause, "text")), 1, Integer::sum);
                int there = Stream.concat(
                                Stream.of(kind),
                                WORDS.entrySet().stream()
                                        .filter(w -> w.getValue().equals(kind))
                                        .map(Map.Entry::getKey))
                        .mapToInt(word -> times(written, word + plain(text(clause, "text")) + ";"))
                        .sum();
                if (times > there) {
                    return "%s '%s' in place of what is written".formatted(kind, text(clause, "text"));
                }
            }
        }
        return "";
    }

    /** Without white space and the signs that begin a line of JML. */
    private static String plain(String text) {
        return text.replaceAll("[\\s@]", "");
    }

    private static int times(String text, String part) {
        int times = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            times++;
        }
        return times;
    }

    /** Whether a clause's text says anything of the program: it has a name, and is not one thing equal to itself. */
    static boolean says(String text) {
        String plain = text.replaceAll("[\\s()]", "");
        String named = plain.replaceAll(
                "(?<![\\w.\\\\])(true|false|null|0[xXbB]\\w+(\\.\\w*)?([pP][+-]?\\d+)?\\w?|\\d[\\w.]*)(?!\\w)", "");
        return named.matches("(?s).*[A-Za-z_\\\\].*")
                && List.of("==>", "<==>", "==", "<=", ">=").stream()
                        .map(operator -> plain.split(java.util.regex.Pattern.quote(operator), -1))
                        .noneMatch(sides -> sides.length > 1
                                && Arrays.stream(sides).distinct().count() == 1);
    }
}
