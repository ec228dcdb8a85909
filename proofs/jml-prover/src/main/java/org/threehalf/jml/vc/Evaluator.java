package org.threehalf.jml.vc;

import static org.threehalf.jml.logic.Terms.*;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.FloatFormat;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.ArrayOperation.Access;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Operator.FloatingPoint.Operation;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.Expr;
import org.threehalf.jml.syntax.Expr.Binary.Op;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.MethodModel.Arithmetic;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.Text;
import org.threehalf.jml.syntax.Ty;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/** Gives expressions of Java and JML their values, and reports what must hold for them to have one. */
public final class Evaluator {
    /** Takes what must be proved. */
    interface Sink {
        void check(CheckKind kind, int line, String text, Term goal);
    }

    /** What a call in Java code does; expressions in contracts call pure methods only, as functions. */
    interface CodeCall {
        Val call(MethodModel callee, List<Val> args, Context context, int line);

        /** An assignment within an expression; its value. */
        Val assign(Expr.Assign assignment, Context context);

        /** A new array. */
        Val allocate(Expr.NewArray array, Context context);

        /** A copy of an array. */
        Val copy(Val array, Context context, int line);

        /** {@code System.arraycopy}. */
        void move(List<Val> args, Context context, int line);

        /** A new integer constant. */
        Term fresh();
    }

    /** Which variables an expression sees beside those that are bound. */
    enum Scope {
        /** Java code, and JML between statements: the local variables. */
        LOCALS,
        /** A contract: none but the bound parameters. */
        CONTRACT
    }

    private final Program program;
    private final Functions functions;
    private int quantified;

    Evaluator(Program program, Functions functions) {
        this.program = program;
        this.functions = functions;
    }

    /** Where an expression is evaluated. */
    final class Context {
        final MethodModel scope;
        final State state;
        final @Nullable State old;
        final @Nullable Val result;
        final Map<String, Val> bound;
        final boolean spec;
        final @Nullable Sink sink;
        final @Nullable CodeCall code;
        /** The function whose recursive calls are the limited ones (see {@link Functions}). */
        final @Nullable String limited;

        private final List<Object> guards;
        private final Scope sees;
        /** The state whose local variables are in scope; in \old it is not the state of the expression. */
        private final State variables;

        Context(
                Scope sees,
                MethodModel scope,
                State state,
                @Nullable State old,
                @Nullable Val result,
                Map<String, Val> bound,
                boolean spec,
                @Nullable Sink sink,
                @Nullable CodeCall code,
                @Nullable String limited,
                List<Object> guards) {
            this(sees, state, scope, state, old, result, bound, spec, sink, code, limited, guards);
        }

        private Context(
                Scope sees,
                State variables,
                MethodModel scope,
                State state,
                @Nullable State old,
                @Nullable Val result,
                Map<String, Val> bound,
                boolean spec,
                @Nullable Sink sink,
                @Nullable CodeCall code,
                @Nullable String limited,
                List<Object> guards) {
            this.sees = sees;
            this.variables = variables;
            this.scope = scope;
            this.state = state;
            this.old = old;
            this.result = result;
            this.bound = bound;
            this.spec = spec;
            this.sink = sink;
            this.code = code;
            this.limited = limited;
            this.guards = guards;
        }

        Arithmetic mode() {
            return spec ? scope.spec().specMath() : scope.spec().code();
        }

        Context guarded(Term guard) {
            return with(guard);
        }

        private Context with(Object guard) {
            List<Object> next = new ArrayList<>(guards);
            next.add(guard);
            return new Context(sees, variables, scope, state, old, result, bound, spec, sink, code, limited, next);
        }

        Context binding(Map<String, Val> more, List<Term.Var> vars) {
            Map<String, Val> next = new HashMap<>(bound);
            next.putAll(more);
            List<Object> g = new ArrayList<>(guards);
            g.add(vars);
            return new Context(sees, variables, scope, state, old, result, next, spec, sink, code, limited, g);
        }

        /** The expression in {@code \old}. */
        Context before(State earlier) {
            return new Context(sees, variables, scope, earlier, null, result, bound, true, sink, null, limited, guards);
        }

        /** The variable that a name is: \\count is that of the innermost loop over an array. */
        private String innermost(String name) {
            return sees != Scope.LOCALS || !name.equals(Expr.COUNT)
                    ? name
                    : state.vars.keySet().stream()
                            .filter(n -> n.startsWith(Expr.COUNT + "@"))
                            .max(java.util.Comparator.comparingInt(
                                    n -> Integer.parseInt(n.substring(Expr.COUNT.length() + 1))))
                            .orElse(name);
        }

        /** Whether a name is that of a variable. */
        boolean isVariable(String written) {
            String name = innermost(written);
            return bound.containsKey(name) || sees == Scope.LOCALS && variables.vars.containsKey(name);
        }

        /** The value of a variable; nothing where it has none here. */
        @Nullable
        Val variable(String written) {
            String name = innermost(written);
            return bound.containsKey(name) ? bound.get(name) : sees == Scope.LOCALS ? state.vars.get(name) : null;
        }

        boolean unconditional() {
            return guards.isEmpty();
        }

        /** A fact under the guards around it. */
        @SuppressWarnings("unchecked")
        Term wrap(Term t) {
            Term out = t;
            for (Object g : guards.reversed()) {
                out = g instanceof Term guard ? implies(guard, out) : forall((List<Term.Var>) g, out, List.of());
            }
            return out;
        }

        void check(CheckKind kind, int line, String text, Term goal) {
            Term wrapped = wrap(goal);
            if (sink != null && !wrapped.equals(TRUE)) {
                sink.check(kind, line, text, wrapped);
            }
            if (!spec && !wrapped.equals(TRUE)) {
                state.facts.add(wrapped);
            }
        }

        UnsupportedSyntaxException error(int line, String what) {
            return new UnsupportedSyntaxException(scope.file(), line, what);
        }
    }

    static Term heap(State s, Ty.Prim element) {
        return s.heaps.getOrDefault(element, constant("H!" + element, element.heap()));
    }

    Term contents(State s, Val array) {
        if (array.contents() != null) {
            return array.contents();
        }
        return select(heap(s, ((Ty.Arr) array.type()).element()), array.term());
    }

