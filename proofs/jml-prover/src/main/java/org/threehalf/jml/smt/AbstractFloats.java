package org.threehalf.jml.smt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Ty;

/**
 * Floating point without its meaning: numbers are of a sort of which nothing is known, and each operation is a function
 * of which only that it is one. What is contradictory then is so whatever the operations do. Most of what a contract
 * says of a value (that the body computes its formula, operation by operation) needs no more, and arrays and
 * quantifiers stay within Z3's reach.
 *
 * <p>Bit operations of two integers are any functions likewise.
 *
 * <p>A few laws are kept: a number is equal to itself in Java's sense unless it is NaN, comparisons have a converse,
 * different literals are different, and the sign is a bit.
 */
final class AbstractFloats {
    private static final Set<String> PREDICATES = Set.of(
            "fp.lt", "fp.leq", "fp.eq", "fp.isNaN", "fp.isZero", "fp.isNegative", "fp.isPositive", "fp.isInfinite");
    private static final Set<String> CONVERSIONS = Set.of(
            "i2f32",
            "i2f64",
            "i2d32",
            "i2d64",
            "f2i32",
            "f2i64",
            "d2i32",
            "d2i64",
            "bits2f",
            "bits2d",
            "d2i2d32",
            "fp.bits32",
            "fp.bits64");

    private final Map<String, String> sorts;
    private final Function<String, MethodModel> methods;
    private final Map<String, String> declarations = new LinkedHashMap<>();
    private final Map<String, Set<String>> literals = new LinkedHashMap<>();

    /**
     * A translation.
     *
     * @param sorts of constants
     * @param methods the method of a function's symbol
     */
    AbstractFloats(Map<String, String> sorts, Function<String, MethodModel> methods) {
        this.sorts = new LinkedHashMap<>(sorts);
        this.methods = methods;
    }

    /** A sort without the meaning of floating point. */
    static String sort(String sort) {
        return sort.replace("Float32", "F32").replace("Float64", "F64");
    }

    /** Declarations of the sorts, and of all operations that were met. */
    String declarations() {
        StringBuilder out = new StringBuilder("(declare-sort F32 0)\n(declare-sort F64 0)\n");
        declarations.forEach((name, signature) -> out.append("(declare-fun ")
                .append(name)
                .append(' ')
                .append(signature)
                .append(")\n"));
        literals.forEach((sort, names) -> {
            names.forEach(n -> out.append("(declare-const ")
                    .append(n)
                    .append(' ')
                    .append(sort)
                    .append(")\n"));
            if (names.size() > 1) {
                out.append("(assert (distinct ").append(String.join(" ", names)).append("))\n");
            }
        });
        for (String width : List.of("32", "64")) {
            if (declarations.containsKey("u.bits" + width) && declarations.containsKey("u.isNegative" + width)) {
                declarations.computeIfAbsent("u.isNaN" + width, n -> {
                    out.append("(declare-fun ")
                            .append(n)
                            .append(" (F")
                            .append(width)
                            .append(") Bool)\n");
                    return "";
                });
                out.append(
                        "(assert (forall ((x F%s)) (! (or (u.isNaN%s x) (= (u.isNegative%s x) (< (u.bits%s x) 0))) :pattern ((u.bits%s x)))))%n"
                                .formatted(width, width, width, width, width));
            }
            if (declarations.containsKey("u.eq" + width)) {
                declarations.computeIfAbsent("u.isNaN" + width, n -> {
                    out.append("(declare-fun ")
                            .append(n)
                            .append(" (F")
                            .append(width)
                            .append(") Bool)\n");
                    return "";
                });
                out.append(
                        "(assert (forall ((x F%s)) (! (= (u.eq%s x x) (not (u.isNaN%s x))) :pattern ((u.eq%s x x)))))%n"
                                .formatted(width, width, width, width));
            }
        }
        return out.toString();
    }

    /** A term in terms of the functions. */
    Term translate(Term t) {
        switch (t) {
            case Term.Quant q -> {
                List<Term.Var> vars = new ArrayList<>();
                for (Term.Var v : q.vars()) {
                    sorts.put(v.name(), v.sort());
                    vars.add(new Term.Var(v.name(), sort(v.sort())));
                }
                return new Term.Quant(
                        q.universal(),
                        vars,
                        translate(q.body()),
                        q.patterns().stream()
                                .map(p -> p.stream().map(this::translate).toList())
                                .toList());
            }
            case Term.App(String op, List<Term> args)
            when args.isEmpty() -> {
                return op.startsWith("(") ? literal(op) : t;
            }
            case Term.App(String op, List<Term> args) -> {
                if (op.startsWith("(as const")) {
                    return Terms.app(
                            sort(op), args.stream().map(this::translate).toList());
                }
                if (op.equals("fp.gt") || op.equals("fp.geq")) {
                    return operation(op.equals("fp.gt") ? "fp.lt" : "fp.leq", List.of(args.get(1), args.get(0)));
                }
                if (op.equals("bv2nat")
                        && args.getFirst() instanceof Term.App(String bits, List<Term> operands)
                        && operands.size() == 2
                        && operands.stream().allMatch(AbstractFloats::isInteger)) {
                    Term.App left = (Term.App) operands.get(0);
                    String name = "u." + bits + left.op().replaceAll("\\D", "");
                    declarations.putIfAbsent(name, "(Int Int) Int");
                    return Terms.app(
                            name,
                            operands.stream()
                                    .map(o -> translate(((Term.App) o).args().getFirst()))
                                    .toList());
                }
                boolean floating = op.startsWith("fp.") || op.startsWith("(_ to_fp") || CONVERSIONS.contains(op);
                return floating
                        ? operation(op, args)
                        : Terms.app(op, args.stream().map(this::translate).toList());
            }
        }
    }

