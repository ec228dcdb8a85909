package org.threehalf.jml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A random method of the prover's subset, written twice: as Java that notes its states at the heads of its loops while
 * it runs, and with a contract and invariants that say what was noted.
 *
 * <p>Its structure follows one seed and its leaves (constants, operators, names) another; a changed program has one
 * leaf that is another, and so the same loops and variables.
 */
final class RandomProgram {
    /**
     * What a run noted: loops by number, each with its states, a state being a variable's value as JML writes it by the
     * variable's name.
     */
    static final class Trace {
        final Map<Integer, List<Map<String, String>>> heads = new TreeMap<>();

        /**
         * Called by the program at a loop's head, with the loop's number and then names and values by turns; always
         * true.
         */
        boolean head(Object[] state) {
            Map<String, String> values = new LinkedHashMap<>();
            for (int i = 1; i < state.length; i += 2) {
                note(values, (String) state[i], state[i + 1]);
            }
            List<Map<String, String>> all = heads.computeIfAbsent((Integer) state[0], k -> new ArrayList<>());
            if (!all.contains(values)) {
                all.add(values);
            }
            return true;
        }
    }

    /** Adds what a value is, as equations between JML expressions and literals. */
    static void note(Map<String, String> values, String name, Object value) {
        switch (value) {
            case int[] a -> {
                for (int i = 0; i < a.length; i++) {
                    values.put(name + "[" + i + "]", literal(a[i]));
                }
            }
            case float[] a -> {
                for (int i = 0; i < a.length; i++) {
                    note(values, name + "[" + i + "]", a[i]);
                }
            }
            case Float f when f.isNaN() -> values.put("Float.isNaN(" + name + ")", "true");
            // Numbers say their bits, but for zeros.
            case Float f when f != 0 && !f.isInfinite() -> values.put(name, f + "f");
            case Float f -> values.put("Float.floatToIntBits(" + name + ")", literal(Float.floatToIntBits(f)));
            default -> values.put(name, literal(value));
        }
    }

    private static String literal(Object value) {
        return value instanceof Long l ? l + "L" : String.valueOf(value);
    }

    /** Methods with contracts that programs call, and what their contracts name. */
    static final String LIBRARY = """
            final class Lib {
                static final int SIZE = 3;
                static final int i = 7;
                //@ requires c.length > 0 && c[0] < 1000000;
                //@ assignable c[0];
                //@ ensures \\result == \\old(c[0]) && c[0] == \\old(c[0]) + 1;
                static int next(int[] c) { return c[0]++; }
                //@ requires -1000 <= x && x <= 1000;
                //@ ensures \\result == x * x + SIZE;
                /*@ pure @*/ public static int square(int x) { return x * x + SIZE; }
                /*@ normal_behavior
                  @ requires x < i; assignable \\nothing; ensures \\result == x + 1;
                  @ also exceptional_behavior
                  @ requires x >= i; assignable \\nothing; signals_only IllegalStateException; @*/
                static int below(int x) { if (x >= i) { throw new IllegalStateException("x" + x); } return x + 1; }
                //@ requires 0 <= from && from <= a.length;
                //@ assignable a[from .. a.length - 1];
                //@ ensures (\\forall int i; from <= i && i < a.length; a[i] == v);
                static void fill(int[] a, int from, int v) {
                    //@ loop_invariant from <= k && k <= a.length && (\\forall int i; from <= i && i < k; a[i] == v);
                    //@ loop_writes a[from .. a.length - 1];
                    //@ decreases a.length - k;
                    for (int k = from; k < a.length; k++) { a[k] = v; }
                }
            }
            """;

    /**
     * Names for locals: those of the library's constants and of its quantified variables, and of classes, among them.
     */
    private static final List<String> NAMES = List.of(
            "SIZE", "i", "k", "x", "v", "c", "H", "C", "from", "result", "arrlen", "n", "t", "u", "w", "y", "z");

