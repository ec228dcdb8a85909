package org.threehalf.jml.smt;

import java.util.Set;

/** Java's conversions between integers and floating point, in SMT-LIB. */
final class Conversions {
    private Conversions() {}

    static void declare(Set<String> symbols, StringBuilder out) {
        if (symbols.contains("d2i2d32")) {
            // (double) (int) x, which is exact: the truncated number, with +0 for −0.
            String bound = "((_ to_fp 11 53) RNE 2147483648.0)";
            out.append(
                    "(define-fun d2i2d32 ((x Float64)) Float64 (ite (fp.isNaN x) (_ +zero 11 53) (ite (fp.geq x %s) ((_ to_fp 11 53) RNE 2147483647.0) (ite (fp.lt x (fp.neg %s)) (fp.neg %s) (fp.add RNE (fp.roundToIntegral RTZ x) (_ +zero 11 53))))))%n"
                            .formatted(bound, bound, bound));
        }
        if (symbols.contains("fp.bits32")) {
            out.append(
                    "(define-fun fp.bits32 ((x Float32)) Int (ite (fp.isNaN x) 2143289344 (let ((b (bv2nat (fp.to_ieee_bv x)))) (ite (< b 2147483648) b (- b 4294967296)))))\n");
        }
        if (symbols.contains("fp.bits64")) {
            out.append(
                    "(define-fun fp.bits64 ((x Float64)) Int (ite (fp.isNaN x) 9221120237041090560 (let ((b (bv2nat (fp.to_ieee_bv x)))) (ite (< b 9223372036854775808) b (- b 18446744073709551616)))))\n");
        }
        if (symbols.contains("bits2d")) {
            out.append("(define-fun bits2d ((x Int)) Float64 ((_ to_fp 11 53) ((_ int2bv 64) x)))\n");
        }
        if (symbols.contains("bits2f")) {
            out.append("(define-fun bits2f ((x Int)) Float32 ((_ to_fp 8 24) ((_ int2bv 32) x)))\n");
        }
        for (int bits : new int[] {32, 64}) {
            for (String to : new String[] {"f", "d"}) {
                String format = to.equals("f") ? "8 24" : "11 53";
                String sort = to.equals("f") ? "Float32" : "Float64";
                if (symbols.contains("i2" + to + bits)) {
                    out.append("(define-fun i2%s%d ((x Int)) %s ((_ to_fp %s) RNE ((_ int2bv %d) x)))%n"
                            .formatted(to, bits, sort, format, bits));
                }
                if (symbols.contains(to + "2i" + bits)) {
                    // NaN gives 0; values outside the range saturate; all else is truncated.
                    String low = bits == 32 ? "(- 2147483648)" : "(- 9223372036854775808)";
                    String high = bits == 32 ? "2147483647" : "9223372036854775807";
                    String bound = "((_ to_fp %s) RNE %s.0)"
                            .formatted(format, bits == 32 ? "2147483648" : "9223372036854775808");
                    String whole = "((_ fp.to_sbv %d) RTZ x)".formatted(bits);
                    String value = "(ite (bvslt %s (_ bv0 %d)) (- (bv2nat %s) %s) (bv2nat %s))"
                            .formatted(whole, bits, whole, bits == 32 ? "4294967296" : "18446744073709551616", whole);
                    out.append(
                            "(define-fun %s2i%d ((x %s)) Int (ite (fp.isNaN x) 0 (ite (fp.geq x %s) %s (ite (fp.lt x (fp.neg %s)) %s %s))))%n"
                                    .formatted(to, bits, sort, bound, high, bound, low, value));
                }
            }
        }
    }
}