    /** The length of an array, which is not null. */
    public static Term length(Val array) {
        return array.length() != null ? array.length() : app(Access.LENGTH, array.term());
    }

    Term condition(Expr e, Context c) {
        Val v = eval(e, c);
        if (v.type() != Ty.Prim.BOOLEAN) {
            throw c.error(e.line(), "a boolean expected, not " + v.type());
        }
        return v.term();
    }

    /** An integer: a measure, or a bound of a range. */
    Term measure(Expr e, Context c) {
        return integer(eval(e, c), c, e.line()).term();
    }

    Val eval(Expr e, Context c) {
        try {
            return value(e, c);
        } catch (IllegalArgumentException x) {
            throw c.error(e.line(), String.valueOf(x.getMessage()));
        }
    }

    private Val value(Expr e, Context c) {
        return switch (e) {
            case Expr.Lit l -> literal(l);
            case Expr.Name n -> name(n, c);
            case Expr.Field f -> field(f, c);
            case Expr.Index i -> index(i, c);
            case Expr.Call k -> call(k, c);
            case Expr.Unary u -> unary(u, c);
            case Expr.Binary b -> binary(b, c);
            case Expr.Cond q -> conditional(q, c);
            case Expr.Chosen k -> {
                notNull(eval(k.selector(), c), c, k.line());
                yield eval(k.choice(), c);
            }
            case Expr.Cast k -> cast(eval(k.operand(), c), k.type(), c, k.line());
            case Expr.Quantified q -> quantified(q, c);
            case Expr.Sum s -> sum(s, c);
            case Expr.Component k -> component(eval(k.target(), c), k.name(), k.call(), c, k.line());
            case Expr.NewRecord n -> object(n, c);
            case Expr.Table t -> table(t, c);
            case Expr.Result r -> {
                if (c.result == null) {
                    throw c.error(r.line(), "\\result where there is none");
                }
                yield c.result;
            }
            case Expr.Old o -> {
                if (c.old == null) {
                    throw c.error(o.line(), "\\old where there is no earlier state");
                }
                yield eval(o.operand(), c.before(c.old));
            }
            case Expr.Fresh f -> {
                Val v = eval(f.operand(), c);
                if (c.old == null || !(v.type() instanceof Ty.Arr) || v.contents() != null) {
                    throw c.error(f.line(), "\\fresh of what is no array, or where there is no earlier state");
                }
                yield Val.bool(Terms.and(le(c.old.allocated, v.term()), lt(v.term(), c.state.allocated)));
            }
            case Expr.Opaque o -> {
                o.parts().forEach(p -> eval(p, c));
                yield Val.of(new Ty.Opaque(o.type()), num(0));
            }
            case Expr.Assign a -> effects(c, a.line(), "an assignment").assign(a, c);
            case Expr.NewArray n -> effects(c, n.line(), "a new array").allocate(n, c);
        };
    }

    /** What code does, at a place that is always reached. */
    private static CodeCall effects(Context c, int line, String what) {
        if (c.code == null) {
            throw c.error(line, what + " in a contract is outside the subset");
        }
        if (!c.unconditional()) {
            throw c.error(line, what + " in part of an expression that is not always evaluated is outside the subset");
        }
        return c.code;
    }

    private Val literal(Expr.Lit l) {
        Object v = l.value();
        if (v == null) {
            return Val.of(Ty.Prim.NULL, num(0));
        }
        return switch (v) {
            case BigInteger n -> Val.constant(l.type(), n);
            case Boolean b -> Val.bool(bool(b));
            case Float f -> Arith.constant(f);
            case Double d -> Arith.constant(d);
            default -> Val.of(new Ty.Opaque("String"), num(0));
        };
    }

    private Val name(Expr.Name n, Context c) {
        Val v = c.variable(n.name());
        if (v != null) {
            return v;
        }
        if (c.isVariable(n.name())) {
            throw c.error(n.line(), "the variable " + n.name() + " has no earlier value");
        }
        Val own = ofThis(n.name(), c, n.line());
        if (own != null) {
            return own;
        }
        java.util.Optional<Expr.Table> table =
                c.spec ? program.constants().table(c.scope.owner(), "", n.name()) : java.util.Optional.empty();
        if (table.isPresent()) {
            return table(table.get(), c);
        }
        return literal(program.constants()
                .find(c.scope.owner(), "", n.name(), n.line())
                .orElseThrow(() -> c.error(
                        n.line(),
                        "nothing is called " + n.name() + " here (a local variable, parameter or constant)")));
    }

    private Val field(Expr.Field f, Context c) {
        boolean known =
                f.target() instanceof Expr.Name n && (c.isVariable(n.name()) || ofThis(n.name(), c, n.line()) != null);
        String qualifier = known ? "" : qualifier(f.target());
        if (!qualifier.isEmpty() && c.isVariable(qualifier.split("\\.")[0])) {
            throw c.error(f.line(), "a field of a field of the variable " + qualifier + " is outside the subset");
        }
        boolean array = f.name().equals("length")
                && c.spec
                && !qualifier.isEmpty()
                && program.constants()
                        .table(c.scope.owner(), prefix(qualifier), last(qualifier))
                        .isPresent();
        if (!qualifier.isEmpty()
                && c.spec
                && program.constants()
                        .table(c.scope.owner(), qualifier, f.name())
                        .isPresent()) {
            return table(
                    program.constants()
                            .table(c.scope.owner(), qualifier, f.name())
                            .orElseThrow(),
                    c);
        }
        if (!qualifier.isEmpty() && !array) {
            return literal(program.constants()
                    .find(c.scope.owner(), qualifier, f.name(), f.line())
                    .orElseThrow(() -> c.error(f.line(), "no constant is called " + qualifier + "." + f.name())));
        }
        Val target = eval(f.target(), c);
        if (target.type() instanceof Ty.Rec) {
            return component(target, f.name(), false, c, f.line());
        }
        if (!(target.type() instanceof Ty.Arr) || !f.name().equals("length")) {
            throw c.error(f.line(), "the field " + f.name() + " of a value is outside the subset");
        }
        notNull(target, c, f.line());
        return Val.integer(Ty.Prim.INT, length(target), BigInteger.ZERO, Ty.Prim.INT.max());
    }

