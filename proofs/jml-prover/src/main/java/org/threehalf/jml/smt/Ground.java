package org.threehalf.jml.smt;

import static org.threehalf.jml.logic.Terms.*;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.syntax.Ty;

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

    private static final int LIMIT = 900;
    /** Larger terms are not put for a variable: instances would feed on each other. */
    private static final int SIZE = 14;

    private record Rule(Term guard, Term.Quant quantifier, List<List<Term>> triggers) {}

    private final Set<Term> facts = new LinkedHashSet<>();
    private final Set<Term.App> applications = new LinkedHashSet<>();
    private final Map<String, List<Term.App>> byOperator = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Set<Term> ruleTerms = new LinkedHashSet<>();
    private final Map<String, String> constants = new LinkedHashMap<>();
    private int existential;

    private Ground() {}

    /** Facts without quantifiers, and the constants that stand for what exists. */
    record Result(List<Term> facts, Map<String, String> constants) {}

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
            if (a.op().equals("select") && a.args().get(0) instanceof Term.App array) {
                elementType(array).ifPresent(type -> all.add(between(a, type.min(), type.max())));
            } else if (a.op().equals("arrlen")) {
                all.add(between(a, java.math.BigInteger.ZERO, Ty.Prim.INT.max()));
            }
        }
        return new Result(all, g.constants);
    }

    /** The integer type of an array's elements; nothing for heaps and for other arrays. */
    static java.util.Optional<Ty.Prim> elementType(Term.App array) {
        return element(array)
                .map(name -> Ty.Prim.valueOf(name.toUpperCase(java.util.Locale.ROOT)))
                .filter(Ty.Prim::integral);
    }

    /** The name of the type of a content's elements. */
    private static java.util.Optional<String> element(Term contents) {
        return switch (contents) {
            case Term.App(String op, List<Term> args)
            when args.isEmpty() && op.startsWith("C!") -> java.util.Optional.of(op.split("!")[1]);
            case Term.App(String op, List<Term> args) when op.equals("select") -> heap(args.getFirst());
            case Term.App(String op, List<Term> args) when op.equals("store") -> element(args.getFirst());
            case Term.App(String op, List<Term> args)
            when op.equals("ite") ->
                element(args.get(1))
                        .filter(e -> element(args.get(2)).filter(e::equals).isPresent());
            default -> java.util.Optional.empty();
        };
    }

    private static java.util.Optional<String> heap(Term heap) {
        return switch (heap) {
            case Term.App(String op, List<Term> args)
            when args.isEmpty() && op.startsWith("H!") -> java.util.Optional.of(op.split("!")[1]);
            case Term.App(String op, List<Term> args) when op.equals("store") -> heap(args.getFirst());
            default -> java.util.Optional.empty();
        };
    }

    private void add(Term guard, Term fact) {
        switch (fact) {
            case Term.App(String op, List<Term> args) when op.equals("and") -> args.forEach(a -> add(guard, a));
            case Term.App(String op, List<Term> args)
            when op.equals("=>") && hasQuantifier(args.get(1)) && !hasQuantifier(args.get(0)) ->
                add(Terms.and(guard, args.get(0)), args.get(1));
            case Term.App(String op, List<Term> args)
            when op.equals("not") && args.getFirst() instanceof Term.Quant q ->
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
                        constants.put(name, v.sort());
                        map.put(v.name(), sym(name));
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
        if (t instanceof Term.App(String op, List<Term> args)) {
            if (op.startsWith("typed.")) {
                return TRUE;
            }
            if (op.equals("and")) {
                return Terms.and(args.stream().map(Ground::typed).toList());
            }
            if (op.equals("=>")) {
                return implies(typed(args.get(0)), typed(args.get(1)));
            }
        }
        return t;
    }

    static boolean hasQuantifier(Term t) {
        return t instanceof Term.Quant
                || t instanceof Term.App(String op, List<Term> args)
                        && args.stream().anyMatch(Ground::hasQuantifier);
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
        return a.op().equals("select") || a.op().equals("arrlen") || a.op().startsWith("fn.");
    }

    private static List<List<Term>> triggers(Term.Quant q) {
        if (!q.patterns().isEmpty()) {
            return q.patterns();
        }
        Set<Term> found = new LinkedHashSet<>();
        search(q.body(), q.vars().stream().map(Term.Var::name).toList(), Set.of(), found);
        return found.stream().map(List::of).toList();
    }

    private static void search(Term t, List<String> vars, Set<String> inner, Set<Term> found) {
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
                Set<String> more = new LinkedHashSet<>(inner);
                q.vars().forEach(v -> more.add(v.name()));
                search(q.body(), vars, more, found);
            }
        }
    }

    private static boolean mentions(Term t, List<String> names) {
        boolean[] found = {false};
        symbols(t, s -> found[0] |= names.contains(s));
        return found[0];
    }

    private void instantiate(Rule rule, List<Term> candidates) {
        List<String> vars = rule.quantifier.vars().stream().map(Term.Var::name).toList();
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
        if (vars.size() == 1 && rule.quantifier.vars().getFirst().sort().equals("Int")) {
            candidates.forEach(c -> maps.add(Map.of(vars.getFirst(), c)));
        }
        for (Map<String, Term> map : maps) {
            if (facts.size() >= LIMIT) {
                return;
            }
            add(rule.guard, substitute(rule.quantifier.body(), map));
        }
    }

    private static @Nullable Map<String, Term> match(Term.App pattern, Term.App ground, List<String> vars) {
        Map<String, Term> map = new HashMap<>();
        for (int i = 0; i < pattern.args().size(); i++) {
            Term p = pattern.args().get(i);
            boolean array = pattern.op().equals("select") && i == 0;
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
        if (a instanceof Term.App(String op, List<Term> x)
                && b instanceof Term.App(String op2, List<Term> y)
                && op.equals("select")
                && op2.equals("select")) {
            return heapOf(x.getFirst()).equals(heapOf(y.getFirst())) && x.get(1).equals(y.get(1));
        }
        return !(a instanceof Term.App(String h, List<Term> none) && h.startsWith("H!"))
                && !(b instanceof Term.App(String h2, List<Term> none2) && h2.startsWith("H!"));
    }

    private static String heapOf(Term t) {
        return t instanceof Term.App(String op, List<Term> args) && op.startsWith("H!") ? op.split("!")[1] : "";
    }

    private static int size(Term t) {
        return t instanceof Term.App(String op, List<Term> args)
                ? 1 + args.stream().mapToInt(Ground::size).sum()
                : 1000;
    }

    private static boolean isArray(Term t) {
        return t instanceof Term.App(String op, List<Term> args)
                && (op.startsWith("H!")
                        || op.startsWith("C!")
                        || op.equals("store")
                        || op.equals("select") && args.getFirst() instanceof Term.App a && a.op().startsWith("H!")
                        || op.equals("ite") && isArray(args.get(1))
                        || op.equals("arrlen"));
    }

    private static boolean unify(Term p, Term g, List<String> vars, Map<String, Term> map) {
        if (p instanceof Term.App(String op, List<Term> args) && args.isEmpty() && vars.contains(op)) {
            if (!isArray(g) && size(g) > SIZE) {
                return false;
            }
            Term known = map.putIfAbsent(op, g);
            return known == null || known.equals(g);
        }
        if (!mentions(p, vars)) {
            return p.equals(g);
        }
        if (p instanceof Term.App(String op, List<Term> a)
                && g instanceof Term.App(String op2, List<Term> b)
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
