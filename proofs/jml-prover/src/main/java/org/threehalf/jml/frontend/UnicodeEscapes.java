package org.threehalf.jml.frontend;

import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/**
 * Unicode escapes (JLS 3.3), which javac reads before anything else: one that stands for a line's end, a quote or a
 * comment's mark would let the JML reader see other comments than javac does. Those beyond ASCII are replaced by what
 * they stand for; one of an ASCII character is refused wherever it is.
 */
final class UnicodeEscapes {
    private UnicodeEscapes() {}

    /** The text without escapes. */
    static String translate(String file, String text) {
        int from = text.indexOf("\\u");
        if (from < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            if (text.charAt(i) != '\\' || i + 1 == text.length()) {
                out.append(text.charAt(i++));
                continue;
            }
            if (text.charAt(i + 1) != 'u') {
                // The backslash and what it escapes: a second backslash begins no escape.
                out.append(text, i, i + 2);
                i += 2;
                continue;
            }
            int digits = i + 1;
            while (digits < text.length() && text.charAt(digits) == 'u') {
                digits++;
            }
            String hex = text.substring(digits, Math.min(digits + 4, text.length()));
            if (!hex.matches("[0-9a-fA-F]{4}")) {
                throw new UnsupportedSyntaxException(
                        file, JmlLexer.lineOf(text, i), "a unicode escape without four digits");
            }
            char c = (char) Integer.parseInt(hex, 16);
            if (c < 0x80) {
                throw new UnsupportedSyntaxException(
                        file,
                        JmlLexer.lineOf(text, i),
                        "a unicode escape of an ASCII character is outside the subset: "
                                + text.substring(i, digits + 4));
            }
            out.append(c);
            i = digits + 4;
        }
        return out.toString();
    }
}
