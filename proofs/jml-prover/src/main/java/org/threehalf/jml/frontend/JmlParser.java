package org.threehalf.jml.frontend;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.frontend.JmlLexer.Kind;
import org.threehalf.jml.frontend.JmlLexer.Token;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.Clause;
import org.threehalf.jml.syntax.Expr;
import org.threehalf.jml.syntax.Expr.Binary.Op;
import org.threehalf.jml.syntax.Location;
import org.threehalf.jml.syntax.LoopSpec;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Stmt;
import org.threehalf.jml.syntax.Ty;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/** Parses the JML of the subset. Whatever is outside it is refused by name. */
final class JmlParser {
    private static final Map<String, Ty.Prim> TYPES = Map.of(
            "boolean",
            Ty.Prim.BOOLEAN,
            "byte",
            Ty.Prim.BYTE,
            "short",
            Ty.Prim.SHORT,
            "char",
            Ty.Prim.CHAR,
            "int",
            Ty.Prim.INT,
            "long",
            Ty.Prim.LONG,
            "float",
            Ty.Prim.FLOAT,
            "double",
            Ty.Prim.DOUBLE,
            "\\bigint",
            Ty.Prim.BIGINT,
            "void",
            Ty.Prim.VOID);
    private static final Set<String> VISIBILITY = Set.of("public", "protected", "private");
    private static final Set<String> MODIFIERS = Set.of(
            "public",
            "protected",
            "private",
            "static",
            "final",
            "pure",
            "heap_free",
            "spec_public",
            "spec_protected",
            "nullable",
            "non_null",
            "model",
            "code_java_math",
            "code_safe_math",
            "spec_bigint_math",
            "spec_java_math",
            "spec_safe_math");
    private static final Map<String, String> CLAUSES = Map.ofEntries(
            Map.entry("requires", "requires"),
            Map.entry("pre", "requires"),
            Map.entry("ensures", "ensures"),
            Map.entry("post", "ensures"),
            Map.entry("assignable", "assignable"),
            Map.entry("assigns", "assignable"),
            Map.entry("modifies", "assignable"),
            Map.entry("signals", "signals"),
            Map.entry("signals_only", "signals_only"),
            Map.entry("measured_by", "measured_by"));

    private final String file;
    private final String source;
    private final List<Token> tokens;
    private int at;

    JmlParser(String file, String source, List<Token> tokens) {
        this.file = file;
        this.source = source;
        this.tokens = tokens;
    }

    /** Modifiers, specification cases and model methods before a method, or at the end of a class. */
    static final class Declarations {
        final Set<String> modifiers = new HashSet<>();
        final List<MethodModel.Case> cases = new ArrayList<>();
        final List<ModelMethod> models = new ArrayList<>();
        final List<Clause> invariants = new ArrayList<>();

        @Nullable
        Clause measuredBy;

        int line;
    }

    /** A model method. */
    record ModelMethod(
            Set<String> modifiers,
            Ty result,
            String name,
            List<MethodModel.Param> params,
            @Nullable Expr body,
            List<MethodModel.Case> cases,
            @Nullable Clause measuredBy,
            int line) {}

    private UnsupportedSyntaxException error(String what) {
        return new UnsupportedSyntaxException(file, peek().line(), what);
    }

    private Token peek() {
        return at < tokens.size()
                ? tokens.get(at)
                : new Token(
                        Kind.END,
                        "end of comment",
                        0,
                        0,
                        tokens.isEmpty() ? 0 : tokens.getLast().line());
    }

    private Token peek(int ahead) {
        return at + ahead < tokens.size()
                ? tokens.get(at + ahead)
                : new Token(Kind.END, "end of comment", 0, 0, peek().line());
    }

    private Token next() {
        Token t = peek();
        at++;
        return t;
    }

    private boolean accept(String what) {
        if (peek().is(what)) {
            at++;
            return true;
        }
        return false;
    }

    private Token expect(String what) {
        if (!peek().is(what)) {
            throw error("JML: '" + what + "' expected, not '" + peek().text() + "'");
        }
        return next();
    }

    private String word() {
        if (peek().kind() != Kind.WORD || peek().text().startsWith("\\")) {
            throw error("JML: a name expected, not '" + peek().text() + "'");
        }
        return next().text();
    }

    boolean atEnd() {
        return at >= tokens.size();
    }

