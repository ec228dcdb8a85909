package org.threehalf.inference.template;

/**
 * Finds a string in others, in a time that grows with the length of both together and not with their product (Knuth,
 * Morris and Pratt, Fast pattern matching in strings, 1977).
 */
final class Search {
    /** For shorter ones the library's way is faster, and its worst case is near. */
    private static final int SHORT = 16;

    private final String part;
    private final boolean backwards;
    /** Of each number of matched characters, how many match still if the next one does not. */
    private final int[] matched;

    /**
     * A search.
     *
     * @param part what is looked for, not empty
     * @param backwards whether the last place counts, and not the first
     */
    Search(String part, boolean backwards) {
        this.part = part;
        this.backwards = backwards;
        this.matched = new int[part.length() <= SHORT ? 0 : part.length()];
        for (int i = 1, k = 0; i < matched.length; i++) {
            while (k > 0 && character(i) != character(k)) {
                k = matched[k - 1];
            }
            k += character(i) == character(k) ? 1 : 0;
            matched[i] = k;
        }
    }

    /** The first place of a part in a string, or −1. */
    static int first(String text, String part) {
        return part.isEmpty() ? 0 : new Search(part, false).in(text, 0);
    }

    /** The last place of a part in a string, or −1. */
    static int last(String text, String part) {
        return part.isEmpty() ? text.length() : new Search(part, true).in(text, text.length());
    }

    private char character(int i) {
        return part.charAt(backwards ? part.length() - 1 - i : i);
    }

    /**
     * The next place.
     *
     * @param from forwards, where it may begin; backwards, where it must end at the latest
     * @return where it begins, or −1
     */
    int in(String text, int from) {
        if (matched.length == 0) {
            return backwards ? text.lastIndexOf(part, from - part.length()) : text.indexOf(part, from);
        }
        int k = 0;
        int step = backwards ? -1 : 1;
        for (int i = backwards ? from - 1 : from; i >= 0 && i < text.length(); i += step) {
            while (k > 0 && text.charAt(i) != character(k)) {
                k = matched[k - 1];
            }
            k += text.charAt(i) == character(k) ? 1 : 0;
            if (k == part.length()) {
                return backwards ? i : i - k + 1;
            }
        }
        return -1;
    }
}
