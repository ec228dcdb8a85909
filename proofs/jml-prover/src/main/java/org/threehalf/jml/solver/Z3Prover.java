package org.threehalf.jml.solver;

import com.microsoft.z3.BitVecSort;
import com.microsoft.z3.BoolExpr;
import com.microsoft.z3.Context;
import com.microsoft.z3.Expr;
import com.microsoft.z3.FPSort;
import com.microsoft.z3.IntSort;
import com.microsoft.z3.Params;
import com.microsoft.z3.Solver;
import com.microsoft.z3.Status;
import com.microsoft.z3.Version;
import com.microsoft.z3.Z3Exception;
import com.microsoft.z3.enumerations.Z3_decl_kind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.threehalf.jml.logic.Verdict;
import org.threehalf.jml.smt.SmtLib;
import org.threehalf.jml.smt.SmtText;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.kernels.io.Sha256;

/** Has Z3 judge scripts, with a memory of earlier verdicts keyed by the script's hash. */
public final class Z3Prover {
    /**
     * What Z3 said.
     *
     * @param verdict unsatisfiable is PROVED, satisfiable REFUTED
     * @param millis what it took when it was found
     * @param counterexample values by Java name; empty where there is none
     */
    public record Answer(Verdict verdict, long millis, Map<String, String> counterexample, boolean cached) {
        private static Answer of(Verdict verdict, long start) {
            return new Answer(verdict, Z3Prover.millis(start), Map.of(), false);
        }
    }

    /** What is known of a condition before anybody looks at it. */
    public static final Answer UNDECIDED = new Answer(Verdict.UNKNOWN, 0, Map.of(), false);

    /**
     * A way to try; each has its own limit, counted in Z3's resource units, so that verdicts do not depend on the
     * machine's speed.
     */
    private record Strategy(boolean mbqi, int arithSolver, int seed, int resources) {}

    private static final List<Strategy> STRATEGIES = List.of(
            new Strategy(false, 6, 0, 4_000_000),
            new Strategy(true, 6, 0, 4_000_000),
            new Strategy(false, 2, 1, 8_000_000),
            new Strategy(false, 6, 7, 20_000_000));
    private static final List<Strategy> GLANCE = List.of(new Strategy(false, 6, 0, 300_000));
    private static final Strategy ABSTRACT = new Strategy(false, 2, 0, 2_000_000);
    private static final List<Strategy> QUICK = STRATEGIES.subList(0, 3);
    private static final int GROUND_RESOURCES = 3_000_000;
    /** For bit-blasting, whose steps Z3 counts otherwise. */
    private static final int BITS_RESOURCES = 40_000_000;
    /** Exponents of the bounds for which the size of an abstract product is known. */
    private static final int[] BOUNDS = {15, 31, 40, 50, 60, 90};
    /** A safety net far above the resource limits. */
    private static final int MILLIS = 900_000;
    /** What a verdict depends on beside the script: the solver, and this package's own code with its limits. */
    private static final String PROVER = version() + " " + OwnCode.hash();

    private final VerdictCache cache;
    private final boolean quick;
    private final Map<String, Answer> memory = new ConcurrentHashMap<>();

    /**
     * A prover that remembers its verdicts.
     *
     * @param cache the folder of verdicts between runs
     * @param quick whether it gives up early on conditions that no first attempt decides
     */
    public Z3Prover(Path cache, boolean quick) {
        this.cache = VerdictCache.of(cache);
        this.quick = quick;
    }

    /** The solver and its version, as reports name it. */
    public static String version() {
        return "Z3 " + Version.getFullVersion().replaceFirst("^Z3 ", "");
    }

    /**
     * Judges a script by all strategies, or takes the verdict that is remembered.
     *
     * @param feasible whether the facts must be met by some values; then REFUTED says that they are, and PROVED that
     *     they contradict each other
     */
    public Answer judge(SmtWriter.Script script, boolean feasible) {
        // That a script is contradictory does not depend on how it was found; that it was not shown to be does.
        String proved = Sha256.of(PROVER + "\n" + script.whole().text());
        // A counterexample is in terms of the method's own variables.
        String key = Sha256.of((quick ? "quick " : "") + (feasible ? "feasible " : "") + names(script) + proved);
        return known(List.of(proved, key)).orElseGet(() -> keep(proved, key, solve(script, feasible)));
    }

