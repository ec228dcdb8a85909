package org.threehalf.evidence.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.threehalf.kernels.io.Verdict;
import tools.jackson.databind.JsonNode;

/**
 * A backend's conformance, from the JSON that the suite writes ({@code spec/schema/conformance-result.schema.json}).
 *
 * @param backend the backend's name
 * @param detail the device; it varies between machines
 * @param groups the cases by kind and format
 */
public record ConformanceResult(String backend, String detail, List<Group> groups) {

    /**
     * Cases of a kind and format.
     *
     * @param kind as in {@code spec/CONFORMANCE.md}
     * @param format its name, "-" where the cases have none
     * @param cases with their verdicts
     */
    public record Group(String kind, String format, List<Case> cases) {
        Stream<String> ids(Verdict verdict) {
            return cases.stream().filter(c -> c.verdict() == verdict).map(Case::id);
        }
    }

    /**
     * A case.
     *
     * @param message why it failed; empty if it did not
     */
    public record Case(String id, Verdict verdict, String message) {}

    /** Reads a result. A verdict that it does not know counts as not checked. */
    public static ConformanceResult of(JsonNode json) {
        Map<String, Group> groups = new LinkedHashMap<>();
        for (JsonNode result : json.path("cases")) {
            String kind = result.path("kind").asString("-");
            String format = result.path("format").asString("-");
            Verdict verdict = Verdict.read(result.path("verdict").asString(""), Verdict.NOT_CHECKED);
            String message = verdict == Verdict.FAILED
                    ? result.path("failure").path("message").asString("no reason given")
                    : "";
            groups.computeIfAbsent(kind + " " + format, k -> new Group(kind, format, new ArrayList<>()))
                    .cases()
                    .add(new Case(result.path("id").asString("?"), verdict, message));
        }
        JsonNode backend = json.path("backend");
        return new ConformanceResult(
                backend.path("name").asString("?"), backend.path("detail").asString(""), List.copyOf(groups.values()));
    }
}
