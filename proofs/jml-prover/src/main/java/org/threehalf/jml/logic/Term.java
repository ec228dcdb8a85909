package org.threehalf.jml.logic;

import java.util.List;

/**
 * A term of SMT-LIB 2. Constructors simplify what is plain, so that conditions stay readable and their hashes stable.
 */
public sealed interface Term {
    /** An operator or symbol applied to arguments; a leaf has none. */
    record App(String op, List<Term> args) implements Term {
        @Override
        public String toString() {
            StringBuilder out = new StringBuilder();
            Terms.print(this, out);
            return out.toString();
        }
    }

    /** A quantifier. */
    record Quant(boolean universal, List<Var> vars, Term body, List<List<Term>> patterns) implements Term {
        @Override
        public String toString() {
            StringBuilder out = new StringBuilder();
            Terms.print(this, out);
            return out.toString();
        }
    }

    /** A bound variable. */
    record Var(String name, String sort) {
        public Term term() {
            return Terms.sym(name);
        }
    }
}
