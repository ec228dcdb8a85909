package org.threehalf.jml.smt;

import static org.threehalf.jml.logic.Terms.*;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.Element;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.ArrayOperation.Access;
import org.threehalf.jml.logic.Operator.Logical;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;

/**
 * Instances of universal facts, chosen by matching array reads and function applications, so that most conditions can
 * be decided without quantifiers. Whatever is left out only makes the facts weaker: a contradiction among instances is
 * one among the facts.
 */
final class Ground {
    /** Rounds of matching that mostly suffice; more facts slow the solver down. */
    static final int FEW = 3;
    /** Rounds for what unfolds more deeply. */
    static final int MANY = 7;

    /** The largest length of an array: the largest int. */
    private static final BigInteger LONGEST = BigInteger.valueOf(Integer.MAX_VALUE);

    private static final int LIMIT = 900;
    /** Larger terms are not put for a variable: instances would feed on each other. */
    private static final int SIZE = 14;

    private record Rule(Term guard, Term.Quant quantifier, List<List<Term>> triggers) {}

    private final Set<Term> facts = new LinkedHashSet<>();
    private final Set<Term.App> applications = new LinkedHashSet<>();
    private final Map<Operator, List<Term.App>> byOperator = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Set<Term> ruleTerms = new LinkedHashSet<>();
    private final Set<Term.Constant> constants = new LinkedHashSet<>();
    private int existential;

    private Ground() {}

    /** Facts without quantifiers, and the constants that stand for what exists. */
    record Result(List<Term> facts, Set<Term.Constant> constants) {}

    /**
     * Chooses instances.
     *
     * @param hypotheses facts, the negated goal among them
     * @param axioms closed facts about functions
     * @param rounds how often instances may give rise to others
     * @param candidates terms that integer variables are tried with
     */
    static Result of(List<Term> hypotheses, List<Term> axioms, List<Term> candidates, int rounds) {
        Ground g = new Ground();
        hypotheses.forEach(h -> g.add(TRUE, h));
        axioms.forEach(a -> g.add(TRUE, a));
        for (int round = 0; round < rounds && g.facts.size() < LIMIT; round++) {
            int before = g.facts.size() + g.rules.size();
            for (Rule rule : List.copyOf(g.rules)) {
                g.instantiate(rule, candidates);
            }
            if (g.facts.size() + g.rules.size() == before) {
                break;
            }
        }
        List<Term> all = new ArrayList<>(g.facts);
        for (Term.App a : g.applications) {
            if (a.is(Access.SELECT)) {
                elementType(a.args().getFirst()).ifPresent(e -> all.add(e.holds(a)));
            } else if (a.is(Access.LENGTH)) {
                all.add(between(a, BigInteger.ZERO, LONGEST));
            }
        }
        return new Result(all, g.constants);
    }

    /** What contents hold, where Java's type system bounds it; nothing for heaps and for other arrays. */
    static Optional<Element> elementType(Term contents) {
        return element(contents).filter(Element::bounded);
    }

    private static Optional<Element> element(Term contents) {
        return switch (contents) {
            case Term.Constant(String name, Sort.Contents(Element e), boolean witness) -> Optional.of(e);
            case Term.App(Operator op, List<Term> args) when op == Access.SELECT -> heap(args.getFirst());
            case Term.App(Operator op, List<Term> args) when op == Access.STORE -> element(args.getFirst());
            case Term.App(Operator op, List<Term> args)
            when op == Logical.CHOICE ->
                element(args.get(1))
                        .filter(e -> element(args.get(2)).filter(e::equals).isPresent());
            default -> Optional.empty();
        };
    }

    private static Optional<Element> heap(Term heap) {
        return switch (heap) {
            case Term.Constant(String name, Sort.Heap(Element e), boolean witness) -> Optional.of(e);
            case Term.App(Operator op, List<Term> args) when op == Access.STORE -> heap(args.getFirst());
            default -> Optional.empty();
        };
    }

