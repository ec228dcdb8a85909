package org.threehalf.jml.syntax;

import java.util.stream.Collectors;

/** Prints expressions in Java's notation, for messages. */
public final class Text {
    private Text() {}

    /** An expression as a reader of the source knows it, in one line. */
    public static String of(Expr e) {
        return switch (e) {
            case Expr.Lit l ->
                l.value() == null
                        ? "null"
                        : l.value() instanceof String s
                                ? '"' + s + '"'
                                : l.value().toString();
            case Expr.Name n -> n.name();
            case Expr.Field f -> of(f.target()) + "." + f.name();
            case Expr.Index i -> of(i.array()) + "[" + of(i.index()) + "]";
            case Expr.Call c -> c.name() + c.args().stream().map(Text::of).collect(Collectors.joining(", ", "(", ")"));
            case Expr.Unary u -> u.op() + inner(u.operand());
            case Expr.Binary b -> inner(b.left()) + " " + b.op() + " " + inner(b.right());
            case Expr.Cond c -> inner(c.test()) + " ? " + inner(c.then()) + " : " + inner(c.otherwise());
            case Expr.Chosen c -> of(c.choice());
            case Expr.Cast c -> "(" + c.type() + ") " + inner(c.operand());
            case Expr.Assign a -> of(a.target()) + " " + (a.op() == null ? "" : a.op()) + "= " + of(a.value());
            case Expr.NewArray n -> "new " + n.element() + "[" + (n.length() == null ? "" : of(n.length())) + "]";
            case Expr.Opaque o -> o.parts().stream().map(Text::of).collect(Collectors.joining(" + "));
            case Expr.Quantified q ->
                "(" + (q.universal() ? "\\forall " : "\\exists ") + q.type() + " " + String.join(", ", q.vars()) + "; "
                        + of(q.range()) + "; " + of(q.body()) + ")";
            case Expr.Sum s ->
                "(" + (s.count() ? "\\num_of " : "\\sum ") + s.type() + " " + s.variable() + "; " + of(s.range()) + "; "
                        + of(s.body()) + ")";
            case Expr.Component c -> of(c.target()) + "." + c.name() + (c.call() ? "()" : "");
            case Expr.NewRecord n ->
                "new " + n.type().name().replaceFirst("^.*\\.", "")
                        + n.values().stream().map(Text::of).collect(Collectors.joining(", ", "(", ")"));
            case Expr.Table t -> t.name();
            case Expr.Result r -> "\\result";
            case Expr.Old o -> "\\old(" + of(o.operand()) + ")";
            case Expr.Fresh f -> "\\fresh(" + of(f.operand()) + ")";
        };
    }

    private static String inner(Expr e) {
        return e instanceof Expr.Binary || e instanceof Expr.Cond ? "(" + of(e) + ")" : of(e);
    }
}
