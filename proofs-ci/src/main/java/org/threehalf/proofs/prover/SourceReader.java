package org.threehalf.proofs.prover;

import com.sun.source.tree.*;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.threehalf.proofs.prover.MethodModel.Arithmetic;

/** Reads Java sources with javac, attributes them, and joins each method with the JML around it. */
final class SourceReader {
    /**
     * A source.
     *
     * @param name how messages call it
     */
    record Source(String name, String text) {}

    private final Trees trees;
    private final Elements elements;
    private final Types types;
    private final SequencedMap<String, MethodModel> methods = new LinkedHashMap<>();
    private final Map<String, CompilationUnitTree> unitOf = new HashMap<>();

    private SourceReader(JavacTask task) {
        trees = Trees.instance(task);
        elements = task.getElements();
        types = task.getTypes();
    }

    /** The tree of a read source, for those who change it. */
    interface UnitVisitor {
        /** Is given an attributed unit. */
        void visit(CompilationUnitTree unit, Trees trees, String text);
    }

    /** Reads sources; classes they use are looked up on the source path and on this program's class path. */
    static Program read(List<Source> sources, List<Path> sourcePath) {
        return read(sources, sourcePath, (unit, trees, text) -> { });
    }

    static Program read(List<Source> sources, List<Path> sourcePath, UnitVisitor visitor) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("the prover needs a JDK, not a JRE: run it with JAVA_HOME of a JDK 25");
        }
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options = new ArrayList<>(List.of("-proc:none", "-implicit:none", "-source", "21", "-Xlint:none", "-classpath", System.getProperty("java.class.path")));
        if (!sourcePath.isEmpty()) {
            options.addAll(List.of("-sourcepath", sourcePath.stream().map(Path::toString).collect(Collectors.joining(java.io.File.pathSeparator))));
        }
        List<JavaFileObject> files = sources.stream().<JavaFileObject>map(InMemory::new).toList();
        // javac hands out wrapped file objects: their URI tells which source they are.
        Map<URI, Source> byUri = sources.stream().collect(Collectors.toMap(InMemory::uri, s -> s));
        JavacTask task = (JavacTask) compiler.getTask(new StringWriter(), null, diagnostics, options, null, files);
        List<CompilationUnitTree> units = new ArrayList<>();
        try {
            task.parse().forEach(units::add);
            task.analyze();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        for (var d : diagnostics.getDiagnostics()) {
            if (d.getKind() == Diagnostic.Kind.ERROR) {
                Source source = d.getSource() == null ? null : byUri.get(d.getSource().toUri());
                String file = source == null ? "(class path)" : source.name();
                throw new UnsupportedSyntaxException(file, (int) d.getLineNumber(), "javac: " + d.getMessage(Locale.ROOT).lines().findFirst().orElse(""));
            }
        }
        SourceReader reader = new SourceReader(task);
        for (CompilationUnitTree unit : units) {
            Source source = byUri.get(unit.getSourceFile().toUri());
            if (source == null) {
                throw new IllegalStateException("javac read " + unit.getSourceFile());
            }
            reader.new Unit(unit, source).read();
            visitor.visit(unit, reader.trees, source.text());
        }
        return new Program(reader.methods, reader.new ConstantTable());
    }

    private static final class InMemory extends SimpleJavaFileObject {
        private final Source source;

        InMemory(Source source) {
            super(uri(source), Kind.SOURCE);
            this.source = source;
        }

        static URI uri(Source source) {
            return URI.create("mem:///" + source.name().replace('\\', '/').replace(" ", "%20"));
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source.text();
        }

        @Override
        public boolean isNameCompatible(String simpleName, Kind kind) {
            return true;
        }
    }

    static Ty type(TypeMirror t) {
        return switch (t.getKind()) {
            case BOOLEAN, BYTE, SHORT, CHAR, INT, LONG, FLOAT, DOUBLE, VOID -> Ty.Prim.valueOf(t.getKind().name());
            case NULL -> Ty.Prim.NULL;
            case ARRAY -> {
                TypeMirror element = ((ArrayType) t).getComponentType();
                yield element.getKind().isPrimitive() ? new Ty.Arr((Ty.Prim) type(element)) : new Ty.Opaque(t.toString());
            }
            case DECLARED -> {
                Element element = ((DeclaredType) t).asElement();
                yield element.getKind() == ElementKind.ENUM ? new Ty.Enumeration(element.toString(), constants(element).size()) : new Ty.Opaque(t.toString());
            }
            default -> new Ty.Opaque(t.toString());
        };
    }

    private static List<? extends Element> constants(Element enumeration) {
        return enumeration.getEnclosedElements().stream().filter(e -> e.getKind() == ElementKind.ENUM_CONSTANT).toList();
    }

    /** A constant of an enum, by its ordinal. */
    private static Expr.Lit constant(int line, Element constant) {
        return new Expr.Lit(line, type(constant.asType()), BigInteger.valueOf(constants(constant.getEnclosingElement()).indexOf(constant)));
    }

    static Expr.Lit literal(int line, Ty type, Object value) {
        return new Expr.Lit(line, type, switch (value) {
            case Byte b -> BigInteger.valueOf(b);
            case Short s -> BigInteger.valueOf(s);
            case Integer i -> BigInteger.valueOf(i);
            case Long l -> BigInteger.valueOf(l);
            case Character c -> BigInteger.valueOf(c);
            default -> value;
        });
    }

    static String key(String owner, String name, List<String> parameterTypes) {
        return owner + "." + name + "(" + String.join(",", parameterTypes) + ")";
    }

    private String key(ExecutableElement e) {
        return key(((TypeElement) e.getEnclosingElement()).getQualifiedName().toString(), e.getSimpleName().toString(),
                e.getParameters().stream().map(p -> types.erasure(p.asType()).toString()).toList());
    }

    private final class ConstantTable implements Program.Constants {
        private @Nullable TypeElement resolve(String owner, String written) {
            if (written.isEmpty()) {
                return elements.getTypeElement(owner);
            }
            CompilationUnitTree unit = unitOf.get(owner);
            if (unit != null) {
                for (ImportTree i : unit.getImports()) {
                    String name = i.getQualifiedIdentifier().toString();
                    if (!i.isStatic() && name.endsWith("." + written)) {
                        return elements.getTypeElement(name);
                    }
                }
            }
            String scope = owner.contains(".") ? owner.substring(0, owner.lastIndexOf('.') + 1) : "";
            for (String prefix : List.of("", scope, owner + ".", "java.lang.")) {
                TypeElement e = elements.getTypeElement(prefix + written);
                if (e != null) {
                    return e;
                }
            }
            return null;
        }

        @Override
        public Optional<Expr.Lit> find(String owner, String qualifier, String name, int line) {
            TypeElement type = resolve(owner, qualifier);
            if (type == null) {
                return Optional.empty();
            }
            for (Element e : type.getEnclosedElements()) {
                if (e.getKind() == ElementKind.ENUM_CONSTANT && e.getSimpleName().contentEquals(name)) {
                    return Optional.of(constant(line, e));
                }
                if (e.getKind() == ElementKind.FIELD && e.getSimpleName().contentEquals(name)) {
                    Object value = ((VariableElement) e).getConstantValue();
                    return value == null ? Optional.empty() : Optional.of(literal(line, SourceReader.type(e.asType()), value));
                }
            }
            return Optional.empty();
        }

        @Override
        public Optional<String> type(String owner, String written) {
            return Optional.ofNullable(resolve(owner, written)).map(e -> e.getQualifiedName().toString());
        }

        @Override
        public boolean isSubclass(String owner, String sub, String sup) {
            TypeElement a = resolve(owner, sub);
            TypeElement b = resolve(owner, sup);
            if (a == null || b == null) {
                throw new IllegalArgumentException("no class is called " + (a == null ? sub : sup));
            }
            return types.isSubtype(a.asType(), b.asType());
        }
    }

    /** One source file. */
    private final class Unit {
        private final CompilationUnitTree unit;
        private final String file;
        private final String text;
        private final List<JmlLexer.Comment> comments;
        private final Set<JmlLexer.Comment> used = new HashSet<>();
        private final SourcePositions positions = trees.getSourcePositions();

        Unit(CompilationUnitTree unit, Source source) {
            this.unit = unit;
            this.file = source.name();
            this.text = source.text();
            this.comments = new JmlLexer(file, text).comments();
        }

        void read() {
            for (Tree type : unit.getTypeDecls()) {
                if (type instanceof ClassTree c) {
                    readClass(c, TreePath.getPath(unit, c));
                }
            }
            for (JmlLexer.Comment c : comments) {
                if (!used.contains(c)) {
                    throw new UnsupportedSyntaxException(file, JmlLexer.lineOf(text, c.start()), "JML at a place where the subset has none: "
                            + text.substring(c.start(), Math.min(c.end(), c.start() + 60)).lines().findFirst().orElse(""));
                }
            }
        }

        private int start(Tree t) {
            return (int) positions.getStartPosition(unit, t);
        }

        private int end(Tree t) {
            return (int) positions.getEndPosition(unit, t);
        }

        private int line(Tree t) {
            return (int) unit.getLineMap().getLineNumber(start(t));
        }

        private UnsupportedSyntaxException unsupported(Tree t, String what) {
            return new UnsupportedSyntaxException(file, line(t), what + " is outside the subset");
        }

        private UnsupportedSyntaxException unsupported(Tree t) {
            String code = text.substring(start(t), Math.min(end(t), start(t) + 60)).lines().findFirst().orElse("");
            return unsupported(t, "Java construct " + t.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " `" + code + "`");
        }

        private List<JmlLexer.Token> take(int from, int to) {
            List<JmlLexer.Token> tokens = new ArrayList<>();
            for (JmlLexer.Comment c : comments) {
                if (c.start() >= from && c.end() <= to && used.add(c)) {
                    tokens.addAll(c.tokens());
                }
            }
            return tokens;
        }

        private void readClass(ClassTree tree, TreePath path) {
            TypeElement element = (TypeElement) trees.getElement(path);
            String owner = element.getQualifiedName().toString();
            unitOf.put(owner, unit);
            int from = text.indexOf('{', start(tree));
            for (Tree member : tree.getMembers()) {
                TreePath memberPath = new TreePath(path, member);
                if (member instanceof MethodTree m) {
                    ExecutableElement e = (ExecutableElement) trees.getElement(memberPath);
                    if (elements.getOrigin(e) != Elements.Origin.EXPLICIT) {
                        continue;
                    }
                    readMethod(m, e, memberPath, owner, from);
                } else if (member instanceof ClassTree c) {
                    readClass(c, memberPath);
                } else if (member instanceof BlockTree b) {
                    throw unsupported(b, "an initialiser");
                }
                from = Math.max(from, end(member));
            }
            addModels(new JmlParser(file, text, take(from, end(tree))).declarations(), owner, true);
        }

        private void addModels(JmlParser.Declarations d, String owner, boolean atEnd) {
            if (atEnd && (!d.cases.isEmpty() || !d.modifiers.isEmpty())) {
                throw new UnsupportedSyntaxException(file, d.line, "JML: a contract with no method after it");
            }
            for (JmlParser.ModelMethod m : d.models) {
                if (!m.modifiers().contains("static") || !m.modifiers().contains("pure")) {
                    throw new UnsupportedSyntaxException(file, m.line(), "JML: a model method that is not static and pure is outside the subset");
                }
                MethodModel.Spec spec = spec(m.modifiers(), m.cases(), m.measuredBy(), m.line(), List.of());
                String key = key(owner, m.name(), m.params().stream().map(p -> p.type().toString()).toList());
                put(new MethodModel(key, owner, m.name(), file, m.line(), m.params(), m.result(), spec, null, m.body(), true, true));
            }
        }

        private void put(MethodModel m) {
            if (methods.putIfAbsent(m.key(), m) != null) {
                throw new UnsupportedSyntaxException(file, m.line(), "a second method " + m.key());
            }
        }

        private MethodModel.Spec spec(Set<String> modifiers, List<MethodModel.Case> cases, @Nullable Clause measuredBy, int line, List<String> thrown) {
            List<MethodModel.Case> all = cases.isEmpty()
                    ? List.of(new MethodModel.Case(MethodModel.Case.Kind.LIGHTWEIGHT, line, List.of(), List.of(), null, null, List.of()))
                    : cases;
            List<MethodModel.Case> complete = all.stream()
                    .map(c -> c.signalsOnly() != null || c.kind() != MethodModel.Case.Kind.LIGHTWEIGHT ? c
                            : new MethodModel.Case(c.kind(), c.line(), c.requires(), c.ensures(), c.assignable(), thrown, c.signals()))
                    .toList();
            Arithmetic code = modifiers.contains("code_java_math") ? Arithmetic.JAVA : Arithmetic.SAFE;
            if (modifiers.contains("spec_safe_math")) {
                throw new UnsupportedSyntaxException(file, line, "JML construct outside the subset: `spec_safe_math`");
            }
            Arithmetic inSpec = modifiers.contains("spec_java_math") ? Arithmetic.JAVA : Arithmetic.BIGINT;
            return new MethodModel.Spec(modifiers.contains("pure"), !cases.isEmpty(), code, inSpec, complete, measuredBy);
        }

        private void readMethod(MethodTree m, ExecutableElement e, TreePath path, String owner, int from) {
            BlockTree body = m.getBody();
            int headerEnd = body == null ? end(m) : start(body);
            // A comment right before a parameter is that parameter's.
            List<MethodModel.Param> params = new ArrayList<>();
            for (VariableTree p : m.getParameters()) {
                boolean nullable = false;
                for (JmlLexer.Comment c : comments) {
                    if (c.start() > start(m) && c.end() <= start(p) && text.substring(c.end(), start(p)).isBlank()) {
                        used.add(c);
                        for (JmlLexer.Token t : c.tokens()) {
                            if (!t.is("nullable") && !t.is("non_null")) {
                                throw new UnsupportedSyntaxException(file, t.line(), "JML construct outside the subset: `" + t.text() + "` at a parameter");
                            }
                            nullable |= t.is("nullable");
                        }
                    }
                }
                Ty type = type(trees.getTypeMirror(new TreePath(path, p)));
                params.add(new MethodModel.Param(p.getName().toString(), type, nullable));
            }
            JmlParser.Declarations d = new JmlParser(file, text, take(from, headerEnd)).declarations();
            addModels(d, owner, false);
            if (m.getReturnType() == null) {
                boolean says = !d.cases.isEmpty() || !d.modifiers.isEmpty();
                boolean empty = body == null || body.getStatements().stream().allMatch(s -> s.toString().equals("super();"));
                if (says || !empty) {
                    throw unsupported(m, "a constructor with a contract or a body");
                }
                return;
            }
            if (!e.getModifiers().contains(Modifier.STATIC)) {
                throw unsupported(m, "the instance method " + m.getName());
            }
            if (body == null) {
                throw unsupported(m, "a method without a body");
            }
            List<String> thrown = e.getThrownTypes().stream().map(TypeMirror::toString).toList();
            MethodModel.Spec spec = spec(d.modifiers, d.cases, d.measuredBy, line(m), thrown);
            boolean visible = e.getModifiers().contains(Modifier.PUBLIC) || d.modifiers.contains("spec_public");
            int nameLine = (int) unit.getLineMap().getLineNumber(text.indexOf(m.getName().toString(), Math.max(start(m), end(m.getReturnType()))));
            put(new MethodModel(key(e), owner, m.getName().toString(), file, nameLine, params, type(e.getReturnType()), spec,
                    block(body, new TreePath(path, body)), null, false, visible));
        }

        private Stmt.Block block(BlockTree b, TreePath path) {
            List<Stmt> out = new ArrayList<>();
            int from = start(b) + 1;
            for (StatementTree s : b.getStatements()) {
                JmlParser.Between between = new JmlParser(file, text, take(from, start(s))).between();
                out.addAll(between.statements());
                if (between.loop() != null && !(s instanceof ForLoopTree || s instanceof WhileLoopTree)) {
                    throw new UnsupportedSyntaxException(file, between.loop().line(), "JML: a loop's specification before what is no for or while loop");
                }
                out.add(statement(s, new TreePath(path, s), between.loop()));
                from = end(s);
            }
            JmlParser.Between last = new JmlParser(file, text, take(from, end(b))).between();
            if (last.loop() != null) {
                throw new UnsupportedSyntaxException(file, last.loop().line(), "JML: a loop's specification with no loop after it");
            }
            out.addAll(last.statements());
            return new Stmt.Block(line(b), out);
        }

        private Stmt statement(StatementTree s, TreePath path, @Nullable LoopSpec spec) {
            int line = line(s);
            switch (s) {
                case BlockTree b -> {
                    return block(b, path);
                }
                case VariableTree v -> {
                    Expr init = v.getInitializer() == null ? null : expr(v.getInitializer(), path);
                    return new Stmt.Local(line, v.getName().toString(), type(trees.getTypeMirror(path)), init, false);
                }
                case ExpressionStatementTree x -> {
                    return new Stmt.Do(line, effect(x.getExpression(), path));
                }
                case IfTree i -> {
                    StatementTree otherwise = i.getElseStatement();
                    return new Stmt.If(line, expr(i.getCondition(), path), statement(i.getThenStatement(), new TreePath(path, i.getThenStatement()), null),
                            otherwise == null ? null : statement(otherwise, new TreePath(path, otherwise), null));
                }
                case ForLoopTree f -> {
                    List<Stmt> init = new ArrayList<>();
                    for (StatementTree t : f.getInitializer()) {
                        init.add(statement(t, new TreePath(path, t), null));
                    }
                    List<Stmt> update = new ArrayList<>();
                    for (StatementTree t : f.getUpdate()) {
                        update.add(statement(t, new TreePath(path, t), null));
                    }
                    Expr test = f.getCondition() == null ? null : expr(f.getCondition(), path);
                    return new Stmt.Loop(line, init, test, update, statement(f.getStatement(), new TreePath(path, f.getStatement()), null), specOf(spec, line));
                }
                case WhileLoopTree w -> {
                    return new Stmt.Loop(line, List.of(), expr(w.getCondition(), path), List.of(),
                            statement(w.getStatement(), new TreePath(path, w.getStatement()), null), specOf(spec, line));
                }
                case ReturnTree r -> {
                    return new Stmt.Return(line, r.getExpression() == null ? null : expr(r.getExpression(), path));
                }
                case ThrowTree t when t.getExpression() instanceof NewClassTree n -> {
                    List<Expr> parts = new ArrayList<>();
                    for (ExpressionTree a : n.getArguments()) {
                        parts.add(expr(a, path));
                    }
                    return new Stmt.Throw(line, trees.getTypeMirror(new TreePath(path, n)).toString(), parts);
                }
                case BreakTree b when b.getLabel() == null -> {
                    return new Stmt.Break(line);
                }
                case ContinueTree c when c.getLabel() == null -> {
                    return new Stmt.Continue(line);
                }
                case EmptyStatementTree e -> {
                    return new Stmt.Block(line, List.of());
                }
                default -> throw unsupported(s);
            }
        }

        private LoopSpec specOf(@Nullable LoopSpec spec, int line) {
            return spec == null ? new LoopSpec(List.of(), null, null, line) : spec;
        }

        /** An expression that may stand as a statement. */
        private Expr effect(ExpressionTree e, TreePath parent) {
            TreePath path = new TreePath(parent, e);
            int line = line(e);
            return switch (e) {
                case ParenthesizedTree p -> effect(p.getExpression(), path);
                case AssignmentTree a -> new Expr.Assign(line, "", expr(a.getVariable(), path), expr(a.getExpression(), path));
                case CompoundAssignmentTree c -> new Expr.Assign(line, operator(c), expr(c.getVariable(), path), expr(c.getExpression(), path));
                case UnaryTree u when Set.of(Tree.Kind.PREFIX_INCREMENT, Tree.Kind.POSTFIX_INCREMENT, Tree.Kind.PREFIX_DECREMENT, Tree.Kind.POSTFIX_DECREMENT)
                        .contains(u.getKind()) -> new Expr.Assign(line, u.getKind().name().endsWith("INCREMENT") ? "+" : "-", expr(u.getExpression(), path),
                                new Expr.Lit(line, Ty.Prim.INT, BigInteger.ONE));
                case MethodInvocationTree m -> expr(m, parent);
                default -> throw unsupported(e);
            };
        }

        private String operator(Tree t) {
            return switch (t.getKind()) {
                case PLUS, PLUS_ASSIGNMENT, UNARY_PLUS -> "+";
                case MINUS, MINUS_ASSIGNMENT, UNARY_MINUS -> "-";
                case MULTIPLY, MULTIPLY_ASSIGNMENT -> "*";
                case DIVIDE, DIVIDE_ASSIGNMENT -> "/";
                case REMAINDER, REMAINDER_ASSIGNMENT -> "%";
                case AND, AND_ASSIGNMENT -> "&";
                case OR, OR_ASSIGNMENT -> "|";
                case XOR, XOR_ASSIGNMENT -> "^";
                case LEFT_SHIFT, LEFT_SHIFT_ASSIGNMENT -> "<<";
                case RIGHT_SHIFT, RIGHT_SHIFT_ASSIGNMENT -> ">>";
                case UNSIGNED_RIGHT_SHIFT, UNSIGNED_RIGHT_SHIFT_ASSIGNMENT -> ">>>";
                case CONDITIONAL_AND -> "&&";
                case CONDITIONAL_OR -> "||";
                case EQUAL_TO -> "==";
                case NOT_EQUAL_TO -> "!=";
                case LESS_THAN -> "<";
                case LESS_THAN_EQUAL -> "<=";
                case GREATER_THAN -> ">";
                case GREATER_THAN_EQUAL -> ">=";
                case LOGICAL_COMPLEMENT -> "!";
                case BITWISE_COMPLEMENT -> "~";
                default -> throw unsupported(t);
            };
        }

        private Expr expr(ExpressionTree e, TreePath parent) {
            TreePath path = new TreePath(parent, e);
            int line = line(e);
            Ty type = type(trees.getTypeMirror(path));
            return switch (e) {
                case ParenthesizedTree p -> expr(p.getExpression(), path);
                case LiteralTree l -> l.getValue() == null ? new Expr.Lit(line, Ty.Prim.NULL, null) : literal(line, type, l.getValue());
                case IdentifierTree i -> {
                    Element element = trees.getElement(path);
                    if (element instanceof VariableElement v && v.getConstantValue() != null && v.getKind() == ElementKind.FIELD) {
                        yield literal(line, type, v.getConstantValue());
                    }
                    if (element != null && (element.getKind() == ElementKind.LOCAL_VARIABLE || element.getKind() == ElementKind.PARAMETER)) {
                        yield new Expr.Name(line, i.getName().toString());
                    }
                    throw unsupported(e, "the name " + i.getName() + ", which is neither a local variable nor a constant,");
                }
                case MemberSelectTree m -> {
                    Element element = trees.getElement(path);
                    if (element != null && element.getKind() == ElementKind.ENUM_CONSTANT) {
                        yield constant(line, element);
                    }
                    if (element instanceof VariableElement v && v.getConstantValue() != null) {
                        yield literal(line, type, v.getConstantValue());
                    }
                    TypeMirror target = trees.getTypeMirror(new TreePath(path, m.getExpression()));
                    if (target != null && target.getKind() == TypeKind.ARRAY && m.getIdentifier().contentEquals("length")) {
                        yield new Expr.Field(line, expr(m.getExpression(), path), "length");
                    }
                    throw unsupported(e);
                }
                case ArrayAccessTree a -> new Expr.Index(line, expr(a.getExpression(), path), expr(a.getIndex(), path));
                case BinaryTree b -> {
                    Expr left = expr(b.getLeftOperand(), path);
                    Expr right = expr(b.getRightOperand(), path);
                    yield type instanceof Ty.Opaque(String name) ? new Expr.Opaque(line, name, List.of(left, right)) : new Expr.Binary(line, operator(b), left, right);
                }
                case UnaryTree u -> {
                    if (u.getKind() == Tree.Kind.UNARY_MINUS && u.getExpression() instanceof LiteralTree l && l.getValue() != null
                            && (l.getValue().equals(Integer.MIN_VALUE) || l.getValue().equals(Long.MIN_VALUE))) {
                        yield literal(line, type, l.getValue());
                    }
                    yield new Expr.Unary(line, operator(u), expr(u.getExpression(), path));
                }
                case ConditionalExpressionTree c -> new Expr.Cond(line, expr(c.getCondition(), path), expr(c.getTrueExpression(), path), expr(c.getFalseExpression(), path));
                case TypeCastTree c -> new Expr.Cast(line, type, expr(c.getExpression(), path));
                case MethodInvocationTree m -> call(m, path, line);
                case SwitchExpressionTree s -> choice(s, path, line);
                case NewArrayTree n -> {
                    if (!(type instanceof Ty.Arr(Ty.Prim element)) || n.getDimensions().size() > 1) {
                        throw unsupported(e, "an array that is not a one-dimensional one of a primitive type");
                    }
                    List<Expr> values = new ArrayList<>();
                    if (n.getInitializers() != null) {
                        for (ExpressionTree v : n.getInitializers()) {
                            values.add(expr(v, path));
                        }
                    }
                    yield new Expr.NewArray(line, element, n.getDimensions().isEmpty() ? null : expr(n.getDimensions().getFirst(), path), values);
                }
                default -> throw unsupported(e);
            };
        }

        /** A switch over an enum, all of whose constants it names, as a choice between the last case and the others. */
        private Expr choice(SwitchExpressionTree s, TreePath path, int line) {
            ExpressionTree selector = s.getExpression() instanceof ParenthesizedTree p ? p.getExpression() : s.getExpression();
            TreePath selectorPath = new TreePath(path, selector);
            if (!(selector instanceof IdentifierTree) || !(type(trees.getTypeMirror(selectorPath)) instanceof Ty.Enumeration)) {
                throw unsupported(s, "a switch over what is no variable of an enum");
            }
            Expr value = expr(selector, path);
            Expr result = null;
            for (CaseTree c : s.getCases().reversed()) {
                if (c.getLabels().size() != 1 || !(c.getLabels().getFirst() instanceof ConstantCaseLabelTree label) || c.getGuard() != null || !(c.getBody() instanceof ExpressionTree body)) {
                    throw unsupported(c, "a case that is not one constant -> an expression");
                }
                TreePath casePath = new TreePath(path, c);
                Element constant = trees.getElement(new TreePath(new TreePath(casePath, label), label.getConstantExpression()));
                Expr here = expr(body, casePath);
                Expr test = new Expr.Binary(line, "==", value, constant(line, constant));
                result = result == null ? here : new Expr.Cond(line, test, here, result);
            }
            if (result == null) {
                throw unsupported(s, "a switch without cases");
            }
            return new Expr.Chosen(line, value, result);
        }

        private Expr call(MethodInvocationTree m, TreePath path, int line) {
            ExecutableElement element = (ExecutableElement) trees.getElement(path);
            if (!element.getModifiers().contains(Modifier.STATIC)) {
                throw unsupported(m, "the call of the instance method " + element.getSimpleName());
            }
            if (element.isVarArgs()) {
                throw unsupported(m, "a call with a variable number of arguments");
            }
            List<Expr> args = new ArrayList<>();
            for (ExpressionTree a : m.getArguments()) {
                args.add(expr(a, path));
            }
            String owner = ((TypeElement) element.getEnclosingElement()).getQualifiedName().toString();
            return new Expr.Call(line, owner, element.getSimpleName().toString(), args, key(element));
        }
    }
}
