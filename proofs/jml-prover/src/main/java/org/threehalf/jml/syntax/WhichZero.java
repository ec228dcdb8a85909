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
 * asks for, the left of an implication and what is negated stay as they are.
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

        /** What is promised: the equalities that must hold for it to be true. */
        private Expr promise(Expr e) {
            return switch (e) {
                case Expr.Binary b ->
                    switch (b.op()) {
                        case AND, OR -> new Expr.Binary(b.line(), b.op(), promise(b.left()), promise(b.right()));
                        case IMPLIES -> new Expr.Binary(b.line(), b.op(), b.left(), promise(b.right()));
                        case EQUAL ->
                            all || formula(b.left()) || formula(b.right())
                                    ? new Expr.Binary(b.line(), Op.SAME, b.left(), b.right())
                                    : b;
                        default -> b;
                    };
                case Expr.Quantified q ->
                    new Expr.Quantified(q.line(), q.universal(), q.type(), q.vars(), q.range(), promise(q.body()));
                case Expr.Cond c -> new Expr.Cond(c.line(), c.test(), promise(c.then()), promise(c.otherwise()));
                default -> e;
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
