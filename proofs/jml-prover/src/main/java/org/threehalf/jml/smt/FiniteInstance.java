package org.threehalf.jml.smt;

import static org.threehalf.jml.logic.Terms.*;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.Arithmetic;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.ArrayOperation.Access;
import org.threehalf.jml.logic.Operator.Comparison;
import org.threehalf.jml.logic.Operator.Logical;
import org.threehalf.jml.logic.Operator.UserFunction;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;

/**
 * A condition with its arrays, their lengths and what bounds its quantifiers fixed, so that every quantifier over
 * integers is a finite conjunction or disjunction and each function's axioms are stated for all arguments that occur.
 * What satisfies that is a counterexample of the condition, not only of instances of it as in {@link Ground}.
 *
 * <p>Why what is left out does no harm: a function may have any value that its contract allows for arguments that do
 * not occur, and there is one, for the contract is proved of it; and what a loop or call leaves as it was (a universal
 * fact without bounds, about one array's elements) is stated for every index that is read, and elsewhere the array can
 * be chosen so.
 *
 * <p>What is fixed is asked for on demand: a symbol that nothing needs as a number stays unknown and is left to the
 * solver.
 */
public final class FiniteInstance {
    /** The most values that a quantified variable may have. */
    private static final int VALUES = 256;

    private static final int FACTS = 8_000;
    /** Rounds of fixing more symbols; each fixes at least one. */
    private static final int ROUNDS = 40;

    /** The condition cannot be made finite, or only at too great a length. */
    private static final class Infinite extends RuntimeException {
        private static final long serialVersionUID = 1;

        Infinite() {
            super(null, null, false, false);
        }
    }

    private final List<Term> facts;
    private final List<Term> axioms;
    private final Set<Term.Constant> constants;
    private final Function<Term, Optional<BigInteger>> model;
    private final boolean whole;
    private final Map<Term.Constant, Term> fixed = new LinkedHashMap<>();
    private final Map<Term, Term> lengths = new LinkedHashMap<>();

    private final Set<Term> found = new LinkedHashSet<>();
    private final List<Term> frames = new ArrayList<>();
    private final Set<Term> indexes = new LinkedHashSet<>();
    private final Set<Term> seen = new LinkedHashSet<>();
    private final Deque<Term.App> calls = new ArrayDeque<>();

    private FiniteInstance(
            List<Term> facts,
            List<Term> axioms,
            Set<Term.Constant> constants,
            Function<Term, Optional<BigInteger>> model,
            boolean whole) {
        this.whole = whole;
        this.facts = facts;
        this.axioms = axioms;
        this.constants = constants;
        this.model = model;
    }

    /** The finite facts, and the equations that say what was fixed. */
    record Result(List<Term> facts, List<Term> choice) {}

