package org.threehalf.proofs.prover;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code \\sum} and {@code \\num_of} as model functions: f(…, from, to) = to <= from ? 0 : f(…, from, to − 1) + the term at to − 1, by recursion on to − from, which ends. What the terms name
 * are parameters, so that a sum up to k in an invariant and one up to n in a postcondition are values of one function.
 */
final class Sums {
    /** How a term's {@code \\result} is called. */
    static final String RESULT = "\\result";
    private static final String FROM = "\\from";
    private static final String TO = "\\to";

    private Sums() {}

    /** The function of a sum. */
    static MethodModel function(MethodModel scope, Expr.Sum s, Expr each, List<MethodModel.Param> params, int number) {
        int line = s.line();
        List<MethodModel.Param> all = new ArrayList<>(params);
        all.add(new MethodModel.Param(FROM, Ty.Prim.BIGINT, false));
        all.add(new MethodModel.Param(TO, Ty.Prim.BIGINT, false));
        String key = scope.owner() + ".\\sum" + number + "()";
        Expr zero = new Expr.Lit(line, Ty.Prim.INT, BigInteger.ZERO);
        Expr one = new Expr.Lit(line, Ty.Prim.INT, BigInteger.ONE);
        Expr last = new Expr.Binary(line, "-", new Expr.Name(line, TO), one);
        Expr here = replace(each, s.variable(), last);
        List<Expr> args = new ArrayList<>();
        params.forEach(p -> args.add(new Expr.Name(line, p.name())));
        args.add(new Expr.Name(line, FROM));
        args.add(last);
        Expr before = new Expr.Call(line, null, "\\sum" + number, args, key);
        Expr body = new Expr.Cond(line, new Expr.Binary(line, "<=", new Expr.Name(line, TO), new Expr.Name(line, FROM)), zero,
                new Expr.Binary(line, "+", before, s.count() ? new Expr.Cond(line, here, one, zero) : here));
        MethodModel.Case only = new MethodModel.Case(MethodModel.Case.Kind.NORMAL, line, List.of(), List.of(), null, null, List.of());
        MethodModel.Spec spec = new MethodModel.Spec(true, true, scope.spec().code(), scope.spec().specMath(), List.of(only), null, false);
        // The name says which sums are the same.
        return new MethodModel(key, scope.owner(), scope.owner() + Text.of(each) + s.count() + s.variable() + params, scope.file(), line, all, Ty.Prim.BIGINT, spec, null, body, true, true);
    }

    static String same(MethodModel sum) {
        return sum.name();
    }

    /** The names in an expression, in order. */
    static Set<String> names(Expr e) {
        Set<String> found = new LinkedHashSet<>();
        map(e, n -> {
            found.add(n instanceof Expr.Name x ? x.name() : RESULT);
            return n;
        });
        return found;
    }

    private static Expr replace(Expr e, String variable, Expr by) {
        return map(e, n -> n instanceof Expr.Name x && x.name().equals(variable) ? by : n instanceof Expr.Result r ? new Expr.Name(r.line(), RESULT) : n);
    }

    private static Expr map(Expr e, java.util.function.UnaryOperator<Expr> leaf) {
        return switch (e) {
            case Expr.Lit l -> l;
            case Expr.Table t -> t;
            case Expr.Name n -> leaf.apply(n);
            case Expr.Result r -> leaf.apply(r);
            case Expr.Field f -> new Expr.Field(f.line(), map(f.target(), leaf), f.name());
            case Expr.Index i -> new Expr.Index(i.line(), map(i.array(), leaf), map(i.index(), leaf));
            case Expr.Call k -> new Expr.Call(k.line(), k.owner(), k.name(), k.args().stream().map(a -> map(a, leaf)).toList(), k.key());
            case Expr.Unary u -> new Expr.Unary(u.line(), u.op(), map(u.operand(), leaf));
            case Expr.Binary b -> new Expr.Binary(b.line(), b.op(), map(b.left(), leaf), map(b.right(), leaf));
            case Expr.Cond c -> new Expr.Cond(c.line(), map(c.test(), leaf), map(c.then(), leaf), map(c.otherwise(), leaf));
            case Expr.Cast c -> new Expr.Cast(c.line(), c.type(), map(c.operand(), leaf));
            default -> throw new IllegalArgumentException("a sum of terms with `" + Text.of(e) + "` is outside the subset");
        };
    }
}
