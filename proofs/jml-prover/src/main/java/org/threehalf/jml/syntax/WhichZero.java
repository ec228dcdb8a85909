package org.threehalf.jml.syntax;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.syntax.Expr.Binary.Op;

/**
 * Contracts as they would be if their {@code ==} of floating-point numbers told +0 from -0. Java's does not, so that
 * {@code ensures \result == a * b} is true of a method which returns -0 wherever the product is 0: whoever writes a
 * formula means its bits.
 *
 * <p>Changed is what a clause promises: postconditions, and the invariants and assertions that lead to them. What it
 * asks for stays as it is. Below a negation, on the left of an implication and in a range a {@code !=} promises what an
 * {@code ==} does elsewhere, and where truths are compared both do; there only what compares the result with a formula
 * counts, since most else tells cases apart.
 */
public final class WhichZero {
    /** They choose between numbers, of which some are equal. */
    private static final Set<String> CHOICES = Set.of("Math.max", "Math.min", "Math.abs");

    private WhichZero() {}

    /**
     * The program with such contracts.
     *
     * @param all the methods of which every equality counts; of others those with a formula on one side: arithmetic, or
     *     a call other than of {@code Math.max}, {@code min} and {@code abs}
     * @return null where no contract on floating point changes
     */
    public static @Nullable Program of(Program program, Predicate<MethodModel> all) {
        Map<String, MethodModel> changed = new HashMap<>();
        for (MethodModel m : program.methods().values()) {
            MethodModel next = new Change(all.test(m)).method(m);
            if (onFloats(m) && !next.equals(m)) {
                changed.put(m.key(), next);
            }
        }
        return changed.isEmpty() ? null : program.with(changed);
    }

    private static boolean onFloats(MethodModel m) {
        return floating(m.result()) || m.params().stream().anyMatch(p -> floating(p.type()));
    }

    private static boolean floating(Ty type) {
        return type.floating()
                || type instanceof Ty.Arr(Ty.Prim element) && element.floating()
                || type instanceof Ty.Rec r && r.components().stream().anyMatch(c -> floating(c.type()));
    }

    /** Where a part of a clause stands. */
    private enum Where {
        /** It being true makes the clause true. */
        PROMISED,
        /** It being false does: below a negation, on the left of an implication, in a range. */
        DENIED,
        /** Both matter: two truths are compared. */
        COMPARED;

        Where denied() {
            return this == PROMISED ? DENIED : this == DENIED ? PROMISED : COMPARED;
        }
    }

    /**
     * Changes a method's clauses.
     *
     * @param all whether every equality counts
     */
    private record Change(boolean all) {
        MethodModel method(MethodModel m) {
            MethodModel.Spec s = m.spec();
            List<MethodModel.Case> cases = s.cases().stream()
                    .map(c -> new MethodModel.Case(
                            c.kind(),
                            c.line(),
                            c.requires(),
                            clauses(c.ensures()),
                            c.assignable(),
                            c.signalsOnly(),
                            c.signals().stream()
                                    .map(g -> new MethodModel.Signals(
                                            g.line(), g.text(), g.exception(), g.variable(), promise(g.condition())))
                                    .toList()))
                    .toList();
            return new MethodModel(
                    m.key(),
                    m.owner(),
                    m.name(),
                    m.file(),
                    m.line(),
                    m.params(),
                    m.result(),
                    new MethodModel.Spec(
                            s.pure(), s.explicit(), s.code(), s.specMath(), cases, s.measuredBy(), s.nullable()),
                    m.body() == null ? null : block(m.body()),
                    m.modelBody(),
                    m.model(),
                    m.visible());
        }

        private List<Clause> clauses(List<Clause> clauses) {
            return clauses.stream()
                    .map(c -> new Clause(c.kind(), c.line(), c.text(), promise(c.expr())))
                    .toList();
        }

        private Stmt.Block block(Stmt.Block b) {
            return new Stmt.Block(b.line(), b.body().stream().map(this::stmt).toList());
        }

        private Stmt stmt(Stmt s) {
            return switch (s) {
                case Stmt.Block b -> block(b);
                case Stmt.If i ->
                    new Stmt.If(i.line(), i.test(), stmt(i.then()), i.otherwise() == null ? null : stmt(i.otherwise()));
                case Stmt.Loop l ->
                    new Stmt.Loop(
                            l.line(),
                            l.init(),
                            l.test(),
                            l.update(),
                            stmt(l.body()),
                            new LoopSpec(
                                    clauses(l.spec().invariants()),
                                    l.spec().decreases(),
                                    l.spec().writes(),
                                    l.spec().line()));
                case Stmt.Labeled l -> new Stmt.Labeled(l.line(), l.label(), stmt(l.body()));
                case Stmt.Try t ->
                    new Stmt.Try(
                            t.line(),
                            stmt(t.body()),
                            t.catches().stream()
                                    .map(c -> new Stmt.Catch(c.exceptions(), c.variable(), stmt(c.body())))
                                    .toList());
                case Stmt.Assert a -> new Stmt.Assert(a.line(), a.text(), promise(a.condition()));
                default -> s;
            };
        }

        private Expr promise(Expr e) {
            return change(e, Where.PROMISED);
        }

