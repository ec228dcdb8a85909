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

    /** How an instance method's first parameter is called. */
    String THIS = "this";

    /** The line in the source. */
    int line();

    /** A literal or compile-time constant: Integer, Long, Float, Double, Boolean, Character, String, or null. */
    record Lit(int line, Ty type, @Nullable Object value) implements Expr {}

    /** A local variable, parameter or simple name. */
    record Name(int line, String name) implements Expr {}

    /** {@code target.name}. */
    record Field(int line, Expr target, String name) implements Expr {}

    /** An element of an array. */
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

    /** An operator before its operand. */
    record Unary(int line, Op op, Expr operand) implements Expr {
        /** Java's unary operators, but for the steps, which assign. */
        public enum Op {
            PLUS("+"),
            MINUS("-"),
            NOT("!"),
            COMPLEMENT("~");

            private final String symbol;

            Op(String symbol) {
                this.symbol = symbol;
            }

            /** As Java writes it. */
            @Override
            public String toString() {
                return symbol;
            }
        }
    }

    /** An operator between its operands. */
    record Binary(int line, Op op, Expr left, Expr right) implements Expr {
        /** Java's binary operators, and JML's implication; JML's equivalence is equality of booleans. */
        public enum Op {
            IMPLIES("==>"),
            OR("||"),
            AND("&&"),
            BIT_OR("|"),
            BIT_XOR("^"),
            BIT_AND("&"),
            EQUAL("=="),
            /** Equality that tells +0 from -0; nobody writes it ({@link WhichZero}). */
            SAME("== by bits"),
            NOT_EQUAL("!="),
            LESS("<"),
            AT_MOST("<="),
            GREATER(">"),
            AT_LEAST(">="),
            SHIFT_LEFT("<<"),
            SHIFT_RIGHT(">>"),
            UNSIGNED_SHIFT_RIGHT(">>>"),
            ADD("+"),
            SUBTRACT("-"),
            MULTIPLY("*"),
            DIVIDE("/"),
            REMAINDER("%");

            private final String symbol;

            Op(String symbol) {
                this.symbol = symbol;
            }

            /** Whether the right operand is evaluated only where the left one does not decide. */
            public boolean lazy() {
                return this == AND || this == OR || this == IMPLIES;
            }

            /** Whether it compares numbers by size. */
            public boolean compares() {
                return upward() || this == GREATER || this == AT_LEAST;
            }

            /** Whether the left operand is the smaller one. */
            public boolean upward() {
                return this == LESS || this == AT_MOST;
            }

            /** Whether it shifts an integer's bits. */
            public boolean shifts() {
                return this == SHIFT_LEFT || this == SHIFT_RIGHT || this == UNSIGNED_SHIFT_RIGHT;
            }

            /** As Java and JML write it. */
            @Override
            public String toString() {
                return symbol;
            }
        }
    }

    /** {@code test ? then : otherwise}. */
    record Cond(int line, Expr test, Expr then, Expr otherwise) implements Expr {}

    /** A choice by the value of an enum variable, which must not be null. */
    record Chosen(int line, Expr selector, Expr choice) implements Expr {}

    /** A cast to a primitive type. */
    record Cast(int line, Ty type, Expr operand) implements Expr {}

    /**
     * {@code target op= value}.
     *
     * @param op null of a plain assignment
     * @param post whether the expression's value is the one before, as in {@code i++}
     */
    record Assign(int line, Binary.@Nullable Op op, Expr target, Expr value, boolean post) implements Expr {}

    /**
     * A new array.
     *
     * @param length null where the elements are written
     * @param values the elements, where they are written
     */
    record NewArray(int line, Ty.Prim element, @Nullable Expr length, List<Expr> values) implements Expr {}

    /** An object whose value no contract can see: an exception, a string concatenation's operand. */
    record Opaque(int line, String type, List<Expr> parts) implements Expr {}

    /**
     * {@code \forall} or {@code \exists}.
     *
     * @param range what is said of the variables first; true where nothing is
     */
    record Quantified(int line, boolean universal, Ty type, List<String> vars, Expr range, Expr body) implements Expr {}

    /**
     * {@code \sum} or {@code \num_of} over the integers of a range.
     *
     * @param count whether the body is a condition, and what is counted are the integers that meet it
     */
    record Sum(int line, boolean count, Ty type, String variable, Expr range, Expr body) implements Expr {}

    /**
     * A component of a record.
     *
     * @param call whether it is asked for by its accessor, {@code target.name()}
     */
    record Component(int line, Expr target, String name, boolean call) implements Expr {}

    /** {@code new P(…)} of a record. */
    record NewRecord(int line, Ty.Rec type, List<Expr> values) implements Expr {}

    /** A private static final array of constants, which is read and never written or passed on. */
    record Table(int line, Ty.Prim element, String name, List<Expr> values) implements Expr {}

    /** {@code \result}. */
    record Result(int line) implements Expr {}

    /** {@code \old(…)}: the value at the method's start. */
    record Old(int line, Expr operand) implements Expr {}

    /** {@code \fresh(…)}: that an array did not exist at the method's start. */
    record Fresh(int line, Expr operand) implements Expr {}
}
