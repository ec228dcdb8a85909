package org.threehalf.proofs.lean;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Refuses words in Lean sources that switch off or go round the kernel, outside comments, character and string literals.
/// Some of them (`debug.skipKernelTC`) leave no trace that an audit of the environment could find, hence this check of the text.
public final class LeanGate {
    private static final Set<String> WORDS = Set.of("sorry", "sorryAx", "admit", "axiom", "unsafe", "native_decide", "native",
            "ofReduceBool", "ofReduceNat", "trustCompiler", "implemented_by", "extern", "csimp", "skipKernelTC", "bv_decide",
            // These run at import, in the audit's own process, and could write what the audit is to say.
            "initialize", "builtin_initialize");
    private static final Pattern WORD = Pattern.compile("(?<![`\\p{L}\\w.])[\\p{L}_][\\p{L}\\w.!?']*");
    private static final Pattern INIT = Pattern.compile("(?:@\\[|\\battribute\\s*\\[)[^\\]]*\\b(?:builtin_)?init\\b");
    private static final Pattern OPTION = Pattern.compile("\\bset_option\\s+((?:debug|warn|bootstrap)\\.\\S+|\\S*[kK]ernel\\S*)");

    private LeanGate() {
    }

    /// A refused word.
    ///
    /// @param file the file's name as given to [#check]
    /// @param line its line, from 1
    /// @param column its column, from 0 as Lean counts
    /// @param word the word
    public record Violation(String file, int line, int column, String word) {
        @Override
        public String toString() {
            return file + ":" + line + ":" + column + ": error: `" + word + "` is not allowed in Lean sources: prove it, or take it out";
        }
    }

    /// The refused words of a source. A name in quotes (`` `sorryAx ``) is data and is allowed.
    ///
    /// @param file the file's name for messages
    /// @param source the whole text
    /// @return all violations, in the order of the patterns, then of the text
    public static List<Violation> check(String file, String source) {
        String code = strip(source);
        List<Violation> found = new ArrayList<>();
        WORD.matcher(code).results()
                .filter(word -> List.of(word.group().split("\\.")).stream().anyMatch(WORDS::contains))
                .forEach(word -> found.add(at(file, code, word.start(), word.group())));
        INIT.matcher(code).results().forEach(init -> found.add(at(file, code, init.start(), init.group())));
        OPTION.matcher(code).results()
                .forEach(option -> found.add(at(file, code, option.start(), "set_option " + option.group(1))));
        return List.copyOf(found);
    }

    private static Violation at(String file, String code, int offset, String word) {
        int line = (int) code.substring(0, offset).chars().filter(c -> c == '\n').count() + 1;
        return new Violation(file, line, offset - code.lastIndexOf('\n', offset - 1) - 1, word);
    }

    /// The source with comments, strings and characters blanked; line breaks and offsets stay. A string with braces may be an
    /// interpolated one with code in them, so what stands in them stays.
    static String strip(String source) {
        StringBuilder code = new StringBuilder(source);
        int i = 0;
        while (i < source.length()) {
            int end = literalEnd(source, i);
            if (end == i) {
                i++;
                continue;
            }
            boolean quoted = source.charAt(i) == '"';
            int depth = 0;
            for (int k = i; k < end; k++) {
                char c = source.charAt(k);
                depth += !quoted ? 0 : c == '{' ? 1 : c == '}' && depth > 0 ? -1 : 0;
                if (c != '\n' && depth == 0) {
                    code.setCharAt(k, ' ');
                }
            }
            i = end;
        }
        return code.toString();
    }

    /// The end of the comment or literal that starts at `i`, or `i` when none does.
    private static int literalEnd(String source, int i) {
        char c = source.charAt(i);
        if (source.startsWith("--", i)) {
            int end = source.indexOf('\n', i);
            return end < 0 ? source.length() : end;
        }
        if (source.startsWith("/-", i)) {
            return blockEnd(source, i);
        }
        if (c == '"') {
            return quotedEnd(source, i);
        }
        boolean inName = i > 0 && (Character.isLetterOrDigit(source.charAt(i - 1)) || "_'!?".indexOf(source.charAt(i - 1)) >= 0);
        if (c == 'r' && !inName) {
            return rawEnd(source, i);
        }
        if (c == '\'' && !inName && i + 2 < source.length()) {
            if (source.charAt(i + 1) == '\\') {
                int end = source.indexOf('\'', i + 3);
                return end < 0 ? i : end + 1;
            }
            int after = source.offsetByCodePoints(i + 1, 1);
            return after < source.length() && source.charAt(after) == '\'' ? after + 1 : i;
        }
        return i;
    }

    private static int blockEnd(String source, int start) {
        int depth = 0;
        int i = start;
        do {
            if (source.startsWith("/-", i)) {
                depth++;
                i += 2;
            } else if (source.startsWith("-/", i)) {
                depth--;
                i += 2;
            } else {
                i++;
            }
        } while (depth > 0 && i < source.length());
        return Math.min(i, source.length());
    }

    private static int quotedEnd(String source, int start) {
        int i = start + 1;
        while (i < source.length() && source.charAt(i) != '"') {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + 1, source.length());
    }

    private static int rawEnd(String source, int start) {
        int i = start + 1;
        while (i < source.length() && source.charAt(i) == '#') {
            i++;
        }
        if (i >= source.length() || source.charAt(i) != '"') {
            return start;
        }
        String close = '"' + "#".repeat(i - start - 1);
        int end = source.indexOf(close, i + 1);
        return end < 0 ? source.length() : end + close.length();
    }
}
