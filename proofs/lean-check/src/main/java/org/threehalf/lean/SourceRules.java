package org.threehalf.lean;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.threehalf.repository.Problem;
import org.threehalf.repository.RequirementIds;

/**
 * What the library's sources may be made of. {@code lean/Gate.lean} parses them with Lean's own parser and prints each
 * import, each kind of syntax, and the text of what its kind does not tell; here it is compared with lists of what is
 * allowed. What is on no list is refused: {@code #eval}, {@code initialize}, macros, notations, elaborators,
 * {@code meta}, {@code unsafe}, {@code sorry} and every other thing that nobody thought of.
 */
final class SourceRules {
    /** Attributes that change neither what a definition means nor what is run for it. */
    private static final Set<String> ATTRIBUTES = Set.of("expose", "noinline", "inline");

    private static final String WRITE = "write them as the other modules do";
    private static final Set<String> OPTIONS = Set.of("maxHeartbeats", "maxRecDepth");
    private static final Set<String> DERIVED = Set.of("DecidableEq");
    private static final Pattern IMPORT =
            Pattern.compile("(?:public )?import (?:all )?([A-Za-z][A-Za-z0-9_]*(?:\\.[A-Za-z][A-Za-z0-9_]*)*)");
    private static final Pattern OPTION = Pattern.compile("set_option (\\S+) \\d+(?: in\\b.*)?");
    private static final Pattern OWN_SCOPE =
            Pattern.compile("(?:namespace|open) ThreeHalf(?:\\.[A-Za-z][A-Za-z0-9]*)*(?: in)?");
    private static final Pattern INNER_SCOPE = Pattern.compile("namespace [A-Z][A-Za-z0-9]*");
    private static final Set<String> KINDS = kinds();
    /**
     * Beside printable ASCII: what formulas and the text of {@code FORMAT.md} need, and nothing that looks like a
     * letter of a name.
     */
    private static final String CHARACTERS = "¬²³·¹×ŵΣαβδ…⁰⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉←→↔∀∃∈−∧∨≠≤≥⊢⌈⌉⌊⌋⟨⟩";
    /** Names that Lean gives by itself begin so; whoever wrote one would decide what is run for a definition. */
    private static final Pattern RESERVED = Pattern.compile("(?<![\\p{L}\\p{N}'?!_])_[A-Za-z0-9]\\w*");

    private SourceRules() {}

    /**
     * Judges the gate's output. One that ended with an error, that stops before its last line, or that left a source
     * out, is a failed one.
     *
     * @param exit the gate's exit code
     * @param output the lines that it printed
     * @param library the library's modules
     */
    static List<Problem> judge(int exit, String output, java.util.Collection<LeanProject.Module> library) {
        List<Problem> problems = new ArrayList<>();
        Set<String> parsed = new HashSet<>();
        Set<String> inside = new HashSet<>();
        List<String> rest = new ArrayList<>();
        Set<String> imports = new LinkedHashSet<>();
        Set<String> names = library.stream().map(LeanProject.Module::name).collect(Collectors.toSet());
        boolean ended = false;
        for (String line : output.lines().toList()) {
            String[] parts = line.split("\t", -1);
            if (parts[0].equals("parsed") && parts.length == 3) {
                parsed.add("lean/" + parts[1]);
            } else if (parts[0].equals("gate") && parts.length == 2) {
                ended = parts[1].equals(Integer.toString(library.size()));
            } else if (parts[0].equals("problem") && parts.length == 4) {
                problems.add(refused(parts[1], parts[2], parts[3]));
            } else if (parts[0].equals("kind") && parts.length == 4) {
                if (!KINDS.contains(parts[3].strip())) {
                    problems.add(refused(
                            parts[1],
                            parts[2],
                            "the syntax %s is not among what sources may be made of".formatted(parts[3])));
                }
            } else if (parts[0].equals("import") && parts.length == 4) {
                var matcher = IMPORT.matcher(parts[3]);
                boolean known = matcher.matches()
                        && (names.contains(matcher.group(1))
                                || Set.of("Init", "Std")
                                        .contains(matcher.group(1).split("\\.", 2)[0]));
                if (!known) {
                    problems.add(refused(
                            parts[1],
                            parts[2],
                            "'%s' is no import of this library's modules, Init or Std".formatted(parts[3])));
                } else {
                    imports.add("lean/" + parts[1] + " " + matcher.group(1));
                }
            } else if (parts[0].equals("theorem") && parts.length == 5) {
                continue;
            } else if (parts[0].equals("text") && parts.length == 5) {
                String wrong =
                        wrong(parts[3].substring(parts[3].lastIndexOf('.') + 1), parts[4], inside.contains(parts[1]));
                if (!wrong.isEmpty()) {
                    problems.add(refused(parts[1], parts[2], wrong));
                }
                if (OWN_SCOPE.matcher(parts[4]).matches()) {
                    inside.add(parts[1]);
                }
            } else if (!line.isBlank()) {
                rest.add(line);
            }
        }
        if (exit != 0 || !ended) {
            problems.add(new Problem(
                    "the gate ended with exit code %d%s: %s"
                            .formatted(exit, ended ? "" : " before its last line", String.join(" / ", rest)),
                    "see lean/Gate.lean"));
            return problems;
        }
        for (LeanProject.Module module : library) {
            if (!parsed.contains(module.file())) {
                problems.add(new Problem("the gate did not parse " + module.file(), "see lean/Gate.lean"));
            }
            // The order of the build follows the imports as they were read as text.
            Set<String> read =
                    module.imports().stream().map(i -> module.file() + " " + i).collect(Collectors.toSet());
            Set<String> said = imports.stream()
                    .filter(i -> i.startsWith(module.file() + " "))
                    .collect(Collectors.toSet());
            if (!read.equals(said) && problems.isEmpty()) {
                problems.add(new Problem(
                        "%s: error: its imports are read as %s, and by Lean as %s".formatted(module.file(), read, said),
                        WRITE));
            }
        }
        return problems;
    }

