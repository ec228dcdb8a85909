package org.threehalf.proofs.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.threehalf.conformance.CheckList;
import org.threehalf.proofs.trace.Problem;
import tools.jackson.databind.JsonNode;

/**
 * What a module's tests checked of a device and what they could not, from a result file of {@link CheckList}.
 *
 * @param suite what is checked
 * @param checks the checks
 */
public record CheckResults(String suite, List<Check> checks) {
    /** The value of the member {@code schema}. */
    public static final String SCHEMA = CheckList.SCHEMA;

    /**
     * A check.
     *
     * @param id what was checked
     * @param verdict what came out
     * @param detail how far, or why it was not checked
     */
    public record Check(String id, Verdict verdict, String detail) {}

    /** Reads a result file. */
    static CheckResults of(JsonNode json) {
        List<Check> checks = new ArrayList<>();
        for (JsonNode check : json.path("checks")) {
            String word = check.path("verdict").asString("");
            // A word that is not known is no pass.
            Verdict verdict = Stream.of(Verdict.values()).filter(v -> v.name().equals(word)).findFirst().orElse(Verdict.FAILED);
            checks.add(new Check(check.path("id").asString("?"), verdict, check.path("detail").asString("")));
        }
        return new CheckResults(json.path("suite").asString("?"), List.copyOf(checks));
    }

    /** One problem a check that failed, and one if there is none at all. */
    List<Problem> problems() {
        Optional<Problem> none = checks.isEmpty()
                ? Optional.of(new Problem("the check results of %s hold no check".formatted(suite), "see the program that writes them"))
                : Optional.empty();
        return Stream.concat(none.stream(), checks.stream().filter(c -> c.verdict() == Verdict.FAILED).map(c ->
                new Problem("%s: %s failed: %s".formatted(suite, c.id(), c.detail()), "see the module's test reports"))).toList();
    }

    /** What was not checked. */
    List<NotChecked> notChecked() {
        return checks.stream()
                .filter(c -> c.verdict() == Verdict.NOT_CHECKED)
                .map(c -> new NotChecked("%s: %s".formatted(suite, c.id()), c.detail(), "provide what it needs"))
                .toList();
    }
}
