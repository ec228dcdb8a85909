package org.threehalf.jml.frontend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What belongs to a method: its own Javadoc, annotations and JML, and nothing of its neighbours'. */
class DeclaredMethodTest {
    private static final List<DeclaredMethod> METHODS =
            DeclaredMethod.of(List.of(new SourceReader.Source("a/A.java", """
            package a;
            /** The class. */
            @Tag("outer")
            class A {
                //@ requires of == the && model;
                //@ ensures no;
                /** First. */
                @org.x.Test
                /*@ public normal_behavior
                      requires x > 0; ensures \\result == set(x) && assume(x);
                  */
                int first(int x, final String[] y) {
                    //@ loop_invariant x >= 0;
                    //@ decreases x; set g = 1;
                    while (x > 0) { x--; }
                    return "//@ assert no;".length();
                }
                // No Javadoc.
                void second() {}
                /// Written in Markdown.
                void third() {}
                static class B {
                    /** Nested. */
                    B() {}
                }
            }
            """)));

    private static DeclaredMethod method(String name) {
        return METHODS.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void namesTypesAndLinesAreAsWritten() {
        assertEquals(
                List.of("first", "second", "third", "<init>"),
                METHODS.stream().map(DeclaredMethod::name).toList());
        assertEquals(List.of("int", "String[]"), method("first").parameters());
        assertEquals(8, method("first").line());
        assertEquals("a.A$B", method("<init>").type());
    }

    @Test
    void javadocAndAnnotationsAreTheMethodsOwn() {
        assertEquals("First.", method("first").javadoc().strip());
        assertEquals("", method("second").javadoc());
        assertEquals("Written in Markdown.", method("third").javadoc().strip());
        assertEquals("Nested.", method("<init>").javadoc().strip());
        assertEquals("The class.", method("<init>").typeDocs().strip());
        assertEquals("Test", method("first").annotations().getFirst().name());
        assertTrue(method("<init>").typeAnnotations().getFirst().text().contains("outer"));
    }

    /** Words of clauses within expressions are none, nor is what stands before the Javadoc or in a literal. */
    @Test
    void clausesAreCountedWhereTheyBegin() {
        assertEquals(
                Map.of("requires", 1, "ensures", 1, "loop_invariant", 1, "decreases", 1, "set", 1),
                method("first").contract().clauses());
        assertFalse(method("first").contract().text().contains("model"));
        assertEquals(Map.of(), method("second").contract().clauses());
    }
}
