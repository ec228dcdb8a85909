package org.threehalf.proofs.evidence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.threehalf.proofs.hash.Sha;
import org.threehalf.proofs.trace.Contract;
import org.threehalf.proofs.trace.Problem;
import tools.jackson.databind.JsonNode;

/**
 * What provers found about JML contracts, from a result file ({@code threehalf-contract-results/1}; the module's README says what it holds).
 *
 * @param checkers name and version of each prover, or why it did not run
 * @param methods by file and name
 * @param problems what fails: clauses that were not proved, results about another version of a source, and what the provers report themselves
 */
public record ContractResults(Map<String, String> checkers, Map<String, Method> methods, List<Problem> problems) {
    /** The value of the member {@code schema}. */
    public static final String SCHEMA = "threehalf-contract-results/1";

    /** Nobody checked anything. */
    public static final ContractResults NONE = new ContractResults(Map.of(), Map.of(), List.of());

    /**
     * A method with what was found about it.
     *
     * @param verdict passed if every clause is proved, not checked if all others are proved but clauses that are listed as open
     * @param assumptions what was assumed without proof
     */
    public record Method(String file, int line, String name, Verdict verdict, List<Clause> clauses, List<String> assumptions) {}

    /**
     * A clause, or a condition that Java's semantics ask for.
     *
     * @param verdict {@code PROVED}, {@code REFUTED} or {@code UNKNOWN}
     * @param checker the prover's name
     * @param open why it is known not to be proved; empty where it is not on the list of open clauses
     */
    public record Clause(String kind, int line, String text, String verdict, String checker, String open) {}

    /** Reads a result file; {@code root} is where its names of sources start. */
    static ContractResults of(JsonNode json, String name, Path root) throws IOException {
        Map<String, String> checkers = new LinkedHashMap<>();
        json.path("checkers").forEach(c -> checkers.put(c.path("name").asString(""), c.path("version").asString("")));
        List<Problem> problems = new ArrayList<>();
        Map<String, String> hashes = new LinkedHashMap<>();
        json.path("sources").forEach(s -> hashes.put(s.path("file").asString(""), s.path("sha256").asString("")));
        for (Map.Entry<String, String> source : hashes.entrySet()) {
            Path file = root.resolve(source.getKey());
            if (!Files.exists(file) || !Sha.hex(file).equals(source.getValue())) {
                problems.add(new Problem("%s speaks of another version of %s".formatted(name, source.getKey()), "run mvn verify again"));
            }
        }
        Map<String, Method> methods = new LinkedHashMap<>();
        for (JsonNode method : json.path("methods")) {
            String file = method.path("file").asString("");
            List<Clause> clauses = new ArrayList<>();
            for (JsonNode clause : method.path("clauses")) {
                Clause read = new Clause(clause.path("kind").asString(""), clause.path("line").asInt(), clause.path("text").asString(""),
                        clause.path("verdict").asString("UNKNOWN"), clause.path("checker").asString(""), clause.path("open").asString(""));
                clauses.add(read);
                // An open clause is nobody's proof and no failure; one that is refuted is a failure whatever the list says.
                if (!read.verdict().equals("PROVED") && (read.open().isEmpty() || read.verdict().equals("REFUTED"))) {
                    problems.add(new Problem("%s:%d: %s: %s '%s' is %s by %s%s".formatted(file, read.line(), method.path("name").asString(""), read.kind(), read.text(),
                            read.verdict().equals("REFUTED") ? "refuted" : "not proved", read.checker(), colon(clause.path("failure").asString(""))),
                            "correct the method or its contract"));
                }
            }
            List<String> assumptions = new ArrayList<>();
            method.path("assumptions").forEach(a -> assumptions.add(a.asString()));
            if (!hashes.containsKey(file)) {
                problems.add(new Problem("%s gives no hash of %s".formatted(name, file), "see proofs-ci/README.md, Result files"));
            }
            boolean proved = !clauses.isEmpty() && clauses.stream().allMatch(c -> c.verdict().equals("PROVED"));
            boolean open = !clauses.isEmpty() && clauses.stream().allMatch(c -> c.verdict().equals("PROVED") || c.verdict().equals("UNKNOWN") && !c.open().isEmpty());
            Method read = new Method(file, method.path("line").asInt(), method.path("name").asString(""), proved ? Verdict.PASSED : open ? Verdict.NOT_CHECKED : Verdict.FAILED, clauses, assumptions);
            methods.put(key(file, read.name()), read);
        }
        json.path("problems").forEach(p -> problems.add(new Problem(p.asString(), "see " + name)));
        return new ContractResults(checkers, methods, List.copyOf(problems));
    }

    /** What was found about a contract, or nothing if no prover looked at it. */
    public Optional<Method> of(Contract contract) {
        String type = contract.type().replaceFirst("^.*[.$]", "");
        return Optional.ofNullable(methods.get(key(contract.file(), type + "." + contract.method())));
    }

    private static String key(String file, String name) {
        return file + " " + name.replaceAll("\\s", "");
    }

    private static String colon(String text) {
        return text.isEmpty() ? "" : ": " + text;
    }
}
