package org.threehalf.inference.tokenizer;

import java.util.OptionalInt;

/** Halves of surrogate pairs that stand alone: Java's strings and JSON's can hold them, texts of Unicode cannot. */
public final class LoneSurrogate {
    private LoneSurrogate() {}

    /** Where the first one is; empty if the string is a text. */
    public static OptionalInt in(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /** The text with U+FFFD in the place of each. */
    public static String replaced(String text) {
        return in(text).isEmpty()
                ? text
                : text.codePoints()
                        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }
}
