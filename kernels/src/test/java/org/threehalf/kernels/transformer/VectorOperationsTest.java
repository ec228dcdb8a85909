package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.VectorSupport;

/** The operations of the Vector API against the reference and the second implementation, to the bit, at each width. */
@Tag("instructions")
class VectorOperationsTest {

    /** Loads the class once more, so that its constant width can be another one in the same Java. */
    private static final class WidthLoader extends ClassLoader {
        private WidthLoader() {
            super(VectorOperationsTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(VectorOperations.class.getName())
                    && !name.startsWith(VectorOperations.class.getName() + "$")) {
                return super.loadClass(name, resolve);
            }
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private static final ConcurrentMap<Integer, TransformerOperations> BY_WIDTH = new ConcurrentHashMap<>();

    /** The operations at a width; every width runs on every machine, if not fast. */
    private static TransformerOperations ofWidth(int bits) {
        return BY_WIDTH.computeIfAbsent(bits, width -> {
            System.setProperty(VectorSupport.BITS_PROPERTY, width.toString());
            try {
                return (TransformerOperations) new WidthLoader()
                        .loadClass(VectorOperations.class.getName(), true)
                        .getConstructor()
                        .newInstance();
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            } finally {
                System.clearProperty(VectorSupport.BITS_PROPERTY);
            }
        });
    }

    /** REQ-OPS-001 to REQ-OPS-010, REQ-ROP-005, REQ-ATT-004, REQ-ATT-005 at 128 bits. */
    @Nested
    class At128Bits extends ScalarOperationsTest {
        @Override
        TransformerOperations operations() {
            return ofWidth(128);
        }
    }

    /** REQ-OPS-001 to REQ-OPS-010, REQ-ROP-005, REQ-ATT-004, REQ-ATT-005 at 256 bits. */
    @Nested
    class At256Bits extends ScalarOperationsTest {
        @Override
        TransformerOperations operations() {
            return ofWidth(256);
        }
    }

    /** REQ-OPS-001 to REQ-OPS-010, REQ-ROP-005, REQ-ATT-004, REQ-ATT-005 at 512 bits. */
    @Nested
    class At512Bits extends ScalarOperationsTest {
        @Override
        TransformerOperations operations() {
            return ofWidth(512);
        }
    }

    private final TransformerOperations reference = new ScalarOperations();
    private final SplittableRandom random = new SplittableRandom(20261125);

    private float[] vector(int n) {
        float[] values = new float[n];
        // Magnitudes from 2^-20 to 2^6, so that orders of summation differ.
        for (int i = 0; i < n; i++) {
            values[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-20, 7)));
        }
        return values;
    }

    private static void assertBits(float[] expected, float[] actual, String what) {
        assertArrayEquals(OperationCases.bits(expected), OperationCases.bits(actual), what);
    }

    /** REQ-OPS-002 to REQ-OPS-010, REQ-ROP-005: all lengths up to 70, so that every tail is met. */
    @Test
    void everyLengthHasTheReferencesBits() {
        for (int bits : List.of(128, 256, 512)) {
            TransformerOperations vectors = ofWidth(bits);
            for (int n = 1; n <= 70; n++) {
                String what = bits + " bits, n = " + n;
                float[] a = vector(n + 3);
                float[] b = vector(n + 3);
                assertEquals(
                        Float.floatToRawIntBits(reference.dot(a, 2, b, 1, n)),
                        Float.floatToRawIntBits(vectors.dot(a, 2, b, 1, n)),
                        what);
                float[] expected = new float[n + 1];
                float[] actual = new float[n + 1];
                reference.rmsNorm(a, 1, Arrays.copyOf(b, n), 1e-5f, expected, 1);
                vectors.rmsNorm(a, 1, Arrays.copyOf(b, n), 1e-5f, actual, 1);
                assertBits(expected, actual, what);
                for (Activation activation : Activation.values()) {
                    float[] expectedGate = a.clone();
                    float[] actualGate = a.clone();
                    reference.gate(activation, expectedGate, b);
                    vectors.gate(activation, actualGate, b);
                    assertBits(expectedGate, actualGate, what);
                }
                float[] expectedCap = a.clone();
                float[] actualCap = a.clone();
                reference.softCap(expectedCap, 3);
                vectors.softCap(actualCap, 3);
                assertBits(expectedCap, actualCap, what);
                float[] expectedTurn = vector(2 * n + 2);
                float[] actualTurn = expectedTurn.clone();
                reference.rotate(Rotation.Layout.SPLIT, expectedTurn, 1, a, b, 2, n);
                vectors.rotate(Rotation.Layout.SPLIT, actualTurn, 1, a, b, 2, n);
                assertBits(expectedTurn, actualTurn, what);
            }
        }
    }

