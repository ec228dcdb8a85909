package org.threehalf.jml.vc;

import static org.threehalf.jml.logic.Terms.*;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.logic.FloatFormat;
import org.threehalf.jml.logic.Operator.Arithmetic;
import org.threehalf.jml.logic.Operator.BitVector;
import org.threehalf.jml.logic.Operator.BitVector.Bitwise;
import org.threehalf.jml.logic.Operator.Conversion;
import org.threehalf.jml.logic.Operator.FloatingPoint.Operation;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.syntax.Expr.Binary.Op;
import org.threehalf.jml.syntax.Ty;

/**
 * Java's arithmetic in terms of mathematical integers and of IEEE 754. Nothing here reports: callers check ranges
 * first.
 */
final class Arith {
    private static final BigInteger ZERO = BigInteger.ZERO;
    private static final BigInteger ONE = BigInteger.ONE;

    private Arith() {}

    static BigInteger pow2(int n) {
        return BigInteger.TWO.pow(n);
    }

    /** The value of a term modulo the type's width: Java's wrap-around and narrowing. */
    static Val wrap(Val v, Ty type) {
        if (v.within(type)) {
            return v.as(type);
        }
        BigInteger size = pow2(type.bits());
        Term low = num(type.min());
        Term wrapped = type.min().signum() == 0
                ? app(Arithmetic.REMAINDER, v.term(), num(size))
                : Terms.sub(
                        app(
                                Arithmetic.REMAINDER,
                                Terms.add(v.term(), num(type.min().negate())),
                                num(size)),
                        num(type.min().negate()));
        var n = number(v.term());
        if (n.isPresent()) {
            BigInteger w = n.get().subtract(type.min()).mod(size).add(type.min());
            return Val.constant(type, w);
        }
        Term inside = Terms.and(le(low, v.term()), le(v.term(), num(type.max())));
        return Val.of(type, ite(inside, v.term(), wrapped));
    }

    static Val add(Val a, Val b, Ty type) {
        return Val.integer(type, Terms.add(a.term(), b.term()), plus(a.lo(), b.lo()), plus(a.hi(), b.hi()));
    }

    static Val sub(Val a, Val b, Ty type) {
        return Val.integer(
                type, Terms.sub(a.term(), b.term()), plus(a.lo(), negate(b.hi())), plus(a.hi(), negate(b.lo())));
    }

    static Val mul(Val a, Val b, Ty type) {
        Bounds bounds = products(a, b);
        return Val.integer(type, Terms.mul(a.term(), b.term()), bounds.lo, bounds.hi);
    }

    private record Bounds(@Nullable BigInteger lo, @Nullable BigInteger hi) {}

    private static Bounds products(Val a, Val b) {
        BigInteger al = a.lo();
        BigInteger ah = a.hi();
        BigInteger bl = b.lo();
        BigInteger bh = b.hi();
        if (al == null || ah == null || bl == null || bh == null) {
            return new Bounds(null, null);
        }
        List<BigInteger> all = Stream.of(al.multiply(bl), al.multiply(bh), ah.multiply(bl), ah.multiply(bh))
                .sorted()
                .toList();
        return new Bounds(all.getFirst(), all.getLast());
    }

    private static @Nullable BigInteger plus(@Nullable BigInteger a, @Nullable BigInteger b) {
        return a == null || b == null ? null : a.add(b);
    }

    private static @Nullable BigInteger negate(@Nullable BigInteger a) {
        return a == null ? null : a.negate();
    }

    private static boolean natural(Val v) {
        BigInteger lo = v.lo();
        return lo != null && lo.signum() >= 0;
    }

