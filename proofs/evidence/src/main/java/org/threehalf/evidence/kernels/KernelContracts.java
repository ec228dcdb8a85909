package org.threehalf.evidence.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.threehalf.jml.ContractCheck;
import org.threehalf.jml.ContractReport;
import org.threehalf.jml.OpenClauses;
import org.threehalf.jml.OpenJmlLimits;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.repository.SourceTree;

/**
 * The contracts of the kernels: a build proves those of every class with JML, but for those that
 * {@code unproved-classes.txt} names with a reason. JML in another module that is not on that list is an error.
 */
public final class KernelContracts {
    /** Where the kernels' sources are, below the root. */
    public static final String SOURCES = "kernels/src/main/java";

    private static final String UNPROVED = "unproved-classes.txt";
    private static final String REFERENCE = SOURCES + "/org/threehalf/kernels/reference";

    private KernelContracts() {}

    /**
     * Proves the contracts of {@link #provedSources} and writes {@link #results}. A class with JML that nobody proves
     * and that is not on the list of such is an error of the report.
     *
     * @param root the repository's root
     * @return what was found; the build must fail unless {@link ContractReport#passed()}
     */
    public static ContractReport run(Path root) throws IOException, InterruptedException {
        Path normal = root.toAbsolutePath().normalize();
        ContractReport report = mark(
                        check(provedSources(normal), normal, openClauses().untried(), m -> {}), normal, true)
                .with(unlooked(normal));
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
        return ContractCheck.check(
                files,
                files.stream().anyMatch(f -> ofKernels(f, root)) ? provedSources(root) : List.of(),
                root,
                lookup(root),
                untried,
                finished);
    }

    /**
     * The report of {@link #check}, with what is hollow among the contracts of files that are none of the kernels':
     * those have the build's mutants.
     */
    public static ContractReport withHollow(ContractReport report, List<Path> files, Path root)
            throws IOException, InterruptedException {
        List<Path> others = files.stream().filter(f -> !ofKernels(f, root)).toList();
        return others.isEmpty()
                ? report
                : ContractCheck.withHollow(
                        report,
                        others,
                        files.stream().filter(f -> ofKernels(f, root)).toList(),
                        root,
                        lookup(root));
    }

    private static boolean ofKernels(Path file, Path root) {
        return file.toAbsolutePath().normalize().startsWith(root.resolve(SOURCES));
    }

    private static Lookup lookup(Path root) {
        Path sources = root.resolve(SOURCES);
        return Lookup.sources(Files.isDirectory(sources) ? List.of(sources) : List.of());
    }

    /** The clauses of the kernels that are known not to be proved. */
    public static OpenClauses openClauses() throws IOException {
        return OpenClauses.parse(Lists.text("open-clauses.txt"));
    }

    /**
     * The report with what is known of clauses that stay open, and of those at which OpenJML must fail.
     *
     * @param root the repository's root
     * @param whole whether the report speaks of all kernels
     */
    public static ContractReport mark(ContractReport report, Path root, boolean whole) throws IOException {
        return openJmlLimits().mark(openClauses().mark(report, whole), root, whole);
    }

    /** The clauses of the kernels at which OpenJML must fail. */
    static OpenJmlLimits openJmlLimits() throws IOException {
        return OpenJmlLimits.parse(Lists.text(OpenJmlLimits.LIST));
    }

    /** The sources whose contracts a build proves: the kernels' classes with JML that are not on the list of others. */
    public static List<Path> provedSources(Path root) throws IOException {
        Set<String> unproved = unproved().keySet();
        List<Path> sources = new ArrayList<>();
        for (Path file : withJml(root.resolve(SOURCES))) {
            if (!unproved.contains(SourceTree.name(root, file))) {
                sources.add(file);
            }
        }
        return sources;
    }

    /**
     * Classes with JML that no prover looks at and nobody said why, and lines of the list that are not so.
     *
     * @param root the repository's root
     * @return a line each
     */
    static List<String> unlooked(Path root) throws IOException {
        return unlooked(root, unproved());
    }

    static List<String> unlooked(Path root, Map<String, String> unproved) throws IOException {
        List<String> errors = new ArrayList<>();
        Set<String> stale = new TreeSet<>(unproved.keySet());
        for (Path module : SourceTree.modules(root)) {
            for (Path file : withJml(module.resolve("src/main/java"))) {
                String name = SourceTree.name(root, file);
                if (!stale.remove(name) && !name.startsWith(SOURCES + "/")) {
                    errors.add("%s has JML, and no prover looks at it: move it to the kernels, or say why in %s"
                            .formatted(name, UNPROVED));
                }
            }
        }
        stale.forEach(name -> errors.add("%s lists a class that has no JML, or is not there: %s: take it off the list"
                .formatted(UNPROVED, name)));
        return errors;
    }

    /** Why classes with JML are not given to the prover, by their files' names. */
    private static Map<String, String> unproved() throws IOException {
        return parse(Lists.text(UNPROVED));
    }

    /** Reads a list: a line {@code FILE | reason} each; a line that starts with # is a comment. */
    static Map<String, String> parse(String text) throws IOException {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            if (!line.isBlank() && !line.startsWith("#")) {
                int bar = line.indexOf(" | ");
                if (bar < 0 || line.substring(bar + 3).isBlank()) {
                    throw new IOException(
                            "%s: no ` | ` and a reason behind the class in: %s".formatted(UNPROVED, line));
                }
                reasons.put(
                        line.substring(0, bar).strip(), line.substring(bar + 3).strip());
            }
        }
        return reasons;
    }

    private static List<Path> withJml(Path folder) throws IOException {
        return Files.isDirectory(folder) ? ContractCheck.filesWithJml(folder) : List.of();
    }

    /** The reference kernels' sources. */
    static List<Path> referenceSources(Path root) throws IOException {
        return provedSources(root).stream()
                .filter(f -> f.startsWith(root.resolve(REFERENCE)))
                .toList();
    }
}
