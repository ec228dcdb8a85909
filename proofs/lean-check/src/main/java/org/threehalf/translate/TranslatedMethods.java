package org.threehalf.translate;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Small methods ({@code Corpus.java}), run here as Java, and as a text for Lean that runs their translations: by Java's
 * rules, and by wrong ones, of which Lean's results have to tell each from Java's.
 *
 * <p>The inputs are hard numbers and seeded random ones, the same in each run.
 */
public final class TranslatedMethods {
    /** A wrong rule in the translator, as Lean's namespace for it names it. */
    private record Fault(String name, String what, Rules rules) {}

    /**
     * A method and what Java gives.
     *
     * @param inputs what Lean reads, of each call
     * @param results what Lean has to print, of each call
     */
    private record Case(Method method, List<String> inputs, List<String> results) {}

    /**
     * What came of Lean's run.
     *
     * @param what what was tried, in words that do not change with the inputs' number
     * @param passed whether Lean gives what Java gives, or, by a wrong rule, does not
     * @param difference where they differ and must not, or why a fault was not noticed; empty if passed
     */
    public record Result(String what, boolean passed, String difference) {}

    private static final String CORPUS = "Corpus";
    private static final String RIGHT = "Right";
    private static final int RANDOM_CALLS = 40;
    private static final int ARRAY_CALLS = 120;
    /** Enough of those that a wrong rule changes. */
    private static final int FAULTY_METHODS = 3;

    private static final long[] HARD_INTS = {
        0,
        1,
        -1,
        2,
        3,
        7,
        -3,
        16,
        31,
        32,
        33,
        63,
        64,
        -32,
        127,
        128,
        -129,
        255,
        32768,
        -32769,
        65535,
        65536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE
    };
    private static final long[] HARD_LONGS = {
        0,
        1,
        -1,
        3,
        31,
        32,
        33,
        63,
        64,
        65,
        -64,
        1L << 31,
        -(1L << 31),
        (1L << 32) - 1,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        0x123456789abcdefL
    };
    private static final Map<Class<?>, Long> LEAST = Map.of(
            byte.class,
            (long) Byte.MIN_VALUE,
            short.class,
            (long) Short.MIN_VALUE,
            char.class,
            0L,
            int.class,
            (long) Integer.MIN_VALUE,
            long.class,
            Long.MIN_VALUE);
    private static final Map<Class<?>, Long> MOST = Map.of(
            byte.class,
            (long) Byte.MAX_VALUE,
            short.class,
            (long) Short.MAX_VALUE,
            char.class,
            (long) Character.MAX_VALUE,
            int.class,
            (long) Integer.MAX_VALUE,
            long.class,
            Long.MAX_VALUE);

    private final List<Case> cases;
    private final String lean;
    /** By a wrong rule's name, the first methods whose translation it changes. */
    private final Map<String, List<String>> changed;

    private final List<Fault> faults;

    private TranslatedMethods(List<Case> cases, String lean, Map<String, List<String>> changed, List<Fault> faults) {
        this.cases = cases;
        this.lean = lean;
        this.changed = changed;
        this.faults = faults;
    }

    /**
     * Compiles, runs and translates the methods.
     *
     * @param semantics the text of {@code Semantics.lean}, whose definitions of integers and arrays Lean is to run
     * @param folder an empty folder for the classes
     * @throws IOException if the text has another form, or javac refuses the methods
     */
    public static TranslatedMethods of(String semantics, Path folder) throws IOException {
        StringBuilder text = new StringBuilder(integers(semantics)).append(resource("Runner.lean"));
        Path source = Files.writeString(folder.resolve(CORPUS + ".java"), resource(CORPUS + ".java"));
        List<Fault> faults = faults();
        List<Rules> rules = Stream.concat(
                        Stream.of(new Rules()), faults.stream().map(Fault::rules))
                .toList();
        List<Map<String, String>> translations = JavaToLean.methods(source, folder, rules);
        List<Case> cases = cases(folder);
        Map<String, String> right = translations.getFirst();
        cases.forEach(c -> text.append(
                "def in_%s : String := \"%s\"\n".formatted(c.method().getName(), String.join(";", c.inputs()))));
        Map<String, List<String>> changed = new LinkedHashMap<>();
        append(text, RIGHT, right, List.copyOf(right.keySet()), cases);
        for (int i = 0; i < faults.size(); i++) {
            Map<String, String> other = translations.get(i + 1);
            changed.put(
                    faults.get(i).name(),
                    other.keySet().stream()
                            .filter(name -> !other.get(name).equals(right.get(name)))
                            .limit(FAULTY_METHODS)
                            .toList());
            append(text, faults.get(i).name(), other, changed.get(faults.get(i).name()), cases);
        }
        text.append("end ThreeHalf.Java\n");
        return new TranslatedMethods(cases, text.toString(), changed, faults);
    }