    /**
     * A component of a record's object.
     *
     * @param call whether it is asked for by its accessor
     */
    private Val component(Val target, String name, boolean call, Context c, int line) {
        Ty.Component component =
                target.type() instanceof Ty.Rec object ? object.component(name).orElse(null) : null;
        Val value = target.components().get(name);
        if (component == null || value == null) {
            throw c.error(line, (call ? "the call of " : "the field ") + name + " of a value is outside the subset");
        }
        if (call && !component.accessor()) {
            throw c.error(line, "a contract calls the accessor " + name + ", which has a body of its own");
        }
        if (c.spec && !call && !c.scope.owner().equals(target.type().toString())) {
            throw c.error(line, "the field " + name + " is private to " + target.type() + ": call its accessor");
        }
        notNull(target, c, line);
        return value;
    }

    /** The component of {@code this} that a name which is no variable means; null where it means none. */
    private @Nullable Val ofThis(String name, Context c, int line) {
        Val self = c.variable(Expr.THIS);
        return self != null
                        && self.type() instanceof Ty.Rec object
                        && object.component(name).isPresent()
                ? component(self, name, false, c, line)
                : null;
    }

    /** The component that a call in a contract asks for by its accessor; null where it is another call. */
    private @Nullable Val accessed(Expr.Call k, Context c) {
        if (k.key() != null || !k.args().isEmpty()) {
            return null;
        }
        String on = k.owner() == null ? Expr.THIS : k.owner();
        Val target = c.isVariable(on) ? c.variable(on) : ofThis(on, c, k.line());
        return target != null
                        && target.type() instanceof Ty.Rec object
                        && object.component(k.name()).isPresent()
                ? component(target, k.name(), true, c, k.line())
                : null;
    }

    private Val object(Expr.NewRecord n, Context c) {
        if (c.code == null) {
            throw c.error(n.line(), "a new record in a contract is outside the subset");
        }
        Map<String, Val> components = new LinkedHashMap<>();
        for (int i = 0; i < n.values().size(); i++) {
            Ty.Component component = n.type().components().get(i);
            components.put(component.name(), convert(eval(n.values().get(i), c), component.type(), c, n.line()));
        }
        Term reference = c.code.fresh();
        c.state.facts.add(lt(num(0), reference));
        return Val.object(n.type(), reference, components);
    }

    private static String prefix(String qualified) {
        return qualified.substring(0, Math.max(0, qualified.lastIndexOf('.')));
    }

    private static String last(String qualified) {
        return qualified.substring(qualified.lastIndexOf('.') + 1);
    }

    private static String qualifier(Expr e) {
        return switch (e) {
            case Expr.Name n -> n.name();
            case Expr.Field f -> {
                String q = qualifier(f.target());
                yield q.isEmpty() ? "" : q + "." + f.name();
            }
            default -> "";
        };
    }

    void notNull(Val array, Context c, int line) {
        if (array.type() instanceof Ty.Enumeration) {
            c.check(CheckKind.NULL, line, "the constant is not null", le(num(0), array.term()));
        } else if (array.contents() == null) {
            c.check(
                    CheckKind.NULL,
                    line,
                    array.type() instanceof Ty.Rec ? "the record is not null" : "the array is not null",
                    Terms.not(eq(array.term(), num(0))));
        }
    }

    private Val index(Expr.Index i, Context c) {
        Val array = eval(i.array(), c);
        Val index = integer(eval(i.index(), c), c, i.line());
        if (!(array.type() instanceof Ty.Arr(Ty.Prim element))) {
            throw c.error(i.line(), "an index into " + array.type());
        }
        notNull(array, c, i.line());
        c.check(
                CheckKind.INDEX,
                i.line(),
                Text.of(i),
                Terms.and(le(num(0), index.term()), lt(index.term(), length(array))));
        return Val.of(element, select(contents(c.state, array), index.term()));
    }

    private static Val integer(Val v, Context c, int line) {
        if (!v.type().integral()) {
            throw c.error(line, "an integer expected, not " + v.type());
        }
        return v;
    }

    private Val unary(Expr.Unary u, Context c) {
        Val v = eval(u.operand(), c);
        if (u.op() == Expr.Unary.Op.NOT) {
            if (v.type() != Ty.Prim.BOOLEAN) {
                throw c.error(u.line(), "! of " + v.type());
            }
            return Val.bool(Terms.not(v.term()));
        }
        if (!v.type().numeric()) {
            throw c.error(u.line(), u.op() + " of " + v.type());
        }
        Ty type = Ty.promote(v.type(), Ty.Prim.INT);
        if (u.op() == Expr.Unary.Op.PLUS) {
            return type.floating() ? v : v.as(type);
        }
        if (u.op() == Expr.Unary.Op.MINUS) {
            return type.floating()
                    ? Arith.negate(v)
                    : ranged(Arith.sub(Val.constant(type, BigInteger.ZERO), v, type), type, c, u.line(), u);
        }
        return Arith.complement(bits(v, type, c, u.line()), type);
    }

    private static Val bits(Val v, Ty type, Context c, int line) {
        if (type == Ty.Prim.BIGINT || !type.integral()) {
            throw c.error(
                    line,
                    "a bit operation on " + type
                            + " (in specifications + - * / % give \\bigint): cast to int, or call a pure method");
        }
        return v;
    }

    /** The result of integer arithmetic by the arithmetic mode. */
    private Val ranged(Val exact, Ty type, Context c, int line, Expr e) {
        if (type == Ty.Prim.BIGINT) {
            return exact;
        }
        return switch (c.mode()) {
            case BIGINT -> exact.as(number(exact.term()).isPresent() && exact.within(type) ? type : Ty.Prim.BIGINT);
            case JAVA -> wrap(exact, type, c);
            case SAFE -> {
                if (!exact.within(type)) {
                    c.check(CheckKind.OVERFLOW, line, Text.of(e), between(exact.term(), type.min(), type.max()));
                    yield Val.of(type, exact.term());
                }
                yield exact;
            }
        };
    }

