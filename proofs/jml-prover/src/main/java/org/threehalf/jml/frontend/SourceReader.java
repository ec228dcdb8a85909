package org.threehalf.jml.frontend;

import com.sun.source.tree.*;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
import javax.lang.model.element.RecordComponentElement;
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
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.Clause;
import org.threehalf.jml.syntax.Expr;
import org.threehalf.jml.syntax.Expr.Binary.Op;
import org.threehalf.jml.syntax.Location;
import org.threehalf.jml.syntax.LoopSpec;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.MethodModel.Arithmetic;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.Stmt;
import org.threehalf.jml.syntax.Ty;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/** Reads Java sources with javac, attributes them, and joins each method with the JML around it. */
public final class SourceReader {
    /**
     * A source.
     *
     * @param name how messages call it
     */
    public record Source(String name, String text) {}

    private static final Set<Tree.Kind> STEPS = Set.of(
            Tree.Kind.PREFIX_INCREMENT,
            Tree.Kind.POSTFIX_INCREMENT,
            Tree.Kind.PREFIX_DECREMENT,
            Tree.Kind.POSTFIX_DECREMENT);

    /** Elements of a constant array that conditions can still hold. */
    private static final int TABLE = 256;

    /** What a constructor may do: pass its parameters on. */
    private static final String PLAIN_CONSTRUCTOR = "super\\([\\w, ]*\\);";

    /** Exceptions outside java.lang whose constructors only keep what they are given. */
    private static final Set<String> PLAIN_EXCEPTIONS = Set.of(
            "java.io.IOException",
            "java.io.EOFException",
            "java.io.FileNotFoundException",
            "java.util.NoSuchElementException",
            "java.util.InputMismatchException",
            "java.util.ConcurrentModificationException",
            "java.util.EmptyStackException",
            "java.util.concurrent.TimeoutException");

    /**
     * What javac knows of the class path, which it need not read again for each source: by the options, for each
     * thread.
     */
    private static final ThreadLocal<Map<List<String>, StandardJavaFileManager>> FILES =
            ThreadLocal.withInitial(HashMap::new);

    private final Trees trees;
    private final Elements elements;
    private final Types types;
    private final SequencedMap<String, MethodModel> methods = new LinkedHashMap<>();
    /** What javac finds for names in the JML of a class, by the class and the name. */
    private final Map<String, Map<String, VariableElement>> values = new HashMap<>();

    private final Map<String, Map<String, TypeElement>> classes = new HashMap<>();
    /** What methods are called on in the JML of a class, by the class and the name: a class or a variable. */
    private final Map<String, Map<String, Element>> called = new HashMap<>();

    private final Map<String, ClassTree> sourceClasses = new HashMap<>();
    /** The records that were met, by their names. */
    private final Map<String, Ty> objects = new HashMap<>();

    private final Map<VariableElement, Expr.Table> tables = new HashMap<>();

    private SourceReader(JavacTask task) {
        trees = Trees.instance(task);
        elements = task.getElements();
        types = task.getTypes();
    }

    /** The tree of a read source, for those who change it. */
    public interface UnitVisitor {
        /** Is given an attributed unit. */
        void visit(CompilationUnitTree unit, Trees trees, Source source);
    }

    /** Reads sources; classes they use are looked up on the source path and on this program's class path. */
    public static Program read(List<Source> sources, List<Path> sourcePath) {
        return read(sources, Lookup.sources(sourcePath));
    }

