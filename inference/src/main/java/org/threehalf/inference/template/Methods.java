package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.template.PythonValues.Namespace;

/** Python's methods of strings, lists and dicts: those that change nothing. */
final class Methods {
    private static final Set<String> CHANGING = Set.of(
            "append",
            "extend",
            "insert",
            "pop",
            "remove",
            "clear",
            "sort",
            "reverse",
            "update",
            "setdefault",
            "popitem");
    private static final Set<String> OF_STRINGS = Set.of(
            "strip",
            "lstrip",
            "rstrip",
            "split",
            "rsplit",
            "splitlines",
            "startswith",
            "endswith",
            "replace",
            "upper",
            "lower",
            "title",
            "capitalize",
            "join",
            "find",
            "rfind",
            "index",
            "count",
            "isdigit",
            "isnumeric",
            "isalpha",
            "isalnum",
            "isspace",
            "isupper",
            "islower",
            "removeprefix",
            "removesuffix",
            "zfill",
            "format",
            "casefold",
            "partition",
            "rpartition");
    private static final Set<String> OF_DICTS = Set.of("items", "keys", "values", "get", "copy");
    private static final Set<String> OF_LISTS = Set.of("index", "count", "copy");

    private static final int[] NONE = {0, 0};
    /** How many arguments a method takes, at least and at most; others take none. */
    private static final Map<String, int[]> ARGUMENTS = Map.ofEntries(
            Map.entry("strip", new int[] {0, 1}),
            Map.entry("lstrip", new int[] {0, 1}),
            Map.entry("rstrip", new int[] {0, 1}),
            Map.entry("split", new int[] {0, 2}),
            Map.entry("rsplit", new int[] {0, 2}),
            Map.entry("startswith", new int[] {1, 1}),
            Map.entry("endswith", new int[] {1, 1}),
            Map.entry("replace", new int[] {2, 3}),
            Map.entry("join", new int[] {1, 1}),
            Map.entry("find", new int[] {1, 1}),
            Map.entry("rfind", new int[] {1, 1}),
            Map.entry("index", new int[] {1, 1}),
            Map.entry("count", new int[] {1, 1}),
            Map.entry("partition", new int[] {1, 1}),
            Map.entry("rpartition", new int[] {1, 1}),
            Map.entry("removeprefix", new int[] {1, 1}),
            Map.entry("removesuffix", new int[] {1, 1}),
            Map.entry("zfill", new int[] {1, 1}),
            Map.entry("get", new int[] {1, 2}));

    private Methods() {}

    /** Whether a value has a method of this name that may be called. */
    static boolean has(@Nullable Object of, String name) {
        boolean changing =
                (of instanceof List || of instanceof Map) && !(of instanceof Namespace) && CHANGING.contains(name);
        if (changing) {
            throw new TemplateException("the method '%s' of a %s changes it, which a template may not"
                    .formatted(name, PythonValues.type(of)));
        }
        return of instanceof String && OF_STRINGS.contains(name)
                || of instanceof Map && !(of instanceof Namespace) && OF_DICTS.contains(name)
                || of instanceof List && OF_LISTS.contains(name);
    }

    private static @Nullable Object argument(List<@Nullable Object> arguments, int i) {
        return i < arguments.size() ? arguments.get(i) : null;
    }

    private static String string(List<@Nullable Object> arguments, int i) {
        if (argument(arguments, i) instanceof String s) {
            return s;
        }
        throw new TemplateException(
                "a string is needed, and there is a value of type " + PythonValues.type(argument(arguments, i)));
    }

    /** Refuses a call with fewer or other arguments than a method takes. */
    private static void requireArguments(
            String name, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        if (name.equals("format")) {
            return;
        }
        int[] counts = ARGUMENTS.getOrDefault(name, NONE);
        int given = arguments.size() + named.size();
        if (given < counts[0] || given > counts[1]) {
            throw new TemplateException("the method '%s' takes %s here, and has %d"
                    .formatted(
                            name,
                            counts[0] == counts[1]
                                    ? counts[0] + (counts[0] == 1 ? " argument" : " arguments")
                                    : "%d to %d arguments".formatted(counts[0], counts[1]),
                            given));
        }
        for (String argument : named.keySet()) {
            if (!name.endsWith("split") || !argument.equals("maxsplit") && !argument.equals("sep")) {
                throw new TemplateException("the method '%s' takes no argument '%s' here".formatted(name, argument));
            }
        }
    }

