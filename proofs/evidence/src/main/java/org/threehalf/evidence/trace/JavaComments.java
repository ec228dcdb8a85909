package org.threehalf.evidence.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * The comments of a Java source, with their positions. javac's own tree API drops all but Javadoc, and JML lives in the
 * others.
 */
final class JavaComments {
    private JavaComments() {}

    /** A comment, with its delimiters. */
    record Comment(int start, int end, String text) {
        boolean isJavadoc() {
            return text.startsWith("/**") && text.length() > 4;
        }

        boolean isJml() {
            return text.startsWith("/*@") || text.startsWith("//@");
        }
    }

    /** All comments in the order of the text. What looks like a comment inside a literal is none. */
    static List<Comment> of(String source) {
        List<Comment> comments = new ArrayList<>();
        int at = 0;
        while (at < source.length()) {
            int end = at + 1;
            if (source.startsWith("/*", at)) {
                end = after(source, source.indexOf("*/", at + 2), 2);
                comments.add(new Comment(at, end, source.substring(at, end)));
            } else if (source.startsWith("//", at)) {
                end = after(source, source.indexOf('\n', at), 0);
                comments.add(new Comment(at, end, source.substring(at, end)));
            } else if (source.startsWith("\"\"\"", at)) {
                end = literalEnd(source, at, "\"\"\"");
            } else if (source.charAt(at) == '"' || source.charAt(at) == '\'') {
                end = literalEnd(source, at, source.substring(at, at + 1));
            }
            at = end;
        }
        return comments;
    }

    private static int literalEnd(String source, int start, String quote) {
        int at = start + quote.length();
        while (at < source.length() && !source.startsWith(quote, at)) {
            at += source.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at + quote.length(), source.length());
    }

    private static int after(String source, int found, int length) {
        return found < 0 ? source.length() : found + length;
    }

    /** Those that lie between two positions. */
    static List<Comment> between(List<Comment> comments, long from, long to) {
        return comments.stream().filter(c -> c.start() >= from && c.end() <= to).toList();
    }
}