    /**
     * Wrap-around. In code the result gets a name: the one number in range that differs from the exact value by a
     * multiple of the size.
     */
    private static Val wrap(Val exact, Ty type, Context c) {
        if (c.code == null || exact.within(type) || number(exact.term()).isPresent()) {
            return Arith.wrap(exact, type);
        }
        Term wrapped = c.code.fresh();
        Term turns = c.code.fresh();
        c.state.facts.add(between(wrapped, type.min(), type.max()));
        c.state.facts.add(eq(wrapped, sub(exact.term(), mul(num(Arith.pow2(type.bits())), turns))));
        return Val.of(type, wrapped);
    }

    private Val binary(Expr.Binary b, Context c) {
        Op op = b.op();
        if (op.lazy()) {
            Term left = condition(b.left(), c);
            Term right = condition(b.right(), c.guarded(op == Op.OR ? Terms.not(left) : left));
            return Val.bool(
                    switch (op) {
                        case AND -> Terms.and(left, right);
                        case OR -> Terms.or(left, right);
                        default -> implies(left, right);
                    });
        }
        Val x = eval(b.left(), c);
        Val y = eval(b.right(), c);
        return operate(op, x, y, c, b.line(), b);
    }

    /** A binary operator on values. */
    Val operate(Op op, Val x, Val y, Context c, int line, Expr e) {
        if (op == Op.SAME) {
            Term same = same(x, y, c, line);
            Ty type = x.type().numeric() && y.type().numeric() ? Ty.promote(x.type(), y.type()) : Ty.Prim.BOOLEAN;
            return Val.bool(type.floating() ? Terms.and(same, eq(negative(x, type), negative(y, type))) : same);
        }
        if (op == Op.EQUAL || op == Op.NOT_EQUAL) {
            Term same = same(x, y, c, line);
            return Val.bool(op == Op.EQUAL ? same : Terms.not(same));
        }
        if (x.type() == Ty.Prim.BOOLEAN && y.type() == Ty.Prim.BOOLEAN) {
            return Val.bool(
                    switch (op) {
                        case BIT_AND -> Terms.and(x.term(), y.term());
                        case BIT_OR -> Terms.or(x.term(), y.term());
                        case BIT_XOR -> Terms.not(eq(x.term(), y.term()));
                        default -> throw c.error(line, op + " of booleans");
                    });
        }
        if (!x.type().numeric() || !y.type().numeric()) {
            throw c.error(line, x.type() + " " + op + " " + y.type());
        }
        if (op.shifts()) {
            return shift(op, x, y, c, line, e);
        }
        Ty type = Ty.promote(x.type(), y.type());
        if (op.compares()) {
            return Val.bool(compare(op, x, y, type));
        }
        if (type.floating()) {
            if (op == Op.REMAINDER) {
                throw c.error(line, "% on floating-point numbers is outside the subset");
            }
            if (!Set.of(Op.ADD, Op.SUBTRACT, Op.MULTIPLY, Op.DIVIDE).contains(op)) {
                throw c.error(line, op + " on " + type);
            }
            return Arith.floating(op, Arith.toFloating(x, type), Arith.toFloating(y, type), type);
        }
        switch (op) {
            case ADD -> {
                return ranged(Arith.add(x, y, type), type, c, line, e);
            }
            case SUBTRACT -> {
                return ranged(Arith.sub(x, y, type), type, c, line, e);
            }
            case MULTIPLY -> {
                return ranged(Arith.mul(x, y, type), type, c, line, e);
            }
            case DIVIDE, REMAINDER -> {
                c.check(CheckKind.DIVISION, line, Text.of(e), Terms.not(eq(y.term(), num(0))));
                if (op == Op.REMAINDER) {
                    return Arith.rem(x, y, type);
                }
                BigInteger lo = y.lo();
                Val exact = Arith.div(x, y, type);
                boolean positive = lo != null && lo.signum() >= 0;
                // Only MIN / -1 leaves the range.
                return positive && x.lo() != null ? exact : ranged(exact, type, c, line, e);
            }
            case BIT_AND -> {
                bits(x, type, c, line);
                return Arith.and(x, y, type);
            }
            case BIT_OR -> {
                bits(x, type, c, line);
                return Arith.or(x, y, type);
            }
            case BIT_XOR -> {
                bits(x, type, c, line);
                return Arith.xor(x, y, type);
            }
            default -> throw c.error(line, "the operator " + op + " is outside the subset");
        }
    }

    private Val shift(Op op, Val x, Val y, Context c, int line, Expr e) {
        Ty type = Ty.promote(x.type(), Ty.Prim.INT);
        bits(x, type, c, line);
        integer(y, c, line);
        if (c.mode() != Arithmetic.JAVA) {
            boolean plain = y.lo() != null
                    && y.hi() != null
                    && y.lo().signum() >= 0
                    && y.hi().compareTo(BigInteger.valueOf(type.bits())) < 0;
            if (!plain) {
                c.check(
                        CheckKind.SHIFT,
                        line,
                        Text.of(e),
                        Terms.and(le(num(0), y.term()), lt(y.term(), num(type.bits()))));
            }
        }
        if (c.spec && c.mode() == Arithmetic.BIGINT && op == Op.SHIFT_LEFT) {
            BigInteger n = number(x.term())
                    .orElseThrow(
                            () -> c.error(
                                    line,
                                    "<< of a variable in a specification with \\bigint arithmetic is outside the subset: multiply"));
            // Where the two differ, nobody says whether the bits that go out of the type are kept.
            int most = type.bits() - 1 - (n.signum() < 0 ? n.negate().subtract(BigInteger.ONE) : n).bitLength();
            if (n.signum() != 0) {
                c.check(CheckKind.SHIFT, line, Text.of(e) + " fits " + type, le(y.term(), num(most)));
            }
        }
        return Arith.shift(op, x, y, type);
    }

    private static Term compare(Op op, Val x, Val y, Ty type) {
        if (type.floating()) {
            Term a = Arith.toFloating(x, type).term();
            Term b = Arith.toFloating(y, type).term();
            Operation operation = switch (op) {
                case LESS -> Operation.BELOW;
                case AT_MOST -> Operation.AT_MOST;
                case GREATER -> Operation.ABOVE;
                default -> Operation.AT_LEAST;
            };
            return app(operation, type.format(), a, b);
        }
        return switch (op) {
            case LESS -> lt(x.term(), y.term());
            case AT_MOST -> le(x.term(), y.term());
            case GREATER -> lt(y.term(), x.term());
            default -> le(y.term(), x.term());
        };
    }

