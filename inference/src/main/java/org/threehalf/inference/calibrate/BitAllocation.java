package org.threehalf.inference.calibrate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.threehalf.kernels.format.Format;

/**
 * Which of its formats each matrix takes, so that all together take a number of bytes at most and lose as little as can
 * be: a knapsack with one choice a matrix.
 *
 * <p>It is solved by dynamic programming over the bytes that the smallest choice leaves. Where these are more than the
 * table has places, a place stands for several bytes, and bytes are rounded up to places; what that leaves is given to
 * the steps that then remove the most loss a byte, one after the other. One format for all is what the result is held
 * against: where one fits that loses less, it is taken in place of what the table says. So the loss is never more than
 * that of any one format that fits, and the least that is possible where a place is one byte.
 */
final class BitAllocation {
    /** The most places of the table. */
    private static final int MOST_PLACES = 1 << 16;
    /** Places and matrices together; bounds the memory of many matrices. */
    private static final int MOST_CELLS = 1 << 26;

    private static final int LEAST_PLACES = 1 << 8;

    /**
     * What a matrix may become.
     *
     * @param format its format
     * @param bytes everything stored for it (REQ-FMT-008)
     * @param loss what it adds to the model's loss, finite and not negative
     */
    record Candidate(Format format, long bytes, double loss) {
        Candidate {
            if (bytes < 0 || !(loss >= 0) || loss == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("%s: %,d bytes, a loss of %s".formatted(format, bytes, loss));
            }
        }
    }

    private final List<List<Candidate>> matrices;
    private final long budget;

    private BitAllocation(List<List<Candidate>> matrices, long budget) {
        this.matrices = matrices;
        this.budget = budget;
    }

    /**
     * Chooses.
     *
     * @param matrices of each matrix what it may become, at least one each
     * @param budget the most bytes
     * @return of each matrix the choice, in their order; of equals the one with fewer bytes, then the first
     * @throws IllegalArgumentException if the smallest choice does not fit
     */
    static List<Candidate> choose(List<List<Candidate>> matrices, long budget) {
        BitAllocation allocation = new BitAllocation(matrices, budget);
        List<Candidate> smallest =
                matrices.stream().map(BitAllocation::smallest).toList();
        if (bytes(smallest) > budget) {
            throw new IllegalArgumentException(
                    "%,d bytes: the smallest formats take %,d".formatted(budget, bytes(smallest)));
        }
        List<Candidate> best = allocation.filled(allocation.byTable(smallest));
        for (Format format : Format.values()) {
            List<Candidate> uniform = uniform(matrices, format);
            if (!uniform.isEmpty() && bytes(uniform) <= budget && loss(uniform) < loss(best)) {
                best = allocation.filled(uniform);
            }
        }
        return best;
    }

    /** The choice of one format for all matrices; empty if some matrix cannot take it. */
    static List<Candidate> uniform(List<List<Candidate>> matrices, Format format) {
        List<Candidate> uniform = matrices.stream()
                .flatMap(candidates -> candidates.stream()
                        .filter(candidate -> candidate.format() == format)
                        .limit(1))
                .toList();
        return uniform.size() == matrices.size() ? uniform : List.of();
    }

    /** Bytes of a choice. */
    static long bytes(List<Candidate> choice) {
        return choice.stream().mapToLong(Candidate::bytes).reduce(0, Math::addExact);
    }

    /** The loss of a choice, summed in the order of the matrices. */
    static double loss(List<Candidate> choice) {
        double sum = 0;
        for (Candidate candidate : choice) {
            sum += candidate.loss();
        }
        return sum;
    }

    private static Candidate smallest(List<Candidate> candidates) {
        return sorted(candidates).getFirst();
    }

    /** Those that no other one matches in both bytes and loss, by ascending bytes and so by descending loss. */
    private static List<Candidate> sorted(List<Candidate> candidates) {
        List<Candidate> kept = new ArrayList<>();
        candidates.stream()
                .sorted((a, b) -> a.bytes() != b.bytes()
                        ? Long.compare(a.bytes(), b.bytes())
                        : Double.compare(a.loss(), b.loss()))
                .forEach(candidate -> {
                    if (kept.isEmpty() || candidate.loss() < kept.getLast().loss()) {
                        kept.add(candidate);
                    }
                });
        return kept;
    }

    private List<Candidate> byTable(List<Candidate> smallest) {
        long room = budget - bytes(smallest);
        // More room than all matrices can take would make places of it that say nothing.
        long most = matrices.stream()
                .mapToLong(candidates -> sorted(candidates).getLast().bytes())
                .reduce(0, Math::addExact);
        room = Math.min(room, most - bytes(smallest));
        int limit = Math.clamp(MOST_CELLS / Math.max(1, matrices.size()), LEAST_PLACES, MOST_PLACES);
        long place = Math.max(1, Math.ceilDiv(room, (long) limit));
        int places = (int) (room / place);
        double[] losses = new double[places + 1];
        byte[][] chosen = new byte[matrices.size()][places + 1];
        for (int i = 0; i < matrices.size(); i++) {
            List<Candidate> candidates = sorted(matrices.get(i));
            double[] next = new double[places + 1];
            Arrays.fill(next, Double.POSITIVE_INFINITY);
            for (int c = 0; c < candidates.size(); c++) {
                long cost =
                        Math.ceilDiv(candidates.get(c).bytes() - smallest.get(i).bytes(), place);
                double loss = candidates.get(c).loss();
                for (int p = (int) Math.min(cost, places + 1L); p <= places; p++) {
                    double sum = losses[p - (int) cost] + loss;
                    if (sum < next[p]) {
                        next[p] = sum;
                        chosen[i][p] = (byte) c;
                    }
                }
            }
            losses = next;
        }
        List<Candidate> choice = new ArrayList<>(smallest);
        int left = places;
        for (int i = matrices.size() - 1; i >= 0; i--) {
            Candidate candidate = sorted(matrices.get(i)).get(chosen[i][left]);
            choice.set(i, candidate);
            left -= (int) Math.ceilDiv(candidate.bytes() - smallest.get(i).bytes(), place);
        }
        return choice;
    }

    /** A step of a matrix to another candidate. */
    private record Step(int matrix, Candidate to, double lossByByte) {}

    /** A choice that fits, with the steps taken that still fit, those first that remove the most loss a byte. */
    private List<Candidate> filled(List<Candidate> choice) {
        List<Candidate> filled = new ArrayList<>(choice);
        while (true) {
            long left = budget - bytes(filled);
            Step best = IntStream.range(0, filled.size())
                    .boxed()
                    .flatMap(i -> steps(i, filled.get(i), left))
                    .reduce(null, (a, b) -> a == null || b.lossByByte > a.lossByByte ? b : a);
            if (best == null) {
                return List.copyOf(filled);
            }
            filled.set(best.matrix, best.to);
        }
    }

    private Stream<Step> steps(int matrix, Candidate from, long left) {
        return sorted(matrices.get(matrix)).stream()
                .filter(to -> to.loss() < from.loss() && to.bytes() - from.bytes() <= left)
                .map(to -> new Step(
                        matrix,
                        to,
                        to.bytes() <= from.bytes()
                                ? Double.POSITIVE_INFINITY
                                : (from.loss() - to.loss()) / (to.bytes() - from.bytes())));
    }
}
