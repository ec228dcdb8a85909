package org.threehalf.jml.logic;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.threehalf.jml.logic.Operator.Arithmetic;
import org.threehalf.jml.logic.Operator.ArrayOperation.Access;
import org.threehalf.jml.logic.Operator.Comparison;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Operator.Logical;

/** Makes and takes apart {@link Term}s. */
public final class Terms {
    /** The truth. */
    public static final Term TRUE = new Term.Truth(true);

    /** What is never so. */
    public static final Term FALSE = new Term.Truth(false);

    private Terms() {}

    /** A constant that stands for no quantified variable. */
    public static Term constant(String name, Sort sort) {
        return new Term.Constant(name, sort, false);
    }

    /** An integer. */
    public static Term num(BigInteger n) {
        return new Term.Number(n);
    }

    /** An integer. */
    public static Term num(long n) {
        return num(BigInteger.valueOf(n));
    }

    /** An operator on arguments, as it stands: nothing is computed. */
    public static Term app(Operator op, Term... args) {
        return new Term.App(op, List.of(args));
    }

    /** An operator on arguments, as it stands: nothing is computed. */
    public static Term app(Operator op, List<Term> args) {
        return new Term.App(op, List.copyOf(args));
    }

    /** An operation of floating point on arguments. */
    public static Term app(FloatingPoint.Operation op, FloatFormat format, Term... args) {
        return app(new FloatingPoint(op, format), args);
    }

    /** What a map (an array's contents by index, a heap by reference) holds at a place. */
    public static Term select(Term array, Term index) {
        return app(Access.SELECT, array, index);
    }

    /** A map that holds a value at a place, and elsewhere what another holds. */
    public static Term store(Term array, Term index, Term value) {
        return app(Access.STORE, array, index, value);
    }

    /** The arguments of an operator's application; nothing where the term is none. */
    public static Optional<List<Term>> arguments(Term t, Operator op) {
        return t instanceof Term.App a && a.is(op) ? Optional.of(a.args()) : Optional.empty();
    }

    /** The value of a term that is an integer as written; nothing for any other. */
    public static Optional<BigInteger> number(Term t) {
        return t instanceof Term.Number(BigInteger n) ? Optional.of(n) : Optional.empty();
    }

    /** The conjunction: flat, without what is true; of none, the truth. */
    public static Term and(List<Term> terms) {
        List<Term> flat = new ArrayList<>();
        for (Term t : terms) {
            if (t.equals(FALSE)) {
                return FALSE;
            }
            if (t instanceof Term.App(Operator op, List<Term> args) && op == Logical.AND) {
                flat.addAll(args);
            } else if (!t.equals(TRUE)) {
                flat.add(t);
            }
        }
        return flat.isEmpty() ? TRUE : flat.size() == 1 ? flat.getFirst() : app(Logical.AND, flat);
    }

    /** The conjunction: flat, without what is true. */
    public static Term and(Term... terms) {
        return and(List.of(terms));
    }

    /** The parts of conjunctions, in their order, without those that are true. */
    public static List<Term> conjuncts(List<Term> terms) {
        List<Term> parts = new ArrayList<>();
        for (Term t : terms) {
            if (t instanceof Term.App(Operator op, List<Term> args) && op == Logical.AND) {
                parts.addAll(conjuncts(args));
            } else if (!t.equals(TRUE)) {
                parts.add(t);
            }
        }
        return parts;
    }

    /** The disjunction, without what is false; of none, {@link #FALSE}. */
    public static Term or(List<Term> terms) {
        List<Term> flat = new ArrayList<>();
        for (Term t : terms) {
            if (t.equals(TRUE)) {
                return TRUE;
            }
            if (!t.equals(FALSE)) {
                flat.add(t);
            }
        }
        return flat.isEmpty() ? FALSE : flat.size() == 1 ? flat.getFirst() : app(Logical.OR, flat);
    }

    /** The disjunction, without what is false. */
    public static Term or(Term... terms) {
        return or(List.of(terms));
    }

    /** The negation; of a negation, what is negated. */
    public static Term not(Term t) {
        if (t.equals(TRUE)) {
            return FALSE;
        }
        if (t.equals(FALSE)) {
            return TRUE;
        }
        return t instanceof Term.App(Operator op, List<Term> args) && op == Logical.NOT
                ? args.getFirst()
                : app(Logical.NOT, t);
    }

    /** The implication; plain where a side is known. */
    public static Term implies(Term a, Term b) {
        if (a.equals(TRUE) || b.equals(TRUE)) {
            return b;
        }
        if (a.equals(FALSE)) {
            return TRUE;
        }
        return app(Logical.IMPLIES, a, b);
    }

    /** Equality of values of one sort: of floating point, the same number or NaN, and not Java's ==. */
    public static Term eq(Term a, Term b) {
        if (a.equals(b)) {
            return TRUE;
        }
        var x = number(a);
        var y = number(b);
        return x.isPresent() && y.isPresent() ? FALSE : app(Logical.EQUAL, a, b);
    }

    /** {@code c ? a : b}, of one sort. */
    public static Term ite(Term c, Term a, Term b) {
        return c.equals(TRUE) || a.equals(b) ? a : c.equals(FALSE) ? b : app(Logical.CHOICE, c, a, b);
    }

