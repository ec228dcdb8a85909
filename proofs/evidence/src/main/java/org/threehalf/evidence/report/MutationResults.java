package org.threehalf.evidence.report;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.jml.mutation.MutationCheck;
import tools.jackson.databind.JsonNode;

/**
 * Seeded faults of a suite and what caught them, from a result file ({@code threehalf-mutation-results/1}; the module's
 * README says what it holds).
 *
 * @param suite what is tried: a conformance suite, contracts, an audit
 * @param mutants the faults
 * @param reported what the suite itself reports as wrong
 */
public record MutationResults(String suite, List<Mutant> mutants, List<String> reported) {
    /** The value of the member {@code schema}. */
    public static final String SCHEMA = "threehalf-mutation-results/1";

    /**
     * A fault.
     *
     * @param id what is wrong, in words
     * @param killedBy the cases, tests or clauses that caught it; none if it survived
     */
    public record Mutant(String id, List<String> killedBy) {}

    /** What the prover of this build reports of mutants. */
    public static MutationResults of(MutationCheck.Report report, String suite) {
        return new MutationResults(
                suite + ", " + report.chosen(),
                report.outcomes().stream()
                        .map(o -> new Mutant(o.id(), o.killedBy()))
                        .toList(),
                report.problems());
    }

    /** Reads a result file. */
    static MutationResults of(JsonNode json) {
        List<Mutant> mutants = new ArrayList<>();
        for (JsonNode mutant : json.path("mutants")) {
            List<String> killers = new ArrayList<>();
            mutant.path("killedBy").forEach(k -> killers.add(k.asString()));
            mutants.add(new Mutant(mutant.path("id").asString("?"), List.copyOf(killers)));
        }
        List<String> reported = new ArrayList<>();
        json.path("problems").forEach(p -> reported.add(p.asString()));
        return new MutationResults(json.path("suite").asString("?"), List.copyOf(mutants), List.copyOf(reported));
    }
}
