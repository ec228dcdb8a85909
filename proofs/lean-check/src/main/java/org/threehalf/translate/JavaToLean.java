package org.threehalf.translate;

import com.sun.source.tree.*;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.PrimitiveType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Translates classes of static methods, {@code org.….HalfPacking.pack4} becomes
 * {@code ThreeHalf.Java.HalfPacking.pack4}.
 */
public final class JavaToLean {
    /** Where the reference kernels are, below the repository's root. */
    private static final String KERNELS = "kernels/src/main/java";

    /** Where their translation is. */
    public static final String GENERATED = "lean/ThreeHalf/Java/Generated.lean";

    private static final String HEAD = """
            module
            public import ThreeHalf.Java.Semantics
            @[expose] public section

            /-!
            # The reference kernels in Lean

            Translated from the Java of `kernels`, package `org.threehalf.kernels.reference`, by
            `org.threehalf.translate.JavaToLean`, and compared with it in each build: not to be edited.
            What a definition means: `Semantics.lean`. A local variable keeps its name, with a prime where Lean
            needs it; `v'1` and so on are the values of expressions that may fail.
            -/

            namespace ThreeHalf.Java

            """;

    /** The classes that are translated. */
    private static final List<String> CLASSES = List.of(
            "org/threehalf/kernels/reference/UnsignedByte",
            "org/threehalf/kernels/reference/SplitProduct",
            "org/threehalf/kernels/reference/HalfPacking",
            "org/threehalf/kernels/reference/RowPacking",
            "org/threehalf/kernels/reference/TrellisCoding",
            "org/threehalf/kernels/reference/DotProduct",
            "org/threehalf/kernels/reference/Dequantizer",
            "org/threehalf/kernels/reference/ActivationQuantizer",
            "org/threehalf/kernels/reference/WeightQuantizer");

    /** Names that mean something else in Lean, or in the files that the translations import. */
    private static final Set<String> TAKEN = Set.of(
            ("abbrev absInt absLong addInt addLong andInt andLong assert at atMost attribute axiom below bind break by "
                            + "calc case catch class continue decide def default deriving divInt divLong divisor do dbg "
                            + "elab else end example exists export extends false finally floatToInt floatToLong "
                            + "for forRange forall from fun generalizing have if import in include inductive infix "
                            + "infixl infixr initialize instance larger lesser let local macro match maxOf meta minOf "
                            + "module mulInt mulLong mut mutual namespace negInt negLong newArray nomatch nonrec "
                            + "noncomputable notation obtain omit opaque open orInt orLong partial postfix prefix "
                            + "private protected public rec remInt remLong return rint same scoped section set shlInt "
                            + "shlLong show shrInt shrLong sorry structure subInt subLong suffices syntax termination "
                            + "then theorem this toByte toChar toInt toLong toShort true truncated try turns universe "
                            + "unless unsafe using ushrInt ushrLong variable where whole with xorInt xorLong")
                    .split(" "));

    private final Trees trees;
    private final JavacTask task;
    private final Rules rules;
    private final boolean runs;
    private final Map<ExecutableElement, TreePath> declared = new LinkedHashMap<>();
    private final Map<ExecutableElement, Method> methods = new LinkedHashMap<>();
    private final Set<ExecutableElement> begun = new LinkedHashSet<>();

    /**
     * A translated method.
     *
     * @param name its name in Lean
     * @param written the indexes of the parameters whose arrays it writes to, and gives after its own result
     * @param total whether it always ends with a value, and no {@code Result}
     * @param text its definition
     */
    record Method(String name, List<Integer> written, boolean total, String text) {}

    private JavaToLean(JavacTask task, Rules rules, boolean runs) {
        this.runs = runs;
        this.task = task;
        this.trees = Trees.instance(task);
        this.rules = rules;
    }

