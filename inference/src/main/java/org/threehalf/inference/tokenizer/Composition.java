package org.threehalf.inference.tokenizer;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Text in Unicode's composed form (NFC, Unicode Standard Annex 15), in a time that grows with its length. The library
 * sorts combining marks by insertion: a hundred thousand behind one letter take minutes. Long runs of them are handed
 * to it sorted, by the classes that it has itself.
 */
final class Composition {
    /** Of no language: shorter runs are left to the library. */
    private static final int LONG = 32;
    /** Marks of the lowest class that there is, and of the most common one. */
    private static final String OVERLAY = "\u0334";

    private static final String ACUTE = "\u0301";

    private final Map<Integer, Boolean> marks = new HashMap<>();

    private Composition() {}

    /** The composed form. */
    static String of(String text) {
        return Normalizer.normalize(new Composition().sorted(text), Normalizer.Form.NFC);
    }

    /** Whether the library brings two marks into the other order: the first one's class is the higher one then. */
    private static boolean swaps(String a, String b) {
        return !a.equals(b) && Normalizer.normalize(a + b, Normalizer.Form.NFD).startsWith(b);
    }

    /** Whether a code point has a combining class, or is written as ones that have. */
    private boolean isMark(int c) {
        int type = Character.getType(c);
        return (type == Character.NON_SPACING_MARK
                        || type == Character.COMBINING_SPACING_MARK
                        || type == Character.ENCLOSING_MARK)
                && marks.computeIfAbsent(c, one -> {
                    String mark = Normalizer.normalize(Character.toString(one), Normalizer.Form.NFD);
                    return mark.codePoints()
                            .mapToObj(Character::toString)
                            .allMatch(m -> swaps(m, OVERLAY) || swaps(ACUTE, m));
                });
    }

    private String sorted(String text) {
        StringBuilder sorted = new StringBuilder();
        int copied = 0;
        for (int at = 0; at < text.length(); ) {
            int end = at;
            int count = 0;
            while (end < text.length() && isMark(text.codePointAt(end))) {
                end += Character.charCount(text.codePointAt(end));
                count++;
            }
            if (count > LONG) {
                sorted.append(text, copied, at).append(sortedMarks(text.substring(at, end)));
                copied = end;
            }
            at = end < text.length() ? end + Character.charCount(text.codePointAt(end)) : end;
        }
        return copied == 0 ? text : sorted.append(text, copied, text.length()).toString();
    }

    /** Marks in the order of their classes, those of one class in the order in which they were. */
    private static String sortedMarks(String run) {
        List<String> marks = new ArrayList<>();
        Map<Integer, String> decomposed = new HashMap<>();
        run.codePoints()
                .forEach(c -> decomposed
                        .computeIfAbsent(c, one -> Normalizer.normalize(Character.toString(one), Normalizer.Form.NFD))
                        .codePoints()
                        .forEach(m -> marks.add(Character.toString(m))));
        List<String> kinds = new ArrayList<>(marks.stream().distinct().toList());
        kinds.sort((a, b) -> swaps(a, b) ? 1 : swaps(b, a) ? -1 : 0);
        Map<String, Integer> classes = new HashMap<>();
        int number = 0;
        for (int i = 0; i < kinds.size(); i++) {
            number += i > 0 && swaps(kinds.get(i), kinds.get(i - 1)) ? 1 : 0;
            classes.put(kinds.get(i), number);
        }
        marks.sort(Comparator.comparing(classes::get));
        return String.join("", marks);
    }
}
