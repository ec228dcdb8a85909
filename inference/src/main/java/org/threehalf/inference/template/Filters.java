package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    private Filters() {}

    private static @Nullable Object argument(List<@Nullable Object> arguments, int i, Map<String, @Nullable Object> named, String name) {
        return i < arguments.size() ? arguments.get(i) : named.get(name);
    }

    private static @Nullable Object at(BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> item, @Nullable Object value, String path) {
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
            @Nullable Object value,
            String name,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        return switch (name) {
            case "trim" -> Methods.strip(PythonValues.text(value), argument(arguments, 0, named, "chars"), true, true);
            case "upper" -> PythonValues.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> PythonValues.text(value).toLowerCase(Locale.ROOT);
            case "title" -> Methods.title(PythonValues.text(value));
            case "capitalize" -> Methods.capitalize(PythonValues.text(value));
            case "length", "count" -> PythonValues.length(value);
            case "string" -> PythonValues.text(value);
            case "safe" -> value;
            case "escape", "e" -> PythonValues.text(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;").replace("\"", "&#34;");
            case "list" -> PythonValues.elements(value);
            case "replace" -> Methods.replace(PythonValues.text(value), PythonValues.text(arguments.get(0)), PythonValues.text(arguments.get(1)),
                    arguments.size() > 2 ? PythonValues.integer(arguments.get(2)) : -1);
            case "default", "d" -> {
                boolean falsy = PythonValues.isTrue(argument(arguments, 1, named, "boolean")) && !PythonValues.isTrue(value);
                Object usual = argument(arguments, 0, named, "default_value");
                yield value instanceof Undefined || falsy ? usual == null && arguments.isEmpty() && !named.containsKey("default_value") ? "" : usual : value;
            }
            case "first" -> PythonValues.elements(value).stream().findFirst().orElse(new Undefined("first"));
            case "last" -> PythonValues.elements(value).isEmpty() ? new Undefined("last") : PythonValues.elements(value).getLast();
            case "reverse" -> value instanceof String s ? new StringBuilder(s).reverse().toString() : PythonValues.elements(value).reversed();
            case "join" -> {
                Object attribute = argument(arguments, 1, named, "attribute");
                Object separator = argument(arguments, 0, named, "d");
                yield PythonValues.elements(value).stream()
                        .map(e -> PythonValues.text(attribute == null ? e : at(item, e, PythonValues.text(attribute))))
                        .collect(Collectors.joining(separator == null ? "" : PythonValues.text(separator)));
            }
            case "map" -> map(filters, item, value, arguments, named);
            case "select", "reject" -> PythonValues.elements(value).stream()
                    .filter(e -> (arguments.isEmpty() ? PythonValues.isTrue(e) : tests.apply(e, PythonValues.text(arguments.getFirst()), Interpreter.rest(arguments, 1))) == name.equals("select"))
                    .collect(Collectors.toCollection(ArrayList::new));
            case "selectattr", "rejectattr" -> PythonValues.elements(value).stream()
                    .filter(e -> {
                        Object attribute = at(item, e, PythonValues.text(arguments.getFirst()));
                        boolean holds = arguments.size() == 1 ? PythonValues.isTrue(attribute) : tests.apply(attribute, PythonValues.text(arguments.get(1)), Interpreter.rest(arguments, 2));
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
                Object attribute = named.get("attribute");
                Function<@Nullable Object, @Nullable Object> key = e -> attribute == null ? e : at(item, e, PythonValues.text(attribute));
                boolean exact = PythonValues.isTrue(argument(arguments, 1, named, "case_sensitive"));
                Comparator<@Nullable Object> order = (a, b) -> PythonValues.order(exact ? key.apply(a) : folded(key.apply(a)), exact ? key.apply(b) : folded(key.apply(b)));
                sorted.sort(PythonValues.isTrue(argument(arguments, 0, named, "reverse")) ? order.reversed() : order);
                yield sorted;
            }
            case "unique" -> {
                List<@Nullable Object> unique = new ArrayList<>();
                PythonValues.elements(value).stream().filter(e -> unique.stream().noneMatch(u -> PythonValues.equal(folded(u), folded(e)))).forEach(unique::add);
                yield unique;
            }
            case "int" -> integer(value, argument(arguments, 0, named, "default"));
            case "float" -> real(value, argument(arguments, 0, named, "default"));
            case "abs" -> value instanceof Double d ? (Object) Math.abs(d) : (Object) Math.absExact(PythonValues.integer(value));
            case "round" -> {
                long digits = arguments.isEmpty() ? 0 : Math.clamp(PythonValues.integer(arguments.getFirst()), 0, 15);
                yield new java.math.BigDecimal(PythonValues.real(value)).setScale((int) digits, java.math.RoundingMode.HALF_EVEN).doubleValue();
            }
            case "sum" -> {
                Object attribute = argument(arguments, 0, named, "attribute");
                long sum = 0;
                for (Object e : PythonValues.elements(value)) {
                    sum += PythonValues.integer(attribute == null ? e : at(item, e, PythonValues.text(attribute)));
                }
                yield sum;
            }
            case "min", "max" -> {
                List<@Nullable Object> elements = PythonValues.elements(value);
                elements.sort(PythonValues::order);
                yield elements.isEmpty() ? new Undefined(name) : name.equals("min") ? elements.getFirst() : elements.getLast();
            }
            case "indent" -> indent(PythonValues.text(value), argument(arguments, 0, named, "width"), PythonValues.isTrue(argument(arguments, 1, named, "first")),
                    PythonValues.isTrue(argument(arguments, 2, named, "blank")));
            case "format" -> Interpreter.printf(PythonValues.text(value), new PythonValues.Tuple(arguments));
            case "tojson" -> json(value, arguments, named);
            case "groupby" -> {
                Map<Object, List<@Nullable Object>> groups = new java.util.TreeMap<>(PythonValues::order);
                for (Object e : PythonValues.elements(value)) {
                    groups.computeIfAbsent(at(item, e, PythonValues.text(arguments.getFirst())), k -> new ArrayList<>()).add(e);
                }
                yield Methods.items(new LinkedHashMap<Object, Object>(groups));
            }
            default -> throw new TemplateException("the filter '%s' is not known".formatted(name));
        };
    }

    private static @Nullable Object folded(@Nullable Object value) {
        return value instanceof String s ? s.toLowerCase(Locale.ROOT) : value;
    }

    private static Object map(
            ByName<@Nullable Object> filters, BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> item, @Nullable Object value, List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        List<@Nullable Object> mapped = new ArrayList<>();
        for (Object e : PythonValues.elements(value)) {
            if (named.containsKey("attribute")) {
                Object found = at(item, e, PythonValues.text(named.get("attribute")));
                mapped.add(found instanceof Undefined && named.containsKey("default") ? named.get("default") : found);
            } else {
                mapped.add(filters.apply(e, PythonValues.text(arguments.getFirst()), Interpreter.rest(arguments, 1)));
            }
        }
        return mapped;
    }

    private static Object integer(@Nullable Object value, @Nullable Object usual) {
        try {
            return switch (value) {
                case Double d -> (Object) d.longValue();
                case String s -> s.strip().matches("[-+]?\\d+") ? (Object) Long.parseLong(s.strip()) : (Object) (long) Double.parseDouble(s);
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
        String by = width instanceof String s ? s : " ".repeat(Math.clamp(width == null ? 4 : PythonValues.integer(width), 0, 1000));
        String[] lines = text.split("\n", -1);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            boolean indented = i == 0 ? first : blank || !lines[i].isBlank();
            out.append(i == 0 ? "" : "\n").append(indented ? by : "").append(lines[i]);
        }
        return out.toString();
    }

    private static String json(@Nullable Object value, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        Object width = named.getOrDefault("indent", arguments.size() > 1 ? arguments.get(1) : null);
        String indent = width == null ? null : width instanceof String s ? s : " ".repeat(Math.clamp(PythonValues.integer(width), 0, 1000));
        List<@Nullable Object> separators = named.get("separators") == null ? List.of(indent == null ? ", " : ",", ": ") : PythonValues.elements(named.get("separators"));
        if (value instanceof Undefined undefined) {
            throw new TemplateException("'%s' is undefined".formatted(undefined.name()));
        }
        return PythonValues.json(value, PythonValues.isTrue(named.get("ensure_ascii")), indent, PythonValues.text(separators.get(0)), PythonValues.text(separators.get(1)),
                PythonValues.isTrue(named.get("sort_keys")));
    }
}