    private String text(int firstToken) {
        StringBuilder out = new StringBuilder();
        for (int i = firstToken; i < at; i++) {
            Token t = tokens.get(i);
            if (i > firstToken) {
                Token before = tokens.get(i - 1);
                String between = source.substring(Math.min(before.end(), t.start()), t.start());
                out.append(between.isEmpty() ? "" : " ");
            }
            out.append(t.text());
        }
        return out.toString();
    }

    // Declarations

    Declarations declarations() {
        Declarations d = new Declarations();
        boolean also = false;
        while (!atEnd()) {
            if (d.line == 0) {
                d.line = peek().line();
            }
            if (accept("also")) {
                if (d.cases.isEmpty()) {
                    throw error(
                            "JML: `also` without a case before it (a refinement of an inherited contract) is outside the subset");
                }
                also = true;
                continue;
            }
            int ahead = 0;
            while (VISIBILITY.contains(peek(ahead).text())) {
                ahead++;
            }
            String word = peek(ahead).text();
            if (word.equals("static") && peek(ahead + 1).is("invariant")) {
                at += ahead + 2;
                d.invariants.add(clause(CheckKind.INVARIANT, peek().line()));
            } else if (word.endsWith("behavior") || word.endsWith("behaviour") || CLAUSES.containsKey(word)) {
                if (!d.cases.isEmpty() && !also) {
                    throw error("JML: two specification cases without `also` between them");
                }
                also = false;
                at += ahead;
                specCase(d);
            } else if (MODIFIERS.contains(peek().text())) {
                modifiersOrModel(d);
            } else {
                throw error("JML construct outside the subset: `" + peek().text() + "`");
            }
        }
        if (also) {
            throw error("JML: `also` with no case after it");
        }
        return d;
    }

    private void modifiersOrModel(Declarations d) {
        Set<String> modifiers = new HashSet<>();
        while (MODIFIERS.contains(peek().text())) {
            modifiers.add(next().text());
        }
        if (!modifiers.contains("model")) {
            if (modifiers.stream().anyMatch(m -> VISIBILITY.contains(m) || m.equals("static") || m.equals("final"))) {
                throw error(
                        "JML: `" + peek().text() + "`, a declaration that is no model method, is outside the subset");
            }
            d.modifiers.addAll(modifiers);
            return;
        }
        int line = peek().line();
        Ty type = type();
        String name = word();
        expect("(");
        List<MethodModel.Param> params = new ArrayList<>();
        while (!accept(")")) {
            if (!params.isEmpty()) {
                expect(",");
            }
            Ty t = type();
            params.add(new MethodModel.Param(word(), t, false));
        }
        Expr body = null;
        if (!accept(";")) {
            expect("{");
            expect("return");
            body = expr();
            expect(";");
            expect("}");
        }
        modifiers.addAll(d.modifiers);
        d.models.add(new ModelMethod(modifiers, type, name, params, body, List.copyOf(d.cases), d.measuredBy, line));
        d.modifiers.clear();
        d.cases.clear();
        d.measuredBy = null;
    }

    private Ty type() {
        Ty.Prim prim = TYPES.get(peek().text());
        if (prim == null) {
            throw error("JML: a type of the subset expected, not '" + peek().text() + "'");
        }
        next();
        if (accept("[")) {
            expect("]");
            if (peek().is("[")) {
                throw error("arrays of arrays are outside the subset");
            }
            return new Ty.Arr(prim);
        }
        return prim;
    }

