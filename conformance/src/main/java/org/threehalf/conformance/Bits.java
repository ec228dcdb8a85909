package org.threehalf.conformance;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.threehalf.conformance.Difference.Value;

/**
 * Comparison by bits (REQ-CNF-001): −0 differs from +0.
 *
 * <p>{@link Arrays#mismatch(float[], float[])} takes all NaNs for one, which does no harm: nothing that is expected is NaN.
 */
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

    static void requireSigned(String part, byte[] expected, byte[] actual) throws Mismatch {
        requireLength(part, expected.length, actual.length);
        requireNone(part, Arrays.mismatch(expected, actual), i -> Value.ofSigned(expected[i]), i -> Value.ofSigned(actual[i]));
    }

    static void requireUnsigned(String part, byte[] expected, byte[] actual) throws Mismatch {
        requireLength(part, expected.length, actual.length);
        requireNone(part, Arrays.mismatch(expected, actual), i -> Value.ofUnsigned(expected[i]), i -> Value.ofUnsigned(actual[i]));
    }

    static void require(String part, int[] expected, int[] actual) throws Mismatch {
        requireLength(part, expected.length, actual.length);
        requireNone(part, Arrays.mismatch(expected, actual), i -> Value.of(expected[i]), i -> Value.of(actual[i]));
    }

    static void require(String part, float[] expected, float[] actual) throws Mismatch {
        requireLength(part, expected.length, actual.length);
        requireNone(part, Arrays.mismatch(expected, actual), i -> Value.of(expected[i]), i -> Value.of(actual[i]));
    }

    static void require(String part, float expected, float actual) throws Mismatch {
        require(part, new float[] {expected}, new float[] {actual});
    }

    /** Compares the entries of {@code actual} at {@code indexes} with {@code expected}, which holds these alone. */
    static void requireAt(int[] indexes, String part, int[] expected, int[] actual) throws Mismatch {
        for (int i = 0; i < indexes.length; i++) {
            if (expected[i] != actual[indexes[i]]) {
                throw new Mismatch(new Difference(part, indexes[i], Value.of(expected[i]), Value.of(actual[indexes[i]])));
            }
        }
    }

    /** As {@link #requireAt(int[], String, int[], int[])}, for binary32. */
    static void requireAt(int[] indexes, String part, float[] expected, float[] actual) throws Mismatch {
        for (int i = 0; i < indexes.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[indexes[i]])) {
                throw new Mismatch(new Difference(part, indexes[i], Value.of(expected[i]), Value.of(actual[indexes[i]])));
            }
        }
    }

    private static void requireLength(String part, int expected, int actual) throws Mismatch {
        if (expected != actual) {
            throw new Mismatch("%s: expected %d values, got %d".formatted(part, expected, actual));
        }
    }

    private static void requireNone(String part, int mismatch, IntFunction<Value> expected, IntFunction<Value> actual) throws Mismatch {
        if (mismatch >= 0) {
            throw new Mismatch(new Difference(part, mismatch, expected.apply(mismatch), actual.apply(mismatch)));
        }
    }
}
