package org.threehalf.evidence;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.conformance.Level;
import org.threehalf.conformance.ReportJson;
import org.threehalf.conformance.vectors.VectorFormatException;
import org.threehalf.evidence.kernels.KernelContracts;
import org.threehalf.evidence.kernels.KernelMutants;
import org.threehalf.evidence.report.Bundle;
import org.threehalf.evidence.report.ConformanceResult;
import org.threehalf.evidence.report.ContractResults;
import org.threehalf.evidence.report.Evidence;
import org.threehalf.evidence.report.MutationResults;
import org.threehalf.evidence.report.NotChecked;
import org.threehalf.evidence.report.ResultFiles;
import org.threehalf.evidence.report.TestResults;
import org.threehalf.evidence.report.Tool;
import org.threehalf.evidence.report.VectorComparison;
import org.threehalf.evidence.trace.GoldenCase;
import org.threehalf.evidence.trace.Traceability;
import org.threehalf.jml.ContractReport;
import org.threehalf.jml.mutation.MutationCheck;
import org.threehalf.jml.solver.VerdictCache;
import org.threehalf.lean.LeanCheck;
import org.threehalf.lean.LeanOutcome;
import org.threehalf.repository.Problem;
import org.threehalf.repository.SourceTree;

/**
 * Gathers the evidence of a build and judges it. Maven runs it in phase {@code verify}, after the tests of all modules.
 */
public final class Main {
    private static final String REFERENCE = "reference";

    private Main() {}

    /**
     * Writes {@code target/evidence} below the root and ends with exit code 0 if nothing failed, 1 if something did.
     *
     * @param args the repository's root
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: org.threehalf.evidence.Main ROOT (the repository's root); mvn verify runs it");
            System.exit(2);
        }
        Path root = Path.of(args[0]).toAbsolutePath().normalize();
        LeanCheck.Settings settings = settings(root);
        // Lean, which keeps one processor busy for minutes, beside Z3. A daemon: what ends the one ends the other.
        FutureTask<LeanOutcome> lean = new FutureTask<>(() -> LeanCheck.check(root, settings));
        Thread.ofPlatform().name("lean").daemon().start(lean);
        @Nullable ContractReport contracts = Boolean.getBoolean("contracts.check") ? contracts(root) : null;
        MutationCheck.@Nullable Report judged = null;
        String mutants = System.getProperty("mutants.check", "false");
        if (!mutants.equals("false")) {
            judged = mutants(root, MutationCheck.Choice.of(mutants));
        } else {
            // Those of an earlier run may speak of other sources.
            Files.deleteIfExists(KernelMutants.results(root));
        }
        System.exit(run(root, () -> outcome(lean), contracts, judged) ? 0 : 1);
    }

    private static LeanCheck.Settings settings(Path root) {
        try {
            return LeanCheck.Settings.ofProcess(root);
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            throw new AssertionError(e);
        }
    }

    private static LeanOutcome outcome(FutureTask<LeanOutcome> lean) throws IOException {
        try {
            return lean.get();
        } catch (ExecutionException e) {
            throw new IOException("Lean's check did not end: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while Lean was checking", e);
        }
    }

    /**
     * Has the contracts proved; a result file is left for other programs. With {@code -Dcontracts.check=false} the
     * evidence says NOT CHECKED.
     */
    private static ContractReport contracts(Path root) throws IOException {
        try {
            ContractReport report = KernelContracts.run(root);
            System.out.printf(
                    "Contracts: %d methods, %d clauses (%d open), %d conditions by %s in %d s; %s%n",
                    report.methods().size(),
                    report.clauses(),
                    report.open(),
                    report.conditions(),
                    report.solver(),
                    report.millis() / 1000,
                    report.openJml().detail());
            report.table().forEach(System.out::println);
            System.out.println(
                    "Contracts: " + VerdictCache.account() + " (-Dverify.fresh=true takes none from the cache)");
            return report;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while contracts were being proved", e);
        }
    }

