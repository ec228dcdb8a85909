package org.threehalf.lean.export;

import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.threehalf.lean.export.Olean.Value;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the constants of compiled modules, each after all that it uses, as text that kernels of other authors read:
 * the format of {@code lean4export}, version 3.1.0 (lines of JSON; names, levels and expressions are numbered as they
 * come, and each is written once).
 *
 * <p>Of the project's modules every constant is written; of the library's, those that these use. A build that keeps the
 * library's proofs to itself has its theorems, and what else others may not unfold, as axioms: they are written so, and
 * listed.
 */
public final class KernelExport {
    private static final String VERSION = "3.1.0";
    /** For expressions that are thousands of applications deep. */
    private static final long STACK = 1L << 30;

    /**
     * What was written.
     *
     * @param theorems theorems of the project's modules
     * @param declarations all declarations
     * @param assumed the names of those that are axioms in the library's files
     */
    public record Written(int theorems, int declarations, SortedSet<String> assumed) {}

    /**
     * Compiled modules.
     *
     * @param own names of the project's
     * @param folders where modules lie, the project's first
     * @param word bytes of an address in them, 4 or 8
     * @param version of the Lean that compiled them
     */
    public record Compiled(Set<String> own, List<Path> folders, int word, String version) {}

    /** A name, or {@code null} for the anonymous one. */
    private record Name(@Nullable Name prefix, String text, boolean number) {
        @Override
        public String toString() {
            return prefix == null ? text : prefix + "." + text;
        }
    }

    /** A level or an expression by the numbers of its parts; two of the same kind and parts are one. */
    private record Node(char kind, List<Object> parts) {}

    /** A compiled module, and what was found of its objects. */
    private static final class Module {
        private final boolean own;
        private final Map<Long, @Nullable Name> names = new HashMap<>();
        private final Map<Long, Integer> levels = new HashMap<>();
        private final Map<Long, Integer> expressions = new HashMap<>();
        private final Set<Long> seen = new HashSet<>();

        Module(boolean own) {
            this.own = own;
        }
    }

    private record Constant(Module module, Value info) {}

    // Constructors of Lean.ConstantInfo.
    private static final int AXIOM = 0;
    private static final int DEFINITION = 1;
    private static final int THEOREM = 2;
    private static final int OPAQUE = 3;
    private static final int QUOTIENT = 4;
    private static final int INDUCTIVE = 5;
    private static final int CONSTRUCTOR = 6;
    private static final int RECURSOR = 7;

    private static final List<String> BINDERS = List.of("default", "implicit", "strictImplicit", "instImplicit");
    private static final List<String> SAFETIES = List.of("unsafe", "safe", "partial");
    private static final List<String> QUOTIENTS = List.of("type", "ctor", "lift", "ind");
    private static final int SAFE = SAFETIES.indexOf("safe");

    private static final JsonMapper JSON = new JsonMapper();

    private final Map<Name, Constant> constants = new LinkedHashMap<>();
    private final Map<Name, List<Name>> recursors = new HashMap<>();
    private final Set<Name> written = new HashSet<>();
    private final Map<Name, Integer> names = new HashMap<>();
    private final Map<Node, Integer> levels = new HashMap<>();
    private final Map<Node, Integer> expressions = new HashMap<>();
    private final SortedSet<String> assumed = new TreeSet<>();
    private final BufferedWriter out;
    private final boolean wrong;
    private int theorems;
    private int declarations;
    private @Nullable Object provedType;
    private @Nullable Object proof;
    private boolean exchanged;

    private KernelExport(BufferedWriter out, boolean wrong) {
        this.out = out;
        this.wrong = wrong;
        // Level 0, which is not written.
        levels.put(new Node('0', List.of()), 0);
    }

