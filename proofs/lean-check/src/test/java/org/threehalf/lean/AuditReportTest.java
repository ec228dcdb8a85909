package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AuditReportTest {
    private static final String GOOD =
            "replayed\t4\ntheorem\tThreeHalf.a\tpropext Quot.sound\tThreeHalf.f ThreeHalf.g\tfound\t∀ n, n = n\nmodule\tThreeHalf.A\t1\naudit\t1\t0\t12\n";

    @Test
    void readsWhatTheAuditSaw() {
        AuditReport report = report(0, GOOD);
        assertEquals(List.of(), report.problems());
        assertEquals(List.of("propext", "Quot.sound"), report.axioms().get("ThreeHalf.a"));
        assertEquals(List.of("ThreeHalf.f", "ThreeHalf.g"), report.uses().get("ThreeHalf.a"));
        assertEquals("∀ n, n = n", report.statements().get("ThreeHalf.a"));
        assertEquals(Map.of("ThreeHalf.a", "found"), report.possible());
        assertEquals(Map.of(), report(0, GOOD.replace("found", "unknown")).possible());
        assertEquals(12, report.unseen());
    }

    @Test
    void anAxiomThatIsNotAllowedFailsWhateverTheAuditThinks() {
        assertProblem(
                "theorem ThreeHalf.a rests on the axiom Lean.ofReduceBool",
                0,
                GOOD.replace("propext", "Lean.ofReduceBool"));
    }

    @Test
    void aProblemOfTheAuditIsOne() {
        assertProblem(
                "ThreeHalf.b reaches sorryAx",
                1,
                GOOD.replace("audit\t1\t0", "problem\tThreeHalf.b\treaches sorryAx\naudit\t1\t1"));
        assertProblem(
                "ThreeHalf.b reaches sorryAx",
                0,
                GOOD.replace("audit\t1\t0", "problem\tThreeHalf.b\treaches sorryAx\naudit\t1\t1"));
    }

    @Test
    void anErrorWithoutReasonIsOne() {
        assertProblem("ended with exit code 1: Audit.lean:1:0: error: x", 1, GOOD + "Audit.lean:1:0: error: x\n");
    }

    @Test
    void countsMustAgreeWithTheLines() {
        assertProblem("counts 2 theorems", 0, GOOD.replace("audit\t1", "audit\t2"));
        assertProblem("(3 by modules)", 0, GOOD.replace("A\t1", "A\t3"));
        assertProblem("1 problems, but lists 1 (1 by modules) and 0", 0, GOOD.replace("audit\t1\t0", "audit\t1\t1"));
    }

    @Test
    void anAuditThatReplayedLessThanItListsFails() {
        assertProblem("replayed 0 constants, and lists 1 theorems", 0, GOOD.replace("replayed\t4\n", ""));
    }

    @Test
    void anAuditThatStopsEarlyFails() {
        assertProblem("printed no total", 0, GOOD.substring(0, GOOD.indexOf("audit")));
    }

    @Test
    void aModuleThatItDidNotSeeFails() {
        AuditReport report = AuditReport.of(0, GOOD, Set.of("ThreeHalf.A", "ThreeHalf.B"));
        assertTrue(
                report.problems().getFirst().what().contains("did not see the module ThreeHalf.B"),
                report.problems().toString());
    }

    private static AuditReport report(int exit, String output) {
        return AuditReport.of(exit, output, Set.of("ThreeHalf.A"));
    }

    private static void assertProblem(String part, int exit, String output) {
        AuditReport report = report(exit, output);
        assertEquals(1, report.problems().size(), report.problems().toString());
        assertTrue(
                report.problems().getFirst().what().contains(part),
                report.problems().toString());
    }
}
