package org.threehalf.evidence.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.threehalf.evidence.SampleRepository.ID;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.evidence.SampleRepository;
import org.threehalf.lean.Theorem;
import org.threehalf.repository.Problem;

class TraceabilityTest {
    private static final String UNKNOWN = "REQ-" + "ABC-999";

    @TempDir
    Path folder;

    private SampleRepository repository;

    @BeforeEach
    void write() {
        repository = new SampleRepository(folder);
    }

    @Test
    void readsEveryKindOfEvidence() throws IOException {
        Traceability trace = Traceability.read(folder);
        assertEquals(List.of(), trace.specification().problems());
        Requirement requirement = trace.specification().requirements().get(ID);
        assertEquals("The sum is exact.", requirement.text());
        assertEquals(3, requirement.line());

        Theorem theorem = trace.theorems().getFirst();
        assertEquals(1, trace.theorems().size());
        assertEquals("ThreeHalf.Sum.zero_add'", theorem.name());
        assertEquals("Adding nothing changes nothing.", theorem.reading());
        assertEquals("(n : Nat) (h : n = (0 : Nat)) : f n = 0", theorem.statement());
        assertEquals(9, theorem.line());

        Contract contract = trace.contracts().getFirst();
        assertEquals(1, trace.contracts().size());
        assertEquals("add(int, int)", contract.method());
        assertEquals(Map.of("requires", 1, "ensures", 1, "loop_invariant", 1, "decreases", 1), contract.clauses());

        assertEquals(
                List.of("adds", "addsAll"),
                trace.tests().stream().map(TestMethod::method).toList());
        assertEquals(
                List.of(false, true),
                trace.tests().stream().map(TestMethod::property).toList());
    }

    @Test
    void whatLooksLikeAContractInALiteralIsNone() throws IOException {
        String literals = "static final String[] TEXTS = {\"\"\"\n" + "x\\\\ \"//\" /*@ requires no; @*/\n".repeat(2000)
                + "\"\"\", \"\\\"/*@\"}; static final char QUOTE = '\"';\n";
        repository.replace("kernels/src/main/java/a/Sum.java", "static int bare", literals + "    static int bare");
        assertEquals(
                List.of("add(int, int)"),
                Traceability.read(folder).contracts().stream()
                        .map(Contract::method)
                        .toList());
    }

    @Test
    void readsWaivers() throws IOException {
        repository.write(
                "spec/MORE.md",
                "**%s** Bare.\nWaiver (theorem): a layout. Waiver (case): no\nfiles.\n".formatted(UNKNOWN));
        Requirement requirement =
                Traceability.read(folder).specification().requirements().get(UNKNOWN);
        assertEquals(Map.of(EvidenceKind.THEOREM, "a layout.", EvidenceKind.CASE, "no files."), requirement.waivers());
        assertEquals("Bare.", requirement.text());
    }

    @Test
    void refusesAWaiverOfNoKind() throws IOException {
        repository.replace("spec/FORMAT.md", "exact.", "exact.\nWaiver (proof): none.");
        assertProblem("waives 'proof'");
    }

    @Test
    void findsAnIdThatIsDefinedTwice() throws IOException {
        repository.write("spec/MORE.md", "**%s** Again.\n".formatted(ID));
        assertProblem(ID + " is defined twice: spec/FORMAT.md:3 and spec/MORE.md:1");
    }

    private void assertProblem(String part) throws IOException {
        List<Problem> problems = Traceability.read(folder).specification().problems();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().what().contains(part), problems.toString());
    }
}