    private void specCase(Declarations d) {
        int line = peek().line();
        MethodModel.Case.Kind kind = MethodModel.Case.Kind.LIGHTWEIGHT;
        switch (peek().text()) {
            case "normal_behavior", "normal_behaviour" -> {
                kind = MethodModel.Case.Kind.NORMAL;
                next();
            }
            case "exceptional_behavior", "exceptional_behaviour" -> {
                kind = MethodModel.Case.Kind.EXCEPTIONAL;
                next();
            }
            case "behavior", "behaviour" ->
                throw error("JML: `" + peek().text()
                        + "` is outside the subset: use normal_behavior and exceptional_behavior");
            default -> {}
        }
        List<Clause> requires = new ArrayList<>();
        List<Clause> ensures = new ArrayList<>();
        List<Location> assignable = null;
        List<String> signalsOnly = null;
        List<MethodModel.Signals> signals = new ArrayList<>();
        while (!atEnd() && CLAUSES.containsKey(peek().text())) {
            Token keyword = next();
            switch (CLAUSES.get(keyword.text())) {
                case "requires" -> requires.add(clause(CheckKind.REQUIRES, keyword.line()));
                case "ensures" -> {
                    if (kind == MethodModel.Case.Kind.EXCEPTIONAL) {
                        throw error("JML: ensures in an exceptional_behavior");
                    }
                    ensures.add(clause(CheckKind.ENSURES, keyword.line()));
                }
                case "measured_by" -> {
                    if (d.measuredBy != null) {
                        throw error("JML: a second measured_by");
                    }
                    d.measuredBy = clause(CheckKind.MEASURED_BY, keyword.line());
                }
                case "assignable" -> {
                    assignable = assignable == null ? new ArrayList<>() : new ArrayList<>(assignable);
                    assignable.addAll(locations());
                }
                case "signals_only" -> {
                    if (signalsOnly != null) {
                        throw error("JML: a second signals_only");
                    }
                    signalsOnly = new ArrayList<>();
                    if (!accept("\\nothing")) {
                        do {
                            signalsOnly.add(qualified());
                        } while (accept(","));
                    }
                    expect(";");
                }
                default -> {
                    if (kind == MethodModel.Case.Kind.NORMAL) {
                        throw error("JML: signals in a normal_behavior");
                    }
                    expect("(");
                    String exception = qualified();
                    String variable = peek().kind() == Kind.WORD ? next().text() : "";
                    expect(")");
                    int first = at;
                    Expr condition = peek().is(";") ? new Expr.Lit(keyword.line(), Ty.Prim.BOOLEAN, true) : expr();
                    signals.add(new MethodModel.Signals(keyword.line(), text(first), exception, variable, condition));
                    expect(";");
                }
            }
        }
        d.cases.add(new MethodModel.Case(kind, line, requires, ensures, assignable, signalsOnly, signals));
    }

    private String qualified() {
        StringBuilder name = new StringBuilder(word());
        while (accept(".")) {
            name.append('.').append(word());
        }
        return name.toString();
    }

    private Clause clause(CheckKind kind, int line) {
        int first = at;
        Expr e = expr();
        String text = text(first);
        expect(";");
        return new Clause(kind, line, text, e);
    }

    private List<Location> locations() {
        List<Location> list = new ArrayList<>();
        do {
            int line = peek().line();
            if (accept("\\nothing")) {
                list.add(new Location.Nothing(line));
            } else if (accept("\\everything")) {
                list.add(new Location.Everything(line));
            } else {
                Expr base = new Expr.Name(line, word());
                if (!accept("[")) {
                    list.add(new Location.Variable(line, ((Expr.Name) base).name()));
                } else if (accept("*")) {
                    expect("]");
                    list.add(new Location.Range(line, base, null, null));
                } else {
                    Expr from = expr();
                    Expr to = accept("..") ? expr() : from;
                    expect("]");
                    list.add(new Location.Range(line, base, from, to));
                }
            }
        } while (accept(","));
        expect(";");
        return list;
    }

    // Statements

    /** What stands between Java's statements: loop specifications (which must come last) and JML statements. */
    record Between(List<Stmt> statements, @Nullable LoopSpec loop) {}

    Between between() {
        List<Stmt> statements = new ArrayList<>();
        List<Clause> invariants = new ArrayList<>();
        Clause decreases = null;
        List<Location> writes = null;
        int loopLine = 0;
        while (!atEnd()) {
            Token keyword = next();
            boolean loopClause = true;
            switch (keyword.text()) {
                case "loop_invariant", "maintaining" ->
                    invariants.add(clause(CheckKind.LOOP_INVARIANT, keyword.line()));
                case "decreases", "decreasing", "loop_decreases" -> {
                    if (decreases != null) {
                        throw error("JML: a second decreases");
                    }
                    decreases = clause(CheckKind.DECREASES, keyword.line());
                }
                case "loop_writes", "loop_assigns", "loop_modifies" -> {
                    writes = writes == null ? new ArrayList<>() : writes;
                    writes.addAll(locations());
                }
                default -> {
                    loopClause = false;
                    if (loopLine > 0) {
                        throw error("JML: `" + keyword.text() + "` between a loop's specification and the loop");
                    }
                    statements.add(statement(keyword));
                }
            }
            if (loopClause && loopLine == 0) {
                loopLine = keyword.line();
            }
        }
        return new Between(statements, loopLine == 0 ? null : new LoopSpec(invariants, decreases, writes, loopLine));
    }

