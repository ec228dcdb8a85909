package org.threehalf.lean;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.repository.Problem;

/**
 * Has {@code lean/Mutants.lean} change the specification's definitions, one constant, operator, table entry or bound at
 * a time, and asks which theorem breaks. A mutant that breaks none is a survivor: a part of a definition that no
 * theorem fixes. It must be explained in {@code survivors.txt}; one that is not is a problem.
 */
final class DefinitionMutants {
    /** How many mutants a sample has. */
    static final int SAMPLE = 3;

    private static final int BATCH = 60;
    private static final String REMEDY =
            "prove a theorem that does not stand it, or explain it in survivors.txt beside DefinitionMutants";

    private DefinitionMutants() {}

    /** What became of a mutant. */
    enum Fate {
        /** A theorem that stands when nothing is changed does not stand it. */
        KILLED,
        /** Every theorem stands it. */
        SURVIVED,
        /** Lean does not take it for a definition, or not one that needs it. */
        INVALID
    }

    /**
     * A mutant.
     *
     * @param id the definition, the number of its change, what stood there and what stands there now
     * @param place the file and the line
     * @param theorem the theorem that it breaks; empty for others
     */
    record Mutant(String id, String place, Fate fate, String theorem) {}

    /**
     * What came of a run.
     *
     * @param all how many mutants there are, those that were not made among them
     * @param cached how many runs were taken from an earlier check
     */
    record Report(int all, List<Mutant> mutants, List<Problem> problems, int runs, int cached) {
        /** One line for the evidence. */
        String summary() {
            return "%d of %d mutants of definitions: %d break a theorem, %d break none, %d are no definitions"
                    .formatted(mutants.size(), all, count(Fate.KILLED), count(Fate.SURVIVED), count(Fate.INVALID));
        }

        private long count(Fate fate) {
            return mutants.stream().filter(m -> m.fate() == fate).count();
        }
    }

    /**
     * Makes mutants.
     *
     * @param which {@code all}, {@code sample} for a few, drawn by the sources' hashes, or names of definitions and
     *     mutants ({@code ThreeHalf.gap}, {@code ThreeHalf.gap#3}), separated by colons
     */
    static Report run(LeanChecker checker, LeanProject project, String which, Path work) throws IOException {
        return switch (which) {
            case "all" -> all(checker, project, work);
            case "sample" -> sample(checker, project, work);
            default -> judged(List.of(step(checker, project, which, work)), false, explained());
        };
    }

    /** Whether a setting says which mutants to make. */
    static boolean understood(String which) {
        return which.matches("sample|all|%1$s\\.[\\w.#]+(:%1$s\\.[\\w.#]+)*".formatted(LeanProject.LIBRARY));
    }

    private static Report sample(LeanChecker checker, LeanProject project, Path work) throws IOException {
        String sources = project.modules().values().stream()
                .map(LeanProject.Module::sha256)
                .collect(Collectors.joining());
        long seed = Long.parseLong(Sha256.of(sources).substring(0, 6), 16);
        return judged(List.of(step(checker, project, "%d/%d".formatted(SAMPLE, seed), work)), false, explained());
    }

    private static Report all(LeanChecker checker, LeanProject project, Path work) throws IOException {
        List<LeanChecker.Outcome> outcomes = new ArrayList<>();
        int total = 1;
        for (int from = 0; from < total; from += BATCH) {
            LeanChecker.Outcome outcome = step(checker, project, "%d-%d".formatted(from, from + BATCH), work);
            outcomes.add(outcome);
            total = Batch.of(outcome).all();
        }
        return judged(outcomes, true, explained());
    }

    private static LeanChecker.Outcome step(LeanChecker checker, LeanProject project, String which, Path work)
            throws IOException {
        LeanProject.Module script = Objects.requireNonNull(project.scripts().get(LeanProject.MUTANTS));
        return checker.run(project, script, Files.createDirectories(work), Map.of(LeanChecker.MUTANTS, which));
    }

