package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.template.PythonValues.Undefined;

/** Jinja's filters, as far as chat templates use them. */
final class Filters {

    /** A test or filter by its name. */
    @FunctionalInterface
    interface ByName<T> {
        T apply(@Nullable Object value, String name, List<@Nullable Object> arguments);
    }

    /** What each filter takes, in the order in which it may be given without a name. */
    private static final Map<String, List<String>> PARAMETERS = Map.ofEntries(
            Map.entry("trim", List.of("chars")),
            Map.entry("replace", List.of("old", "new", "count")),
            Map.entry("default", List.of("default_value", "boolean")),
            Map.entry("d", List.of("default_value", "boolean")),
            Map.entry("join", List.of("d", "attribute")),
            Map.entry("groupby", List.of("attribute")),
            Map.entry("sort", List.of("reverse", "case_sensitive", "attribute")),
            Map.entry("int", List.of("default", "base")),
            Map.entry("float", List.of("default")),
            Map.entry("round", List.of("precision", "method")),
            Map.entry("sum", List.of("attribute", "start")),
            Map.entry("indent", List.of("width", "first", "blank")),
            Map.entry("tojson", List.of("ensure_ascii", "indent", "separators", "sort_keys")));
    /** Those that take what a test or another filter takes. */
    private static final List<String> ANY = List.of("map", "select", "reject", "selectattr", "rejectattr", "format");

    private Filters() {}

