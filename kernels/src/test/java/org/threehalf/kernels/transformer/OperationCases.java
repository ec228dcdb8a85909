package org.threehalf.kernels.transformer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The cases that {@code src/test/python/transformer_operations.py} wrote: an implementation of the text of
 * spec/INFERENCE.md that shares nothing with the Java one.
 */
final class OperationCases {

    /**
     * A case: the operation, then its inputs and its results.
     *
     * @param fields the operation's name, and what follows it
     */
    record Case(List<String> fields) {
        /** A field of binary32 numbers. */
        float[] floats(int field) {
            return floatsOf(fields.get(field));
        }

        /** A field with one integer. */
        long integer(int field) {
            return Long.parseLong(fields.get(field));
        }

        String text(int field) {
            return fields.get(field);
        }
    }

    private OperationCases() {}

    private static float[] floatsOf(String field) {
        String[] words = field.split(",");
        float[] values = new float[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(words[i], 16));
        }
        return values;
    }

    /** All cases of an operation; there is at least one. */
    static List<Case> of(String operation) {
        try (InputStream in =
                        Objects.requireNonNull(OperationCases.class.getResourceAsStream("transformer-operations.txt"));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            List<Case> cases = reader.lines()
                    .filter(line -> line.startsWith(operation + ";"))
                    .map(line -> new Case(Arrays.asList(line.split(";"))))
                    .toList();
            if (cases.isEmpty()) {
                throw new AssertionError("no case of " + operation);
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bits, so that assertions tell −0 from +0 and print what differs. */
    static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