    /**
     * Makes a condition finite.
     *
     * @param facts hypotheses and the negated goal
     * @param axioms of functions
     * @param constants all that the condition may hold
     * @param model what value a constant, or an array's length, is to have
     * @param whole whether every quantifier must be bounded: a fact about all integers is no frame then
     * @return nothing where a quantifier cannot be bounded
     */
    static Optional<Result> of(
            List<Term> facts,
            List<Term> axioms,
            Set<Term.Constant> constants,
            Function<Term, Optional<BigInteger>> model,
            boolean whole) {
        FiniteInstance instance = new FiniteInstance(facts, axioms, constants, model, whole);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                int before = instance.fixed.size();
                instance.pass();
                if (instance.fixed.size() == before) {
                    return Optional.of(instance.result());
                }
            }
        } catch (Infinite e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private Result result() {
        List<Term> choice = new ArrayList<>();
        fixed.forEach((constant, value) -> choice.add(app(Logical.EQUAL, constant, value)));
        lengths.forEach((array, value) -> choice.add(app(Logical.EQUAL, app(Access.LENGTH, array), value)));
        List<Term> all = new ArrayList<>(found);
        for (Term t : seen) {
            arguments(t, Access.SELECT)
                    .flatMap(args -> Ground.elementType(args.getFirst()))
                    .ifPresent(e -> all.add(e.holds(t)));
        }
        return new Result(all, choice);
    }

    private void pass() {
        found.clear();
        frames.clear();
        indexes.clear();
        seen.clear();
        calls.clear();
        // Which array is which decides what a store changes.
        for (Term.Constant c : constants) {
            if (c.sort().equals(Sort.INT) && facts.stream().anyMatch(f -> asLength(f, c))) {
                fix(c);
            }
        }
        facts.forEach(f -> add(TRUE, fold(f)));
        functions();
        int longest = lengths.values().stream()
                .mapToInt(n -> number(n).orElseThrow().intValue())
                .max()
                .orElse(0);
        if (!frames.isEmpty() && longest > VALUES) {
            throw new Infinite();
        }
        Set<Term> at = new LinkedHashSet<>();
        for (int i = -1; i <= longest; i++) {
            at.add(num(i));
        }
        at.addAll(indexes);
        // What is stated of an element may name others.
        Map<Term, Set<Term>> done = new HashMap<>();
        boolean more = true;
        while (more) {
            more = false;
            at.addAll(indexes);
            for (Term frame : List.copyOf(frames)) {
                Set<Term> left = new LinkedHashSet<>(at);
                left.removeAll(done.computeIfAbsent(frame, f -> new HashSet<>()));
                done.getOrDefault(frame, left).addAll(left);
                instantiate(frame, left);
                more |= !left.isEmpty();
            }
            functions();
        }
    }

    private static boolean asLength(Term t, Term.Constant c) {
        return switch (t) {
            case Term.App(Operator op, List<Term> args) ->
                (op == Access.LENGTH
                                        || op == Access.SELECT
                                                && args.getFirst() instanceof Term.Constant heap
                                                && heap.sort() instanceof Sort.Heap)
                                && args.getLast().equals(c)
                        || args.stream().anyMatch(a -> asLength(a, c));
            case Term.Quant q -> asLength(q.body(), c);
            default -> false;
        };
    }

    private void instantiate(Term frame, Set<Term> at) {
        switch (frame) {
            case Term.App(Operator op, List<Term> args)
            when op == Logical.IMPLIES -> at.forEach(i -> add(args.get(0), fold(body(args.get(1), i))));
            default -> at.forEach(i -> add(TRUE, fold(body(frame, i))));
        }
    }

    private static Term body(Term quantifier, Term index) {
        Term.Quant q = (Term.Quant) quantifier;
        return substitute(q.body(), Map.of(q.vars().getFirst().name(), index));
    }

    /** The axioms of every call that occurs, and of the calls in these. */
    private void functions() {
        while (!calls.isEmpty()) {
            Term.App call = calls.removeFirst();
            for (Term axiom : axioms) {
                if (!(axiom instanceof Term.Quant q)
                        || q.patterns().isEmpty()
                        || !(q.patterns().getFirst().getFirst() instanceof Term.App pattern)
                        || !pattern.is(call.op())) {
                    continue;
                }
                Map<String, Term> map = new HashMap<>();
                for (int i = 0; i < pattern.args().size(); i++) {
                    map.put(
                            ((Term.Var) pattern.args().get(i)).name(),
                            call.args().get(i));
                }
                if (call.op() instanceof UserFunction f && any(q.body(), x -> isLimited(x, f))) {
                    call.args().forEach(this::fixAll);
                }
                add(TRUE, fold(substitute(q.body(), map)));
            }
        }
    }

    /** Whether a term is a call that unfolds no further. */
    private static boolean isLimited(Term t, UserFunction f) {
        return t instanceof Term.App a && a.is(new UserFunction(f.key(), f.result(), true));
    }

    private void add(Term guard, Term fact) {
        switch (fact) {
            case Term.App(Operator op, List<Term> args) when op == Logical.AND -> args.forEach(a -> add(guard, a));
            case Term.App(Operator op, List<Term> args)
            when op == Logical.IMPLIES && Ground.hasQuantifier(args.get(1)) && !Ground.hasQuantifier(args.get(0)) ->
                add(Terms.and(guard, args.get(0)), args.get(1));
            case Term.Quant q
            when q.universal()
                    && q.vars().size() == 1
                    && q.vars().getFirst().sort().equals(Sort.INT)
                    && !whole -> frames.add(implies(guard, q));
            default -> {
                if (Ground.hasQuantifier(fact) || found.size() > FACTS) {
                    throw new Infinite();
                }
                Term whole = implies(guard, fact);
                if (!whole.equals(TRUE) && found.add(whole)) {
                    visit(whole);
                }
            }
        }
    }

    private void visit(Term t) {
        if (t instanceof Term.App a && !a.args().isEmpty() && seen.add(a)) {
            a.args().forEach(this::visit);
            if (a.op() instanceof UserFunction) {
                calls.add(a);
            } else if (a.is(Access.SELECT)
                    && Ground.elementType(a.args().getFirst()).isPresent()) {
                indexes.add(a.args().get(1));
            }
        }
    }

    private void fix(Term.Constant constant) {
        if (!fixed.containsKey(constant)) {
            fixed.put(constant, num(model.apply(constant).orElseThrow(Infinite::new)));
        }
    }

    /** Fixes every integer constant of a term. */
    private void fixAll(Term t) {
        Terms.visit(t, x -> {
            if (x instanceof Term.Constant c && c.sort().equals(Sort.INT) && constants.contains(c)) {
                fix(c);
            }
        });
    }

    /**
     * The term with numbers for what is fixed, quantifiers over finite ranges expanded, and constant parts evaluated.
     */
    private Term fold(Term t) {
        return switch (t) {
            case Term.Constant c -> fixed.getOrDefault(c, t);
            case Term.App a -> a.args().isEmpty() ? a : fold(a.op(), a.args());
            case Term.Quant q -> expand(q);
            default -> t;
        };
    }

    private Term fold(Operator op, List<Term> args) {
        if (op instanceof ArrayOperation.Typed) {
            return TRUE;
        }
        List<Term> next = new ArrayList<>(args.size());
        for (Term a : args) {
            Term f = fold(a);
            boolean decided = f.equals(FALSE) && (op == Logical.AND || op == Logical.IMPLIES && next.isEmpty())
                    || f.equals(TRUE) && op == Logical.OR;
            if (decided) {
                // What follows may be without bounds then.
                return op == Logical.AND ? FALSE : TRUE;
            }
            if (op == Logical.CHOICE && next.isEmpty() && (f.equals(TRUE) || f.equals(FALSE))) {
                return fold(args.get(f.equals(TRUE) ? 1 : 2));
            }
            next.add(f);
        }
        var first = number(next.getFirst());
        var last = number(next.getLast());
        boolean numbers = first.isPresent() && last.isPresent();
        switch (op) {
            case Arithmetic.NEGATE -> {
                if (numbers) {
                    return num(first.orElseThrow().negate());
                }
            }
            case Arithmetic.REMAINDER, Arithmetic.DIVIDE -> {
                if (numbers && last.orElseThrow().signum() > 0) {
                    BigInteger[] parts = first.orElseThrow().divideAndRemainder(last.orElseThrow());
                    boolean below = parts[1].signum() < 0;
                    return num(
                            op == Arithmetic.REMAINDER
                                    ? below ? parts[1].add(last.orElseThrow()) : parts[1]
                                    : below ? parts[0].subtract(BigInteger.ONE) : parts[0]);
                }
            }
            case Access.LENGTH -> {
                return lengths.computeIfAbsent(
                        next.getFirst(),
                        a -> num(model.apply(app(Access.LENGTH, a)).orElseThrow(Infinite::new)));
            }
            case Access.SELECT -> {
                return read(next.get(0), next.get(1));
            }
            // No call is spared its unfolding here.
            case UserFunction(String key, Sort result, boolean limited) -> {
                return app(new UserFunction(key, result, false), next);
            }
            default -> {}
        }
        return rebuild(op, next);
    }

    private static Term read(Term array, Term index) {
        Term a = array;
        while (a instanceof Term.App(Operator op, List<Term> args) && op == Access.STORE) {
            if (args.get(1).equals(index)) {
                return args.get(2);
            }
            if (number(args.get(1)).isEmpty() || number(index).isEmpty()) {
                break;
            }
            a = args.getFirst();
        }
        return select(a, index);
    }

    private Term expand(Term.Quant q) {
        if (!q.vars().stream().allMatch(v -> v.sort().equals(Sort.INT))) {
            throw new Infinite();
        }
        Term first = q.universal()
                ? arguments(q.body(), Logical.IMPLIES).map(List::getFirst).orElse(TRUE)
                : q.body();
        for (Term.Var v : q.vars()) {
            Optional<List<Term>> values = range(v, first);
            if (values.isPresent()) {
                List<Term.Var> rest =
                        q.vars().stream().filter(o -> !o.equals(v)).toList();
                List<Term> all = new ArrayList<>();
                for (Term value : values.orElseThrow()) {
                    Term body = substitute(q.body(), Map.of(v.name(), value));
                    all.add(fold(rest.isEmpty() ? body : new Term.Quant(q.universal(), rest, body, List.of())));
                }
                return q.universal() ? Terms.and(all) : Terms.or(all);
            }
        }
        if (q.universal() && q.vars().size() == 1) {
            Term body = fold(q.body());
            return body.equals(TRUE) ? TRUE : new Term.Quant(true, q.vars(), body, List.of());
        }
        throw new Infinite();
    }

    /** The values that a guard leaves to a variable; nothing where they are too many. */
    private Optional<List<Term>> range(Term.Var v, Term guard) {
        BigInteger lo = null;
        BigInteger hi = null;
        for (Term t : conjuncts(List.of(guard))) {
            Optional<List<Term>> listed = listed(v, t);
            if (listed.isPresent()) {
                return listed;
            }
            if (!(t instanceof Term.App(Comparison rel, List<Term> sides))) {
                continue;
            }
            Optional<BigInteger> least = bound(v, sides.get(1), sides.get(0));
            if (least.isPresent()) {
                BigInteger b = rel == Comparison.BELOW ? least.orElseThrow().add(BigInteger.ONE) : least.orElseThrow();
                lo = lo == null ? b : lo.max(b);
            }
            Optional<BigInteger> most = bound(v, sides.get(0), sides.get(1));
            if (most.isPresent()) {
                BigInteger b =
                        rel == Comparison.BELOW ? most.orElseThrow().subtract(BigInteger.ONE) : most.orElseThrow();
                hi = hi == null ? b : hi.min(b);
            }
        }
        if (lo == null || hi == null || hi.subtract(lo).compareTo(BigInteger.valueOf(VALUES)) > 0) {
            return Optional.empty();
        }
        List<Term> values = new ArrayList<>();
        for (BigInteger i = lo; i.compareTo(hi) <= 0; i = i.add(BigInteger.ONE)) {
            values.add(num(i));
        }
        return Optional.of(values);
    }

    /** The numbers that a disjunction of equations allows. */
    private static Optional<List<Term>> listed(Term v, Term t) {
        List<Term> values = new ArrayList<>();
        for (Term part : disjuncts(t)) {
            List<Term> sides = arguments(part, Logical.EQUAL).orElse(List.of());
            if (!sides.contains(v)) {
                return Optional.empty();
            }
            Term value = sides.get(sides.indexOf(v) == 0 ? 1 : 0);
            if (number(value).isEmpty()) {
                return Optional.empty();
            }
            values.add(value);
        }
        return Optional.of(values);
    }

    private static List<Term> disjuncts(Term t) {
        return arguments(t, Logical.OR)
                .map(args -> args.stream().flatMap(a -> disjuncts(a).stream()).toList())
                .orElse(List.of(t));
    }

    /** What the variable is compared with, where one side of a comparison is it, or it and a number. */
    private Optional<BigInteger> bound(Term v, Term side, Term other) {
        if (side.equals(v)) {
            return value(other);
        }
        List<Term> parts = arguments(side, Arithmetic.ADD).orElse(List.of());
        if (parts.contains(v)) {
            Optional<BigInteger> rest = value(parts.get(parts.get(0).equals(v) ? 1 : 0));
            return rest.flatMap(r -> value(other).map(o -> o.subtract(r)));
        }
        return Optional.empty();
    }

    /**
     * A term as a number; nothing where it depends on what an array holds, on a function's value, or on another
     * variable or its witness.
     */
    private Optional<BigInteger> value(Term t) {
        boolean open = any(t, x -> switch (x) {
            case Term.App a -> a.is(Access.SELECT) || a.op() instanceof UserFunction;
            case Term.Constant c -> c.witness();
            case Term.Var v -> true;
            default -> false;
        });
        if (open) {
            return Optional.empty();
        }
        fixAll(t);
        return number(fold(t));
    }
}
