package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.transformer.OperationCases.Case;

/** The reference operations against the second implementation, to the bit. */
class ScalarOperationsTest {

    /** The operations under test. */
    TransformerOperations operations() {
        return new ScalarOperations();
    }

    /** REQ-OPS-001 to REQ-OPS-003. */
    @Test
    void dot() {
        for (Case c : OperationCases.of("dot")) {
            float[] a = c.floats(1);
            assertEquals(
                    bits(c.floats(3)[0]), bits(operations().dot(a, 0, c.floats(2), 0, a.length)), "n = " + a.length);
        }
    }

    /**
     * REQ-OPS-002: a seeded fault: the sum in order of the index has other bits, so the cases tell the orders apart.
     */
    @Test
    void aSumInAnotherOrderIsSeen() {
        Case c = OperationCases.of("dot").getLast();
        float sequential = 0;
        for (int k = 0; k < c.floats(1).length; k++) {
            sequential += c.floats(1)[k] * c.floats(2)[k];
        }
        assertNotEquals(bits(c.floats(3)[0]), bits(sequential));
    }

    /** REQ-OPS-009. */
    @Test
    void rmsNorm() {
        for (Case c : OperationCases.of("rmsnorm")) {
            float[] y = new float[c.floats(3).length];
            operations().rmsNorm(c.floats(2), 0, c.floats(3), c.floats(1)[0], y, 0);
            assertBits(c.floats(4), y);
        }
    }

    /** REQ-OPS-009: in place, and at an offset. */
    @Test
    void rmsNormInPlace() {
        Case c = OperationCases.of("rmsnorm").getLast();
        int n = c.floats(3).length;
        float[] x = new float[n + 3];
        System.arraycopy(c.floats(2), 0, x, 3, n);
        operations().rmsNorm(x, 3, c.floats(3), c.floats(1)[0], x, 3);
        assertBits(c.floats(4), java.util.Arrays.copyOfRange(x, 3, n + 3));
        assertEquals(0, x[2]);
    }

    /** REQ-OPS-010, REQ-OPS-013. */
    @Test
    void gate() {
        for (Case c : OperationCases.of("gate")) {
            float[] gate = c.floats(2);
            operations().gate(Activation.valueOf(c.text(1)), gate, c.floats(3));
            assertBits(c.floats(4), gate);
        }
    }

    /** REQ-OPS-010. */
    @Test
    void add() {
        Case c = OperationCases.of("gate").getFirst();
        float[] x = c.floats(2);
        operations().add(x, c.floats(3));
        for (int k = 0; k < x.length; k++) {
            assertEquals(c.floats(2)[k] + c.floats(3)[k], x[k]);
        }
    }

    /** REQ-OPS-008. */
    @Test
    void softCap() {
        for (Case c : OperationCases.of("softcap")) {
            float[] x = c.floats(2);
            operations().softCap(x, c.floats(1)[0]);
            assertBits(c.floats(3), x);
        }
    }

    /** REQ-ROP-005. */
    @Test
    void rotate() {
        for (Case c : OperationCases.of("rotate")) {
            float[] x = c.floats(2);
            operations()
                    .rotate(Rotation.Layout.valueOf(c.text(1)), x, 0, c.floats(3), c.floats(4), 0, c.floats(3).length);
            assertBits(c.floats(5), x);
        }
    }

    /** REQ-ATT-004, REQ-ATT-005. */
    @Test
    void attend() {
        for (Case c : OperationCases.of("attend")) {
            assertBits(c.floats(6), attend(c, Math.toIntExact(c.integer(1))));
        }
    }

    /**
     * REQ-OPS-002, REQ-ATT-005: counting positions from the window's start rotates the partial sums, and the tree is
     * the same for every rotation.
     */
    @Test
    void aRotationOfThePartialSumsChangesNoBit() {
        for (Case c : OperationCases.of("attend")) {
            assertBits(c.floats(6), attend(c, 0));
        }
    }

    /**
     * REQ-ATT-005: a seeded fault: weights that are divided by their sum before they meet the values give other bits.
     */
    @Test
    void divisionAheadOfTheSumIsSeen() {
        Case c = OperationCases.of("attend").get(2);
        float[] query = c.floats(3);
        int size = query.length;
        float[] keys = c.floats(4);
        float[] values = c.floats(5);
        float[] weights = new float[keys.length / size];
        float largest = Float.NEGATIVE_INFINITY;
        for (int t = 0; t < weights.length; t++) {
            weights[t] = StridedSum.dot(query, 0, keys, t * size, size) * c.floats(2)[0];
            largest = Math.max(largest, weights[t]);
        }
        for (int t = 0; t < weights.length; t++) {
            weights[t] = ElementaryFunctions.exp(weights[t] - largest);
        }
        float total = StridedSum.sum(weights, 0, weights.length - 1);
        float[] faulty = new float[size];
        for (int d = 0; d < size; d++) {
            float[] terms = new float[weights.length];
            for (int t = 0; t < terms.length; t++) {
                terms[t] = (weights[t] / total) * values[t * size + d];
            }
            faulty[d] = StridedSum.sum(terms, 0, terms.length - 1);
        }
        assertTrue(!java.util.Arrays.equals(OperationCases.bits(c.floats(6)), OperationCases.bits(faulty)));
    }

    /**
     * REQ-ATT-006: a head with a sink, among others; a sink of −∞ is none, and a head that leaves its own out is seen.
     */
    @Test
    void sinks() {
        for (Case c : OperationCases.of("sink")) {
            int first = Math.toIntExact(c.integer(1));
            float sink = c.floats(2)[2];
            assertBits(c.floats(6), attend(c, first, new float[] {7, sink, -3}, 1));
            float[] without = attend(c, first, new float[] {Float.NEGATIVE_INFINITY}, 0);
            assertBits(attend(c, first), without);
            assertTrue(!java.util.Arrays.equals(OperationCases.bits(c.floats(6)), OperationCases.bits(without)));
        }
    }

    private float[] attend(Case c, int first) {
        return attend(c, first, new float[0], 0);
    }

    private float[] attend(Case c, int first, float[] sinks, int sinksFrom) {
        float[] query = c.floats(3);
        int size = query.length;
        int count = c.floats(4).length / size;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keys = cache(arena, c.floats(4), first, size);
            MemorySegment values = cache(arena, c.floats(5), first, size);
            float[] output = new float[size + 2];
            operations()
                    .attend(new AttentionHeads(
                            query,
                            0,
                            1,
                            keys,
                            values,
                            size,
                            first,
                            first + count - 1,
                            c.floats(2)[0],
                            c.floats(2)[1],
                            sinks,
                            sinksFrom,
                            output,
                            1));
            assertEquals(0, output[0]);
            assertEquals(0, output[size + 1]);
            return java.util.Arrays.copyOfRange(output, 1, size + 1);
        }
    }

    /** A cache whose unseen positions hold NaN, so that reading one is seen. */
    private static MemorySegment cache(Arena arena, float[] rows, int first, int size) {
        MemorySegment cache = arena.allocate((first * size + rows.length + size) * 4L, 64);
        for (long i = 0; i < cache.byteSize() / 4; i++) {
            cache.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NaN);
        }
        MemorySegment.copy(rows, 0, cache, ValueLayout.JAVA_FLOAT, first * size * 4L, rows.length);
        return cache;
    }

    private static int bits(float x) {
        return Float.floatToRawIntBits(x);
    }

    private static void assertBits(float[] expected, float[] actual) {
        assertArrayEquals(OperationCases.bits(expected), OperationCases.bits(actual));
    }
}