    /**
     * Judges what the runs printed.
     *
     * @param complete whether they should have made all mutants
     * @param explained why survivors are no gaps, by their ids
     */
    static Report judged(List<LeanChecker.Outcome> outcomes, boolean complete, Map<String, String> explained) {
        List<Mutant> mutants = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        int all = 0;
        for (LeanChecker.Outcome outcome : outcomes) {
            Batch batch = Batch.of(outcome);
            mutants.addAll(batch.mutants());
            problems.addAll(batch.problems());
            all = batch.all();
        }
        if (complete && problems.isEmpty() && mutants.size() != all) {
            problems.add(
                    new Problem("%d of %d mutants were made".formatted(mutants.size(), all), "see lean/Mutants.lean"));
        }
        if (mutants.isEmpty() && problems.isEmpty()) {
            problems.add(new Problem("no mutant was made", "name definitions that lean/ has, or their mutants"));
        }
        mutants.stream()
                .filter(m -> m.fate() == Fate.SURVIVED && !explained.containsKey(m.id()))
                .forEach(m -> problems.add(
                        new Problem("%s: no theorem breaks with %s".formatted(m.place(), m.id()), REMEDY)));
        Set<String> stale = new TreeSet<>(explained.keySet());
        mutants.stream().filter(m -> m.fate() == Fate.SURVIVED).map(Mutant::id).forEach(stale::remove);
        if (!complete) {
            Set<String> made = mutants.stream().map(Mutant::id).collect(Collectors.toSet());
            stale.retainAll(made);
        }
        stale.forEach(id -> problems.add(new Problem(
                "survivors.txt explains %s, which breaks a theorem or is not made".formatted(id),
                "take the line out")));
        return new Report(all, mutants, List.copyOf(problems), outcomes.size(), (int)
                outcomes.stream().filter(LeanChecker.Outcome::cached).count());
    }

    /** One run's output. */
    private record Batch(int all, List<Mutant> mutants, List<Problem> problems) {
        /**
         * Of the two definitions with which the program tests itself: theorems fix this one, and leave the other one
         * loose.
         */
        private static final Map<String, Fate> SELF_TEST = Map.of(
                "ThreeHalf.seededFixed#1 `n < 3` -> `(¬(n < 3))`", Fate.KILLED,
                "ThreeHalf.seededFixed#2 `<` -> `≤`", Fate.KILLED,
                "ThreeHalf.seededFixed#3 `3` -> `4`", Fate.KILLED,
                "ThreeHalf.seededFixed#4 `5` -> `6`", Fate.KILLED,
                "ThreeHalf.seededLoose#1 `+` -> `-`", Fate.KILLED,
                "ThreeHalf.seededLoose#2 `7` -> `8`", Fate.SURVIVED);

        static Batch of(LeanChecker.Outcome outcome) {
            Map<String, Fate> tests = new TreeMap<>();
            List<Mutant> mutants = new ArrayList<>();
            List<String> rest = new ArrayList<>();
            int[] totals = new int[0];
            for (String line : outcome.output().lines().toList()) {
                String[] parts = line.split("\t", -1);
                if (parts[0].equals("mutant") && parts.length == 8 && parts[6].matches("killed|survived|invalid")) {
                    Fate fate = Fate.valueOf(parts[6].toUpperCase(java.util.Locale.ROOT));
                    String id = "%s `%s` -> `%s`".formatted(parts[1], parts[4], parts[5]);
                    if (parts[2].equals("selfTest")) {
                        tests.put(id, fate);
                    } else {
                        mutants.add(new Mutant(id, "lean/%s:%s".formatted(parts[2], parts[3]), fate, parts[7]));
                    }
                } else if (line.matches("mutants(\t\\d{1,9}){5}")) {
                    totals = java.util.Arrays.stream(parts)
                            .skip(1)
                            .mapToInt(Integer::parseInt)
                            .toArray();
                } else if (!line.isBlank()) {
                    rest.add(line);
                }
            }
            List<Problem> problems = new ArrayList<>();
            if (outcome.exit() != 0 || totals.length == 0) {
                problems.add(new Problem(
                        "the mutants of definitions ended with exit code %d: %s"
                                .formatted(outcome.exit(), String.join(" / ", rest)),
                        "see lean/Mutants.lean"));
            } else if (totals[1] != mutants.size() || totals[1] != totals[2] + totals[3] + totals[4]) {
                problems.add(new Problem(
                        "%d mutants were made, and %d are listed".formatted(totals[1], mutants.size()),
                        "see lean/Mutants.lean"));
            } else if (!tests.equals(SELF_TEST)) {
                problems.add(new Problem(
                        "the mutants of definitions do not tell a fixed definition from a loose one: " + tests,
                        "their verdicts are worth nothing until they do"));
            }
            return new Batch(totals.length == 0 ? 0 : totals[0], mutants, problems);
        }
    }

    private static Map<String, String> explained() throws IOException {
        Map<String, String> explained = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(DefinitionMutants.class.getResourceAsStream("survivors.txt"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                int bar = line.lastIndexOf(" | ");
                if (!line.startsWith("#") && bar > 0 && !line.substring(bar + 3).isBlank()) {
                    explained.put(
                            line.substring(0, bar).strip(),
                            line.substring(bar + 3).strip());
                }
            }
        }
        return explained;
    }
}
