package org.threehalf.inference.gguf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * The metadata of a GGUF file: keys and values in the file's order.
 *
 * <p>The getters throw a {@link ModelFormatException} that names the file and the key if the key is missing or its
 * value has another type. Those with {@code find} give an empty result for a missing key.
 *
 * @param file the file's name, for messages
 * @param entries keys and values; unmodifiable
 */
public record GgufMetadata(String file, SequencedMap<String, GgufValue> entries) {

    /** Takes a copy. */
    public GgufMetadata {
        entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
    }

    /** Whether there is such a key. */
    public boolean contains(String key) {
        return entries.containsKey(key);
    }

    /** A string. */
    public String string(String key) throws ModelFormatException {
        return required(key, GgufValue::asString);
    }

    /** An integer of any width. */
    public long integer(String key) throws ModelFormatException {
        return required(key, GgufValue::asLong);
    }

    /** An integer of any width that must lie in the range. */
    public int integer(String key, int least, int most) throws ModelFormatException {
        long value = integer(key);
        if (value < least || value > most) {
            throw new ModelFormatException(
                    "%s: metadata %s is %,d: it must lie in [%,d, %,d]".formatted(file, key, value, least, most));
        }
        return (int) value;
    }

    /** A number of any type, as binary64. */
    public double number(String key) throws ModelFormatException {
        return required(key, GgufValue::asDouble);
    }

    /** An array of strings. Each is decoded when it is read from the list. */
    public List<String> strings(String key) throws ModelFormatException {
        return required(key, GgufValue::asStrings);
    }

    /** An array of integers of any width. */
    public long[] integers(String key) throws ModelFormatException {
        return required(key, GgufValue::asLongs);
    }

    /** An array of FLOAT32. */
    public float[] floats(String key) throws ModelFormatException {
        return required(key, GgufValue::asFloats);
    }

    /** A string, if the key is there. */
    public Optional<String> findString(String key) throws ModelFormatException {
        return find(key, GgufValue::asString);
    }

    /** An integer, if the key is there. */
    public Optional<Long> findInteger(String key) throws ModelFormatException {
        return find(key, GgufValue::asLong);
    }

    /** A number, if the key is there. */
    public Optional<Double> findNumber(String key) throws ModelFormatException {
        return find(key, GgufValue::asDouble);
    }

    /** A boolean, if the key is there. */
    public Optional<Boolean> findBoolean(String key) throws ModelFormatException {
        return find(key, GgufValue::asBoolean);
    }

    /** An array of strings, if the key is there. */
    public Optional<List<String>> findStrings(String key) throws ModelFormatException {
        return find(key, GgufValue::asStrings);
    }

    private <T> T required(String key, Function<GgufValue, T> decode) throws ModelFormatException {
        return find(key, decode)
                .orElseThrow(() -> new ModelFormatException("%s: metadata %s is missing".formatted(file, key)));
    }

    /** A value by any of {@link GgufValue}'s decoders, if the key is there. */
    public <T> Optional<T> find(String key, Function<GgufValue, T> decode) throws ModelFormatException {
        GgufValue value = entries.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(decode.apply(value));
        } catch (IllegalArgumentException wrong) {
            throw new ModelFormatException("%s: metadata %s is %s".formatted(file, key, wrong.getMessage()), wrong);
        }
    }
}