    private static String names(SmtWriter.Script script) {
        return script.shown().stream()
                        .map(s -> s.name() + "=" + SmtLib.text(s.value().term()))
                        .toList() + " ";
    }

    private Optional<Answer> known(List<String> keys) {
        for (String k : keys) {
            Answer known = memory.get(k);
            if (known == null) {
                known = load(k);
            }
            if (known != null) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }

    private Answer keep(String proved, String key, Answer verdict) {
        String place = verdict.verdict() == Verdict.PROVED ? proved : key;
        store(place, verdict);
        memory.put(place, new Answer(verdict.verdict(), verdict.millis(), verdict.counterexample(), true));
        return verdict;
    }

    /**
     * Looks for a counterexample alone.
     *
     * @return UNKNOWN where only {@link #judge} can say whether the condition holds
     */
    public Answer glance(SmtWriter.Script script) {
        String proved = Sha256.of(PROVER + "\n" + script.whole().text());
        String key = Sha256.of("counterexample " + names(script) + proved);
        return known(List.of(proved, key)).orElseGet(() -> {
            long start = cpu();
            return keep(
                    proved,
                    key,
                    Counterexample.of(script)
                            .map(e -> new Answer(Verdict.REFUTED, millis(start), e, false))
                            .orElse(new Answer(Verdict.UNKNOWN, millis(start), Map.of(), false)));
        });
    }

    /** Time that this thread computed, so that other work of the machine does not count. */
    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long millis(long start) {
        return (cpu() - start) / 1_000_000;
    }

    private Answer solve(SmtWriter.Script script, boolean feasible) {
        long start = cpu();
        if (feasible) {
            // Values that meet all that is known, or a contradiction.
            return Counterexample.of(script)
                    .map(e -> new Answer(Verdict.REFUTED, millis(start), Map.of(), false))
                    .or(() -> attempts(script, STRATEGIES.subList(0, 2), true))
                    .orElse(Answer.of(Verdict.UNKNOWN, start));
        }
        // Some conditions are plain with their quantifiers, and take long without.
        boolean floating = script.whole().computesFloats();
        if (abstractly(script)) {
            return Answer.of(Verdict.PROVED, start);
        }
        Optional<Answer> verdict = floating ? Optional.empty() : attempts(script, GLANCE, false);
        if (verdict.isEmpty() && ground(script)) {
            return Answer.of(Verdict.PROVED, start);
        }
        return verdict.or(
                        () -> Counterexample.of(script).map(e -> new Answer(Verdict.REFUTED, millis(start), e, false)))
                .or(() -> attempts(script, quick ? QUICK : STRATEGIES, false))
                .map(v -> new Answer(v.verdict(), millis(start), v.counterexample(), false))
                .orElse(Answer.of(Verdict.UNKNOWN, start));
    }

    /** The first decision of some strategies, on the whole script. */
    private static Optional<Answer> attempts(SmtWriter.Script script, List<Strategy> strategies, boolean feasible) {
        long start = cpu();
        for (Strategy strategy : strategies) {
            try (Context context = new Context()) {
                BoolExpr[] assertions =
                        context.parseSMTLIB2String(script.whole().text(), null, null, null, null);
                Solver solver = context.mkSolver();
                solver.setParameters(params(context, strategy));
                solver.add(assertions);
                Status status = solver.check();
                if (status == Status.UNSATISFIABLE) {
                    return Optional.of(Answer.of(Verdict.PROVED, start));
                }
                if (status == Status.SATISFIABLE) {
                    return Optional.of(new Answer(
                            Verdict.REFUTED,
                            millis(start),
                            feasible
                                    ? Map.of()
                                    : Counterexample.values(context, solver.getModel(), script.whole(), script.shown()),
                            false));
                }
            } catch (Z3Exception e) {
                limited(e, script.whole().text());
            }
        }
        return Optional.empty();
    }

    /** Whether the script is contradictory whatever the operations of floating point do. */
    private static boolean abstractly(SmtWriter.Script script) {
        List<SmtText> weaker = script.abstractly().get();
        return !weaker.isEmpty()
                && (contradictory(weaker.get(0), GLANCE.getFirst())
                        || contradictory(weaker.get(1), GLANCE.getFirst())
                        || contradictory(weaker.get(0), ABSTRACT));
    }

    /** Whether a condition holds by a short look, whatever the operations of floating point do. */
    public static boolean sketched(SmtWriter.Script script) {
        return abstractly(script)
                || script.abstractly().get().isEmpty()
                        && attempts(script, GLANCE, false)
                                .filter(v -> v.verdict() == Verdict.PROVED)
                                .isPresent();
    }

    /** Whether a condition holds by the shortest of looks. */
    public static boolean glimpsed(SmtWriter.Script script) {
        if (contradictory(script.whole(), GLANCE.getFirst())) {
            return true;
        }
        List<SmtText> weaker = script.abstractly().get();
        return !weaker.isEmpty() && contradictory(weaker.getFirst(), GLANCE.getFirst());
    }

    /** Whether a condition holds by a short look, first whatever the operations of floating point do. */
    public static boolean seen(SmtWriter.Script script) {
        List<SmtText> weaker = script.abstractly().get();
        return !weaker.isEmpty()
                        && (contradictory(weaker.get(0), GLANCE.getFirst())
                                || contradictory(weaker.get(1), GLANCE.getFirst()))
                || contradictory(script.whole(), GLANCE.getFirst());
    }

    private static boolean contradictory(SmtText script, Strategy strategy) {
        try (Context context = new Context()) {
            Solver solver = context.mkSolver();
            solver.setParameters(params(context, strategy));
            solver.add(context.parseSMTLIB2String(script.text(), null, null, null, null));
            return solver.check() == Status.UNSATISFIABLE;
        } catch (Z3Exception e) {
            return limited(e, script.text());
        }
    }

    private static Params params(Context context, Strategy strategy) {
        Params params = limits(context, strategy.resources);
        params.add("mbqi", strategy.mbqi);
        params.add("auto_config", false);
        params.add("arith.solver", strategy.arithSolver);
        params.add("random_seed", strategy.seed);
        return params;
    }

    /** Whether the script without quantifiers is contradictory already. */
    private static boolean ground(SmtWriter.Script script) {
        List<SmtText> weaker = script.ground().get();
        if (script.whole().computesFloats()) {
            // Most of what is said of indices needs no floating point.
            SmtText sizes = script.sizes().getLast().get();
            if (!sizes.computesFloats() && arithmetic(sizes)) {
                return true;
            }
            Set<String> tried = new HashSet<>();
            return weaker.stream().filter(w -> tried.add(w.text())).anyMatch(w -> arithmetic(w) || bits(w, true))
                    || bits(weaker.getFirst(), false);
        }
        String before = "";
        for (SmtText w : weaker) {
            if (!w.text().equals(before) && arithmetic(w)) {
                return true;
            }
            before = w.text();
        }
        List<SmtText> cases = script.cases().get();
        return !cases.isEmpty() && cases.stream().allMatch(Z3Prover::arithmetic);
    }

    private static boolean arithmetic(SmtText script) {
        Status first = arithmetic(script, 6);
        // What is satisfiable stays so with another solver of arithmetic.
        return first == Status.UNSATISFIABLE
                || first == Status.UNKNOWN && arithmetic(script, 2) == Status.UNSATISFIABLE;
    }

    private static Status arithmetic(SmtText script, int arithSolver) {
        try (Context context = new Context()) {
            Solver solver = context.mkSolver();
            Params params = limits(context, GROUND_RESOURCES);
            params.add("auto_config", false);
            params.add("arith.solver", arithSolver);
            solver.setParameters(params);
            solver.add(context.parseSMTLIB2String(script.text(), null, null, null, null));
            return solver.check();
        } catch (Z3Exception e) {
            limited(e, script.text());
            return Status.UNKNOWN;
        }
    }

    /** Limits by Z3's count of its steps. */
    static Params limits(Context context, int resources) {
        Params params = context.mkParams();
        params.add("rlimit", resources);
        params.add("timeout", MILLIS);
        return params;
    }

    /** False where Z3 only came to its limits; anything else is a mistake of ours. */
    static boolean limited(Z3Exception e, String text) {
        String message = String.valueOf(e.getMessage());
        if (!message.contains("canceled") && !message.contains("max. resource")) {
            throw new IllegalStateException("Z3 refuses a condition (" + message + "):\n" + text, e);
        }
        return false;
    }

    /**
     * Floating point by bit-blasting. Abstractly, every product, quotient, root and conversion of an integer is any
     * number, the same one wherever it occurs, of which no more than its size is known ({@link #bounds}). What is
     * contradictory then is so of the real ones.
     */
    private static boolean bits(SmtText script, boolean abstractly) {
        try (Context context = new Context()) {
            BoolExpr[] assertions = context.parseSMTLIB2String(script.text(), null, null, null, null);
            if (!abstractly) {
                return contradictory(
                        context.mkSolver(context.mkTactic("qffp")), context, BITS_RESOURCES, List.of(assertions));
            }
            List<BoolExpr> facts = withoutNames(assertions);
            if (script.takesBits() && withIntegers(context, facts)) {
                return true;
            }
            Map<Expr<?>, Expr<?>> map = new java.util.LinkedHashMap<>();
            facts.forEach(e -> operations(e, context, map));
            if (map.isEmpty()) {
                return false;
            }
            Expr<?>[] from = map.keySet().toArray(Expr[]::new);
            Expr<?>[] to = map.values().toArray(Expr[]::new);
            List<BoolExpr> abstracted = new ArrayList<>();
            facts.forEach(e -> abstracted.add((BoolExpr) e.substitute(from, to)));
            map.forEach((operation, result) -> abstracted.addAll(bounds(context, operation, result, from, to)));
            if (contradictory(context.mkSolver(context.mkTactic("qffp")), context, BITS_RESOURCES, abstracted)) {
                return true;
            }
            // The second also knows arrays and integers, which the first only passes on: operands that it finds to be
            // equal have one result.
            abstracted.addAll(congruence(context, from, to));
            return contradictory(context.mkSolver(), context, GROUND_RESOURCES, abstracted);
        } catch (Z3Exception e) {
            return limited(e, script.text());
        }
    }

    /** With products and quotients taken as any numbers, but conversions as they are and integers as bit vectors. */
    private static boolean withIntegers(Context context, List<BoolExpr> facts) {
        Map<Expr<?>, Expr<?>> map = new java.util.LinkedHashMap<>();
        facts.forEach(e -> operations(e, context, map));
        map.keySet().removeIf(e -> e.getFuncDecl().getDeclKind() == Z3_decl_kind.Z3_OP_FPA_TO_FP);
        Expr<?>[] from = map.keySet().toArray(Expr[]::new);
        Expr<?>[] to = map.values().toArray(Expr[]::new);
        List<BoolExpr> abstracted = new ArrayList<>();
        facts.forEach(e -> abstracted.add((BoolExpr) e.substitute(from, to)));
        return contradictory(
                context.mkSolver(context.mkTactic("qffp")),
                context,
                BITS_RESOURCES,
                BitIntegers.of(context, abstracted));
    }

    private static boolean contradictory(Solver solver, Context context, int resources, List<BoolExpr> assertions) {
        solver.setParameters(limits(context, resources));
        solver.add(assertions.toArray(BoolExpr[]::new));
        try {
            return solver.check() == Status.UNSATISFIABLE;
        } catch (Z3Exception e) {
            return limited(e, assertions.toString());
        }
    }

    /**
     * The assertions with each floating-point constant that one of them defines replaced by what it is, so that equal
     * operations are the same term.
     */
    private static List<BoolExpr> withoutNames(BoolExpr[] assertions) {
        List<BoolExpr> facts = new ArrayList<>(List.of(assertions));
        for (int i = 0; i < facts.size(); i++) {
            BoolExpr fact = facts.get(i);
            if (fact.isEq()
                    && fact.getArgs()[0].isConst()
                    && fact.getArgs()[0].getSort() instanceof FPSort
                    && !mentions(fact.getArgs()[1], fact.getArgs()[0])) {
                Expr<?> name = fact.getArgs()[0];
                Expr<?> value = fact.getArgs()[1];
                facts.replaceAll(f -> f.equals(fact) ? f : (BoolExpr) f.substitute(name, value));
            }
        }
        return facts;
    }

    private static boolean mentions(Expr<?> e, Expr<?> name) {
        return e.equals(name)
                || e.isApp() && java.util.Arrays.stream(e.getArgs()).anyMatch(a -> mentions(a, name));
    }

    /** That an operation has one result for equal operands, of each two that the abstraction has put a number for. */
    private static List<BoolExpr> congruence(Context context, Expr<?>[] from, Expr<?>[] to) {
        List<BoolExpr> same = new ArrayList<>();
        for (int i = 0; i < from.length; i++) {
            for (int j = 0; j < i; j++) {
                if (from[i].getFuncDecl().equals(from[j].getFuncDecl())) {
                    List<BoolExpr> equal = new ArrayList<>();
                    for (int k = 0; k < from[i].getNumArgs(); k++) {
                        equal.add(context.mkEq(
                                operand(from[i].getArgs()[k].substitute(from, to)),
                                operand(from[j].getArgs()[k].substitute(from, to))));
                    }
                    same.add(context.mkImplies(
                            context.mkAnd(equal.toArray(BoolExpr[]::new)), context.mkEq(to[i], to[j])));
                }
            }
        }
        return same;
    }

    /** An operand, or the integer whose bits it is. */
    private static Expr<?> operand(Expr<?> e) {
        return e.getFuncDecl().getDeclKind() == Z3_decl_kind.Z3_OP_INT2BV ? e.getArgs()[0] : e;
    }

    /**
     * What is known of the size of an abstract binary32: a product of numbers of at most 2^i and 2^j in magnitude is
     * one of at most 2^(i+j); a quotient by 1 or more is no larger than the dividend's bound and keeps its sign; and so
     * on for integers. All that is so of the exact result, and rounding keeps a bound that is a number of the format.
     * The root of a negative number is NaN, and any other is not negative.
     */
    private static List<BoolExpr> bounds(
            Context context, Expr<?> operation, Expr<?> result, Expr<?>[] from, Expr<?>[] to) {
        if (operation.getFuncDecl().getDeclKind() == Z3_decl_kind.Z3_OP_FPA_SQRT) {
            Expr<FPSort> x = number(operation.getArgs()[1].substitute(from, to));
            Expr<FPSort> zero = context.mkFPZero(x.getSort(), false);
            return List.of(
                    context.mkImplies(context.mkFPLt(x, zero), context.mkFPIsNaN(number(result))),
                    context.mkImplies(context.mkFPLEq(zero, x), context.mkFPLEq(zero, number(result))));
        }
        if (!operation.getSort().equals(context.mkFPSort32())) {
            return List.of();
        }
        if (operation.getFuncDecl().getDeclKind() == Z3_decl_kind.Z3_OP_FPA_TO_FP) {
            return ofInteger(context, operation.getArgs()[1], number(result));
        }
        List<BoolExpr> bounds = new ArrayList<>();
        if (operation.getFuncDecl().getDeclKind() == Z3_decl_kind.Z3_OP_FPA_DIV) {
            Expr<FPSort> x = number(operation.getArgs()[1].substitute(from, to));
            BoolExpr divisor = context.mkFPLEq(
                    context.mkFP(1f, context.mkFPSort32()), number(operation.getArgs()[2].substitute(from, to)));
            BoolExpr zero = context.mkFPLEq(context.mkFP(0f, context.mkFPSort32()), number(result));
            bounds.add(context.mkImplies(
                    context.mkAnd(
                            divisor,
                            context.mkFPLEq(context.mkFP(0f, context.mkFPSort32()), x),
                            within(context, x, 127)),
                    zero));
            for (int i : BOUNDS) {
                bounds.add(context.mkImplies(
                        context.mkAnd(divisor, within(context, x, i)), within(context, number(result), i)));
            }
        }
        if (operation.getFuncDecl().getDeclKind() == Z3_decl_kind.Z3_OP_FPA_MUL) {
            Expr<FPSort> x = number(operation.getArgs()[1].substitute(from, to));
            Expr<FPSort> y = number(operation.getArgs()[2].substitute(from, to));
            for (int i : BOUNDS) {
                for (int j : BOUNDS) {
                    if (i + j < 128) {
                        bounds.add(context.mkImplies(
                                context.mkAnd(within(context, x, i), within(context, y, j)),
                                within(context, number(result), i + j)));
                    }
                }
            }
        }
        return bounds;
    }

    /** An integer of n bits is at most 2^(n-1) in magnitude, and at least 1 where it is positive. */
    private static List<BoolExpr> ofInteger(Context context, Expr<?> bits, Expr<FPSort> result) {
        int size = ((BitVecSort) bits.getSort()).getSize();
        List<BoolExpr> bounds = new ArrayList<>(List.of(within(context, result, size - 1)));
        if (bits.getFuncDecl().getDeclKind() == Z3_decl_kind.Z3_OP_INT2BV) {
            @SuppressWarnings("unchecked")
            Expr<IntSort> integer = (Expr<IntSort>) bits.getArgs()[0];
            BoolExpr positive = context.mkAnd(
                    context.mkLe(context.mkInt(1), integer), context.mkLt(integer, context.mkInt(1L << (size - 1))));
            if (size <= 32) {
                bounds.add(
                        context.mkImplies(positive, context.mkFPLEq(context.mkFP(1f, context.mkFPSort32()), result)));
            }
        }
        return bounds;
    }

    /** Whether a number is one, and at most 2^exponent in magnitude. */
    private static BoolExpr within(Context context, Expr<FPSort> x, int exponent) {
        return context.mkFPLEq(context.mkFPAbs(x), context.mkFP(Math.scalb(1f, exponent), context.mkFPSort32()));
    }

    @SuppressWarnings("unchecked")
    private static Expr<FPSort> number(Expr<?> e) {
        return (Expr<FPSort>) e;
    }

    private static void operations(Expr<?> e, Context context, Map<Expr<?>, Expr<?>> map) {
        if (!e.isApp() || map.containsKey(e)) {
            return;
        }
        switch (e.getFuncDecl().getDeclKind()) {
            case Z3_OP_FPA_MUL, Z3_OP_FPA_DIV, Z3_OP_FPA_SQRT ->
                map.put(e, context.mkFreshConst("abstract", e.getSort()));
            case Z3_OP_FPA_TO_FP -> {
                if (e.getNumArgs() == 2 && e.getArgs()[1].getSort() instanceof BitVecSort) {
                    map.put(e, context.mkFreshConst("abstract", e.getSort()));
                }
            }
            default -> {}
        }
        for (Expr<?> a : e.getArgs()) {
            operations(a, context, map);
        }
    }

    private @org.jspecify.annotations.Nullable Answer load(String key) {
        List<String> lines = cache.get(key).orElse(List.of());
        if (lines.size() < 2) {
            return null;
        }
        Map<String, String> example = new TreeMap<>();
        for (String line : lines.subList(2, lines.size())) {
            int at = line.indexOf(" = ");
            example.put(line.substring(0, at), line.substring(at + 3));
        }
        Answer verdict = new Answer(Verdict.valueOf(lines.get(0)), Long.parseLong(lines.get(1)), example, true);
        memory.put(key, verdict);
        return verdict;
    }

    private void store(String key, Answer verdict) {
        List<String> lines = new ArrayList<>(List.of(verdict.verdict().name(), Long.toString(verdict.millis())));
        verdict.counterexample().forEach((name, value) -> lines.add(name + " = " + value.replaceAll("\\R", " ")));
        try {
            cache.put(key, lines);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(
                    "the prover's cache cannot be written: pass -Dprover.cache=FOLDER", e);
        }
    }
}