    private static final List<String> INT_OPERATORS =
            List.of("+", "-", "*", "&", "|", "^", "/", "%", "+", "-", "<<", ">>", ">>>");
    private static final List<String> COMPARISONS = List.of("<", "<=", ">", ">=", "==", "!=");
    private static final List<String> FLOATS = List.of(
            "0f",
            "-0f",
            "1f",
            "-1.5f",
            "3f",
            "0.1f",
            "1e30f",
            "-1e30f",
            "Float.NaN",
            "Float.POSITIVE_INFINITY",
            "1.4E-45f",
            "16777216f");
    private static final List<String> INTS = List.of(
            "0",
            "1",
            "2",
            "3",
            "-1",
            "-2",
            "5",
            "7",
            "31",
            "32",
            "33",
            "100",
            "200",
            "-128",
            "65535",
            "2147483647",
            "-2147483648",
            "0x80");

    private final Random structure;
    private final Random leaves;
    private final int changed;
    private int leaf;
    private int loops;
    private int names;
    private final StringBuilder out = new StringBuilder();
    private final List<Variable> variables = new ArrayList<>();
    private final List<List<String>> locals = new ArrayList<>();

    private record Variable(String name, String type, boolean fixed) {}

    /**
     * The method's body with marks: {@code §n measure§} where a loop's specification stands, {@code ¤n¤} before its
     * test, {@code ¤n+¤} where a round begins, {@code ¤n#x#a¤} for a loop over an array.
     */
    private final String body;
    /** The variables at each loop's head. */
    private final Map<Integer, List<String>> atHeads = new TreeMap<>();

    final int leafCount;
    final boolean wraps;

    /**
     * A program.
     *
     * @param changed the number of the leaf that is another; −1 for none
     */
    RandomProgram(long seed, int changed) {
        structure = new Random(seed);
        leaves = new Random(seed * 31 + 7);
        this.changed = changed;
        wraps = structure.nextInt(4) != 0;
        variables.add(new Variable("p", "int", false));
        variables.add(new Variable("q", "long", false));
        variables.add(new Variable("r", "float", false));
        variables.add(new Variable("a", "int[]", true));
        variables.add(new Variable("b", "int[]", true));
        variables.add(new Variable("f", "float[]", true));
        int statements = 1 + structure.nextInt(4);
        for (int s = 0; s < statements; s++) {
            statement(2, false);
        }
        out.append("return ").append(integer(2, true)).append(";\n");
        body = out.toString();
        leafCount = leaf;
    }

    private int leaf(int n) {
        int drawn = leaves.nextInt(1 << 20);
        return leaf++ == changed ? (drawn % n + 1 + drawn / n % Math.max(1, n - 1)) % n : drawn % n;
    }

    private int pick(int n) {
        return structure.nextInt(n);
    }

    private String one(List<String> of) {
        return of.get(leaf(of.size()));
    }

    private List<String> of(String type, boolean written) {
        return variables.stream()
                .filter(v -> v.type.equals(type) && !(written && v.fixed))
                .map(Variable::name)
                .toList();
    }

    private String constant() {
        return one(INTS);
    }

    /** An int; {@code free} where the expression is always evaluated, so that it may write. */
    private String integer(int depth, boolean free) {
        int kind = depth == 0 ? pick(3) : pick(17);
        switch (kind) {
            case 0 -> {
                return "(" + constant() + ")";
            }
            case 1 -> {
                return one(of("int", false));
            }
            case 2 -> {
                return array() + "[" + index(0, false) + "]";
            }
            case 3, 4, 5 -> {
                return "(" + integer(depth - 1, free) + " " + one(INT_OPERATORS) + " " + integer(depth - 1, free) + ")";
            }
            case 6 -> {
                return "(" + bool(depth - 1, free) + " ? " + integer(depth - 1, false) + " : "
                        + integer(depth - 1, false) + ")";
            }
            case 7 -> {
                return "(" + one(List.of("(byte) ", "(char) ", "(short) ", "~", "-", "(int) (long) "))
                        + integer(depth - 1, free) + ")";
            }
            case 8 -> {
                return "(int) " + wide(depth - 1, free);
            }
            case 9 -> {
                return free && !of("int", true).isEmpty()
                        ? one(of("int", true)) + one(List.of("++", "--"))
                        : integer(depth - 1, free);
            }
            case 10 -> {
                return free ? "Lib.next(" + array() + ")" : integer(depth - 1, false);
            }
            case 11 -> {
                return "Lib.square(" + integer(depth - 1, free) + " & 15)";
            }
            case 12 -> {
                return "Math." + one(List.of("max", "min", "floorMod", "floorDiv")) + "(" + integer(depth - 1, free)
                        + ", " + integer(depth - 1, free) + ")";
            }
            case 13 -> {
                return "(int) " + real(depth - 1, free);
            }
            case 14 -> {
                return free && !of("int", true).isEmpty()
                        ? "(" + one(of("int", true)) + " " + one(List.of("=", "+=", "-=", "^=", "*=")) + " "
                                + integer(depth - 1, true) + ")"
                        : integer(depth - 1, free);
            }
            case 15 -> {
                return free
                        ? "(" + array() + "[" + index(depth - 1, true) + "] "
                                + one(List.of("=", "+=", "-=", "<<=", "|=")) + " " + integer(depth - 1, true) + ")"
                        : integer(depth - 1, free);
            }
            default -> {
                return free
                        ? array() + "[" + index(depth - 1, true) + "]" + one(List.of("++", "--"))
                        : array() + "[" + index(depth - 1, false) + "]";
            }
        }
    }

