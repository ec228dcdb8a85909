package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.UserCache;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;

/**
 * The Lean check of {@code mvn verify}: the sources' syntax, every module by Lean, the audit, the golden vectors, and
 * seeded faults.
 *
 * <p>It prefers {@code lake}, the official toolchain, and otherwise takes Lean's npm build.
 */
public final class LeanCheck {
    private static final String WAY_OUT =
            "install Lean with elan (it brings lake), or npm, or run mvn verify with -Dlean.check=skip, which the evidence shows as NOT CHECKED";
    private static final int SHOWN = 12;

    private LeanCheck() {}

    /** Which Lean checks, as {@code -Dlean.check} names it. */
    public enum Mode {
        /** lake where it is on the path, else Lean's npm build. */
        AUTO,
        /** lake, or a failure. */
        LAKE,
        /** Lean's npm build, or a failure. */
        NPM,
        /** None: the outcome is NOT CHECKED. */
        SKIP;

        /** @throws IOException if the text names no mode */
        static Mode of(String text) throws IOException {
            for (Mode mode : values()) {
                if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return mode;
                }
            }
            throw new IOException("-Dlean.check=%s is none of auto, lake, npm, skip".formatted(text));
        }
    }

    /**
     * What a check depends on beside the sources.
     *
     * @param mode which Lean checks
     * @param path folders to look for {@code lake} and {@code npm} in, as in {@code PATH}
     * @param cache holds the npm build and results between runs
     * @param work a folder for this run's files, {@code target/lean} below the root
     * @param fresh whether results of earlier runs are left alone
     * @param mutants which mutants of definitions are made: {@code sample}, {@code all}, or names of definitions and
     *     mutants, separated by colons
     */
    public record Settings(Mode mode, String path, Path cache, Path work, boolean fresh, String mutants) {
        /**
         * The settings of this process: properties {@code lean.check}, {@code lean.cache}, {@code lean.mutants} and
         * {@code verify.fresh}, variables {@code PATH} and {@code XDG_CACHE_HOME}.
         *
         * @throws IOException if {@code lean.check} is none of the modes
         */
        public static Settings ofProcess(Path root) throws IOException {
            String cache = System.getProperty("lean.cache", "");
            Path folder = cache.isEmpty() ? UserCache.root(System.getenv()).resolve("lean") : Path.of(cache);
            return new Settings(
                    Mode.of(System.getProperty("lean.check", "auto")),
                    System.getenv().getOrDefault("PATH", ""),
                    folder.toAbsolutePath(),
                    root.resolve("target/lean"),
                    Boolean.getBoolean("verify.fresh"),
                    System.getProperty("lean.mutants", "sample"));
        }
    }

    /** Checks the Lean project of the repository at this root. */
    public static LeanOutcome check(Path root, Settings settings) throws IOException {
        return check(root, settings, NpmToolchain.PINS);
    }

    static LeanOutcome check(Path root, Settings settings, NpmToolchain.Pins pins) throws IOException {
        if (settings.mode() == Mode.SKIP) {
            return LeanOutcome.notChecked("skipped by -Dlean.check=skip");
        }
        Instant start = Instant.now();
        LeanProject project = LeanProject.read(root);
        Map<String, Verdict> verdicts = new TreeMap<>();
        for (LeanProject.Module source : project.sources()) {
            boolean blamed = project.problems().stream()
                    .anyMatch(p ->
                            p.what().startsWith(source.file() + ":") || p.what().startsWith(source.file() + " "));
            verdicts.put(source.name(), blamed ? Verdict.FAILED : Verdict.NOT_CHECKED);
        }
        if (!project.problems().isEmpty()) {
            return new Run(root, project, verdicts).outcome(null, project.problems(), Map.of());
        }
        SeededFaults.Opening opening;
        LeanChecker checker;
        try {
            opening = opening(root, settings, pins);
            checker = opening.open(settings.work().resolve("checker"), true);
        } catch (IOException e) {
            return new Run(root, project, verdicts)
                    .outcome(null, List.of(new Problem("Lean did not run: " + e.getMessage(), WAY_OUT)), Map.of());
        }
        System.out.printf(
                "Lean: %d modules and %d scripts by %s, Lean %s%n",
                project.modules().size(),
                project.scripts().size(),
                checker.identity().name(),
                checker.identity().version());
        return new Run(root, project, verdicts).with(checker, opening, settings, start);
    }

    /** The checker that this machine has: lake first. */
    private static SeededFaults.Opening opening(Path root, Settings settings, NpmToolchain.Pins pins)
            throws IOException {
        Optional<Path> lake = Processes.find("lake", settings.path());
        if (!DefinitionMutants.understood(settings.mutants())) {
            throw new IOException("-Dlean.mutants=%s is none of sample, all, ThreeHalf.NAME, ThreeHalf.NAME#N"
                    .formatted(settings.mutants()));
        }
        if (lake.isPresent() && settings.mode() != Mode.NPM) {
            return (work, first) -> LakeChecker.of(lake.get(), root.resolve("lean"), work);
        }
        if (settings.mode() == Mode.LAKE) {
            throw new IOException("lake is not on PATH");
        }
        if (!System.getProperty("os.name").equals("Linux")
                || !List.of("amd64", "x86_64").contains(System.getProperty("os.arch"))) {
            throw new IOException("there is no lake on PATH, and the pinned npm build runs on Linux x86-64 only");
        }
        NpmToolchain toolchain;
        try {
            toolchain = NpmToolchain.of(Processes.find("npm", settings.path()).orElse(null), settings.cache(), pins);
        } catch (IOException e) {
            throw new IOException("there is no lake on PATH, and with npm: " + e.getMessage(), e);
        }
        return (work, first) -> new NpmChecker(toolchain, pins, settings.cache(), work, first, settings.fresh());
    }

    /** One run's state. */
    private static final class Run {
        private final Path root;
        private final LeanProject project;
        private final Map<String, Verdict> verdicts;
        private final List<Problem> problems = new ArrayList<>();
        private final Map<String, List<String>> axioms = new LinkedHashMap<>();
        private final Map<String, String> statements = new LinkedHashMap<>();
        private List<LeanOutcome.Seeded> seeded = List.of();
        private SecondKernel.Report kernel =
                new SecondKernel.Report(List.of(), List.of(), "NOT CHECKED: the project was refused before");
        private @Nullable Path emitted;
        private int runs;
        private int cached;

        Run(Path root, LeanProject project, Map<String, Verdict> verdicts) {
            this.root = root;
            this.project = project;
            this.verdicts = verdicts;
        }

        LeanOutcome with(LeanChecker checker, SeededFaults.Opening opening, Settings settings, Instant start)
                throws IOException {
            Path work = settings.work();
            Map<String, String> environment = new TreeMap<>();
            // They fill the time of a processor that would wait for imports.
            CompletableFuture<List<LeanOutcome.Seeded>> faults =
                    Tasks.start(() -> SeededFaults.tried(project.folder(), work.resolve("seeded"), opening));
            CompletableFuture<TranslatedRuns.Report> translated =
                    Tasks.start(() -> TranslatedRuns.compared(project, work.resolve("translated"), opening));
            // Nothing of a source is run before it is known what it is made of.
            gate(checker, work);
            if (problems.isEmpty()) {
                checker.build(project)
                        .forEach((name, outcome) -> take(project.modules().get(name), outcome));
            }
            if (problems.isEmpty()) {
                CompletableFuture<DefinitionMutants.Report> mutants = Tasks.start(
                        () -> DefinitionMutants.run(checker, project, settings.mutants(), work.resolve("mutants")));
                CompletableFuture<SecondKernel.Report> second = Tasks.start(() -> SecondKernel.check(
                        SecondKernel.find(System.getenv()), checker.compiled(project), work.resolve("kernel")));
                scripts(checker, work);
                kernel = Tasks.join(second);
                mutants(Tasks.join(mutants), environment);
            }
            seeded = new ArrayList<>(Tasks.join(faults));
            seeded.stream()
                    .filter(s -> s.verdict() != Verdict.PASSED)
                    .forEach(s -> problems.add(new Problem(
                            "%s does not catch a seeded fault: %s".formatted(s.by(), s.what()),
                            "its verdict on the project is worth nothing until it does")));
            problems.addAll(kernel.problems());
            seeded.addAll(kernel.seeded());
            // Where there is none the evidence says so in its own place.
            if (!kernel.seeded().isEmpty()) {
                environment.put("kernel", kernel.summary());
            }
            TranslatedRuns.Report compared = Tasks.join(translated);
            seeded.addAll(compared.seeded());
            problems.addAll(compared.problems());
            environment.put("translated", compared.summary());
            environment.put(
                    "seconds",
                    Long.toString(Duration.between(start, Instant.now()).toSeconds()));
            environment.put("cached", "%d of %d".formatted(cached, runs));
            return outcome(checker.identity(), problems, environment);
        }

        private void gate(LeanChecker checker, Path work) throws IOException {
            LeanChecker.Outcome outcome = checker.run(
                    project, project.scripts().get(LeanProject.GATE), Files.createDirectories(work.resolve("gate")));
            runs++;
            cached += outcome.cached() ? 1 : 0;
            List<Problem> found = SourceRules.spelling(project.modules().values());
            found.addAll(SourceRules.judge(
                    outcome.exit(), outcome.output(), project.modules().values()));
            if (found.isEmpty()) {
                found.addAll(
                        SourceRules.theorems(outcome.output(), project.modules().values()));
            }
            verdicts.put(LeanProject.GATE, Verdict.of(outcome.exit() == 0));
            project.modules().values().stream()
                    .filter(m -> found.stream().anyMatch(p -> p.what().startsWith(m.file() + ":")))
                    .forEach(m -> verdicts.put(m.name(), Verdict.FAILED));
            problems.addAll(found);
        }

        private void scripts(LeanChecker checker, Path work) throws IOException {
            Path vectors = work.resolve("vectors");
            FolderTree.delete(vectors);
            Files.createDirectories(vectors);
            Path nowhere = Files.createDirectories(work.resolve("audit"));
            CompletableFuture<LeanChecker.Outcome> emission =
                    Tasks.start(() -> checker.run(project, project.scripts().get(LeanProject.EMIT), vectors));
            audit(checker.run(project, project.scripts().get(LeanProject.AUDIT), nowhere));
            LeanChecker.Outcome emit = Tasks.join(emission);
            take(project.scripts().get(LeanProject.EMIT), emit);
            emitted = emit.verdict() == Verdict.PASSED ? vectors : null;
        }

        private void mutants(DefinitionMutants.Report report, Map<String, String> environment) {
            runs += report.runs();
            cached += report.cached();
            verdicts.put(LeanProject.MUTANTS, Verdict.of(report.problems().isEmpty()));
            problems.addAll(report.problems());
            environment.put("mutants", report.summary());
        }

        private void audit(LeanChecker.Outcome outcome) throws IOException {
            runs++;
            cached += outcome.cached() ? 1 : 0;
            Set<String> library = new LinkedHashSet<>(project.modules().keySet());
            library.remove(LeanProject.LIBRARY);
            AuditReport report = AuditReport.of(outcome.exit(), outcome.output(), library);
            verdicts.put(LeanProject.AUDIT, Verdict.of(report.problems().isEmpty()));
            problems.addAll(report.problems());
            TheoremTable about = TheoremTable.read(root);
            problems.addAll(about.stale(report.uses(), report.told()));
            TheoremTable.Result table = about.check(
                    LeanSources.read(root),
                    about.spoken(report.uses(), report.told()),
                    report.possible().keySet());
            problems.addAll(table.problems());
            axioms.putAll(report.axioms());
            // What the table does not bear out is not among what was audited, so that it covers nothing.
            axioms.keySet().removeAll(table.hollow());
            statements.putAll(report.statements());
        }

        private void take(LeanProject.@Nullable Module module, LeanChecker.Outcome outcome) {
            if (module == null) {
                throw new IllegalStateException("an outcome of no source");
            }
            verdicts.put(module.name(), outcome.verdict());
            if (outcome.verdict() == Verdict.NOT_CHECKED) {
                return;
            }
            runs++;
            cached += outcome.cached() ? 1 : 0;
            if (outcome.verdict() == Verdict.FAILED) {
                List<String> lines = outcome.output().lines().toList();
                problems.add(new Problem(
                        "Lean refuses %s:%n%s%s"
                                .formatted(
                                        module.file(),
                                        String.join("\n", lines.subList(0, Math.min(SHOWN, lines.size()))),
                                        lines.size() > SHOWN
                                                ? "\n(%d lines more)".formatted(lines.size() - SHOWN)
                                                : ""),
                        "correct the proof or the definition"));
            }
        }

        LeanOutcome outcome(
                LeanChecker.@Nullable Identity identity, List<Problem> all, Map<String, String> environment) {
            LeanChecker.Identity by = identity == null ? new LeanChecker.Identity("", "", "", "") : identity;
            return new LeanOutcome(
                    Verdict.of(all.isEmpty()),
                    "",
                    by.name(),
                    by.version(),
                    by.commit(),
                    by.integrity(),
                    project.sources().stream()
                            .map(s -> new LeanOutcome.Source(
                                    s.file(), s.sha256(), verdicts.getOrDefault(s.name(), Verdict.NOT_CHECKED)))
                            .toList(),
                    axioms,
                    statements,
                    seeded,
                    emitted,
                    List.copyOf(all),
                    environment);
        }
    }
}
