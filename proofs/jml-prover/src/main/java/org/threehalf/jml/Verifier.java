package org.threehalf.jml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Condition.Check;
import org.threehalf.jml.vc.Functions;
import org.threehalf.jml.vc.VcGenerator;

/** Proves the methods of a program, in parallel. */
public final class Verifier implements AutoCloseable {
    private final Z3Prover prover;
    private final ExecutorService threads;

    Verifier(Z3Prover prover) {
        this.prover = prover;
        this.threads = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().daemon().name("prover-", 0).factory());
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    private record Job(Condition condition, SmtWriter.Script script, Future<Z3Prover.Answer> verdict) {}

    /** Starts the proofs of a method; the result is complete when it is asked for. */
    Pending start(MethodModel method, Functions functions) {
        VcGenerator.Result result = VcGenerator.generate(method, functions);
        SmtWriter writer = new SmtWriter(functions, method, result.measure());
        Map<Check, List<Job>> jobs = new LinkedHashMap<>();
        for (Condition c : result.conditions()) {
            List<Job> list = jobs.computeIfAbsent(c.clause(), k -> new ArrayList<>());
            // A condition that is stated word for word among what is known has no script.
            for (SmtWriter.Script s : writer.write(c)) {
                list.add(new Job(c, s, threads.submit(() -> prover.judge(s, c.feasible()))));
            }
        }
        return () -> report(method, functions, jobs, result.assumptions());
    }

    /** Proofs under way. */
    interface Pending {
        ContractReport.Method await() throws InterruptedException;
    }

    private static ContractReport.Method report(
            MethodModel method, Functions functions, Map<Check, List<Job>> jobs, List<Check> assumptions)
            throws InterruptedException {
        List<ContractReport.Clause> clauses = new ArrayList<>();
        long total = 0;
        for (var entry : jobs.entrySet()) {
            Verdict verdict = Verdict.PROVED;
            String failure = "";
            Map<String, String> example = Map.of();
            long millis = 0;
            for (Job job : entry.getValue()) {
                Z3Prover.Answer v;
                try {
                    v = job.verdict.get();
                } catch (ExecutionException e) {
                    throw new IllegalStateException(method.name() + ": " + e.getCause(), e);
                }
                millis += v.millis();
                Verdict here = verdict(job.condition, v.verdict());
                if (here != Verdict.PROVED
                        && (verdict == Verdict.PROVED || verdict == Verdict.UNKNOWN && here == Verdict.REFUTED)) {
                    verdict = here;
                    example = v.counterexample();
                    failure = job.condition.feasible()
                            ? here == Verdict.REFUTED
                                    ? "what is known here contradicts itself, so nothing is proved by it"
                                    : "no values are found that meet what is known here, so that what is proved may say nothing"
                            : (job.condition.detail().isEmpty() ? "" : job.condition.detail() + ", ") + "at line "
                                    + job.condition.line();
                }
            }
            total += millis;
            Check c = entry.getKey();
            clauses.add(new ContractReport.Clause(
                    c.kind(),
                    c.line(),
                    c.text(),
                    verdict,
                    Math.max(1, entry.getValue().size()),
                    millis,
                    failure,
                    example,
                    ""));
        }
        for (Check a : assumptions) {
            clauses.add(new ContractReport.Clause(
                    a.kind(), a.line(), a.text(), Verdict.UNKNOWN, 1, 0, "it is assumed without proof", Map.of(), ""));
        }
        List<String> relies = functions.calls(method).stream()
                .filter(k -> !k.equals(method.key()))
                .map(k -> name(functions.program().method(k), functions.program()))
                .toList();
        return new ContractReport.Method(
                name(method, functions.program()),
                method.file(),
                method.line(),
                method.visible(),
                method.spec().explicit(),
                clauses,
                assumptions.stream()
                        .map(a -> "line %d: %s".formatted(a.line(), a.text()))
                        .toList(),
                relies,
                Verdict.NOT_CHECKED,
                total);
    }

    /**
     * A method as reports and lists name it: {@code Class.method(int,byte[])}, types without packages; where that would
     * be two methods of the program, with packages and outer classes.
     */
    public static String name(MethodModel m, Program program) {
        String brief = brief(m);
        return program.methods().values().stream().anyMatch(x -> !x.key().equals(m.key()) && brief(x).equals(brief))
                ? m.key()
                : brief;
    }

    private static String brief(MethodModel m) {
        return m.shortName() + simpleTypes(m.key().substring(m.key().indexOf('(')));
    }

    /** Parameters' types without their packages and outer classes, as sources write them. */
    static String simpleTypes(String parameters) {
        return parameters.replaceAll("(?:\\w+\\.)+(\\w+)", "$1");
    }

    /** What an answer means: conditions must be unsatisfiable, feasibility checks satisfiable. */
    public static Verdict verdict(Condition c, Verdict answer) {
        if (c.feasible()) {
            return switch (answer) {
                case PROVED -> Verdict.REFUTED;
                case REFUTED -> Verdict.PROVED;
                // A precondition must be shown to be met by some values. That a loop's end is reached follows from its
                // measure, once the precondition is: only a contradiction counts there.
                case UNKNOWN, NOT_CHECKED -> c.clause().kind() == CheckKind.REQUIRES ? Verdict.UNKNOWN : Verdict.PROVED;
            };
        }
        return answer;
    }

    /** Proves the chosen methods of a program. */
    List<ContractReport.Method> verify(
            Program program,
            java.util.function.Predicate<MethodModel> chosen,
            List<String> errors,
            java.util.function.Consumer<ContractReport.Method> finished)
            throws InterruptedException {
        Functions functions = new Functions(program);
        List<Pending> pending = new ArrayList<>();
        java.util.Set<String> refused = new java.util.LinkedHashSet<>();
        for (MethodModel m : program.methods().values().stream().filter(chosen).toList()) {
            try {
                pending.add(start(m, functions));
            } catch (UnsupportedSyntaxException e) {
                errors.add(String.valueOf(e.getMessage()));
                refused.add(name(m, program));
            }
        }
        List<ContractReport.Method> methods = new ArrayList<>();
        for (Pending p : pending) {
            ContractReport.Method m = p.await();
            finished.accept(m);
            methods.add(m);
        }
        refused.forEach(name -> errors.addAll(methods.stream()
                .filter(m -> m.relies().contains(name))
                .map(m -> "%s:%d: %s is not proved: it relies on %s, which is refused"
                        .formatted(m.file(), m.line(), m.name(), name))
                .toList()));
        return methods;
    }
}
