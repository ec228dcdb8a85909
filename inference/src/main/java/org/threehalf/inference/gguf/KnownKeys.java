package org.threehalf.inference.gguf;

import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Sees to it that no metadata is passed over in silence: of the keys under a prefix each must be computed, or known to
 * change nothing at the value that it has. Every other key is refused by name, unless somebody says that it is to be
 * ignored.
 */
public final class KnownKeys {

    /**
     * Values that change nothing.
     *
     * @param values what they are, for messages
     * @param test whether a value is one
     */
    public record Harmless(String values, Predicate<GgufValue> test) {
        /** Whatever it is. */
        public static final Harmless ANY = new Harmless("any value", value -> true);
        /** The number 0. */
        public static final Harmless ZERO = number(0);
        /** The number 1. */
        public static final Harmless ONE = number(1);
        /** The boolean true. */
        public static final Harmless TRUE = bool(true);
        /** The boolean false. */
        public static final Harmless FALSE = bool(false);
        /** An array without elements. */
        public static final Harmless EMPTY =
                new Harmless("an empty array", value -> value.type() == ValueType.ARRAY && value.count() == 0);

        private static Harmless number(int number) {
            return new Harmless(Integer.toString(number), value -> is(value, number));
        }

        private static Harmless bool(boolean truth) {
            return new Harmless(
                    Boolean.toString(truth), value -> value.type() == ValueType.BOOL && value.asBoolean() == truth);
        }

        private static boolean is(GgufValue value, int number) {
            try {
                return isScalarNumber(value.type()) && value.asDouble() == number;
            } catch (IllegalArgumentException beyond) {
                // An integer of 2^63 or more.
                return false;
            }
        }

        private static boolean isScalarNumber(ValueType type) {
            return type != ValueType.BOOL && type != ValueType.STRING && type != ValueType.ARRAY;
        }
    }

    private KnownKeys() {}

    /**
     * Refuses a file with a key that is neither computed nor harmless.
     *
     * @param prefix of the keys that are looked at
     * @param computed whole keys that somebody reads
     * @param harmless by the rest of the key behind the prefix
     * @param ignored whole keys that may be there all the same
     * @throws ModelFormatException naming the key
     */
    public static void require(
            GgufMetadata metadata,
            String prefix,
            Set<String> computed,
            Map<String, Harmless> harmless,
            Set<String> ignored)
            throws ModelFormatException {
        for (Map.Entry<String, GgufValue> entry : metadata.entries().entrySet()) {
            String key = entry.getKey();
            if (!key.startsWith(prefix) || computed.contains(key) || ignored.contains(key)) {
                continue;
            }
            Harmless values = harmless.get(key.substring(prefix.length()));
            if (values == null) {
                throw new UnknownKeyException(
                        key,
                        "%s: metadata %s is not known, and may change what the model computes: --ignore-key %s goes on without it"
                                .formatted(metadata.file(), key, key));
            }
            if (!values.test.test(entry.getValue())) {
                throw new UnknownKeyException(
                        key,
                        "%s: metadata %s is %s, which is not computed (%s is): --ignore-key %s goes on without it"
                                .formatted(
                                        metadata.file(), key, entry.getValue().summary(60), values.values, key));
            }
        }
    }
}
