package org.threehalf.proofs.evidence;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.proofs.trace.Problem;
import tools.jackson.databind.JsonNode;

/**
 * Seeded faults of a suite and what caught them, from a result file ({@code threehalf-mutation-results/1}; the module's README says what it
 * holds).
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

    /** How many were caught. */
    public long killed() {
        return mutants.stream().filter(m -> !m.killedBy().isEmpty()).count();
    }

    /** One problem a survivor, one if nothing was tried, and what the suite reports. */
    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (mutants.isEmpty()) {
            problems.add(new Problem("the mutation results of %s hold no mutant".formatted(suite), "see the program that writes them"));
        }
        mutants.stream().filter(m -> m.killedBy().isEmpty()).forEach(m -> problems.add(new Problem(
                "%s does not notice the fault: %s".formatted(suite, m.id()), "add a case or a clause that does")));
        reported.forEach(p -> problems.add(new Problem(p, "see " + suite)));
        return problems;
    }
}
