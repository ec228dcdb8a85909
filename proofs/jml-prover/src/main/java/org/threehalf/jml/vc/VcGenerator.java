package org.threehalf.jml.vc;

import static org.threehalf.jml.logic.Terms.*;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.Operator.ArrayOperation.Access;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.Clause;
import org.threehalf.jml.syntax.Expr;
import org.threehalf.jml.syntax.Location;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Stmt;
import org.threehalf.jml.syntax.Text;
import org.threehalf.jml.syntax.Ty;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;
import org.threehalf.jml.vc.Condition.Check;
import org.threehalf.jml.vc.Evaluator.Context;

/**
 * Runs a method symbolically, path by path, and states what must hold: a condition for each clause, each loop's
 * invariants at entry and after a round, each call's precondition, each write's frame, and each of Java's own checks.
 *
 * <p>Loops are cut: at a loop's head everything that it may write is arbitrary but for its invariants. Calls are
 * replaced by their contracts. Nothing is assumed that was not stated as a condition before, but for assume statements,
 * which the report lists.
 */
public final class VcGenerator {
    private final Functions functions;
    private final Evaluator evaluator;
    private final MethodModel method;
    private final Set<Term.Constant> constants = new LinkedHashSet<>();
    private final List<Condition> conditions = new ArrayList<>();
    private final List<Check> assumptions = new ArrayList<>();
    private final Map<String, Val> params = new HashMap<>();
    private final List<Term> casePreconditions = new ArrayList<>();
    private State entry = new State(num(0));
    private @Nullable Term measure;
    private int fresh;

    /**
     * What a method comes to.
     *
     * @param conditions what is to be proved, in the order of the source
     * @param assumptions the statements that were assumed
     * @param measure the value of its measure at entry, or null if it has none
     */
    public record Result(
            List<Condition> conditions,
            List<Check> assumptions,
            @Nullable Term measure) {}

    private VcGenerator(MethodModel method, Functions functions) {
        this.method = method;
        this.functions = functions;
        this.evaluator = new Evaluator(functions.program(), functions);
    }

    /**
     * States what must hold for a method to meet its contract.
     *
     * @param functions those of the method's program
     * @throws UnsupportedSyntaxException if something lies outside the subset
     */
    public static Result generate(MethodModel method, Functions functions) {
        functions.checkFunction(method);
        VcGenerator g = new VcGenerator(method, functions);
        if (method.model()) {
            g.model();
        } else {
            g.run();
        }
        return new Result(g.conditions, g.assumptions, g.measure);
    }

    // Frames: what may be written

    private record Item(
            Term guard,
            Val array,
            @Nullable Term from,
            @Nullable Term to) {}

    /** A limit on writes: arrays allocated since, or within an item. */
    private record Frame(CheckKind what, int line, Term allocated, boolean everything, List<Item> items) {}

    /** Where control goes from within a method, loop, switch or labelled statement. */
    private static final class Flow {
        final List<State> breaks = new ArrayList<>();
        final List<State> continues = new ArrayList<>();
        final List<Frame> frames;
        private final @Nullable Flow outer;
        private final Set<String> labels;
        private final boolean loop;

        /**
         * A statement that control goes out of.
         *
         * @param labels all that stand before it: {@code a: b: for (…)} has two
         * @param loop otherwise without labels a switch, with them any statement
         */
        Flow(List<Frame> frames, @Nullable Flow outer, Set<String> labels, boolean loop) {
            this.frames = frames;
            this.outer = outer;
            this.labels = labels;
            this.loop = loop;
        }

        /**
         * What a break leaves: without label the innermost loop or switch, which has no label of its own or is a loop.
         */
        Flow left(@Nullable String name) {
            return target(name == null ? loop || labels.isEmpty() : labels.contains(name), f -> f.left(name));
        }

        /** The loop that a continue goes on with. */
        Flow continued(@Nullable String name) {
            return target(loop && (name == null || labels.contains(name)), f -> f.continued(name));
        }

        private Flow target(boolean here, java.util.function.UnaryOperator<Flow> further) {
            if (here) {
                return this;
            }
            if (outer == null) {
                // A path that went nowhere would be one of which nothing is asked.
                throw new IllegalStateException("a break or continue without its statement");
            }
            return further.apply(outer);
        }
    }

    /** A try statement that is being run. */
    private record Handler(Stmt.Try statement, Set<String> variables, List<List<State>> caught) {}

    private final List<Handler> handlers = new ArrayList<>();

    /** A new constant: what it is called is for readers. */
    private Term constant(String name, Sort sort) {
        Term.Constant c = new Term.Constant(name + "!" + fresh++, sort, false);
        constants.add(c);
        return c;
    }

    /** A constant's name for what Java calls by a name; no other name begins so. */
    private static String named(String name) {
        return "v." + name;
    }

    private Val havoc(String name, Ty type, State s) {
        if (type instanceof Ty.Opaque) {
            return Val.of(type, num(0));
        }
        if (type instanceof Ty.Rec object) {
            Map<String, Val> components = new LinkedHashMap<>();
            for (Ty.Component c : object.components()) {
                components.put(c.name(), havoc(name + "." + c.name(), c.type(), s));
            }
            Val v = Val.object(object, constant(named(name), Sort.INT), components);
            s.facts.add(le(num(0), v.term()));
            return v;
        }
        Val v = Val.of(type, constant(named(name), type.sort()));
        range(v, s);
        return v;
    }

    private static void range(Val v, State s) {
        if (v.lo() != null && v.hi() != null) {
            s.facts.add(between(v.term(), v.lo(), v.hi()));
        }
        if (v.type() instanceof Ty.Enumeration e) {
            s.facts.add(e.holds(v.term()));
        }
        if (v.type() instanceof Ty.Arr) {
            s.facts.add(le(num(0), v.term()));
            s.facts.add(lt(v.term(), s.allocated));
        }
    }

    private List<Condition.Shown> shown(State s) {
        List<Condition.Shown> list = new ArrayList<>();
        s.vars.forEach((name, v) -> show(name, v, s, list));
        return list;
    }

    private void show(String name, Val v, State s, List<Condition.Shown> list) {
        if (v.type() instanceof Ty.Rec) {
            v.components().forEach((component, value) -> show(name + "." + component, value, s, list));
        } else if (!(v.type() instanceof Ty.Opaque)) {
            list.add(new Condition.Shown(name, v, v.type() instanceof Ty.Arr ? evaluator.contents(s, v) : num(0)));
        }
    }