    private void add(Term guard, Term fact) {
        switch (fact) {
            case Term.App(Operator op, List<Term> args) when op == Logical.AND -> args.forEach(a -> add(guard, a));
            case Term.App(Operator op, List<Term> args)
            when op == Logical.IMPLIES && hasQuantifier(args.get(1)) && !hasQuantifier(args.get(0)) ->
                add(Terms.and(guard, args.get(0)), args.get(1));
            case Term.App(Operator op, List<Term> args)
            when op == Logical.NOT && args.getFirst() instanceof Term.Quant q ->
                add(guard, new Term.Quant(!q.universal(), q.vars(), not(q.body()), List.of()));
            case Term.Quant q
            when q.universal() -> {
                if (ruleTerms.add(implies(guard, q))) {
                    rules.add(new Rule(guard, q, triggers(q)));
                }
            }
            case Term.Quant q -> {
                if (ruleTerms.add(implies(guard, q))) {
                    Map<String, Term> map = new HashMap<>();
                    for (Term.Var v : q.vars()) {
                        String name = "ex." + existential++ + "." + v.name();
                        Term.Constant witness = new Term.Constant(name, v.sort(), true);
                        constants.add(witness);
                        map.put(v.name(), witness);
                    }
                    add(guard, substitute(q.body(), map));
                }
            }
            default -> {
                if (!hasQuantifier(fact)) {
                    Term ground = typed(implies(guard, fact));
                    if (!ground.equals(TRUE) && facts.add(ground)) {
                        collect(ground);
                    }
                }
            }
        }
    }

    /** Contents of arrays are typed by Java's type system, so the guard says nothing here. */
    private static Term typed(Term t) {
        if (t instanceof Term.App(Operator op, List<Term> args)) {
            if (op instanceof ArrayOperation.Typed) {
                return TRUE;
            }
            if (op == Logical.AND) {
                return Terms.and(args.stream().map(Ground::typed).toList());
            }
            if (op == Logical.IMPLIES) {
                return implies(typed(args.get(0)), typed(args.get(1)));
            }
        }
        return t;
    }

    static boolean hasQuantifier(Term t) {
        return t instanceof Term.Quant
                || t instanceof Term.App a && a.args().stream().anyMatch(Ground::hasQuantifier);
    }

    private void collect(Term t) {
        if (t instanceof Term.App a && !a.args().isEmpty()) {
            a.args().forEach(this::collect);
            if (interesting(a) && applications.add(a)) {
                byOperator.computeIfAbsent(a.op(), k -> new ArrayList<>()).add(a);
            }
        }
    }

    private static boolean interesting(Term.App a) {
        return a.is(Access.SELECT) || a.is(Access.LENGTH) || a.op() instanceof Operator.UserFunction;
    }

    private static List<List<Term>> triggers(Term.Quant q) {
        if (!q.patterns().isEmpty()) {
            return q.patterns();
        }
        Set<Term> found = new LinkedHashSet<>();
        search(q.body(), q.vars(), Set.of(), found);
        return found.stream().map(List::of).toList();
    }

    private static void search(Term t, List<Term.Var> vars, Set<Term.Var> inner, Set<Term> found) {
        switch (t) {
            case Term.App a -> {
                boolean names = mentions(a, vars);
                boolean free = inner.stream().noneMatch(v -> mentions(a, List.of(v)));
                if (interesting(a) && names && free && vars.stream().allMatch(v -> mentions(a, List.of(v)))) {
                    found.add(a);
                }
                a.args().forEach(x -> search(x, vars, inner, found));
            }
            case Term.Quant q -> {
                Set<Term.Var> more = new LinkedHashSet<>(inner);
                more.addAll(q.vars());
                search(q.body(), vars, more, found);
            }
            default -> {}
        }
    }

    private static boolean mentions(Term t, List<Term.Var> vars) {
        return any(t, x -> x instanceof Term.Var v && vars.contains(v));
    }

