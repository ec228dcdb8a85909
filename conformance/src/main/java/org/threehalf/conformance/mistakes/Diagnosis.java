package org.threehalf.conformance.mistakes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.threehalf.backends.spi.Backend;
import org.threehalf.conformance.Answer;
import org.threehalf.conformance.CaseArrays;
import org.threehalf.conformance.ConformanceReport.Finding;
import org.threehalf.conformance.ConformanceRunner.Judged;
import org.threehalf.conformance.ConformanceSuite;
import org.threehalf.conformance.HostCases;
import org.threehalf.conformance.vectors.VectorCase;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.Verdict;

/**
 * Says why a device is wrong (REQ-CNF-006): runs every known mistake on the cases that failed, and on some that passed,
 * and names those that give the device's answers to the bit.
 *
 * <p>A mistake is named only if it explains a failure and contradicts no case that passed. If the failures have several
 * causes, the mistake that explains most is named first, then the one that explains most of the rest.
 */
public final class Diagnosis {

    /**
     * Cases of a kind and format that are looked at: enough to tell mistakes apart, few enough for hundreds of
     * mistakes.
     */
    private static final int SAMPLE = 6;
    /** The largest K that is looked at; the extremes would take most of the time and tell no more. */
    private static final int COLUMNS = 40_000;

    private Diagnosis() {}

    /** What a device with a known mistake answers to cases. Asked by several threads. */
    @FunctionalInterface
    interface Answers {
        /** By running it. */
        Answers BY_RUNNING = (mistake, vectorCase) -> {
            try (Backend backend = mistake.backend().get()) {
                return CaseArrays.answer(backend, vectorCase);
            }
        };

        /** The answer. */
        Answer of(Mistake mistake, VectorCase vectorCase);
    }

    /**
     * The mistakes that the answers look like.
     *
     * @param judged the cases of a run with their answers
     * @return what explains the failures, the best first; empty if nothing failed or nothing known explains it
     */
    public static List<Finding> explain(List<Judged> judged) {
        return explain(
                judged,
                Stream.of(Mistake.all(), Mistake.tableBits(), WideMistakes.all())
                        .flatMap(List::stream)
                        .toList());
    }

    /** As {@link #explain(List)}, among given mistakes. */
    static List<Finding> explain(List<Judged> judged, List<Mistake> mistakes) {
        return explain(judged, mistakes, Answers.BY_RUNNING);
    }

    /** As {@link #explain(List, List)}, with answers that may be known already. */
    static List<Finding> explain(List<Judged> judged, List<Mistake> mistakes, Answers answers) {
        List<Judged> failed = sample(judged, Verdict.FAILED);
        List<Judged> passed = sample(judged, Verdict.PASSED);
        Set<Judged> open = new LinkedHashSet<>(failed);
        List<Candidate> candidates = failed.isEmpty()
                ? List.of()
                : mistakes.parallelStream()
                        .map(mistake -> new Candidate(mistake, explained(mistake, failed, answers)))
                        .filter(candidate ->
                                !candidate.explained().isEmpty() && !contradicted(candidate.mistake(), passed, answers))
                        .toList();
        List<Finding> findings = new ArrayList<>();
        while (!open.isEmpty()) {
            int most = candidates.stream()
                    .mapToInt(candidate -> candidate.among(open))
                    .max()
                    .orElse(0);
            if (most == 0) {
                break;
            }
            List<Candidate> best = candidates.stream()
                    .filter(candidate -> candidate.among(open) == most)
                    .toList();
            // Of mistakes that explain equally much of what is left, one that explains less elsewhere is the more
            // specific.
            Candidate chosen = best.stream()
                    .min(Comparator.comparingInt(
                            candidate -> candidate.explained().size()))
                    .orElseThrow();
            List<String> names = best.stream()
                    .filter(other -> other.explained().equals(chosen.explained()))
                    .map(other -> other.mistake().name())
                    .toList();
            findings.add(new Finding(names, most, failed.size()));
            open.removeAll(chosen.explained());
        }
        return findings;
    }

    private record Candidate(Mistake mistake, Set<Judged> explained) {
        int among(Set<Judged> open) {
            return (int) explained.stream().filter(open::contains).count();
        }
    }

    private static List<Judged> sample(List<Judged> judged, Verdict verdict) {
        Map<String, Integer> taken = new HashMap<>();
        return judged.stream()
                // Whole decoders take long and tell less than the operations they are made of.
                .filter(one -> one.result().verdict() == verdict
                        && columns(one.vectorCase()) <= COLUMNS
                        && !(one.vectorCase() instanceof VectorCase.DecoderRun)
                        && !HostCases.has(one.vectorCase()))
                .filter(one -> taken.merge(one.result().kind() + one.result().format(), 1, Integer::sum) <= SAMPLE)
                .toList();
    }

    private static int columns(VectorCase vectorCase) {
        return switch (vectorCase) {
            case VectorCase.Dot c -> c.columns();
            case VectorCase.Product c -> c.columns();
            default -> 0;
        };
    }

    private static Set<Judged> explained(Mistake mistake, List<Judged> failed, Answers answers) {
        Set<Judged> explained = new LinkedHashSet<>();
        for (Judged one : failed) {
            if (touches(mistake, one) && same(one, answers.of(mistake, one.vectorCase()))) {
                explained.add(one);
            }
        }
        return explained;
    }

    private static boolean contradicted(Mistake mistake, List<Judged> passed, Answers answers) {
        return passed.stream()
                .filter(one -> touches(mistake, one))
                .anyMatch(one -> ConformanceSuite.judge(one.vectorCase(), answers.of(mistake, one.vectorCase()))
                                .verdict()
                        == Verdict.FAILED);
    }

    private static boolean touches(Mistake mistake, Judged one) {
        Format format = one.vectorCase().format();
        return format == null || mistake.touches().test(format);
    }

    private static boolean same(Judged one, Answer answer) {
        if (CaseArrays.mustBeRefused(one.vectorCase())) {
            // What a device makes of an input that it should have refused is its own affair.
            return answer instanceof Answer.Values && one.answer() instanceof Answer.Values;
        }
        return answer.equals(one.answer());
    }
}
