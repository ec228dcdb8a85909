package org.threehalf.jml.smt;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.threehalf.jml.logic.Element;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.ArrayOperation;
import org.threehalf.jml.logic.Operator.BitVector;
import org.threehalf.jml.logic.Operator.Conversion;
import org.threehalf.jml.logic.Operator.FloatingPoint;
import org.threehalf.jml.logic.Sort;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;

/**
 * What some terms hold, which decides what a script declares and how it is tried.
 *
 * @param operators in the order in which they are met
 * @param constants likewise
 */
public record Vocabulary(Set<Operator> operators, Set<Term.Constant> constants) {
    static Vocabulary of(List<Term> terms) {
        Set<Operator> operators = new LinkedHashSet<>();
        Set<Term.Constant> constants = new LinkedHashSet<>();
        terms.forEach(t -> Terms.visit(t, x -> {
            switch (x) {
                case Term.App a -> operators.add(a.op());
                case Term.Constant c -> constants.add(c);
                default -> {}
            }
        }));
        return new Vocabulary(operators, constants);
    }

    boolean holds(Operator op) {
        return operators.contains(op);
    }

    /** The types of arrays' elements that are spoken of: by constants, and by what says that contents are typed. */
    Set<Element> elements() {
        Set<Element> elements = new LinkedHashSet<>();
        for (Term.Constant c : constants) {
            switch (c.sort()) {
                case Sort.Contents(Element e) -> elements.add(e);
                case Sort.Heap(Element e) -> elements.add(e);
                default -> {}
            }
        }
        for (Operator op : operators) {
            if (op instanceof ArrayOperation.Typed(Element e)) {
                elements.add(e);
            }
        }
        return elements;
    }

    /** Whether anything is computed with numbers of IEEE 754, and not only passed on. */
    boolean computesFloats() {
        return operators.stream().anyMatch(Conversions::computes);
    }

    /** Whether an integer's bits are taken. */
    boolean takesBits() {
        return operators.stream().anyMatch(Conversions::takesBits);
    }

    /** Whether there is anything that could be abstracted from: numbers of IEEE 754, and bits of two integers. */
    boolean abstractable() {
        return constants.stream().anyMatch(c -> c.sort().floating())
                || operators.stream()
                        .anyMatch(op -> op instanceof FloatingPoint
                                || op instanceof Conversion
                                || op instanceof BitVector.Bitwise
                                || op instanceof ArrayOperation.Filled(Element e)
                                        && e.sort().floating());
    }
}
