package org.threehalf.jml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.solver.Z3Prover;
import org.threehalf.jml.syntax.CheckKind;
import org.threehalf.jml.syntax.MethodModel;
import org.threehalf.jml.syntax.Program;
import org.threehalf.jml.syntax.UnsupportedSyntaxException;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Functions;
import org.threehalf.jml.vc.VcGenerator;

/**
 * The prover against execution: random programs of the subset run, and get a contract and loop invariants that say what
 * the run did (true), or what a program with one other constant, operator or name did (false). No false one is proved,
 * and none that says nothing of a program which ends by an exception of Java's own; of the true ones enough are, so
 * that this means something.
 *
 * <p>{@code -Dthreehalf.programs=10000} tries so many, {@code -Dthreehalf.programs.seed} from another seed.
 */
class RandomProgramsTest {
    private static final int BATCH = 40;
    private static final int CHANGES = 6;
    /** A method with more of them is left out. */
    private static final int CONDITIONS = 120;

    @TempDir
    Path folder;

    /**
     * What a run did: the result or the exception, and what the arrays hold then; null for an exception of Java's own.
     */
    private record Outcome(
            @org.jspecify.annotations.Nullable Map<String, String> values, boolean thrown, RandomProgram.Trace trace) {
        boolean crashed() {
            return values == null;
        }

        boolean differs(Outcome other) {
            return !other.crashed()
                    && (crashed() || thrown != other.thrown || !java.util.Objects.equals(values, other.values));
        }
    }

    private record Input(int p, long q, float r, int[] a, int[] b, float[] f) {
        static Input of(long seed) {
            Random random = new Random(seed ^ 0x5eed);
            int[] a = {random.nextInt(10), random.nextInt(7) - 3};
            int[] b = random.nextInt(4) == 0 ? a : new int[] {random.nextInt(10), random.nextInt(10)};
            float[] f = {random.nextInt(4) == 0 ? Float.NaN : random.nextInt(9) - 4, random.nextFloat()};
            return new Input(
                    random.nextInt(8) == 0 ? Integer.MIN_VALUE : random.nextInt(21) - 10,
                    random.nextInt(5) == 0 ? random.nextLong() : random.nextInt(100),
                    random.nextInt(9) / 4f - 1,
                    a,
                    b,
                    f);
        }

        String requires() {
            Map<String, String> values = new LinkedHashMap<>();
            RandomProgram.note(values, "p", p);
            RandomProgram.note(values, "q", q);
            RandomProgram.note(values, "r", r);
            RandomProgram.note(values, "a", a);
            RandomProgram.note(values, "b", b);
            RandomProgram.note(values, "f", f);
            StringBuilder out = new StringBuilder("//@ requires a.length == 2 && b.length == 2 && f.length == 2 && a "
                    + (a == b ? "==" : "!=") + " b;\n");
            values.forEach((name, value) -> out.append("//@ requires ")
                    .append(name)
                    .append(" == ")
                    .append(value)
                    .append(";\n"));
            return out.append("//@ assignable a[*], b[*], f[*];\n").toString();
        }
    }

    private static String contract(Input input, Outcome outcome) {
        StringBuilder out = new StringBuilder(input.requires());
        List<String> says = new ArrayList<>();
        Map<String, String> values = outcome.values;
        if (values != null) {
            values.forEach((name, value) -> says.add(name + " == " + value));
        }
        String all = String.join(" && ", says);
        if (outcome.thrown) {
            return out.append(
                            "//@ ensures false;\n//@ signals_only IllegalStateException;\n//@ signals (IllegalStateException e) ")
                    .append(all)
                    .append(";\n")
                    .toString();
        }
        return out.append("//@ ensures ")
                .append(all.isEmpty() ? "true" : all)
                .append(";\n//@ signals_only \\nothing;\n")
                .toString();
    }