    /**
     * Compares the theorems that the gate printed, with their names and the requirements in their doc comments, with
     * those that were read from the text: the evidence's traces rest on these, and Lean's parser has the last word on
     * what they are.
     */
    static List<Problem> theorems(String output, java.util.Collection<LeanProject.Module> library) throws IOException {
        Map<String, Set<String>> theorems = new TreeMap<>();
        for (String line : output.lines().toList()) {
            String[] parts = line.split("\t", -1);
            if (parts[0].equals("theorem") && parts.length == 5 && parts[2].matches("\\d{1,9}")) {
                theorems.computeIfAbsent("lean/" + parts[1], f -> new TreeSet<>())
                        .add(claim(Integer.parseInt(parts[2]), parts[3], RequirementIds.namedIn(parts[4])));
            }
        }
        List<Problem> problems = new ArrayList<>();
        for (LeanProject.Module module : library) {
            Set<String> read = new TreeSet<>();
            LeanSources.read(module.file(), Files.readString(module.path()))
                    .forEach(t -> read.add(claim(t.line(), t.name(), t.requirements())));
            Set<String> said = theorems.getOrDefault(module.file(), Set.of());
            read.stream()
                    .filter(t -> !said.contains(t))
                    .forEach(t -> problems.add(new Problem(
                            "%s:%s is read as a theorem, and by Lean as none".formatted(module.file(), t), WRITE)));
            said.stream()
                    .filter(t -> !read.contains(t))
                    .forEach(t -> problems.add(new Problem(
                            "%s:%s is a theorem to Lean, and not read as one".formatted(module.file(), t), WRITE)));
        }
        return problems;
    }

    private static String claim(int line, String name, Set<String> requirements) {
        return "%d: error: %s %s".formatted(line, name, new TreeSet<>(requirements));
    }

    /**
     * How the sources are spelt, comments included: only known characters, no quoted names («a b», which could hold
     * anything, a line of a protocol too), no name or part of one that begins with an underscore, and no way out of the
     * namespace.
     */
    static List<Problem> spelling(java.util.Collection<LeanProject.Module> library) throws IOException {
        List<Problem> problems = new ArrayList<>();
        for (LeanProject.Module module : library) {
            int number = 0;
            for (String line : Files.readString(module.path()).split("\n", -1)) {
                number++;
                String at = module.file().replaceFirst("^lean/", "");
                int there = number;
                line.chars()
                        .filter(c -> !(c >= ' ' && c <= '~') && CHARACTERS.indexOf(c) < 0)
                        .findFirst()
                        .ifPresent(c -> problems.add(refused(
                                at,
                                Integer.toString(there),
                                "the character U+%04X is not among those that sources are written in".formatted(c))));
                var reserved = RESERVED.matcher(line);
                if (reserved.find()) {
                    problems.add(refused(
                            at,
                            Integer.toString(number),
                            "the name '%s' begins as those that Lean gives by itself".formatted(reserved.group())));
                }
            }
        }
        return problems;
    }

    private static String wrong(String kind, String text, boolean inside) {
        return switch (kind) {
            case "attrInstance" ->
                ATTRIBUTES.contains(text) ? "" : "the attribute '%s' is none of %s".formatted(text, sorted(ATTRIBUTES));
            case "set_option" -> {
                var matcher = OPTION.matcher(text);
                yield matcher.matches() && OPTIONS.contains(matcher.group(1))
                        ? ""
                        : "'%s' sets none of the options %s to a number".formatted(text, sorted(OPTIONS));
            }
            case "namespace", "open" ->
                OWN_SCOPE.matcher(text).matches()
                                || inside && INNER_SCOPE.matcher(text).matches()
                        ? ""
                        : "'%s' is no namespace of this library".formatted(text);
            case "optDeriving", "deriving" ->
                text.isEmpty()
                                || text.startsWith("deriving ")
                                        && DERIVED.containsAll(List.of(text.substring("deriving ".length())
                                                .split(", ?")))
                        ? ""
                        : "'%s' derives more than %s".formatted(text, sorted(DERIVED));
            // The kernel computes; the compiled code (+native) would not be checked.
            case "posConfigItem" ->
                text.equals("+kernel") ? "" : "the setting '%s' of a tactic is not +kernel".formatted(text);
            case "sectionHeader" ->
                text.equals("@[expose] public")
                        ? ""
                        : "a section that is '%s' and not '@[expose] public'".formatted(text);
            // Lexers other than Lean's take its inside for code.
            case "str" -> "the string '%s' has delimiters of its own".formatted(text);
            default -> "the text of %s says nothing to this check".formatted(kind);
        };
    }

    private static Problem refused(String file, String line, String what) {
        return new Problem(
                "lean/%s:%s: error: %s".formatted(file, line, what),
                "take it out, or argue for it in lean-check's SourceRules");
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    private static Set<String> kinds() {
        try (InputStream in =
                Objects.requireNonNull(SourceRules.class.getResourceAsStream("syntax.txt"), "syntax.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.isBlank() && !l.startsWith("#"))
                    .map(String::strip)
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