    private static Term negative(Val v, Ty type) {
        return app(
                Operation.IS_NEGATIVE, type.format(), Arith.toFloating(v, type).term());
    }

    private Term same(Val x, Val y, Context c, int line) {
        if (x.type().numeric() && y.type().numeric()) {
            Ty type = Ty.promote(x.type(), y.type());
            if (x.term() instanceof Term.App(FloatingPoint f, List<Term> a)
                    && y.term() instanceof Term.App(FloatingPoint g, List<Term> b)
                    && f.equals(g)
                    && f.operation() == Operation.BITS) {
                // One number has one pattern, NaN the canonical one.
                return eq(a.getFirst(), b.getFirst());
            }
            return type.floating()
                    ? app(
                            Operation.EQUAL,
                            type.format(),
                            Arith.toFloating(x, type).term(),
                            Arith.toFloating(y, type).term())
                    : eq(x.term(), y.term());
        }
        if (x.type() == Ty.Prim.BOOLEAN && y.type() == Ty.Prim.BOOLEAN) {
            return eq(x.term(), y.term());
        }
        if (x.type() instanceof Ty.Enumeration && x.type().equals(y.type())) {
            return eq(x.term(), y.term());
        }
        if (c.code != null && functions.determined(c.scope)) {
            throw c.error(
                    line,
                    "a comparison of references in a pure method, or in one that a pure method calls, is outside the subset: the result would depend on more than values");
        }
        if (x.type() instanceof Ty.Rec && y.type() == Ty.Prim.NULL) {
            return eq(x.term(), num(0));
        }
        boolean arrays = (x.type() instanceof Ty.Arr || x.type() == Ty.Prim.NULL)
                && (y.type() instanceof Ty.Arr || y.type() == Ty.Prim.NULL);
        if (!arrays) {
            throw c.error(line, x.type() + " == " + y.type() + " is outside the subset");
        }
        if (x.contents() != null || y.contents() != null) {
            throw c.error(
                    line,
                    "comparing array references in the contract of a method that contracts call is outside the subset");
        }
        return eq(x.term(), y.term());
    }

    private Val conditional(Expr.Cond q, Context c) {
        Term test = condition(q.test(), c);
        Val a = eval(q.then(), c.guarded(test));
        Val b = eval(q.otherwise(), c.guarded(Terms.not(test)));
        return choose(test, a, b, c, q.line());
    }

    private Val choose(Term test, Val then, Val otherwise, Context c, int line) {
        Val a = then.type() == Ty.Prim.NULL && otherwise.type() != Ty.Prim.NULL
                ? convert(then, otherwise.type(), c, line)
                : then;
        Val b = otherwise.type() == Ty.Prim.NULL && then.type() != Ty.Prim.NULL
                ? convert(otherwise, then.type(), c, line)
                : otherwise;
        if (a.type().numeric() && b.type().numeric()) {
            Ty type = a.type() == b.type() ? a.type() : Ty.promote(a.type(), b.type());
            if (type.floating()) {
                return Val.of(
                        type,
                        ite(
                                test,
                                Arith.toFloating(a, type).term(),
                                Arith.toFloating(b, type).term()));
            }
            BigInteger lo = a.lo() == null || b.lo() == null ? null : a.lo().min(b.lo());
            BigInteger hi = a.hi() == null || b.hi() == null ? null : a.hi().max(b.hi());
            return Val.integer(type, ite(test, a.term(), b.term()), lo, hi);
        }
        if (a.type() instanceof Ty.Rec object && a.type().equals(b.type())) {
            Map<String, Val> components = new LinkedHashMap<>();
            a.components()
                    .forEach((name, v) -> components.put(
                            name,
                            choose(
                                    test,
                                    v,
                                    java.util.Objects.requireNonNull(
                                            b.components().get(name)),
                                    c,
                                    line)));
            return Val.object(object, ite(test, a.term(), b.term()), components);
        }
        if (a.type().equals(b.type())) {
            Term contents = a.contents() == null && b.contents() == null
                    ? null
                    : ite(test, contents(c.state, a), contents(c.state, b));
            Term length = a.contents() == null && b.contents() == null ? null : ite(test, length(a), length(b));
            return new Val(a.type(), ite(test, a.term(), b.term()), null, null, contents, length);
        }
        throw c.error(line, "?: of " + a.type() + " and " + b.type());
    }

    Val cast(Val v, Ty type, Context c, int line) {
        if (v.type().equals(type)) {
            return v;
        }
        if (!v.type().numeric() || !type.numeric()) {
            throw c.error(line, "a cast of " + v.type() + " to " + type);
        }
        if (type.floating()) {
            return Arith.toFloating(v, type);
        }
        if (v.type().floating()) {
            if (type == Ty.Prim.BIGINT) {
                throw c.error(line, "a cast of " + v.type() + " to \\bigint is outside the subset");
            }
            Val whole = Arith.toInteger(v, type == Ty.Prim.LONG ? type : Ty.Prim.INT);
            return type.bits() < 32 ? Arith.wrap(whole, type) : whole;
        }
        if (type == Ty.Prim.BIGINT || v.within(type)) {
            return v.as(type);
        }
        if (c.mode() == Arithmetic.JAVA) {
            return wrap(v, type, c);
        }
        c.check(CheckKind.CAST, line, "(" + type + ") loses nothing", between(v.term(), type.min(), type.max()));
        return Val.of(type, v.term());
    }

    /** The implicit conversion of an assignment or of an argument. */
    Val convert(Val v, Ty type, Context c, int line) {
        if (v.type().equals(type)) {
            return v;
        }
        if (type instanceof Ty.Opaque) {
            // A boxed number is an object of its own.
            return Val.of(type, num(0));
        }
        if (type instanceof Ty.Arr && v.type() == Ty.Prim.NULL) {
            return v.as(type);
        }
        if (type instanceof Ty.Enumeration && v.type() == Ty.Prim.NULL) {
            return Val.of(type, num(-1));
        }
        if (type.floating() && v.type().numeric()) {
            return Arith.toFloating(v, type);
        }
        if (type.integral() && v.type().integral()) {
            if (type == Ty.Prim.BIGINT || v.within(type)) {
                return v.as(type);
            }
            if (c.spec) {
                c.check(
                        CheckKind.WELL_DEFINED,
                        line,
                        "the value fits " + type,
                        between(v.term(), type.min(), type.max()));
                return Val.of(type, v.term());
            }
        }
        throw c.error(line, v.type() + " where " + type + " is expected");
    }

