package org.threehalf.jml.solver;

import com.microsoft.z3.ArraySort;
import com.microsoft.z3.BitVecSort;
import com.microsoft.z3.BoolExpr;
import com.microsoft.z3.BoolSort;
import com.microsoft.z3.Context;
import com.microsoft.z3.Expr;
import com.microsoft.z3.IntNum;
import com.microsoft.z3.IntSort;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Integers of known bounds as bit vectors, so that what is said of them and of floating point together can be
 * bit-blasted.
 *
 * <p>An integer constant that the facts bound becomes a signed bit vector, and so do sums, products and choices of such
 * while their bounds stay far within the width: there bit vectors compute what integers do. A model of the facts is
 * thus one of the result. Facts that speak of anything else (arrays, functions, quotients, quantifiers) are left out,
 * which only makes the facts weaker.
 */
final class BitIntegers {
    private static final int WIDTH = 64;
    private static final BigInteger LIMIT = BigInteger.TWO.pow(62);

    /** A bit vector and the bounds of the integer that it is. */
    private record Whole(Expr<BitVecSort> bits, BigInteger lo, BigInteger hi) {
        boolean fits() {
            return LIMIT.negate().compareTo(lo) <= 0 && hi.compareTo(LIMIT) <= 0;
        }
    }

    private final Context context;
    private final Map<Expr<?>, BigInteger> least = new HashMap<>();
    private final Map<Expr<?>, BigInteger> most = new HashMap<>();
    private final Map<Expr<?>, Optional<Whole>> integers = new HashMap<>();
    private final Map<Expr<?>, Optional<Expr<?>>> others = new HashMap<>();

    private BitIntegers(Context context) {
        this.context = context;
    }

    /** The facts with bit vectors for integers, without those that cannot be said so. */
    static List<BoolExpr> of(Context context, List<BoolExpr> facts) {
        List<BoolExpr> conjuncts = new ArrayList<>();
        facts.forEach(f -> flatten(f, conjuncts));
        BitIntegers b = new BitIntegers(context);
        conjuncts.forEach(b::bound);
        List<BoolExpr> said = new ArrayList<>();
        conjuncts.forEach(c -> b.other(c).ifPresent(e -> said.add((BoolExpr) e)));
        return said;
    }

    private static void flatten(Expr<?> fact, List<BoolExpr> out) {
        if (fact.isAnd()) {
            for (Expr<?> a : fact.getArgs()) {
                flatten(a, out);
            }
        } else {
            out.add((BoolExpr) fact);
        }
    }

    /**
     * Takes note of a fact that bounds a constant. Facts that contradict each other still do so as bit vectors, since
     * they are kept.
     */
    private void bound(BoolExpr fact) {
        if (!fact.isLE()) {
            return;
        }
        Expr<?> left = fact.getArgs()[0];
        Expr<?> right = fact.getArgs()[1];
        number(left).filter(n -> right.isConst()).ifPresent(n -> least.merge(right, n, BigInteger::max));
        number(right).filter(n -> left.isConst()).ifPresent(n -> most.merge(left, n, BigInteger::min));
    }

    private static Optional<BigInteger> number(Expr<?> e) {
        if (e instanceof IntNum n) {
            return Optional.of(n.getBigInteger());
        }
        return e.isUMinus() && e.getArgs()[0] instanceof IntNum n
                ? Optional.of(n.getBigInteger().negate())
                : Optional.empty();
    }

    private Optional<Whole> integer(Expr<?> e) {
        Optional<Whole> known = integers.get(e);
        if (known == null) {
            known = translate(e).filter(Whole::fits);
            integers.put(e, known);
        }
        return known;
    }