    /**
     * Has mutants of the kernels refuted by their contracts: with {@code -Dmutants.check=true} all, or a
     * {@code sample}, or those that are {@code hollow}.
     */
    private static MutationCheck.Report mutants(Path root, MutationCheck.Choice choice) throws IOException {
        try {
            MutationCheck.Report mutants = KernelMutants.run(root, choice);
            System.out.printf(
                    "Contracts: %s judged, %d have a counterexample, %d survive without explanation; %d s%n",
                    mutants.chosen(),
                    mutants.count(MutationCheck.Fate.REFUTED),
                    mutants.failures().size(),
                    mutants.millis() / 1000);
            return mutants;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while mutants were being judged", e);
        }
    }

    /** Gathers, writes and prints, where no contract was tried in this run. */
    static boolean run(Path root, LeanOutcome lean) throws IOException {
        return run(root, () -> lean, null, null);
    }

    /** What Lean's check came to: asked for when all else is done, so that it may go on beside it. */
    private interface LeanResult {
        LeanOutcome get() throws IOException;
    }

    /**
     * Gathers, writes and prints.
     *
     * @param root the repository's root
     * @param checked what the Lean check came to
     * @param contracts what the prover found; null where it did not run
     * @param mutants what became of mutants; null where none were made
     * @return whether nothing failed
     */
    private static boolean run(
            Path root, LeanResult checked, @Nullable ContractReport contracts, MutationCheck.@Nullable Report mutants)
            throws IOException {
        Instant start = Instant.now();
        Path folder = root.resolve("target/evidence");
        // Should a source be unreadable, then no report is left that speaks of an earlier run.
        for (Path file : SourceTree.files(folder, "")) {
            Files.delete(file);
        }
        List<Problem> failures = new ArrayList<>();
        List<NotChecked> unchecked = new ArrayList<>();
        List<GoldenCase> transformerCases = new ArrayList<>();
        List<ConformanceResult> conformance = conformance(root, unchecked, failures, transformerCases);
        unchecked.add(new NotChecked(
                "Conformance on a real model's matrices",
                "mvn verify brings no model",
                "./threehalf conformance --backend reference --model FILE"));
        if (!Files.exists(KernelMutants.results(root))) {
            unchecked.add(new NotChecked(
                    "Mutants of the kernels, by their contracts",
                    "this run did not make them",
                    "mvn verify -Dmutants.check=true"));
        }
        if (mutants != null && mutants.unjudged() > 0) {
            unchecked.add(new NotChecked(
                    "%d of %d mutants of the kernels, by their contracts".formatted(mutants.unjudged(), mutants.made()),
                    "this run judged " + mutants.chosen(),
                    "mvn verify -Dmutants.check=true"));
        }
        ResultFiles results = ResultFiles.read(root);
        if (contracts != null) {
            results = results.with(ContractResults.of(contracts, SourceTree.name(root, KernelContracts.results(root))));
        }
        if (mutants != null) {
            results = results.with(MutationResults.of(mutants, KernelMutants.SUITE));
        }
        LeanOutcome lean = checked.get();
        String commit = git(root, "rev-parse", "HEAD");
        Evidence evidence = new Evidence(
                commit.isEmpty() ? "unknown" : commit,
                !git(root, "status", "--porcelain").isEmpty(),
                Traceability.read(root, transformerCases),
                lean,
                VectorComparison.compare(root.resolve("spec/vectors"), lean.emitted()),
                TestResults.read(root),
                results,
                Tool.ofClassPath(System.getProperty("java.class.path", "")),
                conformance,
                unchecked,
                failures,
                environment(start));
        Bundle.of(evidence.toJson()).write(folder);
        print(evidence, folder);
        return evidence.problems().isEmpty();
    }

