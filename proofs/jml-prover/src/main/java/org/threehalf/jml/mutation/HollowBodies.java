package org.threehalf.jml.mutation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.threehalf.jml.OpenClauses;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.mutation.MutationCheck.Fate;
import org.threehalf.jml.mutation.MutationCheck.Outcome;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Functions;
import org.threehalf.jml.vc.VcGenerator;

/**
 * Guts the bodies of methods, floating point included, and asks for a clause of the contract that is proved of the
 * method by a short look and not of what is left of it: a contract that has none says nothing of what the method is
 * for. Small faults in methods on floating point are judged in the same way.
 *
 * <p>A method's proof uses the contracts of others alone, so one gutted body of each method is judged at once. Short
 * looks cost little, so few gutted bodies take the minute that giving up on a condition of floating point does: those
 * that no short look tells from the method are judged by all that the prover has, as other mutants are.
 */
public final class HollowBodies {
    private HollowBodies() {}

    /** A clause, whatever its line, and the scripts that it comes to. */
    private record Scripts(Condition.Check clause, List<SmtWriter.Script> scripts) {
        /** Whether each holds by a short look. */
        boolean seen() {
            return scripts.stream().allMatch(Z3Prover::seen);
        }
    }

    /** Methods, their clauses, and which of these a short look proves. */
    private static final class Methods {
        private final Program program;
        private final Functions functions;
        private final Map<String, Map<Condition.Check, Scripts>> known = new ConcurrentHashMap<>();
        private final Map<Scripts, Boolean> proved = new ConcurrentHashMap<>();

        Methods(Program program) {
            this.program = program;
            this.functions = new Functions(program);
        }

        /** The clauses of a method; what a gutted body breaks stands first: what comes out, then what loops keep. */
        Map<Condition.Check, Scripts> clauses(MethodModel m) {
            Map<Condition.Check, Scripts> found = known.get(m.key());
            if (found == null) {
                synchronized (functions) {
                    found = known.computeIfAbsent(m.key(), k -> write(m));
                }
            }
            return found;
        }

        private Map<Condition.Check, Scripts> write(MethodModel m) {
            VcGenerator.Result result = VcGenerator.generate(m, functions);
            SmtWriter writer = new SmtWriter(functions, m, result.measure());
            List<Condition> conditions = new ArrayList<>(
                    result.conditions().stream().filter(c -> !c.feasible()).toList());
            conditions.sort(Comparator.comparing((Condition c) -> c.clause().kind() != CheckKind.ENSURES)
                    .thenComparing(c -> c.clause().kind() != CheckKind.LOOP_INVARIANT));
            Map<Condition.Check, Scripts> clauses = new LinkedHashMap<>();
            for (Condition c : conditions) {
                Condition.Check clause =
                        new Condition.Check(c.clause().kind(), 0, c.clause().text());
                clauses.computeIfAbsent(clause, k -> new Scripts(k, new ArrayList<>()))
                        .scripts
                        .addAll(writer.write(c));
            }
            return clauses;
        }

        boolean proves(String key, Condition.Check clause) {
            Scripts scripts = clauses(program.method(key)).get(clause);
            return scripts != null && proved.computeIfAbsent(scripts, Scripts::seen);
        }
    }

    /**
     * The mutants for {@link #check}, in their order: gutted bodies, and small faults in methods on floating point.
     *
     * @param sources are read together
     * @param lookup where what these use is found
     */
    public static List<Mutator.Mutant> mutants(List<SourceReader.Source> sources, Lookup lookup) {
        return Mutator.mutants(sources, lookup).stream()
                .filter(m -> m.gutted() || m.floating())
                .toList();
    }