    private Val quantified(Expr.Quantified q, Context c) {
        List<Term.Var> vars = new ArrayList<>();
        Map<String, Val> bound = new HashMap<>();
        List<Term> ranges = new ArrayList<>();
        if (!q.type().integral()) {
            throw c.error(q.line(), "a quantifier over " + q.type() + " is outside the subset");
        }
        for (String name : q.vars()) {
            if (c.isVariable(name) || bound.containsKey(name)) {
                throw c.error(q.line(), "the quantified variable " + name + " hides another variable");
            }
            Term.Var v = new Term.Var(name + "?" + quantified++, Sort.INT);
            vars.add(v);
            bound.put(name, Val.of(q.type(), v));
            if (q.type() != Ty.Prim.BIGINT) {
                ranges.add(between(v, q.type().min(), q.type().max()));
            }
        }
        Context inner = c.binding(bound, vars).guarded(Terms.and(ranges));
        Term range = condition(q.range(), inner);
        Term body = condition(q.body(), inner.guarded(range));
        ranges.add(range);
        Term all = Terms.and(ranges);
        return Val.bool(
                q.universal() ? forall(vars, implies(all, body), List.of()) : exists(vars, Terms.and(all, body)));
    }

    /** A constant array: it lies nowhere, and holds what its initialiser says. */
    private Val table(Expr.Table t, Context c) {
        Term contents = filled(t.element());
        for (int i = 0; i < t.values().size(); i++) {
            contents = store(
                    contents,
                    num(i),
                    convert(eval(t.values().get(i), c), t.element(), c, t.line())
                            .term());
        }
        return new Val(
                new Ty.Arr(t.element()),
                num(0),
                null,
                null,
                contents,
                num(t.values().size()));
    }

    /** What a new array holds. */
    static Term filled(Ty.Prim element) {
        Term zero = switch (element) {
            case BOOLEAN -> FALSE;
            case FLOAT, DOUBLE -> new Term.Unwritten(element.format());
            default -> num(0);
        };
        return app(new ArrayOperation.Filled(element.element()), zero);
    }

    /** The bounds of a sum's variable, and what else its range says. */
    private static final class Bounds {
        final List<Expr> from = new ArrayList<>();
        final List<Expr> to = new ArrayList<>();
        final List<Expr> rest = new ArrayList<>();

        void add(Expr e, String variable) {
            if (e instanceof Expr.Binary b && b.op() == Op.AND) {
                add(b.left(), variable);
                add(b.right(), variable);
                return;
            }
            Expr one = new Expr.Lit(e.line(), Ty.Prim.INT, BigInteger.ONE);
            if (e instanceof Expr.Binary b
                    && b.op().upward()
                    && b.right() instanceof Expr.Name n
                    && n.name().equals(variable)
                    && !Sums.names(b.left()).contains(variable)) {
                from.add(b.op() == Op.LESS ? new Expr.Binary(e.line(), Op.ADD, b.left(), one) : b.left());
            } else if (e instanceof Expr.Binary b
                    && b.op().upward()
                    && b.left() instanceof Expr.Name n
                    && n.name().equals(variable)
                    && !Sums.names(b.right()).contains(variable)) {
                to.add(b.op() == Op.LESS ? b.right() : new Expr.Binary(e.line(), Op.ADD, b.right(), one));
            } else {
                rest.add(e);
            }
        }
    }

    /** A sum as a function of its bounds and of what its terms name ({@link Sums}). */
    private Val sum(Expr.Sum s, Context c) {
        if (!c.spec || !s.type().integral() || c.isVariable(s.variable())) {
            throw c.error(
                    s.line(),
                    c.isVariable(s.variable())
                            ? "the variable " + s.variable() + " hides another variable"
                            : "a sum over " + s.type() + " is outside the subset");
        }
        if (c.mode() != Arithmetic.BIGINT) {
            throw c.error(s.line(), "a sum in a contract with other arithmetic than \\bigint is outside the subset");
        }
        Bounds bounds = new Bounds();
        bounds.add(s.range(), s.variable());
        if (bounds.from.size() != 1 || bounds.to.size() != 1) {
            throw c.error(
                    s.line(),
                    "a sum whose range does not begin with one lower and one upper bound (0 <= i && i < n) is outside the subset");
        }
        // What the terms need to have values is asked where the sum stands.
        Term.Var v = new Term.Var(s.variable() + "?" + quantified++, Sort.INT);
        List<Term> typed = s.type() == Ty.Prim.BIGINT
                ? List.of()
                : List.of(between(v, s.type().min(), s.type().max()));
        Context inner =
                c.binding(Map.of(s.variable(), Val.of(s.type(), v)), List.of(v)).guarded(Terms.and(typed));
        Term range = condition(s.range(), inner);
        Val element = eval(s.body(), inner.guarded(range));
        if (s.count() ? element.type() != Ty.Prim.BOOLEAN : !element.type().integral()) {
            throw c.error(s.line(), "a sum of " + element.type() + " is outside the subset");
        }
        Val from = integer(eval(bounds.from.getFirst(), c), c, s.line());
        Val to = integer(eval(bounds.to.getFirst(), c), c, s.line());
        Term first = s.type() == Ty.Prim.BIGINT || from.within(s.type())
                ? from.term()
                : ite(lt(from.term(), num(s.type().min())), num(s.type().min()), from.term());
        Term last = s.type() == Ty.Prim.BIGINT || to.within(s.type())
                ? to.term()
                : ite(lt(num(s.type().max()), to.term()), num(s.type().max().add(BigInteger.ONE)), to.term());
        Expr each = s.body();
        for (Expr r : bounds.rest.reversed()) {
            each = s.count()
                    ? new Expr.Binary(s.line(), Op.AND, r, each)
                    : new Expr.Cond(s.line(), r, each, new Expr.Lit(s.line(), Ty.Prim.INT, BigInteger.ZERO));
        }
        List<Val> values = new ArrayList<>();
        List<MethodModel.Param> params = new ArrayList<>();
        for (String name : Sums.names(each)) {
            boolean result = name.equals(Sums.RESULT);
            Val value = result ? c.result : name.equals(s.variable()) ? null : c.variable(name);
            if (value != null) {
                if (value.type() instanceof Ty.Opaque
                        || value.type() instanceof Ty.Rec
                        || value.type() == Ty.Prim.NULL) {
                    throw c.error(
                            s.line(), "a sum that names " + name + " of " + value.type() + " is outside the subset");
                }
                params.add(new MethodModel.Param(name, value.type(), false));
                values.add(value);
            }
        }
        MethodModel m = functions.sum(c.scope, s, each, params);
        values.add(Val.of(Ty.Prim.BIGINT, first));
        values.add(Val.of(Ty.Prim.BIGINT, last));
        return functions.apply(m, values, c.state, this, c);
    }

