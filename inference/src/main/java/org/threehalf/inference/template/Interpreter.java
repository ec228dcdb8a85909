package org.threehalf.inference.template;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.template.Node.Expression;
import org.threehalf.inference.template.PythonValues.Namespace;
import org.threehalf.inference.template.PythonValues.Undefined;

/** Runs a template's nodes. One run each. */
final class Interpreter {
    private static final int MAX_CALLS = 50;
    private static final int MAX_RANGE = 100_000;
    /** The tests that compare with something. */
    private static final Set<String> WITH_ARGUMENT = Set.of(
            "eq",
            "equalto",
            "==",
            "ne",
            "!=",
            "lt",
            "lessthan",
            "<",
            "le",
            "<=",
            "gt",
            "greaterthan",
            ">",
            "ge",
            ">=",
            "in",
            "divisibleby",
            "sameas");
    /** What a macro calls the body of the block that calls it. */
    private static final String CALLER = "caller";

    /** What can be called. */
    @FunctionalInterface
    interface Function {
        @Nullable
        Object call(List<@Nullable Object> arguments, Map<String, @Nullable Object> named);
    }

    /** Names and what they stand for; inner scopes see outer ones. */
    private record Scope(@Nullable Scope outer, Map<String, @Nullable Object> names) {
        private Scope inner() {
            return new Scope(this, new HashMap<>());
        }

        private @Nullable Object find(Run run, String name) {
            run.look(name.length());
            for (Scope scope = this; scope != null; scope = scope.outer) {
                if (scope.names.containsKey(name)) {
                    return scope.names.get(name);
                }
            }
            return new Undefined(name);
        }
    }

    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final LocalDateTime now;
    private final Scope globals;
    private final Run run = new Run();
    private Run.Text out = run.text();
    private int calls;

    Interpreter(Map<String, @Nullable Object> values, LocalDateTime now) {
        this.now = now;
        Map<String, @Nullable Object> functions = new HashMap<>();
        functions.put("raise_exception", (Function) (arguments, named) -> {
            throw new TemplateException(run.text(arguments.isEmpty() ? "" : arguments.getFirst()));
        });
        functions.put("strftime_now", (Function) (arguments, named) -> {
            requireArguments("strftime_now", arguments, named, 1, 1);
            String format = run.text(arguments.getFirst());
            run.touch(format);
            return run.isForeign(format) ? run.foreign(time(format)) : time(format);
        });
        functions.put("range", (Function) (arguments, named) -> {
            requireArguments("range", arguments, named, 1, 3);
            return range(arguments);
        });
        functions.put("namespace", (Function) (arguments, named) -> {
            Namespace namespace = new Namespace();
            arguments.forEach(argument -> {
                if (argument instanceof Map<?, ?> map) {
                    namespace.putAll(map);
                }
            });
            namespace.putAll(named);
            return namespace;
        });
        functions.put("dict", (Function) (arguments, named) -> {
            Map<Object, @Nullable Object> dict = new LinkedHashMap<>();
            arguments.forEach(argument -> {
                if (argument instanceof Map<?, ?> map) {
                    dict.putAll(map);
                }
            });
            dict.putAll(named);
            return dict;
        });
        functions.put("joiner", (Function) (arguments, named) -> {
            String separator = run.text(arguments.isEmpty() ? named.getOrDefault("sep", ", ") : arguments.getFirst());
            boolean[] used = {false};
            return (Function) (none, nothing) -> {
                String text = used[0] ? separator : "";
                used[0] = true;
                return text;
            };
        });
        functions.put("cycler", (Function) (arguments, named) -> {
            if (arguments.isEmpty()) {
                throw new TemplateException("cycler: at least one value is needed");
            }
            if (!named.isEmpty()) {
                throw new TemplateException("cycler: arguments have no names");
            }
            Map<Object, @Nullable Object> cycler = new LinkedHashMap<>();
            int[] at = {0};
            cycler.put("current", arguments.getFirst());
            cycler.put("next", (Function) (none, nothing) -> {
                Object current = arguments.get(at[0]);
                at[0] = (at[0] + 1) % arguments.size();
                cycler.put("current", arguments.get(at[0]));
                return current;
            });
            return cycler;
        });
        Map<String, @Nullable Object> own = new HashMap<>();
        values.forEach((name, value) -> own.put(name, own(value)));
        this.globals = new Scope(new Scope(null, functions), own);
    }