    /**
     * Writes the constants of the project's modules and of what these import.
     *
     * @param wrong whether one theorem gets the proof of another, which no kernel may accept
     * @throws IOException if a module is missing or damaged, a constant is used that no module has, or no theorem can
     *     get a wrong proof
     */
    public static Written write(Path file, Compiled compiled, boolean wrong) throws IOException {
        FutureTask<Written> task = new FutureTask<>(() -> {
            try (BufferedWriter out = Files.newBufferedWriter(file)) {
                KernelExport export = new KernelExport(out, wrong);
                export.load(compiled);
                export.writeAll();
                if (wrong && !export.exchanged) {
                    throw new IOException("there are no two theorems to exchange proofs of");
                }
                return new Written(export.theorems, export.declarations, export.assumed);
            }
        });
        Thread thread = new Thread(null, task, "lean-export", STACK);
        thread.start();
        try {
            return task.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException io ? io : new IOException(failed.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(stopped);
        }
    }

    private void load(Compiled compiled) throws IOException {
        Deque<String> open = new ArrayDeque<>(compiled.own);
        Set<String> begun = new HashSet<>(compiled.own);
        String commit = "";
        while (!open.isEmpty()) {
            String name = open.pop();
            Path path = Path.of(name.replace('.', '/') + ".olean");
            Path found = compiled.folders.stream()
                    .map(folder -> folder.resolve(path))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new IOException("no compiled module " + name + " below " + compiled.folders));
            Olean olean = Olean.read(found, compiled.word);
            commit = olean.commit();
            Module module = new Module(compiled.own.contains(name));
            Value root = olean.root();
            for (Value imported : root.member(0).array()) {
                String other = String.valueOf(name(module, imported.member(0)));
                if (begun.add(other)) {
                    open.add(other);
                }
            }
            for (Value info : root.member(2).array()) {
                Name constant = nameOf(module, info);
                constants.putIfAbsent(constant, new Constant(module, info));
                if (info.tag() == RECURSOR) {
                    for (Value type : info.member(0).member(1).list()) {
                        recursors
                                .computeIfAbsent(name(module, type), key -> new ArrayList<>())
                                .add(constant);
                    }
                }
            }
        }
        line(Map.of(
                "meta",
                Map.of(
                        "exporter", Map.of("name", "threehalf", "version", VERSION),
                        "lean", Map.of("version", compiled.version, "githash", commit),
                        "format", Map.of("version", VERSION))));
    }

    private void writeAll() throws IOException {
        for (Map.Entry<Name, Constant> entry : List.copyOf(constants.entrySet())) {
            // What Lean compiles a recursion to, for example, which nothing that is proved may use.
            if (entry.getValue().module.own && !unsafe(entry.getValue().info)) {
                write(entry.getKey());
            }
        }
    }

    private static boolean unsafe(Value info) throws IOException {
        Value value = info.member(0);
        return switch (info.tag()) {
            case DEFINITION -> value.scalar(0) != SAFE;
            case AXIOM, OPAQUE, CONSTRUCTOR -> value.scalar(0) == 1;
            case INDUCTIVE, RECURSOR -> value.scalar(1) == 1;
            default -> false;
        };
    }

    private void line(Map<String, ?> object) throws IOException {
        out.write(JSON.writeValueAsString(object));
        out.write('\n');
    }

    // Names.

    private @Nullable Name name(Module module, Value value) throws IOException {
        if (value.identity() % 2 == 1) {
            return null;
        }
        if (module.names.containsKey(value.identity())) {
            return module.names.get(value.identity());
        }
        boolean number = value.tag() == 2;
        Name name = new Name(
                name(module, value.member(0)),
                number ? value.member(1).natural().toString() : value.member(1).string(),
                number);
        module.names.put(value.identity(), name);
        return name;
    }

    private Name named(Module module, Value value) throws IOException {
        Name name = name(module, value);
        if (name == null) {
            throw new IOException("a constant without a name");
        }
        return name;
    }

    /** The constant's own part, which every kind has first. */
    private static Value common(Value info) throws IOException {
        return info.member(0).member(0);
    }

    private Name nameOf(Module module, Value info) throws IOException {
        return named(module, common(info).member(0));
    }

    private int number(@Nullable Name name) throws IOException {
        if (name == null) {
            return 0;
        }
        Integer known = names.get(name);
        if (known != null) {
            return known;
        }
        int prefix = number(name.prefix);
        int number = names.size() + 1;
        names.put(name, number);
        line(ordered(
                name.number ? "num" : "str",
                name.number
                        ? ordered("pre", prefix, "i", new BigInteger(name.text))
                        : ordered("pre", prefix, "str", name.text),
                "in",
                number));
        return number;
    }

