package org.threehalf.evidence.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.threehalf.repository.Problem;
import org.threehalf.repository.SourceTree;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The result files that modules leave in {@code target/results}, and whether these and surefire's reports are of this
 * build.
 *
 * @param contracts what provers found
 * @param mutations what mutation suites found, in the order of their names
 * @param checks what modules checked of their devices, in the order of the suites' names
 * @param problems files that cannot be read or that are older than the classes they speak of
 */
public record ResultFiles(
        ContractResults contracts, List<MutationResults> mutations, List<CheckResults> checks, List<Problem> problems) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads {@code target/results/*.json} of all modules. */
    public static ResultFiles read(Path root) throws IOException {
        ContractResults contracts = ContractResults.NONE;
        List<MutationResults> mutations = new ArrayList<>();
        List<CheckResults> checks = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (Path module : SourceTree.modules(root)) {
            for (Path file : SourceTree.files(module.resolve("target/results"), ".json")) {
                String name = SourceTree.name(root, file);
                try {
                    JsonNode json = JSON.readTree(Files.readString(file));
                    switch (json.path("schema").asString("")) {
                        case ContractResults.SCHEMA -> contracts = ContractResults.of(json, name, root);
                        case MutationResults.SCHEMA -> mutations.add(MutationResults.of(json));
                        case CheckResults.SCHEMA -> checks.add(CheckResults.of(json));
                        default ->
                            problems.add(new Problem(
                                    "%s has a member 'schema' that is not known: %s"
                                            .formatted(name, json.path("schema")),
                                    "see proofs/evidence/README.md, Result files"));
                    }
                } catch (JacksonException e) {
                    problems.add(new Problem(
                            "%s is not JSON: %s".formatted(name, e.getOriginalMessage()), "run mvn verify again"));
                }
            }
        }
        mutations.sort(java.util.Comparator.comparing(MutationResults::suite));
        checks.sort(java.util.Comparator.comparing(CheckResults::suite));
        problems.addAll(stale(root));
        return new ResultFiles(contracts, List.copyOf(mutations), List.copyOf(checks), List.copyOf(problems));
    }

    /** The same with what the prover of this build reports in the place of a result file's. */
    public ResultFiles with(ContractResults proved) {
        return new ResultFiles(proved, mutations, checks, problems);
    }

    /** The same with what the prover of this build reports of mutants in the place of a result file's. */
    public ResultFiles with(MutationResults mutants) {
        List<MutationResults> all = new ArrayList<>(mutations);
        all.removeIf(m -> m.suite().equals(mutants.suite()));
        all.add(mutants);
        all.sort(java.util.Comparator.comparing(MutationResults::suite));
        return new ResultFiles(contracts, List.copyOf(all), checks, problems);
    }

    /**
     * Reports that are older than a class of their module or of a module built before it: left from an earlier build,
     * they say nothing about this one. (Contract results are not judged by time but by the hash of their source.)
     */
    private static List<Problem> stale(Path root) throws IOException {
        List<Problem> problems = new ArrayList<>();
        Newest before = new Newest("", FileTime.fromMillis(0));
        for (Path module : inBuildOrder(root)) {
            for (String folder : List.of("target/classes", "target/test-classes")) {
                for (Path file : SourceTree.files(module.resolve(folder), ".class")) {
                    before = before.or(SourceTree.name(root, file), Files.getLastModifiedTime(file));
                }
            }
            Map<String, FileTime> old = new LinkedHashMap<>();
            for (Path report : SourceTree.files(module.resolve("target/surefire-reports"), ".xml")) {
                if (report.getFileName().toString().startsWith("TEST-")
                        && Files.getLastModifiedTime(report).compareTo(before.time()) < 0) {
                    old.put(report.getFileName().toString(), Files.getLastModifiedTime(report));
                }
            }
            if (!old.isEmpty()) {
                problems.add(new Problem(
                        "%d test reports of %s are older than %s, the first %s: the tests were not run on what was compiled"
                                .formatted(
                                        old.size(),
                                        SourceTree.name(root, module),
                                        before.file(),
                                        old.keySet().iterator().next()),
                        "run mvn verify without -DskipTests, or mvn clean verify"));
            }
        }
        return problems;
    }

    private record Newest(String file, FileTime time) {
        Newest or(String other, FileTime at) {
            return at.compareTo(time) > 0 ? new Newest(other, at) : this;
        }
    }

    /** The modules in the order of the root's {@code pom.xml}, which is one that Maven keeps; then any others. */
    private static Set<Path> inBuildOrder(Path root) throws IOException {
        Set<Path> order = new LinkedHashSet<>();
        Path pom = root.resolve("pom.xml");
        List<Path> modules = SourceTree.modules(root);
        if (Files.exists(pom)) {
            SourceTree.modulesNamed(Files.readString(pom))
                    .map(root::resolve)
                    .filter(modules::contains)
                    .forEach(order::add);
        }
        order.addAll(modules);
        return order;
    }
}
