package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.solver.Counterexample;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Functions;
import org.threehalf.jml.vc.VcGenerator;

/** Counterexamples of conditions with quantifiers: they are ones, and there are none of what is so. */
class CounterexampleTest {
    @TempDir
    Path cache;

    /** The failing clause of a class's only method. */
    private ContractReport.Clause failing(String text) throws InterruptedException {
        List<String> errors = new ArrayList<>();
        try (Verifier verifier = new Verifier(new Z3Prover(cache, true))) {
            var methods = verifier.verify(
                    SourceReader.read(
                            List.of(new SourceReader.Source("C.java", "final class C {\n" + text + "\n}\n")),
                            List.of()),
                    m -> m.name().equals("f"),
                    errors,
                    m -> {});
            assertEquals(List.of(), errors);
            return methods.getFirst().clauses().stream()
                    .filter(c -> c.verdict() != Verdict.PROVED)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static int[] array(Map<String, String> example, String name) {
        String elements = example.getOrDefault(name, "").replaceAll("[\\[\\]]", "");
        return elements.isEmpty()
                ? new int[0]
                : Arrays.stream(elements.split(", "))
                        .mapToInt(Integer::parseInt)
                        .toArray();
    }

    @Test
    void arrayOfACounterexampleKeepsThePreconditionAndBreaksTheContract() throws InterruptedException {
        ContractReport.Clause c = failing("""
                /*@ requires a.length >= 2 && (\\forall int i; 0 <= i && i < a.length; 3 <= a[i] && a[i] <= 9);
                  @ requires (\\forall int i; 1 <= i && i < a.length; a[i - 1] < a[i]);
                  @ ensures \\result <= 8; @*/
                /*@ pure @*/ static int f(int[] a) {
                    return a[a.length - 1];
                }""");
        assertEquals(List.of(CheckKind.ENSURES, Verdict.REFUTED), List.of(c.kind(), c.verdict()));
        int[] a = array(c.counterexample(), "a");
        assertEquals(Integer.parseInt(c.counterexample().getOrDefault("a.length", "")), a.length);
        assertTrue(a.length >= 2 && a[0] >= 3, c.toString());
        for (int i = 1; i < a.length; i++) {
            assertTrue(a[i - 1] < a[i], c.toString());
        }
        assertEquals(9, a[a.length - 1]);
    }

    @Test
    void calledFunctionsHaveValuesThatTheirContractsAllow() throws InterruptedException {
        ContractReport.Clause c = failing("""
                /*@ requires 0 <= n && n <= a.length; measured_by n;
                  @ ensures true;
                  @ public static pure model \\bigint sum(int[] a, int n) { return n == 0 ? 0 : sum(a, n - 1) + a[n - 1]; } @*/
                /*@ requires a.length == 3 && (\\forall int i; 0 <= i && i < 3; 1 <= a[i] && a[i] <= 5) && sum(a, 3) == 14;
                  @ ensures \\result == 5; @*/
                /*@ pure @*/ static int f(int[] a) {
                    return a[1];
                }""");
        assertEquals(List.of(CheckKind.ENSURES, Verdict.REFUTED), List.of(c.kind(), c.verdict()));
        int[] a = array(c.counterexample(), "a");
        assertEquals(List.of(14, 4), List.of(Arrays.stream(a).sum(), a[1]), c.toString());
    }

    @Test
    void roundOfALoopThatBreaksItsInvariantIsShown() throws InterruptedException {
        ContractReport.Clause c = failing("""
                /*@ requires a.length <= 100;
                  @ assignable a[0 .. a.length - 1];
                  @ ensures (\\forall int i; 0 <= i && i < a.length; a[i] == i % 7); @*/
                static void f(int[] a) {
                    //@ loop_invariant 0 <= k && k <= a.length;
                    //@ loop_invariant (\\forall int i; 0 <= i && i < k; a[i] == i % 7);
                    //@ loop_writes a[0 .. a.length - 1];
                    //@ decreases a.length - k;
                    for (int k = 0; k < a.length; k++) {
                        a[k] = k % 8;
                    }
                }""");
        assertEquals(List.of(CheckKind.LOOP_INVARIANT, Verdict.REFUTED), List.of(c.kind(), c.verdict()));
        // The values are those after the round.
        int k = Integer.parseInt(c.counterexample().getOrDefault("k", "")) - 1;
        assertTrue(
                k % 7 != k % 8 && k < Integer.parseInt(c.counterexample().getOrDefault("a.length", "")), c.toString());
    }

    /** The search is made for what is proved, too, where the prover does not make it. */
    @Test
    void whatIsProvedHasNoCounterexample() throws IOException {
        int searched = 0;
        for (String file : List.of("Arithmetic", "Bits", "Arrays", "Loops", "Calls")) {
            SourceReader.Source source = Corpus.corpus(file);
            Map<String, String> expected = Corpus.expectations(source.text());
            Program program = SourceReader.read(List.of(source), List.of());
            Functions functions = new Functions(program);
            for (MethodModel m : program.methods().values()) {
                if (!"".equals(expected.get(m.name()))) {
                    continue;
                }
                VcGenerator.Result result = VcGenerator.generate(m, functions);
                SmtWriter writer = new SmtWriter(functions, m, result.measure());
                for (Condition c : result.conditions()) {
                    if (!c.feasible()) {
                        for (SmtWriter.Script script : writer.write(c)) {
                            assertTrue(
                                    Counterexample.of(script).isEmpty(),
                                    file + "." + m.name() + ": " + c.clause() + ": " + Counterexample.of(script));
                            searched++;
                        }
                    }
                }
            }
        }
        assertTrue(searched > 100, searched + " conditions");
    }
}
