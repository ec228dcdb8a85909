package org.threehalf.evidence.report;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.conformance.CheckList;
import org.threehalf.kernels.io.Verdict;
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
            checks.add(new Check(
                    check.path("id").asString("?"),
                    Verdict.read(check.path("verdict").asString(""), Verdict.FAILED),
                    check.path("detail").asString("")));
        }
        return new CheckResults(json.path("suite").asString("?"), List.copyOf(checks));
    }
}