    /** The program for Lean: it prints a line for each rule and method. */
    public String lean() {
        return lean;
    }

    /** How many methods are compared. */
    public int methods() {
        return cases.size();
    }

    /** How many calls of them. */
    public int calls() {
        return cases.stream().mapToInt(c -> c.inputs().size()).sum();
    }

    /** How many of these end with an exception. */
    public long exceptions() {
        return cases.stream()
                .flatMap(c -> c.results().stream())
                .filter(r -> r.matches("arithmetic|index|negativeSize|thrown"))
                .count();
    }

    /** What a right translation prints, as Lean would. */
    String expected(String rule) {
        return cases.stream()
                .filter(c -> rule.equals(RIGHT)
                        || changed.getOrDefault(rule, List.of())
                                .contains(c.method().getName()))
                .map(c -> "@ %s %s %s\n".formatted(rule, c.method().getName(), String.join(" ", c.results())))
                .collect(Collectors.joining());
    }

    /** The wrong rules' names. */
    List<String> wrong() {
        return faults.stream().map(Fault::name).toList();
    }

    /** Compares what Lean printed with what Java gave: first of the right rules, then of each wrong one. */
    public List<Result> compared(String output) {
        Map<String, List<String>> printed = new HashMap<>();
        output.lines().filter(l -> l.contains("@ ")).forEach(l -> {
            String[] words = l.substring(l.indexOf("@ ") + 2).split(" ");
            if (words.length > 2) {
                printed.put(words[0] + " " + words[1], Arrays.asList(words).subList(2, words.length));
            }
        });
        List<Result> all = new ArrayList<>();
        String wrong = cases.stream()
                .map(c -> difference(c, printed.get(RIGHT + " " + c.method().getName())))
                .filter(d -> !d.isEmpty())
                .findFirst()
                .orElse("");
        all.add(new Result(
                "that %d translated methods give what Java gives".formatted(cases.size()), wrong.isEmpty(), wrong));
        for (Fault fault : faults) {
            List<Case> touched = cases.stream()
                    .filter(c -> changed.get(fault.name()).contains(c.method().getName()))
                    .toList();
            // A method that was not run shows nothing.
            boolean ran = touched.stream().allMatch(c -> {
                List<String> results =
                        printed.get(fault.name() + " " + c.method().getName());
                return results != null && results.size() == c.results().size();
            });
            boolean caught = ran
                    && touched.stream()
                            .anyMatch(c -> !c.results()
                                    .equals(printed.get(
                                            fault.name() + " " + c.method().getName())));
            all.add(new Result(
                    fault.what(),
                    caught,
                    caught
                            ? ""
                            : ran ? "no result of %d methods differs".formatted(touched.size()) : "it was not run"));
        }
        return all;
    }

    /** Where Lean's results are not Java's; empty if they are. */
    private static String difference(Case java, List<String> lean) {
        String name = java.method().getName();
        if (lean == null || lean.size() != java.results().size()) {
            return "Lean gives %s results of %s, Java %d"
                    .formatted(
                            lean == null ? "no" : Integer.toString(lean.size()),
                            name,
                            java.results().size());
        }
        for (int i = 0; i < lean.size(); i++) {
            if (!lean.get(i).equals(java.results().get(i))) {
                return "%s(%s) is %s in Java, %s in Lean"
                        .formatted(name, java.inputs().get(i), java.results().get(i), lean.get(i));
            }
        }
        return "";
    }

    // ------------------------------------------------------------------------------------------ Lean's text

    /** The definitions of integers, arrays and loops, which stand before those of floating point. */
    private static String integers(String semantics) throws IOException {
        int from = semantics.indexOf("namespace ThreeHalf.Java");
        int to = semantics.indexOf("/-! ## float and double -/");
        if (from < 0 || to < from) {
            throw new IOException("Semantics.lean does not begin with integers, and floating point after them");
        }
        return semantics.substring(from, to);
    }

