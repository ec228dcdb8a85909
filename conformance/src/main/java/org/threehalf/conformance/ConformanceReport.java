package org.threehalf.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.io.Verdict;

/**
 * The result of a run (REQ-CNF-003). It holds no times: two runs on the same machine give equal reports.
 *
 * @param backend the backend's name
 * @param detail the device and its version
 * @param vectors the files of golden vectors that the backend was judged by; empty if it was not
 * @param seeds of the random cases; empty if there were none
 * @param model the model whose matrices it was judged on, or null
 * @param selection the id of the only case that was asked for, or null for all
 * @param results one a case, golden vectors first
 * @param diagnosis what the failures look like, the best explanation first; empty if nothing failed or nothing known
 *     explains it
 */
public record ConformanceReport(
        String backend,
        String detail,
        List<VectorSource> vectors,
        List<Long> seeds,
        @Nullable ModelSource model,
        @Nullable String selection,
        List<CaseResult> results,
        List<Finding> diagnosis) {

    /**
     * A file of golden vectors.
     *
     * @param file its name
     * @param sha256 of its bytes, lower-case hexadecimal
     * @param cases how many it holds
     */
    public record VectorSource(String file, String sha256, int cases) {}

    /**
     * A model.
     *
     * @param file its name
     * @param bytes its size
     * @param sha256 of its bytes, lower-case hexadecimal
     * @param matrices how many quantised matrices it holds
     */
    public record ModelSource(String file, long bytes, String sha256, int matrices) {}

    /**
     * The cases of a level, kind and format.
     *
     * @param level the level
     * @param kind the kind
     * @param format the format, or null for cases without
     * @param passed how many passed
     * @param failed how many failed
     */
    public record Count(Level level, String kind, @Nullable String format, int passed, int failed) {
        private Count plus(Count other) {
            return new Count(level, kind, format, passed + other.passed, failed + other.failed);
        }
    }

    /**
     * A known mistake that explains failures (REQ-CNF-006).
     *
     * @param mistakes its name; several where the failures do not tell them apart
     * @param explained how many of the failures that were looked at it explains to the bit
     * @param failed how many were looked at
     */
    public record Finding(List<String> mistakes, int explained, int failed) {
        /** Takes a copy of the list. */
        public Finding {
            mistakes = List.copyOf(mistakes);
        }

        @Override
        public String toString() {
            return "looks like: %s (explains %d of %d failures)"
                    .formatted(String.join("; or: ", mistakes), explained, failed);
        }
    }

    /** Takes copies of the lists. */
    public ConformanceReport {
        vectors = List.copyOf(vectors);
        seeds = List.copyOf(seeds);
        results = List.copyOf(results);
        diagnosis = List.copyOf(diagnosis);
    }

    /** The same report with a diagnosis. */
    public ConformanceReport with(List<Finding> findings) {
        return new ConformanceReport(backend, detail, vectors, seeds, model, selection, results, findings);
    }

    /**
     * The report of several runs over the same cases: a case passes if it did in every run, and otherwise shows its
     * first failure.
     *
     * @param runs at least one
     */
    public static ConformanceReport repeated(List<ConformanceReport> runs) {
        ConformanceReport first = runs.getFirst();
        if (runs.size() == 1) {
            return first;
        }
        List<CaseResult> worst = new ArrayList<>();
        for (int i = 0; i < first.results.size(); i++) {
            int at = i;
            worst.add(runs.stream()
                    .map(run -> run.results.get(at))
                    .filter(result -> result.verdict() == Verdict.FAILED)
                    .findFirst()
                    .orElse(first.results.get(i)));
        }
        List<Finding> findings = runs.stream()
                .filter(run -> !run.passed())
                .map(ConformanceReport::diagnosis)
                .findFirst()
                .orElse(List.of());
        long failed = runs.stream().filter(run -> !run.passed()).count();
        return new ConformanceReport(
                first.backend,
                "%s; %d runs, %d with failures".formatted(first.detail, runs.size(), failed),
                first.vectors,
                first.seeds,
                first.model,
                first.selection,
                worst,
                findings);
    }

    /** Whether there were cases and every one passed. */
    public boolean passed() {
        return !results.isEmpty() && failures().isEmpty();
    }

    /** The cases that failed. */
    public List<CaseResult> failures() {
        return results.stream()
                .filter(result -> result.verdict() == Verdict.FAILED)
                .toList();
    }

    /** Counts by level, kind and format, in the order of their first cases. */
    public List<Count> summary() {
        SequencedMap<String, Count> counts = new LinkedHashMap<>();
        for (CaseResult result : results) {
            int passed = result.verdict() == Verdict.PASSED ? 1 : 0;
            String key = result.level() + "/" + result.kind() + "/" + result.format();
            counts.merge(
                    key, new Count(result.level(), result.kind(), result.format(), passed, 1 - passed), Count::plus);
        }
        return List.copyOf(counts.values());
    }

    /** The reasons of all flags of the cases, by the flags' names, in the order of their first cases. */
    public SequencedMap<String, String> flags() {
        SequencedMap<String, String> flags = new LinkedHashMap<>();
        results.forEach(result -> result.flags().forEach(flags::putIfAbsent));
        return flags;
    }
}
