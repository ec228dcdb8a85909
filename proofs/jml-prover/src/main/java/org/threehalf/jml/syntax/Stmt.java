package org.threehalf.jml.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of Java, or of JML between Java's. */
public sealed interface Stmt {
    int line();

    /** Statements, one after the other; variables end with it. */
    record Block(int line, List<Stmt> body) implements Stmt {}

    /** A local variable; a ghost one is JML's. */
    record Local(int line, String name, Ty type, @Nullable Expr init, boolean ghost) implements Stmt {}

    /** An expression for what it does. */
    record Do(int line, Expr expr) implements Stmt {}

    /** A choice. */
    record If(int line, Expr test, Stmt then, @Nullable Stmt otherwise) implements Stmt {}

    /** A for or while loop. */
    record Loop(int line, List<Stmt> init, @Nullable Expr test, List<Stmt> update, Stmt body, LoopSpec spec)
            implements Stmt {}

    /** Ends the method; with a value unless it is void. */
    record Return(int line, @Nullable Expr value) implements Stmt {}

    /**
     * Throws a new exception.
     *
     * @param exception its class's qualified name
     * @param parts the constructor's arguments
     */
    record Throw(int line, String exception, List<Expr> parts) implements Stmt {}

    /** Leaves what the label names; without one, the innermost loop or switch. */
    record Break(int line, @Nullable String label) implements Stmt {}

    /** Goes on with the next round of what the label names; without one, of the innermost loop. */
    record Continue(int line, @Nullable String label) implements Stmt {}

    /** A statement that {@code break} leaves: a labelled one, or, without label, a switch. */
    record Labeled(int line, @Nullable String label, Stmt body) implements Stmt {}

    /** A try statement without resources and without finally. */
    record Try(int line, Stmt body, List<Catch> catches) implements Stmt {}

    /**
     * A catch clause.
     *
     * @param exceptions qualified names
     */
    record Catch(List<String> exceptions, String variable, Stmt body) {}

    /** JML's assert. */
    record Assert(int line, String text, Expr condition) implements Stmt {}

    /** JML's assume: a trust item. */
    record Assume(int line, String text, Expr condition) implements Stmt {}

    /** JML's set. */
    record Set(int line, Expr.Assign assignment) implements Stmt {}
}
