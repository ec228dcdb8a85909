package org.threehalf.backends.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * Random inputs to the operations, computed by a device and by the reference, and compared bit by bit.
 *
 * @param operations the device's
 */
record OperationsComparison(TransformerOperations operations) {
    private static final ScalarOperations REFERENCE = new ScalarOperations();

    /** Numbers of either sign whose magnitudes spread over 2^−20 … 2^10, and some zeros. */
    static float[] numbers(int n, SplittableRandom random) {
        float[] x = new float[n];
        for (int k = 0; k < n; k++) {
            x[k] = random.nextInt(20) == 0
                    ? (random.nextBoolean() ? 0f : -0f)
                    : (float) (Math.scalb(1 + random.nextDouble(), random.nextInt(-20, 10))
                            * (random.nextBoolean() ? 1 : -1));
        }
        return x;
    }

    private static float[] uniform(int n, SplittableRandom random) {
        float[] x = new float[n];
        for (int k = 0; k < n; k++) {
            x[k] = (float) (random.nextDouble() * 2 - 1);
        }
        return x;
    }

    /** silu, gelu and tanh of every {@code step}-th finite binary32. */
    void functions(int step) {
        int largest = Float.floatToRawIntBits(Float.MAX_VALUE);
        int count = largest / step + 1;
        float[] x = new float[2 * count];
        for (int i = 0; i < count; i++) {
            x[i] = Float.intBitsToFloat(i * step);
            x[count + i] = -x[i];
        }
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1);
        for (Activation activation : Activation.values()) {
            // The gelu of huge numbers leaves the finite range inside; the specification speaks of finite ones.
            float[] inputs = activation == Activation.GELU ? bounded(x, 0x1p40f) : x.clone();
            float[] expected = inputs.clone();
            REFERENCE.gate(activation, expected, ones);
            operations.gate(activation, inputs, ones);
            Comparison.assertBits(activation.toString(), expected, inputs);
        }
        for (float cap : new float[] {1, 30, 50}) {
            float[] expected = x.clone();
            REFERENCE.softCap(expected, cap);
            float[] found = x.clone();
            operations.softCap(found, cap);
            Comparison.assertBits("soft cap " + cap, expected, found);
        }
    }

    /** The same in the range in which they are neither 0 nor linear, and exp by way of the weights of attention. */
    void functionsNearZero(int n, SplittableRandom random) {
        float[] x = new float[n];
        float[] ones = new float[n];
        for (int k = 0; k < n; k++) {
            x[k] = (float) (random.nextDouble() * 200 - 100);
            ones[k] = 1;
        }
        for (Activation activation : Activation.values()) {
            float[] expected = x.clone();
            REFERENCE.gate(activation, expected, ones);
            float[] found = x.clone();
            operations.gate(activation, found, ones);
            Comparison.assertBits(activation.toString(), expected, found);
        }
        float[] expected = x.clone();
        REFERENCE.softCap(expected, 40);
        operations.softCap(x, 40);
        Comparison.assertBits("soft cap", expected, x);
    }

    /**
     * exp alone: position 0 scores 0 and holds values of 0, so an output is exp(score of position 1) times its value,
     * over a sum near 1.
     */
    void exponentials(int size, SplittableRandom random) {
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 40; i++) {
                float[] query = new float[size];
                query[0] = 1;
                float[] keys = new float[2 * size];
                keys[size] = (float) (-105 * random.nextDouble());
                float[] values = new float[2 * size];
                for (int d = 0; d < size; d++) {
                    values[size + d] = (float) Math.scalb(1 + random.nextDouble(), random.nextInt(0, 100));
                }
                MemorySegment keySegment = arena.allocateFrom(ValueLayout.JAVA_FLOAT, keys);
                MemorySegment valueSegment = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
                float[] expected = new float[size];
                REFERENCE.attend(
                        new AttentionHeads(query, 0, 1, keySegment, valueSegment, size, 0, 1, 1, 0, expected, 0));
                float[] found = new float[size];
                operations.attend(
                        new AttentionHeads(query, 0, 1, keySegment, valueSegment, size, 0, 1, 1, 0, found, 0));
                Comparison.assertBits("attention with a weight of exp(%s)".formatted(keys[size]), expected, found);
            }
        }
    }

    private static float[] bounded(float[] x, float limit) {
        float[] bounded = x.clone();
        for (int i = 0; i < x.length; i++) {
            bounded[i] = Math.max(-limit, Math.min(limit, x[i]));
        }
        return bounded;
    }

    void dotAndNorm(int n, SplittableRandom random) {
        float[] a = numbers(n + 3, random);
        float[] b = numbers(n + 2, random);
        Comparison.assertBits(
                "dot", new float[] {REFERENCE.dot(a, 3, b, 2, n)}, new float[] {operations.dot(a, 3, b, 2, n)});
        float[] weights = numbers(n, random);
        float[] expected = new float[n + 1];
        REFERENCE.rmsNorm(a, 3, weights, 1e-6f, expected, 1);
        float[] found = new float[n + 1];
        operations.rmsNorm(a, 3, weights, 1e-6f, found, 1);
        Comparison.assertBits("rmsnorm", expected, found);
    }

    void elementByElement(int n, SplittableRandom random) {
        float[] x = numbers(n, random);
        float[] y = numbers(n, random);
        float[] expected = x.clone();
        REFERENCE.add(expected, y);
        float[] found = x.clone();
        operations.add(found, y);
        Comparison.assertBits("add", expected, found);
        for (Activation activation : Activation.values()) {
            expected = x.clone();
            REFERENCE.gate(activation, expected, y);
            found = x.clone();
            operations.gate(activation, found, y);
            Comparison.assertBits("gate " + activation, expected, found);
        }
    }

    void rotation(int pairs, Rotation.Layout layout, SplittableRandom random) {
        float[] x = numbers(2 * pairs + 5, random);
        float[] cosines = numbers(pairs + 2, random);
        float[] sines = numbers(pairs + 2, random);
        float[] expected = x.clone();
        REFERENCE.rotate(layout, expected, 4, cosines, sines, 2, pairs);
        float[] found = x.clone();
        operations.rotate(layout, found, 4, cosines, sines, 2, pairs);
        Comparison.assertBits("rotation", expected, found);
    }

    void attention(int size, int last, boolean capped, SplittableRandom random) {
        int first = random.nextBoolean() ? 0 : random.nextInt(last + 1);
        // Every other time scores of a few units, as in a model.
        boolean usual = random.nextBoolean();
        float[] query = usual ? uniform(size + 1, random) : numbers(size + 1, random);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keys = arena.allocateFrom(
                    ValueLayout.JAVA_FLOAT,
                    usual ? uniform((last + 1) * size, random) : numbers((last + 1) * size, random));
            MemorySegment values = arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers((last + 1) * size, random));
            // From flat weights to one that outweighs all others.
            float scale = usual ? 3 : (float) Math.scalb(1.0, random.nextInt(-30, -8));
            float cap = capped ? 5 : 0;
            // Every third time a sink, below, among or above the scores.
            float[] sinks = random.nextInt(3) > 0 ? new float[0] : new float[] {9, random.nextInt(-8, 9)};
            int sink = sinks.length / 2;
            float[] expected = new float[size + 2];
            REFERENCE.attend(new AttentionHeads(
                    query, 1, 1, keys, values, size, first, last, scale, cap, sinks, sink, expected, 2));
            float[] found = new float[size + 2];
            operations.attend(new AttentionHeads(
                    query, 1, 1, keys, values, size, first, last, scale, cap, sinks, sink, found, 2));
            Comparison.assertBits("attention over %d … %d".formatted(first, last), expected, found);
        }
    }
}
