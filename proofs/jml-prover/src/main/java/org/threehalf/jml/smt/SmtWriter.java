package org.threehalf.jml.smt;

import static org.threehalf.jml.logic.Terms.*;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Ty;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Functions;

/**
 * Writes a condition as SMT-LIB 2 scripts, one for each conjunct of its goal. A condition holds when every script is
 * unsatisfiable.
 *
 * <p>To help the solver, universal hypotheses are also given for the goal's own variables; such instances follow from
 * them.
 */
public final class SmtWriter {
    /** A variable of the goal with a constant range up to this size is tried value by value. */
    private static final int SMALL = 32;

    private static final String LENGTHS = "(declare-fun arrlen (Int) Int)\n";

    private final Functions functions;
    private final MethodModel method;
    private final @Nullable Term measure;

    public SmtWriter(Functions functions, MethodModel method, @Nullable Term measure) {
        this.functions = functions;
        this.method = method;
        this.measure = measure;
    }

    /**
     * A script and what a model of it means in Java.
     *
     * @param text the whole script, without check-sat
     * @param abstractly with operations of floating point and of bits as any functions: weaker scripts, tried before
     *     all others; none where there are no such operations
     * @param ground weaker scripts without quantifiers, which are tried first
     * @param cases where a variable of the goal has a small constant range: a weaker script for each of its values;
     *     otherwise none
     * @param sizes scripts whose models say which sizes to look for a counterexample with: instances of the facts, and,
     *     weaker, what is said of numbers and lengths alone
     * @param finite given the values of constants and lengths in a model, the condition with these fixed and without
     *     quantifiers, and what was fixed; nothing where that cannot be written
     * @param shown terms over the script's constants to evaluate in a model
     */
    public record Script(
            String text,
            Supplier<List<String>> abstractly,
            Supplier<List<String>> ground,
            Supplier<List<String>> cases,
            List<Supplier<String>> sizes,
            Function<Function<Term, Optional<BigInteger>>, Optional<Finite>> finite,
            List<Condition.Shown> shown) {}

    /**
     * A condition of which some values are fixed.
     *
     * @param text the script, quantifier-free
     * @param choice what was fixed, as a formula
     */
    public record Finite(String text, String choice) {}

    private record Sequent(List<Term> hypotheses, Term goal, Map<String, String> skolems) {}

    public List<Script> write(Condition c) {
        List<Sequent> sequents = new ArrayList<>();
        if (c.feasible()) {
            sequents.add(new Sequent(c.hypotheses(), FALSE, Map.of()));
        } else {
            split(c.hypotheses(), c.goal(), Map.of(), sequents);
        }
        return sequents.stream()
                .filter(s -> c.feasible() || !stated(s))
                .map(s -> script(s, c))
                .toList();
    }

    /** Whether the goal is one of the hypotheses, word for word: nothing is left to a solver. */
    private static boolean stated(Sequent s) {
        return conjuncts(s.hypotheses).contains(s.goal);
    }

    private static void split(List<Term> hypotheses, Term goal, Map<String, String> skolems, List<Sequent> out) {
        switch (goal) {
            case Term.App(String op, List<Term> args)
            when op.equals("and") -> args.forEach(a -> split(hypotheses, a, skolems, out));
            case Term.App(String op, List<Term> args)
            when op.equals("=>") -> split(plus(hypotheses, args.get(0)), args.get(1), skolems, out);
            case Term.Quant q
            when q.universal() -> {
                Map<String, Term> map = new HashMap<>();
                Map<String, String> more = new LinkedHashMap<>(skolems);
                for (Term.Var v : q.vars()) {
                    String name = "sk." + v.name();
                    map.put(v.name(), sym(name));
                    more.put(name, v.sort());
                }
                split(hypotheses, substitute(q.body(), map), more, out);
            }
            default -> {
                if (!goal.equals(TRUE)) {
                    out.add(new Sequent(hypotheses, goal, skolems));
                }
            }
        }
    }

    private static List<Term> plus(List<Term> list, Term t) {
        List<Term> next = new ArrayList<>(list);
        next.add(t);
        return next;
    }

