package org.threehalf.evidence.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.threehalf.jml.ContractCheck;
import org.threehalf.jml.ContractReport;
import org.threehalf.jml.OpenClauses;

/** The contracts of the reference kernels and of the scalar transformer operations: a build proves them. */
public final class KernelContracts {
    /** Where the kernels' sources are, below the root. */
    public static final String SOURCES = "kernels/src/main/java";

    private static final String REFERENCE = SOURCES + "/org/threehalf/kernels/reference";
    private static final String TRANSFORMER = SOURCES + "/org/threehalf/kernels/transformer";
    /** The scalar classes of the transformer operations whose contracts a build proves, each as a whole. */
    private static final List<String> SCALAR = List.of(
            "Attention",
            "ElementaryFunctions",
            "ElementwiseOperations",
            "MostLikelyToken",
            "Normalization",
            "RotaryAngles",
            "Rotation",
            "SplitMix64",
            "StridedSum");

    private KernelContracts() {}

    /**
     * Proves the contracts of {@link #provedSources} and writes {@link #results}.
     *
     * @param root the repository's root
     * @return what was found; the build must fail unless {@link ContractReport#passed()}
     */
    public static ContractReport run(Path root) throws IOException, InterruptedException {
        Path normal = root.toAbsolutePath().normalize();
        OpenClauses open = openClauses();
        ContractReport report = open.mark(check(provedSources(normal), normal, open.untried(), m -> {}), true);
        ContractCheck.write(report, normal, results(normal));
        return report;
    }

    /** Where the result file is. */
    public static Path results(Path root) {
        return root.resolve("proofs/evidence/target/results/contracts.json");
    }

    /**
     * Proves the contracts of some files; where one of them is of the kernels, it knows the contracts of all that a
     * build proves.
     *
     * @param root the repository's root
     * @param untried names of methods to be left out
     * @param finished is told of each method
     */
    public static ContractReport check(
            List<Path> files, Path root, Set<String> untried, Consumer<ContractReport.Method> finished)
            throws IOException, InterruptedException {
        Path sources = root.resolve(SOURCES);
        boolean ofKernels =
                files.stream().anyMatch(f -> f.toAbsolutePath().normalize().startsWith(sources));
        return ContractCheck.check(
                files,
                ofKernels ? provedSources(root) : List.of(),
                root,
                Files.isDirectory(sources) ? List.of(sources) : List.of(),
                untried,
                finished);
    }

    /** The clauses of the kernels that are known not to be proved. */
    public static OpenClauses openClauses() throws IOException {
        return OpenClauses.parse(Lists.text("open-clauses.txt"));
    }

    /** The sources whose contracts a build proves: the reference kernels and the scalar transformer operations. */
    public static List<Path> provedSources(Path root) throws IOException {
        List<Path> sources = new ArrayList<>(referenceSources(root));
        SCALAR.forEach(name -> sources.add(root.resolve(TRANSFORMER).resolve(name + ".java")));
        return sources;
    }

    /** The reference kernels' sources. */
    static List<Path> referenceSources(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(REFERENCE))) {
            return files.filter(f -> f.toString().endsWith(".java") && !f.endsWith("package-info.java"))
                    .sorted()
                    .toList();
        }
    }
}