    /** Division towards zero; the divisor is not 0. */
    static Val div(Val a, Val b, Ty type) {
        var x = number(a.term());
        var y = number(b.term());
        if (x.isPresent() && y.isPresent() && y.get().signum() != 0) {
            return Val.constant(type, x.get().divide(y.get()));
        }
        Term quotient = natural(a)
                ? app(Arithmetic.DIVIDE, a.term(), b.term())
                : ite(
                        le(num(0), a.term()),
                        app(Arithmetic.DIVIDE, a.term(), b.term()),
                        app(Arithmetic.NEGATE, app(Arithmetic.DIVIDE, app(Arithmetic.NEGATE, a.term()), b.term())));
        BigInteger lo = a.lo();
        BigInteger hi = a.hi();
        if (lo == null || hi == null) {
            return Val.integer(type, quotient, null, null);
        }
        if (y.isPresent() && y.get().signum() > 0) {
            return Val.integer(type, quotient, lo.divide(y.get()), hi.divide(y.get()));
        }
        BigInteger size = lo.abs().max(hi.abs());
        return Val.integer(type, quotient, size.negate(), size);
    }

    /** Java's remainder, with the sign of the dividend; the divisor is not 0. */
    static Val rem(Val a, Val b, Ty type) {
        var x = number(a.term());
        var y = number(b.term());
        if (x.isPresent() && y.isPresent() && y.get().signum() != 0) {
            return Val.constant(type, x.get().remainder(y.get()));
        }
        Term remainder = natural(a)
                ? app(Arithmetic.REMAINDER, a.term(), b.term())
                : ite(
                        le(num(0), a.term()),
                        app(Arithmetic.REMAINDER, a.term(), b.term()),
                        app(Arithmetic.NEGATE, app(Arithmetic.REMAINDER, app(Arithmetic.NEGATE, a.term()), b.term())));
        if (y.isPresent()) {
            BigInteger top = y.get().abs().subtract(ONE);
            return Val.integer(type, remainder, natural(a) ? ZERO : top.negate(), top);
        }
        return Val.integer(
                type, remainder, a.lo() == null ? null : a.lo().min(ZERO), a.hi() == null ? null : a.hi().max(ZERO));
    }

    static Val and(Val a, Val b, Ty type) {
        var x = number(a.term());
        var y = number(b.term());
        if (x.isPresent() && y.isPresent()) {
            return Val.constant(type, x.get().and(y.get()));
        }
        if (y.isPresent()) {
            return mask(a, y.get(), type);
        }
        if (x.isPresent()) {
            return mask(b, x.get(), type);
        }
        return bitVectors(Bitwise.Operation.AND, a, b, type);
    }

    /** a & m for a constant m: the sum over the runs of ones in m. */
    private static Val mask(Val a, BigInteger m, Ty type) {
        List<Term> parts = new ArrayList<>();
        int bit = 0;
        int width = type.bits();
        while (bit < width) {
            if (!m.testBit(bit)) {
                bit++;
                continue;
            }
            int from = bit;
            while (bit < width && m.testBit(bit)) {
                bit++;
            }
            Term high = from == 0 ? a.term() : app(Arithmetic.DIVIDE, a.term(), num(pow2(from)));
            // A run that reaches the sign bit keeps the sign.
            Term run = bit == width ? high : app(Arithmetic.REMAINDER, high, num(pow2(bit - from)));
            parts.add(Terms.mul(num(pow2(from)), run));
        }
        Term sum = parts.stream().reduce(Terms::add).orElse(num(0));
        boolean negative = m.signum() < 0;
        return Val.integer(type, sum, negative ? type.min() : ZERO, negative ? type.max() : m);
    }

    static Val or(Val a, Val b, Ty type) {
        if (number(a.term()).isPresent() || number(b.term()).isPresent()) {
            return clip(Terms.sub(Terms.add(a.term(), b.term()), and(a, b, type).term()), type);
        }
        return bitVectors(Bitwise.Operation.OR, a, b, type);
    }

    static Val xor(Val a, Val b, Ty type) {
        if (number(a.term()).isPresent() || number(b.term()).isPresent()) {
            return clip(
                    Terms.sub(
                            Terms.add(a.term(), b.term()),
                            Terms.mul(num(2), and(a, b, type).term())),
                    type);
        }
        return bitVectors(Bitwise.Operation.XOR, a, b, type);
    }

    private static Val clip(Term t, Ty type) {
        return Val.of(type, t);
    }