    /** A value with the strings in it that are somebody else's known as such. */
    private @Nullable Object own(@Nullable Object value) {
        return switch (value) {
            case JinjaTemplate.Foreign foreign -> run.foreign(foreign.text());
            case List<?> list -> {
                List<@Nullable Object> own = new ArrayList<>();
                list.forEach(element -> own.add(own(element)));
                yield own;
            }
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> own = new LinkedHashMap<>();
                map.forEach((key, element) -> own.put(own(key), own(element)));
                yield own;
            }
            case null, default -> value;
        };
    }

    JinjaTemplate.Rendered run(List<Node> nodes) {
        run(nodes, globals.inner());
        String text = out.toString();
        return new JinjaTemplate.Rendered(text, run.others(text));
    }

    private static void requireArguments(
            String function,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named,
            int least,
            int most) {
        if (arguments.size() < least || arguments.size() > most || !named.isEmpty()) {
            throw new TemplateException("%s: %s, without names, %s needed"
                    .formatted(
                            function,
                            least == most
                                    ? least + " argument"
                                    : most == Integer.MAX_VALUE
                                            ? "at least %d argument".formatted(least)
                                            : "%d to %d arguments".formatted(least, most),
                            least == 1 && (most == 1 || most == Integer.MAX_VALUE) ? "is" : "are"));
        }
    }

    /** What Java says of a value that an operation of the template cannot take, as what the template did. */
    private static <T extends @Nullable Object> T of(String what, String name, Supplier<T> operation) {
        try {
            return operation.get();
        } catch (IndexOutOfBoundsException
                | NoSuchElementException
                | IllegalArgumentException
                | ClassCastException
                | NullPointerException
                | ArithmeticException wrong) {
            throw new TemplateException("%s '%s': %s".formatted(what, name, wrong.getMessage()));
        }
    }

    /** An integer that is spelt out. */
    static long whole(String digits, int radix) {
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException outside) {
            throw new TemplateException("the integer %s: integers have 64 bits here"
                    .formatted(digits.length() > 40 ? digits.substring(0, 40) + "…" : digits));
        }
    }

    private Flow run(List<Node> nodes, Scope scope) {
        for (Node node : nodes) {
            Flow flow = run(node, scope);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow run(Node node, Scope scope) {
        run.step();
        run.deeper();
        Flow flow = runOne(node, scope);
        run.shallower();
        return flow;
    }

    private Flow runOne(Node node, Scope scope) {
        switch (node) {
            case Node.Text text -> out.append(run.counted(text.text()));
            case Node.Print print -> out.append(run.counted(run.text(value(print.value(), scope))));
            case Node.If first -> {
                Node.If branch = first;
                while (!PythonValues.isTrue(value(branch.condition(), scope))) {
                    // A chain of elif is as deep as one.
                    if (branch.otherwise().size() != 1 || !(branch.otherwise().getFirst() instanceof Node.If next)) {
                        return run(branch.otherwise(), scope);
                    }
                    branch = next;
                }
                return run(branch.then(), scope);
            }
            case Node.For loop -> loop(loop, scope);
            case Node.Assign assign -> assign(assign, scope);
            case Node.Capture capture ->
                scope.names.put(
                        capture.name(),
                        filtered(capture(() -> run(capture.body(), scope.inner())), capture.filters(), scope));
            case Node.Filtered filter ->
                out.append(run.counted(run.text(
                        filtered(capture(() -> run(filter.body(), scope.inner())), filter.filters(), scope))));
            case Node.Macro macro -> scope.names.put(macro.name(), macro(macro, scope));
            case Node.With with -> {
                Scope inner = scope.inner();
                for (int i = 0; i < with.names().size(); i++) {
                    inner.names.put(with.names().get(i), value(with.values().get(i), scope));
                }
                return run(with.body(), inner);
            }
            case Node.CallBlock block ->
                out.append(run.counted(run.text(call(block.call(), scope, macro(block.body(), scope)))));
            case Node.Break stop -> {
                return Flow.BREAK;
            }
            case Node.Continue go -> {
                return Flow.CONTINUE;
            }
            case Expression expression -> throw new IllegalStateException("an expression is no statement");
        }
        return Flow.ON;
    }

    private String capture(Supplier<?> body) {
        Run.Text before = out;
        out = run.text();
        try {
            body.get();
            return out.toString();
        } finally {
            out = before;
        }
    }

    private @Nullable Object filtered(String text, List<Node.Filter> filters, Scope scope) {
        Object value = text;
        for (Node.Filter filter : filters) {
            value = filter(
                    value,
                    filter.name(),
                    values(filter.arguments().positional(), scope),
                    named(filter.arguments(), scope));
        }
        return value;
    }

    private void bind(List<String> targets, @Nullable Object value, Scope scope) {
        if (targets.size() == 1) {
            scope.names.put(targets.getFirst(), value);
            return;
        }
        List<@Nullable Object> parts = PythonValues.elements(run, value);
        if (parts.size() != targets.size()) {
            throw new TemplateException("%d names for %d values".formatted(targets.size(), parts.size()));
        }
        for (int i = 0; i < parts.size(); i++) {
            scope.names.put(targets.get(i), parts.get(i));
        }
    }

    private void loop(Node.For loop, Scope scope) {
        List<@Nullable Object> elements = PythonValues.elements(run, value(loop.in(), scope));
        Expression condition = loop.condition();
        if (condition != null) {
            elements.removeIf(element -> {
                Scope inner = scope.inner();
                bind(loop.targets(), element, inner);
                return !PythonValues.isTrue(value(condition, inner));
            });
        }
        if (elements.isEmpty()) {
            run(loop.otherwise(), scope.inner());
            return;
        }
        int size = elements.size();
        List<List<@Nullable Object>> last = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            run.step();
            Scope inner = scope.inner();
            Map<Object, @Nullable Object> state = new LinkedHashMap<>();
            state.put("index", i + 1L);
            state.put("index0", (long) i);
            state.put("first", i == 0);
            state.put("last", i == size - 1);
            state.put("length", (long) size);
            state.put("revindex", (long) size - i);
            state.put("revindex0", (long) size - i - 1);
            state.put("previtem", i == 0 ? new Undefined("previtem") : elements.get(i - 1));
            state.put("nextitem", i == size - 1 ? new Undefined("nextitem") : elements.get(i + 1));
            long number = i;
            state.put("cycle", (Function) (arguments, named) -> {
                requireArguments("loop.cycle", arguments, named, 1, Integer.MAX_VALUE);
                return arguments.get((int) (number % arguments.size()));
            });
            state.put("changed", (Function) (arguments, named) -> {
                boolean changed = last.isEmpty() || !PythonValues.equal(run, last.getLast(), arguments);
                last.add(arguments);
                return changed;
            });
            // Only loops that call themselves are deeper, and there are none of those here.
            state.put("depth", 1L);
            state.put("depth0", 0L);
            inner.names.put("loop", state);
            bind(loop.targets(), elements.get(i), inner);
            if (run(loop.body(), inner) == Flow.BREAK) {
                return;
            }
        }
    }

    private void assign(Node.Assign assign, Scope scope) {
        Object value = value(assign.value(), scope);
        if (assign.attribute() == null) {
            bind(assign.names(), value, scope);
        } else if (scope.find(run, assign.names().getFirst()) instanceof Namespace namespace) {
            namespace.put(assign.attribute(), value);
        } else {
            throw new TemplateException("only members of a namespace can be set: %s is none"
                    .formatted(assign.names().getFirst()));
        }
    }

    private Function macro(Node.Macro macro, Scope scope) {
        return (arguments, named) -> {
            int parameters = macro.parameters().size();
            if (arguments.size() > parameters && !macro.takesMore()) {
                throw new TemplateException("the macro '%s' takes %d arguments".formatted(macro.name(), parameters));
            }
            Map<String, @Nullable Object> others = new LinkedHashMap<>(named);
            others.keySet().removeAll(macro.parameters());
            Object caller = others.remove(CALLER);
            if (!others.isEmpty() && !macro.takesNamed() || caller != null && !macro.takesCaller()) {
                throw new TemplateException("the macro '%s' takes no argument called '%s'"
                        .formatted(
                                macro.name(),
                                others.isEmpty()
                                        ? CALLER
                                        : others.keySet().iterator().next()));
            }
            Scope inner = scope.inner();
            inner.names.put("varargs", new PythonValues.Tuple(rest(arguments, parameters)));
            inner.names.put("kwargs", new LinkedHashMap<Object, @Nullable Object>(others));
            inner.names.put(CALLER, caller == null ? new Undefined(CALLER) : caller);
            for (int i = 0; i < macro.parameters().size(); i++) {
                String parameter = macro.parameters().get(i);
                Expression usual = macro.defaults().get(i);
                inner.names.put(
                        parameter,
                        i < arguments.size()
                                ? arguments.get(i)
                                : named.containsKey(parameter)
                                        ? named.get(parameter)
                                        : usual != null ? value(usual, inner) : new Undefined(parameter));
            }
            return capture(() -> run(macro.body(), inner));
        };
    }

    private List<@Nullable Object> values(List<Expression> expressions, Scope scope) {
        List<@Nullable Object> values = new ArrayList<>();
        expressions.forEach(expression -> values.add(value(expression, scope)));
        return values;
    }

    private Map<String, @Nullable Object> named(Node.Arguments arguments, Scope scope) {
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        arguments.named().forEach((name, expression) -> named.put(name, value(expression, scope)));
        return named;
    }

    private @Nullable Object value(Expression expression, Scope scope) {
        run.step();
        run.deeper();
        Object value = valueOf(expression, scope);
        run.shallower();
        return value;
    }

    private @Nullable Object valueOf(Expression expression, Scope scope) {
        return switch (expression) {
            case Node.Literal literal -> literal.value();
            case Node.Name name -> scope.find(run, name.name());
            case Node.ListOf list ->
                list.tuple() ? new PythonValues.Tuple(values(list.elements(), scope)) : values(list.elements(), scope);
            case Node.DictOf dict -> {
                Map<Object, @Nullable Object> map = new LinkedHashMap<>();
                for (int i = 0; i < dict.keys().size(); i++) {
                    map.put(
                            PythonValues.key(run, value(dict.keys().get(i), scope)),
                            value(dict.values().get(i), scope));
                }
                yield map;
            }
            case Node.Attribute attribute -> attribute(value(attribute.of(), scope), attribute.name());
            case Node.Item item -> item(value(item.of(), scope), value(item.index(), scope));
            case Node.Slice slice ->
                PythonValues.slice(
                        run,
                        value(slice.of(), scope),
                        optional(slice.from(), scope),
                        optional(slice.to(), scope),
                        optional(slice.step(), scope));
            case Node.Call call -> call(call, scope, null);
            case Node.Filter filter ->
                filter(
                        value(filter.of(), scope),
                        filter.name(),
                        values(filter.arguments().positional(), scope),
                        named(filter.arguments(), scope));
            case Node.Test test -> {
                if (!test.arguments().named().isEmpty()) {
                    throw new TemplateException("the test '%s': its arguments have no names".formatted(test.name()));
                }
                yield test(
                                value(test.of(), scope),
                                test.name(),
                                values(test.arguments().positional(), scope))
                        != test.negated();
            }
            case Node.Not not -> !PythonValues.isTrue(value(not.of(), scope));
            case Node.Negative negative -> {
                Object number = value(negative.of(), scope);
                yield number instanceof Double d
                        ? (Object) (-d)
                        : (Object) Math.negateExact(PythonValues.integer(number));
            }
            case Node.Binary binary -> binary(binary, scope);
            case Node.Comparison comparison -> comparison(comparison, scope);
            case Node.Conditional conditional ->
                PythonValues.isTrue(value(conditional.condition(), scope))
                        ? value(conditional.then(), scope)
                        : conditional.otherwise() == null ? new Undefined("") : value(conditional.otherwise(), scope);
        };
    }

    private @Nullable Object optional(@Nullable Expression expression, Scope scope) {
        return expression == null ? null : value(expression, scope);
    }

    private static void requireDefined(@Nullable Object value) {
        if (value instanceof Undefined undefined) {
            throw new TemplateException("'%s' is undefined".formatted(undefined.name()));
        }
    }

    private @Nullable Object attribute(@Nullable Object of, String name) {
        requireDefined(of);
        if (Methods.has(of, name)) {
            return (Function) (arguments, named) -> {
                Object result = of("the method", name, () -> Methods.call(run, of, name, arguments, named));
                run.touch(result);
                run.made(result, of);
                return result instanceof String s && of instanceof String ? run.counted(s) : result;
            };
        }
        run.look(name.length());
        return of instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : new Undefined(name);
    }

    private @Nullable Object item(@Nullable Object of, @Nullable Object index) {
        requireDefined(of);
        if (of instanceof Map<?, ?> map) {
            Object key = PythonValues.key(run, index);
            return map.containsKey(key)
                    ? map.get(key)
                    : index instanceof String name ? attribute(of, name) : new Undefined(run.text(index));
        }
        if (index instanceof Long i && (of instanceof List || of instanceof String)) {
            return PythonValues.element(run, of, i);
        }
        return index instanceof String name ? attribute(of, name) : new Undefined(run.text(index));
    }

    private @Nullable Object call(Node.Call call, Scope scope, @Nullable Function caller) {
        Object function = value(call.function(), scope);
        if (!(function instanceof Function callable)) {
            throw new TemplateException(
                    function instanceof Undefined undefined
                            ? "'%s' is undefined".formatted(undefined.name())
                            : "a value of type %s cannot be called".formatted(PythonValues.type(function)));
        }
        if (++calls > MAX_CALLS) {
            throw new TemplateException("calls nested more than %d deep".formatted(MAX_CALLS));
        }
        Map<String, @Nullable Object> named = named(call.arguments(), scope);
        if (caller != null) {
            named.put(CALLER, caller);
        }
        List<@Nullable Object> arguments = values(call.arguments().positional(), scope);
        Object result = of("the function", spelling(call.function()), () -> callable.call(arguments, named));
        calls--;
        return result;
    }

    private static String spelling(Expression function) {
        return switch (function) {
            case Node.Name name -> name.name();
            case Node.Attribute attribute -> attribute.name();
            default -> "";
        };
    }

    private @Nullable Object binary(Node.Binary binary, Scope scope) {
        Object left = value(binary.left(), scope);
        switch (binary.operator()) {
            case "and" -> {
                return PythonValues.isTrue(left) ? value(binary.right(), scope) : left;
            }
            case "or" -> {
                return PythonValues.isTrue(left) ? left : value(binary.right(), scope);
            }
            default -> {}
        }
        Object right = value(binary.right(), scope);
        if (binary.operator().equals("~")) {
            return joined(run.text(left), run.text(right));
        }
        requireDefined(left);
        requireDefined(right);
        return switch (binary.operator()) {
            case "+" -> plus(left, right);
            case "%" ->
                left instanceof String format ? run.counted(printf(run, format, right)) : arithmetic("%", left, right);
            case "*" ->
                left instanceof String || right instanceof String
                        ? repeated(left, right)
                        : left instanceof List || right instanceof List
                                ? repeatedList(left, right)
                                : arithmetic("*", left, right);
            default -> arithmetic(binary.operator(), left, right);
        };
    }

    private String joined(String a, String b) {
        run.look((long) a.length() + b.length());
        return run.counted(run.text().append(a).append(b).toString());
    }

    private Object plus(@Nullable Object left, @Nullable Object right) {
        if (left instanceof String a && right instanceof String b) {
            return joined(a, b);
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            List<@Nullable Object> both = new ArrayList<>(a);
            both.addAll(b);
            run.spend(both.size());
            return both;
        }
        if (!PythonValues.isNumber(left) || !PythonValues.isNumber(right)) {
            throw new TemplateException("values of types %s and %s cannot be added"
                    .formatted(PythonValues.type(left), PythonValues.type(right)));
        }
        return arithmetic("+", left, right);
    }

    private String repeated(@Nullable Object left, @Nullable Object right) {
        String text = run.text(left instanceof String ? left : right);
        long times = Math.max(0, PythonValues.integer(left instanceof String ? right : left));
        if (text.isEmpty() || times == 0) {
            return "";
        }
        Run.requireLength(Math.min(times, Integer.MAX_VALUE) * text.length());
        String repeated = text.repeat((int) times);
        run.touch(repeated);
        return run.counted(run.isForeign(text) ? run.foreign(repeated) : repeated);
    }

    private List<@Nullable Object> repeatedList(@Nullable Object left, @Nullable Object right) {
        List<@Nullable Object> list = PythonValues.elements(run, left instanceof List ? left : right);
        List<@Nullable Object> repeated = new ArrayList<>();
        for (long i = PythonValues.integer(left instanceof List ? right : left); i > 0 && !list.isEmpty(); i--) {
            run.spend(list.size() + 1L);
            repeated.addAll(list);
        }
        return repeated;
    }

    private static Object arithmetic(String operator, @Nullable Object left, @Nullable Object right) {
        if (left instanceof Double || right instanceof Double || operator.equals("/")) {
            double a = PythonValues.real(left);
            double b = PythonValues.real(right);
            if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
                throw new TemplateException("division by zero");
            }
            return switch (operator) {
                case "+" -> a + b;
                case "-" -> a - b;
                case "*" -> a * b;
                case "/" -> a / b;
                case "//" -> Math.floor(a / b);
                case "%" -> a - b * Math.floor(a / b);
                default -> Math.pow(a, b);
            };
        }
        long a = PythonValues.integer(left);
        long b = PythonValues.integer(right);
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            default -> {
                if (b < 0) {
                    yield Math.pow(a, b);
                }
                long power = 1;
                for (long i = 0; i < b && power != 0; i++) {
                    power = Math.multiplyExact(power, a);
                    if (i > 64 && (a == 1 || a == -1)) {
                        yield a == 1 || b % 2 == 0 ? 1L : -1L;
                    }
                }
                yield power;
            }
        };
    }

    /** {@code format % values}, for strings and integers. */
    static String printf(Run run, String format, @Nullable Object values) {
        List<?> list = values instanceof List<?> several ? several : Collections.singletonList(values);
        run.touch(format);
        Run.Text text = run.text();
        int next = 0;
        int from = 0;
        for (int at = format.indexOf('%'); at >= 0; at = format.indexOf('%', from)) {
            text.append(format, from, at);
            char code = at + 1 < format.length() ? format.charAt(at + 1) : ' ';
            switch (code) {
                case '%' -> text.append(format, at, at + 1);
                case 's', 'd', 'i' -> {
                    if (next >= list.size()) {
                        throw new TemplateException("a format with too few values");
                    }
                    Object value = list.get(next++);
                    if (code != 's' && !PythonValues.isNumber(value)) {
                        throw new TemplateException(
                                "the format '%%%c' of a value of type %s".formatted(code, PythonValues.type(value)));
                    }
                    String part = run.text(value);
                    run.look(part.length());
                    run.step();
                    text.append(part);
                }
                default -> throw new TemplateException("the format '%%%c' is not known".formatted(code));
            }
            from = at + 2;
        }
        return text.append(format, from, format.length()).toString();
    }

    private boolean comparison(Node.Comparison comparison, Scope scope) {
        Object left = value(comparison.first(), scope);
        for (int i = 0; i < comparison.operators().size(); i++) {
            Object right = value(comparison.rest().get(i), scope);
            boolean holds = switch (comparison.operators().get(i)) {
                case "==" -> PythonValues.equal(run, left, right);
                case "!=" -> !PythonValues.equal(run, left, right);
                case "in" -> PythonValues.contains(run, right, left);
                case "not in" -> !PythonValues.contains(run, right, left);
                case "<" -> PythonValues.order(run, left, right) < 0;
                case "<=" -> PythonValues.order(run, left, right) <= 0;
                case ">" -> PythonValues.order(run, left, right) > 0;
                default -> PythonValues.order(run, left, right) >= 0;
            };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private List<@Nullable Object> range(List<@Nullable Object> arguments) {
        long[] numbers = arguments.stream().mapToLong(PythonValues::integer).toArray();
        long from = numbers.length > 1 ? numbers[0] : 0;
        long to = numbers[numbers.length > 1 ? 1 : 0];
        long by = numbers.length > 2 ? numbers[2] : 1;
        if (by == 0) {
            throw new TemplateException("range: a step of 0");
        }
        List<@Nullable Object> range = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : by < 0 && i > to; i += by) {
            if (range.size() == MAX_RANGE) {
                throw new TemplateException("a range of more than %,d numbers".formatted(MAX_RANGE));
            }
            run.step();
            range.add(i);
            if (by > 0 ? i > Long.MAX_VALUE - by : i < Long.MIN_VALUE - by) {
                break;
            }
        }
        return range;
    }

    private String time(String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            // Each takes as long as several other operations.
            run.spend(8);
            char code = format.charAt(++i);
            boolean unpadded = code == '-' && i + 1 < format.length();
            code = unpadded ? format.charAt(++i) : code;
            String part = switch (code) {
                case 'Y' -> "%04d".formatted(now.getYear());
                case 'y' -> "%02d".formatted(now.getYear() % 100);
                case 'm' -> "%02d".formatted(now.getMonthValue());
                case 'd' -> "%02d".formatted(now.getDayOfMonth());
                case 'e' -> "%2d".formatted(now.getDayOfMonth());
                case 'H' -> "%02d".formatted(now.getHour());
                case 'I' -> "%02d".formatted((now.getHour() + 11) % 12 + 1);
                case 'M' -> "%02d".formatted(now.getMinute());
                case 'S' -> "%02d".formatted(now.getSecond());
                case 'j' -> "%03d".formatted(now.getDayOfYear());
                case 'p' -> now.getHour() < 12 ? "AM" : "PM";
                case 'B' ->
                    now.getMonth()
                            .getDisplayName(
                                    TextStyle.FULL, Locale.ROOT.equals(Locale.ENGLISH) ? Locale.ROOT : Locale.ENGLISH);
                case 'b' ->
                    now.getMonth()
                            .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                            .substring(0, 3);
                case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
                case 'a' ->
                    now.getDayOfWeek()
                            .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                            .substring(0, 3);
                case 'F' -> now.format(DateTimeFormatter.ISO_LOCAL_DATE);
                case 'T' -> "%02d:%02d:%02d".formatted(now.getHour(), now.getMinute(), now.getSecond());
                case '%' -> "%";
                default -> throw new TemplateException("the time format '%%%c' is not known".formatted(code));
            };
            text.append(unpadded ? part.replaceFirst("^0+(?=.)", "") : part);
        }
        return text.toString();
    }

    private @Nullable Object filter(
            @Nullable Object value,
            String name,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        // What looks at all of a value, or of an argument, may do so.
        run.touch(value);
        arguments.forEach(run::touch);
        named.values().forEach(run::touch);
        Object result = of(
                "the filter",
                name,
                () -> Filters.apply(
                        run,
                        this::test,
                        (v, f, a) -> filter(v, f, a, Map.of()),
                        this::item,
                        this::plus,
                        value,
                        name,
                        arguments,
                        named));
        run.made(result, value);
        if (!(result instanceof String text)) {
            return result;
        }
        run.touch(text);
        boolean foreign = !Filters.isPrecise(name)
                && (run.isForeign(value) || run.isForeign(arguments) || run.isForeign(new ArrayList<>(named.values())));
        return run.counted(foreign ? run.foreign(text) : text);
    }

    private boolean test(@Nullable Object value, String name, List<@Nullable Object> arguments) {
        int needed = WITH_ARGUMENT.contains(name) ? 1 : 0;
        if (arguments.size() != needed) {
            throw new TemplateException(
                    "the test '%s' takes %s".formatted(name, needed == 0 ? "no argument" : "one argument"));
        }
        Object other = arguments.isEmpty() ? null : arguments.getFirst();
        return of("the test", name, () -> testOf(value, name, other));
    }

    private boolean testOf(@Nullable Object value, String name, @Nullable Object other) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "number" -> PythonValues.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "mapping" -> value instanceof Map && !(value instanceof Namespace);
            case "iterable", "sequence" ->
                value instanceof List
                        || value instanceof Map
                        || value instanceof String
                        || value instanceof Undefined && name.equals("iterable");
            case "callable" -> value instanceof Function;
            case "eq", "equalto", "==" -> PythonValues.equal(run, value, other);
            case "ne", "!=" -> !PythonValues.equal(run, value, other);
            case "lt", "lessthan", "<" -> PythonValues.order(run, value, other) < 0;
            case "le", "<=" -> PythonValues.order(run, value, other) <= 0;
            case "gt", "greaterthan", ">" -> PythonValues.order(run, value, other) > 0;
            case "ge", ">=" -> PythonValues.order(run, value, other) >= 0;
            case "in" -> PythonValues.contains(run, other, value);
            case "odd" -> Math.floorMod(PythonValues.integer(value), 2L) == 1;
            case "even" -> Math.floorMod(PythonValues.integer(value), 2L) == 0;
            case "divisibleby" -> Math.floorMod(PythonValues.integer(value), PythonValues.integer(other)) == 0;
            case "lower" -> spent(value).equals(spent(value).toLowerCase(Locale.ROOT));
            case "upper" -> spent(value).equals(spent(value).toUpperCase(Locale.ROOT));
            case "sameas" -> value == other || PythonValues.isNumber(value) && value.equals(other);
            default -> throw new TemplateException("the test '%s' is not known".formatted(name));
        };
    }

    private String spent(@Nullable Object value) {
        String text = run.text(value);
        run.touch(text);
        return text;
    }

    /** Arguments for a test or filter that has its own: one of them, or none. */
    static List<@Nullable Object> rest(List<@Nullable Object> arguments, int from) {
        return arguments.size() > from ? arguments.subList(from, arguments.size()) : Arrays.asList();
    }
}