    private Script script(Sequent s, Condition c) {
        List<Term> hypotheses = conjuncts(s.hypotheses);
        Set<Term> all = new LinkedHashSet<>(hypotheses);
        List<Term> candidates = new ArrayList<>(s.skolems.entrySet().stream()
                .filter(e -> e.getValue().equals("Int"))
                .map(e -> sym(e.getKey()))
                .toList());
        if (!c.feasible()) {
            // Local variables too: loops read at their index.
            for (Condition.Shown v : c.shown()) {
                Term t = v.value().term();
                if (v.value().type() == Ty.Prim.INT
                        && t instanceof Term.App(String op, List<Term> args)
                        && args.isEmpty()
                        && number(t).isEmpty()
                        && candidates.size() < 6) {
                    candidates.add(t);
                }
            }
            for (Term h : hypotheses) {
                instances(h, candidates, all, 0);
            }
        }
        List<Term> axioms = new ArrayList<>();
        List<Term> terms = new ArrayList<>(all);
        terms.add(not(s.goal));
        Map<String, MethodModel> functionsUsed = functions.needed(terms, method, measure, axioms);
        Map<String, String> sorts = new LinkedHashMap<>(c.sorts());
        sorts.putAll(s.skolems);
        Supplier<String> shallow = () ->
                ground(terms, functions.shallow(terms, method, measure), candidates, functionsUsed, sorts, Ground.FEW);
        Supplier<List<String>> ground = c.feasible()
                ? List::of
                : () -> List.of(
                        focused(s.goal, terms, candidates, sorts),
                        shallow.get(),
                        ground(terms, axioms, candidates, functionsUsed, sorts, Ground.FEW),
                        ground(terms, axioms, candidates, functionsUsed, sorts, Ground.MANY));
        Supplier<List<String>> cases =
                c.feasible() ? List::of : () -> cases(s, terms, axioms, candidates, functionsUsed, sorts);
        List<Term> essential = new ArrayList<>(hypotheses);
        essential.add(not(s.goal));
        String whole = text(terms, axioms, functionsUsed, sorts, true);
        boolean operations = whole.contains("(fp.") || whole.contains("Float") || whole.contains("(bv2nat (bv");
        Supplier<List<String>> abstractly = c.feasible() || !operations
                ? List::of
                : () -> {
                    Ground.Result g = Ground.of(terms, axioms, candidates, Ground.FEW);
                    Map<String, String> more = new LinkedHashMap<>(sorts);
                    more.putAll(g.constants());
                    return List.of(
                            text(terms, axioms, functionsUsed, sorts, true, true),
                            text(g.facts(), List.of(), functionsUsed, more, false, true));
                };
        return new Script(
                whole,
                abstractly,
                ground,
                cases,
                List.of(() -> withLengths(shallow.get()), () -> withLengths(sizes(essential, sorts))),
                model -> finite(essential, axioms, functionsUsed, sorts, model, c.feasible()),
                c.shown());
    }

    /** With the lengths of arrays declared, so that a choice of them can be excluded also where no fact names them. */
    private static String withLengths(String script) {
        return script.contains(LENGTHS) ? script : LENGTHS + script;
    }

    private static String sizes(List<Term> facts, Map<String, String> sorts) {
        List<Term> kept = facts.stream()
                .filter(t -> {
                    boolean[] more = {Ground.hasQuantifier(t)};
                    symbols(
                            t,
                            x -> more[0] |= x.equals("select")
                                    || x.equals("store")
                                    || x.startsWith("fn.")
                                    || x.startsWith("fp.")
                                    || x.startsWith("typed."));
                    return !more[0];
                })
                .toList();
        return text(kept, List.of(), Map.of(), sorts, false);
    }

    private static Optional<Finite> finite(
            List<Term> facts,
            List<Term> axioms,
            Map<String, MethodModel> functionsUsed,
            Map<String, String> sorts,
            Function<Term, Optional<BigInteger>> model,
            boolean whole) {
        return FiniteInstance.of(facts, axioms, sorts, model, whole).map(f -> {
            List<Term> all = new ArrayList<>(f.facts());
            all.addAll(f.choice());
            return new Finite(
                    text(all, List.of(), functionsUsed, sorts, false),
                    Terms.and(f.choice()).toString());
        });
    }

    /**
     * Without what speaks of functions that the goal does not need, but for the equations that say what the heaps hold.
     */
    private String focused(Term goal, List<Term> terms, List<Term> candidates, Map<String, String> sorts) {
        List<Term> axioms = new ArrayList<>();
        Map<String, MethodModel> needed = functions.needed(List.of(goal), method, measure, axioms);
        List<Term> kept = new ArrayList<>();
        Map<String, MethodModel> named = new LinkedHashMap<>(needed);
        for (Term t : terms) {
            boolean[] foreign = {false};
            Map<String, MethodModel> here = new LinkedHashMap<>();
            symbols(t, x -> {
                MethodModel m = functions.method(x);
                if (m != null) {
                    here.put(Functions.symbol(m), m);
                    foreign[0] |= !needed.containsKey(Functions.symbol(m));
                }
            });
            boolean heap = t instanceof Term.App(String op, List<Term> args)
                    && op.equals("=")
                    && args.getFirst() instanceof Term.App(String h, List<Term> none)
                    && h.startsWith("H!");
            if (!foreign[0] || heap) {
                kept.add(t);
                named.putAll(here);
            }
        }
        return ground(kept, axioms, candidates, named, sorts, Ground.FEW);
    }

