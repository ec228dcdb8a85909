package org.threehalf.jml.vc;

import static org.threehalf.jml.logic.Terms.*;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.UserFunction;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.syntax.Calls;
import org.threehalf.jml.syntax.Clause;
import org.threehalf.jml.syntax.Expr;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.Ty;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/**
 * Pure methods as functions: an operator each, of which the contract (and a model method's definition) is stated as
 * axioms.
 *
 * <p>An array argument stands as its contents and length, so a function sees what an array holds and not where it lies.
 * A recursive definition is stated for the function and names the limited function in its recursive calls, which is
 * equal to it but unfolds no further; so each mention in a condition is unfolded once.
 */
public final class Functions {
    private final Program program;
    private final Map<String, List<Term>> definitions = new HashMap<>();
    private final Map<String, List<Term>> contracts = new HashMap<>();
    private final Map<String, Set<String>> uses = new HashMap<>();
    private final Map<String, MethodModel> sums = new ConcurrentHashMap<>();
    private final Map<Sums.Same, MethodModel> sumsByTerms = new ConcurrentHashMap<>();
    private @Nullable Set<String> determined;

    /** Of the pure methods of a program. */
    public Functions(Program program) {
        this.program = program;
    }

    /** The program whose methods they are. */
    public Program program() {
        return program;
    }

    /** A method, or a sum's function; null where there is none. */
    @Nullable
    MethodModel find(String key) {
        MethodModel m = program.methods().get(key);
        return m == null ? sums.get(key) : m;
    }

    /** The function of a sum in a contract of {@code scope}: one for all sums of the same terms. */
    MethodModel sum(MethodModel scope, Expr.Sum s, Expr each, List<MethodModel.Param> params) {
        return sumsByTerms.computeIfAbsent(Sums.same(scope, s, each, params), k -> {
            MethodModel m = Sums.function(scope, s, each, params, sums.size());
            sums.put(m.key(), m);
            return m;
        });
    }

    /** Whether a method is stated as a function: it is pure, and takes and gives what is determined by values. */
    static boolean isFunction(MethodModel m) {
        return m.spec().pure()
                && !(m.result() instanceof Ty.Arr)
                && !(m.result() instanceof Ty.Rec)
                && !(m.result() instanceof Ty.Opaque)
                && m.result() != Ty.Prim.VOID
                && m.params().stream()
                        .noneMatch(p -> p.type() instanceof Ty.Opaque
                                || p.type() instanceof Ty.Rec
                                || p.type() instanceof Ty.Arr && p.nullable());
    }

    /**
     * Refuses a method that would be a contradictory axiom: its contract is stated for every argument, so it must
     * return normally and not go round in circles.
     */
    void checkFunction(MethodModel m) {
        if (!isFunction(m)) {
            return;
        }
        for (MethodModel.Case k : m.spec().cases()) {
            List<String> only = k.signalsOnly();
            if (k.kind() == MethodModel.Case.Kind.LIGHTWEIGHT && (only == null || !only.isEmpty())) {
                throw new UnsupportedSyntaxException(
                        m.file(),
                        k.line(),
                        "the pure method " + m.name()
                                + " may throw in a case that also promises a result: write normal_behavior and exceptional_behavior");
            }
        }
        if (calls(m).stream()
                .anyMatch(
                        k -> !k.equals(m.key()) && reachable(program.method(k)).contains(m.key()))) {
            throw new UnsupportedSyntaxException(
                    m.file(), m.line(), "mutual recursion of the pure method " + m.name() + " is outside the subset");
        }
        Set<String> before = new LinkedHashSet<>();
        new Calls(program, m).preconditions(before);
        if (before.contains(m.key())) {
            throw new UnsupportedSyntaxException(
                    m.file(), m.line(), "the precondition or measure of " + m.name() + " calls it");
        }
    }

    /** Whether a method's code decides what some function gives. */
    boolean determined(MethodModel m) {
        if (determined == null) {
            Set<String> all = new LinkedHashSet<>();
            for (MethodModel f : program.methods().values()) {
                if (isFunction(f)) {
                    all.add(f.key());
                    all.addAll(reachable(f));
                }
            }
            determined = all;
        }
        return determined.contains(m.key());
    }

