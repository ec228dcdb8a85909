package org.threehalf.evidence.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.jml.frontend.DeclaredMethod;
import org.threehalf.repository.RequirementIds;
import org.threehalf.repository.SourceTree;

/**
 * A test in the sources.
 *
 * @param module the Maven module's folder, relative to the repository's root
 * @param type the class's binary name
 * @param method the method's name
 * @param file the source, relative to the repository's root
 * @param line the method's line
 * @param property whether jqwik runs it for many generated values
 * @param requirements the ids that its Javadoc, tags or labels name, or those of the classes around it
 */
public record TestMethod(
        String module,
        String type,
        String method,
        String file,
        int line,
        boolean property,
        SortedSet<String> requirements) {
    private static final Set<String> TESTS =
            Set.of("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "Property", "Example");
    private static final Set<String> NAMING = Set.of("Tag", "Tags", "Label", "DisplayName");

    /** The tests of all modules ({@code src/test/java}), in the order of modules, files and text. */
    public static List<TestMethod> read(Path root) throws IOException {
        List<TestMethod> tests = new ArrayList<>();
        for (Path module : SourceTree.modules(root)) {
            for (DeclaredMethod m : SourceFiles.methods(root, module.resolve("src/test/java"))) {
                if (m.annotations().stream().anyMatch(a -> TESTS.contains(a.name()))) {
                    tests.add(new TestMethod(
                            SourceTree.name(root, module),
                            m.type(),
                            m.name(),
                            m.file(),
                            m.line(),
                            m.annotations().stream().anyMatch(a -> a.name().equals("Property")),
                            RequirementIds.namedIn(m.javadoc() + "\n" + m.typeDocs() + names(m))));
                }
            }
        }
        return tests;
    }

    private static String names(DeclaredMethod method) {
        return Stream.concat(method.annotations().stream(), method.typeAnnotations().stream())
                .filter(a -> NAMING.contains(a.name()))
                .map(DeclaredMethod.Annotation::text)
                .collect(Collectors.joining("\n", "\n", ""));
    }
}