    private Stmt statement(Token keyword) {
        int line = keyword.line();
        switch (keyword.text()) {
            case "assert" -> {
                Clause c = clause(CheckKind.ASSERT, line);
                return new Stmt.Assert(line, c.text(), c.expr());
            }
            case "assume" -> {
                Clause c = clause(CheckKind.ASSUME, line);
                return new Stmt.Assume(line, c.text(), c.expr());
            }
            case "ghost" -> {
                accept("final");
                Ty type = type();
                String name = word();
                Expr init = accept("=") ? expr() : null;
                expect(";");
                return new Stmt.Local(line, name, type, init, true);
            }
            case "set" -> {
                String name = word();
                Op op = null;
                if (peek().is("+=") || peek().is("-=") || peek().is("*=")) {
                    op = OPERATORS.get(next().text().substring(0, 1));
                } else {
                    expect("=");
                }
                Expr value = expr();
                expect(";");
                return new Stmt.Set(line, new Expr.Assign(line, op, new Expr.Name(line, name), value, false));
            }
            default ->
                throw new UnsupportedSyntaxException(
                        file, line, "JML construct outside the subset: `" + keyword.text() + "`");
        }
    }

    // Expressions

    Expr expr() {
        Expr test = equivalence();
        if (peek().is("?")) {
            int line = next().line();
            Expr then = expr();
            expect(":");
            return new Expr.Cond(line, test, then, expr());
        }
        return test;
    }

    private Expr equivalence() {
        Expr left = implication();
        while (peek().is("<==>") || peek().is("<=!=>")) {
            Token op = next();
            left = new Expr.Binary(op.line(), op.is("<==>") ? Op.EQUAL : Op.NOT_EQUAL, left, implication());
        }
        return left;
    }

    private Expr implication() {
        Expr left = binary(0);
        if (peek().is("==>")) {
            int line = next().line();
            return new Expr.Binary(line, Op.IMPLIES, left, implication());
        }
        if (peek().is("<==")) {
            throw error("JML: `<==` is outside the subset: turn it round to ==>");
        }
        return left;
    }

    /** Java's binary operators by their symbols. */
    private static final Map<String, Op> OPERATORS =
            Arrays.stream(Op.values()).filter(o -> o != Op.IMPLIES).collect(Collectors.toMap(Op::toString, o -> o));

    /** By precedence, the loosest first. */
    private static final List<Set<Op>> LEVELS = List.of(
            EnumSet.of(Op.OR),
            EnumSet.of(Op.AND),
            EnumSet.of(Op.BIT_OR),
            EnumSet.of(Op.BIT_XOR),
            EnumSet.of(Op.BIT_AND),
            EnumSet.of(Op.EQUAL, Op.NOT_EQUAL),
            EnumSet.of(Op.LESS, Op.AT_MOST, Op.GREATER, Op.AT_LEAST),
            EnumSet.of(Op.SHIFT_LEFT, Op.SHIFT_RIGHT, Op.UNSIGNED_SHIFT_RIGHT),
            EnumSet.of(Op.ADD, Op.SUBTRACT),
            EnumSet.of(Op.MULTIPLY, Op.DIVIDE, Op.REMAINDER));

    /** The operator of a level that comes next; null where none does. */
    private @Nullable Op operator(int level) {
        Op op = peek().kind() == Kind.OPERATOR ? OPERATORS.get(peek().text()) : null;
        return op != null && LEVELS.get(level).contains(op) ? op : null;
    }

    private Expr binary(int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        Expr left = binary(level + 1);
        int count = 0;
        for (Op op = operator(level); op != null; op = operator(level)) {
            refuseStep();
            int line = next().line();
            if (op.compares() && ++count > 1) {
                // a < b <= c is a < b && b <= c; both must look the same way.
                Expr.Binary before = (Expr.Binary) (count == 2 ? left : ((Expr.Binary) left).right());
                if (before.op().upward() != op.upward()) {
                    throw error("JML: a chained comparison in two directions is outside the subset");
                }
                left = new Expr.Binary(
                        line, Op.AND, left, new Expr.Binary(line, op, before.right(), binary(level + 1)));
                continue;
            }
            left = new Expr.Binary(line, op, left, binary(level + 1));
        }
        return left;
    }

