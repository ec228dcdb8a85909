package org.threehalf.lean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.threehalf.repository.RequirementIds;
import org.threehalf.repository.SourceTree;

/** Reads the theorems of the Lean sources, by their text: enough for names, doc comments and statements. */
public final class LeanSources {
    private static final Pattern SCOPE = Pattern.compile("(?:.*\\s)?(namespace|section|end)(?:\\s+(\\S+))?\\s*");
    private static final Pattern THEOREM = Pattern.compile(
            "(?:@\\[[^]]*]\\s*)?(?:(?:private|protected|public|nonrec)\\s+)*(?:theorem|lemma)\\s+([^\\s:(\\[{]+)\\s*(.*)",
            Pattern.DOTALL);
    private static final Pattern BRACKETED_IDS = Pattern.compile("\\[[^\\[\\]]*REQ-[^\\[\\]]*]");

    private LeanSources() {}

    /** The theorems of {@code ThreeHalf/**.lean} below {@code lean/}, file by file. */
    public static List<Theorem> read(Path root) throws IOException {
        List<Theorem> theorems = new ArrayList<>();
        for (Path file : SourceTree.files(root.resolve("lean/ThreeHalf"), ".lean")) {
            theorems.addAll(read(SourceTree.name(root, file), Files.readString(file)));
        }
        return theorems;
    }

    /** The theorems of one source, of which {@code file} is the name that they are given. */
    public static List<Theorem> read(String file, String source) {
        List<Theorem> theorems = new ArrayList<>();
        Deque<String> scopes = new ArrayDeque<>();
        String code = withoutComments(source);
        int position = 0;
        int number = 0;
        for (String line : code.split("\n", -1)) {
            number++;
            var scope = SCOPE.matcher(line);
            var theorem = THEOREM.matcher(line);
            if (scope.matches() && !line.startsWith(" ")) {
                if (!scope.group(1).equals("end")) {
                    scopes.addLast(scope.group(1).equals("namespace") ? scope.group(2) : "");
                } else if (!scopes.isEmpty()) {
                    scopes.removeLast();
                }
            } else if (theorem.matches()) {
                String doc = docBefore(source, position);
                theorems.add(new Theorem(
                        qualified(scopes, theorem.group(1)),
                        file,
                        number,
                        fold(BRACKETED_IDS.matcher(doc).replaceAll("")),
                        RequirementIds.namedIn(doc),
                        statement(code, position + theorem.start(2))));
            }
            position += line.length() + 1;
        }
        return theorems;
    }

    private static String qualified(Deque<String> scopes, String name) {
        List<String> parts =
                new ArrayList<>(scopes.stream().filter(s -> !s.isEmpty()).toList());
        parts.add(name);
        return String.join(".", parts);
    }

    /**
     * From the end of the name to the {@code :=} outside of brackets, or the first {@code |} of a definition by cases.
     */
    private static String statement(String code, int from) {
        int depth = 0;
        int end = from;
        for (; end < code.length(); end++) {
            char c = code.charAt(end);
            depth += "([{⟨".indexOf(c) >= 0 ? 1 : ")]}⟩".indexOf(c) >= 0 ? -1 : 0;
            if (depth == 0
                    && (code.startsWith(":=", end) || code.startsWith("\n  | ", end) || code.startsWith("\n\n", end))) {
                break;
            }
        }
        return fold(code.substring(from, end));
    }

    /** The doc comment that ends right before a line; attributes on lines of their own may stand between. */
    private static String docBefore(String source, int lineStart) {
        String before = source.substring(0, lineStart).stripTrailing();
        while (before.endsWith("]")
                && before.lastIndexOf('\n') >= 0
                && before.startsWith("@[", before.lastIndexOf('\n') + 1)) {
            before = before.substring(0, before.lastIndexOf('\n')).stripTrailing();
        }
        int start = before.lastIndexOf("/-");
        return before.endsWith("-/") && before.startsWith("/--", start)
                ? before.substring(start + 3, before.length() - 2)
                : "";
    }

    /** The source with comments and the insides of strings replaced by spaces, so that every position stays. */
    private static String withoutComments(String source) {
        StringBuilder code = new StringBuilder(source);
        int depth = 0;
        boolean line = false;
        boolean string = false;
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            int blanks = 1;
            if (line) {
                line = c != '\n';
            } else if (string) {
                blanks = c == '\\' ? 2 : 1;
                string = c != '"';
            } else if (source.startsWith("/-", i)) {
                depth++;
                blanks = 2;
            } else if (depth > 0 && source.startsWith("-/", i)) {
                depth--;
                blanks = 2;
            } else if (depth == 0 && source.startsWith("--", i)) {
                line = true;
            } else if (depth == 0 && c == '"' && !source.startsWith("'\"'", Math.max(0, i - 1))) {
                string = true;
            } else if (depth == 0) {
                blanks = 0;
            }
            for (int end = Math.min(i + blanks, source.length()), j = i; j < end; j++) {
                if (code.charAt(j) != '\n') {
                    code.setCharAt(j, ' ');
                }
            }
            i += Math.max(0, blanks - 1);
        }
        return code.toString();
    }

    private static String fold(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
