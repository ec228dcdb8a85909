package org.threehalf.jml.smt;

import java.util.List;
import org.threehalf.jml.logic.FloatFormat;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.Conversion;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Sort;

/** Definitions of Java's conversions between integers and floating point, in SMT-LIB. */
final class Conversions {
    /** The operators that a script defines where it holds them, in the order of their definitions. */
    static final List<Operator> DEFINED = List.of(
            new Conversion.Truncate(),
            new FloatingPoint(FloatingPoint.Operation.BITS, FloatFormat.BINARY32),
            new FloatingPoint(FloatingPoint.Operation.BITS, FloatFormat.BINARY64),
            new Conversion.FromBits(FloatFormat.BINARY64),
            new Conversion.FromBits(FloatFormat.BINARY32),
            new Conversion.FromInteger(32, FloatFormat.BINARY32),
            new Conversion.ToInteger(FloatFormat.BINARY32, 32),
            new Conversion.FromInteger(32, FloatFormat.BINARY64),
            new Conversion.ToInteger(FloatFormat.BINARY64, 32),
            new Conversion.FromInteger(64, FloatFormat.BINARY32),
            new Conversion.ToInteger(FloatFormat.BINARY32, 64),
            new Conversion.FromInteger(64, FloatFormat.BINARY64),
            new Conversion.ToInteger(FloatFormat.BINARY64, 64));

    private Conversions() {}

    /** Whether the definition, or the operator itself, computes with numbers of IEEE 754. */
    static boolean computes(Operator op) {
        return op instanceof FloatingPoint || op instanceof Conversion.ToInteger || op instanceof Conversion.Truncate;
    }

    /** Whether the definition, or the operator itself, takes an integer's bits. */
    static boolean takesBits(Operator op) {
        return op instanceof Operator.BitVector.OfInteger
                || op instanceof Conversion.FromInteger
                || op instanceof Conversion.FromBits;
    }

    /** The line that defines an operator of {@link #DEFINED}. */
    static String definition(Operator op) {
        return switch (op) {
            case Conversion.Truncate t -> {
                // (double) (int) x, which is exact: the truncated number, with +0 for −0.
                String bound = "((_ to_fp 11 53) RNE 2147483648.0)";
                yield define(
                        op,
                        new Sort.Floating(FloatFormat.BINARY64),
                        "(ite (fp.isNaN x) (_ +zero 11 53) (ite (fp.geq x %s) ((_ to_fp 11 53) RNE 2147483647.0) (ite (fp.lt x (fp.neg %s)) (fp.neg %s) (fp.add RNE (fp.roundToIntegral RTZ x) (_ +zero 11 53)))))"
                                .formatted(bound, bound, bound));
            }
            case FloatingPoint f ->
                define(
                        op,
                        new Sort.Floating(f.format()),
                        f.format() == FloatFormat.BINARY32
                                ? "(ite (fp.isNaN x) 2143289344 (let ((b (bv2nat (fp.to_ieee_bv x)))) (ite (< b 2147483648) b (- b 4294967296))))"
                                : "(ite (fp.isNaN x) 9221120237041090560 (let ((b (bv2nat (fp.to_ieee_bv x)))) (ite (< b 9223372036854775808) b (- b 18446744073709551616))))");
            case Conversion.FromBits(FloatFormat to) ->
                define(op, Sort.INT, "(%s ((_ int2bv %d) x))".formatted(SmtLib.toFloat(to), to.width()));
            case Conversion.FromInteger(int bits, FloatFormat to) ->
                define(op, Sort.INT, "(%s RNE ((_ int2bv %d) x))".formatted(SmtLib.toFloat(to), bits));
            case Conversion.ToInteger(FloatFormat from, int bits) -> {
                // NaN gives 0; values outside the range saturate; all else is truncated.
                String low = bits == 32 ? "(- 2147483648)" : "(- 9223372036854775808)";
                String high = bits == 32 ? "2147483647" : "9223372036854775807";
                String bound = "(%s RNE %s.0)"
                        .formatted(SmtLib.toFloat(from), bits == 32 ? "2147483648" : "9223372036854775808");
                String whole = "((_ fp.to_sbv %d) RTZ x)".formatted(bits);
                String value = "(ite (bvslt %s (_ bv0 %d)) (- (bv2nat %s) %s) (bv2nat %s))"
                        .formatted(whole, bits, whole, bits == 32 ? "4294967296" : "18446744073709551616", whole);
                yield define(
                        op,
                        new Sort.Floating(from),
                        "(ite (fp.isNaN x) 0 (ite (fp.geq x %s) %s (ite (fp.lt x (fp.neg %s)) %s %s)))"
                                .formatted(bound, high, bound, low, value));
            }
            default -> throw new IllegalArgumentException("defined by SMT-LIB itself: " + op);
        };
    }

    private static String define(Operator op, Sort argument, String body) {
        return "(define-fun %s ((x %s)) %s %s)\n"
                .formatted(SmtLib.operator(op), SmtLib.sort(argument), SmtLib.sort(op.result(List.of())), body);
    }
}
