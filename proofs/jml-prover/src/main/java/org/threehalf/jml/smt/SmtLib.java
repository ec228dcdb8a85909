package org.threehalf.jml.smt;

import java.math.BigInteger;
import java.util.List;
import org.threehalf.jml.logic.Element;
import org.threehalf.jml.logic.FloatFormat;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.Arithmetic;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.BitVector;
import org.threehalf.jml.logic.Operator.Comparison;
import org.threehalf.jml.logic.Operator.Conversion;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Operator.Logical;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;

/** How terms, sorts and operators are written in SMT-LIB 2: nobody else knows. */
public final class SmtLib {
    /** What a symbol may have beside letters and digits; of these {@code !} and {@code ?} are in no name of Java's. */
    private static final String PLAIN = "_$.@<>/%!?";

    private SmtLib() {}

    /** A term. */
    public static String text(Term t) {
        StringBuilder out = new StringBuilder();
        print(t, out);
        return out.toString();
    }

    /** The line that states a fact. */
    public static String assertion(Term fact) {
        return "(assert " + text(fact) + ")\n";
    }

    /** The line that declares a constant. */
    public static String declaration(String name, Sort sort) {
        return "(declare-const " + symbol(name) + " " + sort(sort) + ")\n";
    }

    /** The line that declares a function. */
    static String declaration(Operator function, List<Sort> arguments, Sort result) {
        return "(declare-fun " + operator(function) + " ("
                + String.join(" ", arguments.stream().map(SmtLib::sort).toList()) + ") " + sort(result) + ")\n";
    }

    /** A name as a symbol: what SMT-LIB does not take in one is written by its number. */
    static String symbol(String name) {
        StringBuilder out = new StringBuilder();
        name.chars().forEach(c -> {
            boolean plain =
                    c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || PLAIN.indexOf(c) >= 0;
            out.append(plain ? String.valueOf((char) c) : "~" + c + "~");
        });
        return out.toString();
    }

    static String sort(Sort sort) {
        return switch (sort) {
            case Sort.Truth t -> "Bool";
            case Sort.Whole w -> "Int";
            case Sort.Bits(int width) -> "(_ BitVec " + width + ")";
            case Sort.Floating(FloatFormat format) -> "Float" + format.width();
            case Sort.Opaque(FloatFormat format) -> "F" + format.width();
            case Sort.Contents(Element element) -> "(Array Int " + sort(element.sort()) + ")";
            case Sort.Heap(Element element) -> "(Array Int " + sort(new Sort.Contents(element)) + ")";
        };
    }

    static String number(BigInteger n) {
        return n.signum() < 0 ? "(- " + n.negate() + ")" : n.toString();
    }

    static String operator(Operator op) {
        return switch (op) {
            case Logical l ->
                switch (l) {
                    case AND -> "and";
                    case OR -> "or";
                    case NOT -> "not";
                    case IMPLIES -> "=>";
                    case EQUAL -> "=";
                    case CHOICE -> "ite";
                };
            case Arithmetic a ->
                switch (a) {
                    case ADD -> "+";
                    case SUBTRACT, NEGATE -> "-";
                    case MULTIPLY -> "*";
                    case DIVIDE -> "div";
                    case REMAINDER -> "mod";
                };
            case Comparison c ->
                switch (c) {
                    case AT_MOST -> "<=";
                    case BELOW -> "<";
                };
            case BitVector.OfInteger(int width) -> "(_ int2bv " + width + ")";
            case BitVector.Natural n -> "bv2nat";
            case BitVector.Bitwise(BitVector.Bitwise.Operation operation, int width) ->
                switch (operation) {
                    case AND -> "bvand";
                    case OR -> "bvor";
                    case XOR -> "bvxor";
                };
            case FloatingPoint f -> floatingPoint(f);
            // Defined by the script: see Conversions.
            case Conversion.FromInteger(int bits, FloatFormat to) -> "i2" + letter(to) + bits;
            case Conversion.ToInteger(FloatFormat from, int bits) -> letter(from) + "2i" + bits;
            case Conversion.FromBits(FloatFormat to) -> "bits2" + letter(to);
            case Conversion.Truncate t -> "d2i2d32";
            case Conversion.Reformat(FloatFormat to) -> toFloat(to);
            case ArrayOperation.Access a ->
                switch (a) {
                    case SELECT -> "select";
                    case STORE -> "store";
                    case LENGTH -> "arrlen";
                };
            case ArrayOperation.Filled(Element element) -> "(as const " + sort(new Sort.Contents(element)) + ")";
            case ArrayOperation.Typed(Element element) -> "typed." + element.name();
            case Operator.UserFunction(String key, Sort result, boolean limited) ->
                "fn."
                        + symbol(key.replace("[]", "@")
                                .replace("(", "<")
                                .replace(")", ">")
                                .replace(",", "/")
                                .replace("\\", "%"))
                        + (limited ? ".0" : "");
            case Operator.Abstracted a -> "u." + abstracted(a.of());
        };
    }