    private static Val bitVectors(Bitwise.Operation op, Val a, Val b, Ty type) {
        int n = type.bits();
        BitVector bits = new BitVector.OfInteger(n);
        Term result = app(new BitVector.Natural(), app(new Bitwise(op, n), app(bits, a.term()), app(bits, b.term())));
        return Val.of(type, ite(lt(result, num(pow2(n - 1))), result, Terms.sub(result, num(pow2(n)))));
    }

    static Val complement(Val a, Ty type) {
        return Val.of(type, Terms.sub(num(-1), a.term()));
    }

    /** A shift by a count of which Java takes the low 5 or 6 bits. */
    static Val shift(Op op, Val a, Val count, Ty type) {
        int width = type.bits();
        var c = number(count.term());
        if (c.isPresent()) {
            return shiftBy(op, a, c.get().intValue() & (width - 1), type);
        }
        BigInteger lo = count.lo();
        BigInteger hi = count.hi();
        // Where nothing comes, the least may be more than the most.
        boolean small = lo != null
                && hi != null
                && lo.signum() >= 0
                && lo.compareTo(hi) <= 0
                && hi.compareTo(BigInteger.valueOf(width)) < 0;
        int from = small && lo != null ? lo.intValue() : 0;
        int to = small && hi != null ? hi.intValue() : width - 1;
        Term n = small ? count.term() : app(Arithmetic.REMAINDER, count.term(), num(width));
        Val last = shiftBy(op, a, to, type);
        Term result = last.term();
        BigInteger least = last.lo();
        BigInteger most = last.hi();
        for (int i = to - 1; i >= from; i--) {
            Val v = shiftBy(op, a, i, type);
            result = ite(eq(n, num(i)), v.term(), result);
            least = least == null || v.lo() == null ? null : least.min(v.lo());
            most = most == null || v.hi() == null ? null : most.max(v.hi());
        }
        return Val.integer(type, result, least, most);
    }

    private static Val shiftBy(Op op, Val a, int n, Ty type) {
        if (n == 0) {
            return a.as(type);
        }
        Val power = Val.constant(type, pow2(n));
        if (op == Op.SHIFT_LEFT) {
            return wrap(mul(a, power, Ty.Prim.BIGINT), type);
        }
        Term base = a.term();
        BigInteger lo = a.lo() == null ? type.min() : a.lo();
        BigInteger hi = a.hi() == null ? type.max() : a.hi();
        if (op == Op.UNSIGNED_SHIFT_RIGHT && lo.signum() < 0) {
            base = ite(le(num(0), base), base, Terms.add(base, num(pow2(type.bits()))));
            lo = ZERO;
            hi = pow2(type.bits()).subtract(ONE);
        }
        var x = number(base);
        if (x.isPresent()) {
            return Val.constant(type, x.get().shiftRight(n));
        }
        return Val.integer(type, app(Arithmetic.DIVIDE, base, num(pow2(n))), lo.shiftRight(n), hi.shiftRight(n));
    }

    // Floating point

    static Val constant(float f) {
        return Val.of(Ty.Prim.FLOAT, new Term.Floating(FloatFormat.BINARY32, Float.floatToIntBits(f) & 0xffffffffL));
    }

    static Val constant(double d) {
        return Val.of(Ty.Prim.DOUBLE, new Term.Floating(FloatFormat.BINARY64, Double.doubleToLongBits(d)));
    }

    /** The negative, of a constant as a constant. */
    static Val negate(Val v) {
        if (v.term() instanceof Term.Floating f && !f.isNaN()) {
            long sign = 1L << f.format().width() - 1;
            return Val.of(v.type(), new Term.Floating(f.format(), f.bits() ^ sign));
        }
        return Val.of(v.type(), app(Operation.NEGATE, v.type().format(), v.term()));
    }

