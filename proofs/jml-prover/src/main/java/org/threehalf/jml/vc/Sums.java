package org.threehalf.jml.vc;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.threehalf.jml.syntax.Expr;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Text;
import org.threehalf.jml.syntax.Ty;

/**
 * {@code \\sum} and {@code \\num_of} as model functions: f(…, from, to) = to <= from ? 0 : f(…, from, to − 1) + the
 * term at to − 1, by recursion on to − from, which ends. What the terms name are parameters, so that a sum up to k in
 * an invariant and one up to n in a postcondition are values of one function.
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
        Expr last = new Expr.Binary(line, Expr.Binary.Op.SUBTRACT, new Expr.Name(line, TO), one);
        // In a term the variable is of its own type, which decides what operators do.
        Expr here =
                replace(each, s.variable(), s.type() == Ty.Prim.BIGINT ? last : new Expr.Cast(line, s.type(), last));
        List<Expr> args = new ArrayList<>();
        params.forEach(p -> args.add(new Expr.Name(line, p.name())));
        args.add(new Expr.Name(line, FROM));
        args.add(last);
        Expr before = new Expr.Call(line, null, "\\sum" + number, args, key);
        Expr body = new Expr.Cond(
                line,
                new Expr.Binary(line, Expr.Binary.Op.AT_MOST, new Expr.Name(line, TO), new Expr.Name(line, FROM)),
                zero,
                new Expr.Binary(
                        line, Expr.Binary.Op.ADD, before, s.count() ? new Expr.Cond(line, here, one, zero) : here));
        MethodModel.Case only =
                new MethodModel.Case(MethodModel.Case.Kind.NORMAL, line, List.of(), List.of(), null, null, List.of());
        MethodModel.Spec spec = new MethodModel.Spec(
                true, true, scope.spec().code(), scope.spec().specMath(), List.of(only), null, false);
        return new MethodModel(
                key,
                scope.owner(),
                "\\sum" + number,
                scope.file(),
                line,
                all,
                Ty.Prim.BIGINT,
                spec,
                null,
                body,
                true,
                true);
    }

    /**
     * What sums of one function have in common.
     *
     * @param owner the class in whose scope the terms' names are
     * @param each the terms, without lines
     */
    record Same(String owner, Expr each, boolean count, Ty type, String variable, List<MethodModel.Param> params) {}

    static Same same(MethodModel scope, Expr.Sum s, Expr each, List<MethodModel.Param> params) {
        return new Same(
                scope.owner(),
                map(each, n -> n instanceof Expr.Name x ? new Expr.Name(0, x.name()) : new Expr.Result(0), true),
                s.count(),
                s.type(),
                s.variable(),
                params);
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
        return map(
                e,
                n -> n instanceof Expr.Name x && x.name().equals(variable)
                        ? by
                        : n instanceof Expr.Result r ? new Expr.Name(r.line(), RESULT) : n);
    }

    private static Expr map(Expr e, java.util.function.UnaryOperator<Expr> leaf) {
        return map(e, leaf, false);
    }

    private static Expr map(Expr e, java.util.function.UnaryOperator<Expr> leaf, boolean withoutLines) {
        int line = withoutLines ? 0 : e.line();
        return switch (e) {
            case Expr.Lit l -> new Expr.Lit(line, l.type(), l.value());
            case Expr.Table t -> t;
            case Expr.Name n -> leaf.apply(n);
            case Expr.Result r -> leaf.apply(r);
            case Expr.Field f -> new Expr.Field(line, map(f.target(), leaf, withoutLines), f.name());
            case Expr.Index i ->
                new Expr.Index(line, map(i.array(), leaf, withoutLines), map(i.index(), leaf, withoutLines));
            case Expr.Call k ->
                new Expr.Call(
                        line,
                        k.owner(),
                        k.name(),
                        k.args().stream().map(a -> map(a, leaf, withoutLines)).toList(),
                        k.key());
            case Expr.Unary u -> new Expr.Unary(line, u.op(), map(u.operand(), leaf, withoutLines));
            case Expr.Binary b ->
                new Expr.Binary(line, b.op(), map(b.left(), leaf, withoutLines), map(b.right(), leaf, withoutLines));
            case Expr.Cond c ->
                new Expr.Cond(
                        line,
                        map(c.test(), leaf, withoutLines),
                        map(c.then(), leaf, withoutLines),
                        map(c.otherwise(), leaf, withoutLines));
            case Expr.Cast c -> new Expr.Cast(line, c.type(), map(c.operand(), leaf, withoutLines));
            default ->
                throw new IllegalArgumentException("a sum of terms with `" + Text.of(e) + "` is outside the subset");
        };
    }
}
