package org.threehalf.evidence.trace;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.threehalf.lean.SourceTree;

/** Parses Java sources with javac and shows each method with the comments that belong to it. */
final class JavaSources {
    private JavaSources() {}

    /**
     * A method in its source.
     *
     * @param file the source, relative to the repository's root
     * @param line where the method's modifiers start
     * @param type the class's binary name ({@code org.threehalf.A$B})
     * @param name the method's name, {@code <init>} for constructors
     * @param tree the method
     * @param enclosing the classes around it, innermost first
     * @param javadoc its doc comment, or empty
     * @param typeDocs the doc comments of the enclosing classes
     * @param jml its JML comments: those between its Javadoc and its end
     */
    record Method(
            String file,
            int line,
            String type,
            String name,
            MethodTree tree,
            List<ClassTree> enclosing,
            String javadoc,
            String typeDocs,
            List<String> jml) {}

    /** All methods of these sources, in the order of files and text. */
    static List<Method> methods(Path root, List<Path> files) throws IOException {
        if (files.isEmpty()) {
            return List.of();
        }
        @Nullable JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IOException("this Java has no compiler: run with a JDK, not a JRE (%s)"
                    .formatted(System.getProperty("java.home")));
        }
        List<Method> methods = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            Iterable<? extends JavaFileObject> sources = manager.getJavaFileObjectsFromPaths(files);
            JavacTask task = (JavacTask) compiler.getTask(null, manager, d -> {}, List.of("-proc:none"), null, sources);
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Reader(SourceTree.name(root, Path.of(unit.getSourceFile().toUri())), unit, positions, methods)
                        .readAll();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return methods;
    }

    /** Reads one source. */
    private static final class Reader {
        private final String file;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Method> methods;
        private final List<JavaComments.Comment> comments;

        Reader(String file, CompilationUnitTree unit, SourcePositions positions, List<Method> methods)
                throws IOException {
            this.file = file;
            this.unit = unit;
            this.positions = positions;
            this.methods = methods;
            this.comments =
                    JavaComments.of(unit.getSourceFile().getCharContent(true).toString());
        }

        void readAll() {
            String folder = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
            for (Tree declaration : unit.getTypeDecls()) {
                if (declaration instanceof ClassTree type) {
                    read(type, folder + type.getSimpleName(), List.of(), "", 0);
                }
            }
        }

        private void read(ClassTree type, String name, List<ClassTree> around, String docsAround, long previousEnd) {
            List<ClassTree> enclosing = new ArrayList<>(List.of(type));
            enclosing.addAll(around);
            String docs = javadoc(previousEnd, start(type)) + docsAround;
            long end = start(type);
            for (Tree member : type.getMembers()) {
                if (member instanceof ClassTree nested) {
                    read(nested, name + "$" + nested.getSimpleName(), enclosing, docs, end);
                } else if (member instanceof MethodTree method) {
                    methods.add(method(method, name, enclosing, docs, end));
                }
                end = Math.max(end, positions.getEndPosition(unit, member));
            }
        }

        private Method method(
                MethodTree method, String type, List<ClassTree> enclosing, String docs, long previousEnd) {
            long start = start(method);
            long docEnd = JavaComments.between(comments, previousEnd, start).stream()
                    .filter(JavaComments.Comment::isJavadoc)
                    .mapToLong(JavaComments.Comment::end)
                    .max()
                    .orElse(previousEnd);
            List<String> jml = JavaComments.between(comments, docEnd, positions.getEndPosition(unit, method)).stream()
                    .filter(JavaComments.Comment::isJml)
                    .map(JavaComments.Comment::text)
                    .toList();
            int line = (int) unit.getLineMap().getLineNumber(start);
            String doc = javadoc(previousEnd, start);
            return new Method(file, line, type, method.getName().toString(), method, enclosing, doc, docs, jml);
        }

        /** The last doc comment between two positions. */
        private String javadoc(long from, long to) {
            return JavaComments.between(comments, from, to).stream()
                    .filter(JavaComments.Comment::isJavadoc)
                    .reduce((first, second) -> second)
                    .map(JavaComments.Comment::text)
                    .orElse("");
        }

        private long start(Tree tree) {
            return positions.getStartPosition(unit, tree);
        }
    }
}