    static Val toFloating(Val v, Ty type) {
        if (v.type() == type) {
            return v;
        }
        if (v.type().floating()) {
            return Val.of(type, app(new Conversion.Reformat(type.format()), v.term()));
        }
        var n = number(v.term());
        if (n.isPresent()) {
            return type == Ty.Prim.FLOAT
                    ? constant(n.get().floatValue())
                    : constant(n.get().doubleValue());
        }
        if (v.type() == Ty.Prim.BIGINT && !v.within(Ty.Prim.LONG)) {
            throw new IllegalArgumentException("the conversion of a \\bigint without known bounds to " + type
                    + " is outside the subset: cast it to int or long");
        }
        if (type == Ty.Prim.DOUBLE) {
            Optional<List<Term>> truncated = arguments(v.term(), new Conversion.ToInteger(FloatFormat.BINARY64, 32));
            if (truncated.isPresent()) {
                return Val.of(type, app(new Conversion.Truncate(), truncated.orElseThrow()));
            }
        }
        int bits = v.type() == Ty.Prim.LONG || v.type() == Ty.Prim.BIGINT ? 64 : 32;
        return Val.of(type, app(new Conversion.FromInteger(bits, type.format()), v.term()));
    }

    /** Java's cast of a float or double to int or long: truncates, saturates, and takes NaN to 0. */
    static Val toInteger(Val v, Ty type) {
        return Val.of(type, app(new Conversion.ToInteger(v.type().format(), type.bits()), v.term()));
    }

    static Val floating(Op op, Val a, Val b, Ty type) {
        Operation operation = switch (op) {
            case ADD -> Operation.ADD;
            case SUBTRACT -> Operation.SUBTRACT;
            case MULTIPLY -> Operation.MULTIPLY;
            case DIVIDE -> Operation.DIVIDE;
            default -> throw new IllegalArgumentException(op.toString());
        };
        return Val.of(type, app(operation, type.format(), a.term(), b.term()));
    }

    /** Float.intBitsToFloat and Double.longBitsToDouble. */
    static Val ofBits(Val v, Ty type) {
        return Val.of(type, app(new Conversion.FromBits(type.format()), v.term()));
    }

    /** Float.floatToIntBits and Double.doubleToLongBits, which are the raw bits but for NaN. */
    static Val toBits(Val v) {
        return Val.of(
                v.type() == Ty.Prim.FLOAT ? Ty.Prim.INT : Ty.Prim.LONG,
                app(Operation.BITS, v.type().format(), v.term()));
    }

    /** Math.copySign; of NaN, Java takes either sign. */
    static Val copySign(Val magnitude, Val sign, Term signOfNaN, Ty type) {
        FloatFormat format = type.format();
        Term size = app(Operation.ABSOLUTE, format, magnitude.term());
        Term negative = ite(
                app(Operation.IS_NAN, format, sign.term()), signOfNaN, app(Operation.IS_NEGATIVE, format, sign.term()));
        return Val.of(type, ite(negative, app(Operation.NEGATE, format, size), size));
    }

    /** Math.max or Math.min: NaN wins, and −0 is less than +0. */
    static Val extreme(boolean max, Val a, Val b, Ty type) {
        if (type.integral()) {
            Term first = max ? le(b.term(), a.term()) : le(a.term(), b.term());
            BigInteger lo = a.lo() == null || b.lo() == null ? null : max ? a.lo().max(b.lo()) : a.lo().min(b.lo());
            BigInteger hi = a.hi() == null || b.hi() == null ? null : max ? a.hi().max(b.hi()) : a.hi().min(b.hi());
            return Val.integer(type, ite(first, a.term(), b.term()), lo, hi);
        }
        FloatFormat format = type.format();
        Term nan = (type == Ty.Prim.FLOAT ? constant(Float.NaN) : constant(Double.NaN)).term();
        Term either = Terms.or(app(Operation.IS_NAN, format, a.term()), app(Operation.IS_NAN, format, b.term()));
        Term first = app(max ? Operation.ABOVE : Operation.BELOW, format, a.term(), b.term());
        Term zeros = Terms.and(
                app(Operation.IS_ZERO, format, a.term()),
                app(Operation.IS_ZERO, format, b.term()),
                app(max ? Operation.IS_POSITIVE : Operation.IS_NEGATIVE, format, a.term()));
        return Val.of(type, ite(either, nan, ite(Terms.or(first, zeros), a.term(), b.term())));
    }
}