    private MethodModel resolve(Expr.Call k, Context c) {
        if (k.key() != null) {
            MethodModel m = functions.find(k.key());
            if (m == null) {
                throw c.error(
                        k.line(),
                        "the call of " + k.key()
                                + ", which has no contract among the sources read, is outside the subset");
            }
            return m;
        }
        if (k.owner() != null && c.isVariable(k.owner().split("\\.")[0])) {
            throw c.error(k.line(), "a call on the variable " + k.owner() + " is outside the subset");
        }
        return program.called(c.scope.owner(), k);
    }

    /** The qualified name of the class whose method is called; empty where the call names none. */
    private String owner(Expr.Call k, Context c) {
        String written = k.owner() == null ? "" : k.owner();
        if (k.key() != null || written.isEmpty()) {
            return written;
        }
        return c.isVariable(written.split("\\.")[0])
                ? ""
                : program.constants()
                        .type(c.scope.owner(), written)
                        .orElseThrow(() -> c.error(k.line(), "no class is called " + written + " here"));
    }

    private Val call(Expr.Call k, Context c) {
        Val accessed = accessed(k, c);
        if (accessed != null) {
            return accessed;
        }
        String owner = owner(k, c);
        List<Val> args = new ArrayList<>();
        for (Expr a : k.args()) {
            args.add(eval(a, c));
        }
        switch (owner) {
            case "java.lang.Math" -> {
                return library(k, args, c);
            }
            case "java.lang.Float", "java.lang.Double" -> {
                return bits(k, owner.equals("java.lang.Float") ? Ty.Prim.FLOAT : Ty.Prim.DOUBLE, args, c);
            }
            case "java.lang.System" -> {
                if (k.name().equals("arraycopy") && args.size() == 5) {
                    effects(c, k.line(), "System.arraycopy").move(args, c, k.line());
                    return Val.of(Ty.Prim.VOID, num(0));
                }
            }
            case Expr.ARRAY -> {
                return effects(c, k.line(), "clone").copy(args.getFirst(), c, k.line());
            }
            default -> {}
        }
        MethodModel callee = resolve(k, c);
        List<Val> converted = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
            MethodModel.Param p = callee.params().get(i);
            Val v = convert(args.get(i), p.type(), c, k.line());
            if (v.type().reference() && !p.nullable()) {
                notNull(v, c, k.line());
            }
            converted.add(v);
        }
        if (!c.spec) {
            if (c.code == null) {
                throw c.error(k.line(), "a call is outside the subset here");
            }
            return c.code.call(callee, converted, c, k.line());
        }
        if (!callee.spec().pure()) {
            throw c.error(k.line(), "a contract calls " + callee.name() + ", which is not pure");
        }
        if (!callee.visible() && c.scope.visible() && c.sees == Scope.CONTRACT) {
            throw c.error(k.line(), "a contract calls " + callee.name() + ", which is neither public nor spec_public");
        }
        if (c.sink != null) {
            c.check(
                    CheckKind.WELL_DEFINED,
                    k.line(),
                    "precondition of " + callee.shortName() + " in " + Text.of(k),
                    functions.precondition(callee, converted, c.state, this));
            if (callee.key().equals(c.limited)) {
                c.check(
                        CheckKind.MEASURED_BY,
                        k.line(),
                        "the measure decreases at " + Text.of(k),
                        functions.decreases(callee, converted, c.state, c.state, c.bound, c, this));
            }
        }
        return functions.apply(callee, converted, c.state, this, c);
    }

    /** Methods of Float and Double: of the bits, and of the kinds of numbers. */
    private Val bits(Expr.Call k, Ty.Prim type, List<Val> args, Context c) {
        if (args.size() != 1) {
            throw c.error(k.line(), k.name() + " is outside the subset");
        }
        boolean single = type == Ty.Prim.FLOAT;
        String name = k.name();
        if (name.equals(single ? "intBitsToFloat" : "longBitsToDouble")) {
            return Arith.ofBits(convert(args.getFirst(), single ? Ty.Prim.INT : Ty.Prim.LONG, c, k.line()), type);
        }
        if (!args.getFirst().type().numeric()) {
            throw c.error(k.line(), type + "." + name + " of " + args.getFirst().type());
        }
        Val x = convert(args.getFirst(), type, c, k.line());
        switch (name) {
            case "isNaN" -> {
                return Val.bool(app(Operation.IS_NAN, type.format(), x.term()));
            }
            case "isInfinite" -> {
                return Val.bool(app(Operation.IS_INFINITE, type.format(), x.term()));
            }
            case "isFinite" -> {
                return Val.bool(Terms.not(Terms.or(
                        app(Operation.IS_NAN, type.format(), x.term()),
                        app(Operation.IS_INFINITE, type.format(), x.term()))));
            }
            case "floatToIntBits", "doubleToLongBits" -> {
                return Arith.toBits(x);
            }
            case "floatToRawIntBits", "doubleToRawLongBits" -> {
                c.check(
                        CheckKind.NAN,
                        k.line(),
                        "the bits of NaN are not determined: " + Text.of(k),
                        Terms.not(app(Operation.IS_NAN, type.format(), x.term())));
                return Arith.toBits(x);
            }
            default -> throw c.error(k.line(), type + "." + name + " is outside the subset");
        }
    }

    private Val library(Expr.Call k, List<Val> args, Context c) {
        String name = k.name();
        for (Val v : args) {
            if (!v.type().numeric()) {
                throw c.error(k.line(), "Math." + name + " of " + v.type());
            }
        }
        Ty type = args.stream().map(Val::type).reduce(Ty.Prim.INT, Ty::promote);
        if (k.takes("double")) {
            type = Ty.Prim.DOUBLE;
        }
        Ty t = type;
        List<Val> a = args.stream()
                .map(v -> t.floating() ? Arith.toFloating(v, t) : v.as(t))
                .toList();
        switch (name) {
            case "max", "min" -> {
                return Arith.extreme(name.equals("max"), a.get(0), a.get(1), type);
            }
            case "abs" -> {
                Val v = a.getFirst();
                if (type.floating()) {
                    return Val.of(type, app(Operation.ABSOLUTE, type.format(), v.term()));
                }
                // Math.abs(MIN_VALUE) is MIN_VALUE.
                Val minus = Arith.sub(Val.constant(type, BigInteger.ZERO), v, type);
                Val negated = type == Ty.Prim.BIGINT ? minus : Arith.wrap(minus, type);
                BigInteger top =
                        v.lo() == null || v.hi() == null ? null : v.lo().abs().max(v.hi().abs());
                boolean exact =
                        top != null && v.lo() != null && type != Ty.Prim.BIGINT && v.lo().compareTo(type.min()) > 0;
                Term term = ite(le(num(0), v.term()), v.term(), negated.term());
                return exact ? Val.integer(type, term, BigInteger.ZERO, top) : Val.of(type, term);
            }
            case "sqrt" -> {
                return Val.of(
                        Ty.Prim.DOUBLE,
                        app(
                                Operation.SQUARE_ROOT,
                                FloatFormat.BINARY64,
                                Arith.toFloating(a.getFirst(), Ty.Prim.DOUBLE).term()));
            }
            case "copySign" -> {
                if (!type.floating()) {
                    throw c.error(
                            k.line(), "Math.copySign of " + type + " is outside the subset: cast to float or double");
                }
                if (c.code == null) {
                    throw c.error(
                            k.line(),
                            "Math.copySign in a contract is outside the subset: Java leaves open which sign NaN has");
                }
                if (functions.determined(c.scope)) {
                    // What a function gives must depend on the number alone; a NaN's own sign is no part of it.
                    c.check(
                            CheckKind.NAN,
                            k.line(),
                            "the sign of NaN is not determined: " + Text.of(k),
                            Terms.or(
                                    Terms.not(app(
                                            Operation.IS_NAN,
                                            type.format(),
                                            a.get(1).term())),
                                    app(
                                            Operation.IS_NAN,
                                            type.format(),
                                            a.get(0).term())));
                }
                return Arith.copySign(a.get(0), a.get(1), le(num(0), c.code.fresh()), type);
            }
            case "floorMod", "floorDiv" -> {
                if (!type.integral()) {
                    throw c.error(k.line(), "Math." + name + " of " + type);
                }
                Val x = a.get(0);
                Val y = a.get(1);
                c.check(CheckKind.DIVISION, k.line(), Text.of(k), Terms.not(eq(y.term(), num(0))));
                if (name.equals("floorMod")) {
                    // SMT-LIB's remainder is never negative; Java's has the divisor's sign.
                    Term m = app(Operator.Arithmetic.REMAINDER, x.term(), y.term());
                    Term value = number(y.term()).filter(n -> n.signum() > 0).isPresent()
                            ? m
                            : ite(Terms.or(lt(num(0), y.term()), eq(m, num(0))), m, Terms.add(m, y.term()));
                    // By an int it is an int, also of a long.
                    Ty of = type == Ty.Prim.LONG && args.get(1).type() != Ty.Prim.LONG ? Ty.Prim.INT : type;
                    return number(y.term())
                            .filter(n -> n.signum() > 0)
                            .map(n -> Val.integer(of, value, BigInteger.ZERO, n.subtract(BigInteger.ONE)))
                            .orElse(Val.of(of, value));
                }
                Term quotient = ite(
                        lt(num(0), y.term()),
                        app(Operator.Arithmetic.DIVIDE, x.term(), y.term()),
                        app(
                                Operator.Arithmetic.DIVIDE,
                                app(Operator.Arithmetic.NEGATE, x.term()),
                                app(Operator.Arithmetic.NEGATE, y.term())));
                // MIN / -1 wraps around silently.
                return type == Ty.Prim.BIGINT
                        ? Val.of(type, quotient)
                        : Arith.wrap(Val.integer(type, quotient, null, null), type);
            }
            case "addExact", "subtractExact", "multiplyExact", "negateExact", "incrementExact", "decrementExact" -> {
                // An overflow is an exception, so there must be none.
                Val one = Val.constant(type, BigInteger.ONE);
                Val exact = switch (name) {
                    case "addExact" -> Arith.add(a.get(0), a.get(1), type);
                    case "subtractExact" -> Arith.sub(a.get(0), a.get(1), type);
                    case "multiplyExact" -> Arith.mul(a.get(0), a.get(1), type);
                    case "negateExact" -> Arith.sub(Val.constant(type, BigInteger.ZERO), a.get(0), type);
                    case "incrementExact" -> Arith.add(a.get(0), one, type);
                    default -> Arith.sub(a.get(0), one, type);
                };
                if (type == Ty.Prim.BIGINT || exact.within(type)) {
                    return exact;
                }
                c.check(CheckKind.OVERFLOW, k.line(), Text.of(k), between(exact.term(), type.min(), type.max()));
                return Val.of(type, exact.term());
            }
            case "toIntExact" -> {
                c.check(
                        CheckKind.OVERFLOW,
                        k.line(),
                        Text.of(k),
                        between(a.getFirst().term(), Ty.Prim.INT.min(), Ty.Prim.INT.max()));
                return Val.of(Ty.Prim.INT, a.getFirst().term());
            }
            case "rint" -> {
                return Val.of(
                        Ty.Prim.DOUBLE,
                        app(
                                Operation.ROUND_TO_INTEGRAL,
                                FloatFormat.BINARY64,
                                Arith.toFloating(a.getFirst(), Ty.Prim.DOUBLE).term()));
            }
            default -> throw c.error(k.line(), "Math." + name + " is outside the subset");
        }
    }
}