    private String array() {
        return one(List.of("a", "b"));
    }

    /** An index into arrays of two elements; with a leaf in a hundred, one beyond them. */
    private String index(int depth, boolean free) {
        return depth <= 0
                ? one(List.of("0", "1", "0", "1", "0", "1", "0", "1", "2"))
                : "(" + integer(depth, free) + " & 1)";
    }

    private String wide(int depth, boolean free) {
        return switch (depth <= 0 ? pick(2) : pick(5)) {
            case 0 -> "(" + constant() + "L)";
            case 1 -> one(of("long", false));
            case 2 -> "((long) " + integer(depth - 1, free) + ")";
            default ->
                "(" + wide(depth - 1, free) + " " + one(INT_OPERATORS) + " "
                        + (pick(2) == 0 ? integer(depth - 1, free) : wide(depth - 1, free)) + ")";
        };
    }

    private String real(int depth, boolean free) {
        return switch (depth <= 0 ? pick(3) : pick(8)) {
            case 0 -> "(" + one(FLOATS) + ")";
            case 1 -> one(of("float", false));
            case 2 -> "f[" + index(0, false) + "]";
            case 3 -> "(float) " + integer(depth - 1, free);
            case 4 ->
                "Math." + one(List.of("max", "min")) + "(" + real(depth - 1, free) + ", " + real(depth - 1, free) + ")";
            case 5 ->
                "(" + bool(depth - 1, free) + " ? " + real(depth - 1, false) + " : " + real(depth - 1, false) + ")";
            default ->
                "(" + real(depth - 1, free) + " " + one(List.of("+", "-", "*", "/")) + " " + real(depth - 1, free)
                        + ")";
        };
    }

    private String bool(int depth, boolean free) {
        return switch (depth <= 0 ? pick(2) : pick(7)) {
            case 0, 1 ->
                "(" + integer(Math.max(0, depth - 1), free) + " " + one(COMPARISONS) + " "
                        + integer(Math.max(0, depth - 1), free) + ")";
            case 2 -> "(" + real(depth - 1, free) + " " + one(COMPARISONS) + " " + real(depth - 1, free) + ")";
            case 3 -> "(" + bool(depth - 1, free) + one(List.of(" && ", " || ")) + bool(depth - 1, false) + ")";
            case 4 -> "(!" + bool(depth - 1, free) + ")";
            case 5 ->
                "(" + bool(depth - 1, free) + one(List.of(" ^ ", " == ", " | ", " & ")) + bool(depth - 1, free) + ")";
            default -> "(Float.isNaN(" + real(depth - 1, free) + "))";
        };
    }

    private String name() {
        // Each name once: locals of ended blocks must not be taken for those of later ones by the invariants of a loop.
        return names < NAMES.size() ? NAMES.get(names++) : "l" + names++;
    }

    private void block(int depth, boolean loop) {
        List<Variable> before = List.copyOf(variables);
        out.append("{\n");
        int statements = 1 + pick(2);
        for (int s = 0; s < statements; s++) {
            statement(depth, loop);
        }
        out.append("}\n");
        variables.retainAll(before);
    }

