package org.threehalf.kernels.io;

/**
 * Text of others for a terminal: names, paths, keys and messages of files may hold any character, and none of theirs
 * may steer it, begin a line that looks like one of ours, or turn the order of what stands beside it.
 */
public final class Printable {
    private static final int REPLACEMENT = 0xfffd;
    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private Printable() {}

    /** In one line: control characters, line ends and what turns the direction are replaced, each by U+FFFD. */
    public static String line(String text) {
        return replaced(text, false);
    }

    /** As {@link #line}, with line feeds and tabs as they are. */
    public static String text(String text) {
        return replaced(text, true);
    }

    private static String replaced(String text, boolean paragraphs) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> printable.appendCodePoint(
                        steers(c) && !(paragraphs && (c == '\n' || c == '\t')) ? REPLACEMENT : c));
        return printable.toString();
    }

    /** Whether a character does more than to show: C0, C1, formats, line and paragraph ends, halves of a pair. */
    private static boolean steers(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            // Emoji and several scripts are written with these two, and they move nothing.
            case Character.FORMAT -> c != ZERO_WIDTH_JOINER && c != ZERO_WIDTH_NON_JOINER;
            default -> false;
        };
    }
}