    /** The conversion to a format, from another or from bits. */
    static String toFloat(FloatFormat format) {
        return "(_ to_fp " + size(format) + ")";
    }

    static String size(FloatFormat format) {
        return format.exponent() + " " + format.significand();
    }

    private static String floatingPoint(FloatingPoint f) {
        return "fp."
                + switch (f.operation()) {
                    case ADD -> "add";
                    case SUBTRACT -> "sub";
                    case MULTIPLY -> "mul";
                    case DIVIDE -> "div";
                    case SQUARE_ROOT -> "sqrt";
                    case ROUND_TO_INTEGRAL -> "roundToIntegral";
                    case ABSOLUTE -> "abs";
                    case NEGATE -> "neg";
                    case BELOW -> "lt";
                    case AT_MOST -> "leq";
                    case ABOVE -> "gt";
                    case AT_LEAST -> "geq";
                    case EQUAL -> "eq";
                    case IS_NAN -> "isNaN";
                    case IS_ZERO -> "isZero";
                    case IS_NEGATIVE -> "isNegative";
                    case IS_POSITIVE -> "isPositive";
                    case IS_INFINITE -> "isInfinite";
                    // Defined by the script: see Conversions.
                    case BITS -> "bits" + f.format().width();
                };
    }

    /** A function's name for an operator: one for each. */
    private static String abstracted(Operator op) {
        return switch (op) {
            case FloatingPoint f -> {
                String name = floatingPoint(f).substring("fp.".length());
                yield f.operation() == FloatingPoint.Operation.BITS
                        ? name
                        : name + f.format().width();
            }
            case BitVector.Bitwise b -> operator(b) + "2" + b.width();
            default -> operator(op).replaceAll("[^A-Za-z0-9]", "");
        };
    }

    private static String letter(FloatFormat format) {
        return switch (format) {
            case BINARY32 -> "f";
            case BINARY64 -> "d";
        };
    }

    private static void print(Term t, StringBuilder out) {
        switch (t) {
            case Term.Truth(boolean value) -> out.append(value);
            case Term.Number(BigInteger value) -> out.append(number(value));
            case Term.Var(String name, Sort sort) -> out.append(symbol(name));
            case Term.Constant(String name, Sort sort, boolean witness) -> out.append(symbol(name));
            case Term.Floating f -> out.append(literal(f));
            case Term.Unwritten(FloatFormat format) ->
                out.append("(_ +zero ").append(size(format)).append(')');
            case Term.App(Operator op, List<Term> args) when args.isEmpty() -> out.append(operator(op));
            case Term.App(Operator op, List<Term> args) -> {
                out.append('(').append(operator(op));
                if (rounds(op)) {
                    out.append(" RNE");
                }
                for (Term a : args) {
                    out.append(' ');
                    print(a, out);
                }
                out.append(')');
            }
            case Term.Quant q -> print(q, out);
        }
    }

    /** Whether an operator is written with how its result is rounded. */
    static boolean rounds(Operator op) {
        return op instanceof FloatingPoint f && f.operation().rounds() || op instanceof Conversion.Reformat;
    }

    private static void print(Term.Quant q, StringBuilder out) {
        out.append(q.universal() ? "(forall (" : "(exists (");
        q.vars()
                .forEach(v -> out.append('(')
                        .append(symbol(v.name()))
                        .append(' ')
                        .append(sort(v.sort()))
                        .append(')'));
        out.append(") ");
        if (!q.patterns().isEmpty()) {
            out.append("(! ");
        }
        print(q.body(), out);
        for (List<Term> pattern : q.patterns()) {
            out.append(" :pattern (");
            for (int i = 0; i < pattern.size(); i++) {
                if (i > 0) {
                    out.append(' ');
                }
                print(pattern.get(i), out);
            }
            out.append(')');
        }
        if (!q.patterns().isEmpty()) {
            out.append(')');
        }
        out.append(')');
    }

    private static String literal(Term.Floating f) {
        if (f.isNaN()) {
            return "(_ NaN " + size(f.format()) + ")";
        }
        int fraction = f.format().significand() - 1;
        int exponent = f.format().exponent();
        return "(fp #b%s #b%s #b%s)"
                .formatted(
                        binary(f.bits() >>> fraction + exponent, 1),
                        binary(f.bits() >>> fraction, exponent),
                        binary(f.bits(), fraction));
    }

    /** The low bits of a number. */
    private static String binary(long n, int width) {
        String s = Long.toBinaryString(n & (1L << width) - 1);
        return "0".repeat(width - s.length()) + s;
    }
}
