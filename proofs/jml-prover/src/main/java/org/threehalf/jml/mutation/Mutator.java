package org.threehalf.jml.mutation;

import com.sun.source.tree.*;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.syntax.MethodModel;

/**
 * Makes mutants of methods: copies of a source with one small fault in a method's body, its contract unchanged.
 *
 * <p>Operators: a literal ± 1; another operator (+ and −, * and +, / and *, % and /, the shifts, &amp; and |,
 * comparisons with and without equality, == and !=, &amp;&amp; and ||); the branches of {@code ?:} exchanged; a
 * condition negated; an index + 1; a cast's operand + 1; a statement left out; a step of 2 in place of 1. And gutted
 * bodies ({@link #HOLLOW}): a constant of the type returned, a constant written to an array's element, a loop that ends
 * before its first round is done.
 */
public final class Mutator {
    /**
     * A mutant.
     *
     * @param id stable: the method, what was replaced by what, and which occurrence it is; and the file, where another
     *     has a mutant that would be called the same
     * @param method the method's name
     * @param claims whether the method's comments name a requirement
     * @param floating whether the method takes or returns floating point
     * @param line where the fault is
     * @param text the whole source with the fault
     * @param edit what was replaced in it
     */
    public record Mutant(
            String id,
            String method,
            boolean claims,
            boolean floating,
            String file,
            int line,
            String operator,
            String before,
            String after,
            String text,
            Edit edit) {
        /** Whether it is a gutted body. */
        public boolean gutted() {
            return operator.equals(HOLLOW);
        }

        /** Whether it is one whose whole body is gone. */
        boolean whole() {
            return gutted() && before.equals(BODY);
        }

        private Mutant called(String name) {
            return new Mutant(name, method, claims, floating, file, line, operator, before, after, text, edit);
        }

        /** Whether its fault may be in a method: overloads have one name. */
        boolean isIn(MethodModel m) {
            return m.file().equals(file) && m.shortName().equals(method);
        }
    }

    /** A replacement in a source, by offsets. */
    record Edit(int from, int to, String replacement) {}

    /** The operator of gutted bodies. */
    static final String HOLLOW = "hollow";

    /** How an id writes a whole body. */
    private static final String BODY = "{ body }";

    /** An id of a requirement, as specifications of this kind name them. */
    private static final Pattern REQUIREMENT = Pattern.compile("\\bREQ-[A-Z0-9]+-[0-9]+");

    private static final Map<Tree.Kind, List<String>> OTHERS = Map.ofEntries(
            Map.entry(Tree.Kind.PLUS, List.of("-")),
            Map.entry(Tree.Kind.MINUS, List.of("+")),
            Map.entry(Tree.Kind.MULTIPLY, List.of("+")),
            Map.entry(Tree.Kind.DIVIDE, List.of("*")),
            Map.entry(Tree.Kind.REMAINDER, List.of("/")),
            Map.entry(Tree.Kind.LEFT_SHIFT, List.of(">>")),
            Map.entry(Tree.Kind.RIGHT_SHIFT, List.of("<<", ">>>")),
            Map.entry(Tree.Kind.AND, List.of("|")),
            Map.entry(Tree.Kind.LESS_THAN, List.of("<=")),
            Map.entry(Tree.Kind.LESS_THAN_EQUAL, List.of("<")),
            Map.entry(Tree.Kind.GREATER_THAN, List.of(">=")),
            Map.entry(Tree.Kind.GREATER_THAN_EQUAL, List.of(">")),
            Map.entry(Tree.Kind.EQUAL_TO, List.of("!=")),
            Map.entry(Tree.Kind.NOT_EQUAL_TO, List.of("==")),
            Map.entry(Tree.Kind.CONDITIONAL_AND, List.of("||")),
            Map.entry(Tree.Kind.CONDITIONAL_OR, List.of("&&")));

    private Mutator() {}

    /** All mutants of some sources that are read together, in their order. Not all of them compile. */
    static List<Mutant> mutants(List<SourceReader.Source> sources, Lookup lookup) {
        return mutants(sources, lookup, false);
    }