    /** a ≤ b, of integers. */
    public static Term le(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        return x.isPresent() && y.isPresent() ? bool(x.get().compareTo(y.get()) <= 0) : app(Comparison.AT_MOST, a, b);
    }

    /** a &lt; b, of integers. */
    public static Term lt(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        return x.isPresent() && y.isPresent() ? bool(x.get().compareTo(y.get()) < 0) : app(Comparison.BELOW, a, b);
    }

    /** A truth value. */
    public static Term bool(boolean b) {
        return b ? TRUE : FALSE;
    }

    /** The sum of integers; of two that are written, the number. */
    public static Term add(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        if (x.isPresent() && y.isPresent()) {
            return num(x.get().add(y.get()));
        }
        return x.isPresent() && x.get().signum() == 0
                ? b
                : y.isPresent() && y.get().signum() == 0 ? a : app(Arithmetic.ADD, a, b);
    }

    /** The difference of integers; of two that are written, the number. */
    public static Term sub(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        if (x.isPresent() && y.isPresent()) {
            return num(x.get().subtract(y.get()));
        }
        return y.isPresent() && y.get().signum() == 0 ? a : app(Arithmetic.SUBTRACT, a, b);
    }

    /** The product of integers; of two that are written, the number. */
    public static Term mul(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        if (x.isPresent() && y.isPresent()) {
            return num(x.get().multiply(y.get()));
        }
        if (x.isPresent() && x.get().equals(BigInteger.ONE)) {
            return b;
        }
        if (y.isPresent() && y.get().equals(BigInteger.ONE)) {
            return a;
        }
        return app(Arithmetic.MULTIPLY, a, b);
    }

    /** lo ≤ t ≤ hi. */
    public static Term between(Term t, BigInteger lo, BigInteger hi) {
        return and(le(num(lo), t), le(t, num(hi)));
    }

    /**
     * For all values of some variables.
     *
     * @param patterns terms at whose occurrence a solver should take an instance, in groups of which one suffices
     */
    public static Term forall(List<Term.Var> vars, Term body, List<List<Term>> patterns) {
        return body.equals(TRUE) ? TRUE : new Term.Quant(true, List.copyOf(vars), body, patterns);
    }

    /** For some values of some variables. */
    public static Term exists(List<Term.Var> vars, Term body) {
        return body.equals(FALSE) ? FALSE : new Term.Quant(false, List.copyOf(vars), body, List.of());
    }

    /** Replaces variables and constants by name; names of bound variables are unique, so nothing is captured. */
    public static Term substitute(Term t, Map<String, Term> map) {
        return switch (t) {
            case Term.Var v -> map.getOrDefault(v.name(), t);
            case Term.Constant c -> map.getOrDefault(c.name(), t);
            case Term.App(Operator op, List<Term> args) -> {
                List<Term> next = new ArrayList<>(args.size());
                boolean changed = false;
                for (Term a : args) {
                    Term n = substitute(a, map);
                    changed |= n != a;
                    next.add(n);
                }
                yield changed ? rebuild(op, next) : t;
            }
            case Term.Quant q -> {
                Term body = substitute(q.body(), map);
                yield body == q.body()
                        ? q
                        : new Term.Quant(
                                q.universal(),
                                q.vars(),
                                body,
                                q.patterns().stream()
                                        .map(p -> p.stream()
                                                .map(x -> substitute(x, map))
                                                .toList())
                                        .toList());
            }
            default -> t;
        };
    }

    /** An operator's application, simplified where that is plain. */
    public static Term rebuild(Operator op, List<Term> a) {
        return switch (op) {
            case Logical.AND -> and(a);
            case Logical.OR -> or(a);
            case Logical.NOT -> not(a.getFirst());
            case Logical.IMPLIES -> implies(a.get(0), a.get(1));
            case Logical.EQUAL -> eq(a.get(0), a.get(1));
            case Logical.CHOICE -> ite(a.get(0), a.get(1), a.get(2));
            case Comparison.AT_MOST -> le(a.get(0), a.get(1));
            case Comparison.BELOW -> lt(a.get(0), a.get(1));
            case Arithmetic.ADD -> add(a.get(0), a.get(1));
            case Arithmetic.MULTIPLY -> mul(a.get(0), a.get(1));
            case Arithmetic.SUBTRACT -> sub(a.get(0), a.get(1));
            default -> app(op, a);
        };
    }

    /** Visits a term and all its parts, each before its own parts. */
    public static void visit(Term t, Consumer<Term> visitor) {
        visitor.accept(t);
        switch (t) {
            case Term.App a -> a.args().forEach(x -> visit(x, visitor));
            case Term.Quant q -> {
                visit(q.body(), visitor);
                q.patterns().forEach(p -> p.forEach(x -> visit(x, visitor)));
            }
            default -> {}
        }
    }

    /** Whether a term or a part of it is so. */
    public static boolean any(Term t, Predicate<Term> test) {
        return test.test(t)
                || switch (t) {
                    case Term.App a -> a.args().stream().anyMatch(x -> any(x, test));
                    case Term.Quant q ->
                        any(q.body(), test)
                                || q.patterns().stream()
                                        .anyMatch(p -> p.stream().anyMatch(x -> any(x, test)));
                    default -> false;
                };
    }
}
