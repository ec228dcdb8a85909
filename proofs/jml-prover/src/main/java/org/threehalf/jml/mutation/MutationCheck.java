package org.threehalf.jml.mutation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.threehalf.jml.ContractCheck;
import org.threehalf.jml.OpenClauses;
import org.threehalf.jml.Verifier;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Functions;
import org.threehalf.jml.vc.VcGenerator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts small faults into methods and has the prover judge them: a contract that is proved of a faulty method is too
 * weak, or the fault changes nothing. Survivors must be explained (survivors.txt); one that is not fails.
 */
public final class MutationCheck {
    private static final JsonMapper JSON = new JsonMapper();

    private MutationCheck() {}

    /** What became of a mutant. */
    public enum Fate {
        /** A condition has a counterexample. */
        REFUTED,
        /** A condition cannot be proved; there is no counterexample within the limits. */
        NOT_PROVABLE,
        /** javac or the subset refuses it. */
        REFUSED,
        /** Every condition is proved. */
        SURVIVED
    }

    /**
     * A mutant's outcome.
     *
     * @param clause the first clause that fails, or what refuses it; empty for a survivor
     * @param explanation why a survivor is no fault; empty where nobody explained it
     */
    public record Outcome(
            String id,
            String method,
            String file,
            int line,
            String operator,
            Fate fate,
            String clause,
            Map<String, String> counterexample,
            String explanation) {
        /** The clause that fails, or why it is no fault; nothing where it survived and nobody said why. */
        public List<String> killedBy() {
            return fate != Fate.SURVIVED
                    ? List.of(fate + ": " + clause)
                    : explanation.isEmpty() ? List.of() : List.of("no fault: " + explanation);
        }
    }

    /**
     * All outcomes.
     *
     * @param stale explanations of mutants that did not survive, or that are no longer made
     * @param made how many mutants there are, those that were not chosen among them
     * @param choice how they were chosen, in words; empty for all
     */
    public record Report(List<Outcome> outcomes, Set<String> stale, int made, long millis, String choice) {
        Report(List<Outcome> outcomes, Set<String> stale, int made, long millis) {
            this(outcomes, stale, made, millis, "");
        }

        /** What part of the mutants was judged, in words. */
        public String chosen() {
            return unjudged() == 0
                    ? "all mutants"
                    : "%d of %d mutants%s"
                            .formatted(outcomes.size(), made, choice.isEmpty() ? "" : " (" + choice + ")");
        }

        /** How many were not judged. */
        public int unjudged() {
            return made - outcomes.size();
        }

        /** The same, with words for how the mutants were chosen. */
        public Report chosenBy(String how) {
            return new Report(outcomes, stale, made, millis, how);
        }

        /** Both; an explanation is of a mutant of one of them. */
        public Report with(Report other) {
            List<Outcome> all = new ArrayList<>(outcomes);
            all.addAll(other.outcomes);
            Set<String> unused = new TreeSet<>(stale);
            unused.retainAll(other.stale);
            return new Report(all, unused, made + other.made, millis + other.millis, choice);
        }

        /** How many have a fate. */
        public long count(Fate fate) {
            return outcomes.stream().filter(o -> o.fate() == fate).count();
        }

        /** Explanations without a survivor, a line each. */
        public List<String> problems() {
            return stale.stream().map(MutationCheck::notSurviving).toList();
        }

        /** Survivors without an explanation, and explanations without a survivor. */
        public List<String> failures() {
            List<String> all = new ArrayList<>();
            for (Outcome o : outcomes) {
                if (o.fate() == Fate.SURVIVED && o.explanation().isEmpty()) {
                    all.add("%s:%d: a mutant survives: %s: strengthen the contract, or explain it in survivors.txt"
                            .formatted(o.file(), o.line(), o.id()));
                }
            }
            all.addAll(problems());
            return all;
        }
    }

    /** Mutants that take alike long to judge. */
    private enum Sort {
        /** Gutted bodies. */
        GUTTED(6),
        /** Small faults in methods without floating point. */
        INTEGRAL(5),
        /** Small faults in methods on floating point. */
        FLOATING(2);

        /** How many of them a sample has. */
        private final int sample;

        Sort(int sample) {
            this.sample = sample;
        }

        static Sort of(Mutator.Mutant m) {
            return m.gutted() ? GUTTED : m.floating() ? FLOATING : INTEGRAL;
        }
    }

