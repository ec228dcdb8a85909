package org.threehalf.jml.frontend;

import java.util.ArrayList;
import java.util.List;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;

/** Finds the JML comments of a Java source, and cuts them into tokens. */
final class JmlLexer {
    private static final List<String> OPERATORS = List.of(
            "<=!=>", "<==>", "==>", "<==", ">>>", "...", "..", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "+=",
            "-=", "*=", "{|", "|}", "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<", ">", "=", "?", ":", ";", ",",
            ".", "(", ")", "[", "]", "{", "}");

    /** What a token is. */
    enum Kind {
        WORD,
        NUMBER,
        CHARACTER,
        STRING,
        OPERATOR,
        END
    }

    /** A token with its offsets in the file. */
    record Token(Kind kind, String text, int start, int end, int line) {
        boolean is(String what) {
            return text.equals(what) && (kind == Kind.WORD || kind == Kind.OPERATOR);
        }
    }

    /** A JML comment: its offsets in the file, those of its text, and its tokens. */
    record Comment(int start, int end, List<Token> tokens) {}

    private final String file;
    private final String source;

    JmlLexer(String file, String source) {
        this.file = file;
        this.source = source;
    }

    static int lineOf(String source, int offset) {
        int line = 1;
        for (int i = 0; i < offset; i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        return line;
    }

    /** All JML comments, in order. */
    List<Comment> comments() {
        List<Comment> found = new ArrayList<>();
        int i = 0;
        while (i < source.length()) {
            char c = source.charAt(i);
            if (source.startsWith("\"\"\"", i)) {
                i = textBlockEnd(i);
            } else if (c == '"' || c == '\'') {
                i = quotedEnd(i);
            } else if (source.startsWith("//", i)) {
                int end = lineEnd(i);
                if (source.startsWith("@", i + 2)) {
                    found.add(new Comment(i, end, tokens(i + 3, end)));
                } else {
                    refuseConditional(i);
                }
                i = end;
            } else if (source.startsWith("/*", i)) {
                int end = source.indexOf("*/", i + 2);
                end = end < 0 ? source.length() : end + 2;
                if (source.startsWith("@", i + 2)) {
                    int last = end - 2;
                    while (last > i + 3 && source.charAt(last - 1) == '@') {
                        last--;
                    }
                    found.add(new Comment(i, end, tokens(i + 3, last)));
                } else {
                    refuseConditional(i);
                }
                i = end;
            } else {
                i++;
            }
        }
        return found;
    }

    /** {@code //+KEY@} and {@code //-KEY@} are JML for some tools only; what they say would be lost on the others. */
    private void refuseConditional(int at) {
        if (at + 2 >= source.length() || "+-".indexOf(source.charAt(at + 2)) < 0) {
            return;
        }
        int end = at + 3;
        while (end < source.length()
                && (Character.isJavaIdentifierPart(source.charAt(end)) || "+-".indexOf(source.charAt(end)) >= 0)) {
            end++;
        }
        if (source.startsWith("@", end)) {
            throw new UnsupportedSyntaxException(
                    file,
                    lineOf(source, at),
                    "a conditional JML comment is outside the subset: " + source.substring(at, end + 1));
        }
    }

    /** A line ends with a line feed, a carriage return, or both (JLS 3.4). */
    private int lineEnd(int from) {
        int i = from;
        while (i < source.length() && source.charAt(i) != '\n' && source.charAt(i) != '\r') {
            i++;
        }
        return i;
    }

    private int textBlockEnd(int start) {
        int i = start + 3;
        while (i < source.length() && !source.startsWith("\"\"\"", i)) {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + 3, source.length());
    }

    private int quotedEnd(int start) {
        int i = start + 1;
        while (i < source.length()
                && source.charAt(i) != source.charAt(start)
                && source.charAt(i) != '\n'
                && source.charAt(i) != '\r') {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + 1, source.length());
    }

    private List<Token> tokens(int from, int to) {
        List<Token> tokens = new ArrayList<>();
        int line = lineOf(source, from);
        boolean lineStart = true;
        int i = from;
        while (i < to) {
            char c = source.charAt(i);
            if (c == '\n' || c == '\r') {
                line += c == '\n' ? 1 : 0;
                lineStart = true;
                i++;
            } else if (Character.isWhitespace(c)) {
                i++;
            } else if (c == '@' && lineStart) {
                i++;
            } else if (source.startsWith("//", i)) {
                // One reader of JML takes it as a comment, another as JML: a clause may be lost.
                if (source.startsWith("@", i + 2)) {
                    throw new UnsupportedSyntaxException(
                            file, line, "//@ within a comment of JML is outside the subset");
                }
                refuseConditional(i);
                i = Math.min(lineEnd(i), to);
            } else if (source.startsWith("(*", i)) {
                throw new UnsupportedSyntaxException(file, line, "an informal predicate (* … *) is outside the subset");
            } else {
                lineStart = false;
                int end = tokenEnd(i, to, line);
                tokens.add(new Token(kind(c, i), source.substring(i, end), i, end, line));
                i = end;
            }
        }
        return tokens;
    }

    private Kind kind(char c, int i) {
        if (c == '\\' || Character.isJavaIdentifierStart(c)) {
            return Kind.WORD;
        }
        if (Character.isDigit(c) || c == '.' && i + 1 < source.length() && Character.isDigit(source.charAt(i + 1))) {
            return Kind.NUMBER;
        }
        return c == '\'' ? Kind.CHARACTER : c == '"' ? Kind.STRING : Kind.OPERATOR;
    }

    private int tokenEnd(int i, int to, int line) {
        char c = source.charAt(i);
        int end = i + 1;
        switch (kind(c, i)) {
            case WORD -> {
                while (end < to && Character.isJavaIdentifierPart(source.charAt(end))) {
                    end++;
                }
                return end;
            }
            case NUMBER -> {
                boolean hex = source.startsWith("0x", i) || source.startsWith("0X", i);
                while (end < to) {
                    char d = source.charAt(end);
                    boolean exponentSign =
                            (d == '+' || d == '-') && (hex ? "pP" : "eE").indexOf(source.charAt(end - 1)) >= 0;
                    boolean point = d == '.' && !source.startsWith("..", end);
                    if (!Character.isLetterOrDigit(d) && d != '_' && !exponentSign && !point) {
                        break;
                    }
                    end++;
                }
                return end;
            }
            case CHARACTER, STRING -> {
                return Math.min(quotedEnd(i), to);
            }
            default -> {
                for (String op : OPERATORS) {
                    if (source.startsWith(op, i) && i + op.length() <= to) {
                        return i + op.length();
                    }
                }
                throw new UnsupportedSyntaxException(file, line, "JML with the character '" + c + "'");
            }
        }
    }
}
