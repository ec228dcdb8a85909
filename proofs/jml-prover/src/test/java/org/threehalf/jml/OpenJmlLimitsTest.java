package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.syntax.CheckKind;

/** What OpenJML must fail at, listed with reasons: what the list excuses, and which of its lines are refused. */
class OpenJmlLimitsTest {
    private static final String CLAUSE = "C.m(float): ensures `\\result <= 1`\n    Math.rint has no meaning there\n";
    private static final String DIVISION =
            "C.m(float): PossiblyDivideByZero `return 1 / x;`\n    no error in binary32\n";
    private static final OpenJml.Complaint OF_CLAUSE = new OpenJml.Complaint("C.java", 2, "Postcondition");
    private static final OpenJml.Complaint OF_DIVISION = new OpenJml.Complaint("C.java", 4, "PossiblyDivideByZero");

    @TempDir
    Path root;

    @BeforeEach
    void source() throws IOException {
        Files.writeString(root.resolve("C.java"), """
                class C {
                    //@ ensures \\result <= 1;
                    static float m(float x) {
                        return 1 / x;
                    }
                }
                """);
    }

    /** The report of a method that the built-in prover proves, and of what OpenJML makes of it. */
    private static ContractReport report(Verdict openJml, OpenJml.Complaint... complaints) {
        OpenJml.Outcome outcome = openJml == Verdict.NOT_CHECKED
                ? OpenJml.Outcome.notRun("")
                : new OpenJml.Outcome(
                        true,
                        "",
                        "",
                        Map.of("org.x.C.m(float)", openJml),
                        Map.of(),
                        Map.of("org.x.C.m(float)", List.of(complaints)));
        ContractReport.Method m = new ContractReport.Method(
                "C.m(float)",
                "C.java",
                3,
                true,
                true,
                List.of(new ContractReport.Clause(
                        CheckKind.ENSURES, 2, "\\result <= 1", Verdict.PROVED, 1, 1, "", Map.of(), "")),
                List.of(),
                List.of(),
                openJml,
                1);
        return new ContractReport("Z3", List.of(m), outcome, List.of(), 0);
    }

    private ContractReport marked(String list, ContractReport report) throws IOException {
        return OpenJmlLimits.parse(list).mark(report, root, true);
    }

    @Test
    void aModelOfListedClausesIsNoDisagreement() throws IOException {
        assertEquals(1, report(Verdict.REFUTED, OF_CLAUSE).disagreements().size());
        for (OpenJml.Complaint c : List.of(OF_CLAUSE, OF_DIVISION)) {
            ContractReport marked = marked(CLAUSE + DIVISION, report(Verdict.REFUTED, c));
            assertEquals(List.of(), marked.failures());
            assertEquals(Verdict.UNKNOWN, marked.methods().getFirst().openJml());
        }
    }

    @Test
    void aModelOfAnotherClauseIsOne() throws IOException {
        assertEquals(
                1,
                marked(CLAUSE, report(Verdict.REFUTED, OF_CLAUSE, OF_DIVISION))
                        .disagreements()
                        .size());
        assertEquals(
                1,
                marked(DIVISION, report(Verdict.REFUTED, OF_CLAUSE))
                        .disagreements()
                        .size());
        // Nothing says what it refutes.
        assertEquals(1, marked(CLAUSE, report(Verdict.REFUTED)).disagreements().size());
        assertEquals(
                1,
                marked(CLAUSE, report(Verdict.REFUTED, new OpenJml.Complaint("D.java", 2, "Postcondition")))
                        .disagreements()
                        .size());
    }

    @Test
    void aLineThatIsNotSoIsRefused() throws IOException {
        for (Verdict verdict : List.of(Verdict.NOT_CHECKED, Verdict.UNKNOWN)) {
            assertEquals(List.of(), marked(CLAUSE + DIVISION, report(verdict)).failures());
            for (String gone : List.of(
                    CLAUSE.replace("<= 1", "<= 2"),
                    CLAUSE.replace("m(float)", "n(float)"),
                    CLAUSE.replace("ensures", "requires"),
                    DIVISION.replace("1 / x", "2 / x"),
                    DIVISION.replace("PossiblyDivideByZero", "ensures"))) {
                List<String> failures = marked(gone, report(verdict)).failures();
                assertEquals(1, failures.size(), gone);
                assertTrue(failures.getFirst().contains("a clause that is not there"), failures.toString());
            }
        }
        List<String> proved = marked(CLAUSE, report(Verdict.PROVED)).failures();
        assertEquals(1, proved.size());
        assertTrue(proved.getFirst().contains("a method that OpenJML proves"), proved.toString());
        assertThrows(IOException.class, () -> OpenJmlLimits.parse("C.m(float): ensures `x`\n"));
    }

    /** A line about a method of another file is left alone where single files are asked for. */
    @Test
    void singleFilesLeaveOthersLinesAlone() throws IOException {
        String other = CLAUSE.replace("C.m", "D.m");
        assertEquals(
                List.of(),
                OpenJmlLimits.parse(other)
                        .mark(report(Verdict.UNKNOWN), root, false)
                        .failures());
    }
}
