package org.threehalf.jml.frontend;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.lang.model.SourceVersion;
import org.jspecify.annotations.Nullable;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/**
 * Has javac itself resolve the names of JML: for each name in a class's JML comments a method is added at the class's
 * end that declares a variable with the name as its value, and one with the name as its type. Whatever javac finds
 * there by its rules of scope, imports, inheritance and nesting, and only where it finds no fault, is what the name
 * means. What stands before the name of a called method may be a variable or a class, and a variable goes before (JLS
 * 6.4.2), so a third method calls one on it, which is nowhere: what javac takes it for is what it means. Variables that
 * JML sees (parameters, locals, quantified ones) go before all and are the evaluator's to know.
 *
 * <p>Probes stand in the line of the class's closing brace, so no line changes.
 */
final class Probes {
    /** How the names of added methods begin. */
    static final String PREFIX = "jml$";

    /**
     * How the name of one goes on that asks for a name as a value's, as a type's, and as what a method is called on.
     */
    static final char VALUE = 'v';

    static final char TYPE = 't';
    static final char CALLED = 'c';

    private static final Set<String> RESTRICTED =
            Set.of("var", "yield", "record", "sealed", "permits", "non", "when", "_");

    /** A text inserted in a source. */
    record Range(int from, int to) {
        boolean contains(long position) {
            return from <= position && position < to;
        }
    }

    private Probes() {}

    /** A source with probes, and where they are. */
    record Probed(SourceReader.Source source, List<Range> ranges) {
        boolean contains(long position) {
            return ranges.stream().anyMatch(r -> r.contains(position));
        }
    }

    /** Adds probes to a source that javac has parsed. */
    static Probed add(SourceReader.Source source, CompilationUnitTree unit, SourcePositions positions) {
        if (source.text().contains(PREFIX)) {
            throw new UnsupportedSyntaxException(
                    source.name(),
                    JmlLexer.lineOf(source.text(), source.text().indexOf(PREFIX)),
                    "a name that begins with " + PREFIX + " is outside the subset");
        }
        List<ClassTree> classes = new ArrayList<>();
        new TreeScanner<@Nullable Void, @Nullable Void>() {
            @Override
            public @Nullable Void visitClass(ClassTree c, @Nullable Void none) {
                if (!c.getSimpleName().isEmpty()) {
                    classes.add(c);
                }
                return super.visitClass(c, none);
            }
        }.scan(unit, null);
        // Inner classes come first: a comment is the innermost one's.
        classes.sort(
                Comparator.comparingLong(c -> positions.getEndPosition(unit, c) - positions.getStartPosition(unit, c)));
        List<JmlLexer.Comment> comments = new ArrayList<>(new JmlLexer(source.name(), source.text()).comments());
        Map<Integer, String> insertions = new TreeMap<>();
        for (ClassTree c : classes) {
            long from = positions.getStartPosition(unit, c);
            long to = positions.getEndPosition(unit, c);
            Set<String> chains = new LinkedHashSet<>();
            Set<String> called = new LinkedHashSet<>();
            comments.removeIf(comment -> {
                boolean inside = from <= comment.start() && comment.end() <= to;
                if (inside) {
                    chains(comment.tokens(), chains, called);
                }
                return inside;
            });
            boolean members = c.getKind() != Tree.Kind.ANNOTATION_TYPE
                    && (c.getKind() != Tree.Kind.ENUM
                            || c.getMembers().stream()
                                    .anyMatch(m -> m.getKind() == Tree.Kind.METHOD || m.getKind() == Tree.Kind.CLASS));
            if (!chains.isEmpty() && members) {
                insertions.put((int) to - 1, text(chains, called));
            }
        }
        StringBuilder out = new StringBuilder();
        List<Range> ranges = new ArrayList<>();
        int last = 0;
        for (var e : insertions.entrySet()) {
            out.append(source.text(), last, e.getKey());
            int begin = out.length();
            out.append(e.getValue());
            ranges.add(new Range(begin, out.length()));
            last = e.getKey();
        }
        out.append(source.text(), last, source.text().length());
        return new Probed(new SourceReader.Source(source.name(), out.toString()), ranges);
    }

    /**
     * Every name and qualified name among the tokens, and the qualified names that it begins with; and those before the
     * name of a called method.
     */
    private static void chains(List<JmlLexer.Token> tokens, Set<String> found, Set<String> called) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).kind() != JmlLexer.Kind.WORD
                    || i > 0 && tokens.get(i - 1).is(".")) {
                continue;
            }
            String chain = tokens.get(i).text();
            add(chain, found);
            while (i + 2 < tokens.size()
                    && tokens.get(i + 1).is(".")
                    && tokens.get(i + 2).kind() == JmlLexer.Kind.WORD) {
                i += 2;
                if (i + 1 < tokens.size() && tokens.get(i + 1).is("(")) {
                    add(chain, called);
                }
                chain = chain + "." + tokens.get(i).text();
                add(chain, found);
            }
        }
    }

    private static void add(String chain, Set<String> found) {
        if (!chain.contains("\\")
                && SourceVersion.isName(chain)
                && List.of(chain.split("\\.")).stream().noneMatch(RESTRICTED::contains)) {
            found.add(chain);
        }
    }

    private static String text(Set<String> chains, Set<String> called) {
        StringBuilder out = new StringBuilder(" ");
        int i = 0;
        for (String chain : chains) {
            probe(out, VALUE, i, "var jml = " + chain);
            probe(out, TYPE, i, chain + " jml");
            if (called.contains(chain)) {
                probe(out, CALLED, i, chain + "." + PREFIX + "()");
            }
            i++;
        }
        return out.toString();
    }

    private static void probe(StringBuilder out, char kind, int number, String statement) {
        out.append("static void ")
                .append(PREFIX)
                .append(kind)
                .append(number)
                .append("() { ")
                .append(statement)
                .append("; } ");
    }
}