    /**
     * Judges every backend that this machine can run by the golden vectors, the random cases of the published seeds,
     * and the extremes.
     */
    private static List<ConformanceResult> conformance(
            Path root, List<NotChecked> unchecked, List<Problem> failures, List<GoldenCase> transformerCases) {
        List<ConformanceResult> results = new ArrayList<>();
        ConformanceRunner.Options options = ConformanceRunner.Options.withoutModel(root.resolve("spec/vectors"));
        ConformanceRunner.Cases cases;
        try {
            cases = ConformanceRunner.Cases.of(options);
        } catch (VectorFormatException e) {
            failures.add(new Problem(
                    "conformance did not run: " + String.valueOf(e.getMessage()).replace(root + File.separator, ""),
                    "have the vectors emitted from lean/ and commit them to spec/vectors"));
            return results;
        }
        // The golden vectors are read as files; the cases of INFERENCE.md that backends are asked come from the oracle.
        // Tests compare it with what Lean gives (spec/vectors/inference).
        cases.cases().stream()
                .filter(c -> Level.of(c) == Level.L2)
                .forEach(c -> transformerCases.add(new GoldenCase(
                        c.header().id(),
                        "conformance, level L2",
                        new TreeSet<>(c.header().requirements()))));
        List<BackendProvider> available = new ArrayList<>();
        for (BackendProvider provider : BackendProvider.all()) {
            Availability availability = provider.availability();
            if (!availability.available() && !provider.name().equals(REFERENCE)) {
                unchecked.add(new NotChecked(
                        "Backend " + provider.name(),
                        availability.detail(),
                        "./threehalf conformance --backend %s where it runs".formatted(provider.name())));
                continue;
            }
            available.add(provider);
        }
        // Side by side: one of them waits for compilers most of the time.
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<ConformanceResult>> running = available.stream()
                    .map(provider -> threads.submit(() -> judged(provider, options, cases)))
                    .toList();
            for (int i = 0; i < running.size(); i++) {
                try {
                    results.add(running.get(i).get());
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case IllegalStateException closed ->
                            failures.add(new Problem(
                                    "backend %s cannot be opened though it says that it is there: %s"
                                            .formatted(available.get(i).name(), closed.getMessage()),
                                    "see its README"));
                        case RuntimeException cause -> throw cause;
                        default -> throw new IllegalStateException(e.getCause());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while backends were being judged", e);
        }
        return results;
    }

    private static ConformanceResult judged(
            BackendProvider provider, ConformanceRunner.Options options, ConformanceRunner.Cases cases) {
        try (Backend backend = provider.open()) {
            return ConformanceResult.of(ReportJson.toJson(
                    ConformanceRunner.run(backend, provider.availability().detail(), options, cases)
                            .report()));
        }
    }

    private static Map<String, String> environment(Instant start) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("time", start.toString());
        environment.put(
                "seconds", Long.toString(Duration.between(start, Instant.now()).toSeconds()));
        environment.put("jdk", System.getProperty("java.vendor") + " " + Runtime.version());
        environment.put(
                "os",
                "%s %s %s"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch")));
        environment.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        environment.put("prover", VerdictCache.account());
        environment.put("maven", System.getProperty("maven.version", "not told"));
        return environment;
    }

    /** What git answers, or nothing where there is no git or no repository. */
    private static String git(Path root, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(root.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return "";
        }
        try {
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? answer : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static void print(Evidence evidence, Path folder) {
        var summary = evidence.toJson().path("summary");
        System.out.println("Evidence: " + folder.resolve("index.html"));
        System.out.printf(
                "  %s of %s requirements covered, %s theorems, %s contracts (%s proved), %s tests (%s properties), %s golden cases%n",
                summary.path("requirementsCovered"),
                summary.path("requirements"),
                summary.path("theorems"),
                summary.path("contracts"),
                summary.path("contractsProved"),
                summary.path("tests"),
                summary.path("properties"),
                summary.path("goldenCases"));
        System.out.println("  conformance: %s passed, %s failed"
                .formatted(summary.path("conformancePassed"), summary.path("conformanceFailed")));
        evidence.notChecked().forEach(n -> System.out.println("  NOT CHECKED: %s: %s".formatted(n.what(), n.reason())));
        evidence.problems().forEach(p -> System.out.println("FAILED: " + p));
    }
}
