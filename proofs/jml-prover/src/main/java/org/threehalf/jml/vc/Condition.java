package org.threehalf.jml.vc;

import java.util.List;
import java.util.Set;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.syntax.CheckKind;

/**
 * Something to be proved: from the hypotheses follows the goal. With {@code feasible} it is the other way: the
 * hypotheses must not contradict each other.
 *
 * @param clause the clause or check that it belongs to
 * @param detail which part of the clause's proof this is
 * @param line where it arises
 * @param constants all of its method's, in the order in which they were made
 * @param shown what a counterexample shows
 */
public record Condition(
        Check clause,
        String detail,
        int line,
        boolean feasible,
        List<Term> hypotheses,
        Term goal,
        Set<Term.Constant> constants,
        List<Shown> shown) {
    /**
     * A clause of a contract, or a check that Java's semantics ask for.
     *
     * @param text the clause as written, or the expression
     */
    public record Check(CheckKind kind, int line, String text) {}

    /**
     * A value that a counterexample shows.
     *
     * @param name its name in Java
     * @param value at the method's entry
     * @param contents of an array, its elements there; else 0
     */
    public record Shown(String name, Val value, Term contents) {}
}
