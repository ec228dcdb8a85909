package org.threehalf.backends.groq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.spi.Backend;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.ScalarOperations;
import org.threehalf.kernels.transformer.TransformerOperations;

/** Each operation of {@code groq-mlir} against the scalar reference, with offsets into its arrays. */
@ExtendWith(WithMlir.class)
class MlirOperationsTest {

    private static final TransformerOperations REFERENCE = new ScalarOperations();

    private static Backend backend;
    private static TransformerOperations operations;

    @BeforeAll
    static void open() {
        backend = new MlirBackend("groq-mlir", WithMlir.compiler(), new ProductGenerator());
        operations = backend.operations();
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }

    private static float[] random(int count, SplittableRandom random) {
        float[] x = new float[count];
        for (int k = 0; k < count; k++) {
            x[k] = Math.scalb((float) random.nextDouble(-1, 1), random.nextInt(6));
        }
        return x;
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    /** Runs an operation that changes an array, by both. */
    private static void assertSame(float[] x, BiConsumer<TransformerOperations, float[]> operation) {
        float[] expected = x.clone();
        float[] actual = x.clone();
        operation.accept(REFERENCE, expected);
        operation.accept(operations, actual);
        assertArrayEquals(bits(expected), bits(actual));
    }

    /** REQ-OPS-003, REQ-OPS-008 to REQ-OPS-010. */
    @ParameterizedTest
    @ValueSource(ints = {1, 16, 37})
    void vectors(int n) {
        SplittableRandom random = new SplittableRandom(n);
        for (int trial = 0; trial < 20; trial++) {
            float[] x = random(n + 3, random);
            float[] y = random(n + 2, random);
            float[] weights = random(n, random);
            assertEquals(
                    Float.floatToRawIntBits(REFERENCE.dot(x, 3, y, 2, n)),
                    Float.floatToRawIntBits(operations.dot(x, 3, y, 2, n)));
            assertSame(x, (o, changed) -> o.rmsNorm(y, 2, weights, 1e-5f, changed, 1));
            assertSame(weights, (o, changed) -> o.add(changed, y));
            assertSame(weights, (o, changed) -> o.softCap(changed, 5));
            for (Activation activation : Activation.values()) {
                assertSame(weights, (o, changed) -> o.gate(activation, changed, y));
            }
        }
    }

    /** REQ-ROP-005. */
    @ParameterizedTest
    @EnumSource
    void rotate(Rotation.Layout layout) {
        SplittableRandom random = new SplittableRandom(4);
        float[] cosines = random(9, random);
        float[] sines = random(9, random);
        assertSame(random(20, random), (o, changed) -> o.rotate(layout, changed, 3, cosines, sines, 2, 7));
    }

    /**
     * REQ-ATT-004 to REQ-ATT-006: sizes that are no multiple of 16, a window, capped scores, a head without and two
     * with sinks; positions that are not seen hold NaN.
     */
    @ParameterizedTest
    @CsvSource({"16, 0, 0, 0", "24, 0, 15, 0", "24, 0, 16, 0", "16, 7, 40, 0", "16, 16, 31, 4"})
    void attend(int size, int first, int last, float cap) {
        SplittableRandom random = new SplittableRandom(size + last);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keys = cache(size, first, last, random, arena);
            MemorySegment values = cache(size, first, last, random, arena);
            float[] query = random(size + 2, random);
            assertSame(
                    random(size + 1, random),
                    (o, changed) -> o.attend(
                            new AttentionHeads(query, 2, 1, keys, values, size, first, last, 0.1f, cap, changed, 1)));
            float[] both = random(2 * size, random);
            float[] sinks = {5, -0.5f, 0.75f};
            assertSame(
                    random(2 * size, random),
                    (o, changed) -> o.attend(new AttentionHeads(
                            both, 0, 2, keys, values, size, first, last, 0.1f, cap, sinks, 1, changed, 0)));
        }
    }

    private static MemorySegment cache(int size, int first, int last, SplittableRandom random, Arena arena) {
        float[] all = new float[(last + 3) * size];
        Arrays.fill(all, Float.NaN);
        System.arraycopy(random((last - first + 1) * size, random), 0, all, first * size, (last - first + 1) * size);
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, all);
    }

    /** Nothing to do is nothing done. */
    @Test
    void empty() {
        assertEquals(0, operations.dot(new float[0], 0, new float[0], 0, 0));
        assertSame(new float[0], (o, changed) -> o.add(changed, new float[0]));
        assertSame(
                new float[3],
                (o, changed) -> o.rotate(Rotation.Layout.SPLIT, changed, 0, new float[0], new float[0], 0, 0));
    }
}
