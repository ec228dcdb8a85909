package org.threehalf.inference.template;

import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A template's statements and expressions. */
sealed interface Node {

    /** What has a value. */
    sealed interface Expression extends Node {}

    record Literal(@Nullable Object value) implements Expression {}

    record Name(String name) implements Expression {}

    /** A list, or a tuple, which is spelt otherwise. */
    record ListOf(List<Expression> elements, boolean tuple) implements Expression {}

    record DictOf(List<Expression> keys, List<Expression> values) implements Expression {}

    /** {@code of.name}. */
    record Attribute(Expression of, String name) implements Expression {}

    /** {@code of[index]}. */
    record Item(Expression of, Expression index) implements Expression {}

    /** {@code of[from:to:step]}. */
    record Slice(
            Expression of,
            @Nullable Expression from,
            @Nullable Expression to,
            @Nullable Expression step) implements Expression {}

    record Call(Expression function, Arguments arguments) implements Expression {}

    record Filter(Expression of, String name, Arguments arguments) implements Expression {}

    record Test(Expression of, String name, Arguments arguments, boolean negated) implements Expression {}

    record Not(Expression of) implements Expression {}

    record Negative(Expression of) implements Expression {}

    record Binary(String operator, Expression left, Expression right) implements Expression {}

    /** {@code first op rest op rest …}: each pair of neighbours must hold. */
    record Comparison(Expression first, List<String> operators, List<Expression> rest) implements Expression {}

    record Conditional(
            Expression condition, Expression then, @Nullable Expression otherwise) implements Expression {}

    /** What is given to a function. */
    record Arguments(List<Expression> positional, SequencedMap<String, Expression> named) {}

    record Text(String text) implements Node {}

    record Print(Expression value) implements Node {}

    record If(Expression condition, List<Node> then, List<Node> otherwise) implements Node {}

    record For(
            List<String> targets, Expression in, @Nullable Expression condition, List<Node> body, List<Node> otherwise)
            implements Node {}

    /** {@code set name = value}; with an attribute, of a namespace. */
    record Assign(List<String> names, @Nullable String attribute, Expression value) implements Node {}

    /** {@code set name} … {@code endset}, through filters. */
    record Capture(String name, List<Filter> filters, List<Node> body) implements Node {}

    /** {@code filter f} … {@code endfilter}. */
    record Filtered(List<Filter> filters, List<Node> body) implements Node {}

    /**
     * With whether its body names {@code varargs}, {@code kwargs} and {@code caller}: only such a macro takes more than
     * its parameters.
     */
    record Macro(
            String name,
            List<String> parameters,
            List<@Nullable Expression> defaults,
            List<Node> body,
            boolean takesMore,
            boolean takesNamed,
            boolean takesCaller)
            implements Node {}

    /** {@code with name = value, …} … {@code endwith}. */
    record With(List<String> names, List<Expression> values, List<Node> body) implements Node {}

    /** {@code call macro(…)} … {@code endcall}. */
    record CallBlock(Call call, Macro body) implements Node {}

    record Break() implements Node {}

    record Continue() implements Node {}
}
