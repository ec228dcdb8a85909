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
 * @param declarations the declarations and definitions of it alone
 * @param functions keys of the functions that it declares
 * @param lengths whether it declares the lengths of arrays
 */
public record SmtText(
        String text,
        String declarations,
        List<Term> facts,
        Vocabulary vocabulary,
        Set<String> functions,
        boolean lengths) {
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

    /** What is written of a script: its commands, and those among them that declare or define. */
    static final class Commands {
        private final StringBuilder all = new StringBuilder();
        private final StringBuilder declarations = new StringBuilder();

        /** Adds a declaration or a definition. */
        void declare(String command) {
            all.append(command);
            declarations.append(command);
        }

        /** Adds an assertion. */
        void state(String command) {
            all.append(command);
        }

        /** The script, given what it states and holds. */
        SmtText text(List<Term> facts, Vocabulary vocabulary, Set<String> functions, boolean lengths) {
            return new SmtText(all.toString(), declarations.toString(), facts, vocabulary, functions, lengths);
        }
    }

    /** With the lengths of arrays declared, so that a choice of them can be excluded also where no fact names them. */
    SmtText withLengths() {
        return lengths ? this : new SmtText(LENGTHS + text, LENGTHS + declarations, facts, vocabulary, functions, true);
    }

    /** With one more fact, of what is declared. */
    public SmtText and(Term fact) {
        return new SmtText(text + SmtLib.assertion(fact), declarations, facts, vocabulary, functions, lengths);
    }
}
