package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.Verdict;
import org.threehalf.repository.Problem;
import org.threehalf.translate.TranslatedMethods;

/**
 * Has Lean run translations of small Java methods, and compares with what Java gives: by the translator's rules, where
 * all must be equal, and by wrong rules, each of which must show.
 */
final class TranslatedRuns {
    /** The module whose definitions of integers and arrays are run. */
    static final String SEMANTICS = "ThreeHalf.Java.Semantics";

    private static final String SCRIPT = "Translated";
    private static final String COMPARISON = "the comparison of translated methods with Java";
    private static final int SHOWN = 5;

    private TranslatedRuns() {}

    /**
     * What it came to.
     *
     * @param seeded that the right rules give what Java gives, and each wrong one; empty if nothing was compared
     * @param problems what to report as failures
     * @param summary how much was compared, or why nothing was
     */
    record Report(List<LeanOutcome.Seeded> seeded, List<Problem> problems, String summary) {}

    /**
     * Compares.
     *
     * @param library the project; one without {@link #SEMANTICS} has nothing to compare
     * @param folder a folder for the program that Lean runs; it is emptied
     */
    static Report compared(LeanProject library, Path folder, SeededFaults.Opening opening) throws IOException {
        LeanProject.Module semantics = library.modules().get(SEMANTICS);
        if (semantics == null) {
            return new Report(List.of(), List.of(), "NOT CHECKED: there is no module " + SEMANTICS);
        }
        FolderTree.delete(folder);
        TranslatedMethods methods = TranslatedMethods.of(
                Files.readString(semantics.path()), Files.createDirectories(folder.resolve("java")));
        LeanProject project = project(library.folder(), folder, methods.lean());
        LeanChecker.Outcome outcome = opening.open(folder.resolve("work"), false)
                .run(project, project.scripts().get(SCRIPT), Files.createDirectories(folder.resolve("out")));
        List<TranslatedMethods.Result> results = methods.compared(outcome.exit() == 0 ? outcome.output() : "");
        return new Report(
                results.stream()
                        .map(r -> new LeanOutcome.Seeded(r.what(), COMPARISON, Verdict.of(r.passed())))
                        .toList(),
                problems(outcome, results),
                "%d calls of %d translated methods in Java and in Lean, of which %d end with an exception"
                        .formatted(methods.calls(), methods.methods(), methods.exceptions()));
    }

    private static List<Problem> problems(LeanChecker.Outcome outcome, List<TranslatedMethods.Result> results) {
        if (outcome.exit() != 0) {
            List<String> lines = outcome.output().lines().limit(SHOWN).toList();
            return List.of(new Problem(
                    "Lean does not run the translated methods:%n%s".formatted(String.join("\n", lines)),
                    "correct the translator, or what it translates to in lean/ThreeHalf/Java/Semantics.lean"));
        }
        return results.stream()
                .filter(r -> !r.passed())
                .map(r -> new Problem(
                        "%s does not show %s: %s".formatted(COMPARISON, r.what(), r.difference()),
                        "theorems about translated sources are worth nothing until it does"))
                .toList();
    }

    /** A project of this program alone. */
    private static LeanProject project(Path lean, Path folder, String text) throws IOException {
        Path own = Files.createDirectories(folder.resolve("lean"));
        Path file = Files.writeString(own.resolve(SCRIPT + ".lean"), text);
        Files.writeString(own.resolve("lakefile.toml"), SeededFaults.LAKEFILE);
        if (Files.exists(lean.resolve("lean-toolchain"))) {
            Files.copy(lean.resolve("lean-toolchain"), own.resolve("lean-toolchain"));
        }
        LeanProject.Module script = new LeanProject.Module(
                SCRIPT, file, "lean/%s.lean".formatted(SCRIPT), new TreeSet<>(), Sha256.of(text));
        return new LeanProject(
                own,
                Map.of(),
                new TreeMap<>(Map.of(SCRIPT, script)),
                new TreeSet<>(),
                new TreeSet<>(),
                new TreeMap<>(),
                List.of());
    }
}
