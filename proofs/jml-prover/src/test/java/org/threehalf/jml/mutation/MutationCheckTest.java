package org.threehalf.jml.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.jml.OpenClauses;
import org.threehalf.jml.frontend.SourceReader;

/** Mutants of a small method with a strong and with a weak contract. */
class MutationCheckTest {
    private static final String SURVIVOR = "C.next: `1` -> `2`";

    @TempDir
    Path cache;

    private MutationCheck.Report check(String ensures, Map<String, String> explanations) throws InterruptedException {
        return check(ensures, explanations, m -> true);
    }

    private MutationCheck.Report check(
            String ensures, Map<String, String> explanations, Predicate<Mutator.Mutant> chosen)
            throws InterruptedException {
        SourceReader.Source source = new SourceReader.Source("C.java", """
                final class C {
                    /*@ requires 0 <= a && a <= 100; ensures %s; @*/
                    /*@ pure @*/ static int next(int a) {
                        return a + 1;
                    }
                }
                """.formatted(ensures));
        return MutationCheck.check(List.of(source), List.of(), explanations, new OpenClauses(Map.of()), cache, chosen);
    }

    @Test
    void strongContractRefutesEveryMutantWithACounterexample() throws InterruptedException {
        MutationCheck.Report report = check("\\result == a + 1", Map.of());
        assertEquals(3, report.outcomes().size());
        assertEquals(3, report.count(MutationCheck.Fate.REFUTED));
        assertEquals(List.of(), report.failures());
        assertTrue(report.outcomes().stream().allMatch(o -> o.counterexample().containsKey("a")), report.toString());
    }

    @Test
    void weakContractLetsMutantsSurviveAndTheyFail() throws InterruptedException {
        MutationCheck.Report report = check("\\result > a", Map.of());
        assertEquals(1, report.count(MutationCheck.Fate.SURVIVED));
        assertEquals(1, report.failures().size());
        assertTrue(
                report.failures().getFirst().contains(SURVIVOR),
                report.failures().toString());
    }

    @Test
    void explainedSurvivorPassesAndStaleExplanationFails() throws InterruptedException {
        assertEquals(
                List.of(),
                check("\\result > a", Map.of(SURVIVOR, "only the direction matters"))
                        .failures());
        assertTrue(check("\\result == a + 1", Map.of(SURVIVOR, "only the direction matters"))
                .failures()
                .getFirst()
                .contains("does not survive"));
    }

    @Test
    void explanationOfAMutantThatIsNotChosenIsNotStale() throws InterruptedException {
        MutationCheck.Report report =
                check("\\result > a", Map.of(SURVIVOR, "only the direction matters"), m -> !m.id().equals(SURVIVOR));
        assertEquals(List.of(), report.failures());
        assertEquals(List.of(2, 3), List.of(report.outcomes().size(), report.made()));
    }

    private MutationCheck.Report gutted(String value, String elements, Map<String, String> explanations) {
        return HollowBodies.check(
                List.of(new SourceReader.Source("C.java", """
                final class C {
                    //@ ensures %s;
                    static float product(float x, float y) { return x * y + 1; }
                    //@ requires a != b && a.length == b.length;
                    //@ assignable a[*];
                    //@ ensures %s;
                    static void doubles(float[] a, float[] b) {
                        //@ loop_invariant 0 <= k && k <= a.length;
                        //@ loop_invariant (\\forall int i; 0 <= i && i < k; Float.floatToIntBits(a[i]) == Float.floatToIntBits(b[i] * 2));
                        //@ decreases a.length - k;
                        for (int k = 0; k < a.length; k++) {
                            a[k] = b[k] * 2;
                        }
                    }
                }
                """.formatted(value, elements))),
                List.of(),
                explanations,
                new OpenClauses(Map.of()),
                cache,
                m -> true);
    }

    @Test
    void noGuttedBodyMeetsAContractThatSaysTheValue() {
        MutationCheck.Report report = gutted(
                "Float.floatToIntBits(\\result) == Float.floatToIntBits(x * y + 1)",
                "(\\forall int i; 0 <= i && i < a.length; Float.floatToIntBits(a[i]) == Float.floatToIntBits(b[i] * 2))",
                Map.of());
        assertEquals(6, report.made());
        assertEquals(6, report.count(MutationCheck.Fate.NOT_PROVABLE), report.toString());
    }

    @Test
    void guttedBodiesSurviveContractsOfFramesAlone() {
        MutationCheck.Report report = gutted(
                "true", "a.length == b.length", Map.of("C.product: `return x * y + 1;` -> `return 1f;`", "a test"));
        // Of the six all but the constant that the loop's invariant excludes; one is explained.
        assertEquals(5, report.count(MutationCheck.Fate.SURVIVED), report.toString());
        assertEquals(4, report.failures().size(), report.failures().toString());
    }

    @Test
    void aSampleIsTheSameForASeedAndHasGuttedBodiesToo() {
        Mutator.Mutant gutted = new Mutator.Mutant(
                "C.m: `{ body }` -> `{ }`", "C.m", "C.java", 1, Mutator.HOLLOW, "", "", "", new Mutator.Edit(0, 0, ""));
        Mutator.Mutant other = new Mutator.Mutant(
                "C.m: `1` -> `2`", "C.m", "C.java", 1, "literal", "", "", "", new Mutator.Edit(0, 0, ""));
        assertTrue(MutationCheck.Choice.HOLLOW.takes(gutted, 1) && !MutationCheck.Choice.HOLLOW.takes(other, 1));
        assertTrue(MutationCheck.Choice.TRUE.takes(gutted, 1) && MutationCheck.Choice.TRUE.takes(other, 1));
        for (Mutator.Mutant m : List.of(gutted, other)) {
            long taken = java.util.stream.LongStream.range(0, 600)
                    .filter(seed -> MutationCheck.Choice.SAMPLE.takes(m, seed))
                    .count();
            assertTrue(0 < taken && taken < 600, m.operator() + ": " + taken);
            assertEquals(MutationCheck.Choice.SAMPLE.takes(m, 7), MutationCheck.Choice.SAMPLE.takes(m, 7));
        }
    }
}
