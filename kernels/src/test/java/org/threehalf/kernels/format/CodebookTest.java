package org.threehalf.kernels.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CodebookTest {

    /** REQ-FMT-002: every entry of every table. */
    @Test
    void theTablesAreThoseOfTheSpecification() {
        for (int c = 0; c < 256; c++) {
            assertEquals(c < 128 ? c : c - 256, Codebook.T8.value(c));
        }
        for (int c = 0; c < 16; c++) {
            assertEquals(c - 8, Codebook.T4U.value(c));
        }
        for (int c = 0; c < 8; c++) {
            assertEquals(2 * (c - 4), Codebook.T3U.value(c));
        }
        assertArrayEquals(
                new byte[] {-31, -23, -18, -14, -10, -7, -4, -1, 1, 4, 7, 10, 14, 18, 23, 31}, Codebook.T4G.toArray());
        assertArrayEquals(new byte[] {-26, -15, -8, -2, 2, 8, 15, 26}, Codebook.T3G.toArray());
    }

    /**
     * REQ-FMT-002: strictly increasing, T8 and the table of windows apart; which the searches for the nearest entry
     * rest on.
     */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"T8", "TW"})
    void theTablesIncrease(Codebook codebook) {
        for (int c = 1; c < codebook.size(); c++) {
            assertTrue(codebook.value(c - 1) < codebook.value(c));
        }
    }

    @ParameterizedTest
    @EnumSource
    void sizesAndMagnitudes(Codebook codebook) {
        assertEquals(1 << codebook.bits(), codebook.size());
        assertEquals(codebook.size(), codebook.toArray().length);
        int largest = 0;
        for (byte value : codebook.toArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertEquals(largest, codebook.maxMagnitude());
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> codebook.value(codebook.size()));
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> codebook.value(-1));
        assertNotSame(codebook.toArray(), codebook.toArray(), "a copy, so that nobody changes a table");
    }
}
