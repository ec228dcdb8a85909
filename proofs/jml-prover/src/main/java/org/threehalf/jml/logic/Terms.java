package org.threehalf.jml.logic;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes and takes apart {@link Term}s. */
public final class Terms {
    public static final Term TRUE = sym("true");
    public static final Term FALSE = sym("false");

    private Terms() {}

    public static Term sym(String name) {
        return new Term.App(name, List.of());
    }

    /** A Java name as a part of a symbol: what SMT-LIB does not take in one is written by its number. */
    public static String symbol(String name) {
        StringBuilder out = new StringBuilder();
        name.chars().forEach(c -> {
            boolean plain =
                    c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || "_$.@<>/%".indexOf(c) >= 0;
            out.append(plain ? String.valueOf((char) c) : "~" + c + "~");
        });
        return out.toString();
    }

    public static Term num(BigInteger n) {
        return sym(n.toString());
    }

    public static Term num(long n) {
        return num(BigInteger.valueOf(n));
    }

    public static Term app(String op, Term... args) {
        return new Term.App(op, List.of(args));
    }

    public static Term app(String op, List<Term> args) {
        return new Term.App(op, List.copyOf(args));
    }

    public static Optional<BigInteger> number(Term t) {
        if (t instanceof Term.App(String op, List<Term> args) && args.isEmpty() && !op.isEmpty()) {
            char c = op.charAt(op.length() > 1 && op.charAt(0) == '-' ? 1 : 0);
            if (c >= '0' && c <= '9') {
                return Optional.of(new BigInteger(op));
            }
        }
        return Optional.empty();
    }

    public static Term and(List<Term> terms) {
        List<Term> flat = new ArrayList<>();
        for (Term t : terms) {
            if (t.equals(FALSE)) {
                return FALSE;
            }
            if (t instanceof Term.App(String op, List<Term> args) && op.equals("and")) {
                flat.addAll(args);
            } else if (!t.equals(TRUE)) {
                flat.add(t);
            }
        }
        return flat.isEmpty() ? TRUE : flat.size() == 1 ? flat.getFirst() : app("and", flat);
    }

    public static Term and(Term... terms) {
        return and(List.of(terms));
    }

    /** The parts of conjunctions, in their order, without those that are true. */
    public static List<Term> conjuncts(List<Term> terms) {
        List<Term> parts = new ArrayList<>();
        for (Term t : terms) {
            if (t instanceof Term.App(String op, List<Term> args) && op.equals("and")) {
                parts.addAll(conjuncts(args));
            } else if (!t.equals(TRUE)) {
                parts.add(t);
            }
        }
        return parts;
    }

    public static Term or(List<Term> terms) {
        List<Term> flat = new ArrayList<>();
        for (Term t : terms) {
            if (t.equals(TRUE)) {
                return TRUE;
            }
            if (!t.equals(FALSE)) {
                flat.add(t);
            }
        }
        return flat.isEmpty() ? FALSE : flat.size() == 1 ? flat.getFirst() : app("or", flat);
    }

    public static Term or(Term... terms) {
        return or(List.of(terms));
    }

    public static Term not(Term t) {
        if (t.equals(TRUE)) {
            return FALSE;
        }
        if (t.equals(FALSE)) {
            return TRUE;
        }
        return t instanceof Term.App(String op, List<Term> args) && op.equals("not") ? args.getFirst() : app("not", t);
    }

    public static Term implies(Term a, Term b) {
        if (a.equals(TRUE) || b.equals(TRUE)) {
            return b;
        }
        if (a.equals(FALSE)) {
            return TRUE;
        }
        return app("=>", a, b);
    }

    public static Term eq(Term a, Term b) {
        if (a.equals(b)) {
            return TRUE;
        }
        var x = number(a);
        var y = number(b);
        return x.isPresent() && y.isPresent() ? FALSE : app("=", a, b);
    }

    public static Term ite(Term c, Term a, Term b) {
        return c.equals(TRUE) || a.equals(b) ? a : c.equals(FALSE) ? b : app("ite", c, a, b);
    }

    public static Term le(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        return x.isPresent() && y.isPresent() ? bool(x.get().compareTo(y.get()) <= 0) : app("<=", a, b);
    }

    public static Term lt(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        return x.isPresent() && y.isPresent() ? bool(x.get().compareTo(y.get()) < 0) : app("<", a, b);
    }

    public static Term bool(boolean b) {
        return b ? TRUE : FALSE;
    }

