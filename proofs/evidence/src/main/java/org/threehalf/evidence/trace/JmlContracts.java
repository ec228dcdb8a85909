package org.threehalf.evidence.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.threehalf.lean.RequirementIds;
import org.threehalf.lean.SourceTree;

/** Reads the JML contracts of the kernels' sources. It counts clauses; it does not check them. */
public final class JmlContracts {
    private static final Pattern CLAUSE = Pattern.compile(
            "(?:^|[;@{])[\\s@]*(requires|ensures|signals|signals_only|assignable|assigns|measured_by|"
                    + "diverges|loop_invariant|maintaining|loop_writes|loop_assigns|loop_modifies|decreases|assert|assume|ghost|set)\\b",
            Pattern.MULTILINE);

    private JmlContracts() {}

    /** The contracts of all methods below {@code kernels/src/main/java} that have one. */
    public static List<Contract> read(Path root) throws IOException {
        List<Contract> contracts = new ArrayList<>();
        for (JavaSources.Method method :
                JavaSources.methods(root, SourceTree.files(root.resolve("kernels/src/main/java"), ".java"))) {
            SortedMap<String, Integer> clauses = clauses(String.join("\n", method.jml()));
            if (clauses.containsKey("requires") || clauses.containsKey("ensures")) {
                contracts.add(new Contract(
                        method.type(),
                        method.name()
                                + method.tree().getParameters().stream()
                                        .map(p -> p.getType().toString())
                                        .collect(Collectors.joining(", ", "(", ")")),
                        method.file(),
                        method.line(),
                        RequirementIds.namedIn(method.javadoc() + "\n" + String.join("\n", method.jml())),
                        clauses));
            }
        }
        return contracts;
    }

    private static SortedMap<String, Integer> clauses(String jml) {
        SortedMap<String, Integer> clauses = new TreeMap<>();
        var matcher = CLAUSE.matcher(jml);
        int from = 0;
        while (matcher.find(from)) {
            clauses.merge(matcher.group(1), 1, Integer::sum);
            from = matcher.end();
        }
        return clauses;
    }
}
