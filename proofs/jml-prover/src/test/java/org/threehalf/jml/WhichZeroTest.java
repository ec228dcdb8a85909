package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.jml.frontend.Lookup;

/** Contracts that hold of a method only because -0 equals +0, and others that must not be taken for such. */
class WhichZeroTest {
    @TempDir
    Path project;

    @BeforeEach
    void cache() {
        System.setProperty("prover.cache", project.resolve("cache").toString());
    }

    @AfterEach
    void noCache() {
        System.clearProperty("prover.cache");
    }

    private ContractReport report(String method) throws IOException, InterruptedException {
        List<Path> files =
                List.of(Files.writeString(project.resolve("C.java"), "public final class C {\n" + method + "}\n"));
        Lookup lookup = Lookup.sources(List.of());
        ContractReport proved = ContractCheck.check(files, List.of(), project, lookup, Set.of(), m -> {});
        assertEquals(List.of(), proved.failures());
        return ContractCheck.withHollow(proved, files, List.of(), project, lookup);
    }

    private void refused(String clause, String method) throws IOException, InterruptedException {
        List<String> failures = report(method).failures();
        assertTrue(
                failures.size() == 1 && failures.getFirst().contains(clause + " holds only because -0 equals +0"),
                failures.toString());
    }

    private void passes(String method) throws IOException, InterruptedException {
        ContractReport report = report(method);
        assertEquals("all proved", report.summary(), report.failures().toString());
    }

    @Test
    void aFormulasZeroIsItsOwn() throws IOException, InterruptedException {
        refused("ensures `\\result == x * 2`", """
                    //@ requires 0 <= x && x <= 8;
                    //@ ensures \\result == x * 2;
                    public static float wrong(float x) {
                        float z = x * 2;
                        if (z == 0) {
                            return -0.0f;
                        }
                        return z;
                    }
                """);
        passes("""
                    //@ requires 0 <= x && x <= 8;
                    //@ ensures \\result == x * 2;
                    public static float right(float x) {
                        float z = 2 * x;
                        return z;
                    }
                """);
    }

    @Test
    void soIsThatOfEachElementAndOfAFunction() throws IOException, InterruptedException {
        String loop = """
                    //@ requires a != b && a.length == b.length;
                    //@ requires (\\forall int i; 0 <= i && i < b.length; 0 <= b[i] && b[i] <= 8);
                    //@ assignable a[*];
                    //@ ensures (\\forall int i; 0 <= i && i < a.length; a[i] == b[i] * 2);
                    public static void twice(float[] a, float[] b) {
                        //@ loop_invariant 0 <= k && k <= a.length;
                        //@ loop_invariant (\\forall int i; 0 <= i && i < k; a[i] == b[i] * 2);
                        //@ decreases a.length - k;
                        for (int k = 0; k < a.length; k++) {
                            a[k] = %s;
                        }
                    }
                """;
        passes(loop.formatted("b[k] * 2"));
        refused(
                "loop_invariant `(\\forall int i; 0 <= i && i < k; a[i] == b[i] * 2)`",
                loop.formatted("b[k] == 0 ? -0f : b[k] * 2"));
        String function = """
                    //@ requires 0 <= x && x <= 8;
                    //@ ensures \\result == x * 3;
                    /*@ pure @*/ public static float three(float x) { return x * 3; }
                    //@ requires 0 <= x && x <= 8;
                    //@ ensures \\result == three(x);
                    public static float call(float x) { return %s; }
                """;
        refused("ensures `\\result == three(x)`", function.formatted("x == 0 ? -0f : three(x)"));
    }

    /** What chooses between numbers, and compares with one, is as usual; whoever names a requirement means bits. */
    @Test
    void aChoiceIsNoFormulaUnlessARequirementIsNamed() throws IOException, InterruptedException {
        String larger = """
                    /** %s. */
                    //@ requires -8 <= x && x <= 8 && -8 <= y && y <= 8;
                    //@ ensures \\result == Math.max(x, y);
                    public static float larger(float x, float y) { return x > y ? x : y; }
                """;
        passes(larger.formatted("The larger one"));
        refused("ensures `\\result == Math.max(x, y)`", larger.formatted("REQ-" + "ABC-001"));
        passes("""
                    //@ requires x <= 8;
                    //@ ensures x >= 0 ==> \\result == x;
                    //@ ensures x <= 0 ==> \\result == -x;
                    public static float magnitude(float x) { return Math.abs(x); }
                """);
    }

    /** A formula's equality need not stand bare: negated, compared with a truth, counted, on the left, in a range. */
    @Test
    void theSameSaidInAnotherWayIsTheSame() throws IOException, InterruptedException {
        String sum = """
                    //@ requires -1 <= a && a <= 1 && -1 <= b && b <= 1;
                    //@ ensures %s;
                    public static float sum(float a, float b) { float s = a + b; return %s; }
                """;
        for (String clause : List.of(
                "(\\result == a + b) == true",
                "!(\\result != a + b)",
                "(\\result == a + b) & true",
                "\\result == a + b <==> true",
                "\\result != a + b ==> false",
                "(\\result == a + b) == !(\\result != a + b) && \\result == a + b",
                "(\\result == a + b) == (a <= 1)",
                "(\\forall int k; 0 <= k && k < 1 && \\result != a + b; false)")) {
            refused("ensures `" + clause + "`", sum.formatted(clause, "s == 0 ? -0f : s"));
        }
        passes(sum.formatted("!(\\result != a + b) && (\\result == a + b <==> true)", "s"));
        passes("""
                    //@ requires -8 <= x && x <= 8;
                    //@ ensures \\result == (x != 0 && x + x == x * 2);
                    /*@ pure @*/ public static boolean some(float x) { return x != 0; }
                    //@ requires -8 <= x && x <= 8;
                    //@ ensures x != 0 ==> \\result == x * 2;
                    //@ ensures \\result != 0 ==> x != 0;
                    public static float twice(float x) { return x * 2; }
                """);
    }

    @Test
    void aBodyThatCouldGoIsNoted() throws IOException, InterruptedException {
        ContractReport report = report("""
                    //@ requires 0 <= n && n <= 9;
                    //@ ensures 0 <= \\result && \\result <= 9;
                    public static int some(int n) { return 9 - n; }
                """);
        assertTrue(report.passed(), report.failures().toString());
        assertTrue(
                report.summary().startsWith("all proved; little is said")
                        && report.summary().endsWith("too: C.some"),
                report.summary());
    }
}
