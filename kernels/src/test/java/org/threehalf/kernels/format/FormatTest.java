package org.threehalf.kernels.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.kernels.PackedMatrix;

class FormatTest {

    /** REQ-FMT-001: the table in the specification's text, column by column. */
    @Test
    void theConstantsAreThoseOfTheSpecificationsTable() throws IOException {
        Path specification = Path.of(System.getProperty("threehalf.root", ".."), "spec", "FORMAT.md");
        List<String[]> rows = Files.readAllLines(specification).stream()
                .filter(line -> line.matches("\\| \\d+ \\| `.*"))
                .map(line -> line.replace("`", "").replace(",", "").split(" *\\| *"))
                .toList();
        assertEquals(Format.values().length, rows.size());
        for (String[] row : rows) {
            Format format = Format.ofName(row[2]);
            assertEquals(row[1], Integer.toString(format.id()));
            assertEquals(row[3], Integer.toString(format.traits().evenBits()));
            assertEquals(row[4], Integer.toString(format.traits().oddBits()));
            assertEquals(row[5], format.even().name());
            assertEquals(row[6], format.odd().name());
            assertEquals(row[7], format.hasSubscales() ? "4 bits" : "–");
            assertEquals(row[8], Integer.toString(format.maxWeight()));
            assertEquals(row[9], Integer.toString(format.scaleDivisor()));
            assertEquals(row[10], Integer.toString(format.maxColumns()));
            assertEquals(row[11], Integer.toString(format.blockBytes()));
        }
    }

    /** REQ-FMT-003: the limits themselves are taken, one past them is refused. */
    @ParameterizedTest
    @EnumSource
    void shapesOutsideTheLimitsAreRefused(Format format) {
        format.requireShape(1, 1);
        format.requireShape(Integer.MAX_VALUE, format.maxColumns());
        assertThrows(IllegalArgumentException.class, () -> format.requireShape(0, 1));
        assertThrows(IllegalArgumentException.class, () -> format.requireShape(1, 0));
        assertThrows(IllegalArgumentException.class, () -> format.requireShape(-1, 1));
        String message = assertThrows(
                        IllegalArgumentException.class, () -> format.requireShape(1, format.maxColumns() + 1))
                .getMessage();
        assertTrue(message.contains("%,d".formatted(format.maxColumns())), message);
    }

    /** REQ-FMT-003, REQ-DOT-002: every format's limit keeps the largest sum below 2³¹. */
    @ParameterizedTest
    @EnumSource
    void theLimitKeepsTheLargestSumInInt32(Format format) {
        assertTrue(127L * format.maxWeight() * format.maxColumns() < 1L << 31);
    }

    /** REQ-FMT-004: finite, no sign bit (not even of −0), at most 2⁴⁰. */
    @Test
    void scalesOutsideTheRangeAreRefused() {
        for (float good : new float[] {0, Float.MIN_VALUE, 1, 0x1p40f}) {
            Format.requireScale(good);
        }
        for (float bad : new float[] {
            -0.0f, -1, Math.nextUp(0x1p40f), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN
        }) {
            assertThrows(IllegalArgumentException.class, () -> Format.requireScale(bad), () -> "" + bad);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> Format.requireScale(Float.intBitsToFloat(0xffc00000)),
                "a NaN with the sign bit");
    }

    /** REQ-FMT-008: the formula, and what a matrix really takes; with the specification's own figures. */
    @ParameterizedTest
    @EnumSource
    void everyByteIsCounted(Format format) {
        for (int columns : new int[] {1, 63, 64, 65, 128, 129, 640, 2048}) {
            int blocks = (columns + 63) / 64;
            long bytes = 5L * (blocks * format.blockBytes() + (format.hasSubscales() ? (blocks + 1) / 2 : 0) + 4);
            assertEquals(bytes, format.matrixBytes(5, columns));
            assertEquals(8.0 * bytes / (5 * columns), format.bitsPerWeight(5, columns));
            try (Arena arena = Arena.ofConfined()) {
                PackedMatrix matrix = PackedMatrix.allocate(format, 5, columns, arena);
                assertEquals(
                        bytes,
                        matrix.codes().byteSize()
                                + matrix.subscales().byteSize()
                                + matrix.scales().byteSize());
            }
        }
        assertEquals("3.5039", "%.4f".formatted(Format.U35.bitsPerWeight(100, 8192)));
        assertEquals("3.5664", "%.4f".formatted(Format.G35.bitsPerWeight(100, 8192)));
    }

    /** REQ-FMT-008: sizes past 2 GiB and 4 GiB do not wrap. */
    @Test
    void sizesOfLargeMatricesDoNotWrap() {
        assertEquals(262_144L * (10 * 28 + 5 + 4), Format.G35.matrixBytes(262_144, 640));
        assertEquals(2_000_000L * (448L * 28 + 224 + 4), Format.G35.matrixBytes(2_000_000, 28_672));
        assertEquals(Integer.MAX_VALUE * (16_384L * 32 + 4), Format.U4.matrixBytes(Integer.MAX_VALUE, 1_048_576));
    }

    /**
     * REQ-FMT-005, REQ-FMT-001: no sub-scale and no entry pass the bound on |m·T[c]|; all formats but G3 and those of
     * windows reach it.
     */
    @ParameterizedTest
    @EnumSource
    void theBoundOnWeights(Format format) {
        assertEquals(15, Format.MAX_SUBSCALE);
        int largest =
                Math.max(format.even().maxMagnitude(), format.odd().maxMagnitude()) * (format.hasSubscales() ? 15 : 1);
        assertEquals(format == Format.G3 ? 390 : format.traits().windowed() ? 345 : format.maxWeight(), largest);
        assertTrue(largest <= format.maxWeight());
    }

    @Test
    void namesAndNumbers() {
        for (Format format : Format.values()) {
            assertSame(format, Format.ofName(format.name().toLowerCase(java.util.Locale.ROOT)));
            assertSame(format, Format.ofId(format.id()));
            assertSame(format.even(), format.codebook(0));
            assertSame(format.odd(), format.codebook(63));
        }
        assertThrows(IllegalArgumentException.class, () -> Format.ofName("g5"));
        for (long id : new long[] {-1, 10, 1L << 32, Long.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> Format.ofId(id));
        }
    }
}
