package org.threehalf.proofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.proofs.evidence.ContractResults;
import org.threehalf.proofs.evidence.ResultFiles;
import org.threehalf.proofs.evidence.Verdict;
import org.threehalf.proofs.prover.ContractReport;
import org.threehalf.proofs.prover.OpenJml;
import org.threehalf.proofs.trace.Traceability;

class ContractEvidenceTest {
    @TempDir
    Path root;

    @Test
    void theProversReportBecomesTheContractsVerdict() throws IOException {
        ContractResults results = results(ContractReport.Verdict.PROVED, List.of());
        assertEquals(List.of(), results.problems());
        assertEquals(Map.of("threehalf prover", "Z3 4", "OpenJML", "not run (not installed)"), results.checkers());
        ContractResults.Method method = results.of(Traceability.read(root).contracts().getFirst()).orElseThrow();
        assertEquals(Verdict.PASSED, method.verdict());
        assertEquals(List.of("x is small"), method.assumptions());
        assertFalse(Files.readString(root.resolve("proofs-ci/target/results/contracts.json")).contains("4711"), "times would differ from run to run");
    }

    @Test
    void whatIsNotProvedOrNotReadIsAProblem() throws IOException {
        assertTrue(results(ContractReport.Verdict.UNKNOWN, List.of()).problems().getFirst().what().contains("is not proved by threehalf prover: too hard"));
        assertTrue(results(ContractReport.Verdict.REFUTED, List.of()).problems().getFirst().what().contains("is refuted by threehalf prover: too hard"));
        assertEquals("Sum.java:3: no", results(ContractReport.Verdict.PROVED, List.of("Sum.java:3: no")).problems().getFirst().what());
    }

    private ContractResults results(ContractReport.Verdict verdict, List<String> errors) throws IOException {
        new SampleRepository(root).write("proofs-ci/pom.xml", "<project/>");
        ContractReport.Clause clause = new ContractReport.Clause("ensures", 7, "\\result == x + y", verdict, 1, 4711, verdict == ContractReport.Verdict.PROVED ? "" : "too hard", Map.of());
        ContractReport.Method method = new ContractReport.Method("Sum.add(int,int)", "kernels/src/main/java/a/Sum.java", 9, true, true, List.of(clause), List.of("x is small"), null, 4711);
        ContractEvidence.write(root, new ContractReport("Z3 4", List.of(method), new OpenJml.Outcome(false, "OpenJML: not run (not installed)", "", Map.of()), errors, 4711));
        return ResultFiles.read(root).contracts();
    }
}
