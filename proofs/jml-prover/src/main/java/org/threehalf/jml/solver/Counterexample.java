package org.threehalf.jml.solver;

import com.microsoft.z3.BoolExpr;
import com.microsoft.z3.Context;
import com.microsoft.z3.Expr;
import com.microsoft.z3.Model;
import com.microsoft.z3.Solver;
import com.microsoft.z3.Status;
import com.microsoft.z3.Z3Exception;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.threehalf.jml.logic.Operator.Comparison;
import org.threehalf.jml.logic.Operator.Logical;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;
import org.threehalf.jml.smt.FiniteInstance;
import org.threehalf.jml.smt.SmtLib;
import org.threehalf.jml.smt.SmtText;
import org.threehalf.jml.smt.SmtWriter;
import org.threehalf.jml.syntax.Ty;
import org.threehalf.jml.vc.Condition;
import org.threehalf.jml.vc.Evaluator;

/**
 * Looks for a counterexample with short arrays: a model of weaker facts says which sizes to try, and with these fixed
 * the facts are finite ({@link FiniteInstance}), so that Z3 decides them. The search gives up where that gets hard.
 */
public final class Counterexample {
    /** Bounds on the lengths of arrays. */
    private static final int[] LENGTHS = {3, 20, 66, 130, 260};
    /** Choices of the other sizes with each of them. */
    private static final int CHOICES = 3;

    private static final int CHOICE_RESOURCES = 500_000;
    private static final int FINITE_RESOURCES = 600_000;
    /** Finite instances that are left undecided before the search ends. */
    private static final int UNDECIDED = 3;
    /** What is no number of the script's: any value will do. */
    private static final String ANY = "any";

    private final SmtWriter.Script script;
    private int undecided;

    private Counterexample(SmtWriter.Script script) {
        this.script = script;
    }

    /** Values by Java name that the condition is not so for; nothing where none were found. */
    public static Optional<Map<String, String>> of(SmtWriter.Script script) {
        return new Counterexample(script).search();
    }

    private Optional<Map<String, String>> search() {
        for (Supplier<SmtText> sizes : script.sizes()) {
            SmtText weaker = sizes.get();
            boolean hard = false;
            for (int i = 0; i < LENGTHS.length && undecided < UNDECIDED; i++) {
                Found found = among(bounded(weaker, LENGTHS[i]));
                if (found.values.isPresent()) {
                    return found.values;
                }
                hard |= found.hard;
            }
            if (!hard) {
                break;
            }
        }
        return Optional.empty();
    }

    private SmtText bounded(SmtText weaker, int length) {
        return script.shown().stream()
                .filter(s -> s.value().type() instanceof Ty.Arr)
                .map(s -> Evaluator.length(s.value()))
                .filter(weaker::holds)
                .distinct()
                .reduce(
                        weaker,
                        (text, l) -> text.and(Terms.app(Comparison.AT_MOST, l, Terms.num(length))),
                        (a, b) -> b);
    }

    /** What came of some sizes; {@code hard} where the script that is to give them is not decided. */
    private record Found(Optional<Map<String, String>> values, boolean hard) {}

    private Found among(SmtText bounded) {
        SmtText text = bounded;
        for (int choice = 0; choice < CHOICES && undecided < UNDECIDED; choice++) {
            try (Context context = new Context()) {
                Solver solver = solver(context, CHOICE_RESOURCES, text);
                Status status = solver.check();
                if (status != Status.SATISFIABLE) {
                    return new Found(Optional.empty(), status == Status.UNKNOWN);
                }
                Model model = solver.getModel();
                Optional<SmtWriter.Finite> finite = script.finite().apply(t -> integer(context, model, bounded, t));
                if (finite.isEmpty()) {
                    return new Found(Optional.empty(), false);
                }
                Optional<Map<String, String>> values = satisfy(finite.orElseThrow());
                if (values.isPresent()) {
                    return new Found(values, false);
                }
                text = text.and(Terms.app(Logical.NOT, finite.orElseThrow().choice()));
            } catch (Z3Exception e) {
                Z3Prover.limited(e, text.text());
                return new Found(Optional.empty(), true);
            }
        }
        return new Found(Optional.empty(), false);
    }

    private Optional<Map<String, String>> satisfy(SmtWriter.Finite finite) {
        try (Context context = new Context()) {
            Solver solver = solver(context, FINITE_RESOURCES, finite.script());
            Status status = solver.check();
            if (status == Status.SATISFIABLE) {
                return Optional.of(values(context, solver.getModel(), finite.script(), script.shown()));
            }
            undecided += status == Status.UNKNOWN ? 1 : 0;
        } catch (Z3Exception e) {
            Z3Prover.limited(e, finite.script().text());
            undecided++;
        }
        return Optional.empty();
    }

    private static Solver solver(Context context, int resources, SmtText script) {
        Solver solver = context.mkSolver();
        solver.setParameters(Z3Prover.limits(context, resources));
        solver.add(context.parseSMTLIB2String(script.text(), null, null, null, null));
        return solver;
    }

    private static Optional<BigInteger> integer(Context context, Model model, SmtText script, Term t) {
        String value = evaluate(context, model, script, t);
        if (value.equals(ANY)) {
            return Optional.of(BigInteger.ONE);
        }
        return value.matches("-?\\d+") ? Optional.of(new BigInteger(value)) : Optional.empty();
    }

    /** What a model means in Java: values by name. */
    static Map<String, String> values(Context context, Model model, SmtText script, List<Condition.Shown> shown) {
        Map<String, String> values = new TreeMap<>();
        try {
            for (Condition.Shown s : shown) {
                if (s.value().type() instanceof Ty.Arr) {
                    String length = evaluate(context, model, script, Evaluator.length(s.value()));
                    values.put(s.name() + ".length", length);
                    if (length.matches("[0-9]{1,4}")) {
                        int n = Math.min(Integer.parseInt(length), 8);
                        List<String> elements = new ArrayList<>();
                        for (int i = 0; i < n; i++) {
                            elements.add(evaluate(context, model, script, Terms.select(s.contents(), Terms.num(i))));
                        }
                        values.put(s.name(), elements + (Integer.parseInt(length) > n ? "…" : ""));
                    }
                } else {
                    values.put(
                            s.name(), evaluate(context, model, script, s.value().term()));
                }
            }
        } catch (Z3Exception e) {
            values.put("(incomplete)", String.valueOf(e.getMessage()));
        }
        return values;
    }

    private static String evaluate(Context context, Model model, SmtText script, Term term) {
        // Constants and functions that the script does not name are not part of the counterexample.
        if (!script.declares(term)) {
            return ANY;
        }
        Term.Constant shown = new Term.Constant("shown!", term.sort(), false);
        String equation = SmtLib.declaration(shown.name(), shown.sort())
                + SmtLib.assertion(Terms.app(Logical.EQUAL, shown, term));
        BoolExpr[] parsed = context.parseSMTLIB2String(script.declarations() + equation, null, null, null, null);
        Expr<?> value = model.eval(parsed[0].getArgs()[1], true);
        return value.toString().replaceFirst("^\\(- (\\d+)\\)$", "-$1");
    }
}