    private static String ground(
            List<Term> terms,
            List<Term> axioms,
            List<Term> candidates,
            Map<String, MethodModel> functionsUsed,
            Map<String, String> sorts,
            int rounds) {
        Ground.Result g = Ground.of(terms, axioms, candidates, rounds);
        Map<String, String> more = new LinkedHashMap<>(sorts);
        more.putAll(g.constants());
        return text(g.facts(), List.of(), functionsUsed, more, false);
    }

    private static List<String> cases(
            Sequent s,
            List<Term> terms,
            List<Term> axioms,
            List<Term> candidates,
            Map<String, MethodModel> functionsUsed,
            Map<String, String> sorts) {
        for (String skolem : s.skolems.keySet()) {
            Term.Var v = new Term.Var(skolem, "Int");
            List<Term> values = range(v, s.hypotheses);
            if (values.isEmpty()) {
                continue;
            }
            List<String> all = new ArrayList<>();
            for (Term value : values) {
                List<Term> these = terms.stream()
                        .map(t -> substitute(t, Map.of(skolem, value)))
                        .filter(t -> !t.equals(TRUE))
                        .toList();
                List<Term> tried = candidates.stream()
                        .map(t -> substitute(t, Map.of(skolem, value)))
                        .toList();
                all.add(ground(these, axioms, tried, functionsUsed, sorts, Ground.FEW));
            }
            return all;
        }
        return List.of();
    }

    private static String text(
            List<Term> terms,
            List<Term> axioms,
            Map<String, MethodModel> functionsUsed,
            Map<String, String> sorts,
            boolean quantified) {
        return text(terms, axioms, functionsUsed, sorts, quantified, false);
    }

    private static String text(
            List<Term> concrete,
            List<Term> concreteAxioms,
            Map<String, MethodModel> functionsUsed,
            Map<String, String> concreteSorts,
            boolean quantified,
            boolean abstractly) {
        StringBuilder out = new StringBuilder();
        List<Term> terms = concrete;
        List<Term> axioms = concreteAxioms;
        Map<String, String> sorts = concreteSorts;
        if (abstractly) {
            AbstractFloats floats = new AbstractFloats(
                    concreteSorts,
                    f -> java.util.Objects.requireNonNull(
                            functionsUsed.get(f.endsWith(".0") ? f.substring(0, f.length() - 2) : f)));
            terms = concrete.stream().map(floats::translate).toList();
            axioms = concreteAxioms.stream().map(floats::translate).toList();
            sorts = new LinkedHashMap<>(concreteSorts);
            sorts.replaceAll((name, sort) -> AbstractFloats.sort(sort));
            out.append(floats.declarations());
        }
        Set<String> symbols = new LinkedHashSet<>();
        terms.forEach(t -> symbols(t, symbols::add));
        axioms.forEach(t -> symbols(t, symbols::add));
        prelude(symbols, out, quantified);
        for (MethodModel m : functionsUsed.values()) {
            declare(m, out, abstractly);
        }
        List<String> heaps = new ArrayList<>();
        for (String symbol : symbols) {
            String sort = sorts.get(symbol);
            if (sort != null) {
                out.append("(declare-const ")
                        .append(symbol)
                        .append(' ')
                        .append(sort)
                        .append(")\n");
                if (symbol.startsWith("H!") || symbol.startsWith("C!")) {
                    heaps.add(symbol);
                }
            }
        }
        if (quantified) {
            for (String h : heaps) {
                typed(h, symbols, out);
            }
        }
        for (Term a : axioms) {
            out.append("(assert ").append(a).append(")\n");
        }
        for (Term h : terms) {
            out.append("(assert ").append(h).append(")\n");
        }
        return out.toString();
    }

    private static void declare(MethodModel m, StringBuilder out, boolean abstractly) {
        String name = Functions.symbol(m);
        String concrete = "(" + String.join(" ", Functions.argumentSorts(m)) + ") "
                + m.result().sort() + ")\n";
        String sorts = abstractly ? AbstractFloats.sort(concrete) : concrete;
        out.append("(declare-fun ").append(name).append(' ').append(sorts);
        out.append("(declare-fun ").append(name).append(".0 ").append(sorts);
    }