    /** The methods that are run, after those that they call. */
    private static void append(
            StringBuilder text, String rule, Map<String, String> definitions, List<String> run, List<Case> cases) {
        Set<String> needed = new LinkedHashSet<>(run);
        for (String name : List.copyOf(definitions.keySet()).reversed()) {
            if (needed.contains(name)) {
                definitions.keySet().stream()
                        .filter(other ->
                                definitions.get(name).contains(CORPUS + "." + JavaToLean.leanName(other) + " "))
                        .forEach(needed::add);
            }
        }
        text.append("namespace %s\n".formatted(rule));
        definitions.forEach((name, definition) -> text.append(needed.contains(name) ? definition + "\n" : ""));
        for (Case c : cases) {
            String name = c.method().getName();
            if (!run.contains(name)) {
                continue;
            }
            Class<?>[] types = c.method().getParameterTypes();
            String parts =
                    IntStream.range(0, types.length).mapToObj(i -> "p" + i).collect(Collectors.joining(", "));
            String arguments = IntStream.range(0, types.length)
                    .mapToObj(i -> "(%s p%d)".formatted(types[i].isArray() ? "array" : "number", i))
                    .collect(Collectors.joining(" "));
            text.append(
                    """
                    def row_%s : List String → String
                      | [%s] => Shown.text (%s.%s %s)
                      | _ => "input"
                    #eval IO.println ("@ %s %s" ++ rows row_%s (in_%s.splitOn ";") "")
                    """.formatted(name, parts, CORPUS, JavaToLean.leanName(name), arguments, rule, name, name, name));
        }
        text.append("end %s\n".formatted(rule));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(TranslatedMethods.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    // ------------------------------------------------------------------------------------------ wrong rules

    private static List<Fault> faults() {
        List<Fault> all = new ArrayList<>();
        all.add(operator("ShrForUshr", ">> in the place of >>>", Map.of("ushr", "shr")));
        all.add(operator("UshrForShr", ">>> in the place of >>", Map.of("shr", "ushr")));
        all.add(operator("UnmaskedShl", "a count of << that is not masked", Map.of("shl", "unmasked_shl")));
        all.add(operator("UnmaskedShr", "a count of >> that is not masked", Map.of("shr", "unmasked_shr")));
        all.add(operator("UnmaskedUshr", "a count of >>> that is not masked", Map.of("ushr", "unmasked_ushr")));
        all.add(operator("SubForAdd", "- in the place of +", Map.of("add", "sub")));
        all.add(operator("AddForSub", "+ in the place of -", Map.of("sub", "add")));
        all.add(operator("OrForXor", "| in the place of ^", Map.of("xor", "or")));
        all.add(operator("OrForAnd", "| in the place of &", Map.of("and", "or")));
        all.add(operator("FloorDiv", "a quotient that is rounded down", Map.of("div", "floor_div")));
        all.add(operator("FloorRem", "a remainder with the sign of the divisor", Map.of("rem", "floor_rem")));
        all.add(operator("WideAdd", "sums of ints that do not wrap around", Map.of("add", "long_add")));
        all.add(operator("WideMul", "products of ints that do not wrap around", Map.of("mul", "long_mul")));
        all.add(operator("WholeAbs", "the magnitude of the least int taken for positive", Map.of("abs", "whole_abs")));
        all.add(operator("AbsForNeg", "a magnitude in the place of the opposite", Map.of("neg", "abs")));
        all.add(width("LongAsInt", "longs computed as ints", false));
        all.add(width("IntAsLong", "ints computed as longs", true));
        all.add(cast("byte", "short"));
        all.add(cast("byte", "char"));
        all.add(cast("short", "char"));
        all.add(cast("short", "int"));
        all.add(cast("char", "short"));
        all.add(cast("int", "long"));
        all.add(new Fault("RightToLeft", "operands evaluated from right to left", new Rules() {
            @Override
            public boolean leftToRight() {
                return false;
            }
        }));
        return all;
    }

    private static Fault operator(String name, String what, Map<String, String> others) {
        return new Fault(name, what, new Rules() {
            @Override
            public String integer(String operator, boolean wide) {
                return super.integer(others.getOrDefault(operator, operator), wide);
            }
        });
    }

    private static Fault width(String name, String what, boolean always) {
        return new Fault(name, what, new Rules() {
            @Override
            public String integer(String operator, boolean wide) {
                return super.integer(operator, always);
            }
        });
    }

    private static Fault cast(String from, String to) {
        return new Fault(
                "Cast_%s_%s".formatted(from, to), "(%s) in the place of (%s)".formatted(to, from), new Rules() {
                    @Override
                    public String narrow(String type) {
                        return super.narrow(type.equals(from) ? to : type);
                    }
                });
    }

    // ------------------------------------------------------------------------------------------ Java's results

    private static List<Case> cases(Path folder) throws IOException {
        List<Case> all = new ArrayList<>();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            List<Method> methods = Arrays.stream(loader.loadClass(CORPUS).getDeclaredMethods())
                    .filter(m -> Modifier.isPublic(m.getModifiers()))
                    .sorted(Comparator.comparing(Method::getName))
                    .toList();
            for (Method method : methods) {
                List<String> inputs = new ArrayList<>();
                List<String> results = new ArrayList<>();
                for (Object[] input : inputs(method)) {
                    inputs.add(Arrays.stream(input)
                            .map(x -> x.getClass().isArray() ? text(x) + "," : text(x))
                            .collect(Collectors.joining(" ")));
                    results.add(result(method, input));
                }
                all.add(new Case(method, inputs, results));
            }
        } catch (ReflectiveOperationException e) {
            throw new IOException("the methods cannot be run: " + e, e);
        }
        return all;
    }

    private static String result(Method method, Object[] arguments) throws ReflectiveOperationException {
        try {
            Object value = method.invoke(null, arguments);
            if (method.getReturnType() != void.class) {
                return text(value);
            }
            return "[" + text(arguments[0]) + "]";
        } catch (InvocationTargetException e) {
            return switch (e.getCause()) {
                case ArithmeticException x -> "arithmetic";
                case ArrayIndexOutOfBoundsException x -> "index";
                case NegativeArraySizeException x -> "negativeSize";
                case IllegalArgumentException x -> "thrown";
                default -> throw e;
            };
        }
    }

    /** A number, or the numbers of an array. */
    private static String text(Object value) {
        if (value.getClass().isArray()) {
            return IntStream.range(0, Array.getLength(value))
                    .mapToObj(i -> text(Array.get(value, i)))
                    .collect(Collectors.joining(","));
        }
        return value instanceof Character c ? Integer.toString(c) : value.toString();
    }

    /** The arguments of each call: each hard number with each other, and random ones. */
    private static List<Object[]> inputs(Method method) {
        Random random = new Random(method.getName().hashCode());
        Parameter[] parameters = method.getParameters();
        List<Object[]> all = new ArrayList<>();
        boolean arrays = Arrays.stream(parameters).anyMatch(p -> p.getType().isArray());
        if (!arrays && parameters.length <= 2) {
            for (long x : hard(parameters[0])) {
                if (parameters.length == 1) {
                    all.add(new Object[] {boxed(parameters[0].getType(), x)});
                } else {
                    for (long y : hard(parameters[1])) {
                        all.add(new Object[] {boxed(parameters[0].getType(), x), boxed(parameters[1].getType(), y)});
                    }
                }
            }
        }
        for (int i = 0; i < (arrays ? ARRAY_CALLS : RANDOM_CALLS); i++) {
            all.add(Arrays.stream(parameters).map(p -> random(p, random)).toArray());
        }
        return all;
    }

    private static long[] hard(Parameter parameter) {
        if (small(parameter)) {
            return LongStream.range(-2, 9).toArray();
        }
        Class<?> type = parameter.getType();
        return Arrays.stream(type == long.class ? HARD_LONGS : HARD_INTS)
                .filter(x -> LEAST.get(type) <= x && x <= MOST.get(type))
                .toArray();
    }

    /** Whether a parameter says how often something is done, or where a loop begins. */
    private static boolean small(Parameter parameter) {
        return parameter.getName().equals("n") || parameter.getName().equals("from");
    }

    private static Object random(Parameter parameter, Random random) {
        Class<?> type = parameter.getType();
        if (type.isArray()) {
            Object array = Array.newInstance(type.getComponentType(), random.nextInt(0, 9));
            for (int i = 0; i < Array.getLength(array); i++) {
                Array.set(array, i, number(type.getComponentType(), random));
            }
            return array;
        }
        if (small(parameter)) {
            return random.nextInt(-2, 9);
        }
        return parameter.getName().equals("i") && random.nextInt(4) > 0
                ? Integer.valueOf(random.nextInt(-1, 6))
                : number(type, random);
    }

    private static Object number(Class<?> type, Random random) {
        long[] hard = type == long.class ? HARD_LONGS : HARD_INTS;
        return boxed(
                type,
                switch (random.nextInt(3)) {
                    case 0 -> random.nextLong();
                    case 1 -> random.nextInt(-70, 70);
                    default -> hard[random.nextInt(hard.length)];
                });
    }

    private static Object boxed(Class<?> type, long value) {
        if (type == byte.class) {
            return (byte) value;
        } else if (type == short.class) {
            return (short) value;
        } else if (type == char.class) {
            return (char) value;
        } else if (type == int.class) {
            return (int) value;
        }
        return value;
    }
}
