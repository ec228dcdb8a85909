package org.threehalf.jml.smt;

import java.util.List;
import java.util.Set;
import org.threehalf.jml.logic.Operator;
import org.threehalf.jml.logic.Operator.ArrayOperation.Access;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;

/**
 * A script without check-sat, and what it is made of, so that nobody looks for that in its text.
 *
 * @param text what Z3 reads
 * @param facts what it states
 * @param vocabulary what these hold
 * @param functions keys of the functions that it declares
 * @param lengths whether it declares the lengths of arrays
 */
public record SmtText(String text, List<Term> facts, Vocabulary vocabulary, Set<String> functions, boolean lengths) {
    /** The line that declares the lengths of arrays. */
    static final String LENGTHS = "(declare-fun arrlen (Int) Int)\n";

    /** Whether anything is computed with numbers of IEEE 754, and not only passed on. */
    public boolean computesFloats() {
        return vocabulary.computesFloats();
    }

    /** Whether an integer's bits are taken. */
    public boolean takesBits() {
        return vocabulary.takesBits();
    }

    /** Whether it speaks of a term. */
    public boolean holds(Term term) {
        return facts.stream().anyMatch(f -> Terms.any(f, term::equals));
    }

    /** Whether all constants and functions of a term are declared. */
    public boolean declares(Term term) {
        return !Terms.any(term, x -> switch (x) {
            case Term.Constant c -> !vocabulary.constants().contains(c);
            case Term.App a when a.op() instanceof Operator.UserFunction f -> !functions.contains(f.key());
            case Term.App a -> a.is(Access.LENGTH) && !lengths;
            default -> false;
        });
    }

    /** Its declarations and definitions alone. */
    public String declarations() {
        StringBuilder out = new StringBuilder();
        text.lines()
                .filter(l -> l.startsWith("(declare-") || l.startsWith("(define-"))
                .forEach(l -> out.append(l).append('\n'));
        return out.toString();
    }

    /** With the lengths of arrays declared, so that a choice of them can be excluded also where no fact names them. */
    SmtText withLengths() {
        return lengths ? this : new SmtText(LENGTHS + text, facts, vocabulary, functions, true);
    }

    /** With one more fact, of what is declared. */
    public SmtText and(Term fact) {
        return new SmtText(text + SmtLib.assertion(fact), facts, vocabulary, functions, lengths);
    }
}
