package org.threehalf.kernels.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AttentionHeadsTest {

    /** Two heads of 3 elements over positions 1 to 2 of three. */
    private static final AttentionHeads RIGHT = new AttentionHeads(
            new float[8],
            1,
            2,
            MemorySegment.ofArray(new float[] {0, 0, 0, 1, 2, 3, 4, 5, 6}),
            MemorySegment.ofArray(new float[9]),
            3,
            1,
            2,
            1,
            0,
            new float[9],
            2);

    private static void assertRefused(String why, UnaryOperator<AttentionHeads> wrong) {
        assertEquals(
                IllegalArgumentException.class,
                assertThrows(IllegalArgumentException.class, () -> wrong.apply(RIGHT), why)
                        .getClass());
    }

    @Test
    void operandsThatDoNotFitAreRefused() {
        assertRefused(
                "heads", h -> new AttentionHeads(h.query(), 1, -1, h.keys(), h.values(), 3, 1, 2, 1, 0, h.output(), 2));
        assertRefused(
                "elements",
                h -> new AttentionHeads(h.query(), 1, 2, h.keys(), h.values(), 0, 1, 2, 1, 0, h.output(), 2));
        assertRefused(
                "first", h -> new AttentionHeads(h.query(), 1, 2, h.keys(), h.values(), 3, -1, 2, 1, 0, h.output(), 2));
        assertRefused(
                "last", h -> new AttentionHeads(h.query(), 1, 2, h.keys(), h.values(), 3, 2, 1, 1, 0, h.output(), 2));
        assertRefused(
                "position",
                h -> new AttentionHeads(h.query(), 1, 2, h.keys(), h.values(), 3, 1, 1 << 20, 1, 0, h.output(), 2));
        assertRefused(
                "cap",
                h -> new AttentionHeads(h.query(), 1, 2, h.keys(), h.values(), 3, 1, 2, 1, Float.NaN, h.output(), 2));
        assertRefused(
                "in place",
                h -> new AttentionHeads(h.query(), 1, 2, h.keys(), h.values(), 3, 1, 2, 1, 0, h.query(), 2));
        assertRefused(
                "query", h -> new AttentionHeads(h.query(), 3, 2, h.keys(), h.values(), 3, 1, 2, 1, 0, h.output(), 2));
        assertRefused(
                "sinks",
                h -> new AttentionHeads(
                        h.query(), 1, 2, h.keys(), h.values(), 3, 1, 2, 1, 0, new float[3], 2, h.output(), 2));
        assertRefused(
                "sinks",
                h -> new AttentionHeads(
                        h.query(), 1, 2, h.keys(), h.values(), 3, 1, 2, 1, 0, new float[0], 1, h.output(), 2));
        assertRefused(
                "output", h -> new AttentionHeads(h.query(), 1, 2, h.keys(), h.values(), 3, 1, 2, 1, 0, h.output(), 4));
        assertRefused(
                "keys",
                h -> new AttentionHeads(
                        h.query(), 1, 2, h.keys().asSlice(4), h.values(), 3, 1, 2, 1, 0, h.output(), 2));
        assertRefused(
                "values",
                h -> new AttentionHeads(
                        h.query(), 1, 2, h.keys(), h.values().asSlice(4), 3, 1, 2, 1, 0, h.output(), 2));
    }

    @Test
    void aHeadAndWhatIsSeen() {
        assertEquals(2, RIGHT.positions());
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, RIGHT.seenKeys().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
        AttentionHeads second = RIGHT.head(1);
        assertEquals(1, second.count());
        assertEquals(4, second.queryFrom());
        assertEquals(5, second.outputFrom());
    }
}
