package org.threehalf.jml.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An expression of Java or JML. Java's come from javac's tree with constants and methods resolved; JML's are resolved
 * by name.
 */
public sealed interface Expr {
    /** What JML calls the index of a loop over an array. */
    String COUNT = "\\count";

    /** The owner of an array's methods. */
    String ARRAY = "[]";

    /** The line in the source. */
    int line();

    /** A literal or compile-time constant: Integer, Long, Float, Double, Boolean, Character, String, or null. */
    record Lit(int line, Ty type, @Nullable Object value) implements Expr {}

    /** A local variable, parameter or simple name. */
    record Name(int line, String name) implements Expr {}

    /** {@code target.name}. */
    record Field(int line, Expr target, String name) implements Expr {}

    record Index(int line, Expr array, Expr index) implements Expr {}

    /**
     * A call.
     *
     * @param owner the written qualifier, or null
     * @param key the resolved method where javac resolved it ({@code org.x.C.m(int,byte[])}), otherwise null
     */
    record Call(
            int line,
            @Nullable String owner,
            String name,
            List<Expr> args,
            @Nullable String key) implements Expr {
        /** Whether javac resolved it to a method with these parameters. */
        public boolean takes(String... parameters) {
            return key != null && key.endsWith("(" + String.join(",", parameters) + ")");
        }
    }

    record Unary(int line, String op, Expr operand) implements Expr {}

    record Binary(int line, String op, Expr left, Expr right) implements Expr {}

    record Cond(int line, Expr test, Expr then, Expr otherwise) implements Expr {}

    /** A choice by the value of an enum variable, which must not be null. */
    record Chosen(int line, Expr selector, Expr choice) implements Expr {}

    record Cast(int line, Ty type, Expr operand) implements Expr {}

    /**
     * {@code target op= value}; a plain assignment has the empty op.
     *
     * @param post whether the expression's value is the one before, as in {@code i++}
     */
    record Assign(int line, String op, Expr target, Expr value, boolean post) implements Expr {}

    record NewArray(int line, Ty.Prim element, @Nullable Expr length, List<Expr> values) implements Expr {}

    /** An object whose value no contract can see: an exception, a string concatenation's operand. */
    record Opaque(int line, String type, List<Expr> parts) implements Expr {}

    record Quantified(int line, boolean universal, Ty type, List<String> vars, Expr range, Expr body) implements Expr {}

    /**
     * {@code \sum} or {@code \num_of} over the integers of a range.
     *
     * @param count whether the body is a condition, and what is counted are the integers that meet it
     */
    record Sum(int line, boolean count, Ty type, String variable, Expr range, Expr body) implements Expr {}

    /** A private static final array of constants, which is read and never written or passed on. */
    record Table(int line, Ty.Prim element, String name, List<Expr> values) implements Expr {}

    record Result(int line) implements Expr {}

    record Old(int line, Expr operand) implements Expr {}

    record Fresh(int line, Expr operand) implements Expr {}
}