    /**
     * A method as an operator.
     *
     * @param limited whether it is the function that unfolds no further
     */
    public static UserFunction function(MethodModel m, boolean limited) {
        return new UserFunction(m.key(), m.result().sort(), limited);
    }

    /** The method that a function is. */
    public MethodModel method(UserFunction f) {
        MethodModel m = find(f.key());
        if (m == null) {
            throw new IllegalStateException("no method is called " + f.key());
        }
        return m;
    }

    /** The sorts of a function's arguments. */
    public static List<Sort> argumentSorts(MethodModel m) {
        List<Sort> sorts = new ArrayList<>();
        for (MethodModel.Param p : m.params()) {
            if (p.type() instanceof Ty.Arr(Ty.Prim element)) {
                sorts.add(element.contents());
                sorts.add(Sort.INT);
            } else {
                sorts.add(p.type().sort());
            }
        }
        return sorts;
    }

    private static List<Term> arguments(List<Val> args, State state, Evaluator evaluator) {
        List<Term> terms = new ArrayList<>();
        for (Val v : args) {
            if (v.type() instanceof Ty.Arr) {
                terms.add(evaluator.contents(state, v));
                terms.add(Evaluator.length(v));
            } else {
                terms.add(v.term());
            }
        }
        return terms;
    }

    /** The function's value. */
    Val apply(MethodModel m, List<Val> args, State state, Evaluator evaluator, Evaluator.Context c) {
        if (!isFunction(m)) {
            throw c.error(m.line(), m.name() + " gives or takes more than values: a contract cannot call it");
        }
        return Val.of(m.result(), app(function(m, m.key().equals(c.limited)), arguments(args, state, evaluator)));
    }

    private Map<String, Val> bind(MethodModel m, List<Val> args) {
        Map<String, Val> bound = new HashMap<>();
        for (int i = 0; i < args.size(); i++) {
            bound.put(m.params().get(i).name(), args.get(i));
        }
        return bound;
    }

    Evaluator.Context context(
            MethodModel m,
            Map<String, Val> bound,
            State state,
            @Nullable State old,
            @Nullable Val result,
            Evaluator evaluator,
            @Nullable String limited) {
        return evaluator
        .new Context(Evaluator.Scope.CONTRACT, m, state, old, result, bound, true, null, null, limited, List.of());
    }

    /** That some case which returns normally applies. */
    Term precondition(MethodModel m, List<Val> args, State state, Evaluator evaluator) {
        Evaluator.Context c = context(m, bind(m, args), state, null, null, evaluator, null);
        return or(m.spec().cases().stream()
                .filter(k -> k.kind() != MethodModel.Case.Kind.EXCEPTIONAL)
                .map(k -> and(k.requires().stream()
                        .map(r -> evaluator.condition(r.expr(), c))
                        .toList()))
                .toList());
    }

    /**
     * That the measure of a recursive call's arguments is not negative and below that of the caller's parameters.
     *
     * @param now the state of the call
     * @param entry the state in which the caller began
     */
    Term decreases(
            MethodModel m,
            List<Val> args,
            State now,
            State entry,
            Map<String, Val> parameters,
            Evaluator.Context caller,
            Evaluator evaluator) {
        Clause measure = m.spec().measuredBy();
        if (measure == null) {
            throw caller.error(m.line(), m.name() + " is recursive and has no measured_by");
        }
        Term inner = evaluator.measure(measure.expr(), context(m, bind(m, args), now, null, null, evaluator, null));
        Term outer = evaluator.measure(measure.expr(), context(m, parameters, entry, null, null, evaluator, null));
        return and(le(num(0), inner), lt(inner, outer));
    }

    private record Symbolic(List<Term.Var> vars, List<Val> args, List<Term> typed) {}

