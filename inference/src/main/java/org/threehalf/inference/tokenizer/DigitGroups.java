package org.threehalf.inference.tokenizer;

import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Groups of three decimal digits, counted from the end of a number, in a time that grows with the text: the published
 * patterns look ahead to the end of the number from each of its digits.
 */
enum DigitGroups implements WordSplit.Cut {
    /** A piece is cut before each group: {@code (?s).+?(?=(?:\d{3})+(?!\d))|(?s).+}. */
    OF_PIECES {
        @Override
        public void cut(String piece, Consumer<String> parts) {
            int from = 0;
            for (int at = 0; at < piece.length(); ) {
                int end = digits(piece, at);
                for (int left = piece.codePointCount(at, end); left > 0; left--) {
                    if (left % 3 == 0 && at > from) {
                        parts.accept(piece.substring(from, at));
                        from = at;
                    }
                    at = piece.offsetByCodePoints(at, 1);
                }
                at = end < piece.length() ? piece.offsetByCodePoints(end, 1) : end;
            }
            if (from < piece.length()) {
                parts.accept(piece.substring(from));
            }
        }
    },

    /**
     * Each group is a part, the first one of one to three digits, of numbers at which a word ends; what stands between
     * them is one: {@code \d{1,3}(?=(?:\d{3})*\b)}, with the end of a word as the library that defines it has it: Java
     * counts joiners among a word's characters, and the library the superscripts and fractions of Latin 1, but no other
     * numbers than decimal digits.
     */
    OF_NUMBERS {
        @Override
        public void cut(String piece, Consumer<String> parts) {
            int from = 0;
            for (int at = 0; at < piece.length(); ) {
                int end = digits(piece, at);
                int left = piece.codePointCount(at, end);
                boolean wordEnds = end == piece.length() || !WORD.test(Character.toString(piece.codePointAt(end)));
                if (left > 0 && wordEnds) {
                    if (at > from) {
                        parts.accept(piece.substring(from, at));
                    }
                    while (left > 0) {
                        int next = piece.offsetByCodePoints(at, left % 3 == 0 ? 3 : left % 3);
                        parts.accept(piece.substring(at, next));
                        left -= left % 3 == 0 ? 3 : left % 3;
                        at = next;
                    }
                    from = end;
                }
                at = end < piece.length() ? piece.offsetByCodePoints(end, 1) : end;
            }
            if (from < piece.length()) {
                parts.accept(piece.substring(from));
            }
        }
    };

    private static final Predicate<String> WORD = Pattern.compile(
                    "[\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}\u00b2\u00b3\u00b9\u00bc-\u00be]",
                    Pattern.UNICODE_CHARACTER_CLASS)
            .asMatchPredicate();

    /** Where the decimal digits that begin at a place end. */
    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isDigit(text.codePointAt(at))) {
            at = text.offsetByCodePoints(at, 1);
        }
        return at;
    }
}