    /** Which mutants are judged. */
    public enum Choice {
        /** All. */
        TRUE,
        /** So many of each sort, drawn by {@code -Dmutants.seed=N} (1): see {@link #among}. */
        SAMPLE,
        /** Every gutted body. */
        HOLLOW;

        /** The choice that a property names. */
        public static Choice of(String name) {
            return Arrays.stream(values())
                    .filter(c -> c.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "mutants.check=" + name + ": it is true, sample, hollow or false"));
        }

        /**
         * The ids of those of some mutants that are chosen. A sample has 6 gutted bodies, 5 small faults in methods
         * without floating point and 2 in methods on it, where there are as many.
         *
         * @param seed which sample
         */
        public Set<String> among(List<Mutator.Mutant> mutants, long seed) {
            Set<String> chosen = new TreeSet<>();
            mutants.stream()
                    .collect(Collectors.groupingBy(Sort::of))
                    .forEach((sort, all) -> all.stream()
                            .map(Mutator.Mutant::id)
                            .sorted(Comparator.comparingLong((String id) -> drawn(seed, id))
                                    .thenComparing(Comparator.naturalOrder()))
                            .limit(
                                    switch (this) {
                                        case TRUE -> Long.MAX_VALUE;
                                        case HOLLOW -> sort == Sort.GUTTED ? Long.MAX_VALUE : 0;
                                        case SAMPLE -> sort.sample;
                                    })
                            .forEach(chosen::add));
            return chosen;
        }

        private static long drawn(long seed, String id) {
            return new SplittableRandom(seed * 31 + id.hashCode()).nextLong();
        }

