package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Python makes of values: truth, equality, order, spelling, slices. A value is null ({@code None}),
 * {@link Undefined}, a Boolean, Long, Double or String, a List or a Map of values.
 */
final class PythonValues {

    /** What a name stands for that nothing was given for. */
    record Undefined(String name) {}

    /** A {@code namespace}, whose members can be set. */
    static final class Namespace extends java.util.LinkedHashMap<Object, @Nullable Object> {
        private static final long serialVersionUID = 1;
    }

    /** A list that is spelt as a tuple. */
    static final class Tuple extends ArrayList<@Nullable Object> {
        private static final long serialVersionUID = 1;

        Tuple(List<? extends @Nullable Object> elements) {
            super(elements);
        }
    }

    private static final HexFormat HEX = HexFormat.of();
    /** Farther than any list reaches. */
    private static final long MOST = 1L << 40;

    private PythonValues() {}

    static boolean isTrue(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Undefined undefined -> false;
            case Boolean b -> b;
            case Long l -> l != 0;
            case Double d -> d != 0;
            case String s -> !s.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Namespace namespace -> true;
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    static String type(@Nullable Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Undefined undefined -> "Undefined";
            case Boolean b -> "bool";
            case Long l -> "int";
            case Double d -> "float";
            case String s -> "str";
            case List<?> list -> "list";
            case Map<?, ?> map -> "dict";
            default -> "function";
        };
    }

    /** {@code repr(value)}. */
    static String spelling(Run run, @Nullable Object value) {
        StringBuilder out = new StringBuilder();
        spell(run, value, out);
        run.look(out.length());
        return out.toString();
    }