    /** What is stored in an array has been converted to the element's type: a fact of Java's type system. */
    private static void typed(String symbol, Set<String> symbols, StringBuilder out) {
        String element = symbol.split("!")[1];
        Ty.Prim type = Ty.Prim.valueOf(element.toUpperCase(java.util.Locale.ROOT));
        if (!type.integral()) {
            return;
        }
        if (symbol.startsWith("C!")) {
            out.append("(assert (typed.%s %s))%n".formatted(element, symbol));
        } else {
            out.append("(assert (forall ((r Int)) (! (typed.%s (select %s r)) :pattern ((select %s r)))))%n"
                    .formatted(element, symbol, symbol));
        }
    }

    private static void prelude(Set<String> symbols, StringBuilder out, boolean quantified) {
        if (symbols.contains("arrlen")) {
            out.append(LENGTHS);
        }
        if (symbols.contains("arrlen") && quantified) {
            out.append(
                    "(assert (forall ((r Int)) (! (and (<= 0 (arrlen r)) (<= (arrlen r) 2147483647)) :pattern ((arrlen r)))))\n");
        }
        for (Ty.Prim p : List.of(Ty.Prim.BYTE, Ty.Prim.SHORT, Ty.Prim.CHAR, Ty.Prim.INT, Ty.Prim.LONG)) {
            boolean used = symbols.contains("typed." + p)
                    || symbols.stream().anyMatch(s -> s.startsWith("H!" + p) || s.startsWith("C!" + p));
            if (used && quantified) {
                out.append("(declare-fun typed.%s ((Array Int Int)) Bool)%n".formatted(p));
                out.append(
                        "(assert (forall ((c (Array Int Int)) (i Int)) (! (=> (typed.%s c) (and (<= %s (select c i)) (<= (select c i) %s))) :pattern ((typed.%s c) (select c i)))))%n"
                                .formatted(p, num(p.min()), num(p.max()), p));
            }
        }
        Conversions.declare(symbols, out);
    }

    /** Adds instances of universal hypotheses for the candidates. */
    private static void instances(Term h, List<Term> candidates, Set<Term> out, int depth) {
        if (h instanceof Term.App(String op, List<Term> args) && op.equals("=>") && args.get(1) instanceof Term.Quant) {
            List<Term> inner = new ArrayList<>();
            Set<Term> found = new LinkedHashSet<>();
            instances(args.get(1), candidates, found, depth);
            inner.addAll(found);
            inner.forEach(i -> out.add(implies(args.get(0), i)));
            return;
        }
        if (!(h instanceof Term.Quant q)
                || !q.universal()
                || q.vars().size() > 2
                || !q.vars().stream().allMatch(v -> v.sort().equals("Int"))) {
            return;
        }
        List<Term> values = new ArrayList<>(candidates);
        List<Map<String, Term>> maps = new ArrayList<>();
        for (Term a : values) {
            if (q.vars().size() == 1) {
                maps.add(Map.of(q.vars().getFirst().name(), a));
            } else {
                for (Term b : values) {
                    maps.add(Map.of(q.vars().get(0).name(), a, q.vars().get(1).name(), b));
                }
            }
        }
        for (Map<String, Term> map : maps) {
            Term instance = substitute(q.body(), map);
            if (!instance.equals(TRUE)) {
                out.add(instance);
                if (depth < 2) {
                    instances(instance, candidates, out, depth + 1);
                }
            }
        }
    }

    /** The values of a variable whose range is written with small constants. */
    private static List<Term> range(Term.Var variable, List<Term> facts) {
        List<Term> conjuncts = conjuncts(facts);
        BigInteger lo = null;
        BigInteger hi = null;
        Term v = variable.term();
        for (Term t : conjuncts) {
            if (t instanceof Term.App(String rel, List<Term> sides) && (rel.equals("<=") || rel.equals("<"))) {
                var left = number(sides.get(0));
                var right = number(sides.get(1));
                if (left.isPresent() && sides.get(1).equals(v)) {
                    BigInteger bound = rel.equals("<") ? left.get().add(BigInteger.ONE) : left.get();
                    lo = lo == null ? bound : lo.max(bound);
                } else if (right.isPresent() && sides.get(0).equals(v)) {
                    BigInteger bound = rel.equals("<") ? right.get().subtract(BigInteger.ONE) : right.get();
                    hi = hi == null ? bound : hi.min(bound);
                }
            }
        }
        List<Term> values = new ArrayList<>();
        if (lo != null && hi != null && hi.subtract(lo).compareTo(BigInteger.valueOf(SMALL)) < 0) {
            for (BigInteger i = lo; i.compareTo(hi) <= 0; i = i.add(BigInteger.ONE)) {
                values.add(num(i));
            }
        }
        return values;
    }
}