    private List<Integer> numbers(Module module, List<Value> values) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (Value value : values) {
            numbers.add(number(name(module, value)));
        }
        return numbers;
    }

    private static Map<String, Object> ordered(Object... members) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            map.put((String) members[i], members[i + 1]);
        }
        return map;
    }

    // Levels and expressions.

    private int number(Map<Node, Integer> known, Node node, String key, Map<String, Object> object) throws IOException {
        Integer before = known.get(node);
        if (before != null) {
            return before;
        }
        int number = known.size();
        known.put(node, number);
        object.put(key, number);
        line(object);
        return number;
    }

    private int level(Module module, Value value) throws IOException {
        Integer known = module.levels.get(value.identity());
        if (known != null) {
            return known;
        }
        int number = switch (value.tag()) {
            case 0 -> 0;
            case 1 -> {
                int of = level(module, value.member(0));
                yield number(levels, new Node('s', List.of(of)), "il", ordered("succ", of));
            }
            case 2, 3 -> {
                List<Object> of = List.of(level(module, value.member(0)), level(module, value.member(1)));
                boolean max = value.tag() == 2;
                yield number(levels, new Node(max ? 'm' : 'i', of), "il", ordered(max ? "max" : "imax", of));
            }
            case 4 -> {
                int of = number(name(module, value.member(0)));
                yield number(levels, new Node('p', List.of(of)), "il", ordered("param", of));
            }
            default -> throw new IOException("a level of kind " + value.tag());
        };
        module.levels.put(value.identity(), number);
        return number;
    }

    private int expression(Module module, Value value) throws IOException {
        Integer known = module.expressions.get(value.identity());
        if (known != null) {
            return known;
        }
        int number = switch (value.tag()) {
            case 0 -> {
                BigInteger index = value.member(0).natural();
                yield node('b', List.of(index), ordered("bvar", index));
            }
            case 3 -> {
                int of = level(module, value.member(0));
                yield node('s', List.of(of), ordered("sort", of));
            }
            case 4 -> {
                int of = number(name(module, value.member(0)));
                List<Integer> at = new ArrayList<>();
                for (Value level : value.member(1).list()) {
                    at.add(level(module, level));
                }
                yield node('c', List.of(of, at), ordered("const", ordered("name", of, "us", at)));
            }
            case 5 -> {
                int function = expression(module, value.member(0));
                int argument = expression(module, value.member(1));
                yield node('a', List.of(function, argument), ordered("app", ordered("fn", function, "arg", argument)));
            }
            case 6, 7 -> {
                int name = number(name(module, value.member(0)));
                int type = expression(module, value.member(1));
                int body = expression(module, value.member(2));
                String binder = BINDERS.get(value.scalar(Long.BYTES));
                yield node(
                        value.tag() == 6 ? 'l' : 'f',
                        List.of(name, type, body, binder),
                        ordered(
                                value.tag() == 6 ? "lam" : "forallE",
                                ordered("name", name, "type", type, "body", body, "binderInfo", binder)));
            }
            case 8 -> {
                int name = number(name(module, value.member(0)));
                int type = expression(module, value.member(1));
                int of = expression(module, value.member(2));
                int body = expression(module, value.member(3));
                // Whether the body depends on the value is a hint, by which no two are told apart.
                yield node(
                        't',
                        List.of(name, type, of, body),
                        ordered(
                                "letE",
                                ordered("name", name, "type", type, "value", of, "body", body, "nondep", false)));
            }
            case 9 -> {
                Value literal = value.member(0);
                if (literal.tag() == 0) {
                    String of = literal.member(0).natural().toString();
                    yield node('n', List.of(of), ordered("natVal", of));
                }
                String of = literal.member(0).string();
                yield node('q', List.of(of), ordered("strVal", of));
            }
            // Remarks of the elaborator's.
            case 10 -> expression(module, value.member(1));
            case 11 -> {
                int type = number(name(module, value.member(0)));
                BigInteger index = value.member(1).natural();
                int of = expression(module, value.member(2));
                yield node(
                        'j',
                        List.of(type, index, of),
                        ordered("proj", ordered("typeName", type, "idx", index, "struct", of)));
            }
            default -> throw new IOException("an expression of kind " + value.tag());
        };
        module.expressions.put(value.identity(), number);
        return number;
    }

    private int node(char kind, List<Object> parts, Map<String, Object> object) throws IOException {
        return number(expressions, new Node(kind, parts), "ie", object);
    }

    // Constants.

    /**
     * Writes all constants of an expression. What is being seen to uses what it is seen to for, and so nothing of it.
     */
    private void see(Module module, Value value) throws IOException {
        if (!module.seen.add(value.identity())) {
            return;
        }
        switch (value.tag()) {
            case 0, 3 -> {}
            case 4 -> write(named(module, value.member(0)));
            case 5 -> {
                see(module, value.member(0));
                see(module, value.member(1));
            }
            case 6, 7 -> {
                see(module, value.member(1));
                see(module, value.member(2));
            }
            case 8 -> {
                see(module, value.member(1));
                see(module, value.member(2));
                see(module, value.member(3));
            }
            case 9 -> {
                // What a kernel makes of literals.
                for (String needed :
                        value.member(0).tag() == 0 ? List.of("Nat") : List.of("Char.ofNat", "String.ofList")) {
                    write(of(needed));
                }
            }
            case 10 -> see(module, value.member(1));
            case 11 -> {
                write(named(module, value.member(0)));
                see(module, value.member(2));
            }
            default -> throw new IOException("an expression of kind " + value.tag());
        }
    }

    private static Name of(String dotted) {
        Name name = null;
        for (String part : dotted.split("\\.")) {
            name = new Name(name, part, false);
        }
        if (name == null) {
            throw new IllegalArgumentException("no name");
        }
        return name;
    }

    private Constant constant(Name name) throws IOException {
        Constant constant = constants.get(name);
        if (constant == null) {
            throw new IOException("no compiled module has the constant " + name);
        }
        return constant;
    }

    private void write(Name name) throws IOException {
        if (written.contains(name)) {
            return;
        }
        Constant constant = constant(name);
        Module module = constant.module;
        Value value = constant.info.member(0);
        if (unsafe(constant.info)) {
            throw new IOException(name + " is unsafe or partial, and something that is neither uses it");
        }
        switch (constant.info.tag()) {
            case AXIOM -> {
                written.add(name);
                see(module, common(constant.info).member(2));
                if (!module.own) {
                    assumed.add(name.toString());
                }
                declare("axiom", common(module, constant.info), "isUnsafe", false);
            }
            case DEFINITION -> {
                written.add(name);
                see(module, common(constant.info).member(2));
                see(module, value.member(1));
                Value hints = value.member(2);
                declare(
                        "def",
                        common(module, constant.info),
                        "value",
                        expression(module, value.member(1)),
                        "hints",
                        hints.tag() == 0 ? "opaque" : hints.tag() == 1 ? "abbrev" : Map.of("regular", hints.word32(0)),
                        "safety",
                        SAFETIES.get(value.scalar(0)),
                        "all",
                        numbers(module, value.member(3).list()));
            }
            case THEOREM, OPAQUE -> {
                written.add(name);
                see(module, common(constant.info).member(2));
                see(module, value.member(1));
                theorems += constant.info.tag() == THEOREM && module.own ? 1 : 0;
                Map<String, Object> members = common(module, constant.info);
                members.put("value", expression(module, value.member(1)));
                if (constant.info.tag() == THEOREM && module.own) {
                    exchange(members);
                }
                members.put("all", numbers(module, value.member(2).list()));
                if (constant.info.tag() == OPAQUE) {
                    members.put("isUnsafe", false);
                }
                declare(constant.info.tag() == THEOREM ? "thm" : "opaque", members);
            }
            case QUOTIENT -> {
                write(of("Eq"));
                for (String part : List.of("Quot", "Quot.mk", "Quot.lift", "Quot.ind")) {
                    Constant quotient = constant(of(part));
                    written.add(of(part));
                    see(quotient.module, common(quotient.info).member(2));
                    declare(
                            "quot",
                            common(quotient.module, quotient.info),
                            "kind",
                            QUOTIENTS.get(quotient.info.member(0).scalar(0)));
                }
            }
            case INDUCTIVE -> inductive(module, value);
            case CONSTRUCTOR -> write(named(module, value.member(1)));
            case RECURSOR -> {
                for (Value type : value.member(1).list()) {
                    write(named(module, type));
                }
            }
            default -> throw new IOException(name + ": a constant of kind " + constant.info.tag());
        }
    }

    /**
     * Has the first theorem that says something else than the one before it proved as that one is, if that is asked.
     */
    private void exchange(Map<String, Object> members) {
        Object type = members.get("type");
        Object own = members.get("value");
        // The same parameters of universes: nothing else is wrong with it.
        if (wrong
                && !exchanged
                && proof != null
                && !type.equals(provedType)
                && List.of().equals(members.get("levelParams"))) {
            members.put("value", proof);
            exchanged = true;
        }
        provedType = type;
        proof = own;
    }

    /** Types that are defined together, their constructors and recursors, after all that they use of others. */
    private void inductive(Module module, Value first) throws IOException {
        Set<Name> types = names(module, first.member(3).list());
        Set<Name> constructors = new LinkedHashSet<>();
        Set<Name> eliminators = new TreeSet<>(Comparator.comparing(Name::toString));
        for (Name type : types) {
            Constant of = constant(type);
            constructors.addAll(names(of.module, of.info.member(0).member(4).list()));
            eliminators.addAll(recursors.getOrDefault(type, List.of()));
        }
        written.addAll(types);
        written.addAll(constructors);
        written.addAll(eliminators);
        for (Set<Name> group : List.of(types, constructors, eliminators)) {
            for (Name name : group) {
                Constant of = constant(name);
                see(of.module, common(of.info).member(2));
            }
        }
        for (Name name : eliminators) {
            Constant of = constant(name);
            for (Value rule : of.info.member(0).member(6).list()) {
                see(of.module, rule.member(2));
            }
        }
        List<Object> ofTypes = new ArrayList<>();
        for (Name name : types) {
            ofTypes.add(type(constant(name)));
        }
        List<Object> ofConstructors = new ArrayList<>();
        for (Name name : constructors) {
            ofConstructors.add(constructor(constant(name)));
        }
        List<Object> ofRecursors = new ArrayList<>();
        for (Name name : eliminators) {
            ofRecursors.add(recursor(constant(name)));
        }
        declarations++;
        line(Map.of("inductive", ordered("types", ofTypes, "ctors", ofConstructors, "recs", ofRecursors)));
    }

    private Map<String, Object> type(Constant of) throws IOException {
        Value value = of.info.member(0);
        Map<String, Object> members = common(of.module, of.info);
        members.put("numParams", value.member(1).natural());
        members.put("numIndices", value.member(2).natural());
        members.put("all", numbers(of.module, value.member(3).list()));
        members.put("ctors", numbers(of.module, value.member(4).list()));
        members.put("numNested", value.member(5).natural());
        members.put("isRec", value.scalar(0) == 1);
        members.put("isUnsafe", false);
        members.put("isReflexive", value.scalar(2) == 1);
        return members;
    }

    private Map<String, Object> constructor(Constant of) throws IOException {
        Value value = of.info.member(0);
        Map<String, Object> members = common(of.module, of.info);
        members.put("induct", number(name(of.module, value.member(1))));
        members.put("cidx", value.member(2).natural());
        members.put("numParams", value.member(3).natural());
        members.put("numFields", value.member(4).natural());
        members.put("isUnsafe", false);
        return members;
    }

    private Map<String, Object> recursor(Constant of) throws IOException {
        Value value = of.info.member(0);
        Map<String, Object> members = common(of.module, of.info);
        members.put("all", numbers(of.module, value.member(1).list()));
        members.put("numParams", value.member(2).natural());
        members.put("numIndices", value.member(3).natural());
        members.put("numMotives", value.member(4).natural());
        members.put("numMinors", value.member(5).natural());
        List<Object> rules = new ArrayList<>();
        for (Value rule : value.member(6).list()) {
            rules.add(ordered(
                    "ctor",
                    number(name(of.module, rule.member(0))),
                    "nfields",
                    rule.member(1).natural(),
                    "rhs",
                    expression(of.module, rule.member(2))));
        }
        members.put("rules", rules);
        members.put("k", value.scalar(0) == 1);
        members.put("isUnsafe", false);
        return members;
    }

    private Set<Name> names(Module module, List<Value> values) throws IOException {
        Set<Name> names = new LinkedHashSet<>();
        for (Value value : values) {
            names.add(named(module, value));
        }
        return names;
    }

    /** Name, parameters and type. */
    private Map<String, Object> common(Module module, Value info) throws IOException {
        Value common = common(info);
        List<Value> parameters = common.member(1).list();
        List<Integer> numbers = numbers(module, parameters);
        for (Value parameter : parameters) {
            int of = number(name(module, parameter));
            number(levels, new Node('p', List.of(of)), "il", ordered("param", of));
        }
        return ordered(
                "name",
                number(name(module, common.member(0))),
                "levelParams",
                numbers,
                "type",
                expression(module, common.member(2)));
    }

    private void declare(String kind, Map<String, Object> common, Object... members) throws IOException {
        common.putAll(ordered(members));
        declarations++;
        line(Map.of(kind, common));
    }
}
