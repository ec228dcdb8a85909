package org.threehalf.jml.syntax;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the methods that a method names. */
public final class Calls {
    private final Program program;
    private final MethodModel method;

    /** Of a method of a program. */
    public Calls(Program program, MethodModel method) {
        this.program = program;
        this.method = method;
    }

    /** Adds the keys of the methods that its contract and its body name, directly. */
    public void collect(Set<String> found) {
        for (MethodModel.Case k : method.spec().cases()) {
            k.requires().forEach(c -> expr(c.expr(), found));
            k.ensures().forEach(c -> expr(c.expr(), found));
            k.signals().forEach(s -> expr(s.condition(), found));
            locations(k.assignable(), found);
        }
        clause(method.spec().measuredBy(), found);
        expr(method.modelBody(), found);
        stmt(method.body(), found);
    }

    /** The methods that decide where the contract holds. */
    public void preconditions(Set<String> found) {
        method.spec().cases().forEach(k -> k.requires().forEach(c -> expr(c.expr(), found)));
        clause(method.spec().measuredBy(), found);
    }

    private void clause(@Nullable Clause c, Set<String> found) {
        if (c != null) {
            expr(c.expr(), found);
        }
    }

    private void locations(@Nullable List<Location> list, Set<String> found) {
        if (list != null) {
            for (Location l : list) {
                if (l instanceof Location.Range r) {
                    expr(r.array(), found);
                    expr(r.from(), found);
                    expr(r.to(), found);
                }
            }
        }
    }

    private void stmt(@Nullable Stmt s, Set<String> found) {
        switch (s) {
            case null -> {}
            case Stmt.Block b -> b.body().forEach(x -> stmt(x, found));
            case Stmt.Local l -> expr(l.init(), found);
            case Stmt.Do d -> expr(d.expr(), found);
            case Stmt.If i -> {
                expr(i.test(), found);
                stmt(i.then(), found);
                stmt(i.otherwise(), found);
            }
            case Stmt.Loop l -> {
                l.init().forEach(x -> stmt(x, found));
                expr(l.test(), found);
                l.update().forEach(x -> stmt(x, found));
                stmt(l.body(), found);
                l.spec().invariants().forEach(c -> expr(c.expr(), found));
                clause(l.spec().decreases(), found);
                locations(l.spec().writes(), found);
            }
            case Stmt.Return r -> expr(r.value(), found);
            case Stmt.Throw t -> t.parts().forEach(x -> expr(x, found));
            case Stmt.Break b -> {}
            case Stmt.Continue c -> {}
            case Stmt.Labeled l -> stmt(l.body(), found);
            case Stmt.Try t -> {
                stmt(t.body(), found);
                t.catches().forEach(c -> stmt(c.body(), found));
            }
            case Stmt.Assert a -> expr(a.condition(), found);
            case Stmt.Assume a -> expr(a.condition(), found);
            case Stmt.Set x -> expr(x.assignment(), found);
        }
    }

    private void expr(@Nullable Expr e, Set<String> found) {
        switch (e) {
            case null -> {}
            case Expr.Lit l -> {}
            case Expr.Name n -> {}
            case Expr.Field f -> expr(f.target(), found);
            case Expr.Index i -> {
                expr(i.array(), found);
                expr(i.index(), found);
            }
            case Expr.Call k -> {
                k.args().forEach(a -> expr(a, found));
                if (k.key() != null) {
                    if (program.methods().containsKey(k.key())) {
                        found.add(k.key());
                    }
                } else {
                    program
                            .constants()
                            .methods(
                                    method.owner(),
                                    k.owner() == null ? "" : k.owner(),
                                    k.name(),
                                    k.args().size(),
                                    program.models())
                            .stream()
                            .filter(program.methods()::containsKey)
                            .forEach(found::add);
                }
            }
            case Expr.Unary u -> expr(u.operand(), found);
            case Expr.Binary b -> {
                expr(b.left(), found);
                expr(b.right(), found);
            }
            case Expr.Cond c -> {
                expr(c.test(), found);
                expr(c.then(), found);
                expr(c.otherwise(), found);
            }
            case Expr.Chosen c -> {
                expr(c.selector(), found);
                expr(c.choice(), found);
            }
            case Expr.Cast c -> expr(c.operand(), found);
            case Expr.Assign a -> {
                expr(a.target(), found);
                expr(a.value(), found);
            }
            case Expr.NewArray n -> {
                expr(n.length(), found);
                n.values().forEach(v -> expr(v, found));
            }
            case Expr.Opaque o -> o.parts().forEach(p -> expr(p, found));
            case Expr.Quantified q -> {
                expr(q.range(), found);
                expr(q.body(), found);
            }
            case Expr.Sum s -> {
                expr(s.range(), found);
                expr(s.body(), found);
            }
            case Expr.Component c -> expr(c.target(), found);
            case Expr.NewRecord n -> n.values().forEach(v -> expr(v, found));
            case Expr.Table t -> {}
            case Expr.Result r -> {}
            case Expr.Old o -> expr(o.operand(), found);
            case Expr.Fresh f -> expr(f.operand(), found);
        }
    }
}