    /** Whether a term is an integer's bits. */
    private static boolean isInteger(Term t) {
        return t instanceof Term.App(String op, List<Term> args) && args.size() == 1 && op.startsWith("(_ int2bv");
    }

    private Term literal(String op) {
        String sort = width(op) == 32 ? "F32" : "F64";
        StringBuilder name = new StringBuilder("l");
        op.chars()
                .filter(c -> Character.isLetterOrDigit(c) || c == '+' || c == '-')
                .forEach(c -> name.append((char) c));
        literals.computeIfAbsent(sort, k -> new LinkedHashSet<>()).add(canonical(name.toString()));
        return Terms.sym(canonical(name.toString()));
    }

    /** +0 is written in two ways. */
    private static String canonical(String name) {
        return name.replaceFirst("^l\\+zero824$", "lfpb0b" + "0".repeat(8) + "b" + "0".repeat(23))
                .replaceFirst("^l\\+zero1153$", "lfpb0b" + "0".repeat(11) + "b" + "0".repeat(52));
    }

    private static int width(String literal) {
        return literal.contains(" 8 24") || literal.matches("\\(fp #b. #b.{8} .*") ? 32 : 64;
    }

    private Term operation(String op, List<Term> all) {
        // The rounding mode is always the same for an operation.
        String mode =
                all.getFirst() instanceof Term.App(String m, List<Term> none) && (m.equals("RNE") || m.equals("RTZ"))
                        ? m
                        : "";
        List<Term> args = mode.isEmpty() ? all : all.subList(1, all.size());
        boolean conversion = CONVERSIONS.contains(op) || op.startsWith("(_ to_fp");
        int of = conversion ? 0 : width(args.getFirst());
        String name = "u." + op.replaceFirst("^fp\\.", "").replaceAll("[^A-Za-z0-9]", "") + mode.replace("RNE", "")
                + (of == 0 ? "" : of);
        String result;
        String from;
        if (op.startsWith("(_ to_fp")) {
            result = op.contains(" 8 24") ? "F32" : "F64";
            from = result.equals("F32") ? "F64" : "F32";
        } else {
            result = switch (op) {
                case "i2f32", "i2f64", "bits2f" -> "F32";
                case "i2d32", "i2d64", "bits2d", "d2i2d32" -> "F64";
                case "f2i32", "f2i64", "d2i32", "d2i64", "fp.bits32", "fp.bits64" -> "Int";
                default -> PREDICATES.contains(op) ? "Bool" : "F" + of;
            };
            from = switch (op) {
                case "i2f32", "i2f64", "i2d32", "i2d64", "bits2f", "bits2d" -> "Int";
                case "f2i32", "f2i64", "fp.bits32" -> "F32";
                case "d2i32", "d2i64", "d2i2d32", "fp.bits64" -> "F64";
                default -> "F" + of;
            };
        }
        declarations.putIfAbsent(
                name, "(" + String.join(" ", java.util.Collections.nCopies(args.size(), from)) + ") " + result);
        return Terms.app(name, args.stream().map(this::translate).toList());
    }

    /** The width of a floating-point term. */
    private int width(Term t) {
        if (!(t instanceof Term.App(String op, List<Term> args))) {
            throw new IllegalStateException("no number: " + t);
        }
        if (args.isEmpty()) {
            return op.startsWith("(") ? width(op) : width(op, sorts.get(op));
        }
        return switch (op) {
            case "ite" -> width(args.get(1));
            case "select" -> elements(args.getFirst());
            case "fp.abs", "fp.neg" -> width(args.getFirst());
            case "fp.add", "fp.sub", "fp.mul", "fp.div", "fp.sqrt", "fp.roundToIntegral" -> width(args.get(1));
            case "i2f32", "i2f64", "bits2f", "(_ to_fp 8 24)" -> 32;
            case "i2d32", "i2d64", "bits2d", "d2i2d32", "(_ to_fp 11 53)" -> 64;
            default -> {
                if (!op.startsWith("fn.")) {
                    throw new IllegalStateException("no number: " + t);
                }
                yield methods.apply(op).result() == Ty.Prim.FLOAT ? 32 : 64;
            }
        };
    }

    private static int width(String name, @org.jspecify.annotations.Nullable String sort) {
        if (sort == null || !sort.contains("Float")) {
            throw new IllegalStateException("no number: " + name);
        }
        return sort.contains("Float32") ? 32 : 64;
    }

    private int elements(Term array) {
        Term.App a = (Term.App) array;
        if (a.op().startsWith("(as const")) {
            return width(a.op(), a.op());
        }
        return a.args().isEmpty()
                ? width(a.op(), sorts.get(a.op()))
                : elements(a.args().get(a.op().equals("ite") ? 1 : 0));
    }
}
