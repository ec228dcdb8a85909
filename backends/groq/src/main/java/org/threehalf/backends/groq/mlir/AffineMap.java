package org.threehalf.backends.groq.mlir;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Says which element of a tensor an iteration of {@code linalg.generic} touches: subscript i is loop
 * {@code results[i]}.
 *
 * <p>The generator needs no more than such projections; anything else is cut out beforehand with
 * {@link Tensor#extractSlice}.
 *
 * @param dims the number of loops
 * @param results for each dimension of the tensor, the loop that runs along it
 */
public record AffineMap(int dims, List<Integer> results) {

    /** Checks that every result is a loop, and none comes twice. */
    public AffineMap {
        results = List.copyOf(results);
        for (int loop : results) {
            IllTypedException.require(loop >= 0 && loop < dims, "affine map", "loop %d of %d", loop, dims);
        }
        IllTypedException.require(
                results.stream().distinct().count() == results.size(),
                "affine map",
                "a loop comes twice in %s",
                results);
    }

    /** A map from {@code dims} loops to the named ones. */
    public static AffineMap of(int dims, int... results) {
        return new AffineMap(dims, Arrays.stream(results).boxed().toList());
    }

    /** The map that names every loop in order. */
    public static AffineMap identity(int dims) {
        return new AffineMap(dims, IntStream.range(0, dims).boxed().toList());
    }

    @Override
    public String toString() {
        String loops = IntStream.range(0, dims).mapToObj(loop -> "d" + loop).collect(Collectors.joining(", "));
        return results.stream()
                .map(loop -> "d" + loop)
                .collect(Collectors.joining(", ", "affine_map<(" + loops + ") -> (", ")>"));
    }
}
