package org.threehalf.jml.smt;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.threehalf.jml.logic.FloatFormat;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.Abstracted;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.BitVector;
import org.threehalf.jml.logic.Operator.Conversion;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;

/**
 * Floating point without its meaning: numbers are of a sort of which nothing is known, and each operation is a function
 * of which only that it is one. What is contradictory then is so whatever the operations do. Most of what a contract
 * says of a value (that the body computes its formula, operation by operation) needs no more, and arrays and
 * quantifiers stay within Z3's reach.
 *
 * <p>Bit operations of two integers are any functions likewise.
 *
 * <p>A few laws are kept: a number is equal to itself in Java's sense unless it is NaN, comparisons have a converse,
 * different literals are different, and the sign is a bit.
 */
final class AbstractFloats {
    /** The operations that were met, and those that a law names. */
    private final Set<Abstracted> declared = new LinkedHashSet<>();

    private final Map<FloatFormat, Set<String>> literals = new LinkedHashMap<>();

    /** Declares the sorts and all operations that were met, and states the laws. */
    void declare(SmtText.Commands out) {
        for (FloatFormat format : FloatFormat.values()) {
            out.declare("(declare-sort " + SmtLib.sort(new Sort.Opaque(format)) + " 0)\n");
        }
        declared.forEach(a -> out.declare(SmtLib.declaration(a, a.arguments(), a.result())));
        literals.forEach((format, names) -> {
            names.forEach(n -> out.declare(SmtLib.declaration(n, new Sort.Opaque(format))));
            if (names.size() > 1) {
                out.state("(assert (distinct " + String.join(" ", names) + "))\n");
            }
        });
        for (FloatFormat format : FloatFormat.values()) {
            Abstracted bits = abstracted(FloatingPoint.Operation.BITS, format, 1);
            Abstracted negative = abstracted(FloatingPoint.Operation.IS_NEGATIVE, format, 1);
            Abstracted equal = abstracted(FloatingPoint.Operation.EQUAL, format, 2);
            Abstracted nan = abstracted(FloatingPoint.Operation.IS_NAN, format, 1);
            Term.Var x = new Term.Var("x", new Sort.Opaque(format));
            if (declared.contains(bits) && declared.contains(negative)) {
                declare(nan, out);
                Term sign = Terms.eq(Terms.app(negative, x), Terms.lt(Terms.app(bits, x), Terms.num(0)));
                out.state(law(x, Terms.or(Terms.app(nan, x), sign), Terms.app(bits, x)));
            }
            if (declared.contains(equal)) {
                declare(nan, out);
                Term itself = Terms.app(equal, x, x);
                out.state(law(x, Terms.eq(itself, Terms.not(Terms.app(nan, x))), itself));
            }
        }
    }

    private void declare(Abstracted function, SmtText.Commands out) {
        if (declared.add(function)) {
            out.declare(SmtLib.declaration(function, function.arguments(), function.result()));
        }
    }

    private static String law(Term.Var variable, Term body, Term pattern) {
        return SmtLib.assertion(Terms.forall(List.of(variable), body, List.of(List.of(pattern))));
    }

    private static Abstracted abstracted(FloatingPoint.Operation operation, FloatFormat format, int arguments) {
        FloatingPoint op = new FloatingPoint(operation, format);
        return new Abstracted(
                op,
                java.util.Collections.nCopies(arguments, new Sort.Opaque(format)),
                op.result(List.of()).opaque());
    }

    /** A term in terms of the functions. */
    Term translate(Term t) {
        return switch (t) {
            case Term.Quant q ->
                new Term.Quant(
                        q.universal(),
                        q.vars().stream().map(AbstractFloats::opaque).toList(),
                        translate(q.body()),
                        q.patterns().stream()
                                .map(p -> p.stream().map(this::translate).toList())
                                .toList());
            case Term.Var v -> opaque(v);
            case Term.Constant(String name, Sort sort, boolean witness) ->
                new Term.Constant(name, sort.opaque(), witness);
            case Term.Floating f -> literal(f);
            // +0 is written in two ways.
            case Term.Unwritten(FloatFormat format) -> literal(new Term.Floating(format, 0));
            case Term.App(Operator op, List<Term> args) -> translate(op, args);
            default -> t;
        };
    }

    private static Term.Var opaque(Term.Var v) {
        return new Term.Var(v.name(), v.sort().opaque());
    }

    private Term translate(Operator op, List<Term> args) {
        return switch (op) {
            case ArrayOperation.Filled(var element) ->
                Terms.app(new ArrayOperation.Filled(element.opaque()), translate(args));
            case Operator.UserFunction(String key, Sort result, boolean limited) ->
                Terms.app(new Operator.UserFunction(key, result.opaque(), limited), translate(args));
            case BitVector.Natural n
            when args.getFirst() instanceof Term.App(BitVector.Bitwise bits, List<Term> operands)
                    && operands.stream().allMatch(AbstractFloats::isInteger) ->
                operation(
                        bits,
                        Sort.INT,
                        operands.stream()
                                .map(o -> ((Term.App) o).args().getFirst())
                                .toList());
            case FloatingPoint(FloatingPoint.Operation operation, FloatFormat format)
            when operation == FloatingPoint.Operation.ABOVE ->
                operation(new FloatingPoint(FloatingPoint.Operation.BELOW, format), Sort.BOOL, args.reversed());
            case FloatingPoint(FloatingPoint.Operation operation, FloatFormat format)
            when operation == FloatingPoint.Operation.AT_LEAST ->
                operation(new FloatingPoint(FloatingPoint.Operation.AT_MOST, format), Sort.BOOL, args.reversed());
            case FloatingPoint f -> operation(f, f.result(args), args);
            case Conversion c -> operation(c, c.result(args), args);
            default -> Terms.app(op, translate(args));
        };
    }

    private List<Term> translate(List<Term> terms) {
        return terms.stream().map(this::translate).toList();
    }

    /** Whether a term is an integer's bits. */
    private static boolean isInteger(Term t) {
        return t instanceof Term.App(BitVector.OfInteger op, List<Term> args);
    }

    private Term literal(Term.Floating f) {
        StringBuilder name = new StringBuilder("l");
        SmtLib.text(f).chars().filter(Character::isLetterOrDigit).forEach(c -> name.append((char) c));
        literals.computeIfAbsent(f.format(), k -> new LinkedHashSet<>()).add(name.toString());
        return Terms.constant(name.toString(), new Sort.Opaque(f.format()));
    }

    private Term operation(Operator op, Sort result, List<Term> args) {
        Abstracted function =
                new Abstracted(op, args.stream().map(a -> a.sort().opaque()).toList(), result.opaque());
        declared.add(function);
        return Terms.app(function, translate(args));
    }
}
