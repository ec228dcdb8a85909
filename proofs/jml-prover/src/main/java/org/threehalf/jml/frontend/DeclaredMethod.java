package org.threehalf.jml.frontend;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A method as its source declares it, with the comments and annotations that belong to it. javac parses and attributes
 * nothing, so sources need not compile, and JML outside the prover's subset is read too.
 *
 * @param file as the source is called
 * @param line where the method's modifiers start
 * @param type the class's binary name ({@code org.threehalf.A$B})
 * @param name the method's name, {@code <init>} for constructors
 * @param parameters the parameters' types, as written
 * @param javadoc its doc comment without stars, or empty
 * @param typeDocs the doc comments of the classes around it, innermost first
 * @param annotations its annotations
 * @param typeAnnotations those of the classes around it, innermost first
 * @param contract its JML
 */
public record DeclaredMethod(
        String file,
        int line,
        String type,
        String name,
        List<String> parameters,
        String javadoc,
        String typeDocs,
        List<Annotation> annotations,
        List<Annotation> typeAnnotations,
        Contract contract) {

    /**
     * An annotation.
     *
     * @param name its class's simple name
     * @param text the whole of it, as javac prints it
     */
    public record Annotation(String name, String text) {}

    /**
     * The JML of a method: of the comments between its Javadoc, or the member before it, and its end.
     *
     * @param text the comments
     * @param clauses how many clauses of each kind ({@code requires}, {@code loop_invariant}, …) they hold, under the
     *     word that is written
     */
    public record Contract(String text, SortedMap<String, Integer> clauses) {
        /** The clauses of a text that is one of a contract. */
        public static SortedMap<String, Integer> clauses(String text) {
            SortedMap<String, Integer> clauses = new TreeMap<>();
            new JmlLexer("a contract", text).comments().forEach(c -> count(c.tokens(), clauses));
            return clauses;
        }

        /**
         * Counts clauses: a word of theirs that begins the comment or a line of it, or stands behind another clause.
         */
        private static void count(List<JmlLexer.Token> tokens, SortedMap<String, Integer> clauses) {
            for (int i = 0; i < tokens.size(); i++) {
                JmlLexer.Token t = tokens.get(i);
                boolean begins = i == 0
                        || tokens.get(i - 1).line() < t.line()
                        || BEFORE.contains(tokens.get(i - 1).text());
                if (begins && t.kind() == JmlLexer.Kind.WORD && CLAUSES.contains(t.text())) {
                    clauses.merge(t.text(), 1, Integer::sum);
                }
            }
        }
    }

    /** The words that a clause of a method's contract, of a loop's, or a statement of JML begins with. */
    private static final Set<String> CLAUSES = Set.of(
            "requires",
            "ensures",
            "signals",
            "signals_only",
            "assignable",
            "assigns",
            "measured_by",
            "diverges",
            "loop_invariant",
            "maintaining",
            "loop_writes",
            "loop_assigns",
            "loop_modifies",
            "decreases",
            "assert",
            "assume",
            "ghost",
            "set");

    /** What a clause may stand behind. */
    private static final Set<String> BEFORE = Set.of(";", "{", "}", "{|", "|}");

    /**
     * The methods that sources declare, those of nested classes too and those within methods not, in the order of
     * sources and text.
     */
    public static List<DeclaredMethod> of(List<SourceReader.Source> sources) {
        List<DeclaredMethod> methods = new ArrayList<>();
        if (!sources.isEmpty()) {
            SourceReader.parsed(sources, (unit, trees, source) -> new Reader(unit, trees, source, methods).read());
        }
        return List.copyOf(methods);
    }

    /** Reads one source. */
    private static final class Reader {
        private final CompilationUnitTree unit;
        private final DocTrees trees;
        private final SourcePositions positions;
        private final SourceReader.Source source;
        private final List<DeclaredMethod> methods;
        private final List<JmlLexer.Comment> comments;

        Reader(CompilationUnitTree unit, DocTrees trees, SourceReader.Source source, List<DeclaredMethod> methods) {
            this.unit = unit;
            this.trees = trees;
            this.positions = trees.getSourcePositions();
            this.source = source;
            this.methods = methods;
            this.comments = new JmlLexer(source.name(), source.text()).comments();
        }

        void read() {
            String folder = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
            for (Tree declaration : unit.getTypeDecls()) {
                if (declaration instanceof ClassTree type) {
                    read(new TreePath(new TreePath(unit), type), type, folder + type.getSimpleName(), "", List.of());
                }
            }
        }

        private void read(TreePath path, ClassTree type, String name, String docsAround, List<Annotation> around) {
            String docs = javadoc(path) + docsAround;
            List<Annotation> annotations =
                    new ArrayList<>(annotations(type.getModifiers().getAnnotations()));
            annotations.addAll(around);
            long end = positions.getStartPosition(unit, type);
            for (Tree member : type.getMembers()) {
                TreePath at = new TreePath(path, member);
                if (member instanceof ClassTree nested) {
                    read(at, nested, name + "$" + nested.getSimpleName(), docs, annotations);
                } else if (member instanceof MethodTree method) {
                    methods.add(new DeclaredMethod(
                            source.name(),
                            (int) unit.getLineMap().getLineNumber(positions.getStartPosition(unit, method)),
                            name,
                            method.getName().toString(),
                            method.getParameters().stream()
                                    .map(p -> p.getType().toString())
                                    .toList(),
                            javadoc(at),
                            docs,
                            annotations(method.getModifiers().getAnnotations()),
                            List.copyOf(annotations),
                            contract(Math.max(end, docEnd(at)), positions.getEndPosition(unit, method))));
                }
                end = Math.max(end, positions.getEndPosition(unit, member));
            }
        }

        private String javadoc(TreePath path) {
            @Nullable String doc = trees.getDocComment(path);
            return doc == null ? "" : doc;
        }

        /** Where a declaration's doc comment ends, or −1 where it has none. */
        private long docEnd(TreePath path) {
            @Nullable DocCommentTree doc = trees.getDocCommentTree(path);
            return doc == null ? -1 : trees.getSourcePositions().getEndPosition(unit, doc, doc);
        }

        private static List<Annotation> annotations(List<? extends AnnotationTree> trees) {
            return trees.stream()
                    .map(a -> {
                        String name = a.getAnnotationType().toString();
                        return new Annotation(name.substring(name.lastIndexOf('.') + 1), a.toString());
                    })
                    .toList();
        }

        private Contract contract(long from, long to) {
            List<String> texts = new ArrayList<>();
            SortedMap<String, Integer> clauses = new TreeMap<>();
            for (JmlLexer.Comment c : comments) {
                if (c.start() >= from && c.end() <= to) {
                    texts.add(source.text().substring(c.start(), c.end()));
                    Contract.count(c.tokens(), clauses);
                }
            }
            return new Contract(String.join("\n", texts), clauses);
        }
    }
}