        /** What is promised: the equalities that must hold for it to be true. */
        private Expr change(Expr e, Where where) {
            return switch (e) {
                case Expr.Binary b -> binary(b, where);
                case Expr.Unary u
                when u.op() == Expr.Unary.Op.NOT ->
                    new Expr.Unary(u.line(), u.op(), change(u.operand(), where.denied()));
                case Expr.Quantified q ->
                    new Expr.Quantified(
                            q.line(),
                            q.universal(),
                            q.type(),
                            q.vars(),
                            change(q.range(), q.universal() ? where.denied() : where),
                            change(q.body(), where));
                case Expr.Cond c ->
                    new Expr.Cond(
                            c.line(),
                            change(c.test(), Where.COMPARED),
                            change(c.then(), where),
                            change(c.otherwise(), where));
                case Expr.Sum s ->
                    new Expr.Sum(
                            s.line(),
                            s.count(),
                            s.type(),
                            s.variable(),
                            change(s.range(), Where.COMPARED),
                            s.count() ? change(s.body(), Where.COMPARED) : s.body());
                default -> e;
            };
        }

        private Expr binary(Expr.Binary b, Where where) {
            return switch (b.op()) {
                case AND, OR, BIT_AND, BIT_OR ->
                    new Expr.Binary(b.line(), b.op(), change(b.left(), where), change(b.right(), where));
                case IMPLIES ->
                    new Expr.Binary(b.line(), b.op(), change(b.left(), where.denied()), change(b.right(), where));
                case BIT_XOR -> compared(b);
                case EQUAL, NOT_EQUAL -> {
                    boolean equal = b.op() == Op.EQUAL;
                    if (truth(b.left()) != null || truth(b.right()) != null) {
                        // With true or false: it is the other side or its contrary.
                        boolean left = truth(b.left()) != null;
                        boolean same = equal == Boolean.TRUE.equals(left ? truth(b.left()) : truth(b.right()));
                        Expr other = change(left ? b.right() : b.left(), same ? where : where.denied());
                        yield left
                                ? new Expr.Binary(b.line(), b.op(), b.left(), other)
                                : new Expr.Binary(b.line(), b.op(), other, b.right());
                    }
                    if (truths(b.left()) || truths(b.right())) {
                        yield compared(b);
                    }
                    boolean counts = switch (where) {
                        case PROMISED -> equal && (all || formula(b.left()) || formula(b.right()));
                        case DENIED -> !equal && ofResult(b);
                        case COMPARED -> ofResult(b);
                    };
                    if (!counts) {
                        yield b;
                    }
                    Expr same = new Expr.Binary(b.line(), Op.SAME, b.left(), b.right());
                    yield equal ? same : new Expr.Unary(b.line(), Expr.Unary.Op.NOT, same);
                }
                default -> b;
            };
        }

        private Expr compared(Expr.Binary b) {
            return new Expr.Binary(
                    b.line(), b.op(), change(b.left(), Where.COMPARED), change(b.right(), Where.COMPARED));
        }

        /** Whether it compares what comes out with anything but a literal: elsewhere a case is told from others. */
        private boolean ofResult(Expr.Binary b) {
            return result(b.left())
                            && !(b.right() instanceof Expr.Lit)
                            && (all || formula(b.left()) || formula(b.right()))
                    || result(b.right())
                            && !(b.left() instanceof Expr.Lit)
                            && (all || formula(b.left()) || formula(b.right()));
        }

        private static boolean result(Expr e) {
            return switch (e) {
                case Expr.Result r -> true;
                case Expr.Component c -> result(c.target());
                case Expr.Index i -> result(i.array());
                default -> false;
            };
        }

        /** The value of a literal that is true or false; else null. */
        private static @Nullable Object truth(Expr e) {
            return e instanceof Expr.Lit l && l.type() == Ty.Prim.BOOLEAN ? l.value() : null;
        }

        /** Whether it is true or false by its form. */
        private static boolean truths(Expr e) {
            return switch (e) {
                case Expr.Binary b ->
                    switch (b.op()) {
                        case AND, OR, IMPLIES, EQUAL, SAME, NOT_EQUAL, LESS, AT_MOST, GREATER, AT_LEAST -> true;
                        case BIT_AND, BIT_OR, BIT_XOR -> truths(b.left()) || truths(b.right());
                        default -> false;
                    };
                case Expr.Unary u -> u.op() == Expr.Unary.Op.NOT;
                case Expr.Quantified q -> true;
                default -> false;
            };
        }

        private static boolean formula(Expr e) {
            return switch (e) {
                case Expr.Binary b ->
                    switch (b.op()) {
                        case ADD, SUBTRACT, MULTIPLY, DIVIDE -> true;
                        default -> false;
                    };
                case Expr.Call k ->
                    !CHOICES.contains(k.owner() + "." + k.name())
                            || k.args().stream().anyMatch(Change::formula);
                case Expr.Unary u -> formula(u.operand());
                case Expr.Cast c -> formula(c.operand());
                case Expr.Cond c -> formula(c.then()) || formula(c.otherwise());
                case Expr.Old o -> formula(o.operand());
                default -> false;
            };
        }
    }
}
