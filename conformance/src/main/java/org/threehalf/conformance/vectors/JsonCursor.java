package org.threehalf.conformance.vectors;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A place in a file: every complaint names the file and the JSON pointer.
 *
 * @param file the file's name
 * @param pointer RFC 6901
 * @param node what is there
 */
record JsonCursor(String file, String pointer, JsonNode node) {

    /** Past it an expanded array is a mistake: the largest K of a format is 1,048,576. */
    private static final int MAX_LENGTH = 1 << 24;

    VectorFormatException complaint(String message) {
        return new VectorFormatException(file, pointer, message);
    }

    private JsonCursor at(String name, JsonNode child) {
        return new JsonCursor(file, pointer + "/" + name.replace("~", "~0").replace("/", "~1"), child);
    }

    /** The member of a name, or null. */
    @Nullable
    JsonCursor optional(String name) {
        if (!node.isObject()) {
            throw complaint("an object is expected here");
        }
        JsonNode child = node.get(name);
        return child == null ? null : at(name, child);
    }

    /** The member of a name, which must be there. */
    JsonCursor member(String name) {
        JsonCursor child = optional(name);
        if (child == null) {
            throw complaint("the member '" + name + "' is missing");
        }
        return child;
    }

    /** The members of an object in their order. */
    SequencedMap<String, JsonCursor> members() {
        if (!node.isObject()) {
            throw complaint("an object is expected here");
        }
        SequencedMap<String, JsonCursor> members = new LinkedHashMap<>();
        node.properties().forEach(entry -> members.put(entry.getKey(), at(entry.getKey(), entry.getValue())));
        return members;
    }

    /** The elements of an array as it is written. */
    List<JsonCursor> elements() {
        if (!node.isArray()) {
            throw complaint("an array is expected here");
        }
        return IntStream.range(0, node.size())
                .mapToObj(i -> at(Integer.toString(i), node.get(i)))
                .toList();
    }

    /**
     * The numbers of an array that may be written as {@code {"repeat": […], "times": n, "tail": […]}}; each element is
     * read once.
     */
    private int[] expanded(ToIntFunction<JsonCursor> element) {
        if (node.isArray()) {
            return elements().stream().mapToInt(element).toArray();
        }
        int[] repeat = member("repeat").expanded(element);
        int times = member("times").integer(0, MAX_LENGTH);
        JsonCursor tailOrNull = optional("tail");
        int[] tail = tailOrNull == null ? new int[0] : tailOrNull.expanded(element);
        if ((long) repeat.length * times > MAX_LENGTH) {
            throw complaint("%d times %d elements: at most %d are allowed".formatted(times, repeat.length, MAX_LENGTH));
        }
        int[] all = new int[repeat.length * times + tail.length];
        for (int i = 0; i < times; i++) {
            System.arraycopy(repeat, 0, all, i * repeat.length, repeat.length);
        }
        System.arraycopy(tail, 0, all, all.length - tail.length, tail.length);
        return all;
    }

    <T> List<T> list(Function<JsonCursor, T> element) {
        return elements().stream().map(element).toList();
    }

    String text() {
        if (!node.isString()) {
            throw complaint("a string is expected here");
        }
        return node.stringValue();
    }

    int integer(int least, int largest) {
        if (!node.isIntegralNumber()
                || !node.canConvertToInt()
                || node.intValue() < least
                || node.intValue() > largest) {
            throw complaint("an integer from %d to %d is expected here, not %s".formatted(least, largest, node));
        }
        return node.intValue();
    }

    /** A binary32, written as the eight hexadecimal digits of its bits. */
    float binary32() {
        String digits = text();
        if (!digits.matches("[0-9a-f]{8}")) {
            throw complaint(
                    "the eight lower-case hexadecimal digits of a binary32 are expected here, not '" + digits + "'");
        }
        return Float.intBitsToFloat(HexFormat.fromHexDigits(digits));
    }

    float[] binary32s() {
        int[] bits = expanded(element -> Float.floatToRawIntBits(element.binary32()));
        float[] values = new float[bits.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(bits[i]);
        }
        return values;
    }

    int[] integers(int least, int largest) {
        return expanded(element -> element.integer(least, largest));
    }

    /** Small integers, each stored in a byte: signed or unsigned by the caller's range. */
    byte[] bytes(int least, int largest) {
        int[] integers = integers(least, largest);
        byte[] bytes = new byte[integers.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) integers[i];
        }
        return bytes;
    }
}