    /**
     * Judges mutants, those of different methods together.
     *
     * @param all {@link #mutants} of the sources
     * @param explanations why mutants survive, by their ids
     * @param unproved clauses that are not proved of the sources either
     * @param cache the folder of verdicts between runs
     * @param chosen which mutants are judged; of the others the report says how many there are
     */
    public static MutationCheck.Report check(
            List<SourceReader.Source> sources,
            Lookup lookup,
            List<Mutator.Mutant> all,
            Map<String, String> explanations,
            OpenClauses unproved,
            Path cache,
            Predicate<Mutator.Mutant> chosen) {
        long start = System.nanoTime();
        Methods kernels = new Methods(SourceReader.read(sources, lookup));
        Map<String, List<Mutator.Mutant>> byMethod = new LinkedHashMap<>();
        int judged = 0;
        Set<String> passedOver = new TreeSet<>();
        for (Mutator.Mutant m : all) {
            if (chosen.test(m)) {
                byMethod.computeIfAbsent(m.file() + " " + m.method(), k -> new ArrayList<>())
                        .add(m);
                judged++;
            } else {
                passedOver.add(m.id());
            }
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (int round = 0; outcomes.size() < judged; round++) {
            int n = round;
            List<Mutator.Mutant> now = byMethod.values().stream()
                    .filter(l -> n < l.size())
                    .map(l -> l.get(n))
                    .toList();
            outcomes.addAll(judge(now, sources, lookup, kernels, explanations));
        }
        Map<String, Mutator.Mutant> byId = new HashMap<>();
        byMethod.values().forEach(l -> l.forEach(m -> byId.put(m.id(), m)));
        Z3Prover prover = new Z3Prover(cache, true);
        outcomes = outcomes.parallelStream()
                .map(o -> o.fate() != Fate.SURVIVED
                        ? o
                        : MutationCheck.judge(byId.get(o.id()), sources, lookup, prover, explanations, unproved))
                .toList();
        Set<String> stale = new TreeSet<>(explanations.keySet());
        stale.removeAll(passedOver);
        outcomes.stream().filter(o -> o.fate() == Fate.SURVIVED).forEach(o -> stale.remove(o.id()));
        return new MutationCheck.Report(outcomes, stale, all.size(), (System.nanoTime() - start) / 1_000_000);
    }

    /**
     * Contracts that a gutted body meets.
     *
     * @param claiming those of methods that name a requirement, a line each
     * @param others the names of other methods of which the whole body could go
     * @param requirements the methods that name a requirement, as {@link #in} has them
     */
    public record Findings(List<String> claiming, SortedSet<String> others, Set<String> requirements) {}

    /** A method of a file; overloads are one. */
    public static String in(String file, String method) {
        return file + " " + method;
    }

    /**
     * Looks for contracts that a gutted body meets: any, of a method that claims a requirement, and of others one whose
     * whole body is gone and that short looks prove. To be asked of contracts that are proved.
     *
     * @param sources are read together
     * @param asked the names of those sources whose methods are asked about
     * @param promising the methods, as {@link #in} has them, whose contracts promise anything
     * @param lookup where what these use is found
     * @param cache the folder of verdicts between runs
     */
    public static Findings hollow(
            List<SourceReader.Source> sources, Set<String> asked, Set<String> promising, Lookup lookup, Path cache) {
        List<Mutator.Mutant> bodies = Mutator.mutants(sources, lookup, true).stream()
                .filter(m -> m.gutted() && asked.contains(m.file()))
                .toList();
        Set<String> requirements = new TreeSet<>();
        bodies.stream().filter(Mutator.Mutant::claims).forEach(m -> requirements.add(in(m.file(), m.method())));
        Map<String, String> found = new LinkedHashMap<>();
        List<Mutator.Mutant> claims =
                bodies.stream().filter(Mutator.Mutant::claims).toList();
        for (Outcome o : check(sources, lookup, claims, Map.of(), OpenClauses.NONE, cache, m -> true)
                .outcomes()) {
            if (o.fate() == Fate.SURVIVED) {
                found.putIfAbsent(
                        in(o.file(), o.method()),
                        "%s:%d: %s names a requirement and its contract is hollow: it is proved of a gutted body too (%s): say which value comes out"
                                .formatted(o.file(), o.line(), o.method(), o.id()));
            }
        }
        SortedSet<String> others = new TreeSet<>();
        bodies.stream()
                .filter(m -> !m.claims() && m.whole() && promising.contains(in(m.file(), m.method())))
                .parallel()
                .filter(m -> seen(m, sources, lookup))
                .map(Mutator.Mutant::method)
                .forEachOrdered(others::add);
        return new Findings(List.copyOf(found.values()), others, requirements);
    }

    /** Whether short looks prove all clauses of a method with a gutted body. */
    private static boolean seen(Mutator.Mutant mutant, List<SourceReader.Source> sources, Lookup lookup) {
        List<SourceReader.Source> gutted = sources.stream()
                .map(s -> s.name().equals(mutant.file()) ? new SourceReader.Source(s.name(), mutant.text()) : s)
                .toList();
        try {
            Methods methods = new Methods(SourceReader.read(gutted, lookup));
            return methods.program.methods().values().stream()
                    .filter(m -> !m.model() && mutant.isIn(m))
                    .allMatch(m -> methods.clauses(m).values().stream().allMatch(Scripts::seen));
        } catch (UnsupportedSyntaxException e) {
            return false;
        }
    }

    /** Judges gutted bodies of different methods. */
    private static List<Outcome> judge(
            List<Mutator.Mutant> mutants,
            List<SourceReader.Source> sources,
            Lookup lookup,
            Methods kernels,
            Map<String, String> explanations) {
        List<SourceReader.Source> gutted = sources.stream()
                .map(s -> {
                    StringBuilder text = new StringBuilder(s.text());
                    mutants.stream()
                            .filter(m -> m.file().equals(s.name()))
                            .map(Mutator.Mutant::edit)
                            .sorted(Comparator.comparingInt(Mutator.Edit::from).reversed())
                            .forEach(e -> text.replace(e.from(), e.to(), e.replacement()));
                    return new SourceReader.Source(s.name(), text.toString());
                })
                .toList();
        Methods methods;
        try {
            methods = new Methods(SourceReader.read(gutted, lookup));
        } catch (UnsupportedSyntaxException e) {
            // One of them is no Java: each by itself.
            if (mutants.size() == 1) {
                return List.of(MutationCheck.outcome(
                        mutants.getFirst(), Fate.REFUSED, String.valueOf(e.getMessage()), Map.of(), ""));
            }
            int half = mutants.size() / 2;
            List<Outcome> all =
                    new ArrayList<>(judge(mutants.subList(0, half), sources, lookup, kernels, explanations));
            all.addAll(judge(mutants.subList(half, mutants.size()), sources, lookup, kernels, explanations));
            return all;
        }
        return mutants.parallelStream()
                .map(m -> judge(m, methods, kernels, explanations))
                .toList();
    }

    private static Outcome judge(
            Mutator.Mutant mutant, Methods gutted, Methods kernels, Map<String, String> explanations) {
        try {
            Optional<Scripts> killer = Optional.empty();
            for (MethodModel m : gutted.program.methods().values()) {
                if (!m.model() && mutant.isIn(m)) {
                    killer = killer.or(() -> gutted.clauses(m).values().stream()
                            .filter(s -> !s.seen() && kernels.proves(m.key(), s.clause))
                            .findFirst());
                }
            }
            return killer.map(s -> MutationCheck.outcome(
                            mutant,
                            Fate.NOT_PROVABLE,
                            "%s `%s`".formatted(s.clause.kind(), s.clause.text()),
                            Map.of(),
                            ""))
                    .orElseGet(() -> MutationCheck.outcome(
                            mutant, Fate.SURVIVED, "", Map.of(), explanations.getOrDefault(mutant.id(), "")));
        } catch (UnsupportedSyntaxException e) {
            return MutationCheck.outcome(mutant, Fate.REFUSED, String.valueOf(e.getMessage()), Map.of(), "");
        }
    }
}