    private void prove(Check check, String detail, int line, State s, Term goal) {
        if (!goal.equals(TRUE)) {
            conditions.add(new Condition(check, detail, line, false, List.copyOf(s.facts), goal, constants, shown(s)));
        } else {
            // Trivial conditions count too, so that every clause has a verdict.
            conditions.add(new Condition(check, detail, line, false, List.of(), TRUE, constants, List.of()));
        }
    }

    private void feasible(Check check, String detail, int line, State s) {
        conditions.add(new Condition(check, detail, line, true, List.copyOf(s.facts), FALSE, constants, shown(s)));
    }

    private Evaluator.Sink sink(State s) {
        return (kind, line, text, goal) -> prove(new Check(kind, line, text), "", line, s, goal);
    }

    /** For a clause: what it needs to have a value is proved under the clause's name. */
    private Evaluator.Sink clauseSink(State s, Check check) {
        return (kind, line, text, goal) -> prove(
                check,
                kind == CheckKind.WELL_DEFINED || kind == CheckKind.MEASURED_BY
                        ? text
                        : "well-defined: " + text + " (" + kind + ")",
                line,
                s,
                goal);
    }

    private Context code(State s, Flow flow) {
        return evaluator
        .new Context(
                Evaluator.Scope.LOCALS,
                method,
                s,
                entry,
                null,
                Map.of(),
                false,
                sink(s),
                new Evaluator.CodeCall() {
                    @Override
                    public Val call(MethodModel callee, List<Val> args, Context c, int line) {
                        return VcGenerator.this.call(callee, args, c, line, flow);
                    }

                    @Override
                    public Val assign(Expr.Assign assignment, Context c) {
                        return VcGenerator.this.assign(assignment, s, flow);
                    }

                    @Override
                    public Val allocate(Expr.NewArray array, Context c) {
                        return VcGenerator.this.allocate(array, "array", s, flow);
                    }

                    @Override
                    public Val copy(Val array, Context c, int line) {
                        return VcGenerator.this.copy(array, c, line);
                    }

                    @Override
                    public void move(List<Val> args, Context c, int line) {
                        VcGenerator.this.move(args, c, line, flow);
                    }

                    @Override
                    public Term fresh() {
                        return constant("wrap", Sort.INT);
                    }
                },
                null,
                List.of());
    }

    /** A context for the method's own contract clauses. */
    private Context contract(State s, @Nullable State old, @Nullable Val result, Evaluator.@Nullable Sink sink) {
        return evaluator
        .new Context(Evaluator.Scope.CONTRACT, method, s, old, result, params, true, sink, null, null, List.of());
    }

    /** A context for JML between statements: names are the current values. */
    private Context inline(State s, Evaluator.@Nullable Sink sink) {
        return evaluator
        .new Context(Evaluator.Scope.LOCALS, method, s, entry, null, Map.of(), true, sink, null, null, List.of());
    }

    private static Check check(Clause c) {
        return new Check(c.kind(), c.line(), c.text());
    }

    // Model methods

    private void model() {
        State s = new State(num(0));
        for (MethodModel.Param p : method.params()) {
            Val v;
            if (p.type() instanceof Ty.Arr(Ty.Prim element)) {
                Term contents = constant("C!" + element + "!" + p.name(), element.contents());
                Term length = constant(named(p.name()) + ".length", Sort.INT);
                s.facts.add(between(length, BigInteger.ZERO, Ty.Prim.INT.max()));
                v = new Val(p.type(), num(1), null, null, contents, length);
            } else {
                v = havoc(p.name(), p.type(), s);
            }
            params.put(p.name(), v);
            s.vars.put(p.name(), v);
        }
        entry = s;
        preconditions(s);
        Clause m = method.spec().measuredBy();
        Expr body = method.modelBody();
        if (body == null) {
            assumptions.add(new Check(
                    CheckKind.MODEL,
                    method.line(),
                    "model method " + method.name() + " has no body: its contract is assumed"));
            return;
        }
        if (m != null) {
            measure = evaluator.measure(m.expr(), contract(s, null, null, null));
        }
        Check definition = new Check(CheckKind.MODEL, method.line(), "definition of " + method.name());
        Context c = evaluator
        .new Context(
                Evaluator.Scope.CONTRACT,
                method,
                s,
                null,
                null,
                params,
                true,
                clauseSink(s, definition),
                null,
                method.key(),
                List.of());
        Val value = evaluator.convert(evaluator.eval(body, c), method.result(), c, method.line());
        prove(definition, "well-defined", method.line(), s, TRUE);
        Term call = functions
                .apply(
                        method,
                        method.params().stream()
                                .map(p -> params.getOrDefault(p.name(), value))
                                .toList(),
                        s,
                        evaluator,
                        contract(s, null, null, null))
                .term();
        Val result = value.named(call);
        // Of itself only what is smaller is known as long as it is being proved.
        s.facts.add(eq(call, value.term()));
        for (int i = 0; i < method.spec().cases().size(); i++) {
            for (Clause e : method.spec().cases().get(i).ensures()) {
                State t = s.with(casePreconditions.get(i));
                prove(
                        check(e),
                        "",
                        e.line(),
                        t,
                        evaluator.condition(e.expr(), contract(t, t, result, clauseSink(t, check(e)))));
            }
        }
    }

    // Java methods

