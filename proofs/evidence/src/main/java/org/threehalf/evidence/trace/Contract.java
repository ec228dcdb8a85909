package org.threehalf.evidence.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import org.threehalf.repository.RequirementIds;

/**
 * The JML contract of a Java method.
 *
 * @param type the class's binary name
 * @param method the method with its parameters' types, as written
 * @param file the source, relative to the repository's root
 * @param line the method's line
 * @param requirements the ids that its Javadoc or its contract names
 * @param text the JML comments
 * @param clauses how many clauses of each kind ({@code requires}, {@code ensures}, {@code loop_invariant}, …) it has
 */
public record Contract(
        String type,
        String method,
        String file,
        int line,
        SortedSet<String> requirements,
        String text,
        SortedMap<String, Integer> clauses) {

    /**
     * The contracts of all methods below {@code kernels/src/main/java} that require or ensure something. Whether they
     * hold is the prover's to say.
     */
    public static List<Contract> read(Path root) throws IOException {
        return SourceFiles.methods(root, root.resolve("kernels/src/main/java")).stream()
                .filter(m -> m.contract().clauses().containsKey("requires")
                        || m.contract().clauses().containsKey("ensures"))
                .map(m -> new Contract(
                        m.type(),
                        m.name() + "(" + String.join(", ", m.parameters()) + ")",
                        m.file(),
                        m.line(),
                        RequirementIds.namedIn(m.javadoc() + "\n" + m.contract().text()),
                        m.contract().text(),
                        m.contract().clauses()))
                .toList();
    }
}