    static @Nullable Object call(
            Run run,
            @Nullable Object of,
            String name,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        requireArguments(name, arguments, named);
        run.touch(of instanceof String || !name.equals("get") ? of : null);
        arguments.forEach(run::touch);
        return switch (of) {
            case String s -> ofString(run, s, name, arguments, named);
            case Map<?, ?> map -> ofDict(run, map, name, arguments);
            case List<?> list ->
                switch (name) {
                    case "copy" -> new ArrayList<>(list);
                    case "count" ->
                        list.stream()
                                .filter(e -> PythonValues.equal(run, e, argument(arguments, 0)))
                                .count();
                    default -> {
                        for (int i = 0; i < list.size(); i++) {
                            if (PythonValues.equal(run, list.get(i), argument(arguments, 0))) {
                                yield (long) i;
                            }
                        }
                        throw new TemplateException("the value is not in the list");
                    }
                };
            case null, default ->
                throw new TemplateException(
                        "a value of type %s has no method '%s'".formatted(PythonValues.type(of), name));
        };
    }

    private static @Nullable Object ofDict(Run run, Map<?, ?> map, String name, List<@Nullable Object> arguments) {
        return switch (name) {
            case "items" -> items(map);
            case "keys" -> new ArrayList<Object>(map.keySet());
            case "values" -> new ArrayList<Object>(map.values());
            case "copy" -> new java.util.LinkedHashMap<Object, Object>(map);
            default ->
                map.containsKey(PythonValues.key(run, argument(arguments, 0)))
                        ? map.get(argument(arguments, 0))
                        : argument(arguments, 1);
        };
    }

