package org.threehalf.evidence.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.threehalf.evidence.SampleRepository;
import org.threehalf.evidence.trace.Traceability;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.lean.LeanOutcome;
import org.threehalf.lean.SecondKernel;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The report of a run in which everything of a small repository was checked and passed, to forge. */
final class SampleReport {
    private static final JsonMapper JSON = new JsonMapper();

    private SampleReport() {}

    /** The report; a repository is written below the folder. */
    static ObjectNode of(Path folder) throws IOException {
        SampleRepository repository = new SampleRepository(folder);
        Path root = repository.root();
        repository.write(
                "kernels/target/surefire-reports/TEST-a.SumTest.xml",
                "<testsuite><testcase classname=\"a.SumTest\" name=\"adds\"/><testcase classname=\"a.SumTest\" name=\"addsAll\"/></testsuite>");
        repository.write("kernels/target/results/contracts.json", """
                {"schema": "threehalf-contract-results/1", "checkers": [{"name": "prover", "version": "Z3 4"}],
                 "sources": [{"file": "kernels/src/main/java/a/Sum.java", "sha256": "%s"}],
                 "methods": [{"file": "kernels/src/main/java/a/Sum.java", "line": 9, "name": "Sum.add(int,int)", "assumptions": [], "clauses": [
                   {"kind": "requires", "line": 6, "text": "x < 1000 && y < 1000", "verdict": "PROVED", "checker": "prover"},
                   {"kind": "ensures", "line": 7, "text": "\\\\result == x + y", "verdict": "PROVED", "checker": "prover"},
                   {"kind": "loop_invariant", "line": 10, "text": "x >= 0", "verdict": "PROVED", "checker": "prover"},
                   {"kind": "decreases", "line": 11, "text": "x", "verdict": "PROVED", "checker": "prover"}]}]}
                """.formatted(
                        Sha256.of(root.resolve("kernels/src/main/java/a/Sum.java"))));
        repository.write("kernels/target/results/mutants.json", """
                {"schema": "threehalf-mutation-results/1", "suite": "faults", "mutants": [{"id": "off by one", "killedBy": ["sum-1"]}]}
                """);
        repository.write("kernels/target/results/device.json", """
                {"schema": "threehalf-check-results/1", "suite": "a device", "checks": [{"id": "compiles", "verdict": "PASSED", "detail": "3 kernels"}]}
                """);
        LeanOutcome lean = new LeanOutcome(
                Verdict.PASSED,
                "",
                "npm",
                "4",
                "0",
                "sha512-x",
                List.of(new LeanOutcome.Source("lean/ThreeHalf/Sum.lean", "0".repeat(64), Verdict.PASSED)),
                Map.of("ThreeHalf.Sum.zero_add'", List.of("propext")),
                Map.of(),
                List.of(
                        new LeanOutcome.Seeded("a false theorem", "Lean", Verdict.PASSED),
                        new LeanOutcome.Seeded("it accepts 2 theorems", SecondKernel.BY, Verdict.PASSED)),
                root.resolve("spec/vectors"),
                List.of(),
                Map.of("seconds", "1"));
        return new Evidence(
                        "1".repeat(40),
                        false,
                        Traceability.read(root),
                        lean,
                        VectorComparison.compare(root.resolve("spec/vectors"), lean.emitted()),
                        TestResults.read(root),
                        ResultFiles.read(root),
                        List.of(new Tool("tool", "1", "2".repeat(64))),
                        List.of(conformance("reference"), conformance("simd")),
                        List.of(),
                        List.of(),
                        Map.of("time", "2026-01-01T00:00:00Z", "processors", "2"))
                .toJson();
    }

    private static ConformanceResult conformance(String backend) {
        return ConformanceResult.of(JSON.readTree("""
                {"backend": {"name": "%s", "detail": "here"}, "cases": [{"id": "sum-1", "kind": "sum", "format": "U4", "verdict": "PASSED"},
                  {"id": "random-1", "kind": "sum", "format": "U4", "verdict": "PASSED"}]}
                """.formatted(backend)));
    }

    /**
     * Sets the value at a path (JSON pointer), or with {@code -} for the last name adds it to a list, or with an empty
     * value takes it away.
     */
    static void set(ObjectNode root, String path, String json) {
        JsonNode parent = root.at(path.substring(0, path.lastIndexOf('/')));
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (parent instanceof ArrayNode array) {
            if (name.equals("-")) {
                array.add(JSON.readTree(json));
            } else if (json.isEmpty()) {
                array.remove(Integer.parseInt(name));
            } else {
                array.set(Integer.parseInt(name), JSON.readTree(json));
            }
        } else if (json.isEmpty()) {
            ((ObjectNode) parent).remove(name);
        } else {
            ((ObjectNode) parent).set(name, JSON.readTree(json));
        }
    }
}