    /** A list may hold one long string many times: refused as soon as it is too long. */
    private static void spell(Run run, @Nullable Object value, StringBuilder out) {
        Run.requireLength(out.length());
        run.step();
        run.deeper();
        switch (value) {
            case null -> out.append("None");
            case Undefined undefined -> out.append("Undefined");
            case Boolean b -> out.append(b ? "True" : "False");
            case Double d -> out.append(number(d));
            case String s -> out.append(quoted(s));
            case Tuple tuple -> {
                spellAll(run, tuple, "(", out);
                out.append(tuple.size() == 1 ? ",)" : ")");
            }
            case List<?> list -> {
                spellAll(run, list, "[", out);
                out.append(']');
            }
            case Namespace namespace -> {
                out.append("<Namespace ");
                spell(run, new java.util.LinkedHashMap<>(namespace), out);
                out.append('>');
            }
            case Map<?, ?> map -> {
                String between = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(between);
                    spell(run, entry.getKey(), out);
                    out.append(": ");
                    spell(run, entry.getValue(), out);
                    between = ", ";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            default -> out.append(value instanceof Long ? value.toString() : "<function>");
        }
        run.shallower();
    }

    private static void spellAll(Run run, List<?> list, String open, StringBuilder out) {
        String between = open;
        for (Object element : list) {
            out.append(between);
            spell(run, element, out);
            between = ", ";
        }
        out.append(list.isEmpty() ? open : "");
    }

    private static String quoted(String s) {
        char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder out = new StringBuilder().append(quote);
        s.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (c < 0x20 || c == 0x7f) {
                        out.append("\\x").append(HEX.toHexDigits((byte) c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        });
        return out.append(quote).toString();
    }

    private static String number(double d) {
        if (Double.isNaN(d)) {
            return "nan";
        }
        if (Double.isInfinite(d)) {
            return d > 0 ? "inf" : "-inf";
        }
        if (d == 0) {
            return 1 / d < 0 ? "-0.0" : "0.0";
        }
        double magnitude = Math.abs(d);
        if (magnitude < 1e-4 || magnitude >= 1e16) {
            String[] parts = Double.toString(d).split("E");
            int exponent = Integer.parseInt(parts[1]);
            return parts[0].replaceAll("\\.0$", "") + "e" + (exponent < 0 ? "-" : "+")
                    + "%02d".formatted(Math.abs(exponent));
        }
        String plain = new java.math.BigDecimal(Double.toString(d)).toPlainString();
        return plain.contains(".") ? plain : plain + ".0";
    }

    static boolean equal(Run run, @Nullable Object a, @Nullable Object b) {
        run.step();
        if (isNumber(a) && isNumber(b)) {
            return a instanceof Double || b instanceof Double ? real(a) == real(b) : integer(a) == integer(b);
        }
        if (a instanceof Undefined || b instanceof Undefined) {
            return a instanceof Undefined && b instanceof Undefined;
        }
        if (a instanceof String x && b instanceof String y) {
            run.look(x.length() == y.length() ? x.length() : 0);
            return x.equals(y);
        }
        if (a == b) {
            return true;
        }
        run.deeper();
        boolean same = false;
        if (a instanceof List<?> x && b instanceof List<?> y) {
            same = x.size() == y.size();
            for (int i = 0; same && i < x.size(); i++) {
                same = equal(run, x.get(i), y.get(i));
            }
        } else if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y && !(a instanceof Namespace)) {
            same = x.size() == y.size();
            for (Map.Entry<?, ?> entry : x.entrySet()) {
                same = same && y.containsKey(entry.getKey()) && equal(run, entry.getValue(), y.get(entry.getKey()));
            }
        }
        run.shallower();
        return same;
    }

    /** What a key of a dict may be, and a value that is looked up in one: else its hash could take any time. */
    static @Nullable Object key(Run run, @Nullable Object value) {
        run.step();
        run.touch(value instanceof String ? value : null);
        boolean tuple = value instanceof Tuple;
        if (!tuple && (value instanceof List || value instanceof Map)) {
            throw new TemplateException("a value of type %s cannot be a key".formatted(type(value)));
        }
        if (value instanceof Tuple elements) {
            run.deeper();
            elements.forEach(element -> key(run, element));
            run.shallower();
        }
        return value;
    }

    static boolean isNumber(@Nullable Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static double real(@Nullable Object value) {
        return switch (value) {
            case Double d -> d;
            case null, default -> integer(value);
        };
    }

    static long integer(@Nullable Object value) {
        return switch (value) {
            case Long l -> l;
            case Boolean b -> b ? 1 : 0;
            case null, default ->
                throw new TemplateException("a number is needed, and there is a value of type " + type(value));
        };
    }

    static int order(Run run, @Nullable Object a, @Nullable Object b) {
        run.step();
        if (isNumber(a) && isNumber(b)) {
            return a instanceof Double || b instanceof Double
                    ? Double.compare(real(a), real(b))
                    : Long.compare(integer(a), integer(b));
        }
        if (a instanceof String x && b instanceof String y) {
            run.look(Math.min(x.length(), y.length()));
            return x.compareTo(y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            run.deeper();
            int order = Integer.compare(x.size(), y.size());
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                if (!equal(run, x.get(i), y.get(i))) {
                    order = order(run, x.get(i), y.get(i));
                    break;
                }
            }
            run.shallower();
            return order;
        }
        throw new TemplateException("values of types %s and %s have no order".formatted(type(a), type(b)));
    }

    /** The elements that a loop sees, in a list of their own. */
    static List<@Nullable Object> elements(Run run, @Nullable Object value) {
        return switch (value) {
            case List<?> list -> {
                run.look(list.size());
                yield new ArrayList<>(list);
            }
            case Map<?, ?> map -> {
                run.spend(map.size());
                yield new ArrayList<>(map.keySet());
            }
            case String s -> characters(run, s);
            case Undefined undefined -> new ArrayList<>();
            case null, default ->
                throw new TemplateException("a value of type %s has no elements".formatted(type(value)));
        };
    }

    private static List<@Nullable Object> characters(Run run, String s) {
        List<@Nullable Object> characters = new ArrayList<>();
        for (int i = 0; i < s.length(); ) {
            run.step();
            int end = i + Character.charCount(s.codePointAt(i));
            characters.add(run.substring(s, i, end));
            i = end;
        }
        return characters;
    }

    static long length(Run run, @Nullable Object value) {
        return switch (value) {
            case String s -> {
                run.look(s.length());
                yield s.codePointCount(0, s.length());
            }
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case null, default -> elements(run, value).size();
        };
    }

    /** {@code of[index]} of a list or string; a place that there is none of gives nothing. */
    static @Nullable Object element(Run run, Object of, long index) {
        long size = length(run, of);
        long at = index < 0 ? index + size : index;
        if (at < 0 || at >= size) {
            return new Undefined("element " + index);
        }
        if (of instanceof String s) {
            int from = s.offsetByCodePoints(0, (int) at);
            return run.substring(s, from, s.offsetByCodePoints(from, 1));
        }
        return ((List<?>) of).get((int) at);
    }

    static boolean contains(Run run, @Nullable Object container, @Nullable Object value) {
        return switch (container) {
            case String s -> {
                if (!(value instanceof String part)) {
                    throw new TemplateException(
                            "'in' a string: a string is needed, and there is a value of type " + type(value));
                }
                run.look((long) s.length() + part.length());
                yield Search.first(s, part) >= 0;
            }
            case Map<?, ?> map -> map.containsKey(key(run, value));
            case List<?> list -> list.stream().anyMatch(e -> equal(run, e, value));
            case null, default -> elements(run, container).stream().anyMatch(e -> equal(run, e, value));
        };
    }

    /** {@code of[from:to:step]}, of a list or string. */
    static @Nullable Object slice(
            Run run, @Nullable Object of, @Nullable Object from, @Nullable Object to, @Nullable Object step) {
        long stride = step == null ? 1 : Math.clamp(integer(step), -MOST, MOST);
        if (stride == 0) {
            throw new TemplateException("a slice with a step of 0");
        }
        if (of instanceof String s && stride == 1) {
            long size = length(run, s);
            long first = bound(from, 0, size, 1);
            long last = Math.max(first, bound(to, size, size, 1));
            int start = s.offsetByCodePoints(0, (int) first);
            return run.substring(s, start, s.offsetByCodePoints(start, (int) (last - first)));
        }
        List<@Nullable Object> all = elements(run, of);
        long size = all.size();
        long first = bound(from, stride > 0 ? 0 : size - 1, size, stride);
        long last = bound(to, stride > 0 ? size : -1, size, stride);
        List<@Nullable Object> taken = new ArrayList<>();
        for (long i = first; stride > 0 ? i < last : i > last; i += stride) {
            taken.add(all.get((int) i));
        }
        run.look(taken.size());
        if (!(of instanceof String)) {
            return of instanceof Tuple ? new Tuple(taken) : taken;
        }
        Run.Text text = run.text();
        taken.forEach(character -> text.append(run.text(character)));
        return text.toString();
    }

    private static long bound(@Nullable Object index, long absent, long size, long stride) {
        if (index == null) {
            return absent;
        }
        long i = Math.clamp(integer(index), -MOST, MOST);
        i = i < 0 ? i + size : i;
        return stride > 0 ? Math.clamp(i, 0, size) : Math.clamp(i, -1, size - 1);
    }

    /** {@code json.dumps(value, ensure_ascii=…, indent=…, separators=…, sort_keys=…)}. */
    static String json(
            Run run,
            @Nullable Object value,
            boolean ascii,
            @Nullable String indent,
            String between,
            String colon,
            boolean sorted) {
        StringBuilder out = new StringBuilder();
        json(run, value, ascii, indent, between, colon, sorted, "\n", out);
        run.look(out.length());
        return out.toString();
    }

    private static void json(
            Run run,
            @Nullable Object value,
            boolean ascii,
            @Nullable String indent,
            String between,
            String colon,
            boolean sorted,
            String line,
            StringBuilder out) {
        String inner = indent == null ? "" : line + indent;
        String outer = indent == null ? "" : line;
        Run.requireLength(out.length());
        run.step();
        run.deeper();
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Double d ->
                out.append(
                        Double.isNaN(d) ? "NaN" : Double.isInfinite(d) ? d > 0 ? "Infinity" : "-Infinity" : number(d));
            case String s -> jsonString(s, ascii, out);
            case Map<?, ?> map -> {
                List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
                if (sorted) {
                    entries.sort((a, b) -> order(run, a.getKey(), b.getKey()));
                }
                String separator = "";
                out.append('{');
                for (Map.Entry<?, ?> entry : entries) {
                    out.append(separator).append(inner);
                    jsonString(jsonKey(entry.getKey()), ascii, out);
                    out.append(colon);
                    json(run, entry.getValue(), ascii, indent, between, colon, sorted, inner, out);
                    separator = between;
                }
                out.append(map.isEmpty() ? "" : outer).append('}');
            }
            case List<?> list -> {
                String separator = "";
                out.append('[');
                for (Object element : list) {
                    out.append(separator).append(inner);
                    json(run, element, ascii, indent, between, colon, sorted, inner, out);
                    separator = between;
                }
                out.append(list.isEmpty() ? "" : outer).append(']');
            }
            case Long l -> out.append(l);
            default ->
                throw new TemplateException("a value of type %s cannot be written as JSON".formatted(type(value)));
        }
        run.shallower();
    }

    private static String jsonKey(@Nullable Object key) {
        return switch (key) {
            case String s -> s;
            case null -> "null";
            case Boolean b -> b.toString();
            case Long l -> l.toString();
            case Double d -> number(d);
            default -> throw new TemplateException("JSON: a key of type %s".formatted(type(key)));
        };
    }

    private static void jsonString(String s, boolean ascii, StringBuilder out) {
        out.append('"');
        for (char c : s.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || ascii && c > 0x7e) {
                        out.append("\\u").append(HEX.toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
