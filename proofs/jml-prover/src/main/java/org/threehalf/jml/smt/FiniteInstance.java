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
    private final Map<String, String> sorts;
    private final Function<Term, Optional<BigInteger>> model;
    private final boolean whole;
    private final Map<String, Term> fixed = new LinkedHashMap<>();
    private final Map<Term, Term> lengths = new LinkedHashMap<>();

    private final Set<Term> found = new LinkedHashSet<>();
    private final List<Term> frames = new ArrayList<>();
    private final Set<Term> indexes = new LinkedHashSet<>();
    private final Set<Term> seen = new LinkedHashSet<>();
    private final Deque<Term.App> calls = new ArrayDeque<>();

    private FiniteInstance(
            List<Term> facts,
            List<Term> axioms,
            Map<String, String> sorts,
            Function<Term, Optional<BigInteger>> model,
            boolean whole) {
        this.whole = whole;
        this.facts = facts;
        this.axioms = axioms;
        this.sorts = sorts;
        this.model = model;
    }

    /** The finite facts, and the equations that say what was fixed. */
    record Result(List<Term> facts, List<Term> choice) {}

    /**
     * Makes a condition finite.
     *
     * @param facts hypotheses and the negated goal
     * @param axioms of functions
     * @param sorts of the constants
     * @param model what value a constant, or an array's length, is to have
     * @param whole whether every quantifier must be bounded: a fact about all integers is no frame then
     * @return nothing where a quantifier cannot be bounded
     */
    static Optional<Result> of(
            List<Term> facts,
            List<Term> axioms,
            Map<String, String> sorts,
            Function<Term, Optional<BigInteger>> model,
            boolean whole) {
        FiniteInstance instance = new FiniteInstance(facts, axioms, sorts, model, whole);
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
        fixed.forEach((name, value) -> choice.add(app("=", sym(name), value)));
        lengths.forEach((array, value) -> choice.add(app("=", app("arrlen", array), value)));
        List<Term> all = new ArrayList<>(found);
        for (Term t : seen) {
            if (t instanceof Term.App(String op, List<Term> args)
                    && op.equals("select")
                    && args.getFirst() instanceof Term.App array) {
                Ground.elementType(array).ifPresent(type -> all.add(between(t, type.min(), type.max())));
            }
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
        sorts.forEach((name, sort) -> {
            if (sort.equals("Int") && facts.stream().anyMatch(f -> asLength(f, name))) {
                fix(sym(name));
            }
        });
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

    private static boolean asLength(Term t, String name) {
        return switch (t) {
            case Term.App(String op, List<Term> args)
            when op.equals("arrlen")
                    || op.equals("select")
                            && args.getFirst() instanceof Term.App(String h, List<Term> none)
                            && h.startsWith("H!") ->
                args.getLast().equals(sym(name)) || args.stream().anyMatch(a -> asLength(a, name));
            case Term.App(String op, List<Term> args) -> args.stream().anyMatch(a -> asLength(a, name));
            case Term.Quant q -> asLength(q.body(), name);
        };
    }

    private void instantiate(Term frame, Set<Term> at) {
        switch (frame) {
            case Term.App(String op, List<Term> args)
            when op.equals("=>") -> at.forEach(i -> add(args.get(0), fold(body(args.get(1), i))));
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
                        || !pattern.op().equals(call.op())) {
                    continue;
                }
                Map<String, Term> map = new HashMap<>();
                for (int i = 0; i < pattern.args().size(); i++) {
                    map.put(((Term.App) pattern.args().get(i)).op(), call.args().get(i));
                }
                boolean[] recursive = {false};
                symbols(q.body(), s -> recursive[0] |= s.equals(call.op() + ".0"));
                if (recursive[0]) {
                    call.args().forEach(this::fixAll);
                }
                add(TRUE, fold(substitute(q.body(), map)));
            }
        }
    }

    private void add(Term guard, Term fact) {
        switch (fact) {
            case Term.App(String op, List<Term> args) when op.equals("and") -> args.forEach(a -> add(guard, a));
            case Term.App(String op, List<Term> args)
            when op.equals("=>") && Ground.hasQuantifier(args.get(1)) && !Ground.hasQuantifier(args.get(0)) ->
                add(Terms.and(guard, args.get(0)), args.get(1));
            case Term.Quant q
            when q.universal()
                    && q.vars().size() == 1
                    && q.vars().getFirst().sort().equals("Int")
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
            if (a.op().startsWith("fn.")) {
                calls.add(a);
            } else if (a.op().equals("select")
                    && Ground.elementType((Term.App) a.args().getFirst()).isPresent()) {
                indexes.add(a.args().get(1));
            }
        }
    }

    private void fix(Term symbol) {
        String name = ((Term.App) symbol).op();
        if (!fixed.containsKey(name)) {
            fixed.put(name, num(model.apply(symbol).orElseThrow(Infinite::new)));
        }
    }

    /** Fixes every integer constant of a term. */
    private void fixAll(Term t) {
        symbols(t, s -> {
            if ("Int".equals(sorts.get(s))) {
                fix(sym(s));
            }
        });
    }

    /**
     * The term with numbers for what is fixed, quantifiers over finite ranges expanded, and constant parts evaluated.
     */
    private Term fold(Term t) {
        return switch (t) {
            case Term.App(String op, List<Term> args) when args.isEmpty() -> fixed.getOrDefault(op, t);
            case Term.App(String op, List<Term> args) -> fold(op, args);
            case Term.Quant q -> expand(q);
        };
    }

    private Term fold(String op, List<Term> args) {
        if (op.startsWith("typed.")) {
            return TRUE;
        }
        List<Term> next = new ArrayList<>(args.size());
        for (Term a : args) {
            Term f = fold(a);
            boolean decided = f.equals(FALSE) && (op.equals("and") || op.equals("=>") && next.isEmpty())
                    || f.equals(TRUE) && op.equals("or");
            if (decided) {
                // What follows may be without bounds then.
                return op.equals("and") ? FALSE : TRUE;
            }
            if (op.equals("ite") && next.isEmpty() && (f.equals(TRUE) || f.equals(FALSE))) {
                return fold(args.get(f.equals(TRUE) ? 1 : 2));
            }
            next.add(f);
        }
        var first = number(next.getFirst());
        var last = number(next.getLast());
        boolean numbers = first.isPresent() && last.isPresent();
        switch (op) {
            case "-" -> {
                if (next.size() == 1 && numbers) {
                    return num(first.orElseThrow().negate());
                }
            }
            case "mod", "div" -> {
                if (numbers && last.orElseThrow().signum() > 0) {
                    BigInteger[] parts = first.orElseThrow().divideAndRemainder(last.orElseThrow());
                    boolean below = parts[1].signum() < 0;
                    return num(
                            op.equals("mod")
                                    ? below ? parts[1].add(last.orElseThrow()) : parts[1]
                                    : below ? parts[0].subtract(BigInteger.ONE) : parts[0]);
                }
            }
            case "arrlen" -> {
                return lengths.computeIfAbsent(
                        next.getFirst(), a -> num(model.apply(app("arrlen", a)).orElseThrow(Infinite::new)));
            }
            case "select" -> {
                return read(next.get(0), next.get(1));
            }
            default -> {
                if (op.startsWith("fn.") && op.endsWith(".0")) {
                    // No call is spared its unfolding here.
                    return app(op.substring(0, op.length() - 2), next);
                }
            }
        }
        return rebuild(op, next);
    }

    private static Term read(Term array, Term index) {
        Term a = array;
        while (a instanceof Term.App(String op, List<Term> args) && op.equals("store")) {
            if (args.get(1).equals(index)) {
                return args.get(2);
            }
            if (number(args.get(1)).isEmpty() || number(index).isEmpty()) {
                break;
            }
            a = args.getFirst();
        }
        return app("select", a, index);
    }

    private Term expand(Term.Quant q) {
        if (!q.vars().stream().allMatch(v -> v.sort().equals("Int"))) {
            throw new Infinite();
        }
        Term first = q.universal() && q.body() instanceof Term.App(String op, List<Term> args) && op.equals("=>")
                ? args.getFirst()
                : q.universal() ? TRUE : q.body();
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
    private Optional<List<Term>> range(Term.Var variable, Term guard) {
        BigInteger lo = null;
        BigInteger hi = null;
        Term v = variable.term();
        for (Term t : conjuncts(List.of(guard))) {
            Optional<List<Term>> listed = listed(v, t);
            if (listed.isPresent()) {
                return listed;
            }
            if (!(t instanceof Term.App(String rel, List<Term> sides)) || !rel.equals("<=") && !rel.equals("<")) {
                continue;
            }
            Optional<BigInteger> least = bound(v, sides.get(1), sides.get(0));
            if (least.isPresent()) {
                BigInteger b = rel.equals("<") ? least.orElseThrow().add(BigInteger.ONE) : least.orElseThrow();
                lo = lo == null ? b : lo.max(b);
            }
            Optional<BigInteger> most = bound(v, sides.get(0), sides.get(1));
            if (most.isPresent()) {
                BigInteger b = rel.equals("<") ? most.orElseThrow().subtract(BigInteger.ONE) : most.orElseThrow();
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
            if (!(part instanceof Term.App(String eq, List<Term> sides)) || !eq.equals("=") || !sides.contains(v)) {
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
        return t instanceof Term.App(String op, List<Term> args) && op.equals("or")
                ? args.stream().flatMap(a -> disjuncts(a).stream()).toList()
                : List.of(t);
    }

    /** What the variable is compared with, where one side of a comparison is it, or it and a number. */
    private Optional<BigInteger> bound(Term v, Term side, Term other) {
        if (side.equals(v)) {
            return value(other);
        }
        if (side instanceof Term.App(String op, List<Term> parts)
                && op.equals("+")
                && parts.size() == 2
                && parts.contains(v)) {
            Optional<BigInteger> rest = value(parts.get(parts.get(0).equals(v) ? 1 : 0));
            return rest.flatMap(r -> value(other).map(o -> o.subtract(r)));
        }
        return Optional.empty();
    }

    /**
     * A term as a number; nothing where it depends on what an array holds, on a function's value or on another variable
     * (whose name has a question mark).
     */
    private Optional<BigInteger> value(Term t) {
        boolean[] open = {false};
        symbols(t, s -> open[0] |= s.equals("select") || s.startsWith("fn.") || s.contains("?"));
        if (open[0]) {
            return Optional.empty();
        }
        fixAll(t);
        return number(fold(t));
    }
}
