package org.threehalf.inference.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

    /** How many arguments are needed, of those that need any. */
    private static final Map<String, Integer> LEAST =
            Map.of("replace", 2, "groupby", 1, "map", 1, "selectattr", 1, "rejectattr", 1);

    /**
     * Those whose result says itself which of its characters are not the template's own, or is a value that was there
     * before; what another one makes of somebody's characters is somebody's as a whole.
     */
    private static final Set<String> PRECISE = Set.of(
            "trim",
            "upper",
            "lower",
            "title",
            "capitalize",
            "string",
            "safe",
            "escape",
            "e",
            "list",
            "replace",
            "default",
            "d",
            "first",
            "last",
            "reverse",
            "join",
            "map",
            "select",
            "reject",
            "selectattr",
            "rejectattr",
            "items",
            "dictsort",
            "sort",
            "unique",
            "sum",
            "min",
            "max",
            "indent",
            "format",
            "groupby");

    private Filters() {}

    /** The first one first: the others write it. */
    private static final String[][] ESCAPES = {
        {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"'", "&#39;"}, {"\"", "&#34;"}
    };

    /** Whether a filter's result says itself where its characters come from. */
    static boolean isPrecise(String name) {
        return PRECISE.contains(name);
    }

    /** Refuses what a filter does not take: it would be passed over in silence. */
    private static void requireKnown(
            String filter, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        if (ANY.contains(filter)) {
            boolean least = arguments.size() >= LEAST.getOrDefault(filter, 0);
            boolean map = filter.equals("map") && named.containsKey("attribute") && arguments.isEmpty();
            List<String> known = filter.equals("map") ? List.of("attribute", "default") : List.of();
            if (!least && !map
                    || !known.containsAll(named.keySet())
                    || filter.equals("map") && !map && !named.isEmpty()) {
                throw new TemplateException("the filter '%s' has no arguments, or others than it takes here: %s"
                        .formatted(filter, named.keySet()));
            }
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
        for (int i = 0; i < LEAST.getOrDefault(filter, 0); i++) {
            if (arguments.size() <= i && !named.containsKey(parameters.get(i))) {
                throw new TemplateException(
                        "the filter '%s' needs an argument '%s'".formatted(filter, parameters.get(i)));
            }
        }
    }

    private static @Nullable Object argument(
            List<@Nullable Object> arguments, int i, Map<String, @Nullable Object> named, String name) {
        return i < arguments.size() ? arguments.get(i) : named.get(name);
    }

    private static @Nullable Object at(
            Run run,
            BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> item,
            @Nullable Object value,
            String path) {
        run.look(path.length());
        Object found = value;
        for (String part : path.split("\\.")) {
            run.step();
            found = item.apply(found, part.matches("\\d+") ? (Object) Interpreter.whole(part, 10) : part);
        }
        return found;
    }

    static @Nullable Object apply(
            Run run,
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
            case "trim" -> Methods.strip(run, run.text(value), argument(arguments, 0, named, "chars"), true, true);
            case "upper" -> run.likewise(run.text(value).toUpperCase(Locale.ROOT), run.text(value));
            case "lower" -> run.likewise(run.text(value).toLowerCase(Locale.ROOT), run.text(value));
            case "title" -> run.likewise(Methods.title(run.text(value)), run.text(value));
            case "capitalize" -> run.likewise(Methods.capitalize(run.text(value)), run.text(value));
            case "length", "count" -> PythonValues.length(run, value);
            case "string" -> run.text(value);
            case "safe" -> value;
            case "escape", "e" -> {
                String text = run.text(value);
                for (String[] pair : ESCAPES) {
                    text = Methods.replace(run, text, pair[0], pair[1], -1);
                }
                yield text;
            }
            case "list" -> PythonValues.elements(run, value);
            case "replace" -> {
                Object most = argument(arguments, 2, named, "count");
                yield Methods.replace(
                        run,
                        run.text(value),
                        run.text(argument(arguments, 0, named, "old")),
                        run.text(argument(arguments, 1, named, "new")),
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
            case "first" ->
                PythonValues.elements(run, value).stream().findFirst().orElse(new Undefined("first"));
            case "last" ->
                PythonValues.elements(run, value).isEmpty()
                        ? new Undefined("last")
                        : PythonValues.elements(run, value).getLast();
            case "reverse" ->
                value instanceof String s
                        ? Methods.join(
                                run,
                                "",
                                PythonValues.elements(run, s).reversed().stream()
                                        .map(run::text)
                                        .toList())
                        : PythonValues.elements(run, value).reversed();
            case "join" -> {
                Object attribute = argument(arguments, 1, named, "attribute");
                Object separator = argument(arguments, 0, named, "d");
                List<String> parts = PythonValues.elements(run, value).stream()
                        .map(e -> run.text(attribute == null ? e : at(run, item, e, run.text(attribute))))
                        .toList();
                yield Methods.join(run, separator == null ? "" : run.text(separator), parts);
            }
            case "map" -> map(run, filters, item, value, arguments, named);
            case "select", "reject" ->
                elements(run, value).stream()
                        .filter(e -> (arguments.isEmpty()
                                        ? PythonValues.isTrue(e)
                                        : tests.apply(
                                                e, run.text(arguments.getFirst()), Interpreter.rest(arguments, 1)))
                                == name.equals("select"))
                        .collect(Collectors.toCollection(ArrayList::new));
            case "selectattr", "rejectattr" ->
                elements(run, value).stream()
                        .filter(e -> {
                            Object attribute = at(run, item, e, run.text(arguments.getFirst()));
                            boolean holds = arguments.size() == 1
                                    ? PythonValues.isTrue(attribute)
                                    : tests.apply(
                                            attribute, run.text(arguments.get(1)), Interpreter.rest(arguments, 2));
                            return holds == name.equals("selectattr");
                        })
                        .collect(Collectors.toCollection(ArrayList::new));
            case "items" -> value instanceof Map<?, ?> map ? Methods.items(map) : new ArrayList<>();
            case "dictsort" -> {
                List<@Nullable Object> items = Methods.items(value instanceof Map<?, ?> map ? map : Map.of());
                items.sort(Comparator.comparing(
                        pair -> folded(run, ((List<?>) pair).getFirst()), (a, b) -> PythonValues.order(run, a, b)));
                yield items;
            }
            case "sort" -> {
                List<@Nullable Object> sorted = PythonValues.elements(run, value);
                Object attribute = argument(arguments, 2, named, "attribute");
                Function<@Nullable Object, @Nullable Object> key =
                        e -> attribute == null ? e : at(run, item, e, run.text(attribute));
                boolean exact = PythonValues.isTrue(argument(arguments, 1, named, "case_sensitive"));
                Comparator<@Nullable Object> order = (a, b) -> PythonValues.order(
                        run,
                        exact ? key.apply(a) : folded(run, key.apply(a)),
                        exact ? key.apply(b) : folded(run, key.apply(b)));
                sorted.sort(PythonValues.isTrue(argument(arguments, 0, named, "reverse")) ? order.reversed() : order);
                yield sorted;
            }
            case "unique" -> {
                List<@Nullable Object> unique = new ArrayList<>();
                List<@Nullable Object> seen = new ArrayList<>();
                for (Object e : PythonValues.elements(run, value)) {
                    Object folded = folded(run, e);
                    if (seen.stream().noneMatch(u -> PythonValues.equal(run, u, folded))) {
                        seen.add(folded);
                        unique.add(e);
                    }
                }
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
                java.math.RoundingMode mode = switch (method == null ? "common" : run.text(method)) {
                    case "common" -> java.math.RoundingMode.HALF_EVEN;
                    case "ceil" -> java.math.RoundingMode.CEILING;
                    case "floor" -> java.math.RoundingMode.FLOOR;
                    default -> throw new TemplateException("round: 'common', 'ceil' or 'floor' is needed");
                };
                double number = PythonValues.real(value);
                if (!Double.isFinite(number)) {
                    throw new TemplateException(
                            "the filter 'round': %s, and a finite number is needed".formatted(number));
                }
                yield new java.math.BigDecimal(number)
                        .setScale((int) digits, mode)
                        .doubleValue();
            }
            case "sum" -> {
                Object attribute = argument(arguments, 0, named, "attribute");
                Object start = argument(arguments, 1, named, "start");
                Object sum = start == null ? 0L : start;
                for (Object e : PythonValues.elements(run, value)) {
                    sum = plus.apply(sum, attribute == null ? e : at(run, item, e, run.text(attribute)));
                }
                yield sum;
            }
            case "min", "max" -> {
                List<@Nullable Object> elements = PythonValues.elements(run, value);
                elements.sort((a, b) -> PythonValues.order(run, a, b));
                yield elements.isEmpty()
                        ? new Undefined(name)
                        : name.equals("min") ? elements.getFirst() : elements.getLast();
            }
            case "indent" ->
                indent(
                        run,
                        run.text(value),
                        argument(arguments, 0, named, "width"),
                        PythonValues.isTrue(argument(arguments, 1, named, "first")),
                        PythonValues.isTrue(argument(arguments, 2, named, "blank")));
            case "format" -> Interpreter.printf(run, run.text(value), new PythonValues.Tuple(arguments));
            case "tojson" -> json(run, value, arguments, named);
            case "groupby" -> {
                Map<Object, List<@Nullable Object>> groups =
                        new java.util.TreeMap<>((a, b) -> PythonValues.order(run, a, b));
                for (Object e : PythonValues.elements(run, value)) {
                    groups.computeIfAbsent(
                                    at(run, item, e, run.text(argument(arguments, 0, named, "attribute"))),
                                    k -> new ArrayList<>())
                            .add(e);
                }
                yield Methods.items(new LinkedHashMap<Object, Object>(groups));
            }
            default -> throw new TemplateException("the filter '%s' is not known".formatted(name));
        };
    }

    /** What Jinja's filters of sequences see: none where there is nothing, {@code None} included. */
    private static List<@Nullable Object> elements(Run run, @Nullable Object value) {
        return PythonValues.isTrue(value) ? PythonValues.elements(run, value) : new ArrayList<>();
    }

    private static @Nullable Object folded(Run run, @Nullable Object value) {
        run.touch(value instanceof String ? value : null);
        return value instanceof String s ? s.toLowerCase(Locale.ROOT) : value;
    }

    private static Object map(
            Run run,
            ByName<@Nullable Object> filters,
            BiFunction<@Nullable Object, @Nullable Object, @Nullable Object> item,
            @Nullable Object value,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        List<@Nullable Object> mapped = new ArrayList<>();
        for (Object e : elements(run, value)) {
            if (named.containsKey("attribute")) {
                Object found = at(run, item, e, run.text(named.get("attribute")));
                mapped.add(found instanceof Undefined && named.containsKey("default") ? named.get("default") : found);
            } else {
                mapped.add(filters.apply(e, run.text(arguments.getFirst()), Interpreter.rest(arguments, 1)));
            }
        }
        return mapped;
    }

    private static Object integer(@Nullable Object value, @Nullable Object usual, @Nullable Object base) {
        Object none = usual == null ? 0L : usual;
        return switch (value) {
            case String s -> {
                int radix = base == null ? 10 : Math.clamp(PythonValues.integer(base), 0, 99);
                if (radix < 2 || radix > 36) {
                    throw new TemplateException("the filter 'int': a base of 2 to 36 is needed");
                }
                String digits = s.strip();
                boolean all = digits.codePoints()
                                .skip(digits.startsWith("-") || digits.startsWith("+") ? 1 : 0)
                                .allMatch(c -> Character.digit(c, radix) >= 0)
                        && !digits.isEmpty()
                        && !digits.equals("-")
                        && !digits.equals("+");
                if (all) {
                    yield Interpreter.whole(digits, radix);
                }
                Object real = radix == 10 ? real(s, none) : none;
                yield real instanceof Double d ? truncated(d, none) : none;
            }
            case Double d -> truncated(d, none);
            case Long l -> l;
            case Boolean b -> b ? 1L : 0L;
            case null, default -> none;
        };
    }

    private static Object truncated(double number, Object none) {
        if (Math.abs(number) >= 0x1p63) {
            throw new TemplateException("the filter 'int': %s, and integers have 64 bits here".formatted(number));
        }
        return Double.isNaN(number) ? none : (Object) (long) number;
    }

    /** As Python reads a number: Java's own spellings are none. */
    private static Object real(@Nullable Object value, @Nullable Object usual) {
        if (value instanceof String s) {
            String text = s.strip().toLowerCase(Locale.ROOT);
            double sign = text.startsWith("-") ? -1 : 1;
            String number = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
            if (number.matches("(\\d++(\\.\\d*+)?|\\.\\d++)(e[-+]?\\d++)?")) {
                return sign * Double.parseDouble(number);
            }
            return switch (number) {
                case "inf", "infinity" -> sign * Double.POSITIVE_INFINITY;
                case "nan" -> Double.NaN;
                default -> usual == null ? (Object) 0.0 : usual;
            };
        }
        return PythonValues.isNumber(value) ? (Object) PythonValues.real(value) : usual == null ? (Object) 0.0 : usual;
    }

    private static String indent(Run run, String text, @Nullable Object width, boolean first, boolean blank) {
        String by = width instanceof String s
                ? s
                : " ".repeat(Math.clamp(width == null ? 4 : PythonValues.integer(width), 0, 1000));
        Run.Text out = run.text();
        for (int from = 0; from <= text.length(); ) {
            int end = text.indexOf('\n', from);
            int to = end < 0 ? text.length() : end;
            boolean empty = text.substring(from, to).isBlank();
            run.look((long) to - from + by.length() + Run.CHARACTERS);
            if (from > 0) {
                out.append(text, from - 1, from);
            }
            out.append(from == 0 ? first ? by : "" : blank || !empty ? by : "").append(text, from, to);
            from = to + 1;
        }
        return out.toString();
    }

    private static String json(
            Run run, @Nullable Object value, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        Object width = argument(arguments, 1, named, "indent");
        String indent = width == null
                ? null
                : width instanceof String s ? s : " ".repeat(Math.clamp(PythonValues.integer(width), 0, 1000));
        List<@Nullable Object> separators = argument(arguments, 2, named, "separators") == null
                ? List.of(indent == null ? ", " : ",", ": ")
                : PythonValues.elements(run, argument(arguments, 2, named, "separators"));
        if (separators.size() != 2) {
            throw new TemplateException("tojson: separators: two are needed, and there are " + separators.size());
        }
        if (value instanceof Undefined undefined) {
            throw new TemplateException("'%s' is undefined".formatted(undefined.name()));
        }
        return PythonValues.json(
                run,
                value,
                PythonValues.isTrue(argument(arguments, 0, named, "ensure_ascii")),
                indent,
                run.text(separators.get(0)),
                run.text(separators.get(1)),
                PythonValues.isTrue(argument(arguments, 3, named, "sort_keys")));
    }
}
