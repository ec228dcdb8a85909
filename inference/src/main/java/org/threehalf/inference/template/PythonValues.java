package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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

    /** {@code str(value)}. */
    static String text(@Nullable Object value) {
        return switch (value) {
            case String s -> s;
            case Undefined undefined -> "";
            case null, default -> spelling(value);
        };
    }

    /** {@code repr(value)}. */
    static String spelling(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        spell(value, out);
        return out.toString();
    }

    /** A list may hold one long string many times: refused as soon as it is too long. */
    private static void spell(@Nullable Object value, StringBuilder out) {
        Interpreter.requireLength(out.length());
        switch (value) {
            case null -> out.append("None");
            case Undefined undefined -> out.append("Undefined");
            case Boolean b -> out.append(b ? "True" : "False");
            case Double d -> out.append(number(d));
            case String s -> out.append(quoted(s));
            case Tuple tuple -> {
                spellAll(tuple, "(", out);
                out.append(tuple.size() == 1 ? ",)" : ")");
            }
            case List<?> list -> {
                spellAll(list, "[", out);
                out.append(']');
            }
            case Namespace namespace -> {
                out.append("<Namespace ");
                spell(new java.util.LinkedHashMap<>(namespace), out);
                out.append('>');
            }
            case Map<?, ?> map -> {
                String between = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(between);
                    spell(entry.getKey(), out);
                    out.append(": ");
                    spell(entry.getValue(), out);
                    between = ", ";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            default -> out.append(value);
        }
    }

    private static void spellAll(List<?> list, String open, StringBuilder out) {
        String between = open;
        for (Object element : list) {
            out.append(between);
            spell(element, out);
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
                        out.append("\\x%02x".formatted(c));
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

    static boolean equal(@Nullable Object a, @Nullable Object b) {
        if (isNumber(a) && isNumber(b)) {
            return a instanceof Double || b instanceof Double ? real(a) == real(b) : integer(a) == integer(b);
        }
        if (a instanceof Undefined || b instanceof Undefined) {
            return a instanceof Undefined && b instanceof Undefined;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            boolean same = x.size() == y.size();
            for (int i = 0; same && i < x.size(); i++) {
                same = equal(x.get(i), y.get(i));
            }
            return same;
        }
        return Objects.equals(a, b);
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

    static int order(@Nullable Object a, @Nullable Object b) {
        if (isNumber(a) && isNumber(b)) {
            return a instanceof Double || b instanceof Double
                    ? Double.compare(real(a), real(b))
                    : Long.compare(integer(a), integer(b));
        }
        if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return order(x.get(i), y.get(i));
                }
            }
            return Integer.compare(x.size(), y.size());
        }
        throw new TemplateException("values of types %s and %s have no order".formatted(type(a), type(b)));
    }

    /** The elements that a loop sees. */
    static List<@Nullable Object> elements(@Nullable Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String s ->
                new ArrayList<>(s.codePoints().mapToObj(Character::toString).toList());
            case Undefined undefined -> new ArrayList<>();
            case null, default ->
                throw new TemplateException("a value of type %s has no elements".formatted(type(value)));
        };
    }

    static long length(@Nullable Object value) {
        return value instanceof String s
                ? s.codePointCount(0, s.length())
                : elements(value).size();
    }

    static boolean contains(@Nullable Object container, @Nullable Object value) {
        return switch (container) {
            case String s -> {
                if (!(value instanceof String part)) {
                    throw new TemplateException(
                            "'in' a string: a string is needed, and there is a value of type " + type(value));
                }
                yield s.contains(part);
            }
            case Map<?, ?> map -> map.containsKey(value);
            case null, default -> elements(container).stream().anyMatch(e -> equal(e, value));
        };
    }

    /** {@code of[from:to:step]}, of a list or string. */
    static @Nullable Object slice(
            @Nullable Object of, @Nullable Object from, @Nullable Object to, @Nullable Object step) {
        List<@Nullable Object> all = elements(of);
        long stride = step == null ? 1 : integer(step);
        if (stride == 0) {
            throw new TemplateException("a slice with a step of 0");
        }
        long size = all.size();
        long first = bound(from, stride > 0 ? 0 : size - 1, size, stride);
        long last = bound(to, stride > 0 ? size : -1, size, stride);
        List<@Nullable Object> taken = new ArrayList<>();
        for (long i = first; stride > 0 ? i < last : i > last; i += stride) {
            taken.add(all.get((int) i));
        }
        return of instanceof String
                ? String.join("", taken.stream().map(PythonValues::text).toList())
                : taken;
    }

    private static long bound(@Nullable Object index, long absent, long size, long stride) {
        if (index == null) {
            return absent;
        }
        long i = integer(index);
        i = i < 0 ? i + size : i;
        return stride > 0 ? Math.clamp(i, 0, size) : Math.clamp(i, -1, size - 1);
    }

    /** {@code json.dumps(value, ensure_ascii=…, indent=…, separators=…, sort_keys=…)}. */
    static String json(
            @Nullable Object value,
            boolean ascii,
            @Nullable String indent,
            String between,
            String colon,
            boolean sorted) {
        StringBuilder out = new StringBuilder();
        json(value, ascii, indent, between, colon, sorted, "\n", out);
        return out.toString();
    }

    private static void json(
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
        Interpreter.requireLength(out.length());
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Double d ->
                out.append(
                        Double.isNaN(d) ? "NaN" : Double.isInfinite(d) ? d > 0 ? "Infinity" : "-Infinity" : number(d));
            case String s -> jsonString(s, ascii, out);
            case Map<?, ?> map -> {
                Map<?, ?> entries = sorted ? new TreeMap<>(map) : map;
                String separator = "";
                out.append('{');
                for (Map.Entry<?, ?> entry : entries.entrySet()) {
                    out.append(separator).append(inner);
                    jsonString(entry.getKey() instanceof String s ? s : text(entry.getKey()), ascii, out);
                    out.append(colon);
                    json(entry.getValue(), ascii, indent, between, colon, sorted, inner, out);
                    separator = between;
                }
                out.append(map.isEmpty() ? "" : outer).append('}');
            }
            case List<?> list -> {
                String separator = "";
                out.append('[');
                for (Object element : list) {
                    out.append(separator).append(inner);
                    json(element, ascii, indent, between, colon, sorted, inner, out);
                    separator = between;
                }
                out.append(list.isEmpty() ? "" : outer).append(']');
            }
            case Long l -> out.append(l);
            default ->
                throw new TemplateException("a value of type %s cannot be written as JSON".formatted(type(value)));
        }
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
                default -> out.append(c < 0x20 || ascii && c > 0x7e ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        out.append('"');
    }
}
