package org.threehalf.evidence.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.threehalf.jml.ContractCheck;
import org.threehalf.jml.ContractReport;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.repository.Problem;
import tools.jackson.databind.JsonNode;

/**
 * What provers found about JML contracts: what the prover of this build reports, or another one's result file
 * ({@code threehalf-contract-results/1}; the module's README says what it holds).
 *
 * @param checkers name and version of each prover, or why it did not run
 * @param methods in the order of the file
 * @param problems results about another version of a source, and what the provers report themselves
 */
public record ContractResults(Map<String, String> checkers, List<Method> methods, List<Problem> problems) {
    /** The value of the member {@code schema}. */
    public static final String SCHEMA = "threehalf-contract-results/1";

    /** Nobody checked anything. */
    public static final ContractResults NONE = new ContractResults(Map.of(), List.of(), List.of());

    /**
     * A method with what was found about it.
     *
     * @param assumptions what was assumed without proof
     */
    public record Method(String file, int line, String name, List<Clause> clauses, List<String> assumptions) {}

    /**
     * A clause, or a condition that Java's semantics ask for.
     *
     * @param verdict PROVED, REFUTED or UNKNOWN
     * @param checker the prover's name
     * @param open why it is known not to be proved; empty where it is not on the list of open clauses
     * @param failure what the checker says of one that is not proved
     */
    public record Clause(
            String kind, int line, String text, Verdict verdict, String checker, String open, String failure) {}

    /**
     * What the prover of this build reports.
     *
     * @param name what problems name as the place to look at: the result file that other programs read
     */
    public static ContractResults of(ContractReport report, String name) {
        return new ContractResults(
                report.checkers(),
                report.methods().stream()
                        .map(m -> new Method(
                                m.file().replace('\\', '/'),
                                m.line(),
                                m.name(),
                                m.clauses().stream()
                                        .map(c -> new Clause(
                                                c.kind().toString(),
                                                c.line(),
                                                c.text(),
                                                c.verdict(),
                                                ContractCheck.PROVER,
                                                c.open(),
                                                c.failure()))
                                        .toList(),
                                m.assumptions()))
                        .toList(),
                report.problems().stream()
                        .map(p -> new Problem(p, "see " + name))
                        .toList());
    }

    /** A word that is not known is no proof. */
    private static Verdict verdict(String word) {
        return word.equals(Verdict.PROVED.name())
                ? Verdict.PROVED
                : word.equals(Verdict.REFUTED.name()) ? Verdict.REFUTED : Verdict.UNKNOWN;
    }

    /** Reads a result file; {@code root} is where its names of sources start. */
    static ContractResults of(JsonNode json, String name, Path root) throws IOException {
        Map<String, String> checkers = new LinkedHashMap<>();
        json.path("checkers")
                .forEach(c -> checkers.put(
                        c.path("name").asString(""), c.path("version").asString("")));
        List<Problem> problems = new ArrayList<>();
        Map<String, String> hashes = new LinkedHashMap<>();
        json.path("sources")
                .forEach(s ->
                        hashes.put(s.path("file").asString(""), s.path("sha256").asString("")));
        for (Map.Entry<String, String> source : hashes.entrySet()) {
            Path file = root.resolve(source.getKey());
            if (!Files.exists(file) || !Sha256.of(file).equals(source.getValue())) {
                problems.add(new Problem(
                        "%s speaks of another version of %s".formatted(name, source.getKey()), "run mvn verify again"));
            }
        }
        List<Method> methods = new ArrayList<>();
        for (JsonNode method : json.path("methods")) {
            String file = method.path("file").asString("");
            List<Clause> clauses = new ArrayList<>();
            for (JsonNode clause : method.path("clauses")) {
                clauses.add(new Clause(
                        clause.path("kind").asString(""),
                        clause.path("line").asInt(0),
                        clause.path("text").asString(""),
                        verdict(clause.path("verdict").asString("")),
                        clause.path("checker").asString(""),
                        clause.path("open").asString(""),
                        clause.path("failure").asString("")));
            }
            List<String> assumptions = new ArrayList<>();
            method.path("assumptions").forEach(a -> assumptions.add(a.asString()));
            if (!hashes.containsKey(file)) {
                problems.add(new Problem(
                        "%s gives no hash of %s".formatted(name, file), "see proofs/evidence/README.md, Result files"));
            }
            methods.add(new Method(
                    file, method.path("line").asInt(0), method.path("name").asString(""), clauses, assumptions));
        }
        json.path("problems").forEach(p -> problems.add(new Problem(p.asString(), "see " + name)));
        return new ContractResults(checkers, List.copyOf(methods), List.copyOf(problems));
    }
}
