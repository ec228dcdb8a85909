package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.io.Verdict;

class DefinitionMutantsTest {
    private static final String SELF_TEST = """
            mutant\tThreeHalf.seededFixed#1\tselfTest\t1\tn < 3\t(¬(n < 3))\tkilled\tt
            mutant\tThreeHalf.seededFixed#2\tselfTest\t1\t<\t≤\tkilled\tt
            mutant\tThreeHalf.seededFixed#3\tselfTest\t1\t3\t4\tkilled\tt
            mutant\tThreeHalf.seededFixed#4\tselfTest\t1\t5\t6\tkilled\tt
            mutant\tThreeHalf.seededLoose#1\tselfTest\t1\t+\t-\tkilled\tt
            mutant\tThreeHalf.seededLoose#2\tselfTest\t1\t7\t8\tsurvived\t
            """;
    private static final String KILLED = "mutant\tThreeHalf.f#1\tThreeHalf/A.lean\t7\t1\t2\tkilled\tThreeHalf.t\n";
    private static final String SURVIVED = "mutant\tThreeHalf.f#2\tThreeHalf/A.lean\t8\t+\t-\tsurvived\t\n";

    @Test
    void aMutantThatBreaksATheoremIsWhatIsAskedFor() {
        DefinitionMutants.Report report = judged(0, SELF_TEST + KILLED + "mutants\t40\t1\t1\t0\t0\n");
        assertEquals(List.of(), report.problems());
        assertEquals(
                "1 of 40 mutants of definitions: 1 break a theorem, 0 break none, 0 are no definitions",
                report.summary());
    }

    @Test
    void aMutantThatBreaksNoneAndThatNobodyExplainsIsAProblem() {
        assertOnly(
                "lean/ThreeHalf/A.lean:8: no theorem breaks with ThreeHalf.f#2 `+` -> `-`",
                judged(0, SELF_TEST + KILLED + SURVIVED + "mutants\t40\t2\t1\t1\t0\n"));
    }

    @Test
    void aRunWithoutItsLastLineIsAProblem() {
        assertOnly("ended with exit code 0", judged(0, SELF_TEST + KILLED));
        assertOnly("ended with exit code 1", judged(1, SELF_TEST + KILLED + "mutants\t40\t1\t1\t0\t0\n"));
    }

    @Test
    void countsThatDoNotAgreeAreAProblem() {
        assertOnly(
                "2 mutants were made, and 1 are listed", judged(0, SELF_TEST + KILLED + "mutants\t40\t2\t2\t0\t0\n"));
    }

    @Test
    void aToolThatKillsEverythingOrNothingIsFoundOut() {
        String last = KILLED + "mutants\t40\t1\t1\t0\t0\n";
        assertOnly(
                "do not tell a fixed definition from a loose one",
                judged(0, SELF_TEST.replace("survived", "killed") + last));
        assertOnly(
                "do not tell a fixed definition from a loose one",
                judged(0, SELF_TEST.replace("killed", "survived") + last));
    }

    @Test
    void aCompleteRunThatLeavesMutantsOutIsAProblem() {
        String output = SELF_TEST + KILLED + "mutants\t2\t1\t1\t0\t0\n";
        assertOnly("1 of 2 mutants were made", DefinitionMutants.judged(List.of(outcome(0, output)), true, Map.of()));
    }

    @Test
    void aSurvivorWithAReasonIsNoProblemAndAReasonWithoutItsSurvivorIsOne() {
        Map<String, String> reasons = Map.of("ThreeHalf.f#2 `+` -> `-`", "both are 0");
        String both = SELF_TEST + KILLED + SURVIVED + "mutants\t2\t2\t1\t1\t0\n";
        assertEquals(
                List.of(),
                DefinitionMutants.judged(List.of(outcome(0, both)), true, reasons)
                        .problems());
        String one = SELF_TEST + KILLED + "mutants\t1\t1\t1\t0\t0\n";
        assertOnly(
                "survivors.txt explains ThreeHalf.f#2 `+` -> `-`",
                DefinitionMutants.judged(List.of(outcome(0, one)), true, reasons));
        assertEquals(
                List.of(),
                DefinitionMutants.judged(List.of(outcome(0, one)), false, reasons)
                        .problems());
    }

    private static LeanChecker.Outcome outcome(int exit, String output) {
        return new LeanChecker.Outcome(exit == 0 ? Verdict.PASSED : Verdict.FAILED, exit, output, false);
    }

    private static DefinitionMutants.Report judged(int exit, String output) {
        return DefinitionMutants.judged(List.of(outcome(exit, output)), false, Map.of());
    }

    private static void assertOnly(String what, DefinitionMutants.Report report) {
        assertEquals(1, report.problems().size(), report.problems().toString());
        assertTrue(
                report.problems().getFirst().what().contains(what),
                report.problems().toString());
    }
}
