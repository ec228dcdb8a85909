package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Functions;
import org.threehalf.jml.vc.VcGenerator;

/** What lies outside the subset is refused by name and line; nothing is skipped. */
class SubsetTest {
    private static String refusal(String member) {
        SourceReader.Source source = new SourceReader.Source("C.java", "final class C {\n" + member + "\n}\n");
        return String.valueOf(assertThrows(
                        UnsupportedSyntaxException.class,
                        () -> {
                            Program program = SourceReader.read(List.of(source), List.of());
                            Functions functions = new Functions(program);
                            for (MethodModel m : program.methods().values()) {
                                VcGenerator.Result result = VcGenerator.generate(m, functions);
                                SmtWriter writer = new SmtWriter(functions, m, result.measure());
                                new ArrayList<>(result.conditions()).forEach(writer::write);
                            }
                        },
                        member)
                .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "begin with  | /*@ ensures \\result == (\\sum int i; i == 3; i); @*/ /*@ pure @*/ static int m() { return 3; }",
                "product     | /*@ ensures \\result == (\\product int i; 0 <= i && i < 3; i); @*/ /*@ pure @*/ static int m() { return 3; }",
                "represents  | //@ represents x = 3;",
                "invariant   | //@ public invariant true;",
                "accessible  | /*@ requires true; accessible \\nothing; @*/ static void m() { }",
                "diverges    | /*@ requires true; diverges true; @*/ static void m() { }",
                "behavior    | /*@ public behavior requires true; @*/ static void m() { }",
                "informal    | /*@ requires (* something *); @*/ static void m() { }",
                "unreachable | static void m() { //@ unreachable;",
                "conditional | /*+OPENJML@ requires true; @*/ static void m() { }",
                "chained     | /*@ requires 0 <= a > 3; @*/ static void m(int a) { }",
                "switch      | static int m(String a) { switch (a) { default: return 1; } }",
                "no variable of an enum | static int m(int a) { return switch (a + 1) { default -> 1; }; }",
                "not -> an expression | enum E { A, B } static int m(E e) { return switch (e) { case A -> 0; case B -> { yield 1; } }; }",
                "ordinal      | enum E { A, B } static int m(E e) { return e.ordinal(); }",
                "finally     | static void m() { try { } finally { } }",
                "enhanced    | static void m(java.util.List<Integer> a) { for (int x : a) { } }",
                "not always evaluated | static int m(int a) { return a > 0 ? a++ : 1; }",
                "lambda      | static void m() { Runnable r = () -> { }; }",
                "instance    | void m() { }",
                "hides       | /*@ requires (\\forall int a; 0 <= a && a < 3; a < 4); @*/ static void m(int a) { }",
                "not pure    | static int n() { return 1; } /*@ requires n() == 1; @*/ static void m() { }",
                "nothing is called y | /*@ requires y > 0; @*/ static void m(int a) { }",
                "javac       | static int m() { return true; }",
                "`--`        | /*@ ensures \\result == --a; @*/ static int m(int a) { return a; }",
                "`++`        | /*@ ensures \\result == a++ + 1; @*/ static int m(int a) { return a; }",
                "at a place  | static int m() { return /*@ nullable @*/ 1; }",
            })
    void refusedByName(String named, String member) {
        String text = member.endsWith("unreachable;") ? member + "\n}" : member;
        String message = refusal(text);
        assertTrue(message.contains(named.strip()), message);
        assertTrue(message.startsWith("C.java:"), message);
    }

    @Test
    void assumptionsAreTrustItems() {
        SourceReader.Source source = new SourceReader.Source("C.java", """
                final class C {
                    /*@ ensures \\result == 2; @*/
                    /*@ pure @*/ static int m() {
                        //@ assume 1 == 2;
                        return 1;
                    }
                }
                """);
        Program program = SourceReader.read(List.of(source), List.of());
        VcGenerator.Result result =
                VcGenerator.generate(program.methods().firstEntry().getValue(), new Functions(program));
        assertEquals(List.of(new Condition.Check(CheckKind.ASSUME, 4, "1 == 2")), result.assumptions());
    }
}
