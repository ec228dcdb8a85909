package org.threehalf.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.threehalf.conformance.CaseResult.Failure;
import org.threehalf.conformance.CaseResult.Spread;
import org.threehalf.conformance.vectors.Difference;
import org.threehalf.conformance.vectors.Difference.Value;

/** Arrays for results, and comparison by bits of sampled rows (REQ-CNF-001): −0 differs from +0. */
final class Bits {
    private Bits() {}

    /** An array for results, filled with a number that no result is, so that what is left unwritten shows. */
    static int[] poisonedInts(int length) {
        int[] values = new int[length];
        Arrays.fill(values, Integer.MIN_VALUE);
        return values;
    }

    /** As {@link #poisonedInts}: NaN is no result (REQ-DOT-005). */
    static float[] poisonedFloats(int length) {
        float[] values = new float[length];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    /**
     * Compares the entries of {@code actual} at {@code rows} with {@code expected}, which holds these alone; null if
     * they are equal.
     */
    static @Nullable Failure differenceAt(int[] rows, String part, int[] expected, int[] actual) {
        return difference(
                rows,
                part,
                actual.length,
                i -> expected[i] == actual[rows[i]],
                i -> Value.of(expected[i]),
                i -> Value.of(actual[rows[i]]));
    }

    /** As {@link #differenceAt(int[], String, int[], int[])}, for binary32. */
    static @Nullable Failure differenceAt(int[] rows, String part, float[] expected, float[] actual) {
        return difference(
                rows,
                part,
                actual.length,
                i -> Float.floatToRawIntBits(expected[i]) == Float.floatToRawIntBits(actual[rows[i]]),
                i -> Value.of(expected[i]),
                i -> Value.of(actual[rows[i]]));
    }

    private static @Nullable Failure difference(
            int[] rows,
            String part,
            int size,
            IntPredicate equal,
            IntFunction<Value> expected,
            IntFunction<Value> actual) {
        int[] places = IntStream.range(0, rows.length).filter(equal.negate()).toArray();
        if (places.length == 0) {
            return null;
        }
        Difference first = new Difference(part, rows[places[0]], expected.apply(places[0]), actual.apply(places[0]));
        List<Integer> kept =
                Arrays.stream(places).limit(Spread.KEPT).mapToObj(i -> rows[i]).toList();
        return new Failure(first.toString(), first, List.of(new Spread(part, size, places.length, kept)));
    }
}