    private static Symbolic symbolic(MethodModel m) {
        List<Term.Var> vars = new ArrayList<>();
        List<Val> args = new ArrayList<>();
        List<Term> typed = new ArrayList<>();
        for (MethodModel.Param p : m.params()) {
            String name = "p" + vars.size() + p.name();
            if (p.type() instanceof Ty.Arr(Ty.Prim element)) {
                Term.Var contents = new Term.Var(name + "?c", element.contents());
                Term.Var length = new Term.Var(name + "?n", Sort.INT);
                vars.add(contents);
                vars.add(length);
                args.add(new Val(p.type(), num(1), null, null, contents, length));
                typed.add(between(length, java.math.BigInteger.ZERO, Ty.Prim.INT.max()));
                if (element.integral()) {
                    typed.add(app(new ArrayOperation.Typed(element.element()), contents));
                }
            } else {
                Term.Var v = new Term.Var(name + "?a", p.type().sort());
                vars.add(v);
                args.add(Val.of(p.type(), v));
                if (p.type().integral() && p.type() != Ty.Prim.BIGINT) {
                    typed.add(between(v, p.type().min(), p.type().max()));
                }
                if (p.type() instanceof Ty.Enumeration e) {
                    typed.add(p.nullable() ? e.holds(v) : and(e.holds(v), le(num(0), v)));
                }
            }
        }
        return new Symbolic(vars, args, typed);
    }

    /**
     * A model method's definition, under its precondition.
     *
     * @param below where the method is still being proved, the bound that the measure must stay below; otherwise null
     */
    List<Term> definition(MethodModel m, @Nullable Term below) {
        List<Term> known = below == null ? definitions.get(m.key()) : null;
        if (known != null) {
            return known;
        }
        List<Term> axioms = new ArrayList<>();
        if (m.model() && m.modelBody() != null) {
            Evaluator evaluator = new Evaluator(program, this);
            Symbolic s = symbolic(m);
            State state = new State(num(0));
            Map<String, Val> bound = bind(m, s.args);
            Term call = app(function(m, false), arguments(s.args, state, evaluator));
            Term limited = app(function(m, true), arguments(s.args, state, evaluator));
            Term pre = precondition(m, s.args, state, evaluator);
            Evaluator.Context c = context(m, bound, state, null, null, evaluator, m.key());
            Val body = evaluator.eval(m.modelBody(), c);
            Val converted = m.result().floating() ? Arith.toFloating(body, m.result()) : body;
            List<Term> guard = new ArrayList<>(s.typed);
            guard.add(pre);
            guard.addAll(smaller(m, bound, state, evaluator, below));
            axioms.add(close(s.vars, implies(and(guard), eq(call, converted.term())), call));
            axioms.add(close(s.vars, eq(call, limited), call));
        }
        if (below == null) {
            definitions.put(m.key(), axioms);
        }
        return axioms;
    }

    /** That the measure of a method's parameters is not negative and below a bound; nothing where there is none. */
    private List<Term> smaller(
            MethodModel m, Map<String, Val> bound, State state, Evaluator evaluator, @Nullable Term below) {
        Clause measure = m.spec().measuredBy();
        if (below == null || measure == null) {
            return List.of();
        }
        Term value = evaluator.measure(measure.expr(), context(m, bound, state, null, null, evaluator, null));
        return List.of(le(num(0), value), lt(value, below));
    }

    private static Term close(List<Term.Var> vars, Term body, Term pattern) {
        return vars.isEmpty() ? body : forall(vars, body, List.of(List.of(pattern)));
    }