    /** Refuses what a filter does not take: it would be passed over in silence. */
    private static void requireKnown(
            String filter, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        if (ANY.contains(filter)) {
            return;
        }
        List<String> parameters = PARAMETERS.getOrDefault(filter, List.of());
        if (arguments.size() > parameters.size()) {
            throw new TemplateException("the filter '%s' takes %d arguments here".formatted(filter, parameters.size()));
        }
        named.keySet().stream()
                .filter(name -> !parameters.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new TemplateException("the filter '%s' takes no argument '%s' here".formatted(filter, name));
                });
    }

    private static @Nullable Object argument(
            List<@Nullable Object> arguments, int i, Map<String, @Nullable Object> named, String name) {
        return i < arguments.size() ? arguments.get(i) : named.get(name);
    }

    private static @Nullable Object at(
            BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> item,
            @Nullable Object value,
            String path) {
        Object found = value;
        for (String part : path.split("\\.")) {
            found = item.apply(found, part.matches("\\d+") ? (Object) Long.parseLong(part) : part);
        }
        return found;
    }

    static @Nullable Object apply(
            ByName<Boolean> tests,
            ByName<@Nullable Object> filters,
            BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> item,
            BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> plus,
            @Nullable Object value,
            String name,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        requireKnown(name, arguments, named);
        return switch (name) {
            case "trim" -> Methods.strip(PythonValues.text(value), argument(arguments, 0, named, "chars"), true, true);
            case "upper" -> PythonValues.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> PythonValues.text(value).toLowerCase(Locale.ROOT);
            case "title" -> Methods.title(PythonValues.text(value));
            case "capitalize" -> Methods.capitalize(PythonValues.text(value));
            case "length", "count" -> PythonValues.length(value);
            case "string" -> PythonValues.text(value);
            case "safe" -> value;
            case "escape", "e" ->
                PythonValues.text(value)
                        .replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("'", "&#39;")
                        .replace("\"", "&#34;");
            case "list" -> PythonValues.elements(value);
            case "replace" -> {
                Object most = argument(arguments, 2, named, "count");
                yield Methods.replace(
                        PythonValues.text(value),
                        PythonValues.text(argument(arguments, 0, named, "old")),
                        PythonValues.text(argument(arguments, 1, named, "new")),
                        most == null ? -1 : PythonValues.integer(most));
            }
            case "default", "d" -> {
                boolean falsy =
                        PythonValues.isTrue(argument(arguments, 1, named, "boolean")) && !PythonValues.isTrue(value);
                Object usual = argument(arguments, 0, named, "default_value");
                yield value instanceof Undefined || falsy
                        ? usual == null && arguments.isEmpty() && !named.containsKey("default_value") ? "" : usual
                        : value;
            }
            case "first" -> PythonValues.elements(value).stream().findFirst().orElse(new Undefined("first"));
            case "last" ->
                PythonValues.elements(value).isEmpty()
                        ? new Undefined("last")
                        : PythonValues.elements(value).getLast();
            case "reverse" ->
                value instanceof String s
                        ? new StringBuilder(s).reverse().toString()
                        : PythonValues.elements(value).reversed();
            case "join" -> {
                Object attribute = argument(arguments, 1, named, "attribute");
                Object separator = argument(arguments, 0, named, "d");
                List<String> parts = PythonValues.elements(value).stream()
                        .map(e -> PythonValues.text(attribute == null ? e : at(item, e, PythonValues.text(attribute))))
                        .toList();
                yield Methods.join(separator == null ? "" : PythonValues.text(separator), parts);
            }
            case "map" -> map(filters, item, value, arguments, named);
            case "select", "reject" ->
                elements(value).stream()
                        .filter(e -> (arguments.isEmpty()
                                        ? PythonValues.isTrue(e)
                                        : tests.apply(
                                                e,
                                                PythonValues.text(arguments.getFirst()),
                                                Interpreter.rest(arguments, 1)))
                                == name.equals("select"))
                        .collect(Collectors.toCollection(ArrayList::new));
            case "selectattr", "rejectattr" ->
                elements(value).stream()
                        .filter(e -> {
                            Object attribute = at(item, e, PythonValues.text(arguments.getFirst()));
                            boolean holds = arguments.size() == 1
                                    ? PythonValues.isTrue(attribute)
                                    : tests.apply(
                                            attribute,
                                            PythonValues.text(arguments.get(1)),
                                            Interpreter.rest(arguments, 2));
                            return holds == name.equals("selectattr");
                        })
                        .collect(Collectors.toCollection(ArrayList::new));
            case "items" -> value instanceof Map<?, ?> map ? Methods.items(map) : new ArrayList<>();
            case "dictsort" -> {
                List<@Nullable Object> items = Methods.items(value instanceof Map<?, ?> map ? map : Map.of());
                items.sort(Comparator.comparing(pair -> folded(((List<?>) pair).getFirst()), PythonValues::order));
                yield items;
            }
            case "sort" -> {
                List<@Nullable Object> sorted = PythonValues.elements(value);
                Object attribute = argument(arguments, 2, named, "attribute");
                Function<@Nullable Object, @Nullable Object> key =
                        e -> attribute == null ? e : at(item, e, PythonValues.text(attribute));
                boolean exact = PythonValues.isTrue(argument(arguments, 1, named, "case_sensitive"));
                Comparator<@Nullable Object> order = (a, b) -> PythonValues.order(
                        exact ? key.apply(a) : folded(key.apply(a)), exact ? key.apply(b) : folded(key.apply(b)));
                sorted.sort(PythonValues.isTrue(argument(arguments, 0, named, "reverse")) ? order.reversed() : order);
                yield sorted;
            }
            case "unique" -> {
                List<@Nullable Object> unique = new ArrayList<>();
                PythonValues.elements(value).stream()
                        .filter(e -> unique.stream().noneMatch(u -> PythonValues.equal(folded(u), folded(e))))
                        .forEach(unique::add);
                yield unique;
            }
            case "int" ->
                integer(value, argument(arguments, 0, named, "default"), argument(arguments, 1, named, "base"));
            case "float" -> real(value, argument(arguments, 0, named, "default"));
            case "abs" ->
                value instanceof Double d ? (Object) Math.abs(d) : (Object) Math.absExact(PythonValues.integer(value));
            case "round" -> {
                Object precision = argument(arguments, 0, named, "precision");
                Object method = argument(arguments, 1, named, "method");
                long digits = precision == null ? 0 : Math.clamp(PythonValues.integer(precision), 0, 15);
                java.math.RoundingMode mode = switch (method == null ? "common" : PythonValues.text(method)) {
                    case "common" -> java.math.RoundingMode.HALF_EVEN;
                    case "ceil" -> java.math.RoundingMode.CEILING;
                    case "floor" -> java.math.RoundingMode.FLOOR;
                    default -> throw new TemplateException("round: 'common', 'ceil' or 'floor' is needed");
                };
                yield new java.math.BigDecimal(PythonValues.real(value))
                        .setScale((int) digits, mode)
                        .doubleValue();
            }
            case "sum" -> {
                Object attribute = argument(arguments, 0, named, "attribute");
                Object start = argument(arguments, 1, named, "start");
                Object sum = start == null ? 0L : start;
                for (Object e : PythonValues.elements(value)) {
                    sum = plus.apply(sum, attribute == null ? e : at(item, e, PythonValues.text(attribute)));
                }
                yield sum;
            }
            case "min", "max" -> {
                List<@Nullable Object> elements = PythonValues.elements(value);
                elements.sort(PythonValues::order);
                yield elements.isEmpty()
                        ? new Undefined(name)
                        : name.equals("min") ? elements.getFirst() : elements.getLast();
            }
            case "indent" ->
                indent(
                        PythonValues.text(value),
                        argument(arguments, 0, named, "width"),
                        PythonValues.isTrue(argument(arguments, 1, named, "first")),
                        PythonValues.isTrue(argument(arguments, 2, named, "blank")));
            case "format" -> Interpreter.printf(PythonValues.text(value), new PythonValues.Tuple(arguments));
            case "tojson" -> json(value, arguments, named);
            case "groupby" -> {
                Map<Object, List<@Nullable Object>> groups = new java.util.TreeMap<>(PythonValues::order);
                for (Object e : PythonValues.elements(value)) {
                    groups.computeIfAbsent(
                                    at(item, e, PythonValues.text(argument(arguments, 0, named, "attribute"))),
                                    k -> new ArrayList<>())
                            .add(e);
                }
                yield Methods.items(new LinkedHashMap<Object, Object>(groups));
            }
            default -> throw new TemplateException("the filter '%s' is not known".formatted(name));
        };
    }

    /** What Jinja's filters of sequences see: none where there is nothing, {@code None} included. */
    private static List<@Nullable Object> elements(@Nullable Object value) {
        return PythonValues.isTrue(value) ? PythonValues.elements(value) : new ArrayList<>();
    }

    private static @Nullable Object folded(@Nullable Object value) {
        return value instanceof String s ? s.toLowerCase(Locale.ROOT) : value;
    }

    private static Object map(
            ByName<@Nullable Object> filters,
            BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> item,
            @Nullable Object value,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        List<@Nullable Object> mapped = new ArrayList<>();
        for (Object e : elements(value)) {
            if (named.containsKey("attribute")) {
                Object found = at(item, e, PythonValues.text(named.get("attribute")));
                mapped.add(found instanceof Undefined && named.containsKey("default") ? named.get("default") : found);
            } else {
                mapped.add(filters.apply(e, PythonValues.text(arguments.getFirst()), Interpreter.rest(arguments, 1)));
            }
        }
        return mapped;
    }

    private static Object integer(@Nullable Object value, @Nullable Object usual, @Nullable Object base) {
        try {
            return switch (value) {
                case String s
                when base != null && !Objects.equals(base, 10L) ->
                    Long.parseLong(s.strip(), Math.clamp(PythonValues.integer(base), 2, 36));
                case Double d -> (Object) d.longValue();
                case String s ->
                    s.strip().matches("[-+]?\\d+")
                            ? (Object) Long.parseLong(s.strip())
                            : (Object) (long) Double.parseDouble(s);
                case null, default -> PythonValues.integer(value);
            };
        } catch (NumberFormatException | TemplateException none) {
            return usual == null ? 0L : usual;
        }
    }

    private static Object real(@Nullable Object value, @Nullable Object usual) {
        try {
            return value instanceof String s ? Double.parseDouble(s) : PythonValues.real(value);
        } catch (NumberFormatException | TemplateException none) {
            return usual == null ? 0.0 : usual;
        }
    }

    private static String indent(String text, @Nullable Object width, boolean first, boolean blank) {
        String by = width instanceof String s
                ? s
                : " ".repeat(Math.clamp(width == null ? 4 : PythonValues.integer(width), 0, 1000));
        String[] lines = text.split("\n", -1);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            boolean indented = i == 0 ? first : blank || !lines[i].isBlank();
            Interpreter.requireLength((long) out.length() + by.length());
            out.append(i == 0 ? "" : "\n").append(indented ? by : "").append(lines[i]);
        }
        return out.toString();
    }

    private static String json(
            @Nullable Object value, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        Object width = argument(arguments, 1, named, "indent");
        String indent = width == null
                ? null
                : width instanceof String s ? s : " ".repeat(Math.clamp(PythonValues.integer(width), 0, 1000));
        List<@Nullable Object> separators = argument(arguments, 2, named, "separators") == null
                ? List.of(indent == null ? ", " : ",", ": ")
                : PythonValues.elements(argument(arguments, 2, named, "separators"));
        if (value instanceof Undefined undefined) {
            throw new TemplateException("'%s' is undefined".formatted(undefined.name()));
        }
        return PythonValues.json(
                value,
                PythonValues.isTrue(argument(arguments, 0, named, "ensure_ascii")),
                indent,
                PythonValues.text(separators.get(0)),
                PythonValues.text(separators.get(1)),
                PythonValues.isTrue(argument(arguments, 3, named, "sort_keys")));
    }
}
