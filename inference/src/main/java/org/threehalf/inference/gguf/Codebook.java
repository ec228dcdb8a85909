package org.threehalf.inference.gguf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The tables of the formats whose codes are rows of a table, from the resource {@code codebooks.txt}, which says where
 * they come from.
 *
 * @param width numbers a row
 * @param values all rows, one after the other
 */
record Codebook(int width, float[] values) {

    /** Reads them when the first one is asked for. */
    private static final class All {
        private static final Map<String, Codebook> BY_NAME = read();

        private static Map<String, Codebook> read() {
            Map<String, Codebook> books = new HashMap<>();
            try (InputStream in = Objects.requireNonNull(Codebook.class.getResourceAsStream("codebooks.txt"));
                    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
                lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                    String[] parts = line.split(" ");
                    books.put(parts[0], decoded(Integer.parseInt(parts[1]), parts[2].split(","), parts[3]));
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return books;
        }

        /** Codes take 2 bits for up to four values and 4 for eight, the first in a byte's lowest bits. */
        private static Codebook decoded(int width, String[] numbers, String hexadecimal) {
            int bits = numbers.length <= 4 ? 2 : 4;
            int perByte = 8 / bits;
            float[] meanings = new float[numbers.length];
            for (int i = 0; i < meanings.length; i++) {
                meanings[i] = Integer.parseInt(numbers[i]);
            }
            float[] values = new float[hexadecimal.length() / 2 * perByte];
            for (int i = 0; i < values.length; i++) {
                int packed = Integer.parseInt(hexadecimal, 2 * (i / perByte), 2 * (i / perByte) + 2, 16);
                values[i] = meanings[packed >> bits * (i % perByte) & (1 << bits) - 1];
            }
            return new Codebook(width, values);
        }
    }

    /** The table of a tensor type, by its name. */
    static Codebook of(String type) {
        return Objects.requireNonNull(All.BY_NAME.get(type), type);
    }

    /** How many rows there are. */
    int rows() {
        return values.length / width;
    }

    /** A number of a row. */
    float at(int row, int column) {
        return values[row * width + column];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Codebook book && width == book.width && Arrays.equals(values, book.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }
}