    private Outcome run(Class<?> program, Input input) throws ReflectiveOperationException {
        RandomProgram.Trace trace = new RandomProgram.Trace();
        Predicate<Object[]> head = trace::head;
        program.getField("TRACE").set(null, head);
        Method m = program.getMethod("m", int.class, long.class, float.class, int[].class, int[].class, float[].class);
        int[] a = input.a.clone();
        int[] b = input.a == input.b ? a : input.b.clone();
        float[] f = input.f.clone();
        Map<String, String> values = new LinkedHashMap<>();
        boolean thrown = false;
        try {
            RandomProgram.note(values, "\\result", m.invoke(null, input.p, input.q, input.r, a, b, f));
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalStateException)) {
                return new Outcome(null, false, trace);
            }
            thrown = true;
        }
        RandomProgram.note(values, "a", a);
        RandomProgram.note(values, "b", b);
        RandomProgram.note(values, "f", f);
        return new Outcome(values, thrown, trace);
    }

    /** A contract to be judged. */
    private record Judged(String name, String kind, SourceReader.Source source) {}

    private List<Judged> programs(long first, int count, Path at) throws IOException, ReflectiveOperationException {
        Map<String, String> sources = new LinkedHashMap<>();
        sources.put("Lib", RandomProgram.LIBRARY);
        for (long seed = first; seed < first + count; seed++) {
            RandomProgram program = new RandomProgram(seed, -1);
            sources.put("P" + seed, program.java("P" + seed));
            Random random = new Random(seed);
            for (int c = 0; c < CHANGES; c++) {
                String name = "P" + seed + "c" + c;
                sources.put(name, new RandomProgram(seed, random.nextInt(program.leafCount)).java(name));
            }
        }
        Path classes = Files.createDirectories(at.resolve("classes"));
        List<String> arguments =
                new ArrayList<>(List.of("-proc:none", "-nowarn", "-Xlint:none", "-d", classes.toString()));
        for (var e : sources.entrySet()) {
            Path file = at.resolve(e.getKey() + ".java");
            Files.writeString(file, e.getValue());
            arguments.add(file.toString());
        }
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)));
        List<Judged> judged = new ArrayList<>();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, null)) {
            for (long seed = first; seed < first + count; seed++) {
                RandomProgram program = new RandomProgram(seed, -1);
                Input input = Input.of(seed);
                Outcome outcome = run(loader.loadClass("P" + seed), input);
                String name = "P" + seed;
                judged.add(judged(
                        name + "t",
                        outcome.crashed() ? "crashes" : "true",
                        program,
                        contract(input, outcome),
                        outcome));
                for (int c = 0; c < CHANGES; c++) {
                    Outcome other = run(loader.loadClass("P" + seed + "c" + c), input);
                    if (outcome.differs(other)) {
                        judged.add(judged(name + "f", "false", program, contract(input, other), other));
                        break;
                    }
                }
            }
        }
        return judged;
    }

    private static Judged judged(String name, String kind, RandomProgram program, String contract, Outcome outcome) {
        return new Judged(
                name, kind, new SourceReader.Source(name + ".java", program.jml(name, contract, outcome.trace)));
    }

    /** Whether every condition of a method holds by a short look: what takes longer is not proved here. */
    private static boolean proved(MethodModel m, Functions functions) {
        VcGenerator.Result result = VcGenerator.generate(m, functions);
        SmtWriter writer = new SmtWriter(functions, m, result.measure());
        // The first that fails ends it, and the contract's own clauses fail first where it is false.
        List<Condition> conditions = new ArrayList<>(
                result.conditions().stream().filter(c -> !c.feasible()).toList());
        conditions.sort(java.util.Comparator.comparing(c -> c.clause().kind() != CheckKind.ENSURES));
        return conditions.size() <= CONDITIONS
                && conditions.stream().allMatch(c -> writer.write(c).stream().allMatch(Z3Prover::glimpsed));
    }

    @Test
    void noFalseContractIsProved() throws IOException, InterruptedException, ReflectiveOperationException {
        int count = Integer.getInteger("threehalf.programs", 40);
        long seed = Long.getLong("threehalf.programs.seed", 1);
        Map<String, Integer> verdicts = new TreeMap<>();
        List<String> believed = new ArrayList<>();
        Set<String> reasons = new HashSet<>();
        SourceReader.Source library = new SourceReader.Source("Lib.java", RandomProgram.LIBRARY);
        for (long from = seed; from < seed + count; from += BATCH) {
            List<Judged> judged =
                    programs(from, (int) Math.min(BATCH, seed + count - from), folder.resolve("batch" + from));
            List<SourceReader.Source> sources = new ArrayList<>(List.of(library));
            judged.forEach(j -> sources.add(j.source));
            Program read = SourceReader.read(sources, List.of());
            Functions functions = new Functions(read);
            for (MethodModel m : List.copyOf(read.methods().values())) {
                if (m.file().equals("Lib.java")) {
                    assertTrue(from > seed || proved(m, functions), "not proved: " + m.name());
                    continue;
                }
                Judged j = judged.stream()
                        .filter(x -> x.source.name().equals(m.file()))
                        .findFirst()
                        .orElseThrow();
                String verdict;
                try {
                    verdict = proved(m, functions) ? "proved" : "not proved";
                } catch (UnsupportedSyntaxException e) {
                    verdict = "refused";
                    reasons.add(String.valueOf(e.getMessage()).replaceAll("^[^:]*:\\d+: ", ""));
                }
                verdicts.merge(j.kind + ": " + verdict, 1, Integer::sum);
                if (verdict.equals("proved") && !j.kind.equals("true")) {
                    believed.add(j.kind + "\n" + j.source.text());
                }
            }
        }
        System.out.println("random programs from seed " + seed + ": " + verdicts);
        assertEquals("", String.join("\n", believed));
        int proved = verdicts.getOrDefault("true: proved", 0);
        assertTrue(
                proved * 4 >= count,
                "of " + count + " programs only " + proved + " true contracts are proved: " + verdicts + " " + reasons);
    }
}
