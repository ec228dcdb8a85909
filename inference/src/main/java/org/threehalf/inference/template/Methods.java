package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

    static @Nullable Object call(
            @Nullable Object of, String name, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        return switch (of) {
            case String s -> ofString(s, name, arguments, named);
            case Map<?, ?> map -> ofDict(map, name, arguments);
            case List<?> list ->
                switch (name) {
                    case "copy" -> new ArrayList<>(list);
                    case "count" ->
                        list.stream()
                                .filter(e -> PythonValues.equal(e, argument(arguments, 0)))
                                .count();
                    default -> {
                        for (int i = 0; i < list.size(); i++) {
                            if (PythonValues.equal(list.get(i), argument(arguments, 0))) {
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

    private static @Nullable Object ofDict(Map<?, ?> map, String name, List<@Nullable Object> arguments) {
        return switch (name) {
            case "items" -> items(map);
            case "keys" -> new ArrayList<Object>(map.keySet());
            case "values" -> new ArrayList<Object>(map.values());
            case "copy" -> new java.util.LinkedHashMap<Object, Object>(map);
            default ->
                map.containsKey(argument(arguments, 0)) ? map.get(argument(arguments, 0)) : argument(arguments, 1);
        };
    }

    static List<@Nullable Object> items(Map<?, ?> map) {
        List<@Nullable Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(new PythonValues.Tuple(Arrays.asList(key, value))));
        return items;
    }

    private static @Nullable Object ofString(
            String s, String name, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        return switch (name) {
            case "strip" -> strip(s, argument(arguments, 0), true, true);
            case "lstrip" -> strip(s, argument(arguments, 0), true, false);
            case "rstrip" -> strip(s, argument(arguments, 0), false, true);
            case "split", "rsplit" ->
                split(
                        s,
                        argument(arguments, 0),
                        arguments.size() > 1
                                ? PythonValues.integer(arguments.get(1))
                                : named.get("maxsplit") instanceof Long most ? most : -1,
                        name.equals("rsplit"));
            case "splitlines" -> new ArrayList<Object>(s.lines().toList());
            case "startswith" -> options(arguments).stream().anyMatch(s::startsWith);
            case "endswith" -> options(arguments).stream().anyMatch(s::endsWith);
            case "replace" ->
                replace(
                        s,
                        string(arguments, 0),
                        string(arguments, 1),
                        arguments.size() > 2 ? PythonValues.integer(arguments.get(2)) : -1);
            case "upper" -> s.toUpperCase(Locale.ROOT);
            case "lower", "casefold" -> s.toLowerCase(Locale.ROOT);
            case "title" -> title(s);
            case "capitalize" -> capitalize(s);
            case "join" ->
                join(
                        s,
                        PythonValues.elements(argument(arguments, 0)).stream()
                                .map(e -> string(Arrays.asList(e), 0))
                                .toList());
            case "find" -> index(s, s.indexOf(string(arguments, 0)));
            case "rfind" -> index(s, s.lastIndexOf(string(arguments, 0)));
            case "index" -> {
                if (!s.contains(string(arguments, 0))) {
                    throw new TemplateException("the part is not in the string");
                }
                yield index(s, s.indexOf(string(arguments, 0)));
            }
            case "count" ->
                string(arguments, 0).isEmpty()
                        ? PythonValues.length(s) + 1
                        : (s.length() - s.replace(string(arguments, 0), "").length())
                                / (long) string(arguments, 0).length();
            case "isdigit", "isnumeric" -> !s.isEmpty() && s.codePoints().allMatch(Character::isDigit);
            case "isalpha" -> !s.isEmpty() && s.codePoints().allMatch(Character::isLetter);
            case "isalnum" -> !s.isEmpty() && s.codePoints().allMatch(Character::isLetterOrDigit);
            case "isspace" -> !s.isEmpty() && s.codePoints().allMatch(Methods::isSpace);
            case "isupper" -> s.equals(s.toUpperCase(Locale.ROOT)) && !s.equals(s.toLowerCase(Locale.ROOT));
            case "islower" -> s.equals(s.toLowerCase(Locale.ROOT)) && !s.equals(s.toUpperCase(Locale.ROOT));
            case "partition", "rpartition" -> {
                String by = string(arguments, 0);
                int at = name.equals("partition") ? s.indexOf(by) : s.lastIndexOf(by);
                List<String> parts = at >= 0
                        ? List.of(s.substring(0, at), by, s.substring(at + by.length()))
                        : name.equals("partition") ? List.of(s, "", "") : List.of("", "", s);
                yield new PythonValues.Tuple(parts);
            }
            case "removeprefix" ->
                s.startsWith(string(arguments, 0))
                        ? s.substring(string(arguments, 0).length())
                        : s;
            case "removesuffix" ->
                s.endsWith(string(arguments, 0))
                        ? s.substring(0, s.length() - string(arguments, 0).length())
                        : s;
            case "zfill" -> {
                long width = Math.clamp(PythonValues.integer(argument(arguments, 0)), 0, 1000);
                yield "0".repeat((int) Math.max(0, width - s.length())) + s;
            }
            default -> format(s, arguments, named);
        };
    }

    private static long index(String s, int at) {
        return at < 0 ? -1 : s.codePointCount(0, at);
    }

    private static List<String> options(List<@Nullable Object> arguments) {
        return argument(arguments, 0) instanceof List<?> several
                ? several.stream().map(PythonValues::text).toList()
                : List.of(string(arguments, 0));
    }

    /** What Python's strip() takes away. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static String strip(String s, @Nullable Object characters, boolean start, boolean end) {
        java.util.function.IntPredicate stripped =
                characters instanceof String set ? c -> set.indexOf(c) >= 0 : Methods::isSpace;
        int[] points = s.codePoints().toArray();
        int from = 0;
        int to = points.length;
        while (start && from < to && stripped.test(points[from])) {
            from++;
        }
        while (end && to > from && stripped.test(points[to - 1])) {
            to--;
        }
        return new String(points, from, to - from);
    }

    /** In a time that grows with the string, however many parts it has. */
    private static List<@Nullable Object> split(String s, @Nullable Object separator, long most, boolean fromTheEnd) {
        List<@Nullable Object> parts = new ArrayList<>();
        if (separator == null) {
            return fromTheEnd && most >= 0 ? wordsFromTheEnd(s, most) : words(s, most);
        }
        String by = PythonValues.text(separator);
        if (by.isEmpty()) {
            throw new TemplateException("split: an empty separator");
        }
        int from = 0;
        int to = s.length();
        while (most < 0 || parts.size() < most) {
            int at = fromTheEnd ? s.lastIndexOf(by, to - by.length()) : s.indexOf(by, from);
            if (at < from || at < 0) {
                break;
            }
            if (fromTheEnd) {
                parts.add(s.substring(at + by.length(), to));
                to = at;
            } else {
                parts.add(s.substring(from, at));
                from = at + by.length();
            }
        }
        parts.add(s.substring(from, to));
        return fromTheEnd ? parts.reversed() : parts;
    }

    /** Cut at white space; what is left when so many are cut keeps the white space behind it. */
    private static List<@Nullable Object> words(String s, long most) {
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
            words.add(s.substring(from, to));
            from = to;
        }
    }

    private static List<@Nullable Object> wordsFromTheEnd(String s, long most) {
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
            words.add(s.substring(from, to));
            to = from;
        }
    }

    /** Replaces at most so many, all where that is negative; refused before it is made where it would be too long. */
    static String replace(String s, String old, String by, long most) {
        if (old.isEmpty()) {
            Interpreter.requireLength((s.length() + 1L) * by.length() + s.length());
            return most < 0 ? s.replace(old, by) : s;
        }
        StringBuilder replaced = new StringBuilder();
        int from = 0;
        int at = s.indexOf(old);
        for (long i = 0; at >= 0 && (most < 0 || i < most); i++) {
            replaced.append(s, from, at);
            Interpreter.requireLength((long) replaced.length() + by.length());
            replaced.append(by);
            from = at + old.length();
            at = s.indexOf(old, from);
        }
        return replaced.append(s, from, s.length()).toString();
    }

    /** Joins; refused before it is made where it would be too long. */
    static String join(String between, List<String> parts) {
        Interpreter.requireLength(parts.stream().mapToLong(String::length).sum()
                + (long) between.length() * Math.max(0, parts.size() - 1));
        return String.join(between, parts);
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
    private static String format(String s, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        StringBuilder out = new StringBuilder();
        int next = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if ((c == '{' || c == '}') && i + 1 < s.length() && s.charAt(i + 1) == c) {
                out.append(c);
                i++;
            } else if (c == '{') {
                int close = s.indexOf('}', i);
                String field = close < 0 ? "?" : s.substring(i + 1, close);
                if (!field.matches("\\w*")) {
                    throw new TemplateException("format: '{%s}' is not known".formatted(field));
                }
                out.append(PythonValues.text(
                        field.isEmpty()
                                ? argument(arguments, next++)
                                : field.matches("\\d{1,4}")
                                        ? argument(arguments, Integer.parseInt(field))
                                        : named.get(field)));
                Interpreter.requireLength(out.length());
                i = close;
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