    /** Java takes two signs without a space between for a step, which writes; here they would be two signs. */
    private void refuseStep() {
        Token t = peek();
        if ((t.is("-") || t.is("+")) && peek(1).is(t.text()) && peek(1).start() == t.end()) {
            throw error("JML: `" + t.text() + t.text() + "` is outside the subset");
        }
    }

    private Expr unary() {
        refuseStep();
        Token t = peek();
        if (t.is("-") && peek(1).kind() == Kind.NUMBER) {
            next();
            Expr.Lit literal = number(next(), true);
            return postfix(literal);
        }
        for (Expr.Unary.Op op : Expr.Unary.Op.values()) {
            if (t.is(op.toString())) {
                next();
                return new Expr.Unary(t.line(), op, unary());
            }
        }
        if (t.is("(") && TYPES.containsKey(peek(1).text()) && peek(2).is(")")) {
            next();
            Ty type = type();
            expect(")");
            return new Expr.Cast(t.line(), type, unary());
        }
        return postfix(primary());
    }

    private Expr postfix(Expr start) {
        Expr e = start;
        while (true) {
            if (peek().is("[")) {
                int line = next().line();
                Expr index = expr();
                expect("]");
                e = new Expr.Index(line, e, index);
            } else if (peek().is(".")) {
                int line = next().line();
                String name = word();
                if (peek().is("(")) {
                    List<Expr> args = args();
                    e = args.isEmpty() && owner(e).isEmpty()
                            ? new Expr.Component(line, e, name, true)
                            : new Expr.Call(line, named(e), name, args, null);
                } else {
                    e = new Expr.Field(line, e, name);
                }
            } else {
                return e;
            }
        }
    }

    /** The qualified name that an expression is; empty for any other. */
    private static String owner(Expr e) {
        return switch (e) {
            case Expr.Name n -> n.name();
            case Expr.Field f -> {
                String before = owner(f.target());
                yield before.isEmpty() ? "" : before + "." + f.name();
            }
            default -> "";
        };
    }

    private String named(Expr e) {
        String owner = owner(e);
        if (owner.isEmpty()) {
            throw error("JML: a call on a value is outside the subset (static methods, and accessors of records)");
        }
        return owner;
    }

    private List<Expr> args() {
        expect("(");
        List<Expr> args = new ArrayList<>();
        while (!accept(")")) {
            if (!args.isEmpty()) {
                expect(",");
            }
            args.add(expr());
        }
        return args;
    }

    private Expr primary() {
        Token t = next();
        switch (t.kind()) {
            case NUMBER -> {
                return number(t, false);
            }
            case CHARACTER -> {
                if (t.text().length() != 3) {
                    throw new UnsupportedSyntaxException(
                            file, t.line(), "JML: an escaped character is outside the subset: " + t.text());
                }
                return new Expr.Lit(
                        t.line(), Ty.Prim.CHAR, BigInteger.valueOf(t.text().charAt(1)));
            }
            case OPERATOR -> {
                if (t.is("(")) {
                    Expr e = peek().is("\\forall") || peek().is("\\exists")
                            ? quantified()
                            : peek().is("\\sum") || peek().is("\\num_of") ? sum() : expr();
                    expect(")");
                    return e;
                }
            }
            case WORD -> {
                switch (t.text()) {
                    case "true", "false" -> {
                        return new Expr.Lit(t.line(), Ty.Prim.BOOLEAN, t.text().equals("true"));
                    }
                    case "null" -> {
                        return new Expr.Lit(t.line(), Ty.Prim.NULL, null);
                    }
                    case "\\result" -> {
                        return new Expr.Result(t.line());
                    }
                    case "\\old", "\\pre" -> {
                        expect("(");
                        Expr e = expr();
                        if (peek().is(",")) {
                            throw error("JML: \\old with a label is outside the subset");
                        }
                        expect(")");
                        return new Expr.Old(t.line(), e);
                    }
                    case "\\sum", "\\num_of" ->
                        throw error("JML: `" + t.text() + "` stands in brackets: (" + t.text()
                                + " int i; 0 <= i && i < n; …)");
                    case "\\count" -> {
                        return new Expr.Name(t.line(), t.text());
                    }
                    case "\\fresh" -> {
                        expect("(");
                        Expr e = expr();
                        expect(")");
                        return new Expr.Fresh(t.line(), e);
                    }
                    default -> {
                        if (t.text().startsWith("\\")) {
                            throw new UnsupportedSyntaxException(
                                    file, t.line(), "JML construct outside the subset: `" + t.text() + "`");
                        }
                        if (t.text().equals("new") || t.text().equals("super")) {
                            throw new UnsupportedSyntaxException(
                                    file, t.line(), "JML construct outside the subset: `" + t.text() + "`");
                        }
                        if (peek().is("(")) {
                            return new Expr.Call(t.line(), null, t.text(), args(), null);
                        }
                        return new Expr.Name(t.line(), t.text());
                    }
                }
            }
            default -> {}
        }
        throw new UnsupportedSyntaxException(file, t.line(), "JML: an expression expected, not '" + t.text() + "'");
    }