    /** Writes the translation of the kernels of the repository whose root is the first argument. */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        Files.writeString(root.resolve(GENERATED), kernels(root));
    }

    /** The translation of the reference kernels, which belongs into {@link #GENERATED}. */
    public static String kernels(Path root) throws IOException {
        Path sources = root.resolve(KERNELS);
        List<Path> files =
                CLASSES.stream().map(c -> sources.resolve(c + ".java")).toList();
        StringBuilder text = new StringBuilder(HEAD);
        translated(files, sources, new Rules(), false)
                .forEach((name, lean) ->
                        text.append("/-! ## `").append(name).append("` -/\n\n").append(lean));
        return text.append("end ThreeHalf.Java\n").toString();
    }

    /**
     * Translates classes, by their simple names.
     *
     * @param files their sources
     * @param sourcePath where javac finds others
     * @param runs whether Lean is to run them: its npm build can where {@code Semantics.lean} is part of the same text
     * @return the definitions of each, for the namespace {@code ThreeHalf.Java}
     * @throws UnsupportedJavaException for what the subset does not have
     */
    static Map<String, String> translated(List<Path> files, Path sourcePath, Rules rules, boolean runs)
            throws IOException {
        return with(
                files,
                List.of("-sourcepath", sourcePath.toString()),
                (task, units) -> new JavaToLean(task, rules, runs).classes(units));
    }

    /**
     * The methods of a class, translated by several rules in turn, for Lean to run, and compiled.
     *
     * @param file its source, which needs no other
     * @param classes where the class file goes
     * @return by each of the rules, the definitions by the methods' names, each after those that it uses
     * @throws UnsupportedJavaException for what the subset does not have
     */
    static List<Map<String, String>> methods(Path file, Path classes, List<Rules> rules) throws IOException {
        return with(List.of(file), List.of("-parameters", "-d", classes.toString()), (task, units) -> {
            List<Map<String, String>> all = new ArrayList<>();
            for (Rules r : rules) {
                JavaToLean program = new JavaToLean(task, r, true);
                program.classes(units);
                Map<String, String> definitions = new LinkedHashMap<>();
                program.methods.forEach((element, method) ->
                        definitions.put(element.getSimpleName().toString(), method.text()));
                all.add(definitions);
            }
            task.generate();
            return all;
        });
    }

    /** What is made of sources that javac has parsed and attributed. */
    private interface Use<T> {
        T of(JavacTask task, List<CompilationUnitTree> units) throws IOException;
    }

    private static <T> T with(List<Path> files, List<String> more, Use<T> use) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(diagnostics, Locale.ROOT, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    new StringWriter(),
                    manager,
                    diagnostics,
                    Stream.concat(Stream.of("-proc:none", "-implicit:none"), more.stream())
                            .toList(),
                    null,
                    manager.getJavaFileObjectsFromPaths(files));
            List<CompilationUnitTree> units = new ArrayList<>();
            task.parse().forEach(units::add);
            task.analyze();
            diagnostics.getDiagnostics().stream()
                    .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                    .findFirst()
                    .ifPresent(d -> {
                        throw new UnsupportedJavaException("javac: " + d);
                    });
            return use.of(task, units);
        }
    }

    private Map<String, String> classes(List<CompilationUnitTree> units) {
        Map<String, List<ExecutableElement>> members = new LinkedHashMap<>();
        for (CompilationUnitTree unit : units) {
            if (unit.getTypeDecls().size() != 1 || !(unit.getTypeDecls().getFirst() instanceof ClassTree type)) {
                throw unsupported(unit, unit, "a file without one class");
            }
            members.put(type.getSimpleName().toString(), declare(unit, type));
        }
        Map<String, String> all = new LinkedHashMap<>();
        members.forEach((name, list) -> {
            list.forEach(m -> method(m, () -> name));
            StringBuilder text = new StringBuilder();
            // A definition comes after those that it uses, which is the order in which they were finished.
            methods.forEach((element, method) -> {
                if (list.contains(element)) {
                    text.append(method.text()).append('\n');
                }
            });
            all.put(name, text.toString());
        });
        return all;
    }

    /** The methods of a class; it may have constants and a constructor that does nothing beside them. */
    private List<ExecutableElement> declare(CompilationUnitTree unit, ClassTree type) {
        List<ExecutableElement> all = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Tree member : type.getMembers()) {
            Element element = element(TreePath.getPath(unit, member));
            if (element instanceof VariableElement field && field.getConstantValue() != null) {
                continue;
            }
            if (!(member instanceof MethodTree method)) {
                throw unsupported(unit, member, "a member of kind " + member.getKind());
            }
            ExecutableElement symbol = (ExecutableElement) java.util.Objects.requireNonNull(element);
            if (symbol.getKind() == ElementKind.CONSTRUCTOR
                    && method.getBody().getStatements().size() == 1
                    && method.getParameters().isEmpty()) {
                continue;
            }
            if (!symbol.getModifiers().contains(Modifier.STATIC)
                    || symbol.getModifiers().contains(Modifier.SYNCHRONIZED)
                    || symbol.isVarArgs()
                    || !symbol.getTypeParameters().isEmpty()
                    || method.getBody() == null
                    || !names.add(symbol.getSimpleName().toString())) {
                throw unsupported(
                        unit, member, "a method that is not static, is synchronized, generic, native or overloaded");
            }
            declared.put(symbol, TreePath.getPath(unit, member));
            all.add(symbol);
        }
        return all;
    }

    /** Whether a method is one of those that are translated here. */
    boolean translates(ExecutableElement method) {
        return declared.containsKey(method);
    }

    /** A method's translation, which is made when it is first asked for. */
    Method method(ExecutableElement symbol, Supplier<String> place) {
        Method known = methods.get(symbol);
        if (known != null) {
            return known;
        }
        if (!begun.add(symbol)) {
            throw new UnsupportedJavaException(
                    place.get() + ": the translator has no meaning for recursion, of " + symbol);
        }
        TreePath path = java.util.Objects.requireNonNull(declared.get(symbol));
        MethodTranslator translator =
                new MethodTranslator(this, path.getCompilationUnit(), (MethodTree) path.getLeaf());
        Code code = translator.body();
        String type =
                ((TypeElement) symbol.getEnclosingElement()).getSimpleName().toString();
        String name = type + "." + leanName(symbol.getSimpleName().toString());
        String head = "/-- `%s` of `%s.java`. -/\n%sdef %s%s : %s :=\n"
                .formatted(
                        symbol.getSimpleName(),
                        type,
                        code.total() || runs ? "" : "noncomputable ",
                        name,
                        translator.parameters(code.free()),
                        code.total() ? translator.type() : "Result " + LeanPrinter.atom(translator.type()));
        Method made = new Method(
                name, translator.writtenParameters(), code.total(), LeanPrinter.wrapped(head) + LeanPrinter.body(code));
        methods.put(symbol, made);
        return made;
    }

    /** A name as Lean may read it: with a prime where it would mean something else. Java's names have none. */
    static String leanName(String name) {
        if (!name.matches("[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")) {
            throw new UnsupportedJavaException("the translator has no meaning for the name " + name);
        }
        return TAKEN.contains(name) ? name + "'" : name;
    }

    Rules rules() {
        return rules;
    }

    TypeMirror type(TreePath path) {
        return trees.getTypeMirror(path);
    }

    @Nullable
    Element element(TreePath path) {
        return trees.getElement(path);
    }

    PrimitiveType primitive(TypeKind kind) {
        return task.getTypes().getPrimitiveType(kind);
    }

    /** File, line and column. */
    String place(CompilationUnitTree unit, Tree tree) {
        long at = trees.getSourcePositions().getStartPosition(unit, tree);
        LineMap lines = unit.getLineMap();
        String file = unit.getSourceFile().getName();
        return "%s:%d:%d"
                .formatted(
                        file.substring(file.lastIndexOf('/') + 1), lines.getLineNumber(at), lines.getColumnNumber(at));
    }

    private UnsupportedJavaException unsupported(CompilationUnitTree unit, Tree tree, String what) {
        return new UnsupportedJavaException(
                "%s: the translator has no meaning for %s".formatted(place(unit, tree), what));
    }
}