    private void statement(int depth, boolean loop) {
        switch (depth == 0 ? pick(6) : pick(16)) {
            case 0 -> {
                String type = List.of("int", "long", "float", "int").get(pick(4));
                String value = switch (type) {
                    case "int" -> integer(2, true);
                    case "long" -> wide(2, true);
                    default -> real(2, true);
                };
                String name = name();
                out.append(type)
                        .append(' ')
                        .append(name)
                        .append(" = ")
                        .append(value)
                        .append(";\n");
                variables.add(new Variable(name, type, false));
            }
            case 1, 2 -> {
                List<String> ints = of("int", true);
                out.append(one(ints))
                        .append(' ')
                        .append(one(List.of("=", "+=", "*=", ">>=", "&=", "-=")))
                        .append(' ')
                        .append(integer(2, true))
                        .append(";\n");
            }
            case 3 ->
                out.append(array())
                        .append('[')
                        .append(index(1, true))
                        .append("] ")
                        .append(one(List.of("=", "+=", "^=")))
                        .append(' ')
                        .append(integer(2, true))
                        .append(";\n");
            case 4 ->
                out.append(one(of("float", true)))
                        .append(' ')
                        .append(one(List.of("=", "+=", "*=", "/=")))
                        .append(' ')
                        .append(real(2, true))
                        .append(";\n");
            case 5 ->
                out.append("f[")
                        .append(index(0, false))
                        .append("] ")
                        .append(one(List.of("=", "-=", "*=")))
                        .append(' ')
                        .append(real(1, true))
                        .append(";\n");
            case 6, 7 -> {
                out.append("if ").append(bool(2, true)).append(' ');
                block(depth - 1, loop);
                if (pick(2) == 0) {
                    out.append("else ");
                    block(depth - 1, loop);
                }
            }
            case 8 -> {
                out.append("switch (").append(one(of("int", false))).append(" & 3) {\n");
                for (int c = 0; c < 3; c++) {
                    out.append(c == 1 && pick(2) == 0 ? "default: " : "case " + c + ": ");
                    out.append(one(of("int", true)))
                            .append(" = ")
                            .append(integer(1, true))
                            .append(";\n")
                            .append(pick(2) == 0 ? "break;\n" : "");
                }
                out.append("}\n");
            }
            case 9 -> {
                out.append("try { ")
                        .append(one(of("int", true)))
                        .append(" = ")
                        .append(integer(1, true))
                        .append(" + Lib.below(")
                        .append(integer(1, true))
                        .append("); ");
                out.append(one(of("int", true)))
                        .append(" = 1; } catch (")
                        .append(one(List.of(
                                "IllegalStateException",
                                "RuntimeException",
                                "IllegalStateException",
                                "IllegalArgumentException")));
                out.append(" ex")
                        .append(names++)
                        .append(") { ")
                        .append(one(of("int", true)))
                        .append(" = ")
                        .append(integer(1, true))
                        .append("; }\n");
            }
            case 10 ->
                out.append("Lib.fill(")
                        .append(array())
                        .append(", ")
                        .append(index(0, false))
                        .append(", ")
                        .append(integer(1, true))
                        .append(");\n");
            case 11 -> out.append("if ").append(bool(1, true)).append(" { throw new IllegalStateException(); }\n");
            case 12 ->
                out.append("if ")
                        .append(bool(1, true))
                        .append(" { return ")
                        .append(integer(1, true))
                        .append("; }\n");
            default -> loop(depth, loop);
        }
    }