    private void run() {
        Term allocated = constant("allocated", Sort.INT);
        State s = new State(allocated);
        s.facts.add(le(num(1), allocated));
        for (MethodModel.Param p : method.params()) {
            Val v = havoc(p.name(), p.type(), s);
            if (p.type().reference() && !p.nullable()) {
                s.facts.add(notNull(v));
            }
            params.put(p.name(), v);
            s.vars.put(p.name(), v);
        }
        for (Ty.Prim element : Ty.Prim.values()) {
            constants.add((Term.Constant) Evaluator.heap(s, element));
        }
        entry = s.copy();
        preconditions(s);
        entry = s.copy();
        Clause m = method.spec().measuredBy();
        if (m != null) {
            measure = evaluator.measure(m.expr(), contract(s, null, null, clauseSink(s, check(m))));
        }
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < method.spec().cases().size(); i++) {
            MethodModel.Case k = method.spec().cases().get(i);
            List<Location> locations = k.assignable();
            if (locations == null && method.spec().pure()) {
                locations = List.of(new Location.Nothing(k.line()));
            }
            if (locations != null) {
                frames.add(frame(
                        CheckKind.ASSIGNABLE,
                        locations,
                        contract(s, null, null, sink(s)),
                        casePreconditions.get(i),
                        k.line()));
            }
        }
        Flow flow = new Flow(frames, null, Set.of(), false);
        Stmt.Block body = method.body();
        if (body == null) {
            throw new UnsupportedSyntaxException(method.file(), method.line(), "a method without a body");
        }
        for (State end : exec(body, s, flow)) {
            if (method.result() != Ty.Prim.VOID) {
                // javac lets a body end only where that cannot be reached.
                prove(
                        new Check(CheckKind.ENSURES, method.line(), "the end is not reached without a return"),
                        "",
                        method.line(),
                        end,
                        FALSE);
            } else {
                exit(end, null, method.line());
            }
        }
    }

    private void preconditions(State s) {
        List<Term> all = new ArrayList<>();
        for (MethodModel.Case k : method.spec().cases()) {
            State t = s.copy();
            List<Term> parts = new ArrayList<>();
            for (Clause r : k.requires()) {
                Term p = evaluator.condition(r.expr(), contract(t, null, null, clauseSink(t, check(r))));
                parts.add(p);
                t.facts.add(p);
            }
            if (!k.requires().isEmpty()) {
                feasible(
                        new Check(CheckKind.REQUIRES, k.requires().getFirst().line(), CheckKind.TOGETHER),
                        "feasible",
                        k.line(),
                        t);
            }
            Term p = and(parts);
            casePreconditions.add(p);
            all.add(p);
        }
        s.facts.add(or(all));
    }

    private Frame frame(CheckKind what, List<Location> locations, Context c, Term guard, int line) {
        List<Item> items = new ArrayList<>();
        boolean everything = false;
        for (Location l : locations) {
            switch (l) {
                case Location.Nothing n -> {}
                case Location.Everything e -> everything = true;
                case Location.Variable v -> {
                    Val value = c.variable(v.name());
                    if (value == null) {
                        throw c.error(v.line(), "nothing is called " + v.name() + " here");
                    }
                    if (what == CheckKind.ASSIGNABLE) {
                        throw c.error(
                                v.line(),
                                "assignable " + v.name()
                                        + ": a parameter is never the caller's to see; for an array's elements write "
                                        + v.name() + "[*]");
                    }
                }
                case Location.Range r -> items.add(item(r, c, guard));
            }
        }
        // Outside the case's precondition the frame says nothing.
        return new Frame(what, line, c.state.allocated, everything, guard.equals(TRUE) ? items : guarded(guard, items));
    }

    private static List<Item> guarded(Term guard, List<Item> items) {
        List<Item> all = new ArrayList<>(items);
        all.add(new Item(not(guard), Val.of(Ty.Prim.NULL, num(0)), null, null));
        return all;
    }

    private Item item(Location.Range r, Context c, Term guard) {
        Val array = evaluator.eval(r.array(), c);
        if (!(array.type() instanceof Ty.Arr)) {
            throw c.error(r.line(), "a range of " + array.type());
        }
        Expr from = r.from();
        Expr to = r.to();
        return new Item(
                guard,
                array,
                from == null ? null : evaluator.measure(from, c),
                to == null ? null : evaluator.measure(to, c));
    }

    /** That a write to {@code array[from .. to]} is within a frame; null bounds stand for the whole array. */
    private static Term within(Frame f, Val array, @Nullable Term from, @Nullable Term to) {
        if (f.everything) {
            return TRUE;
        }
        List<Term> ways = new ArrayList<>();
        ways.add(le(f.allocated, array.term()));
        if (from != null && to != null) {
            ways.add(lt(to, from));
        }
        for (Item i : f.items) {
            if (i.array.type() == Ty.Prim.NULL) {
                ways.add(i.guard);
                continue;
            }
            if (!i.array.type().equals(array.type())) {
                continue;
            }
            Term same = eq(i.array.term(), array.term());
            if (i.from == null || i.to == null) {
                ways.add(same);
            } else if (from != null && to != null) {
                ways.add(and(same, le(i.from, from), le(to, i.to)));
            } else {
                Term last = sub(Evaluator.length(array), num(1));
                ways.add(and(same, le(i.from, num(0)), le(last, i.to)));
            }
        }
        return or(ways);
    }

    private void checkFrames(
            Flow flow, Context c, Val array, @Nullable Term from, @Nullable Term to, int line, String text) {
        for (Frame f : flow.frames) {
            Term goal = c.wrap(within(f, array, from, to));
            prove(new Check(f.what, f.line, "writes only what " + f.what + " allows"), text, line, c.state, goal);
        }
    }

    // Exits

    private void exit(State s, @Nullable Val result, int line) {
        for (int i = 0; i < method.spec().cases().size(); i++) {
            MethodModel.Case k = method.spec().cases().get(i);
            State t = s.with(casePreconditions.get(i));
            if (k.kind() == MethodModel.Case.Kind.EXCEPTIONAL) {
                prove(
                        new Check(CheckKind.SIGNALS, k.line(), "exceptional_behavior: no normal return"),
                        "return in line " + line,
                        line,
                        t,
                        FALSE);
                continue;
            }
            for (Clause e : k.ensures()) {
                Term goal = evaluator.condition(e.expr(), contract(t, entry, result, clauseSink(t, check(e))));
                prove(check(e), "return in line " + line, line, t, goal);
            }
        }
    }

    /**
     * What must hold for an exception to be thrown in a state.
     *
     * @param exact whether it is of this class; otherwise it may be of any subclass
     */
    private Term mayThrow(State s, String exception, boolean exact, boolean check) {
        List<Term> all = new ArrayList<>();
        for (int i = 0; i < method.spec().cases().size(); i++) {
            MethodModel.Case k = method.spec().cases().get(i);
            Term allowed = FALSE;
            if (k.kind() != MethodModel.Case.Kind.NORMAL) {
                List<String> only = k.signalsOnly();
                boolean listed = only == null || only.stream().anyMatch(x -> subclass(exception, x));
                List<Term> conditions = new ArrayList<>();
                for (MethodModel.Signals g : k.signals()) {
                    if (subclass(exception, g.exception()) || !exact && subclass(g.exception(), exception)) {
                        State t = s.with(casePreconditions.get(i));
                        Check c = new Check(CheckKind.SIGNALS, g.line(), g.text());
                        Context at = contract(t, entry, null, check ? clauseSink(t, c) : null);
                        conditions.add(evaluator.condition(g.condition(), at.binding(thrown(g), List.of())));
                    }
                }
                allowed = listed ? and(conditions) : FALSE;
            }
            all.add(implies(casePreconditions.get(i), allowed));
        }
        return and(all);
    }

    private boolean subclass(String sub, String sup) {
        return functions.program().constants().isSubclass(sub, sup);
    }

    /** The exception by the name that the clause gives it: an object of which nothing can be said. */
    private static Map<String, Val> thrown(MethodModel.Signals g) {
        return g.variable().isEmpty() ? Map.of() : Map.of(g.variable(), Val.of(new Ty.Opaque(g.exception()), num(0)));
    }

    // Calls

    private Val call(MethodModel callee, List<Val> args, Context c, int line, Flow flow) {
        State s = c.state;
        Map<String, Val> bound = new HashMap<>();
        for (int i = 0; i < args.size(); i++) {
            bound.put(callee.params().get(i).name(), args.get(i));
        }
        boolean pure = callee.spec().pure();
        if (!pure && !c.unconditional()) {
            throw c.error(
                    line,
                    "a call of " + callee.name()
                            + ", which is not pure, in part of an expression is outside the subset");
        }
        Context before = functions.context(callee, bound, s, null, null, evaluator, null);
        List<Term> pre = new ArrayList<>();
        for (MethodModel.Case k : callee.spec().cases()) {
            pre.add(and(k.requires().stream()
                    .map(r -> evaluator.condition(r.expr(), before))
                    .toList()));
        }
        if (callee.spec().cases().size() == 1) {
            for (Clause r : callee.spec().cases().getFirst().requires()) {
                c.check(
                        CheckKind.CALL,
                        line,
                        "precondition of " + callee.shortName() + ": " + r.text(),
                        evaluator.condition(r.expr(), before));
            }
        } else {
            c.check(CheckKind.CALL, line, "precondition of " + callee.shortName(), or(pre));
        }
        recursion(callee, args, c, line);
        State old = s.copy();
        List<Item> items = pure ? List.of() : effects(callee, bound, pre, c, line, flow);
        for (int i = 0; i < pre.size(); i++) {
            MethodModel.Case k = callee.spec().cases().get(i);
            List<String> only = k.signalsOnly();
            if (k.kind() == MethodModel.Case.Kind.NORMAL) {
                continue;
            }
            List<String> classes = only == null ? List.of("java.lang.Throwable") : only;
            for (String exception : classes) {
                // The callee may have written before it threw.
                State t = s.copy();
                havocItems(items, t);
                for (MethodModel.Signals g : k.signals()) {
                    if (subclass(exception, g.exception())) {
                        Map<String, Val> names = new HashMap<>(bound);
                        names.putAll(thrown(g));
                        t.facts.add(c.wrap(implies(
                                pre.get(i),
                                evaluator.condition(
                                        g.condition(),
                                        functions.context(callee, names, t, old, null, evaluator, null)))));
                    }
                }
                if (!handlers.isEmpty()) {
                    if (!c.unconditional()) {
                        throw c.error(
                                line,
                                "the call of " + callee.name()
                                        + ", which may throw, in part of an expression within a try is outside the subset");
                    }
                    if (caught(t.with(pre.get(i)), exception, false)) {
                        continue;
                    }
                }
                Term goal = c.wrap(implies(pre.get(i), mayThrow(t, exception, false, false)));
                prove(
                        new Check(CheckKind.EXCEPTION, line, callee.shortName() + " may throw " + exception),
                        "",
                        line,
                        t,
                        goal);
            }
            if (k.kind() == MethodModel.Case.Kind.EXCEPTIONAL) {
                s.facts.add(c.wrap(not(pre.get(i))));
            }
        }
        havocItems(items, s);
        Val result;
        if (callee.result() == Ty.Prim.VOID) {
            result = Val.of(Ty.Prim.VOID, num(0));
        } else if (Functions.isFunction(callee)) {
            result = functions.apply(callee, args, old, evaluator, c);
            if (result.lo() != null && result.hi() != null) {
                s.facts.add(c.wrap(between(result.term(), result.lo(), result.hi())));
            }
            if (result.type() instanceof Ty.Enumeration e) {
                s.facts.add(c.wrap(e.holds(result.term())));
            }
        } else {
            if (callee.result().arrays()) {
                // They may be new ones.
                Term next = constant("allocated", Sort.INT);
                s.facts.add(le(s.allocated, next));
                s.allocated = next;
            }
            result = havoc(callee.name(), callee.result(), s);
        }
        if (!callee.spec().nullable()) {
            s.facts.add(c.wrap(notNull(result)));
        }
        Context after = functions.context(callee, bound, s, old, result, evaluator, null);
        for (int i = 0; i < pre.size(); i++) {
            for (Clause e : callee.spec().cases().get(i).ensures()) {
                s.facts.add(c.wrap(implies(
                        callee.spec().cases().size() == 1 ? TRUE : pre.get(i), evaluator.condition(e.expr(), after))));
            }
        }
        return result;
    }

    private static Term notNull(Val v) {
        return v.type() instanceof Ty.Enumeration
                ? le(num(0), v.term())
                : v.type().reference() ? not(eq(v.term(), num(0))) : TRUE;
    }

    private void recursion(MethodModel callee, List<Val> args, Context c, int line) {
        if (callee.key().equals(method.key())) {
            // The measure at the start, against that of the arguments as they are now.
            Term goal = functions.decreases(callee, args, c.state, entry, params, c, evaluator);
            c.check(CheckKind.MEASURED_BY, line, "the measure decreases at the call of " + callee.name(), goal);
        } else if (functions.reachable(callee).contains(method.key())) {
            throw c.error(
                    line, "mutual recursion of " + method.name() + " and " + callee.name() + " is outside the subset");
        }
    }

    /** What a callee may write, which must be within the frames. */
    private List<Item> effects(
            MethodModel callee, Map<String, Val> bound, List<Term> pre, Context c, int line, Flow flow) {
        State s = c.state;
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < pre.size(); i++) {
            List<Location> locations = callee.spec().cases().get(i).assignable();
            if (locations == null) {
                throw c.error(
                        line,
                        "the call of " + callee.name()
                                + ", whose contract has no assignable clause (so it may write anything), is outside the subset");
            }
            Context at = functions.context(callee, bound, s, null, null, evaluator, null);
            for (Location l : locations) {
                switch (l) {
                    case Location.Nothing n -> {}
                    case Location.Range r -> items.add(item(r, at, pre.get(i)));
                    default ->
                        throw c.error(
                                line,
                                "the call of " + callee.name() + ", which may write " + l + ", is outside the subset");
                }
            }
        }
        for (Item i : items) {
            checkFrames(flow, c, i.array, i.from, i.to, line, "call of " + callee.shortName());
        }
        return items;
    }

    /** A new array that holds what another does. */
    private Val copy(Val array, Context c, int line) {
        if (!(array.type() instanceof Ty.Arr(Ty.Prim element))) {
            throw c.error(line, "clone of " + array.type());
        }
        evaluator.notNull(array, c, line);
        return fresh(element, "copy", Evaluator.length(array), evaluator.contents(c.state, array), c.state);
    }

    private void move(List<Val> args, Context c, int line, Flow flow) {
        Val from = args.get(0);
        Val to = args.get(2);
        if (!(from.type() instanceof Ty.Arr(Ty.Prim element))
                || !to.type().equals(from.type())
                || !args.get(1).type().integral()
                || !args.get(3).type().integral()
                || !args.get(4).type().integral()) {
            throw c.error(line, "System.arraycopy between arrays of different types is outside the subset");
        }
        evaluator.notNull(from, c, line);
        evaluator.notNull(to, c, line);
        Term n = args.get(4).term();
        Term first = args.get(1).term();
        Term at = args.get(3).term();
        c.check(
                CheckKind.INDEX,
                line,
                "System.arraycopy within both arrays",
                and(
                        le(num(0), n),
                        le(num(0), first),
                        le(num(0), at),
                        le(add(first, n), Evaluator.length(from)),
                        le(add(at, n), Evaluator.length(to))));
        Term last = sub(add(at, n), num(1));
        checkFrames(flow, c, to, at, last, line, "System.arraycopy");
        State s = c.state;
        Term source = evaluator.contents(s, from);
        havocItems(List.of(new Item(TRUE, to, at, last)), s);
        Term.Var k = new Term.Var("k?" + fresh++, Sort.INT);
        Term read = select(evaluator.contents(s, to), k);
        s.facts.add(forall(
                List.of(k),
                implies(and(le(at, k), le(k, last)), eq(read, select(source, add(sub(k, at), first)))),
                List.of(List.of(read))));
    }

    /** Forgets what the items of arrays hold; all else stays. */
    private void havocItems(List<Item> items, State s) {
        for (Item i : items) {
            if (!(i.array.type() instanceof Ty.Arr(Ty.Prim element))) {
                continue;
            }
            Term before = evaluator.contents(s, i.array);
            Term after = constant("C!" + element, element.contents());
            if (i.from != null && i.to != null) {
                Term.Var k = new Term.Var("k?" + fresh++, Sort.INT);
                Term read = select(after, k);
                Term outside = or(lt(k, i.from), lt(i.to, k));
                s.facts.add(forall(List.of(k), implies(outside, eq(read, select(before, k))), List.of(List.of(read))));
            }
            Term next = constant("H!" + element, element.heap());
            s.facts.add(eq(next, store(Evaluator.heap(s, element), i.array.term(), after)));
            s.heaps.put(element, next);
        }
    }

    // Statements

    private List<State> exec(Stmt stmt, State s, Flow flow) {
        return switch (stmt) {
            case Stmt.Block b -> block(b, s, flow);
            case Stmt.Local l -> {
                Expr init = l.init();
                if (s.vars.containsKey(l.name())) {
                    throw new UnsupportedSyntaxException(
                            method.file(), l.line(), "the variable " + l.name() + " hides another one");
                }
                if (!l.ghost()) {
                    // It may have the name that a ghost variable had in a block that has ended.
                    ghosts.remove(l.name());
                }
                if (init != null) {
                    assign(l.name(), l.type(), init, l.ghost(), s, flow, l.line());
                } else {
                    s.vars.put(l.name(), havoc(l.name(), l.type(), s));
                }
                yield List.of(s);
            }
            case Stmt.Do d -> {
                evaluator.eval(d.expr(), code(s, flow));
                yield List.of(s);
            }
            case Stmt.Set x -> {
                Val old = s.vars.get(((Expr.Name) x.assignment().target()).name());
                if (old == null || !isGhost(((Expr.Name) x.assignment().target()).name())) {
                    throw new UnsupportedSyntaxException(method.file(), x.line(), "set of what is no ghost variable");
                }
                Expr.Binary.Op op = x.assignment().op();
                Expr value = op == null
                        ? x.assignment().value()
                        : new Expr.Binary(
                                x.line(),
                                op,
                                x.assignment().target(),
                                x.assignment().value());
                assign(((Expr.Name) x.assignment().target()).name(), old.type(), value, true, s, flow, x.line());
                yield List.of(s);
            }
            case Stmt.If i -> {
                Term test = evaluator.condition(i.test(), code(s, flow));
                List<State> out = new ArrayList<>();
                if (!test.equals(FALSE)) {
                    out.addAll(exec(i.then(), s.with(test), flow));
                }
                Stmt otherwise = i.otherwise();
                if (!test.equals(TRUE)) {
                    State t = s.with(not(test));
                    out.addAll(otherwise == null ? List.of(t) : exec(otherwise, t, flow));
                }
                yield out;
            }
            case Stmt.Loop l -> loop(l, s, flow, Set.of());
            case Stmt.Labeled l -> labeled(l, s, flow);
            case Stmt.Try t -> handled(t, s, flow);
            case Stmt.Return r -> {
                Expr value = r.value();
                Val result = null;
                if (value != null) {
                    Context c = code(s, flow);
                    result = evaluator.convert(evaluator.eval(value, c), method.result(), c, r.line());
                    if (!method.spec().nullable() && result.type().reference()) {
                        prove(
                                new Check(CheckKind.NON_NULL, method.line(), "the result is not null"),
                                "return in line " + r.line(),
                                r.line(),
                                s,
                                notNull(result));
                    }
                }
                exit(s, result, r.line());
                yield List.of();
            }
            case Stmt.Throw t -> {
                Context c = code(s, flow);
                t.parts().forEach(p -> evaluator.eval(p, c));
                if (caught(s, t.exception(), true)) {
                    yield List.of();
                }
                prove(
                        new Check(
                                CheckKind.EXCEPTION,
                                t.line(),
                                "throw " + t.exception().substring(t.exception().lastIndexOf('.') + 1)),
                        "",
                        t.line(),
                        s,
                        mayThrow(s, t.exception(), true, true));
                yield List.of();
            }
            case Stmt.Break b -> {
                flow.left(b.label()).breaks.add(s);
                yield List.of();
            }
            case Stmt.Continue b -> {
                flow.continued(b.label()).continues.add(s);
                yield List.of();
            }
            case Stmt.Assert a -> {
                Check check = new Check(CheckKind.ASSERT, a.line(), a.text());
                Term t = evaluator.condition(a.condition(), inline(s, clauseSink(s, check)));
                prove(check, "", a.line(), s, t);
                s.facts.add(t);
                yield List.of(s);
            }
            case Stmt.Assume a -> {
                assumptions.add(new Check(CheckKind.ASSUME, a.line(), a.text()));
                s.facts.add(evaluator.condition(a.condition(), inline(s, null)));
                yield List.of(s);
            }
        };
    }

    private List<State> labeled(Stmt.Labeled statement, State s, Flow flow) {
        Set<String> labels = new LinkedHashSet<>();
        Stmt body = statement;
        while (body instanceof Stmt.Labeled l) {
            if (l.label() != null) {
                labels.add(l.label());
            }
            body = l.body();
        }
        if (body instanceof Stmt.Loop l) {
            return loop(l, s, flow, labels);
        }
        Set<String> outer = Set.copyOf(s.vars.keySet());
        Flow inner = new Flow(flow.frames, flow, labels, false);
        List<State> ends = new ArrayList<>(exec(body, s, inner));
        ends.addAll(inner.breaks);
        ends.forEach(t -> t.vars.keySet().retainAll(outer));
        return ends;
    }

    /**
     * Gives an exception to the handlers around.
     *
     * @param exact whether it is of this class; otherwise it may be of any subclass
     * @return whether one of them catches it whatever it is
     */
    private boolean caught(State s, String exception, boolean exact) {
        for (Handler h : handlers.reversed()) {
            for (int i = 0; i < h.statement.catches().size(); i++) {
                List<String> classes = h.statement.catches().get(i).exceptions();
                boolean surely = classes.stream().anyMatch(x -> subclass(exception, x));
                if (surely || !exact && classes.stream().anyMatch(x -> subclass(x, exception))) {
                    State t = s.copy();
                    t.vars.keySet().retainAll(h.variables);
                    h.caught.get(i).add(t);
                }
                if (surely) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<State> handled(Stmt.Try t, State s, Flow flow) {
        Set<String> outer = Set.copyOf(s.vars.keySet());
        Handler handler = new Handler(
                t,
                outer,
                t.catches().stream().<List<State>>map(c -> new ArrayList<>()).toList());
        handlers.add(handler);
        List<State> ends = new ArrayList<>(exec(t.body(), s, flow));
        handlers.removeLast();
        for (int i = 0; i < t.catches().size(); i++) {
            Stmt.Catch c = t.catches().get(i);
            for (State u : handler.caught.get(i)) {
                if (u.vars.containsKey(c.variable())) {
                    throw new UnsupportedSyntaxException(
                            method.file(), t.line(), "the variable " + c.variable() + " hides another one");
                }
                u.vars.put(c.variable(), Val.of(new Ty.Opaque(c.exceptions().getFirst()), num(0)));
                ends.addAll(exec(c.body(), u, flow));
            }
        }
        ends.forEach(u -> u.vars.keySet().retainAll(outer));
        return ends;
    }

    private final Set<String> ghosts = new LinkedHashSet<>();

    private boolean isGhost(String name) {
        return ghosts.contains(name);
    }

    private List<State> block(Stmt.Block b, State s, Flow flow) {
        Set<String> outer = Set.copyOf(s.vars.keySet());
        List<State> states = List.of(s);
        for (Stmt stmt : b.body()) {
            List<State> next = new ArrayList<>();
            for (State t : states) {
                next.addAll(exec(stmt, t, flow));
            }
            states = next;
        }
        // Variables of the block end with it.
        states.forEach(t -> t.vars.keySet().retainAll(outer));
        return states;
    }

    private void assign(String name, Ty type, Expr value, boolean ghost, State s, Flow flow, int line) {
        if (ghost) {
            ghosts.add(name);
        }
        Check check = new Check(CheckKind.SET, line, name + " = " + Text.of(value));
        Context c = ghost ? inline(s, clauseSink(s, check)) : code(s, flow);
        if (value instanceof Expr.NewArray n && !ghost) {
            s.vars.put(name, allocate(n, name, s, flow));
            return;
        }
        bind(name, evaluator.convert(evaluator.eval(value, c), type, c, line), s);
    }

    private Val bind(String name, Val v, State s) {
        if (v.type() instanceof Ty.Opaque || v.term().isLeaf()) {
            s.vars.put(name, v);
            return v;
        }
        Term constant = constant(named(name), v.type().sort());
        s.facts.add(eq(constant, v.term()));
        Val named = v.named(constant);
        s.vars.put(name, named);
        return named;
    }

    private Val allocate(Expr.NewArray n, String name, State s, Flow flow) {
        Context c = code(s, flow);
        Expr length = n.length();
        Term size;
        if (length == null) {
            size = num(n.values().size());
        } else {
            size = evaluator.eval(length, c).term();
            c.check(CheckKind.SIZE, n.line(), Text.of(n), le(num(0), size));
        }
        Term contents = Evaluator.filled(n.element());
        for (int i = 0; i < n.values().size(); i++) {
            Val v = evaluator.convert(evaluator.eval(n.values().get(i), c), n.element(), c, n.line());
            contents = store(contents, num(i), v.term());
        }
        return fresh(n.element(), name, size, contents, s);
    }

    /** An array that did not exist. */
    private Val fresh(Ty.Prim element, String name, Term size, Term contents, State s) {
        Term ref = constant(named(name), Sort.INT);
        s.facts.add(eq(ref, s.allocated));
        Term next = constant("allocated", Sort.INT);
        s.facts.add(eq(next, add(s.allocated, num(1))));
        s.allocated = next;
        s.facts.add(eq(app(Access.LENGTH, ref), size));
        Term heap = constant("H!" + element, element.heap());
        s.facts.add(eq(heap, store(Evaluator.heap(s, element), ref, contents)));
        s.heaps.put(element, heap);
        return Val.of(new Ty.Arr(element), ref);
    }

    /** An assignment; its value. */
    private Val assign(Expr.Assign a, State s, Flow flow) {
        Context c = code(s, flow);
        if (a.target() instanceof Expr.Name n) {
            Val old = s.vars.get(n.name());
            if (old == null) {
                throw c.error(
                        a.line(),
                        "an assignment to " + n.name() + ", which is no local variable, is outside the subset");
            }
            if (isGhost(n.name())) {
                throw c.error(a.line(), "Java code assigns the ghost variable " + n.name());
            }
            if (a.value() instanceof Expr.NewArray array && a.op() == null) {
                Val v = allocate(array, n.name(), s, flow);
                s.vars.put(n.name(), v);
                return v;
            }
            Val v = bind(n.name(), value(a, old, old.type(), c), s);
            return a.post() ? old : v;
        }
        if (!(a.target() instanceof Expr.Index t)) {
            throw c.error(a.line(), "an assignment to " + Text.of(a.target()) + " is outside the subset");
        }
        // JLS 15.26: the array and the index once, from left to right; with an operator then what is there, and last
        // the right side.
        Val array = evaluator.eval(t.array(), c);
        Val index = evaluator.eval(t.index(), c);
        if (!(array.type() instanceof Ty.Arr(Ty.Prim element)) || !index.type().integral()) {
            throw c.error(a.line(), "an index into " + array.type());
        }
        if (array.contents() != null) {
            throw c.error(
                    a.line(),
                    "an assignment to an element of the constant " + Text.of(t.array()) + " is outside the subset");
        }
        Term within = and(le(num(0), index.term()), lt(index.term(), Evaluator.length(array)));
        Val before = null;
        if (a.op() != null) {
            evaluator.notNull(array, c, a.line());
            c.check(CheckKind.INDEX, a.line(), Text.of(t), within);
            before = Val.of(element, select(evaluator.contents(s, array), index.term()));
        }
        Val v = value(a, before, element, c);
        if (a.op() == null) {
            evaluator.notNull(array, c, a.line());
            c.check(CheckKind.INDEX, a.line(), Text.of(t), within);
        }
        checkFrames(flow, c, array, index.term(), index.term(), a.line(), Text.of(t));
        Term stored = store(evaluator.contents(s, array), index.term(), v.term());
        Term heap = constant("H!" + element, element.heap());
        s.facts.add(eq(heap, store(Evaluator.heap(s, element), array.term(), stored)));
        s.heaps.put(element, heap);
        return a.post() && before != null ? before : v;
    }

    /** What is assigned: the right side, or what was there combined with it. */
    private Val value(Expr.Assign a, @Nullable Val before, Ty type, Context c) {
        Val right = evaluator.eval(a.value(), c);
        Expr.Binary.Op op = a.op();
        if (op == null || before == null) {
            return evaluator.convert(right, type, c, a.line());
        }
        Expr whole = new Expr.Binary(a.line(), op, a.target(), a.value());
        return evaluator.cast(evaluator.operate(op, before, right, c, a.line(), whole), type, c, a.line());
    }

    // Loops

    private List<State> loop(Stmt.Loop l, State start, Flow outer, Set<String> labels) {
        Set<String> before = Set.copyOf(start.vars.keySet());
        List<State> states = List.of(start);
        for (Stmt i : l.init()) {
            List<State> next = new ArrayList<>();
            for (State t : states) {
                next.addAll(exec(i, t, outer));
            }
            states = next;
        }
        List<State> out = new ArrayList<>();
        for (State s : states) {
            out.addAll(loopFrom(l, s, outer, labels));
        }
        out.forEach(t -> t.vars.keySet().retainAll(before));
        return out;
    }

    private List<State> loopFrom(Stmt.Loop l, State s, Flow outer, Set<String> labels) {
        for (Clause inv : l.spec().invariants()) {
            prove(
                    check(inv),
                    "holds at the loop's start",
                    inv.line(),
                    s,
                    evaluator.condition(inv.expr(), inline(s, null)));
        }
        Writes writes = new Writes();
        writes.collect(l);
        State head = s.copy();
        List<Frame> frames = new ArrayList<>(outer.frames);
        List<Location> locations = l.spec().writes();
        if (locations != null) {
            Check check = new Check(CheckKind.LOOP_WRITES, l.spec().line(), "loop_writes");
            Frame f = frame(
                    CheckKind.LOOP_WRITES,
                    locations,
                    inline(s, clauseSink(s, check)),
                    TRUE,
                    l.spec().line());
            if (f.everything) {
                throw new UnsupportedSyntaxException(
                        method.file(), l.spec().line(), "loop_writes \\everything is outside the subset");
            }
            frames.add(f);
            havocItems(f.items, head);
        } else if (writes.calls || !writes.arrays.isEmpty()) {
            // The arrays that the loop names as written, whole; a write through another name breaks the frame.
            List<Item> items = new ArrayList<>();
            for (String name : writes.arrays) {
                Val v = head.vars.get(name);
                if (writes.unnamed || v != null && writes.locals.contains(name)) {
                    throw new UnsupportedSyntaxException(
                            method.file(),
                            l.line(),
                            "a loop without loop_writes that writes arrays which it does not name as they are before it is outside the subset");
                }
                if (v != null) {
                    items.add(new Item(TRUE, v, null, null));
                }
            }
            if (writes.unnamed) {
                throw new UnsupportedSyntaxException(
                        method.file(),
                        l.line(),
                        "a loop without loop_writes that writes arrays which it does not name as they are before it is outside the subset");
            }
            frames.add(new Frame(CheckKind.LOOP_WRITES, l.spec().line(), head.allocated, false, items));
            havocItems(items, head);
        }
        if (writes.allocates) {
            Term next = constant("allocated", Sort.INT);
            head.facts.add(le(head.allocated, next));
            head.allocated = next;
        }
        for (String name : writes.locals) {
            Val v = head.vars.get(name);
            if (v != null) {
                head.vars.put(name, havoc(name, v.type(), head));
            }
        }
        for (Clause inv : l.spec().invariants()) {
            head.facts.add(evaluator.condition(inv.expr(), inline(head, clauseSink(head, check(inv)))));
        }
        Flow flow = new Flow(frames, outer, labels, true);
        Expr testExpr = l.test();
        Map<Ty.Prim, Term> heaps = Map.copyOf(head.heaps);
        Map<String, Val> locals = Map.copyOf(head.vars);
        Term allocated = head.allocated;
        Term test = testExpr == null ? TRUE : evaluator.condition(testExpr, code(head, flow));
        if (!heaps.equals(head.heaps) || !locals.equals(head.vars) || !allocated.equals(head.allocated)) {
            throw new UnsupportedSyntaxException(
                    method.file(), l.line(), "a loop whose test writes is outside the subset");
        }
        State body = head.with(test);
        Clause decreases = l.spec().decreases();
        Term first = null;
        if (decreases == null) {
            prove(
                    new Check(CheckKind.DECREASES, l.line(), "the loop ends"),
                    "there is no decreases clause",
                    l.line(),
                    body,
                    FALSE);
        } else {
            first = evaluator.measure(decreases.expr(), inline(body, clauseSink(body, check(decreases))));
            prove(check(decreases), "is not negative in the loop", decreases.line(), body, le(num(0), first));
        }
        List<State> ends = new ArrayList<>(exec(l.body(), body, flow));
        ends.addAll(flow.continues);
        for (State end : ends) {
            end.vars.keySet().retainAll(head.vars.keySet());
            List<State> updated = List.of(end);
            for (Stmt u : l.update()) {
                List<State> next = new ArrayList<>();
                for (State t : updated) {
                    next.addAll(exec(u, t, flow));
                }
                updated = next;
            }
            for (State t : updated) {
                for (Clause inv : l.spec().invariants()) {
                    Term goal = evaluator.condition(inv.expr(), inline(t, null));
                    prove(check(inv), "is kept by a round", inv.line(), t, goal);
                    t.facts.add(goal);
                }
                if (decreases != null && first != null) {
                    prove(
                            check(decreases),
                            "decreases in a round",
                            decreases.line(),
                            t,
                            lt(evaluator.eval(decreases.expr(), inline(t, null)).term(), first));
                }
            }
        }
        List<State> out = new ArrayList<>();
        if (!test.equals(TRUE)) {
            State exit = head.with(not(test));
            feasible(new Check(CheckKind.FEASIBLE, l.line(), "the loop can end"), "feasible", l.line(), exit);
            out.add(exit);
        }
        for (State t : flow.breaks) {
            t.vars.keySet().retainAll(head.vars.keySet());
            out.add(t);
        }
        return out;
    }

    /** What a loop writes. */
    private final class Writes {
        final Set<String> locals = new LinkedHashSet<>();
        final Set<String> arrays = new LinkedHashSet<>();
        boolean calls;
        boolean allocates;
        /** Whether an array is written that no variable's name says. */
        boolean unnamed;

        /** The variables that an array which is written may be the value of. */
        private void written(Expr array) {
            switch (array) {
                case Expr.Name n -> arrays.add(n.name());
                case Expr.Cond c -> {
                    written(c.then());
                    written(c.otherwise());
                }
                case Expr.Assign a -> written(a.value());
                case Expr.NewArray n -> {}
                default -> unnamed = true;
            }
        }

        /** What a callee's contract lets it write. */
        private void written(MethodModel m, List<Expr> args) {
            for (MethodModel.Case k : m.spec().cases()) {
                List<Location> locations = k.assignable();
                unnamed |= locations == null;
                for (Location l : locations == null ? List.<Location>of() : locations) {
                    if (l instanceof Location.Range r && r.array() instanceof Expr.Name n) {
                        for (int i = 0; i < args.size(); i++) {
                            if (m.params().get(i).name().equals(n.name())) {
                                written(args.get(i));
                            }
                        }
                    } else {
                        unnamed |= !(l instanceof Location.Nothing);
                    }
                }
            }
        }

        void collect(Stmt s) {
            switch (s) {
                case Stmt.Block b -> b.body().forEach(this::collect);
                case Stmt.Local l -> expr(l.init());
                case Stmt.Do d -> expr(d.expr());
                case Stmt.If i -> {
                    expr(i.test());
                    collect(i.then());
                    Stmt otherwise = i.otherwise();
                    if (otherwise != null) {
                        collect(otherwise);
                    }
                }
                case Stmt.Loop l -> {
                    l.init().forEach(this::collect);
                    expr(l.test());
                    l.update().forEach(this::collect);
                    collect(l.body());
                }
                case Stmt.Return r -> expr(r.value());
                case Stmt.Set x -> locals.add(((Expr.Name) x.assignment().target()).name());
                case Stmt.Throw t -> t.parts().forEach(this::expr);
                case Stmt.Break b -> {}
                case Stmt.Continue b -> {}
                case Stmt.Labeled b -> collect(b.body());
                case Stmt.Try t -> {
                    collect(t.body());
                    t.catches().forEach(c -> collect(c.body()));
                }
                case Stmt.Assert a -> {}
                case Stmt.Assume a -> {}
            }
        }

        private void expr(@Nullable Expr e) {
            switch (e) {
                case null -> {}
                case Expr.Assign a -> {
                    if (a.target() instanceof Expr.Name n) {
                        locals.add(n.name());
                    } else if (a.target() instanceof Expr.Index i) {
                        written(i.array());
                        expr(i.array());
                        expr(i.index());
                    }
                    expr(a.value());
                }
                case Expr.NewArray n -> {
                    allocates = true;
                    expr(n.length());
                    n.values().forEach(this::expr);
                }
                case Expr.Opaque o -> o.parts().forEach(this::expr);
                case Expr.Call k -> {
                    MethodModel m = k.key() == null
                            ? null
                            : functions.program().methods().get(k.key());
                    if (m != null && !m.spec().pure()) {
                        calls = true;
                        written(m, k.args());
                    }
                    if ("java.lang.System".equals(k.owner()) && k.args().size() == 5) {
                        calls = true;
                        written(k.args().get(2));
                    }
                    allocates |= m != null && m.result().arrays() || Expr.ARRAY.equals(k.owner());
                    k.args().forEach(this::expr);
                }
                case Expr.Binary b -> {
                    expr(b.left());
                    expr(b.right());
                }
                case Expr.Unary u -> expr(u.operand());
                case Expr.Cond c -> {
                    expr(c.test());
                    expr(c.then());
                    expr(c.otherwise());
                }
                case Expr.Chosen c -> {
                    expr(c.selector());
                    expr(c.choice());
                }
                case Expr.Cast c -> expr(c.operand());
                case Expr.Field f -> expr(f.target());
                case Expr.Index i -> {
                    expr(i.array());
                    expr(i.index());
                }
                case Expr.Lit l -> {}
                case Expr.Name n -> {}
                case Expr.Quantified q -> {}
                case Expr.Sum x -> {}
                case Expr.Component c -> expr(c.target());
                case Expr.NewRecord n -> n.values().forEach(this::expr);
                case Expr.Table t -> {}
                case Expr.Result r -> {}
                case Expr.Old o -> {}
                case Expr.Fresh f -> {}
            }
        }
    }
}