    /** REQ-OPS-003: several vectors with one row. */
    @Test
    void dotsHaveTheReferencesBits() {
        for (int bits : List.of(128, 256, 512)) {
            for (int n : new int[] {5, 16, 48, 64}) {
                for (int count = 1; count <= 9; count++) {
                    float[] row = vector(n);
                    float[][] vectors = new float[count][];
                    Arrays.setAll(vectors, t -> vector(n));
                    float[] expected = new float[count];
                    float[] actual = new float[count];
                    reference.dots(row, vectors, n, expected);
                    ofWidth(bits).dots(row, vectors, n, actual);
                    assertBits(expected, actual, bits + " bits, n = " + n + ", " + count + " vectors");
                }
            }
        }
    }

    /** REQ-OPS-004 to REQ-OPS-007: numbers of every magnitude, by their bits. */
    @Test
    void functionsHaveTheReferencesBitsAtEveryMagnitude() {
        float[] x = new float[40_000];
        for (int i = 0; i < x.length; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            x[i] = Float.isFinite(value) ? value : i;
        }
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1);
        for (int bits : List.of(128, 256, 512)) {
            for (Activation activation : Activation.values()) {
                float[] expected = x.clone();
                float[] actual = x.clone();
                reference.gate(activation, expected, ones);
                ofWidth(bits).gate(activation, actual, ones);
                assertBits(expected, actual, activation + " at " + bits + " bits");
            }
            float[] expected = x.clone();
            float[] actual = x.clone();
            reference.softCap(expected, 1);
            ofWidth(bits).softCap(actual, 1);
            assertBits(expected, actual, "softcap at " + bits + " bits");
        }
    }

    /**
     * REQ-ATT-005: windows of every length up to 40 at some starts, up to the end of the memory, heads with and without
     * a tail.
     */
    @Test
    void attentionHasTheReferencesBits() {
        try (Arena arena = Arena.ofConfined()) {
            for (int size : new int[] {6, 16, 24, 64}) {
                MemorySegment keys = arena.allocate(80L * size * 4, 64);
                MemorySegment values = arena.allocate(80L * size * 4, 64);
                MemorySegment.copy(vector(80 * size), 0, keys, ValueLayout.JAVA_FLOAT, 0, 80 * size);
                MemorySegment.copy(vector(80 * size), 0, values, ValueLayout.JAVA_FLOAT, 0, 80 * size);
                float[] query = vector(size + 1);
                for (int first : new int[] {0, 1, 15, 40}) {
                    for (int count = 1; count <= 40; count++) {
                        float cap = count % 2 == 0 ? 5 : 0;
                        float[] expected = new float[size + 1];
                        reference.attend(new AttentionHeads(
                                query, 1, 1, keys, values, size, first, first + count - 1, 0.25f, cap, expected, 1));
                        for (int bits : List.of(128, 256, 512)) {
                            float[] actual = new float[size + 1];
                            ofWidth(bits)
                                    .attend(new AttentionHeads(
                                            query,
                                            1,
                                            1,
                                            keys,
                                            values,
                                            size,
                                            first,
                                            first + count - 1,
                                            0.25f,
                                            cap,
                                            actual,
                                            1));
                            assertBits(
                                    expected,
                                    actual,
                                    "%d bits, %d elements, positions %d to %d"
                                            .formatted(bits, size, first, first + count - 1));
                        }
                    }
                }
            }
        }
    }

    /** REQ-ATT-003 to REQ-ATT-005: 1 to 9 heads together are as each alone; nothing is written before or after them. */
    @Test
    void headsTogetherHaveTheReferencesBits() {
        try (Arena arena = Arena.ofConfined()) {
            for (int size : new int[] {16, 48, 20}) {
                for (int last = 0; last < 50; last++) {
                    // Nothing lies behind the last position: a read past it would fail.
                    int numbers = (last + 1) * size;
                    MemorySegment keys = arena.allocate(numbers * 4L, 64);
                    MemorySegment values = arena.allocate(numbers * 4L, 64);
                    MemorySegment.copy(vector(numbers), 0, keys, ValueLayout.JAVA_FLOAT, 0, numbers);
                    MemorySegment.copy(vector(numbers), 0, values, ValueLayout.JAVA_FLOAT, 0, numbers);
                    int heads = 1 + last % 9;
                    int first = last / 3;
                    // A small scale spreads the weights over the window.
                    float scale = last % 2 == 0 ? 0.25f : 0x1p-9f;
                    float cap = last % 4 == 0 ? 5 : 0;
                    float[] query = vector(heads * size + 2);
                    float[] expected = new float[heads * size + 2];
                    reference.attend(new AttentionHeads(
                            query, 1, heads, keys, values, size, first, last, scale, cap, expected, 1));
                    for (int bits : List.of(128, 256, 512)) {
                        float[] actual = new float[heads * size + 2];
                        ofWidth(bits)
                                .attend(new AttentionHeads(
                                        query, 1, heads, keys, values, size, first, last, scale, cap, actual, 1));
                        assertBits(
                                expected,
                                actual,
                                "%d bits, %d heads of %d, positions %d to %d"
                                        .formatted(bits, heads, size, first, last));
                    }
                }
            }
        }
    }

    @Test
    void theFastestIsByVectorsHere() {
        assertEquals(VectorOperations.class, TransformerOperations.fastest().getClass());
    }
}