        /** Words for the choice; empty for all. */
        public String words(long seed) {
            return switch (this) {
                case TRUE -> "";
                case HOLLOW -> "gutted bodies";
                case SAMPLE -> "a sample, drawn by seed " + seed;
            };
        }
    }

    private static String notSurviving(String id) {
        return "survivors.txt explains a mutant that does not survive, or is no longer made: " + id;
    }

    /**
     * Reads why mutants survive: a line {@code MUTANT | why it is no fault} each; a line that starts with # is a
     * comment.
     *
     * @throws IOException if a line has no explanation
     */
    public static Map<String, String> explanations(String text) throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            if (!line.isBlank() && !line.startsWith("#")) {
                int bar = line.lastIndexOf(" | ");
                if (bar < 0) {
                    throw new IOException("survivors.txt: no ` | ` before the explanation in: " + line);
                }
                found.put(
                        line.substring(0, bar).strip(), line.substring(bar + 3).strip());
            }
        }
        return found;
    }

    /**
     * The mutants for {@link #check}, in their order: small faults in methods without floating point. Those on it are
     * {@link HollowBodies}', since giving up on a condition of theirs takes a minute.
     *
     * @param sources are read together
     * @param lookup where what these use is found
     */
    public static List<Mutator.Mutant> mutants(List<SourceReader.Source> sources, Lookup lookup) {
        return Mutator.mutants(sources, lookup).stream()
                .filter(m -> Sort.of(m) == Sort.INTEGRAL)
                .toList();
    }

    /**
     * Judges mutants, each by itself and by all that the prover has.
     *
     * @param made {@link #mutants} of the sources
     * @param explanations why mutants survive, by their ids
     * @param unproved clauses that are not proved of the sources either
     * @param cache the folder of verdicts between runs
     * @param chosen which mutants are judged; of the others the report says how many there are
     */
    public static Report check(
            List<SourceReader.Source> sources,
            Lookup lookup,
            List<Mutator.Mutant> made,
            Map<String, String> explanations,
            OpenClauses unproved,
            Path cache,
            Predicate<Mutator.Mutant> chosen)
            throws InterruptedException {
        long start = System.nanoTime();
        List<Mutator.Mutant> mutants = new ArrayList<>();
        Set<String> passedOver = new TreeSet<>();
        for (Mutator.Mutant m : made) {
            if (chosen.test(m)) {
                mutants.add(m);
            } else {
                passedOver.add(m.id());
            }
        }
        Z3Prover prover = new Z3Prover(cache, true);
        List<Outcome> outcomes = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Outcome>> running = new ArrayList<>();
            for (Mutator.Mutant m : mutants) {
                running.add(threads.submit(() -> judge(m, sources, lookup, prover, explanations, unproved)));
            }
            for (Future<Outcome> f : running) {
                outcomes.add(f.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        Set<String> stale = new TreeSet<>(explanations.keySet());
        // Of a mutant that is made and was not chosen, nothing is known.
        stale.removeAll(passedOver);
        outcomes.stream().filter(o -> o.fate() == Fate.SURVIVED).forEach(o -> stale.remove(o.id()));
        return new Report(outcomes, stale, made.size(), (System.nanoTime() - start) / 1_000_000);
    }

    private record Job(MethodModel method, Condition condition, SmtWriter.Script script) {
        String clause() {
            return "line %d: %s `%s`"
                    .formatted(
                            condition.line(),
                            condition.clause().kind(),
                            condition.clause().text());
        }
    }

    /** A mutant's outcome by all that the prover has. */
    static Outcome judge(
            Mutator.Mutant mutant,
            List<SourceReader.Source> sources,
            Lookup lookup,
            Z3Prover prover,
            Map<String, String> explanations,
            OpenClauses unproved) {
        List<SourceReader.Source> mutated = sources.stream()
                .map(s -> s.name().equals(mutant.file()) ? new SourceReader.Source(s.name(), mutant.text()) : s)
                .toList();
        try {
            Program program = SourceReader.read(mutated, lookup);
            Functions functions = new Functions(program);
            List<Job> open = new ArrayList<>();
            // A fault mostly has a counterexample, which is found at once; proofs take longer, and giving up on one
            // longest.
            for (MethodModel m : program.methods().values()) {
                if (!mutant.isIn(m) || m.model()) {
                    continue;
                }
                VcGenerator.Result result = VcGenerator.generate(m, functions);
                SmtWriter writer = new SmtWriter(functions, m, result.measure());
                for (Condition c : result.conditions()) {
                    for (SmtWriter.Script s : writer.write(c)) {
                        Job job = new Job(m, c, s);
                        Z3Prover.Answer v = c.feasible() ? Z3Prover.UNDECIDED : prover.glance(s);
                        if (v.verdict() == Verdict.REFUTED) {
                            return outcome(mutant, Fate.REFUTED, job.clause(), v.counterexample(), "");
                        }
                        if (v.verdict() == Verdict.UNKNOWN) {
                            open.add(job);
                        }
                    }
                }
            }
            for (Job job : open) {
                Z3Prover.Answer v = prover.judge(job.script, job.condition.feasible());
                Verdict verdict = Verifier.verdict(job.condition, v.verdict());
                if (verdict == Verdict.REFUTED) {
                    return outcome(mutant, Fate.REFUTED, job.clause(), v.counterexample(), "");
                }
                // That a clause is not proved says nothing where it is not proved of the kernel either.
                if (verdict != Verdict.PROVED
                        && !unproved.lists(Verifier.name(job.method, program), job.condition.clause())) {
                    return outcome(mutant, Fate.NOT_PROVABLE, job.clause(), v.counterexample(), "");
                }
            }
        } catch (UnsupportedSyntaxException e) {
            return outcome(mutant, Fate.REFUSED, String.valueOf(e.getMessage()), Map.of(), "");
        }
        return outcome(mutant, Fate.SURVIVED, "", Map.of(), explanations.getOrDefault(mutant.id(), ""));
    }

    static Outcome outcome(
            Mutator.Mutant m, Fate fate, String clause, Map<String, String> example, String explanation) {
        return new Outcome(m.id(), m.method(), m.file(), m.line(), m.operator(), fate, clause, example, explanation);
    }

    /**
     * Writes the result file that the evidence takes in ({@code threehalf-mutation-results/1}).
     *
     * @param suite what was mutated
     */
    public static void write(Report report, String suite, Path file) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("schema", "threehalf-mutation-results/1");
        json.put("suite", suite + ", " + report.chosen());
        var mutants = json.putArray("mutants");
        for (Outcome o : report.outcomes()) {
            ObjectNode m = mutants.addObject();
            m.put("id", o.id());
            m.put("file", o.file());
            m.put("line", o.line());
            m.put("operator", o.operator());
            m.put("fate", o.fate().toString());
            ArrayNode killers = m.putArray("killedBy");
            o.killedBy().forEach(killers::add);
            if (!o.counterexample().isEmpty()) {
                ObjectNode example = m.putObject("counterexample");
                o.counterexample().forEach(example::put);
            }
        }
        ArrayNode problems = json.putArray("problems");
        report.problems().forEach(problems::add);
        ContractCheck.writeJson(json, file);
    }
}