    /**
     * The contract as axioms.
     *
     * @param below where the contract is still being proved, the bound that the measure must stay below; otherwise null
     */
    List<Term> contract(MethodModel m, @Nullable Term below) {
        if (below == null) {
            List<Term> known = contracts.get(m.key());
            if (known != null) {
                return known;
            }
        }
        Evaluator evaluator = new Evaluator(program, this);
        Symbolic s = symbolic(m);
        State state = new State(num(0));
        Map<String, Val> bound = bind(m, s.args);
        UserFunction function = function(m, false);
        List<Term> axioms = new ArrayList<>();
        for (MethodModel.Case k : m.spec().cases()) {
            if (k.kind() == MethodModel.Case.Kind.EXCEPTIONAL) {
                continue;
            }
            Evaluator.Context plain = context(m, bound, state, null, null, evaluator, null);
            List<Term> guard = new ArrayList<>(s.typed);
            k.requires().forEach(r -> guard.add(evaluator.condition(r.expr(), plain)));
            guard.addAll(smaller(m, bound, state, evaluator, below));
            for (Clause e : k.ensures()) {
                Val result = Val.of(m.result(), app(function, arguments(s.args, state, evaluator)));
                Evaluator.Context c = context(m, bound, state, state, result, evaluator, m.key());
                axioms.add(close(s.vars, implies(and(guard), evaluator.condition(e.expr(), c)), result.term()));
            }
        }
        if (m.result().integral() && m.result() != Ty.Prim.BIGINT) {
            Term call = app(function, arguments(s.args, state, evaluator));
            Term typed = between(call, m.result().min(), m.result().max());
            // That a definition fits its type is what is being proved; what Java returns does by itself.
            List<Term> guard = m.model() ? smaller(m, bound, state, evaluator, below) : List.of();
            axioms.add(close(s.vars, implies(and(guard), typed), call));
        }
        if (below == null) {
            contracts.put(m.key(), axioms);
        }
        return axioms;
    }

    /** The methods that a method's contract and body call, directly. */
    public Set<String> calls(MethodModel m) {
        return uses.computeIfAbsent(m.key(), k -> {
            Set<String> found = new LinkedHashSet<>();
            new Calls(program, m).collect(found);
            return found;
        });
    }

    /** The methods that a method calls, directly or not. */
    Set<String> reachable(MethodModel m) {
        Set<String> seen = new LinkedHashSet<>();
        List<MethodModel> open = new ArrayList<>(List.of(m));
        while (!open.isEmpty()) {
            for (String key : calls(open.removeLast())) {
                if (seen.add(key)) {
                    open.add(program.method(key));
                }
            }
        }
        return seen;
    }

    /** The axioms that the functions of some terms need, in a stable order, and the functions they speak of, by key. */
    public Map<String, MethodModel> needed(
            List<Term> terms, MethodModel proving, @Nullable Term measure, List<Term> axioms) {
        return collect(terms, proving, measure, axioms, true);
    }

    /**
     * The axioms of the functions that some terms name themselves, but not of the functions that only these axioms
     * name.
     */
    public List<Term> shallow(List<Term> terms, MethodModel proving, @Nullable Term measure) {
        List<Term> axioms = new ArrayList<>();
        collect(terms, proving, measure, axioms, false);
        return axioms;
    }

    private Map<String, MethodModel> collect(
            List<Term> terms, MethodModel proving, @Nullable Term measure, List<Term> axioms, boolean deeply) {
        Map<String, MethodModel> found = new LinkedHashMap<>();
        List<Term> open = new ArrayList<>(terms);
        while (!open.isEmpty()) {
            Term t = open.removeFirst();
            visit(t, x -> {
                if (!(x instanceof Term.App a) || !(a.op() instanceof UserFunction f)) {
                    return;
                }
                MethodModel m = method(f);
                if (found.putIfAbsent(m.key(), m) != null) {
                    return;
                }
                boolean own = m.key().equals(proving.key());
                List<Term> more = new ArrayList<>(definition(m, own ? measure : null));
                if (!own) {
                    if (reachable(m).contains(proving.key())) {
                        throw new UnsupportedSyntaxException(
                                proving.file(),
                                proving.line(),
                                "mutual recursion of " + proving.shortName() + " and " + m.shortName()
                                        + " is outside the subset");
                    }
                    more.addAll(contract(m, null));
                } else if (measure != null) {
                    more.addAll(contract(m, measure));
                }
                axioms.addAll(more);
                if (deeply) {
                    open.addAll(more);
                }
            });
        }
        return found;
    }
}