    static List<@Nullable Object> items(Map<?, ?> map) {
        List<@Nullable Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(new PythonValues.Tuple(Arrays.asList(key, value))));
        return items;
    }

    private static @Nullable Object ofString(
            Run run, String s, String name, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        return switch (name) {
            case "strip" -> strip(run, s, argument(arguments, 0), true, true);
            case "lstrip" -> strip(run, s, argument(arguments, 0), true, false);
            case "rstrip" -> strip(run, s, argument(arguments, 0), false, true);
            case "split", "rsplit" -> {
                Object most = arguments.size() > 1 ? arguments.get(1) : named.get("maxsplit");
                yield split(
                        run,
                        s,
                        arguments.isEmpty() ? named.get("sep") : arguments.getFirst(),
                        most == null ? -1 : PythonValues.integer(most),
                        name.equals("rsplit"));
            }
            case "splitlines" -> lines(run, s);
            case "startswith" -> options(run, arguments).stream().anyMatch(s::startsWith);
            case "endswith" -> options(run, arguments).stream().anyMatch(s::endsWith);
            case "replace" ->
                replace(
                        run,
                        s,
                        string(arguments, 0),
                        string(arguments, 1),
                        arguments.size() > 2 ? PythonValues.integer(arguments.get(2)) : -1);
            case "upper" -> run.likewise(s.toUpperCase(Locale.ROOT), s);
            case "lower", "casefold" -> run.likewise(s.toLowerCase(Locale.ROOT), s);
            case "title" -> run.likewise(title(s), s);
            case "capitalize" -> run.likewise(capitalize(s), s);
            case "join" ->
                join(
                        run,
                        s,
                        PythonValues.elements(run, argument(arguments, 0)).stream()
                                .map(e -> string(Arrays.asList(e), 0))
                                .toList());
            case "find" -> index(s, Search.first(s, string(arguments, 0)));
            case "rfind" -> index(s, Search.last(s, string(arguments, 0)));
            case "index" -> {
                int at = Search.first(s, string(arguments, 0));
                if (at < 0) {
                    throw new TemplateException("the part is not in the string");
                }
                yield index(s, at);
            }
            case "count" -> {
                String part = string(arguments, 0);
                if (part.isEmpty()) {
                    yield PythonValues.length(run, s) + 1;
                }
                Search search = new Search(part, false);
                long count = 0;
                for (int at = search.in(s, 0); at >= 0; at = search.in(s, at + part.length())) {
                    count++;
                }
                yield count;
            }
            case "isdigit", "isnumeric" -> !s.isEmpty() && s.codePoints().allMatch(Character::isDigit);
            case "isalpha" -> !s.isEmpty() && s.codePoints().allMatch(Character::isLetter);
            case "isalnum" -> !s.isEmpty() && s.codePoints().allMatch(Character::isLetterOrDigit);
            case "isspace" -> !s.isEmpty() && s.codePoints().allMatch(Methods::isSpace);
            case "isupper" -> s.equals(s.toUpperCase(Locale.ROOT)) && !s.equals(s.toLowerCase(Locale.ROOT));
            case "islower" -> s.equals(s.toLowerCase(Locale.ROOT)) && !s.equals(s.toUpperCase(Locale.ROOT));
            case "partition", "rpartition" -> {
                String by = string(arguments, 0);
                int at = name.equals("partition") ? Search.first(s, by) : Search.last(s, by);
                List<String> parts = at >= 0
                        ? List.of(
                                run.substring(s, 0, at),
                                run.substring(s, at, at + by.length()),
                                run.substring(s, at + by.length(), s.length()))
                        : name.equals("partition") ? List.of(s, "", "") : List.of("", "", s);
                yield new PythonValues.Tuple(parts);
            }
            case "removeprefix" ->
                s.startsWith(string(arguments, 0))
                        ? run.substring(s, string(arguments, 0).length(), s.length())
                        : s;
            case "removesuffix" ->
                s.endsWith(string(arguments, 0))
                        ? run.substring(s, 0, s.length() - string(arguments, 0).length())
                        : s;
            case "zfill" -> {
                long width = Math.clamp(PythonValues.integer(argument(arguments, 0)), 0, 1000);
                yield run.text()
                        .append("0".repeat((int) Math.max(0, width - s.length())))
                        .append(s)
                        .toString();
            }
            default -> format(run, s, arguments, named);
        };
    }

    /** Cut at the ends of lines. */
    private static List<@Nullable Object> lines(Run run, String s) {
        List<@Nullable Object> lines = new ArrayList<>();
        int from = 0;
        while (from < s.length()) {
            int to = from;
            while (to < s.length() && s.charAt(to) != '\n' && s.charAt(to) != '\r') {
                to++;
            }
            lines.add(run.substring(s, from, to));
            from = to + (s.startsWith("\r\n", to) ? 2 : 1);
            run.step();
        }
        return lines;
    }

    private static long index(String s, int at) {
        return at < 0 ? -1 : s.codePointCount(0, at);
    }

    private static List<String> options(Run run, List<@Nullable Object> arguments) {
        return argument(arguments, 0) instanceof List<?> several
                ? several.stream()
                        .map(e -> string(Arrays.asList(e), 0))
                        .peek(run::touch)
                        .toList()
                : List.of(string(arguments, 0));
    }

    /** What Python's strip() takes away. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static String strip(Run run, String s, @Nullable Object characters, boolean start, boolean end) {
        java.util.function.IntPredicate stripped;
        if (characters instanceof String set) {
            Set<Integer> points = set.codePoints().boxed().collect(Collectors.toSet());
            stripped = points::contains;
        } else {
            stripped = Methods::isSpace;
        }
        int from = 0;
        int to = s.length();
        while (start && from < to && stripped.test(s.codePointAt(from))) {
            from += Character.charCount(s.codePointAt(from));
        }
        while (end && to > from && stripped.test(s.codePointBefore(to))) {
            to -= Character.charCount(s.codePointBefore(to));
        }
        return run.substring(s, from, to);
    }

    /** In a time that grows with the string, however many parts it has. */
    private static List<@Nullable Object> split(
            Run run, String s, @Nullable Object separator, long most, boolean fromTheEnd) {
        List<@Nullable Object> parts = new ArrayList<>();
        if (separator == null) {
            return fromTheEnd && most >= 0 ? wordsFromTheEnd(run, s, most) : words(run, s, most);
        }
        String by = string(Arrays.asList(separator), 0);
        if (by.isEmpty()) {
            throw new TemplateException("split: an empty separator");
        }
        Search search = new Search(by, fromTheEnd);
        int from = 0;
        int to = s.length();
        while (most < 0 || parts.size() < most) {
            int at = search.in(s, fromTheEnd ? to : from);
            if (at < 0) {
                break;
            }
            run.step();
            if (fromTheEnd) {
                parts.add(run.substring(s, at + by.length(), to));
                to = at;
            } else {
                parts.add(run.substring(s, from, at));
                from = at + by.length();
            }
        }
        parts.add(run.substring(s, from, to));
        return fromTheEnd ? parts.reversed() : parts;
    }

    /** Cut at white space; what is left when so many are cut keeps the white space behind it. */
    private static List<@Nullable Object> words(Run run, String s, long most) {
        List<@Nullable Object> words = new ArrayList<>();
        int from = 0;
        while (true) {
            while (from < s.length() && isSpace(s.charAt(from))) {
                from++;
            }
            if (from == s.length()) {
                return words;
            }
            int to = from;
            while (to < s.length() && (words.size() == most || !isSpace(s.charAt(to)))) {
                to++;
            }
            words.add(run.substring(s, from, to));
            run.step();
            from = to;
        }
    }

    private static List<@Nullable Object> wordsFromTheEnd(Run run, String s, long most) {
        List<@Nullable Object> words = new ArrayList<>();
        int to = s.length();
        while (true) {
            while (to > 0 && isSpace(s.charAt(to - 1))) {
                to--;
            }
            if (to == 0) {
                return words.reversed();
            }
            int from = to;
            while (from > 0 && (words.size() == most || !isSpace(s.charAt(from - 1)))) {
                from--;
            }
            words.add(run.substring(s, from, to));
            run.step();
            to = from;
        }
    }

    /** Replaces at most so many, all where that is negative; refused before it is made where it would be too long. */
    static String replace(Run run, String s, String old, String by, long most) {
        Run.Text replaced = run.text();
        int from = 0;
        if (old.isEmpty()) {
            for (long i = 0; from <= s.length() && (most < 0 || i < most); i++) {
                run.step();
                int to = from == s.length() ? from : from + Character.charCount(s.codePointAt(from));
                replaced.append(by).append(s, from, to);
                from = from == s.length() ? from + 1 : to;
            }
            return replaced.append(s, Math.min(from, s.length()), s.length()).toString();
        }
        Search search = new Search(old, false);
        int at = search.in(s, 0);
        for (long i = 0; at >= 0 && (most < 0 || i < most); i++) {
            run.look((long) at - from + by.length() + Run.CHARACTERS);
            replaced.append(s, from, at).append(by);
            from = at + old.length();
            at = search.in(s, from);
        }
        return replaced.append(s, from, s.length()).toString();
    }

    /** Joins; refused before it is made where it would be too long. */
    static String join(Run run, String between, List<String> parts) {
        Run.requireLength(parts.stream().mapToLong(String::length).sum()
                + (long) between.length() * Math.max(0, parts.size() - 1));
        Run.Text joined = run.text();
        for (int i = 0; i < parts.size(); i++) {
            run.look((long) parts.get(i).length() + between.length() + Run.CHARACTERS);
            joined.append(i == 0 ? "" : between).append(parts.get(i));
        }
        return joined.toString();
    }

    static String capitalize(String s) {
        return s.isEmpty()
                ? s
                : s.substring(0, 1).toUpperCase(Locale.ROOT) + s.substring(1).toLowerCase(Locale.ROOT);
    }

    static String title(String s) {
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (char c : s.toCharArray()) {
            out.append(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    /** {@code "{} {name}".format(…)}, without formats of their own. */
    private static String format(
            Run run, String s, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        Run.Text out = run.text();
        int next = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if ((c == '{' || c == '}') && i + 1 < s.length() && s.charAt(i + 1) == c) {
                out.append(s, i, i + 1);
                i++;
            } else if (c == '{') {
                int close = s.indexOf('}', i);
                String field = close < 0 ? "?" : s.substring(i + 1, close);
                boolean number = field.isEmpty() || field.matches("\\d{1,4}");
                int index = !number ? -1 : field.isEmpty() ? next++ : Integer.parseInt(field);
                if (number ? index >= arguments.size() : !named.containsKey(field)) {
                    throw new TemplateException(
                            "format: there is nothing for '{%s}'".formatted(field.length() > 80 ? "…" : field));
                }
                String text = run.text(number ? arguments.get(index) : named.get(field));
                run.look(text.length());
                run.step();
                out.append(text);
                i = close;
            } else {
                out.append(s, i, i + 1);
            }
        }
        return out.toString();
    }
}
