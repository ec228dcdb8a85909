package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into text and the words of its tags, with white space stripped as {@code trim_blocks} and
 * {@code lstrip_blocks} ask and the signs in the tags say.
 */
final class Lexer {

    /** What a token is. */
    enum Kind {
        /** Text that is printed. */
        TEXT,
        /** The start of an expression that is printed. */
        PRINT,
        /** The start of a statement. */
        BLOCK,
        /** The end of either. */
        END,
        NAME,
        INTEGER,
        FLOAT,
        STRING,
        OPERATOR,
        /** The end of the template. */
        EOF
    }

    /**
     * A token.
     *
     * @param text its spelling; of a string its value
     * @param line where it stands, from 1
     */
    record Token(Kind kind, String text, int line) {
        boolean is(String operator) {
            return kind == Kind.OPERATOR && text.equals(operator);
        }

        boolean isName(String name) {
            return kind == Kind.NAME && text.equals(name);
        }
    }

    private static final Set<String> LONG_OPERATORS = Set.of("==", "!=", "<=", ">=", "//", "**");
    private static final String SHORT_OPERATORS = "+-*/%~<>()[]{}.,:|=";

    private static final Pattern END_OF_RAW = Pattern.compile("\\{%([-+]?)\\s*+endraw\\s*+([-+]?)%}");
    private static final Pattern NUMBER = Pattern.compile("\\d[\\d_]*+(\\.\\d++)?([eE][-+]?\\d++)?");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int counted;
    private int line = 1;
    private boolean lineStarts = true;