    private Optional<Whole> translate(Expr<?> e) {
        Optional<BigInteger> number = number(e);
        if (number.isPresent()) {
            return number.map(n -> new Whole(context.mkBV(n.toString(), WIDTH), n, n));
        }
        if (!e.isApp()) {
            return Optional.empty();
        }
        Expr<?>[] args = e.getArgs();
        return switch (e.getFuncDecl().getDeclKind()) {
            case Z3_OP_UNINTERPRETED -> {
                BigInteger lo = least.get(e);
                BigInteger hi = most.get(e);
                yield lo == null || hi == null
                        ? Optional.empty()
                        : Optional.of(new Whole(
                                context.mkBVConst("bits." + e.getFuncDecl().getName(), WIDTH), lo, hi));
            }
            case Z3_OP_ITE -> {
                Optional<Expr<?>> test = other(args[0]);
                yield integer(args[1])
                        .flatMap(a -> integer(args[2])
                                .flatMap(b -> test.map(t -> new Whole(
                                        context.mkITE(bool(t), a.bits, b.bits), a.lo.min(b.lo), a.hi.max(b.hi)))));
            }
            case Z3_OP_UMINUS ->
                integer(args[0]).map(a -> new Whole(context.mkBVNeg(a.bits), a.hi.negate(), a.lo.negate()));
            case Z3_OP_ADD ->
                fold(args, (a, b) -> new Whole(context.mkBVAdd(a.bits, b.bits), a.lo.add(b.lo), a.hi.add(b.hi)));
            case Z3_OP_SUB ->
                fold(
                        args,
                        (a, b) -> new Whole(context.mkBVSub(a.bits, b.bits), a.lo.subtract(b.hi), a.hi.subtract(b.lo)));
            case Z3_OP_MUL ->
                fold(args, (a, b) -> {
                    List<BigInteger> ends =
                            List.of(a.lo.multiply(b.lo), a.lo.multiply(b.hi), a.hi.multiply(b.lo), a.hi.multiply(b.hi));
                    return new Whole(
                            context.mkBVMul(a.bits, b.bits),
                            ends.stream().reduce(BigInteger::min).orElseThrow(),
                            ends.stream().reduce(BigInteger::max).orElseThrow());
                });
            case Z3_OP_BV2INT -> {
                int size = ((BitVecSort) args[0].getSort()).getSize();
                yield size >= WIDTH
                        ? Optional.empty()
                        : other(args[0])
                                .map(a -> new Whole(
                                        context.mkZeroExt(WIDTH - size, bits(a)),
                                        BigInteger.ZERO,
                                        BigInteger.TWO.pow(size)));
            }
            default -> Optional.empty();
        };
    }

    private Optional<Whole> fold(Expr<?>[] args, java.util.function.BinaryOperator<Whole> operation) {
        Optional<Whole> result = integer(args[0]);
        for (int i = 1; i < args.length; i++) {
            Optional<Whole> next = integer(args[i]);
            // An intermediate result out of bounds has wrapped around.
            result = result.flatMap(a -> next.map(b -> operation.apply(a, b))).filter(Whole::fits);
        }
        return result;
    }

    /** A term that is no integer. */
    private Optional<Expr<?>> other(Expr<?> e) {
        Optional<Expr<?>> known = others.get(e);
        if (known == null) {
            known = rewrite(e);
            others.put(e, known);
        }
        return known;
    }

    private Optional<Expr<?>> rewrite(Expr<?> e) {
        if (e.getSort() instanceof IntSort || e.getSort() instanceof ArraySort || e.isQuantifier()) {
            return Optional.empty();
        }
        if (!e.isApp() || e.getNumArgs() == 0) {
            return Optional.of(e);
        }
        Expr<?>[] args = e.getArgs();
        return switch (e.getFuncDecl().getDeclKind()) {
            case Z3_OP_UNINTERPRETED, Z3_OP_SELECT -> Optional.empty();
            case Z3_OP_LE -> both(args, (a, b) -> context.mkBVSLE(a, b));
            case Z3_OP_LT -> both(args, (a, b) -> context.mkBVSLT(a, b));
            case Z3_OP_GE -> both(args, (a, b) -> context.mkBVSGE(a, b));
            case Z3_OP_GT -> both(args, (a, b) -> context.mkBVSGT(a, b));
            case Z3_OP_INT2BV -> {
                int size = ((BitVecSort) e.getSort()).getSize();
                yield size > WIDTH
                        ? Optional.empty()
                        : integer(args[0]).map(a -> context.mkExtract(size - 1, 0, a.bits));
            }
            default -> {
                if (args[0].getSort() instanceof IntSort) {
                    yield e.isEq() ? both(args, (a, b) -> context.mkEq(a, b)) : Optional.empty();
                }
                Expr<?>[] next = new Expr<?>[args.length];
                for (int i = 0; i < args.length; i++) {
                    Optional<Expr<?>> argument = other(args[i]);
                    if (argument.isEmpty()) {
                        yield Optional.empty();
                    }
                    next[i] = argument.get();
                }
                yield Optional.of(context.mkApp(e.getFuncDecl(), next));
            }
        };
    }

    private Optional<Expr<?>> both(
            Expr<?>[] args, java.util.function.BiFunction<Expr<BitVecSort>, Expr<BitVecSort>, BoolExpr> relation) {
        return integer(args[0]).flatMap(a -> integer(args[1]).map(b -> relation.apply(a.bits, b.bits)));
    }

    @SuppressWarnings("unchecked")
    private static Expr<BoolSort> bool(Expr<?> e) {
        return (Expr<BoolSort>) e;
    }

    @SuppressWarnings("unchecked")
    private static Expr<BitVecSort> bits(Expr<?> e) {
        return (Expr<BitVecSort>) e;
    }
}