    private Expr quantified() {
        Token q = next();
        Ty type = type();
        List<String> vars = new ArrayList<>();
        do {
            vars.add(word());
        } while (accept(","));
        expect(";");
        Expr first = expr();
        Expr range = new Expr.Lit(q.line(), Ty.Prim.BOOLEAN, true);
        if (accept(";")) {
            range = first;
            first = expr();
        }
        return new Expr.Quantified(q.line(), q.text().equals("\\forall"), type, vars, range, first);
    }

    private Expr sum() {
        Token q = next();
        Ty type = type();
        String variable = word();
        if (peek().is(",")) {
            throw error("JML: " + q.text() + " over more than one variable is outside the subset");
        }
        expect(";");
        Expr range = expr();
        Expr body = accept(";") ? expr() : null;
        boolean count = q.text().equals("\\num_of");
        if (body == null && !count) {
            throw error("JML: " + q.text() + " without a range is outside the subset");
        }
        return new Expr.Sum(
                q.line(),
                count,
                type,
                variable,
                range,
                body == null ? new Expr.Lit(q.line(), Ty.Prim.BOOLEAN, true) : body);
    }

    private Expr.Lit number(Token t, boolean negative) {
        String digits = t.text().replace("_", "");
        String lower = digits.toLowerCase(java.util.Locale.ROOT);
        boolean hex = lower.startsWith("0x");
        try {
            if (hex
                    ? lower.contains("p")
                    : lower.contains(".") || lower.contains("e") || lower.endsWith("f") || lower.endsWith("d")) {
                String mantissa = hex ? lower.substring(2, lower.indexOf('p')) : lower.split("e")[0];
                boolean zero = mantissa.chars().noneMatch(c -> Character.digit(c, hex ? 16 : 10) > 0);
                if (lower.endsWith("f")) {
                    float f = Float.parseFloat(digits);
                    if (Float.isInfinite(f) || f == 0 && !zero) {
                        throw new UnsupportedSyntaxException(
                                file, t.line(), "JML: the literal " + t.text() + " is beyond the numbers of float");
                    }
                    return new Expr.Lit(t.line(), Ty.Prim.FLOAT, negative ? -f : f);
                }
                double d = Double.parseDouble(digits);
                if (Double.isInfinite(d) || d == 0 && !zero) {
                    throw new UnsupportedSyntaxException(
                            file, t.line(), "JML: the literal " + t.text() + " is beyond the numbers of double");
                }
                return new Expr.Lit(t.line(), Ty.Prim.DOUBLE, negative ? -d : d);
            }
            boolean isLong = lower.endsWith("l");
            String body = isLong ? lower.substring(0, lower.length() - 1) : lower;
            boolean octal = !hex && body.length() > 1 && body.startsWith("0");
            boolean binary = body.startsWith("0b");
            if (octal || binary) {
                throw new UnsupportedSyntaxException(
                        file, t.line(), "JML: octal and binary numbers are outside the subset: " + t.text());
            }
            BigInteger n = hex ? new BigInteger(body.substring(2), 16) : new BigInteger(body);
            Ty type = isLong ? Ty.Prim.LONG : Ty.Prim.INT;
            if (hex && n.bitLength() == type.bits()) {
                n = n.subtract(BigInteger.TWO.pow(type.bits()));
            }
            n = negative ? n.negate() : n;
            if (n.compareTo(type.min()) < 0 || n.compareTo(type.max()) > 0) {
                throw new UnsupportedSyntaxException(file, t.line(), "JML: " + t.text() + " is too large for " + type);
            }
            return new Expr.Lit(t.line(), type, n);
        } catch (NumberFormatException e) {
            throw new UnsupportedSyntaxException(file, t.line(), "JML: not a number: " + t.text());
        }
    }
}