    private void instantiate(Rule rule, List<Term> candidates) {
        List<Term.Var> vars = rule.quantifier.vars();
        Set<Map<String, Term>> maps = new LinkedHashSet<>();
        for (List<Term> trigger : rule.triggers) {
            if (trigger.size() == 1 && trigger.getFirst() instanceof Term.App pattern) {
                for (Term.App ground : List.copyOf(byOperator.getOrDefault(pattern.op(), List.of()))) {
                    Map<String, Term> map = match(pattern, ground, vars);
                    if (map != null && map.size() == vars.size()) {
                        maps.add(map);
                    }
                }
            }
        }
        if (vars.size() == 1 && vars.getFirst().sort().equals(Sort.INT)) {
            candidates.forEach(c -> maps.add(Map.of(vars.getFirst().name(), c)));
        }
        for (Map<String, Term> map : maps) {
            if (facts.size() >= LIMIT) {
                return;
            }
            add(rule.guard, substitute(rule.quantifier.body(), map));
        }
    }

    private static @Nullable Map<String, Term> match(Term.App pattern, Term.App ground, List<Term.Var> vars) {
        Map<String, Term> map = new HashMap<>();
        for (int i = 0; i < pattern.args().size(); i++) {
            Term p = pattern.args().get(i);
            boolean array = pattern.is(Access.SELECT) && i == 0;
            if (!mentions(p, vars)) {
                // Arrays may be equal without being written the same; numbers are compared as written.
                if (!array && !isArray(p) && !p.equals(ground.args().get(i))
                        || array && !compatible(p, ground.args().get(i))) {
                    return null;
                }
            } else if (!unify(p, ground.args().get(i), vars, map)) {
                return null;
            }
        }
        return map;
    }

    /** Whether two contents may be those of one array: different references in heaps are taken for different arrays. */
    private static boolean compatible(Term a, Term b) {
        if (a.equals(b)) {
            return true;
        }
        if (a instanceof Term.App(Operator op, List<Term> x)
                && b instanceof Term.App(Operator op2, List<Term> y)
                && op == Access.SELECT
                && op2 == Access.SELECT) {
            return heapOf(x.getFirst()).equals(heapOf(y.getFirst())) && x.get(1).equals(y.get(1));
        }
        return !isHeap(a) && !isHeap(b);
    }

    private static boolean isHeap(Term t) {
        return t instanceof Term.Constant c && c.sort() instanceof Sort.Heap;
    }

    /** What a heap's arrays hold; nothing where it is no constant. */
    private static Optional<Element> heapOf(Term t) {
        return t instanceof Term.Constant(String name, Sort.Heap(Element e), boolean witness)
                ? Optional.of(e)
                : Optional.empty();
    }

    /** How many symbols are written for a term. */
    private static int size(Term t) {
        return switch (t) {
            case Term.App a ->
                (SmtLib.rounds(a.op()) ? 2 : 1)
                        + a.args().stream().mapToInt(Ground::size).sum();
            case Term.Quant q -> 1000;
            default -> 1;
        };
    }

    private static boolean isArray(Term t) {
        return switch (t) {
            case Term.Constant c -> c.sort() instanceof Sort.Heap || c.sort() instanceof Sort.Contents;
            case Term.App(Operator op, List<Term> args) ->
                op == Access.STORE
                        || op == Access.SELECT && isHeap(args.getFirst())
                        || op == Logical.CHOICE && isArray(args.get(1))
                        || op == Access.LENGTH;
            default -> false;
        };
    }

    private static boolean unify(Term p, Term g, List<Term.Var> vars, Map<String, Term> map) {
        if (p instanceof Term.Var v && vars.contains(v)) {
            if (!isArray(g) && size(g) > SIZE) {
                return false;
            }
            Term known = map.putIfAbsent(v.name(), g);
            return known == null || known.equals(g);
        }
        if (!mentions(p, vars)) {
            return p.equals(g);
        }
        if (p instanceof Term.App(Operator op, List<Term> a)
                && g instanceof Term.App(Operator op2, List<Term> b)
                && op.equals(op2)
                && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                if (!unify(a.get(i), b.get(i), vars, map)) {
                    return false;
                }
            }
            return true;
        }
        return false;
    }
}
