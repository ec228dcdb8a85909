package org.threehalf.inference.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.threehalf.inference.calibrate.BitAllocation.Candidate;
import org.threehalf.kernels.format.Format;

class BitAllocationTest {

    private static final List<Format> FORMATS = MatrixGroup.FORMATS;

    /** A matrix whose formats have bytes and losses of any kind, mostly more of one with less of the other. */
    private static List<Candidate> matrix(SplittableRandom random, long size) {
        List<Candidate> candidates = new ArrayList<>();
        long bytes = 0;
        double loss = random.nextDouble() * 10;
        boolean wide = random.nextInt(8) == 0;
        for (Format format : FORMATS) {
            bytes += random.nextLong(size + 1);
            if (!wide || format == Format.INT8) {
                candidates.add(new Candidate(format, bytes, loss));
            }
            loss *= random.nextInt(6) == 0 ? 1.2 : random.nextDouble();
        }
        return candidates;
    }

    private static List<List<Candidate>> matrices(long seed, int count, long size) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> matrix(random, size)).limit(count).toList();
    }

    private static long least(List<List<Candidate>> matrices) {
        return matrices.stream()
                .mapToLong(
                        each -> each.stream().mapToLong(Candidate::bytes).min().orElseThrow())
                .sum();
    }

    private static long budget(List<List<Candidate>> matrices, double share) {
        long most = matrices.stream()
                .mapToLong(
                        each -> each.stream().mapToLong(Candidate::bytes).max().orElseThrow())
                .sum();
        return least(matrices) + (long) (share * 1.2 * (most - least(matrices)));
    }

    /** The least loss of all choices that fit, by trying them. */
    private static double leastLoss(List<List<Candidate>> matrices, int from, long budget) {
        if (from == matrices.size()) {
            return budget < 0 ? Double.POSITIVE_INFINITY : 0;
        }
        double least = Double.POSITIVE_INFINITY;
        for (Candidate candidate : matrices.get(from)) {
            least = Math.min(least, candidate.loss() + leastLoss(matrices, from + 1, budget - candidate.bytes()));
        }
        return least;
    }

    /** What is wrong with a choice. */
    private static Optional<String> fault(List<List<Candidate>> matrices, long budget, List<Candidate> choice) {
        for (int i = 0; i < matrices.size(); i++) {
            if (!matrices.get(i).contains(choice.get(i))) {
                return Optional.of("matrix %d: no such candidate".formatted(i));
            }
        }
        if (BitAllocation.bytes(choice) > budget) {
            return Optional.of("over the budget");
        }
        for (Format format : FORMATS) {
            List<Candidate> uniform = BitAllocation.uniform(matrices, format);
            if (!uniform.isEmpty()
                    && BitAllocation.bytes(uniform) <= budget
                    && BitAllocation.loss(uniform) < BitAllocation.loss(choice)) {
                return Optional.of("worse than all in " + format);
            }
        }
        if (matrices.size() <= 6 && BitAllocation.loss(choice) > leastLoss(matrices, 0, budget) * (1 + 1e-12)) {
            return Optional.of("not the least loss");
        }
        return Optional.empty();
    }

    @Provide
    Arbitrary<Integer> fewMatrices() {
        return Arbitraries.integers().between(1, 6);
    }

    /** The budget is kept, no format for all that fits is better, and nothing else either. */
    @Property(tries = 300)
    void isTheBestOfFewMatrices(
            @ForAll long seed, @ForAll("fewMatrices") int count, @ForAll @DoubleRange(min = 0, max = 1) double share) {
        List<List<Candidate>> matrices = matrices(seed, count, 2000);
        long budget = budget(matrices, share);
        assertEquals(Optional.empty(), fault(matrices, budget, BitAllocation.choose(matrices, budget)));
    }

    /** Of matrices as large as real ones, whose bytes do not all have a place in the table. */
    @Property(tries = 20)
    void keepsTheBudgetOfManyLargeMatrices(@ForAll long seed, @ForAll @DoubleRange(min = 0, max = 1) double share) {
        List<List<Candidate>> matrices = new ArrayList<>(matrices(seed, 130, 1 << 20));
        matrices.add(matrix(new SplittableRandom(seed), 1 << 28));
        long budget = budget(matrices, share);
        List<Candidate> choice = BitAllocation.choose(matrices, budget);
        assertEquals(Optional.empty(), fault(matrices, budget, choice));
        assertEquals(choice, BitAllocation.choose(matrices, budget));
    }

    /** More bytes never lose more. */
    @Property(tries = 200)
    void moreBytesLoseNoMore(
            @ForAll long seed,
            @ForAll @DoubleRange(min = 0, max = 1) double one,
            @ForAll @DoubleRange(min = 0, max = 1) double other) {
        List<List<Candidate>> matrices = matrices(seed, 20, 1000);
        double few = BitAllocation.loss(BitAllocation.choose(matrices, budget(matrices, Math.min(one, other))));
        double more = BitAllocation.loss(BitAllocation.choose(matrices, budget(matrices, Math.max(one, other))));
        assertTrue(more <= few * (1 + 1e-12), more + " > " + few);
    }

    /** Choices that would be wrong in a way of their own are told, each by its name. */
    @Example
    void wrongChoicesAreTold() {
        List<List<Candidate>> matrices = List.of(
                List.of(
                        new Candidate(Format.T3, 10, 8),
                        new Candidate(Format.T35, 12, 4),
                        new Candidate(Format.T4, 14, 2)),
                List.of(
                        new Candidate(Format.T3, 100, 9),
                        new Candidate(Format.T35, 120, 5),
                        new Candidate(Format.T4, 140, 3)));
        long budget = 134;
        BiFunction<Integer, Integer, Optional<String>> of = (a, b) -> fault(
                matrices,
                budget,
                List.of(matrices.get(0).get(a), matrices.get(1).get(b)));
        assertEquals(Optional.of("over the budget"), of.apply(2, 2));
        assertEquals(Optional.of("worse than all in T35"), of.apply(0, 0));
        // The steps that remove the most a byte, taken until the next one does not fit.
        assertEquals(Optional.of("worse than all in T35"), of.apply(2, 0));
        assertEquals(Optional.of("not the least loss"), of.apply(1, 1));
        assertEquals(Optional.empty(), of.apply(2, 1));
        assertEquals(
                Optional.of("matrix 0: no such candidate"),
                fault(
                        matrices,
                        budget,
                        List.of(new Candidate(Format.T3, 1, 1), matrices.get(1).getFirst())));
        assertEquals(
                List.of(Format.T4, Format.T35),
                BitAllocation.choose(matrices, budget).stream()
                        .map(Candidate::format)
                        .toList());
    }

    /** Of equals the one with fewer bytes, then the first; losses of zero buy nothing. */
    @Example
    void tiesTakeNoBytes() {
        List<List<Candidate>> matrices = List.of(
                List.of(
                        new Candidate(Format.T4, 20, 0),
                        new Candidate(Format.G4, 20, 0),
                        new Candidate(Format.T3, 10, 0)),
                List.of(new Candidate(Format.T4, 20, 1), new Candidate(Format.G4, 20, 1)));
        assertEquals(
                List.of(Format.T3, Format.T4),
                BitAllocation.choose(matrices, 1000).stream()
                        .map(Candidate::format)
                        .toList());
    }

    @Example
    void whatIsRefused() {
        List<List<Candidate>> matrices = List.of(List.of(new Candidate(Format.T3, 10, 1)));
        assertThrows(IllegalArgumentException.class, () -> BitAllocation.choose(matrices, 9));
        assertThrows(IllegalArgumentException.class, () -> new Candidate(Format.T3, 1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Candidate(Format.T3, 1, -1));
        assertThrows(IllegalArgumentException.class, () -> new Candidate(Format.T3, -1, 1));
    }
}
