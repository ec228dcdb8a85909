package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.syntax.CheckKind;

/** The list of open clauses excuses exactly what it names. */
class OpenClausesTest {
    private static final String LIST = "# comment\nC.m(int): ensures `a`\n  too hard\n";

    private static ContractReport report(Verdict... verdicts) {
        List<ContractReport.Clause> clauses = java.util.Arrays.stream(verdicts)
                .map(v -> new ContractReport.Clause(CheckKind.ENSURES, 2, "a", v, 1, 1, "", Map.of(), ""))
                .toList();
        return new ContractReport(
                "Z3",
                List.of(new ContractReport.Method(
                        "C.m(int)", "C.java", 3, true, true, clauses, List.of(), List.of(), Verdict.NOT_CHECKED, 1)),
                new OpenJml.Outcome(false, "not run", "", Map.of(), Map.of(), Map.of()),
                List.of(),
                0);
    }

    private static ContractReport marked(String list, Verdict... verdicts) throws IOException {
        return OpenClauses.parse(list).mark(report(verdicts), true);
    }

    @Test
    void aListedClauseIsOpenAndNotProved() throws IOException {
        ContractReport report = marked(LIST, Verdict.UNKNOWN);
        assertEquals(List.of(), report.failures());
        assertEquals(1, report.open());
        assertFalse(report.methods().getFirst().proved());
        assertEquals(
                "too hard", report.methods().getFirst().clauses().getFirst().open());
    }

    @Test
    void anUnprovedClauseThatIsNotListedFails() throws IOException {
        assertEquals(1, marked("", Verdict.UNKNOWN).failures().size());
        assertEquals(
                1, marked(LIST, Verdict.UNKNOWN, Verdict.UNKNOWN).failures().size());
    }

    @Test
    void aRefutedClauseFailsThoughItIsListed() throws IOException {
        assertTrue(marked(LIST, Verdict.REFUTED).failures().toString().contains("refuted"));
    }

    @Test
    void aLineThatIsNotSoFails() throws IOException {
        assertTrue(marked(LIST, Verdict.PROVED).failures().getFirst().contains("take it off the list"));
        assertFalse(marked("C.gone(): ensures `a`\n  why\n", Verdict.PROVED).passed());
        assertTrue(OpenClauses.parse("D.m(): ensures `a`\n  why\n")
                .mark(report(Verdict.PROVED), false)
                .passed());
    }

    @Test
    void aMethodThatIsNotTriedMustNotBeProved() throws IOException {
        String list = "C.m(int): not tried\n  takes hours\n";
        assertEquals(Set.of("C.m(int)"), OpenClauses.parse(list).untried());
        assertFalse(marked(list, Verdict.PROVED).passed());
    }

    @Test
    void aClauseWithoutReasonIsRefused() {
        assertThrows(IOException.class, () -> OpenClauses.parse("C.m(int): ensures `a`\n"));
        assertThrows(IOException.class, () -> OpenClauses.parse("C.m(int): ensures `a`\nC.n(): ensures `a`\n"));
        assertThrows(IOException.class, () -> OpenClauses.parse("  a reason\n"));
    }
}