    public static Term add(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        if (x.isPresent() && y.isPresent()) {
            return num(x.get().add(y.get()));
        }
        return x.isPresent() && x.get().signum() == 0
                ? b
                : y.isPresent() && y.get().signum() == 0 ? a : app("+", a, b);
    }

    public static Term sub(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        if (x.isPresent() && y.isPresent()) {
            return num(x.get().subtract(y.get()));
        }
        return y.isPresent() && y.get().signum() == 0 ? a : app("-", a, b);
    }

    public static Term mul(Term a, Term b) {
        var x = number(a);
        var y = number(b);
        if (x.isPresent() && y.isPresent()) {
            return num(x.get().multiply(y.get()));
        }
        if (x.isPresent() && x.get().equals(BigInteger.ONE)) {
            return b;
        }
        if (y.isPresent() && y.get().equals(BigInteger.ONE)) {
            return a;
        }
        return app("*", a, b);
    }

    /** lo ≤ t ≤ hi. */
    public static Term between(Term t, BigInteger lo, BigInteger hi) {
        return and(le(num(lo), t), le(t, num(hi)));
    }

    public static Term forall(List<Term.Var> vars, Term body, List<List<Term>> patterns) {
        return body.equals(TRUE) ? TRUE : new Term.Quant(true, List.copyOf(vars), body, patterns);
    }

    public static Term exists(List<Term.Var> vars, Term body) {
        return body.equals(FALSE) ? FALSE : new Term.Quant(false, List.copyOf(vars), body, List.of());
    }

    /** Replaces leaves by name; names of bound variables are unique, so nothing is captured. */
    public static Term substitute(Term t, Map<String, Term> map) {
        return switch (t) {
            case Term.App(String op, List<Term> args) when args.isEmpty() -> map.getOrDefault(op, t);
            case Term.App(String op, List<Term> args) -> {
                List<Term> next = new ArrayList<>(args.size());
                boolean changed = false;
                for (Term a : args) {
                    Term n = substitute(a, map);
                    changed |= n != a;
                    next.add(n);
                }
                yield changed ? rebuild(op, next) : t;
            }
            case Term.Quant q -> {
                Term body = substitute(q.body(), map);
                yield body == q.body()
                        ? q
                        : new Term.Quant(
                                q.universal(),
                                q.vars(),
                                body,
                                q.patterns().stream()
                                        .map(p -> p.stream()
                                                .map(x -> substitute(x, map))
                                                .toList())
                                        .toList());
            }
        };
    }

    /** An operator's application, simplified where that is plain. */
    public static Term rebuild(String op, List<Term> a) {
        return switch (op) {
            case "and" -> and(a);
            case "or" -> or(a);
            case "not" -> not(a.getFirst());
            case "=>" -> implies(a.get(0), a.get(1));
            case "=" -> eq(a.get(0), a.get(1));
            case "ite" -> ite(a.get(0), a.get(1), a.get(2));
            case "<=" -> le(a.get(0), a.get(1));
            case "<" -> lt(a.get(0), a.get(1));
            case "+" -> a.size() == 2 ? add(a.get(0), a.get(1)) : app(op, a);
            case "*" -> a.size() == 2 ? mul(a.get(0), a.get(1)) : app(op, a);
            case "-" -> a.size() == 2 ? sub(a.get(0), a.get(1)) : app(op, a);
            default -> app(op, a);
        };
    }

    /** Visits every operator and leaf. */
    public static void symbols(Term t, Consumer<String> visit) {
        switch (t) {
            case Term.App(String op, List<Term> args) -> {
                visit.accept(op);
                args.forEach(a -> symbols(a, visit));
            }
            case Term.Quant q -> {
                symbols(q.body(), visit);
                q.patterns().forEach(p -> p.forEach(x -> symbols(x, visit)));
            }
        }
    }

    public static void print(Term t, StringBuilder out) {
        switch (t) {
            case Term.App(String op, List<Term> args)
            when args.isEmpty() -> {
                if (op.charAt(0) == '-' && op.length() > 1) {
                    out.append("(- ").append(op, 1, op.length()).append(')');
                } else {
                    out.append(op);
                }
            }
            case Term.App(String op, List<Term> args) -> {
                out.append('(').append(op);
                for (Term a : args) {
                    out.append(' ');
                    print(a, out);
                }
                out.append(')');
            }
            case Term.Quant q -> {
                out.append(q.universal() ? "(forall (" : "(exists (");
                q.vars()
                        .forEach(v -> out.append('(')
                                .append(v.name())
                                .append(' ')
                                .append(v.sort())
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
        }
    }
}
