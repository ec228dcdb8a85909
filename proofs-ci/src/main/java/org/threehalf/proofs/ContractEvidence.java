package org.threehalf.proofs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeSet;
import org.threehalf.proofs.evidence.ContractResults;
import org.threehalf.proofs.prover.ContractReport;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Hands the prover's report to the evidence, as the result file that any prover may write. */
final class ContractEvidence {
    private static final String PROVER = "threehalf prover";

    private ContractEvidence() {}

    /** Writes {@code proofs-ci/target/results/contracts.json} below the root. Equal reports give equal files: times and counterexamples stay out. */
    static void write(Path root, ContractReport report) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("schema", ContractResults.SCHEMA);
        ArrayNode checkers = json.putArray("checkers");
        checkers.addObject().put("name", PROVER).put("version", report.solver());
        checkers.addObject().put("name", "OpenJML").put("version", report.openJml().detail().replaceFirst("^OpenJML: ", ""));
        TreeSet<String> files = new TreeSet<>();
        report.methods().forEach(m -> files.add(m.file()));
        ArrayNode sources = json.putArray("sources");
        for (String file : files) {
            sources.addObject().put("file", file).put("sha256", sha256(root.resolve(file)));
        }
        ArrayNode methods = json.putArray("methods");
        for (ContractReport.Method method : report.methods()) {
            ObjectNode node = methods.addObject().put("file", method.file()).put("line", method.line()).put("name", method.name());
            ArrayNode assumptions = node.putArray("assumptions");
            method.assumptions().forEach(assumptions::add);
            ArrayNode clauses = node.putArray("clauses");
            method.clauses().forEach(c -> clauses.addObject().put("kind", c.kind()).put("line", c.line()).put("text", c.text())
                    .put("verdict", c.verdict().name()).put("checker", PROVER).put("failure", c.failure()));
        }
        ArrayNode problems = json.putArray("problems");
        report.errors().forEach(problems::add);
        report.disagreements().forEach(problems::add);
        Path folder = Files.createDirectories(root.resolve("proofs-ci/target/results"));
        Files.writeString(folder.resolve("contracts.json"), json.toPrettyString() + "\n");
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