    /**
     * As {@link #mutants(List, Lookup)}.
     *
     * @param unchanged whether more is among the gutted bodies: a parameter returned as it is, or where it is NaN, an
     *     empty body that is there already, and a constant in a branch of what is returned or written
     */
    static List<Mutant> mutants(List<SourceReader.Source> sources, Lookup lookup, boolean unchanged) {
        List<Mutant> all = new ArrayList<>();
        SourceReader.visit(sources, lookup, (unit, trees, source) -> {
            List<Mutant> found = new ArrayList<>();
            new Scanner(unit, trees, source, found, unchanged).scan(unit, null);
            all.addAll(found);
        });
        Map<String, Set<String>> files = all.stream()
                .collect(Collectors.groupingBy(Mutant::id, Collectors.mapping(Mutant::file, Collectors.toSet())));
        return all.stream()
                .map(m -> files.getOrDefault(m.id(), Set.of()).size() > 1 ? m.called(m.id() + " in " + m.file()) : m)
                .toList();
    }

    private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable String> {
        private final CompilationUnitTree unit;
        private final Trees trees;
        private final SourceReader.Source source;
        private final List<Mutant> found;
        private final boolean unchanged;
        private final SourcePositions positions;
        /** Whether the method that is looked at takes or returns floating point. */
        private boolean floating;
        /** Whether its comments name a requirement. */
        private boolean claims;

        Scanner(
                CompilationUnitTree unit,
                Trees trees,
                SourceReader.Source source,
                List<Mutant> found,
                boolean unchanged) {
            this.unchanged = unchanged;
            this.unit = unit;
            this.trees = trees;
            this.source = source;
            this.found = found;
            this.positions = trees.getSourcePositions();
        }

        private int start(Tree t) {
            return (int) positions.getStartPosition(unit, t);
        }

        private int end(Tree t) {
            return (int) positions.getEndPosition(unit, t);
        }

        private String text(Tree t) {
            return source.text().substring(start(t), end(t));
        }

        private void replace(
                @Nullable String method, String operator, Tree tree, int from, int to, String replacement) {
            replace(method, operator, tree, from, to, replacement, text(tree).replaceAll("\\s+", " "));
        }

        private void replace(
                @Nullable String method,
                String operator,
                Tree tree,
                int from,
                int to,
                String replacement,
                String before) {
            if (method == null) {
                return;
            }
            String after = (source.text().substring(start(tree), from)
                            + replacement
                            + source.text().substring(to, end(tree)))
                    .replaceAll("\\s+", " ");
            String base = method + ": `" + before + "` -> `" + after + "`";
            long same = found.stream()
                    .filter(m -> m.id().equals(base) || m.id().startsWith(base + " #"))
                    .count();
            String id = same == 0 ? base : base + " #" + (same + 1);
            String mutated = source.text().substring(0, from)
                    + replacement
                    + source.text().substring(to);
            int line = (int) unit.getLineMap().getLineNumber(from);
            found.add(new Mutant(
                    id,
                    method,
                    claims,
                    floating,
                    source.name(),
                    line,
                    operator,
                    before,
                    after,
                    mutated,
                    new Edit(from, to, replacement)));
        }

        /** A constant of a type as Java writes it; nothing for what has none. */
        private static @Nullable String constant(String type) {
            return switch (type) {
                case "boolean" -> "false";
                case "byte", "short", "char" -> "(" + type + ") 1";
                case "int", "long" -> "1";
                case "float" -> "1f";
                case "double" -> "1d";
                default -> null;
            };
        }

        /** The whole body in favour of a constant or a parameter, or of nothing where nothing is returned. */
        private void gut(MethodTree m, String type, String method) {
            String one = constant(type);
            String zero = one == null ? null : one.equals("false") ? "true" : one.replace('1', '0');
            List<String> values = new ArrayList<>(
                    type.equals("void")
                            ? List.of("")
                            : one == null || zero == null ? List.<String>of() : List.of(one, zero));
            if (unchanged && one != null) {
                m.getParameters().stream()
                        .filter(p -> String.valueOf(p.getType()).equals(type))
                        .forEach(p -> {
                            String name = p.getName().toString();
                            values.add(name);
                            if (type.equals("float") || type.equals("double")) {
                                // What is said of NaN alone is little.
                                values.add(name + " != " + name + " ? " + name + " : " + one);
                                values.add(name + " != " + name + " ? " + name + " : " + zero);
                            }
                        });
            }
            for (String value : values) {
                String body = value.isEmpty() ? "{ }" : "{ return " + value + "; }";
                // A contract is no weaker for a body that is one already; but nothing done is no requirement met.
                if (unchanged && value.isEmpty()
                        || !text(m.getBody()).replaceAll("\\s+", " ").equals(body)) {
                    replace(method, HOLLOW, m.getBody(), start(m.getBody()), end(m.getBody()), body, BODY);
                }
            }
        }

        private void constant(ExpressionTree value, Tree typed, Tree shown, @Nullable String method) {
            String constant = constant(String.valueOf(trees.getTypeMirror(new TreePath(getCurrentPath(), typed))));
            ExpressionTree choice = value;
            while (choice instanceof ParenthesizedTree p) {
                choice = p.getExpression();
            }
            if (unchanged && constant != null && choice instanceof ConditionalExpressionTree c) {
                for (ExpressionTree branch : List.of(c.getTrueExpression(), c.getFalseExpression())) {
                    if (!text(branch).equals(constant)) {
                        replace(method, HOLLOW, shown, start(branch), end(branch), constant);
                    }
                }
            }
            if (constant != null && !text(value).equals(constant)) {
                replace(method, HOLLOW, shown, start(value), end(value), constant);
            }
        }

        private void end(Tree loop, StatementTree body, @Nullable String method) {
            if (body instanceof BlockTree) {
                String head = source.text().substring(start(loop), start(body)).replaceAll("\\s+", " ");
                replace(method, HOLLOW, body, start(body), end(body), "{ break; }", head + "{ body }");
            }
        }

        @Override
        public @Nullable Void visitForLoop(ForLoopTree l, @Nullable String method) {
            end(l, l.getStatement(), method);
            return super.visitForLoop(l, method);
        }

        @Override
        public @Nullable Void visitWhileLoop(WhileLoopTree l, @Nullable String method) {
            end(l, l.getStatement(), method);
            return super.visitWhileLoop(l, method);
        }

        @Override
        public @Nullable Void visitEnhancedForLoop(EnhancedForLoopTree l, @Nullable String method) {
            end(l, l.getStatement(), method);
            return super.visitEnhancedForLoop(l, method);
        }

        @Override
        public @Nullable Void visitAssignment(AssignmentTree a, @Nullable String method) {
            if (a.getVariable() instanceof ArrayAccessTree) {
                constant(a.getExpression(), a.getVariable(), a, method);
            }
            return super.visitAssignment(a, method);
        }

        @Override
        public @Nullable Void visitReturn(ReturnTree r, @Nullable String method) {
            if (r.getExpression() != null) {
                constant(r.getExpression(), r.getExpression(), r, method);
            }
            return super.visitReturn(r, method);
        }

        /** Where a method's comments may begin: behind the member before it, or the head of its class. */
        private int comments(MethodTree m) {
            Tree type = getCurrentPath().getParentPath().getLeaf();
            int from = start(type);
            if (type instanceof ClassTree c) {
                for (Tree member : c.getMembers()) {
                    if (end(member) <= start(m)) {
                        from = Math.max(from, end(member));
                    }
                }
            }
            return from;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree m, @Nullable String outer) {
            if (m.getReturnType() == null || m.getBody() == null) {
                return null;
            }
            ExecutableElement e = (ExecutableElement) trees.getElement(getCurrentPath());
            String owner = e.getEnclosingElement().getSimpleName().toString();
            floating = Stream.concat(
                            Stream.of(e.getReturnType()),
                            e.getParameters().stream().map(Element::asType))
                    .anyMatch(t -> t.toString().matches("(float|double)(\\[])*"));
            claims = REQUIREMENT
                    .matcher(source.text().substring(comments(m), start(m.getBody())))
                    .find();
            // The body alone: signatures and contracts stay.
            gut(m, e.getReturnType().toString(), owner + "." + m.getName());
            return scan(new TreePath(getCurrentPath(), m.getBody()), owner + "." + m.getName());
        }

        @Override
        public @Nullable Void visitVariable(VariableTree v, @Nullable String method) {
            return v.getInitializer() == null ? null : scan(v.getInitializer(), method);
        }

        @Override
        public @Nullable Void visitLiteral(LiteralTree l, @Nullable String method) {
            if (l.getValue() instanceof Integer n) {
                replace(method, "literal", l, start(l), end(l), Integer.toString(n + 1));
                replace(method, "literal", l, start(l), end(l), n == 0 ? "(-1)" : Integer.toString(n - 1));
            }
            return null;
        }

        @Override
        public @Nullable Void visitBinary(BinaryTree b, @Nullable String method) {
            boolean text = "java.lang.String".equals(String.valueOf(trees.getTypeMirror(getCurrentPath())));
            if (!text) {
                for (String other : OTHERS.getOrDefault(b.getKind(), List.of())) {
                    int from = end(b.getLeftOperand());
                    // Closing brackets of the left operand and opening ones of the right stay where they are.
                    while (")".indexOf(source.text().charAt(from)) >= 0
                            || Character.isWhitespace(source.text().charAt(from))) {
                        from++;
                    }
                    int to = from;
                    while ("+-*/%<>&|=!".indexOf(source.text().charAt(to)) >= 0) {
                        to++;
                    }
                    replace(method, "operator", b, from, to, other);
                }
            }
            return super.visitBinary(b, method);
        }

        @Override
        public @Nullable Void visitConditionalExpression(ConditionalExpressionTree c, @Nullable String method) {
            replace(
                    method,
                    "branches",
                    c,
                    start(c),
                    end(c),
                    text(c.getCondition()) + " ? " + text(c.getFalseExpression()) + " : "
                            + text(c.getTrueExpression()));
            return super.visitConditionalExpression(c, method);
        }

        @Override
        public @Nullable Void visitIf(IfTree i, @Nullable String method) {
            replace(
                    method,
                    "condition",
                    i.getCondition(),
                    start(i.getCondition()),
                    end(i.getCondition()),
                    "(!" + text(i.getCondition()) + ")");
            return super.visitIf(i, method);
        }

        @Override
        public @Nullable Void visitThrow(ThrowTree t, @Nullable String method) {
            // The message is no part of a contract.
            return null;
        }

        @Override
        public @Nullable Void visitArrayAccess(ArrayAccessTree a, @Nullable String method) {
            replace(method, "index", a, end(a.getIndex()), end(a.getIndex()), " + 1");
            return super.visitArrayAccess(a, method);
        }

        @Override
        public @Nullable Void visitTypeCast(TypeCastTree c, @Nullable String method) {
            replace(
                    method,
                    "cast",
                    c,
                    start(c.getExpression()),
                    end(c.getExpression()),
                    "(" + text(c.getExpression()) + " + 1)");
            return super.visitTypeCast(c, method);
        }

        @Override
        public @Nullable Void visitUnary(UnaryTree u, @Nullable String method) {
            if (u.getKind() == Tree.Kind.POSTFIX_INCREMENT) {
                replace(method, "step", u, start(u), end(u), text(u.getExpression()) + " += 2");
            } else if (u.getKind() == Tree.Kind.UNARY_MINUS) {
                replace(method, "sign", u, start(u), end(u), "(" + text(u.getExpression()) + ")");
            }
            return super.visitUnary(u, method);
        }

        @Override
        public @Nullable Void visitExpressionStatement(ExpressionStatementTree s, @Nullable String method) {
            Tree parent = getCurrentPath().getParentPath().getLeaf();
            if (parent instanceof BlockTree
                    && !Set.of(Tree.Kind.POSTFIX_INCREMENT)
                            .contains(s.getExpression().getKind())) {
                replace(method, "statement", s, start(s), end(s), ";");
            }
            return super.visitExpressionStatement(s, method);
        }
    }
}
