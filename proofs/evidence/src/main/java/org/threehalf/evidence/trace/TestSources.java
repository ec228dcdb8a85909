package org.threehalf.evidence.trace;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.threehalf.lean.RequirementIds;
import org.threehalf.lean.SourceTree;

/** Reads the tests of all modules from {@code src/test/java}. */
public final class TestSources {
    private static final Set<String> TESTS =
            Set.of("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "Property", "Example");
    private static final Set<String> NAMING = Set.of("Tag", "Tags", "Label", "DisplayName");

    private TestSources() {}

    /** The tests of all modules, in the order of modules, files and text. */
    public static List<TestMethod> read(Path root) throws IOException {
        List<TestMethod> tests = new ArrayList<>();
        for (Path module : SourceTree.modules(root)) {
            for (JavaSources.Method method :
                    JavaSources.methods(root, SourceTree.files(module.resolve("src/test/java"), ".java"))) {
                List<? extends AnnotationTree> annotations =
                        method.tree().getModifiers().getAnnotations();
                if (annotations.stream().anyMatch(a -> TESTS.contains(simpleName(a)))) {
                    tests.add(new TestMethod(
                            SourceTree.name(root, module),
                            method.type(),
                            method.name(),
                            method.file(),
                            method.line(),
                            annotations.stream().anyMatch(a -> simpleName(a).equals("Property")),
                            RequirementIds.namedIn(method.javadoc() + method.typeDocs() + names(method, annotations))));
                }
            }
        }
        return tests;
    }

    private static String names(JavaSources.Method method, List<? extends AnnotationTree> annotations) {
        Stream<AnnotationTree> ofTypes =
                method.enclosing().stream().map(ClassTree::getModifiers).flatMap(m -> m.getAnnotations().stream());
        return Stream.concat(annotations.stream(), ofTypes)
                .filter(a -> NAMING.contains(simpleName(a)))
                .map(AnnotationTree::toString)
                .collect(Collectors.joining("\n", "\n", ""));
    }

    private static String simpleName(AnnotationTree annotation) {
        String name = annotation.getAnnotationType().toString();
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