    private void loop(int depth, boolean within) {
        int number = loops++;
        List<Variable> before = List.copyOf(variables);
        int kind = pick(4);
        String counter = name();
        String bound = one(List.of("1", "2", "3"));
        if (kind == 1 || kind == 2) {
            out.append("int ").append(counter).append(" = ").append(bound).append(";\n");
            variables.add(new Variable(counter, "int", true));
        }
        out.append('§')
                .append(number)
                .append(kind == 0 ? " " + bound + " - " + counter : kind == 3 ? "" : " " + counter)
                .append("§\n");
        String label = pick(3) == 0 ? "loop" + number : "";
        out.append(label.isEmpty() ? "" : label + ": ");
        List<String> seen = new ArrayList<>();
        switch (kind) {
            case 0 -> {
                variables.add(new Variable(counter, "int", true));
                out.append("for (int ")
                        .append(counter)
                        .append(" = 0; ¤")
                        .append(number)
                        .append("¤")
                        .append(counter)
                        .append(" < ")
                        .append(bound)
                        .append("; ")
                        .append(counter)
                        .append("++) {\n");
            }
            case 1 ->
                out.append("while (¤")
                        .append(number)
                        .append("¤")
                        .append(counter)
                        .append(" > 0) {\n")
                        .append(counter)
                        .append("--;\n");
            case 2 ->
                out.append("do {\n¤")
                        .append(number)
                        .append("+¤")
                        .append(counter)
                        .append("--;\n");
            default ->
                out.append('¤')
                        .append(number)
                        .append('#')
                        .append(counter)
                        .append('#')
                        .append(array())
                        .append("¤\n");
        }
        variables.forEach(v -> seen.add(v.name));
        atHeads.put(number, seen);
        if (kind == 3) {
            variables.add(new Variable(counter, "int", true));
        }
        int statements = 1 + pick(2);
        for (int s = 0; s < statements; s++) {
            statement(depth - 1, true);
        }
        if (pick(3) == 0) {
            out.append("if ")
                    .append(bool(1, true))
                    .append(" { ")
                    .append(one(List.of("break", "continue")))
                    .append(label.isEmpty() ? "" : " " + label)
                    .append("; }\n");
            out.append(one(of("int", true)))
                    .append(" = ")
                    .append(integer(1, true))
                    .append(";\n");
        }
        out.append(kind == 2 ? "} while (" + counter + " > 0);\n" : "}\n");
        variables.retainAll(before);
    }

    private static final String HEADER = "static int m(int p, long q, float r, int[] a, int[] b, float[] f)";

    /** A class with the program as it runs; its field TRACE is called at each loop's head. */
    String java(String owner) {
        String text = body.replaceAll("§[^§]*§\n", "");
        for (var loop : atHeads.entrySet()) {
            StringBuilder state = new StringBuilder();
            loop.getValue()
                    .forEach(v -> state.append(", \"").append(v).append("\", ").append(v));
            int n = loop.getKey();
            String head = "TRACE.test(new Object[] {" + n + state + "})";
            text = text.replace("¤" + n + "¤", head + " && ").replace("¤" + n + "+¤", head + ";\n");
            String counted = "TRACE.test(new Object[] {" + n + ", \"\\\\count\", count" + n + state + "})";
            text = text.replaceAll(
                    "¤" + n + "#(\\w+)#(\\w+)¤",
                    java.util.regex.Matcher.quoteReplacement(
                                    "for (int count" + n + " = 0; " + counted + " && count" + n + " < ")
                            + "$2.length; count" + n + "++) {\nint $1 = $2[count" + n + "];");
        }
        return "public final class " + owner
                + " {\npublic static java.util.function.Predicate<Object[]> TRACE;\npublic " + HEADER + " {\n" + text
                + "}\n}\n";
    }

    /** A class with the program and a contract, and at each loop the states that a run noted there. */
    String jml(String owner, String contract, Trace trace) {
        String text =
                body.replaceAll("¤\\d+#(\\w+)#(\\w+)¤", "for (int $1 : $2) {").replaceAll("¤\\d+\\+?¤", "");
        for (int n : atHeads.keySet()) {
            List<String> states = new ArrayList<>();
            trace.heads.getOrDefault(n, List.of()).forEach(state -> {
                List<String> parts = new ArrayList<>();
                state.forEach((name, value) -> parts.add(name + " == " + value));
                states.add("(" + String.join(" && ", parts) + ")");
            });
            String invariant =
                    "//@ loop_invariant " + (states.isEmpty() ? "false" : String.join("\n//@   || ", states)) + ";\n";
            String writes = n % 2 == 0 ? "//@ loop_writes a[*], b[*], f[*];\n" : "";
            text = text.replaceAll("§" + n + "§\n", java.util.regex.Matcher.quoteReplacement(invariant + writes))
                    .replaceAll(
                            "§" + n + " ([^§]*)§\n",
                            java.util.regex.Matcher.quoteReplacement(invariant + writes) + "//@ decreases $1;\n");
        }
        return "final class " + owner + " {\n" + contract + (wraps ? "/*@ code_java_math @*/ " : "") + HEADER + " {\n"
                + text + "}\n}\n";
    }
}