    private Lexer(String source) {
        String unix = source.replace("\r\n", "\n").replace('\r', '\n');
        // A newline behind the last tag is that of a file's last line, and Jinja takes it off. One that ends a text is
        // the text's: Jinja takes it off too, and with it the end of
        // "assistant\n", which whoever wrote that template had the model trained on.
        this.source = unix.endsWith("}\n") ? unix.substring(0, unix.length() - 1) : unix;
    }

    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    /** The line of a position; asked for in their order, so that a template is counted through once. */
    private int line(int position) {
        for (; counted < Math.min(position, source.length()); counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private TemplateException error(String message) {
        return new TemplateException("line %d: %s".formatted(line(at), message));
    }

    private void add(Kind kind, String text, int position) {
        tokens.add(new Token(kind, text, line(position)));
    }

    private void run() {
        while (at < source.length()) {
            int open = next(at);
            if (open < 0) {
                text(source.substring(at));
                at = source.length();
                break;
            }
            char kind = source.charAt(open + 1);
            String before = source.substring(at, open);
            char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
            if (sign == '-') {
                before = before.stripTrailing();
            } else if (kind != '{' && sign != '+') {
                before = withoutIndent(before);
            }
            text(before);
            at = open + (sign == '-' || sign == '+' && kind != '{' ? 3 : 2);
            switch (kind) {
                case '#' -> comment();
                case '{' -> tag(Kind.PRINT, open, "}}");
                default -> block(open);
            }
        }
        add(Kind.EOF, "", source.length());
    }

    private int next(int from) {
        for (int i = from; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void text(String text) {
        if (!text.isEmpty()) {
            add(Kind.TEXT, text, at);
        }
    }

    /** Leaves out the blanks between the start of a line and a tag. */
    private String withoutIndent(String before) {
        int start = before.lastIndexOf('\n') + 1;
        return (start > 0 || lineStarts) && before.substring(start).isBlank() ? before.substring(0, start) : before;
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw error("a comment without an end");
        }
        at = end + 2;
        behind(end > 0 ? source.charAt(end - 1) : ' ', true);
    }

    /** Strips what follows a tag's end. */
    private void behind(char sign, boolean block) {
        lineStarts = false;
        if (sign == '-') {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                lineStarts = source.charAt(at) == '\n';
                at++;
            }
        } else if (block && sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
            lineStarts = true;
        }
    }

    private void block(int open) {
        int word = at;
        while (word < source.length() && Character.isWhitespace(source.charAt(word))) {
            word++;
        }
        int close = word + 3;
        while (close < source.length() && Character.isWhitespace(source.charAt(close))) {
            close++;
        }
        close += close < source.length() && "-+".indexOf(source.charAt(close)) >= 0 ? 1 : 0;
        if (source.startsWith("raw", word) && source.startsWith("%}", close)) {
            raw(close);
        } else {
            tag(Kind.BLOCK, open, "%}");
        }
    }

    private void raw(int end) {
        at = end + 2;
        behind(source.charAt(end - 1), true);
        Matcher closing = END_OF_RAW.matcher(source);
        if (!closing.find(at)) {
            throw error("raw without endraw");
        }
        String text = source.substring(at, closing.start());
        text(
                closing.group(1).equals("-")
                        ? text.stripTrailing()
                        : closing.group(1).isEmpty() ? withoutIndent(text) : text);
        at = closing.end();
        behind(closing.group(2).isEmpty() ? ' ' : closing.group(2).charAt(0), true);
    }

    private void tag(Kind kind, int open, String close) {
        add(kind, "", open);
        int depth = 0;
        while (true) {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
            if (at >= source.length()) {
                throw error("a tag without an end");
            }
            char c = source.charAt(at);
            boolean signed = (c == '-' || c == '+' && kind == Kind.BLOCK) && source.startsWith(close, at + 1);
            if (depth == 0 && (signed || source.startsWith(close, at))) {
                add(Kind.END, "", at);
                at += signed ? 3 : 2;
                behind(signed ? c : ' ', kind == Kind.BLOCK);
                return;
            }
            depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
            word(c);
        }
    }

    private void word(char c) {
        int start = at;
        if (Character.isLetter(c) || c == '_') {
            while (at < source.length() && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
                at++;
            }
            add(Kind.NAME, source.substring(start, at), start);
        } else if (c >= '0' && c <= '9') {
            number(start);
        } else if (c == '\'' || c == '"') {
            string(c, start);
        } else if (at + 1 < source.length() && LONG_OPERATORS.contains(source.substring(at, at + 2))) {
            at += 2;
            add(Kind.OPERATOR, source.substring(start, at), start);
        } else if (SHORT_OPERATORS.indexOf(c) >= 0) {
            at++;
            add(Kind.OPERATOR, String.valueOf(c), start);
        } else {
            throw error("unexpected '" + c + "'");
        }
    }

    private void number(int start) {
        Matcher number = NUMBER.matcher(source);
        number.region(start, source.length());
        number.lookingAt();
        at = number.end();
        add(
                number.group(1) == null && number.group(2) == null ? Kind.INTEGER : Kind.FLOAT,
                number.group().replace("_", ""),
                start);
    }

    private void string(char quote, int start) {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < source.length() && source.charAt(at) != quote) {
            char c = source.charAt(at++);
            if (c != '\\' || at >= source.length()) {
                value.append(c);
                continue;
            }
            char escaped = source.charAt(at++);
            switch (escaped) {
                case 'n' -> value.append('\n');
                case 't' -> value.append('\t');
                case 'r' -> value.append('\r');
                case 'b' -> value.append('\b');
                case 'f' -> value.append('\f');
                case '0' -> value.append('\0');
                case '\n' -> {}
                case '\\', '\'', '"' -> value.append(escaped);
                case 'x' -> value.append((char) hex(2));
                case 'u' -> value.append((char) hex(4));
                case 'U' -> value.appendCodePoint(hex(8));
                default -> value.append('\\').append(escaped);
            }
        }
        if (at >= source.length()) {
            throw error("a string without an end");
        }
        at++;
        add(Kind.STRING, value.toString(), start);
    }

    private int hex(int digits) {
        try {
            int value = Integer.parseInt(source, at, at + digits, 16);
            at += digits;
            return value;
        } catch (NumberFormatException | IndexOutOfBoundsException wrong) {
            throw error("an escape that is no character");
        }
    }
}
