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
import org.threehalf.jml.logic.Element;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.ArrayOperation.Access;
import org.threehalf.jml.logic.Operator.Comparison;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Operator.Logical;
import org.threehalf.jml.logic.Operator.UserFunction;
import org.threehalf.jml.logic.Sort;
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

    private final Functions functions;
    private final MethodModel method;
    private final @Nullable Term measure;

    /**
     * For the conditions of a method.
     *
     * @param functions the pure methods that conditions may name
     * @param measure the method's measure at its start, below which its own contract is known of recursive calls; null
     *     for none
     */
    public SmtWriter(Functions functions, MethodModel method, @Nullable Term measure) {
        this.functions = functions;
        this.method = method;
        this.measure = measure;
    }

    /**
     * A script and what a model of it means in Java.
     *
     * @param whole the whole script
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
            SmtText whole,
            Supplier<List<SmtText>> abstractly,
            Supplier<List<SmtText>> ground,
            Supplier<List<SmtText>> cases,
            List<Supplier<SmtText>> sizes,
            Function<Function<Term, Optional<BigInteger>>, Optional<Finite>> finite,
            List<Condition.Shown> shown) {}

    /**
     * A condition of which some values are fixed.
     *
     * @param script without quantifiers
     * @param choice what was fixed, as a formula
     */
    public record Finite(SmtText script, Term choice) {}

    private record Sequent(List<Term> hypotheses, Term goal, Set<Term.Constant> skolems) {}

    /**
     * The scripts of a condition, all of which must be contradictory; none where it is stated word for word among its
     * facts.
     *
     * <p>Of a feasibility check, one script, which must not be.
     */
    public List<Script> write(Condition c) {
        List<Sequent> sequents = new ArrayList<>();
        if (c.feasible()) {
            sequents.add(new Sequent(c.hypotheses(), FALSE, Set.of()));
        } else {
            split(c.hypotheses(), c.goal(), Set.of(), sequents);
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

    private static void split(List<Term> hypotheses, Term goal, Set<Term.Constant> skolems, List<Sequent> out) {
        switch (goal) {
            case Term.App(Operator op, List<Term> args)
            when op == Logical.AND -> args.forEach(a -> split(hypotheses, a, skolems, out));
            case Term.App(Operator op, List<Term> args)
            when op == Logical.IMPLIES -> split(plus(hypotheses, args.get(0)), args.get(1), skolems, out);
            case Term.Quant q
            when q.universal() -> {
                Map<String, Term> map = new HashMap<>();
                Set<Term.Constant> more = new LinkedHashSet<>(skolems);
                for (Term.Var v : q.vars()) {
                    Term.Constant witness = new Term.Constant("sk." + v.name(), v.sort(), true);
                    map.put(v.name(), witness);
                    more.add(witness);
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
        List<Term> candidates = new ArrayList<>(
                s.skolems.stream().filter(k -> k.sort().equals(Sort.INT)).toList());
        if (!c.feasible()) {
            // Local variables too: loops read at their index.
            for (Condition.Shown v : c.shown()) {
                Term t = v.value().term();
                if (v.value().type() == Ty.Prim.INT && t.isLeaf() && number(t).isEmpty() && candidates.size() < 6) {
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
        Set<Term.Constant> constants = new LinkedHashSet<>(c.constants());
        constants.addAll(s.skolems);
        Supplier<SmtText> shallow = () -> ground(
                terms, functions.shallow(terms, method, measure), candidates, functionsUsed, constants, Ground.FEW);
        Supplier<List<SmtText>> ground = c.feasible()
                ? List::of
                : () -> List.of(
                        focused(s.goal, terms, candidates, constants),
                        shallow.get(),
                        ground(terms, axioms, candidates, functionsUsed, constants, Ground.FEW),
                        ground(terms, axioms, candidates, functionsUsed, constants, Ground.MANY));
        Supplier<List<SmtText>> cases =
                c.feasible() ? List::of : () -> cases(s, terms, axioms, candidates, functionsUsed, constants);
        List<Term> essential = new ArrayList<>(hypotheses);
        essential.add(not(s.goal));
        SmtText whole = text(terms, axioms, functionsUsed, constants, true);
        boolean abstractable = whole.vocabulary().abstractable()
                || functionsUsed.values().stream().anyMatch(SmtWriter::floating);
        Supplier<List<SmtText>> abstractly = c.feasible() || !abstractable
                ? List::of
                : () -> {
                    Ground.Result g = Ground.of(terms, axioms, candidates, Ground.FEW);
                    Set<Term.Constant> more = new LinkedHashSet<>(constants);
                    more.addAll(g.constants());
                    return List.of(
                            text(terms, axioms, functionsUsed, constants, true, true),
                            text(g.facts(), List.of(), functionsUsed, more, false, true));
                };
        return new Script(
                whole,
                abstractly,
                ground,
                cases,
                List.of(
                        () -> shallow.get().withLengths(),
                        () -> sizes(essential, constants).withLengths()),
                model -> finite(essential, axioms, functionsUsed, constants, model, c.feasible()),
                c.shown());
    }

    /** Whether a function takes or gives numbers of IEEE 754. */
    private static boolean floating(MethodModel m) {
        return m.result().sort().floating()
                || Functions.argumentSorts(m).stream().anyMatch(Sort::floating);
    }

    /** What is said of numbers and lengths alone. */
    private static SmtText sizes(List<Term> facts, Set<Term.Constant> constants) {
        List<Term> kept = facts.stream()
                .filter(t -> !Ground.hasQuantifier(t) && !any(t, x -> x instanceof Term.App a && beyondSizes(a)))
                .toList();
        return text(kept, List.of(), Map.of(), constants, false);
    }

    private static boolean beyondSizes(Term.App a) {
        return a.is(Access.SELECT)
                || a.is(Access.STORE)
                || a.op() instanceof UserFunction
                || a.op() instanceof FloatingPoint
                || a.op() instanceof ArrayOperation.Typed;
    }

    private static Optional<Finite> finite(
            List<Term> facts,
            List<Term> axioms,
            Map<String, MethodModel> functionsUsed,
            Set<Term.Constant> constants,
            Function<Term, Optional<BigInteger>> model,
            boolean whole) {
        return FiniteInstance.of(facts, axioms, constants, model, whole).map(f -> {
            List<Term> all = new ArrayList<>(f.facts());
            all.addAll(f.choice());
            return new Finite(text(all, List.of(), functionsUsed, constants, false), Terms.and(f.choice()));
        });
    }

    /**
     * Without what speaks of functions that the goal does not need, but for the equations that say what the heaps hold.
     */
    private SmtText focused(Term goal, List<Term> terms, List<Term> candidates, Set<Term.Constant> constants) {
        List<Term> axioms = new ArrayList<>();
        Map<String, MethodModel> needed = functions.needed(List.of(goal), method, measure, axioms);
        List<Term> kept = new ArrayList<>();
        Map<String, MethodModel> named = new LinkedHashMap<>(needed);
        for (Term t : terms) {
            boolean[] foreign = {false};
            Map<String, MethodModel> here = new LinkedHashMap<>();
            visit(t, x -> {
                if (x instanceof Term.App a && a.op() instanceof UserFunction f) {
                    here.put(f.key(), functions.method(f));
                    foreign[0] |= !needed.containsKey(f.key());
                }
            });
            boolean heap = arguments(t, Logical.EQUAL)
                    .filter(args -> args.getFirst() instanceof Term.Constant h && h.sort() instanceof Sort.Heap)
                    .isPresent();
            if (!foreign[0] || heap) {
                kept.add(t);
                named.putAll(here);
            }
        }
        return ground(kept, axioms, candidates, named, constants, Ground.FEW);
    }

    private static SmtText ground(
            List<Term> terms,
            List<Term> axioms,
            List<Term> candidates,
            Map<String, MethodModel> functionsUsed,
            Set<Term.Constant> constants,
            int rounds) {
        Ground.Result g = Ground.of(terms, axioms, candidates, rounds);
        Set<Term.Constant> more = new LinkedHashSet<>(constants);
        more.addAll(g.constants());
        return text(g.facts(), List.of(), functionsUsed, more, false);
    }

    private static List<SmtText> cases(
            Sequent s,
            List<Term> terms,
            List<Term> axioms,
            List<Term> candidates,
            Map<String, MethodModel> functionsUsed,
            Set<Term.Constant> constants) {
        for (Term.Constant skolem : s.skolems) {
            List<Term> values = range(skolem, s.hypotheses);
            if (values.isEmpty()) {
                continue;
            }
            List<SmtText> all = new ArrayList<>();
            for (Term value : values) {
                List<Term> these = terms.stream()
                        .map(t -> substitute(t, Map.of(skolem.name(), value)))
                        .filter(t -> !t.equals(TRUE))
                        .toList();
                List<Term> tried = candidates.stream()
                        .map(t -> substitute(t, Map.of(skolem.name(), value)))
                        .toList();
                all.add(ground(these, axioms, tried, functionsUsed, constants, Ground.FEW));
            }
            return all;
        }
        return List.of();
    }

    private static SmtText text(
            List<Term> terms,
            List<Term> axioms,
            Map<String, MethodModel> functionsUsed,
            Set<Term.Constant> constants,
            boolean quantified) {
        return text(terms, axioms, functionsUsed, constants, quantified, false);
    }

    private static SmtText text(
            List<Term> concrete,
            List<Term> concreteAxioms,
            Map<String, MethodModel> functionsUsed,
            Set<Term.Constant> concreteConstants,
            boolean quantified,
            boolean abstractly) {
        SmtText.Commands out = new SmtText.Commands();
        List<Term> terms = concrete;
        List<Term> axioms = concreteAxioms;
        Set<Term.Constant> constants = concreteConstants;
        if (abstractly) {
            AbstractFloats floats = new AbstractFloats();
            terms = concrete.stream().map(floats::translate).toList();
            axioms = concreteAxioms.stream().map(floats::translate).toList();
            constants = new LinkedHashSet<>();
            for (Term.Constant c : concreteConstants) {
                constants.add(new Term.Constant(c.name(), c.sort().opaque(), c.witness()));
            }
            floats.declare(out);
        }
        Vocabulary vocabulary = Vocabulary.of(
                java.util.stream.Stream.concat(terms.stream(), axioms.stream()).toList());
        prelude(vocabulary, out, quantified);
        for (MethodModel m : functionsUsed.values()) {
            declare(m, out, abstractly);
        }
        List<Term.Constant> heaps = new ArrayList<>();
        for (Term.Constant c : vocabulary.constants()) {
            if (constants.contains(c)) {
                out.declare(SmtLib.declaration(c.name(), c.sort()));
                if (c.sort() instanceof Sort.Heap || c.sort() instanceof Sort.Contents) {
                    heaps.add(c);
                }
            }
        }
        if (quantified) {
            heaps.forEach(h -> typed(h, out));
        }
        axioms.forEach(a -> out.state(SmtLib.assertion(a)));
        terms.forEach(t -> out.state(SmtLib.assertion(t)));
        List<Term> facts = new ArrayList<>(axioms);
        facts.addAll(terms);
        return out.text(facts, vocabulary, functionsUsed.keySet(), vocabulary.holds(Access.LENGTH));
    }

    private static void declare(MethodModel m, SmtText.Commands out, boolean abstractly) {
        for (boolean limited : new boolean[] {false, true}) {
            UserFunction f = Functions.function(m, limited);
            List<Sort> sorts = Functions.argumentSorts(m);
            out.declare(
                    abstractly
                            ? SmtLib.declaration(
                                    f,
                                    sorts.stream().map(Sort::opaque).toList(),
                                    f.result().opaque())
                            : SmtLib.declaration(f, sorts, f.result()));
        }
    }

    /** What is stored in an array has been converted to the element's type: a fact of Java's type system. */
    private static void typed(Term.Constant array, SmtText.Commands out) {
        switch (array.sort()) {
            case Sort.Contents(Element e)
            when e.bounded() -> out.state(SmtLib.assertion(app(new ArrayOperation.Typed(e), array)));
            case Sort.Heap(Element e)
            when e.bounded() -> {
                Term.Var r = new Term.Var("r", Sort.INT);
                Term contents = select(array, r);
                out.state(SmtLib.assertion(
                        forall(List.of(r), app(new ArrayOperation.Typed(e), contents), List.of(List.of(contents)))));
            }
            default -> {}
        }
    }

    private static void prelude(Vocabulary vocabulary, SmtText.Commands out, boolean quantified) {
        if (vocabulary.holds(Access.LENGTH)) {
            out.declare(SmtText.LENGTHS);
            if (quantified) {
                Term.Var r = new Term.Var("r", Sort.INT);
                Term length = app(Access.LENGTH, r);
                Term within = between(length, BigInteger.ZERO, Ty.Prim.INT.max());
                out.state(SmtLib.assertion(forall(List.of(r), within, List.of(List.of(length)))));
            }
        }
        Set<Element> elements = vocabulary.elements();
        for (Ty.Prim p : List.of(Ty.Prim.BYTE, Ty.Prim.SHORT, Ty.Prim.CHAR, Ty.Prim.INT, Ty.Prim.LONG)) {
            Element e = p.element();
            if (quantified && elements.contains(e)) {
                ArrayOperation.Typed typed = new ArrayOperation.Typed(e);
                Term.Var c = new Term.Var("c", new Sort.Contents(e));
                Term.Var i = new Term.Var("i", Sort.INT);
                Term value = select(c, i);
                out.declare(SmtLib.declaration(typed, List.of(c.sort()), Sort.BOOL));
                out.state("(assert (forall ((c %s) (i Int)) (! %s :pattern (%s %s))))%n"
                        .formatted(
                                SmtLib.sort(c.sort()),
                                SmtLib.text(implies(app(typed, c), e.holds(value))),
                                SmtLib.text(app(typed, c)),
                                SmtLib.text(value)));
            }
        }
        Conversions.DEFINED.stream().filter(vocabulary::holds).forEach(op -> out.declare(Conversions.definition(op)));
    }

    /** Adds instances of universal hypotheses for the candidates. */
    private static void instances(Term h, List<Term> candidates, Set<Term> out, int depth) {
        if (h instanceof Term.App(Operator op, List<Term> args)
                && op == Logical.IMPLIES
                && args.get(1) instanceof Term.Quant) {
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
                || !q.vars().stream().allMatch(v -> v.sort().equals(Sort.INT))) {
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
    private static List<Term> range(Term.Constant v, List<Term> facts) {
        List<Term> conjuncts = conjuncts(facts);
        BigInteger lo = null;
        BigInteger hi = null;
        for (Term t : conjuncts) {
            if (t instanceof Term.App(Comparison rel, List<Term> sides)) {
                var left = number(sides.get(0));
                var right = number(sides.get(1));
                if (left.isPresent() && sides.get(1).equals(v)) {
                    BigInteger bound = rel == Comparison.BELOW ? left.get().add(BigInteger.ONE) : left.get();
                    lo = lo == null ? bound : lo.max(bound);
                } else if (right.isPresent() && sides.get(0).equals(v)) {
                    BigInteger bound = rel == Comparison.BELOW ? right.get().subtract(BigInteger.ONE) : right.get();
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