    /** Reads sources. */
    public static Program read(List<Source> sources, Lookup lookup) {
        List<String> options = options(lookup);
        List<Source> plain = sources.stream()
                .map(s -> new Source(s.name(), UnicodeEscapes.translate(s.name(), s.text())))
                .toList();
        Map<URI, Probes.Probed> byUri = new HashMap<>();
        Parsed parsed = parse(plain, options);
        parsed.check(byUri, plain);
        for (CompilationUnitTree unit : parsed.units) {
            Source source = plain.stream()
                    .filter(s -> InMemory.uri(s).equals(unit.getSourceFile().toUri()))
                    .findFirst()
                    .orElseThrow();
            byUri.put(
                    InMemory.uri(source),
                    Probes.add(source, unit, Trees.instance(parsed.task).getSourcePositions()));
        }
        List<Source> probed = plain.stream()
                .map(s -> java.util.Objects.requireNonNull(byUri.get(InMemory.uri(s)))
                        .source())
                .toList();
        Parsed whole = parse(probed, options);
        try {
            whole.task.analyze();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        whole.check(byUri, probed);
        SourceReader reader = new SourceReader(whole.task);
        List<Unit> units = new ArrayList<>();
        for (CompilationUnitTree unit : whole.units) {
            Probes.Probed source = byUri.get(unit.getSourceFile().toUri());
            if (source == null) {
                throw new IllegalStateException("javac read " + unit.getSourceFile());
            }
            Set<Long> faults = new HashSet<>();
            whole.diagnostics.getDiagnostics().stream()
                    .filter(d -> d.getKind() == Diagnostic.Kind.ERROR
                            && d.getSource() != null
                            && d.getSource().toUri().equals(unit.getSourceFile().toUri()))
                    .forEach(d -> faults.add(d.getPosition()));
            Unit next = reader.new Unit(unit, source.source(), faults);
            next.resolve();
            units.add(next);
        }
        units.forEach(Unit::read);
        return new Program(reader.methods, reader.new Names());
    }

    /** Sources that javac has read. */
    private record Parsed(
            JavacTask task, List<CompilationUnitTree> units, DiagnosticCollector<JavaFileObject> diagnostics) {
        /** Refuses what javac refuses, apart from what it says of probes. */
        void check(Map<URI, Probes.Probed> probes, List<Source> sources) {
            for (var d : diagnostics.getDiagnostics()) {
                URI uri = d.getSource() == null ? null : d.getSource().toUri();
                Probes.Probed probed = uri == null ? null : probes.get(uri);
                if (d.getKind() == Diagnostic.Kind.ERROR && (probed == null || !probed.contains(d.getPosition()))) {
                    String file = sources.stream()
                            .filter(s -> InMemory.uri(s).equals(uri))
                            .map(Source::name)
                            .findFirst()
                            .orElse("(class path)");
                    throw new UnsupportedSyntaxException(
                            file,
                            (int) d.getLineNumber(),
                            "javac: "
                                    + d.getMessage(Locale.ROOT)
                                            .lines()
                                            .findFirst()
                                            .orElse(""));
                }
            }
        }
    }

    private static List<String> options(Lookup lookup) {
        // Probes that find nothing are errors, of which no number must hide those of the source, nor end the analysis.
        List<String> options = new ArrayList<>(List.of(
                "-proc:none",
                "-implicit:none",
                "-source",
                "21",
                "-Xlint:none",
                "-Xmaxerrs",
                "1000000",
                "--should-stop=ifError=FLOW",
                "-classpath",
                lookup.classPath().isEmpty() ? System.getProperty("java.class.path") : joined(lookup.classPath())));
        if (!lookup.sourcePath().isEmpty()) {
            options.addAll(List.of("-sourcepath", joined(lookup.sourcePath())));
        }
        return options;
    }

    private static String joined(List<Path> path) {
        return path.stream().map(Path::toString).collect(Collectors.joining(java.io.File.pathSeparator));
    }

    /** Has javac attribute sources, for those who change them. */
    public static void visit(List<Source> sources, Lookup lookup, UnitVisitor visitor) {
        Parsed parsed = parse(sources, options(lookup));
        try {
            parsed.task.analyze();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        parsed.check(Map.of(), sources);
        for (CompilationUnitTree unit : parsed.units) {
            Source source = sources.stream()
                    .filter(s -> InMemory.uri(s).equals(unit.getSourceFile().toUri()))
                    .findFirst()
                    .orElseThrow();
            visitor.visit(unit, Trees.instance(parsed.task), source);
        }
    }

    /** Is given a parsed unit. */
    interface ParsedVisitor {
        void visit(CompilationUnitTree unit, DocTrees trees, Source source);
    }

    /** Has javac parse sources and attribute nothing; what it says of their syntax is nobody's matter here. */
    static void parsed(List<Source> sources, ParsedVisitor visitor) {
        Map<URI, Source> byUri = new HashMap<>();
        sources.forEach(s -> byUri.put(InMemory.uri(s), s));
        Parsed parsed = parse(sources, List.of("-proc:none"));
        DocTrees trees = DocTrees.instance(parsed.task);
        for (CompilationUnitTree unit : parsed.units) {
            visitor.visit(
                    unit,
                    trees,
                    java.util.Objects.requireNonNull(
                            byUri.get(unit.getSourceFile().toUri())));
        }
    }

    /** Whether there is any JML in a source. */
    public static boolean hasJml(Source source) {
        return !new JmlLexer(source.name(), source.text()).comments().isEmpty();
    }

    private static Parsed parse(List<Source> sources, List<String> options) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("the prover needs a JDK, not a JRE: run it with JAVA_HOME of a JDK 25");
        }
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        // javac hands out wrapped file objects: their URI tells which source they are.
        List<JavaFileObject> files =
                sources.stream().<JavaFileObject>map(InMemory::new).toList();
        JavacTask task = (JavacTask) compiler.getTask(
                new StringWriter(),
                FILES.get()
                        .computeIfAbsent(
                                options,
                                o -> compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)),
                diagnostics,
                options,
                null,
                files);
        List<CompilationUnitTree> units = new ArrayList<>();
        try {
            task.parse().forEach(units::add);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new Parsed(task, units, diagnostics);
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

    private Ty type(TypeMirror t) {
        return switch (t.getKind()) {
            case BOOLEAN, BYTE, SHORT, CHAR, INT, LONG, FLOAT, DOUBLE, VOID ->
                Ty.Prim.valueOf(t.getKind().name());
            case NULL -> Ty.Prim.NULL;
            case ARRAY -> {
                TypeMirror element = ((ArrayType) t).getComponentType();
                yield element.getKind().isPrimitive()
                        ? new Ty.Arr((Ty.Prim) type(element))
                        : new Ty.Opaque(t.toString());
            }
            case DECLARED -> {
                Element element = ((DeclaredType) t).asElement();
                if (element.getKind() == ElementKind.RECORD) {
                    yield object((TypeElement) element);
                }
                // Of an enum without constants there is no value.
                yield element.getKind() == ElementKind.ENUM
                                && !constants(element).isEmpty()
                        ? new Ty.Enumeration(
                                element.toString(), constants(element).size())
                        : new Ty.Opaque(t.toString());
            }
            default -> new Ty.Opaque(t.toString());
        };
    }

    private static List<? extends Element> constants(Element enumeration) {
        return enumeration.getEnclosedElements().stream()
                .filter(e -> e.getKind() == ElementKind.ENUM_CONSTANT)
                .toList();
    }

    /** A record: with its components where its source is read, otherwise, and within itself, opaque. */
    private Ty object(TypeElement element) {
        String name = element.getQualifiedName().toString();
        ClassTree source = sourceClasses.get(name);
        if (source == null) {
            return new Ty.Opaque(element.toString());
        }
        Ty known = objects.putIfAbsent(name, new Ty.Opaque(element.toString()));
        if (known != null) {
            return known;
        }
        List<Ty.Component> components = new ArrayList<>();
        for (RecordComponentElement c : element.getRecordComponents()) {
            boolean accessor = source.getMembers().stream()
                    .noneMatch(m -> m instanceof MethodTree method
                            && method.getName().equals(c.getSimpleName())
                            && method.getParameters().isEmpty());
            components.add(new Ty.Component(c.getSimpleName().toString(), type(c.asType()), accessor));
        }
        Ty.Rec type = new Ty.Rec(name, components);
        objects.put(name, type);
        return type;
    }

    /** A constant of an enum, by its ordinal. */
    private Expr.Lit constant(int line, Element constant) {
        return new Expr.Lit(
                line,
                type(constant.asType()),
                BigInteger.valueOf(constants(constant.getEnclosingElement()).indexOf(constant)));
    }

    static Expr.Lit literal(int line, Ty type, Object value) {
        return new Expr.Lit(
                line,
                type,
                switch (value) {
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
        return key(
                ((TypeElement) e.getEnclosingElement()).getQualifiedName().toString(),
                e.getSimpleName().toString(),
                e.getParameters().stream()
                        .map(p -> types.erasure(p.asType()).toString())
                        .toList());
    }

    /** What the names of JML mean, as javac has it. */
    private final class Names implements Program.Constants {
        @Override
        public Optional<Expr.Lit> find(String owner, String qualifier, String name, int line) {
            VariableElement e =
                    values.getOrDefault(owner, Map.of()).get(qualifier.isEmpty() ? name : qualifier + "." + name);
            if (e == null) {
                return Optional.empty();
            }
            if (e.getKind() == ElementKind.ENUM_CONSTANT) {
                return Optional.of(constant(line, e));
            }
            Object value = e.getConstantValue();
            return value == null
                    ? Optional.empty()
                    : Optional.of(literal(line, SourceReader.this.type(e.asType()), value));
        }

        @Override
        public Optional<Expr.Table> table(String owner, String qualifier, String name) {
            return Optional.ofNullable(values.getOrDefault(owner, Map.of())
                            .get(qualifier.isEmpty() ? name : qualifier + "." + name))
                    .map(tables::get);
        }

        @Override
        public Optional<String> type(String owner, String written) {
            return switch (called.getOrDefault(owner, Map.of()).get(written)) {
                case VariableElement v ->
                    throw new IllegalArgumentException(
                            written + " is a variable here, before any class: a call on it is outside the subset");
                case TypeElement e -> Optional.of(e.getQualifiedName().toString());
                case null, default -> Optional.empty();
            };
        }

        @Override
        public List<String> methods(String owner, String qualifier, String name, int arity, Set<String> models) {
            Element start = qualifier.isEmpty()
                    ? elements.getTypeElement(owner)
                    : called.getOrDefault(owner, Map.of()).get(qualifier);
            for (Element e = start;
                    e instanceof TypeElement type;
                    e = qualifier.isEmpty() ? type.getEnclosingElement() : null) {
                // Model methods are inherited as others are, those of interfaces not.
                Set<String> prefixes = new HashSet<>();
                types(type).stream()
                        .filter(t -> t.equals(type) || !t.getKind().isInterface())
                        .forEach(t -> prefixes.add(t.getQualifiedName() + "." + name + "("));
                List<String> found = new ArrayList<>(models.stream()
                        .filter(k -> prefixes.contains(k.substring(0, k.indexOf('(') + 1)))
                        .toList());
                for (Element member : elements.getAllMembers(type)) {
                    if (member instanceof ExecutableElement m
                            && member.getKind() == ElementKind.METHOD
                            && m.getSimpleName().contentEquals(name)
                            && isMember(m, type)) {
                        if (m.isVarArgs()) {
                            throw new IllegalArgumentException(
                                    name + " takes a variable number of arguments: outside the subset");
                        }
                        found.add(key(m));
                    }
                }
                // The innermost class with a method of the name is the one that is looked in.
                if (!found.isEmpty()) {
                    return found.stream()
                            .distinct()
                            .filter(k -> arity(k) == arity)
                            .toList();
                }
            }
            return List.of();
        }

        /**
         * Whether a method that a class or a supertype declares is a member of the class (JLS 8.4.8): private ones,
         * static ones of interfaces and other packages' own are not inherited.
         */
        private boolean isMember(ExecutableElement m, TypeElement type) {
            if (m.getEnclosingElement().equals(type)) {
                return true;
            }
            Set<Modifier> modifiers = m.getModifiers();
            boolean ofInterface =
                    m.getEnclosingElement().getKind().isInterface() && modifiers.contains(Modifier.STATIC);
            boolean open = modifiers.contains(Modifier.PUBLIC) || modifiers.contains(Modifier.PROTECTED);
            return !ofInterface
                    && !modifiers.contains(Modifier.PRIVATE)
                    && (open || elements.getPackageOf(m).equals(elements.getPackageOf(type)));
        }

        /** A class and its supertypes. */
        private Set<TypeElement> types(TypeElement type) {
            Set<TypeElement> all = new java.util.LinkedHashSet<>(List.of(type));
            for (TypeMirror t : types.directSupertypes(type.asType())) {
                all.addAll(types((TypeElement) ((DeclaredType) t).asElement()));
            }
            return all;
        }

        private static int arity(String key) {
            String parameters = key.substring(key.indexOf('(') + 1, key.length() - 1);
            return parameters.isEmpty() ? 0 : parameters.split(",").length;
        }

        @Override
        public boolean isSubclass(String sub, String sup) {
            TypeElement a = elements.getTypeElement(sub);
            TypeElement b = elements.getTypeElement(sup);
            if (a == null || b == null) {
                throw new IllegalArgumentException("no class is called " + (a == null ? sub : sup));
            }
            return types.isSubtype(types.erasure(a.asType()), types.erasure(b.asType()));
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

        private final Set<Long> faults;
        /** How many loops over arrays are around. */
        private int nested;

        Unit(CompilationUnitTree unit, Source source, Set<Long> faults) {
            this.unit = unit;
            this.faults = faults;
            this.file = source.name();
            this.text = source.text();
            this.comments = new JmlLexer(file, text).comments();
        }

        /** Takes note of what the probes found, before anything is read. */
        void resolve() {
            for (Tree type : unit.getTypeDecls()) {
                if (type instanceof ClassTree c) {
                    resolve(c, TreePath.getPath(unit, c));
                }
            }
        }

        private void resolve(ClassTree tree, TreePath path) {
            String owner =
                    ((TypeElement) trees.getElement(path)).getQualifiedName().toString();
            sourceClasses.put(owner, tree);
            for (Tree member : tree.getMembers()) {
                TreePath memberPath = new TreePath(path, member);
                if (member instanceof ClassTree c) {
                    resolve(c, memberPath);
                } else if (member instanceof VariableTree v) {
                    table(v, (VariableElement) trees.getElement(memberPath), memberPath);
                } else if (member instanceof MethodTree m && probe(m)) {
                    probed(m, memberPath, owner);
                }
            }
        }

        /** Takes note of what javac found for the name in a probe. */
        private void probed(MethodTree m, TreePath path, String owner) {
            BlockTree body = java.util.Objects.requireNonNull(m.getBody());
            StatementTree only = body.getStatements().getFirst();
            TreePath at = new TreePath(new TreePath(path, body), only);
            if (m.getName().charAt(Probes.PREFIX.length()) == Probes.CALLED) {
                // Javac finds no such method; what it found before that is what is asked.
                MethodInvocationTree call = (MethodInvocationTree) ((ExpressionStatementTree) only).getExpression();
                MemberSelectTree select = (MemberSelectTree) call.getMethodSelect();
                ExpressionTree on = select.getExpression();
                Element e = trees.getElement(new TreePath(new TreePath(new TreePath(at, call), select), on));
                String chain = text.substring(start(on), end(on));
                // As a type it was asked for before, without a fault.
                if (e instanceof VariableElement
                        || e != null
                                && e.equals(
                                        classes.getOrDefault(owner, Map.of()).get(chain))) {
                    called.computeIfAbsent(owner, k -> new HashMap<>()).put(chain, e);
                }
                return;
            }
            if (faults.stream().anyMatch(f -> start(m) <= f && f < end(m))) {
                return;
            }
            VariableTree v = (VariableTree) only;
            Tree name = m.getName().charAt(Probes.PREFIX.length()) == Probes.VALUE ? v.getInitializer() : v.getType();
            Element e = trees.getElement(new TreePath(at, name));
            String chain = text.substring(start(name), end(name));
            if (e instanceof VariableElement field
                    && (e.getKind() == ElementKind.FIELD || e.getKind() == ElementKind.ENUM_CONSTANT)) {
                values.computeIfAbsent(owner, k -> new HashMap<>()).put(chain, field);
            } else if (e instanceof TypeElement type) {
                classes.computeIfAbsent(owner, k -> new HashMap<>()).put(chain, type);
            }
        }

        /**
         * Takes note of a private static final array of constants: nobody but its source can write it, which is read
         * whole.
         */
        private void table(VariableTree v, VariableElement field, TreePath path) {
            boolean fixed = field.getModifiers().containsAll(Set.of(Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL));
            if (fixed
                    && type(field.asType()) instanceof Ty.Arr(Ty.Prim element)
                    && v.getInitializer() instanceof NewArrayTree n
                    && n.getInitializers() != null
                    && n.getInitializers().size() <= TABLE
                    && n.getInitializers().stream().allMatch(x -> plainValue(x, path))) {
                TreePath at = new TreePath(path, n);
                tables.put(
                        field,
                        new Expr.Table(
                                line(v),
                                element,
                                v.getName().toString(),
                                n.getInitializers().stream()
                                        .map(x -> expr(x, at))
                                        .toList()));
            }
        }

        /** A constant array whose element or length is asked for; nothing for any other expression. */
        private Expr.@Nullable Table table(ExpressionTree e, TreePath path) {
            return (e instanceof IdentifierTree || e instanceof MemberSelectTree)
                            && trees.getElement(path) instanceof VariableElement v
                    ? tables.get(v)
                    : null;
        }

        private static boolean probe(MethodTree m) {
            return m.getName().toString().startsWith(Probes.PREFIX);
        }

        /** Reads its classes; JML that belongs to nothing is refused. */
        void read() {
            for (Tree type : unit.getTypeDecls()) {
                if (type instanceof ClassTree c) {
                    readClass(c, TreePath.getPath(unit, c));
                }
            }
            for (JmlLexer.Comment c : comments) {
                if (!used.contains(c)) {
                    throw new UnsupportedSyntaxException(
                            file,
                            JmlLexer.lineOf(text, c.start()),
                            "JML at a place where the subset has none: "
                                    + text.substring(c.start(), Math.min(c.end(), c.start() + 60))
                                            .lines()
                                            .findFirst()
                                            .orElse(""));
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
            String code = text.substring(start(t), Math.min(end(t), start(t) + 60))
                    .lines()
                    .findFirst()
                    .orElse("");
            return unsupported(
                    t,
                    "Java construct "
                            + t.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " `" + code + "`");
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
            int from = text.indexOf('{', start(tree));
            for (Tree member : tree.getMembers()) {
                TreePath memberPath = new TreePath(path, member);
                if (member instanceof MethodTree m && probe(m)) {
                    continue;
                }
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
                } else if (member instanceof VariableTree v) {
                    readField(v, (VariableElement) trees.getElement(memberPath), memberPath);
                }
                from = Math.max(from, end(member));
            }
            addModels(new JmlParser(file, text, take(from, end(tree))).declarations(), owner, true);
        }

        private void addModels(JmlParser.Declarations d, String owner, boolean atEnd) {
            if (atEnd && (!d.cases.isEmpty() || !d.modifiers.isEmpty())) {
                throw new UnsupportedSyntaxException(file, d.line, "JML: a contract with no method after it");
            }
            for (Clause c : d.invariants) {
                // Of a class without variables it speaks of constants: it holds or it does not.
                String name = "\\invariant" + c.line();
                MethodModel.Case only = new MethodModel.Case(
                        MethodModel.Case.Kind.LIGHTWEIGHT, c.line(), List.of(), List.of(c), null, List.of(), List.of());
                put(new MethodModel(
                        key(owner, name, List.of()),
                        owner,
                        name,
                        file,
                        c.line(),
                        List.of(),
                        Ty.Prim.BOOLEAN,
                        new MethodModel.Spec(
                                true, true, Arithmetic.SAFE, Arithmetic.BIGINT, List.of(only), null, false),
                        null,
                        new Expr.Lit(c.line(), Ty.Prim.BOOLEAN, true),
                        true,
                        false));
            }
            for (JmlParser.ModelMethod m : d.models) {
                if (m.modifiers().contains("heap_free")) {
                    throw new UnsupportedSyntaxException(
                            file, m.line(), "JML: heap_free at a model method is outside the subset");
                }
                if (!m.modifiers().contains("static") || !m.modifiers().contains("pure")) {
                    throw new UnsupportedSyntaxException(
                            file, m.line(), "JML: a model method that is not static and pure is outside the subset");
                }
                MethodModel.Spec spec = spec(m.modifiers(), m.cases(), m.measuredBy(), m.line(), List.of(), owner);
                String key = key(
                        owner,
                        m.name(),
                        m.params().stream().map(p -> p.type().toString()).toList());
                put(new MethodModel(
                        key,
                        owner,
                        m.name(),
                        file,
                        m.line(),
                        m.params(),
                        m.result(),
                        spec,
                        null,
                        m.body(),
                        true,
                        true));
            }
        }

        private void put(MethodModel m) {
            if (methods.putIfAbsent(m.key(), m) != null) {
                throw new UnsupportedSyntaxException(file, m.line(), "a second method " + m.key());
            }
        }

        private MethodModel.Spec spec(
                Set<String> modifiers,
                List<MethodModel.Case> cases,
                @Nullable Clause measuredBy,
                int line,
                List<String> thrown,
                String owner) {
            List<MethodModel.Case> all = cases.isEmpty()
                    ? List.of(new MethodModel.Case(
                            MethodModel.Case.Kind.LIGHTWEIGHT, line, List.of(), List.of(), null, null, List.of()))
                    : cases;
            List<MethodModel.Case> complete = all.stream()
                    .map(c -> {
                        List<String> named = c.signalsOnly();
                        List<String> only = named != null
                                ? named.stream()
                                        .map(x -> exception(owner, x, c.line()))
                                        .toList()
                                : c.kind() == MethodModel.Case.Kind.LIGHTWEIGHT ? thrown : null;
                        List<MethodModel.Signals> signals = c.signals().stream()
                                .map(g -> new MethodModel.Signals(
                                        g.line(),
                                        g.text(),
                                        exception(owner, g.exception(), g.line()),
                                        g.variable(),
                                        g.condition()))
                                .toList();
                        return new MethodModel.Case(
                                c.kind(), c.line(), c.requires(), c.ensures(), c.assignable(), only, signals);
                    })
                    .toList();
            boolean pure = modifiers.contains("pure");
            if (pure
                    && complete.stream()
                            .anyMatch(c -> c.assignable() != null
                                    && !c.assignable().stream().allMatch(Location.Nothing.class::isInstance))) {
                throw new UnsupportedSyntaxException(file, line, "JML: a pure method whose contract lets it write");
            }
            Arithmetic code = modifiers.contains("code_java_math") ? Arithmetic.JAVA : Arithmetic.SAFE;
            if (modifiers.contains("spec_safe_math")) {
                throw new UnsupportedSyntaxException(file, line, "JML construct outside the subset: `spec_safe_math`");
            }
            Arithmetic inSpec = modifiers.contains("spec_java_math") ? Arithmetic.JAVA : Arithmetic.BIGINT;
            return new MethodModel.Spec(
                    pure, !cases.isEmpty(), code, inSpec, complete, measuredBy, modifiers.contains("nullable"));
        }

        /** The qualified name of an exception that a contract names. */
        private String exception(String owner, String written, int line) {
            TypeElement e = classes.getOrDefault(owner, Map.of()).get(written);
            if (e == null) {
                throw new UnsupportedSyntaxException(file, line, "JML: no class is called " + written + " here");
            }
            return e.getQualifiedName().toString();
        }

        private String exception(TypeMirror type, Tree at) {
            if (!(type instanceof DeclaredType d)
                    || !(d.asElement() instanceof TypeElement e)
                    || e.getQualifiedName().isEmpty()) {
                throw unsupported(at, "the exception " + type);
            }
            return e.getQualifiedName().toString();
        }

        /** An object that is thrown has been constructed, which runs code where its class has any of its own. */
        private void plainException(TypeMirror type, Tree at) {
            if (!(type instanceof DeclaredType d) || !(d.asElement() instanceof TypeElement e)) {
                throw unsupported(at, "the exception " + type);
            }
            String name = e.getQualifiedName().toString();
            if (name.matches("java\\.lang\\.\\w+") && elements.getTypeElement(name) == e
                    || PLAIN_EXCEPTIONS.contains(name)) {
                return;
            }
            ClassTree source = sourceClasses.get(e.getQualifiedName().toString());
            if (source == null) {
                throw unsupported(at, "the exception " + type + ", whose constructor is not among the sources read,");
            }
            for (Tree member : source.getMembers()) {
                boolean constant = member instanceof VariableTree v
                        && (v.getInitializer() == null || v.getInitializer() instanceof LiteralTree);
                boolean constructor = member instanceof MethodTree m
                        && m.getReturnType() == null
                        && m.getBody() != null
                        && m.getBody().getStatements().stream()
                                .allMatch(x -> x.toString().matches(PLAIN_CONSTRUCTOR));
                if (!constant && !constructor && !(member instanceof MethodTree m && probe(m))) {
                    throw unsupported(at, "the exception " + type + ", whose class has code of its own,");
                }
            }
            plainException(e.getSuperclass(), at);
        }

        /** Refuses what is made text of by code that nobody read: the toString of an object. */
        private void text(ExpressionTree e, TypeMirror type) {
            boolean plain = type.getKind().isPrimitive()
                    || type.getKind() == TypeKind.NULL
                    || type.getKind() == TypeKind.ARRAY
                    || type.toString().equals("java.lang.String")
                    || type instanceof DeclaredType d
                            && d.asElement().getKind() == ElementKind.ENUM
                            && elements.getAllMembers((TypeElement) d.asElement()).stream()
                                    .filter(x -> x.getSimpleName().contentEquals("toString"))
                                    .allMatch(x ->
                                            x.getEnclosingElement().toString().equals("java.lang.Enum"));
            if (!plain) {
                throw unsupported(
                        e,
                        "text of the object `" + text.substring(start(e), end(e))
                                + "`, whose class decides what that does,");
            }
        }

        /** A probe is at the end of the class, where a method's own type variables hide nothing. */
        private void refuseTypeVariables(MethodTree m, int from) {
            for (TypeParameterTree p : m.getTypeParameters()) {
                for (JmlLexer.Comment c : comments) {
                    if (c.start() >= from && c.end() <= end(m)) {
                        c.tokens().stream()
                                .filter(t -> t.is(p.getName().toString()))
                                .forEach(t -> {
                                    throw new UnsupportedSyntaxException(
                                            file,
                                            t.line(),
                                            "JML: " + p.getName() + " is a type variable of the method " + m.getName()
                                                    + ": outside the subset");
                                });
                    }
                }
            }
        }

        private void readMethod(MethodTree m, ExecutableElement e, TreePath path, String owner, int from) {
            refuseTypeVariables(m, from);
            BlockTree body = m.getBody();
            int headerEnd = body == null ? end(m) : start(body);
            // A comment right before a parameter is that parameter's.
            List<MethodModel.Param> params = new ArrayList<>();
            for (VariableTree p : m.getParameters()) {
                boolean nullable = annotatedNullable(trees.getElement(new TreePath(path, p)));
                for (JmlLexer.Comment c : comments) {
                    if (c.start() > start(m)
                            && c.end() <= start(p)
                            && text.substring(c.end(), start(p)).isBlank()) {
                        used.add(c);
                        for (JmlLexer.Token t : c.tokens()) {
                            if (!t.is("nullable") && !t.is("non_null")) {
                                throw new UnsupportedSyntaxException(
                                        file,
                                        t.line(),
                                        "JML construct outside the subset: `" + t.text() + "` at a parameter");
                            }
                            nullable |= t.is("nullable");
                        }
                    }
                }
                Ty type = type(trees.getTypeMirror(new TreePath(path, p)));
                params.add(new MethodModel.Param(p.getName().toString(), type, nullable));
            }
            int nameStart = m.getReturnType() == null
                    ? start(m)
                    : text.indexOf(m.getName().toString(), end(m.getReturnType()));
            for (JmlLexer.Comment c : comments) {
                if (c.start() > nameStart && c.end() <= headerEnd && m.getReturnType() != null && !used.contains(c)) {
                    throw new UnsupportedSyntaxException(
                            file,
                            JmlLexer.lineOf(text, c.start()),
                            "JML behind a method's name that is not right before a parameter is outside the subset");
                }
            }
            JmlParser.Declarations d = new JmlParser(file, text, take(from, headerEnd)).declarations();
            addModels(d, owner, false);
            if (m.getReturnType() == null) {
                boolean says = !d.cases.isEmpty() || !d.modifiers.isEmpty();
                boolean empty = body == null
                        || body.getStatements().stream()
                                .allMatch(s -> s.toString().matches(PLAIN_CONSTRUCTOR));
                if (says || !empty) {
                    throw unsupported(m, "a constructor with a contract or a body");
                }
                return;
            }
            if (!e.getModifiers().contains(Modifier.STATIC)) {
                if (!(type(e.getEnclosingElement().asType()) instanceof Ty.Rec self)) {
                    throw unsupported(m, "the instance method " + m.getName() + ", of what is no record,");
                }
                params.addFirst(new MethodModel.Param(Expr.THIS, self, false));
            }
            if (body == null) {
                throw unsupported(m, "a method without a body");
            }
            List<String> thrown =
                    e.getThrownTypes().stream().map(t -> exception(t, m)).toList();
            if (annotatedNullable(e)) {
                d.modifiers.add("nullable");
            }
            if (d.modifiers.contains("heap_free")
                    && (!d.modifiers.contains("pure")
                            || params.stream()
                                    .anyMatch(p -> p.type() instanceof Ty.Arr
                                            || p.type() instanceof Ty.Rec r && r.holdsArray()))) {
                // What an array holds lies on the heap.
                throw new UnsupportedSyntaxException(
                        file, line(m), "JML: heap_free at a method that is not pure or takes an array");
            }
            MethodModel.Spec spec = spec(d.modifiers, d.cases, d.measuredBy, line(m), thrown, owner);
            boolean visible = e.getModifiers().contains(Modifier.PUBLIC) || d.modifiers.contains("spec_public");
            int nameLine = (int) unit.getLineMap()
                    .getLineNumber(text.indexOf(m.getName().toString(), Math.max(start(m), end(m.getReturnType()))));
            put(new MethodModel(
                    key(e),
                    owner,
                    m.getName().toString(),
                    file,
                    nameLine,
                    params,
                    type(e.getReturnType()),
                    spec,
                    block(body, new TreePath(path, body)),
                    null,
                    false,
                    visible));
        }

        /** Whether a parameter or a method's result is annotated as nullable, by whosever annotation. */
        private static boolean annotatedNullable(Element e) {
            TypeMirror type = e instanceof ExecutableElement m ? m.getReturnType() : e.asType();
            return java.util.stream.Stream.of(e.getAnnotationMirrors(), type.getAnnotationMirrors())
                    .flatMap(List::stream)
                    .anyMatch(a ->
                            a.getAnnotationType().asElement().getSimpleName().contentEquals("Nullable"));
        }

        /**
         * A field's initialiser runs when its class is first used, and what it throws comes out of whatever method is
         * called then: so it must be a value that javac knows, or an array of such.
         */
        private void readField(VariableTree v, VariableElement field, TreePath path) {
            if (v.getInitializer() == null
                    || !field.getModifiers().contains(Modifier.STATIC)
                    || field.getConstantValue() != null
                    || v.getInitializer() instanceof LiteralTree) {
                return;
            }
            boolean constant = switch (v.getInitializer()) {
                case NewClassTree n
                when field.getKind() == ElementKind.ENUM_CONSTANT ->
                    n.getClassBody() == null && n.getArguments().stream().allMatch(a -> plainValue(a, path));
                case NewArrayTree n ->
                    n.getDimensions().stream().allMatch(d -> d instanceof LiteralTree)
                            && (n.getInitializers() == null
                                    || n.getInitializers().stream().allMatch(x -> plainValue(x, path)));
                default -> false;
            };
            if (!constant) {
                throw unsupported(v, "the static field " + v.getName() + ", whose initialiser is no constant,");
            }
        }

        /** Whether an expression is a literal, or a sign before one, or a cast of one, or the name of a constant. */
        private boolean plainValue(ExpressionTree e, TreePath path) {
            return switch (e) {
                case LiteralTree l -> true;
                case UnaryTree u when !STEPS.contains(u.getKind()) -> plainValue(u.getExpression(), path);
                case TypeCastTree c -> c.getType() instanceof PrimitiveTypeTree && plainValue(c.getExpression(), path);
                case ParenthesizedTree p -> plainValue(p.getExpression(), path);
                case IdentifierTree i ->
                    trees.getElement(TreePath.getPath(unit, i)) instanceof VariableElement x
                            && x.getConstantValue() != null;
                case MemberSelectTree i ->
                    trees.getElement(TreePath.getPath(unit, i)) instanceof VariableElement x
                            && x.getConstantValue() != null;
                default -> false;
            };
        }

        private Stmt.Block block(BlockTree b, TreePath path) {
            List<Stmt> out = new ArrayList<>();
            int from = start(b) + 1;
            for (StatementTree s : b.getStatements()) {
                JmlParser.Between between = new JmlParser(file, text, take(from, start(s))).between();
                out.addAll(between.statements());
                StatementTree inner = s;
                while (inner instanceof LabeledStatementTree l) {
                    inner = l.getStatement();
                }
                if (between.loop() != null
                        && !(inner instanceof ForLoopTree
                                || inner instanceof WhileLoopTree
                                || inner instanceof DoWhileLoopTree
                                || inner instanceof EnhancedForLoopTree)) {
                    throw new UnsupportedSyntaxException(
                            file, between.loop().line(), "JML: a loop's specification before what is no loop");
                }
                out.add(statement(s, new TreePath(path, s), between.loop()));
                from = end(s);
            }
            JmlParser.Between last = new JmlParser(file, text, take(from, end(b))).between();
            if (last.loop() != null) {
                throw new UnsupportedSyntaxException(
                        file, last.loop().line(), "JML: a loop's specification with no loop after it");
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
                    return new Stmt.If(
                            line,
                            expr(i.getCondition(), path),
                            statement(i.getThenStatement(), new TreePath(path, i.getThenStatement()), null),
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
                    return new Stmt.Loop(
                            line,
                            init,
                            test,
                            update,
                            statement(f.getStatement(), new TreePath(path, f.getStatement()), null),
                            specOf(spec, line));
                }
                case WhileLoopTree w -> {
                    return new Stmt.Loop(
                            line,
                            List.of(),
                            expr(w.getCondition(), path),
                            List.of(),
                            statement(w.getStatement(), new TreePath(path, w.getStatement()), null),
                            specOf(spec, line));
                }
                case DoWhileLoopTree d -> {
                    // Round after round, until the test fails at the end of one.
                    Expr test = new Expr.Unary(line, Expr.Unary.Op.NOT, expr(d.getCondition(), path));
                    return new Stmt.Loop(
                            line,
                            List.of(),
                            null,
                            List.of(new Stmt.If(line, test, new Stmt.Break(line, null), null)),
                            statement(d.getStatement(), new TreePath(path, d.getStatement()), null),
                            specOf(spec, line));
                }
                case EnhancedForLoopTree f -> {
                    return each(f, path, specOf(spec, line), line);
                }
                case SwitchTree w -> {
                    return choice(w, path, line);
                }
                case ReturnTree r -> {
                    return new Stmt.Return(line, r.getExpression() == null ? null : expr(r.getExpression(), path));
                }
                case ThrowTree t
                when t.getExpression() instanceof NewClassTree n && n.getClassBody() == null -> {
                    TypeMirror thrown = trees.getTypeMirror(new TreePath(path, n));
                    plainException(thrown, n);
                    List<Expr> parts = new ArrayList<>();
                    for (ExpressionTree a : n.getArguments()) {
                        // A cause is asked for its text, and so runs code.
                        text(a, trees.getTypeMirror(new TreePath(new TreePath(path, n), a)));
                        parts.add(expr(a, new TreePath(path, n)));
                    }
                    return new Stmt.Throw(line, exception(thrown, n), parts);
                }
                case BreakTree b -> {
                    return new Stmt.Break(
                            line, b.getLabel() == null ? null : b.getLabel().toString());
                }
                case ContinueTree c -> {
                    return new Stmt.Continue(
                            line, c.getLabel() == null ? null : c.getLabel().toString());
                }
                case LabeledStatementTree l -> {
                    return new Stmt.Labeled(
                            line,
                            l.getLabel().toString(),
                            statement(l.getStatement(), new TreePath(path, l.getStatement()), spec));
                }
                case TryTree t -> {
                    return handled(t, path, line);
                }
                case EmptyStatementTree e -> {
                    return new Stmt.Block(line, List.of());
                }
                default -> throw unsupported(s);
            }
        }

        /** {@code for (T x : a)} as the loop over indexes that it is; JML calls the index {@code \count}. */
        private Stmt each(EnhancedForLoopTree f, TreePath path, LoopSpec spec, int line) {
            Ty type = type(trees.getTypeMirror(new TreePath(path, f.getExpression())));
            if (!(type instanceof Ty.Arr(Ty.Prim element))) {
                throw unsupported(f, "an enhanced for over what is no array of a primitive type");
            }
            // One of each for each loop around: {@link Evaluator} takes \\count for the innermost.
            String values = "\\values@" + nested;
            String count = Expr.COUNT + "@" + nested;
            Expr array = new Expr.Name(line, values);
            Expr index = new Expr.Name(line, count);
            Expr length = new Expr.Field(line, array, "length");
            Expr zero = new Expr.Lit(line, Ty.Prim.INT, BigInteger.ZERO);
            Expr test = new Expr.Binary(line, Op.LESS, index, length);
            List<Clause> invariants = new ArrayList<>(spec.invariants());
            invariants.addFirst(new Clause(
                    CheckKind.LOOP_INVARIANT,
                    line,
                    "0 <= \\count && \\count <= length",
                    new Expr.Binary(
                            line,
                            Op.AND,
                            new Expr.Binary(line, Op.AT_MOST, zero, index),
                            new Expr.Binary(line, Op.AT_MOST, index, length))));
            Clause decreases = spec.decreases() != null
                    ? spec.decreases()
                    : new Clause(
                            CheckKind.DECREASES,
                            line,
                            "length - \\count",
                            new Expr.Binary(line, Op.SUBTRACT, length, index));
            Ty variable = type(trees.getTypeMirror(new TreePath(path, f.getVariable())));
            Stmt local = new Stmt.Local(
                    line, f.getVariable().getName().toString(), variable, new Expr.Index(line, array, index), false);
            nested++;
            Stmt body = new Stmt.Block(
                    line, List.of(local, statement(f.getStatement(), new TreePath(path, f.getStatement()), null)));
            nested--;
            Stmt init = new Stmt.Local(line, values, type, expr(f.getExpression(), path), false);
            Stmt step = new Stmt.Do(
                    line, new Expr.Assign(line, Op.ADD, index, new Expr.Lit(line, Ty.Prim.INT, BigInteger.ONE), true));
            return new Stmt.Loop(
                    line,
                    List.of(init, new Stmt.Local(line, count, Ty.Prim.INT, zero, false)),
                    test,
                    List.of(step),
                    body,
                    new LoopSpec(invariants, decreases, spec.writes(), spec.line()));
        }

        /** A switch as a chain of ifs, each with all that runs from its case on. */
        private Stmt choice(SwitchTree w, TreePath path, int line) {
            ExpressionTree selector =
                    w.getExpression() instanceof ParenthesizedTree p ? p.getExpression() : w.getExpression();
            Ty type = type(trees.getTypeMirror(new TreePath(path, selector)));
            if (!(type instanceof Ty.Enumeration) && !(type.integral() && type != Ty.Prim.LONG)) {
                throw unsupported(w, "a switch over " + type);
            }
            String name = "\\switch" + start(w);
            Expr value = new Expr.Name(line, name);
            List<@Nullable Expr> tests = new ArrayList<>();
            List<Stmt> groups = new ArrayList<>();
            boolean rules = false;
            for (CaseTree c : w.getCases()) {
                TreePath casePath = new TreePath(path, c);
                if (c.getGuard() != null) {
                    throw unsupported(c, "a case with a guard");
                }
                boolean isDefault = c.getLabels().stream().anyMatch(DefaultCaseLabelTree.class::isInstance);
                if (isDefault && c.getLabels().size() > 1) {
                    throw unsupported(c, "a case of null and default");
                }
                tests.add(isDefault ? null : labels(c, value, casePath, line));
                Tree rule = c.getBody();
                rules |= rule != null;
                if (rule instanceof ExpressionTree e) {
                    groups.add(new Stmt.Do(line, effect(e, casePath)));
                } else {
                    List<Stmt> group = new ArrayList<>();
                    for (StatementTree s : rule instanceof StatementTree one ? List.of(one) : c.getStatements()) {
                        group.add(statement(s, new TreePath(casePath, s), null));
                    }
                    groups.add(new Stmt.Block(line(c), group));
                }
            }
            Stmt chain = null;
            for (int i = 0; i < groups.size(); i++) {
                if (tests.get(i) == null) {
                    chain = from(groups, i, rules);
                }
            }
            for (int i = groups.size() - 1; i >= 0; i--) {
                Expr test = tests.get(i);
                if (test != null) {
                    chain = new Stmt.If(line, test, from(groups, i, rules), chain);
                }
            }
            List<Stmt> all = new ArrayList<>(List.of(new Stmt.Local(line, name, type, expr(selector, path), false)));
            if (type instanceof Ty.Enumeration) {
                // Of an enum, null is an exception.
                all.add(new Stmt.Do(line, new Expr.Chosen(line, value, value)));
            }
            if (chain != null) {
                all.add(new Stmt.Labeled(line, null, chain));
            }
            return new Stmt.Block(line, all);
        }

        /** What runs from a case on: with rules that case alone, else those behind it too, until a break. */
        private static Stmt from(List<Stmt> groups, int first, boolean rules) {
            if (rules) {
                return groups.get(first);
            }
            List<Stmt> all = new ArrayList<>();
            groups.subList(first, groups.size()).forEach(g -> all.addAll(((Stmt.Block) g).body()));
            return new Stmt.Block(groups.get(first).line(), all);
        }

        /**
         * A try statement; what is caught must be thrown by code that the prover sees, so errors of the machine are not
         * among it.
         */
        private Stmt handled(TryTree t, TreePath path, int line) {
            if (!t.getResources().isEmpty()) {
                throw unsupported(t, "a try with resources");
            }
            if (t.getFinallyBlock() != null) {
                throw unsupported(t, "a finally");
            }
            List<Stmt.Catch> catches = new ArrayList<>();
            for (CatchTree c : t.getCatches()) {
                TreePath at = new TreePath(path, c);
                VariableTree v = c.getParameter();
                TreePath variable = new TreePath(at, v);
                List<? extends Tree> written =
                        v.getType() instanceof UnionTypeTree u ? u.getTypeAlternatives() : List.of(v.getType());
                List<String> names = new ArrayList<>();
                for (Tree x : written) {
                    TypeMirror type = trees.getTypeMirror(
                            v.getType() == x
                                    ? new TreePath(variable, x)
                                    : new TreePath(new TreePath(variable, v.getType()), x));
                    TypeMirror error =
                            elements.getTypeElement("java.lang.Error").asType();
                    if (types.isSubtype(type, error) || types.isSubtype(error, type)) {
                        throw unsupported(c, "a catch of errors (the machine may throw them anywhere)");
                    }
                    names.add(exception(type, c));
                }
                catches.add(new Stmt.Catch(
                        names, v.getName().toString(), block(c.getBlock(), new TreePath(at, c.getBlock()))));
            }
            return new Stmt.Try(line, block(t.getBlock(), new TreePath(path, t.getBlock())), catches);
        }

        private Expr labels(CaseTree c, Expr value, TreePath casePath, int line) {
            Expr test = null;
            for (CaseLabelTree l : c.getLabels()) {
                if (!(l instanceof ConstantCaseLabelTree label)) {
                    throw unsupported(c, "a case with a pattern");
                }
                TreePath at = new TreePath(casePath, label);
                Element constant = trees.getElement(new TreePath(at, label.getConstantExpression()));
                boolean named = constant != null && constant.getKind() == ElementKind.ENUM_CONSTANT;
                Expr here = new Expr.Binary(
                        line,
                        Op.EQUAL,
                        value,
                        named ? constant(line, constant) : expr(label.getConstantExpression(), at));
                test = test == null ? here : new Expr.Binary(line, Op.OR, test, here);
            }
            if (test == null) {
                throw unsupported(c, "a case without a constant");
            }
            return test;
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
                case AssignmentTree a ->
                    new Expr.Assign(line, null, expr(a.getVariable(), path), expr(a.getExpression(), path), false);
                case CompoundAssignmentTree c ->
                    new Expr.Assign(
                            line, operator(c), expr(c.getVariable(), path), expr(c.getExpression(), path), false);
                case UnaryTree u
                when STEPS.contains(u.getKind()) ->
                    new Expr.Assign(
                            line,
                            u.getKind().name().endsWith("INCREMENT") ? Op.ADD : Op.SUBTRACT,
                            expr(u.getExpression(), path),
                            new Expr.Lit(line, Ty.Prim.INT, BigInteger.ONE),
                            u.getKind().name().startsWith("POSTFIX"));
                case MethodInvocationTree m -> expr(m, parent);
                default -> throw unsupported(e);
            };
        }

        private Op operator(Tree t) {
            return switch (t.getKind()) {
                case PLUS, PLUS_ASSIGNMENT -> Op.ADD;
                case MINUS, MINUS_ASSIGNMENT -> Op.SUBTRACT;
                case MULTIPLY, MULTIPLY_ASSIGNMENT -> Op.MULTIPLY;
                case DIVIDE, DIVIDE_ASSIGNMENT -> Op.DIVIDE;
                case REMAINDER, REMAINDER_ASSIGNMENT -> Op.REMAINDER;
                case AND, AND_ASSIGNMENT -> Op.BIT_AND;
                case OR, OR_ASSIGNMENT -> Op.BIT_OR;
                case XOR, XOR_ASSIGNMENT -> Op.BIT_XOR;
                case LEFT_SHIFT, LEFT_SHIFT_ASSIGNMENT -> Op.SHIFT_LEFT;
                case RIGHT_SHIFT, RIGHT_SHIFT_ASSIGNMENT -> Op.SHIFT_RIGHT;
                case UNSIGNED_RIGHT_SHIFT, UNSIGNED_RIGHT_SHIFT_ASSIGNMENT -> Op.UNSIGNED_SHIFT_RIGHT;
                case CONDITIONAL_AND -> Op.AND;
                case CONDITIONAL_OR -> Op.OR;
                case EQUAL_TO -> Op.EQUAL;
                case NOT_EQUAL_TO -> Op.NOT_EQUAL;
                case LESS_THAN -> Op.LESS;
                case LESS_THAN_EQUAL -> Op.AT_MOST;
                case GREATER_THAN -> Op.GREATER;
                case GREATER_THAN_EQUAL -> Op.AT_LEAST;
                default -> throw unsupported(t);
            };
        }

        private Expr.Unary.Op unaryOperator(Tree t) {
            return switch (t.getKind()) {
                case UNARY_PLUS -> Expr.Unary.Op.PLUS;
                case UNARY_MINUS -> Expr.Unary.Op.MINUS;
                case LOGICAL_COMPLEMENT -> Expr.Unary.Op.NOT;
                case BITWISE_COMPLEMENT -> Expr.Unary.Op.COMPLEMENT;
                default -> throw unsupported(t);
            };
        }

        private Expr expr(ExpressionTree e, TreePath parent) {
            TreePath path = new TreePath(parent, e);
            int line = line(e);
            Ty type = type(trees.getTypeMirror(path));
            return switch (e) {
                case ParenthesizedTree p -> expr(p.getExpression(), path);
                case LiteralTree l ->
                    l.getValue() == null ? new Expr.Lit(line, Ty.Prim.NULL, null) : literal(line, type, l.getValue());
                case IdentifierTree i -> {
                    Element element = trees.getElement(path);
                    if (element instanceof VariableElement v
                            && v.getConstantValue() != null
                            && v.getKind() == ElementKind.FIELD) {
                        yield literal(line, type, v.getConstantValue());
                    }
                    if (element != null
                            && (element.getKind() == ElementKind.LOCAL_VARIABLE
                                    || element.getKind() == ElementKind.PARAMETER)) {
                        yield new Expr.Name(line, i.getName().toString());
                    }
                    if (i.getName().contentEquals(Expr.THIS)) {
                        yield new Expr.Name(line, Expr.THIS);
                    }
                    if (isComponent(element)) {
                        yield new Expr.Component(
                                line,
                                new Expr.Name(line, Expr.THIS),
                                i.getName().toString(),
                                false);
                    }
                    throw unsupported(
                            e, "the name " + i.getName() + ", which is neither a local variable nor a constant,");
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
                    if (target != null
                            && target.getKind() == TypeKind.ARRAY
                            && m.getIdentifier().contentEquals("length")) {
                        Expr.Table table = table(m.getExpression(), new TreePath(path, m.getExpression()));
                        yield new Expr.Field(line, table == null ? expr(m.getExpression(), path) : table, "length");
                    }
                    if (isComponent(element)) {
                        yield new Expr.Component(
                                line,
                                expr(m.getExpression(), path),
                                m.getIdentifier().toString(),
                                false);
                    }
                    throw unsupported(e);
                }
                case ArrayAccessTree a -> {
                    Expr.Table table = table(a.getExpression(), new TreePath(path, a.getExpression()));
                    yield new Expr.Index(
                            line, table == null ? expr(a.getExpression(), path) : table, expr(a.getIndex(), path));
                }
                case BinaryTree b -> {
                    Expr left = expr(b.getLeftOperand(), path);
                    Expr right = expr(b.getRightOperand(), path);
                    if (type instanceof Ty.Opaque) {
                        text(b.getLeftOperand(), trees.getTypeMirror(new TreePath(path, b.getLeftOperand())));
                        text(b.getRightOperand(), trees.getTypeMirror(new TreePath(path, b.getRightOperand())));
                    }
                    yield type instanceof Ty.Opaque(String name)
                            ? new Expr.Opaque(line, name, List.of(left, right))
                            : new Expr.Binary(line, operator(b), left, right);
                }
                case UnaryTree u when STEPS.contains(u.getKind()) -> effect(u, parent);
                case AssignmentTree a -> effect(a, parent);
                case CompoundAssignmentTree a -> effect(a, parent);
                case UnaryTree u -> {
                    if (u.getKind() == Tree.Kind.UNARY_MINUS
                            && u.getExpression() instanceof LiteralTree l
                            && l.getValue() != null
                            && (l.getValue().equals(Integer.MIN_VALUE)
                                    || l.getValue().equals(Long.MIN_VALUE))) {
                        yield literal(line, type, l.getValue());
                    }
                    yield new Expr.Unary(line, unaryOperator(u), expr(u.getExpression(), path));
                }
                case ConditionalExpressionTree c ->
                    new Expr.Cond(
                            line,
                            expr(c.getCondition(), path),
                            widened(expr(c.getTrueExpression(), path), type, line),
                            widened(expr(c.getFalseExpression(), path), type, line));
                case TypeCastTree c -> new Expr.Cast(line, type, expr(c.getExpression(), path));
                case MethodInvocationTree m -> call(m, path, line);
                case SwitchExpressionTree s -> choice(s, path, line);
                case NewArrayTree n -> {
                    if (!(type instanceof Ty.Arr(Ty.Prim element))
                            || n.getDimensions().size() > 1) {
                        throw unsupported(e, "an array that is not a one-dimensional one of a primitive type");
                    }
                    List<Expr> values = new ArrayList<>();
                    if (n.getInitializers() != null) {
                        for (ExpressionTree v : n.getInitializers()) {
                            values.add(expr(v, path));
                        }
                    }
                    yield new Expr.NewArray(
                            line,
                            element,
                            n.getDimensions().isEmpty()
                                    ? null
                                    : expr(n.getDimensions().getFirst(), path),
                            values);
                }
                case NewClassTree n
                when type instanceof Ty.Rec object
                        && n.getClassBody() == null
                        && n.getArguments().size() == object.components().size()
                        && !((ExecutableElement) trees.getElement(path)).isVarArgs() ->
                    new Expr.NewRecord(
                            line,
                            object,
                            n.getArguments().stream().map(a -> expr(a, path)).toList());
                default -> throw unsupported(e);
            };
        }

        /** Whether an element is the field of a component of a record whose source is read. */
        private boolean isComponent(@Nullable Element element) {
            return element != null
                    && element.getKind() == ElementKind.FIELD
                    && !element.getModifiers().contains(Modifier.STATIC)
                    && type(element.getEnclosingElement().asType()) instanceof Ty.Rec;
        }

        /**
         * A switch expression over a variable, as a choice between the cases; javac has seen to it that one of them
         * applies.
         */
        private Expr choice(SwitchExpressionTree s, TreePath path, int line) {
            ExpressionTree selector =
                    s.getExpression() instanceof ParenthesizedTree p ? p.getExpression() : s.getExpression();
            Ty type = type(trees.getTypeMirror(new TreePath(path, selector)));
            boolean enumeration = type instanceof Ty.Enumeration;
            Expr value = expr(selector, path);
            if (!stays(value) || !enumeration && !(type.integral() && type != Ty.Prim.LONG)) {
                throw unsupported(s, "a switch expression over what is no variable of an enum or of int");
            }
            Ty whole = type(trees.getTypeMirror(path));
            Expr result = null;
            for (CaseTree c : s.getCases()) {
                if (c.getLabels().stream().anyMatch(DefaultCaseLabelTree.class::isInstance)) {
                    result = widened(choiceBody(c, path), whole, line);
                }
            }
            for (CaseTree c : s.getCases().reversed()) {
                if (c.getLabels().stream().noneMatch(DefaultCaseLabelTree.class::isInstance)) {
                    TreePath casePath = new TreePath(path, c);
                    Expr here = widened(choiceBody(c, path), whole, line);
                    result =
                            result == null ? here : new Expr.Cond(line, labels(c, value, casePath, line), here, result);
                }
            }
            if (result == null) {
                throw unsupported(s, "a switch without cases");
            }
            return enumeration ? new Expr.Chosen(line, value, result) : result;
        }

        /**
         * A part of a choice, as a value of the type of the whole: an int among floats is rounded to one even where
         * what is expected is a double, and the other way round (JLS 15.28.1).
         */
        private static Expr widened(Expr part, Ty whole, int line) {
            return whole.floating() ? new Expr.Cast(line, whole, part) : part;
        }

        /** Whether an expression may be evaluated again: a variable, a constant, or a component of one. */
        private static boolean stays(Expr e) {
            return e instanceof Expr.Name
                    || e instanceof Expr.Lit
                    || e instanceof Expr.Component c && stays(c.target());
        }

        private Expr choiceBody(CaseTree c, TreePath path) {
            if (c.getGuard() != null || !(c.getBody() instanceof ExpressionTree body)) {
                throw unsupported(c, "a case that is not -> an expression");
            }
            return expr(body, new TreePath(path, c));
        }

        private Expr call(MethodInvocationTree m, TreePath path, int line) {
            ExecutableElement element = (ExecutableElement) trees.getElement(path);
            if (m.getMethodSelect() instanceof MemberSelectTree select
                    && element.getSimpleName().contentEquals("clone")
                    && m.getArguments().isEmpty()) {
                TreePath selectPath = new TreePath(path, select);
                TypeMirror target = trees.getTypeMirror(new TreePath(selectPath, select.getExpression()));
                if (target != null && target.getKind() == TypeKind.ARRAY) {
                    return new Expr.Call(
                            line, Expr.ARRAY, "clone", List.of(expr(select.getExpression(), selectPath)), "clone");
                }
            }
            if (element.isVarArgs()) {
                throw unsupported(m, "a call with a variable number of arguments");
            }
            List<Expr> args = new ArrayList<>();
            if (!element.getModifiers().contains(Modifier.STATIC)) {
                if (!(type(element.getEnclosingElement().asType()) instanceof Ty.Rec object)) {
                    throw unsupported(m, "the call of the instance method " + element.getSimpleName());
                }
                Expr on = m.getMethodSelect() instanceof MemberSelectTree select
                        ? expr(select.getExpression(), new TreePath(path, select))
                        : new Expr.Name(line, Expr.THIS);
                String name = element.getSimpleName().toString();
                if (m.getArguments().isEmpty()
                        && object.component(name).filter(Ty.Component::accessor).isPresent()) {
                    return new Expr.Component(line, on, name, true);
                }
                args.add(on);
            }
            for (ExpressionTree a : m.getArguments()) {
                args.add(expr(a, path));
            }
            String owner = ((TypeElement) element.getEnclosingElement())
                    .getQualifiedName()
                    .toString();
            return new Expr.Call(line, owner, element.getSimpleName().toString(), args, key(element));
        }
    }
}
