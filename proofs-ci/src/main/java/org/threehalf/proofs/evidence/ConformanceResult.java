package org.threehalf.proofs.evidence;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.threehalf.proofs.trace.Problem;
import tools.jackson.databind.JsonNode;

/**
 * A backend's conformance, from the JSON that the suite writes ({@code spec/schema/conformance-result.schema.json}).
 *
 * @param backend the backend's name
 * @param detail the device; it varies between machines
 * @param counts by kind and format
 * @param verdicts by case
 * @param failures why cases failed, by case
 */
public record ConformanceResult(
        String backend, String detail, List<Count> counts, Map<String, Verdict> verdicts, Map<String, String> failures) {

    /** Cases of a kind and format ("-" where a case has none). */
    public record Count(String kind, String format, int passed, int failed) {}

    /** Reads a result. A verdict that it does not know counts as not checked. */
    public static ConformanceResult of(JsonNode json) {
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        Map<String, String> failures = new LinkedHashMap<>();
        for (JsonNode result : json.path("cases")) {
            String id = result.path("id").asString();
            Verdict verdict = switch (result.path("verdict").asString("")) {
                case "PASSED" -> Verdict.PASSED;
                case "FAILED" -> Verdict.FAILED;
                default -> Verdict.NOT_CHECKED;
            };
            verdicts.put(id, verdict);
            if (verdict == Verdict.FAILED) {
                failures.put(id, result.path("failure").path("message").asString("no reason given"));
            }
        }
        List<Count> counts = new ArrayList<>();
        for (JsonNode count : json.path("summary")) {
            counts.add(new Count(count.path("kind").asString(), count.path("format").asString("-"), count.path("passed").asInt(), count.path("failed").asInt()));
        }
        JsonNode backend = json.path("backend");
        return new ConformanceResult(backend.path("name").asString(), backend.path("detail").asString(""), counts, verdicts, failures);
    }

    /** One problem a failed case. */
    public List<Problem> problems() {
        return failures.entrySet().stream()
                .map(f -> new Problem(
                        "conformance of backend %s, case %s: %s".formatted(backend, f.getKey(), f.getValue()),
                        "repeat it with ./threehalf conformance --backend %s --case %s".formatted(backend, f.getKey())))
                .toList();
    }

    /** How many cases came to this verdict. */
    public long count(Verdict verdict) {
        return verdicts.values().stream().filter(v -> v == verdict).count();
    }
}
