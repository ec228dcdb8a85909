package org.threehalf.jml.logic;

import java.math.BigInteger;
import java.util.List;

/** A term of first-order logic, whose parts know their sorts. {@link Terms} makes and takes them apart. */
public sealed interface Term {
    /** What it is a value of. */
    Sort sort();

    /** An operator applied to terms; a function may take none. */
    record App(Operator op, List<Term> args) implements Term {
        /** Whether it is an application of an operator. */
        public boolean is(Operator other) {
            return op.equals(other);
        }

        @Override
        public Sort sort() {
            return op.result(args);
        }
    }

    /** A quantifier. */
    record Quant(boolean universal, List<Var> vars, Term body, List<List<Term>> patterns) implements Term {
        @Override
        public Sort sort() {
            return Sort.BOOL;
        }
    }

    /** A variable that a quantifier around it binds; no two quantifiers bind one of the same name. */
    record Var(String name, Sort sort) implements Term {}

    /**
     * Something of which only is known what facts say.
     *
     * @param witness whether it stands for a variable of a quantifier: for any value, or for one that there is
     */
    record Constant(String name, Sort sort, boolean witness) implements Term {}

    /** A truth value. */
    record Truth(boolean value) implements Term {
        @Override
        public Sort sort() {
            return Sort.BOOL;
        }
    }

    /** An integer. */
    record Number(BigInteger value) implements Term {
        @Override
        public Sort sort() {
            return Sort.INT;
        }
    }

    /**
     * A number of IEEE 754.
     *
     * @param bits its bits, the canonical ones of NaN
     */
    record Floating(FloatFormat format, long bits) implements Term {
        /** Whether it is no number. */
        public boolean isNaN() {
            return format == FloatFormat.BINARY32
                    ? Float.isNaN(Float.intBitsToFloat((int) bits))
                    : Double.isNaN(Double.longBitsToDouble(bits));
        }

        @Override
        public Sort sort() {
            return new Sort.Floating(format);
        }
    }

    /**
     * +0 as what an array holds that nothing was written to; it is equal to that {@link Floating}, but another term.
     */
    record Unwritten(FloatFormat format) implements Term {
        @Override
        public Sort sort() {
            return new Sort.Floating(format);
        }
    }

    /** Whether it has no parts. */
    default boolean isLeaf() {
        return switch (this) {
            case App a -> a.args().isEmpty();
            case Quant q -> false;
            default -> true;
        };
    }
}
