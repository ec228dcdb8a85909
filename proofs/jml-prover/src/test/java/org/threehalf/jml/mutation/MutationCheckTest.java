package org.threehalf.jml.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.jml.OpenClauses;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.jml.frontend.SourceReader;

/** Mutants of a small method with a strong and with a weak contract. */
class MutationCheckTest {
    private static final Lookup HERE = Lookup.sources(List.of());

    private static final String SURVIVOR = "C.next: `1` -> `2`";

    @TempDir
    Path cache;

    private MutationCheck.Report check(String ensures, Map<String, String> explanations) throws InterruptedException {
        return check(ensures, explanations, m -> true);
    }

    private MutationCheck.Report check(
            String ensures, Map<String, String> explanations, Predicate<Mutator.Mutant> chosen)
            throws InterruptedException {
        List<SourceReader.Source> sources = List.of(new SourceReader.Source("C.java", """
                final class C {
                    /*@ requires 0 <= a && a <= 100; ensures %s; @*/
                    /*@ pure @*/ static int next(int a) {
                        return a + 1;
                    }
                }
                """.formatted(ensures)));
        return MutationCheck.check(
                sources,
                HERE,
                MutationCheck.mutants(sources, HERE),
                explanations,
                new OpenClauses(Map.of()),
                cache,
                chosen);
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

    private MutationCheck.Report hollow(
            String value, String elements, Map<String, String> explanations, Predicate<Mutator.Mutant> chosen) {
        List<SourceReader.Source> sources = List.of(new SourceReader.Source("C.java", """
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
                """.formatted(value, elements)));
        return HollowBodies.check(
                sources,
                HERE,
                HollowBodies.mutants(sources, HERE),
                explanations,
                new OpenClauses(Map.of()),
                cache,
                chosen);
    }

    private List<String> hollow(String id, String ensures) {
        return findings(id, ensures).claiming();
    }

    private HollowBodies.Findings findings(String id, String ensures) {
        return HollowBodies.hollow(
                List.of(new SourceReader.Source("C.java", """
                        final class C {
                            static final int ONE = 1;
                            /** Says a thing (%s). */
                            /*@ requires 0 <= a && a <= 100; ensures %s; @*/
                            /*@ pure @*/ static int next(int a) {
                                return a + ONE;
                            }
                        }
                        """.formatted(id, ensures))),
                Set.of("C.java"),
                Set.of("C.java C.next"),
                HERE,
                cache);
    }

    /** A tautology, a range that a constant or the parameter meets; not a value, nor a range that neither meets. */
    @Test
    void aContractThatNamesARequirementIsMetByNoGuttedBody() {
        String id = "REQ-" + "ABC-001";
        assertEquals(1, hollow(id, "\\result == \\result").size());
        assertEquals(1, hollow(id, "0 <= \\result && \\result <= 101").size());
        assertTrue(hollow(id, "true").getFirst().contains("C.next names a requirement"));
        assertEquals(List.of(), hollow(id, "\\result == a + 1"));
        assertEquals(1, hollow(id, "\\result >= a").size());
        assertEquals(List.of(), hollow(id, "\\result > a"));
        assertEquals(List.of(), hollow("no id", "true"));
    }

    /** What a contract says of NaN, or of the ends of a range, is no value. */
    @Test
    void aContractThatSaysWhatBecomesOfNaNAloneIsHollow() {
        String source = """
                final class C {
                    /** REQ-%s. */
                    /*@ ensures x != x ==> \\result != \\result; %s @*/
                    /*@ pure @*/ static float f(float x) {
                        %s
                    }
                }
                """;
        String id = "ABC-001";
        String ends = "ensures x < -9 ==> Float.floatToIntBits(\\result) == 0;";
        for (String wrong : List.of(
                source.formatted(id, "", "return x;"),
                source.formatted(
                        id, "ensures x > 0 ==> !(\\result < 0); ensures x < 0 ==> !(\\result > 0);", "return x;"),
                source.formatted(id, ends, "if (x < -9) { return 0; } return x != x ? x : -42;"))) {
            assertEquals(1, claiming(wrong).size(), wrong);
        }
        assertEquals(
                List.of(),
                claiming(source.formatted(
                        id, "ensures Float.floatToIntBits(\\result) == Float.floatToIntBits(x);", "return x;")));
    }

    private List<String> claiming(String source) {
        return HollowBodies.hollow(
                        List.of(new SourceReader.Source("C.java", source)), Set.of("C.java"), Set.of(), HERE, cache)
                .claiming();
    }

    /** Where no requirement is named that is no fault, but said. */
    @Test
    void ofOtherMethodsItIsNoted() {
        assertEquals(Set.of("C.next"), findings("no id", "\\result >= a").others());
        assertEquals(Set.of(), findings("no id", "\\result > a").others());
        assertEquals(Set.of(), findings("REQ-" + "ABC-001", "\\result >= a").others());
    }

    /** Of two classes of one simple name each has its own contracts, mutants and explanations. */
    @Test
    void aHollowContractIsNotSavedByAClassOfTheSameName() {
        String source = """
                package %s;
                public final class C {
                    /** Says a thing (REQ-%s). */
                    /*@ requires 0 <= a && a <= 100; ensures %s; @*/
                    /*@ pure @*/ public static int next(int a) {
                        return a + 1;
                    }
                }
                """;
        List<SourceReader.Source> sources = List.of(
                new SourceReader.Source("p/C.java", source.formatted("p", "ABC-001", "true")),
                new SourceReader.Source("q/C.java", source.formatted("q", "ABC-001", "\\result == a + 1")));
        List<String> found = HollowBodies.hollow(sources, Set.of("p/C.java", "q/C.java"), Set.of(), HERE, cache)
                .claiming();
        assertEquals(1, found.size(), found.toString());
        assertTrue(found.getFirst().startsWith("p/C.java:"), found.toString());
        List<Mutator.Mutant> mutants = Mutator.mutants(sources, HERE);
        assertEquals(
                mutants.size(),
                mutants.stream().map(Mutator.Mutant::id).distinct().count());
    }

    private MutationCheck.Report gutted(String product, String copy, Map<String, String> explanations) {
        return hollow(product, copy, explanations, Mutator.Mutant::gutted);
    }

    @Test
    void noGuttedBodyMeetsAContractThatSaysTheValue() {
        MutationCheck.Report report = gutted(
                "Float.floatToIntBits(\\result) == Float.floatToIntBits(x * y + 1)",
                "(\\forall int i; 0 <= i && i < a.length; Float.floatToIntBits(a[i]) == Float.floatToIntBits(b[i] * 2))",
                Map.of());
        assertEquals(6, report.outcomes().size());
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

    /**
     * Small faults in methods on floating point are judged, too: by a contract that says the value, and by one that
     * does not.
     */
    @Test
    void faultsOnFloatingPointAreFound() {
        MutationCheck.Report strong = hollow(
                "Float.floatToIntBits(\\result) == Float.floatToIntBits(x * y + 1)",
                "(\\forall int i; 0 <= i && i < a.length; Float.floatToIntBits(a[i]) == Float.floatToIntBits(b[i] * 2))",
                Map.of(),
                m -> m.method().equals("C.product") && !m.gutted());
        assertTrue(strong.outcomes().size() >= 4, strong.toString());
        assertEquals(0, strong.count(MutationCheck.Fate.SURVIVED), strong.toString());
        MutationCheck.Report weak = hollow(
                "true",
                "true",
                Map.of(),
                m -> m.method().equals("C.product") && m.operator().equals("operator"));
        assertEquals(weak.outcomes().size(), weak.failures().size(), weak.toString());
        assertTrue(
                weak.unjudged() > 0 && weak.chosenBy("by hand").chosen().endsWith("mutants (by hand)"), weak.chosen());
    }

    private static Mutator.Mutant made(int number, String operator, boolean floating) {
        String id = "C.m: `%d %s %s`".formatted(number, operator, floating);
        return new Mutator.Mutant(
                id, "C.m", false, floating, "C.java", 1, operator, "", "", "", new Mutator.Edit(0, 0, ""));
    }

    @Test
    void aSampleIsTheSameForASeedAndHasSomeOfEachSort() {
        List<Mutator.Mutant> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.addAll(
                    List.of(made(i, Mutator.HOLLOW, i % 2 == 0), made(i, "literal", false), made(i, "literal", true)));
        }
        assertEquals(300, MutationCheck.Choice.TRUE.among(all, 1).size());
        assertEquals(100, MutationCheck.Choice.HOLLOW.among(all, 1).size());
        Set<String> sample = MutationCheck.Choice.SAMPLE.among(all, 1);
        assertEquals(
                6, sample.stream().filter(id -> id.contains(Mutator.HOLLOW)).count());
        assertEquals(
                5, sample.stream().filter(id -> id.contains("literal false")).count());
        assertEquals(
                2, sample.stream().filter(id -> id.contains("literal true")).count());
        assertEquals(sample, MutationCheck.Choice.SAMPLE.among(all, 1));
        assertNotEquals(sample, MutationCheck.Choice.SAMPLE.among(all, 2));
        assertEquals("a sample, drawn by seed 7", MutationCheck.Choice.SAMPLE.words(7));
    }
}
