package org.threehalf.jml.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A method with its contract.
 *
 * @param key {@code org.x.C.m(int,byte[])}
 * @param owner the class's qualified name
 * @param file the source's name for messages
 * @param body null for a method whose body the prover must not see (abstract, or a model method without one)
 * @param modelBody the expression that defines a model method
 */
public record MethodModel(
        String key,
        String owner,
        String name,
        String file,
        int line,
        List<Param> params,
        Ty result,
        Spec spec,
        Stmt.@Nullable Block body,
        @Nullable Expr modelBody,
        boolean model,
        boolean visible) {

    /**
     * A parameter.
     *
     * @param name as declared
     * @param type its type
     * @param nullable whether null may be passed
     */
    public record Param(String name, Ty type, boolean nullable) {}

    /** How arithmetic in Java code is judged (JML's code_…_math). */
    public enum Arithmetic {
        /** Overflow and casts that lose value are errors. JML's default. */
        SAFE,
        /** Wrap-around, silently. */
        JAVA,
        /** Mathematical integers. Only specifications have it here. */
        BIGINT
    }

    /**
     * A contract.
     *
     * @param cases the cases, at least one
     * @param specMath arithmetic in specifications
     * @param nullable whether the result may be null
     */
    public record Spec(
            boolean pure,
            boolean explicit,
            Arithmetic code,
            Arithmetic specMath,
            List<Case> cases,
            @Nullable Clause measuredBy,
            boolean nullable) {}

    /**
     * A specification case.
     *
     * @param assignable null where no clause says so
     * @param signalsOnly null where no clause says so; qualified names once the contract is read
     */
    public record Case(
            Kind kind,
            int line,
            List<Clause> requires,
            List<Clause> ensures,
            @Nullable List<Location> assignable,
            @Nullable List<String> signalsOnly,
            List<Signals> signals) {
        /** The case's keyword. */
        public enum Kind {
            NORMAL,
            EXCEPTIONAL,
            LIGHTWEIGHT
        }
    }

    /**
     * {@code signals (Exception e) condition}.
     *
     * @param exception qualified once the contract is read
     * @param variable how the condition names the exception, of which it can say nothing; empty where it does not
     */
    public record Signals(int line, String text, String exception, String variable, Expr condition) {}

    /** The class's simple name and the method's: {@code Class.method}. */
    public String shortName() {
        return owner.substring(owner.lastIndexOf('.') + 1) + "." + name;
    }
}
