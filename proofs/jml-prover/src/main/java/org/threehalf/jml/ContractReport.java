package org.threehalf.jml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.syntax.CheckKind;

/**
 * What the checkers found.
 *
 * @param solver the built-in prover's solver with its version
 * @param openJml what became of OpenJML
 * @param errors sources that could not be read, each with what to do
 * @param notes what proved contracts leave open, for the summary
 */
public record ContractReport(
        String solver,
        List<Method> methods,
        OpenJml.Outcome openJml,
        List<String> errors,
        List<String> notes,
        long millis) {
    /** A report without notes. */
    public ContractReport(
            String solver, List<Method> methods, OpenJml.Outcome openJml, List<String> errors, long millis) {
        this(solver, methods, openJml, errors, List.of(), millis);
    }

    /**
     * A method.
     *
     * @param name {@code DotProduct.dot(byte[],short[],int,int)}
     * @param file relative to the root
     * @param visible whether a client can call it
     * @param contract whether it has a written contract
     * @param assumptions what was assumed without proof (assume statements); each is also a clause that is not proved
     * @param relies the methods whose contracts the proof uses
     * @param openJml OpenJML's verdict; NOT_CHECKED where it was not run, does not name the method, or came to no end
     * @param millis the solver's time when the verdicts were found
     */
    public record Method(
            String name,
            String file,
            int line,
            boolean visible,
            boolean contract,
            List<Clause> clauses,
            List<String> assumptions,
            List<String> relies,
            Verdict openJml,
            long millis) {
        Method with(Verdict verdict) {
            return new Method(name, file, line, visible, contract, clauses, assumptions, relies, verdict, millis);
        }

        Method with(List<Clause> marked) {
            return new Method(name, file, line, visible, contract, marked, assumptions, relies, openJml, millis);
        }

        /** Whether it would be proved but for open clauses, about which this prover says nothing. */
        boolean open() {
            return !proved()
                    && clauses.stream()
                            .allMatch(c ->
                                    c.verdict() == Verdict.PROVED || !c.open().isEmpty());
        }

        /** Whether every clause is proved. */
        public boolean proved() {
            return clauses.stream().allMatch(c -> c.verdict() == Verdict.PROVED);
        }
    }

    /**
     * A clause, or a check that Java's semantics ask for.
     *
     * @param kind what has to hold; assume and a model method without body are assumed without proof
     * @param conditions how many the clause came to
     * @param failure where it fails, in words; empty when it is proved
     * @param counterexample values by name in Java; empty where there is none
     * @param open why it is among the clauses that are known not to be proved ({@link OpenClauses}); empty where it is
     *     not
     */
    public record Clause(
            CheckKind kind,
            int line,
            String text,
            Verdict verdict,
            int conditions,
            long millis,
            String failure,
            Map<String, String> counterexample,
            String open) {
        Clause with(String reason) {
            return new Clause(kind, line, text, verdict, conditions, millis, failure, counterexample, reason);
        }
    }

    /** The same with more errors. */
    public ContractReport with(List<String> more) {
        List<String> all = new ArrayList<>(errors);
        all.addAll(more);
        return new ContractReport(solver, methods, openJml, all, notes, millis);
    }

    /** The same with one more note. */
    ContractReport noting(String note) {
        List<String> all = new ArrayList<>(notes);
        all.add(note);
        return new ContractReport(solver, methods, openJml, errors, all, millis);
    }

    /** Whether all is proved but what is listed as open, and no checker disagrees. */
    public boolean passed() {
        return failures().isEmpty();
    }

    /**
     * Methods on which OpenJML and the built-in prover disagree: one says proved, the other refuted. That one of them
     * gave up is no disagreement.
     */
    public List<String> disagreements() {
        return methods.stream()
                .filter(m -> m.openJml() == Verdict.REFUTED && m.proved()
                        || m.openJml() == Verdict.PROVED
                                && m.clauses().stream().anyMatch(c -> c.verdict() == Verdict.REFUTED))
                .map(m -> "%s:%d: %s: the built-in prover says %s, OpenJML %s"
                        .formatted(m.file(), m.line(), m.name(), m.proved() ? "PROVED" : "REFUTED", m.openJml()))
                .toList();
    }

    /**
     * How the two provers' verdicts on methods go together, a line each with its count; empty where OpenJML did not
     * run.
     */
    public List<String> table() {
        if (!openJml.ran()) {
            return List.of();
        }
        Map<String, Long> rows = new LinkedHashMap<>();
        rows.put(
                "proved by both",
                methods.stream()
                        .filter(m -> m.proved() && m.openJml() == Verdict.PROVED)
                        .count());
        rows.put(
                "proved by the built-in prover alone",
                methods.stream()
                        .filter(m -> m.proved() && m.openJml() != Verdict.PROVED)
                        .count());
        rows.put(
                "proved by OpenJML alone",
                methods.stream()
                        .filter(m -> !m.proved() && m.openJml() == Verdict.PROVED)
                        .count());
        rows.put("refuted by OpenJML", count(Verdict.REFUTED));
        rows.put("not decided by OpenJML", count(Verdict.UNKNOWN));
        rows.put("not reached by OpenJML (crashed, or not named)", count(Verdict.NOT_CHECKED));
        List<String> lines = new ArrayList<>();
        rows.forEach(
                (what, count) -> lines.add("OpenJML: %4d of %d methods %s".formatted(count, methods.size(), what)));
        return lines;
    }

    private long count(Verdict verdict) {
        return methods.stream().filter(m -> m.openJml() == verdict).count();
    }

    /** The checkers with their versions, or why one did not run. */
    public Map<String, String> checkers() {
        Map<String, String> checkers = new LinkedHashMap<>();
        checkers.put(ContractCheck.PROVER, solver);
        checkers.put(
                "OpenJML", openJml.ran() ? openJml.detail() : openJml.detail().replaceFirst("^OpenJML: ", ""));
        return checkers;
    }

    /** What is wrong apart from clauses that are not proved, a line each. */
    public List<String> problems() {
        List<String> all = new ArrayList<>(errors);
        if (!openJml.failure().isEmpty()) {
            all.add(openJml.failure());
        }
        all.addAll(disagreements());
        return all;
    }

    /** Everything that fails, a line each. */
    public List<String> failures() {
        List<String> all = new ArrayList<>(errors);
        for (Method m : methods) {
            for (Clause c : m.clauses()) {
                if (c.verdict() != Verdict.PROVED && c.open().isEmpty()) {
                    all.add("%s:%d: %s: %s `%s` is %s: %s%s"
                            .formatted(
                                    m.file(),
                                    c.line(),
                                    m.name(),
                                    c.kind(),
                                    c.text(),
                                    c.verdict() == Verdict.REFUTED ? "refuted" : "not proved",
                                    c.failure(),
                                    c.counterexample().isEmpty() ? "" : "; counterexample: " + c.counterexample()));
                }
            }
        }
        Set<String> doubtful = new LinkedHashSet<>();
        methods.stream().filter(m -> !m.proved() && !m.open()).forEach(m -> doubtful.add(m.name()));
        boolean more = !doubtful.isEmpty();
        while (more) {
            more = false;
            for (Method m : methods) {
                Optional<String> on = doubtful.contains(m.name())
                        ? Optional.empty()
                        : m.relies().stream().filter(doubtful::contains).findFirst();
                if (on.isPresent()) {
                    all.add("%s:%d: %s is not proved: it relies on %s, which is not proved"
                            .formatted(m.file(), m.line(), m.name(), on.orElseThrow()));
                    more = doubtful.add(m.name());
                }
            }
        }
        if (!openJml.failure().isEmpty()) {
            all.add(openJml.failure());
        }
        all.addAll(disagreements());
        return all;
    }

    /** How many things are assumed: statements assume, and model methods without a body. */
    public long assumed() {
        return methods.stream().mapToLong(m -> m.assumptions().size()).sum();
    }

    /** The methods whose contracts the proofs use though nobody tried to prove them here. */
    public SortedSet<String> believed() {
        SortedSet<String> names = new TreeSet<>();
        methods.forEach(m -> names.addAll(m.relies()));
        methods.forEach(m -> names.remove(m.name()));
        return names;
    }

    /** How many clauses there are. */
    public int clauses() {
        return methods.stream().mapToInt(m -> m.clauses().size()).sum();
    }

    /** How many clauses are listed as open, and not proved. */
    public long open() {
        return methods.stream()
                .flatMap(m -> m.clauses().stream())
                .filter(c -> !c.open().isEmpty())
                .count();
    }

    /** How many conditions there are. */
    public int conditions() {
        return methods.stream()
                .flatMap(m -> m.clauses().stream())
                .mapToInt(Clause::conditions)
                .sum();
    }

    /** The result in a few words. */
    public String summary() {
        if (!passed()) {
            return failures().size() + " failures";
        }
        long assumed = assumed();
        long open = open() - assumed;
        SortedSet<String> believed = believed();
        return (open == 0 ? "all proved" : open + " clauses open (NOT PROVED), all others proved")
                + (assumed == 0 ? "" : " under " + assumed + " assumptions (excused in the list of open clauses)")
                + (believed.isEmpty()
                        ? ""
                        : "; believed, and not proved here: the contracts of " + String.join(", ", believed))
                + notes.stream().map(n -> "; " + n).collect(Collectors.joining());
    }
}
