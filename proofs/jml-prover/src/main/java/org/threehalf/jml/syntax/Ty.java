package org.threehalf.jml.syntax;

import java.math.BigInteger;
import org.threehalf.jml.logic.Term;
import org.threehalf.jml.logic.Terms;

/** A type of Java or JML, as far as the prover knows them. */
public sealed interface Ty {
    /** Primitive types and JML's {@code \bigint}. */
    enum Prim implements Ty {
        BOOLEAN,
        BYTE,
        SHORT,
        CHAR,
        INT,
        LONG,
        BIGINT,
        FLOAT,
        DOUBLE,
        VOID,
        NULL;

        @Override
        public String toString() {
            return this == BIGINT ? "\\bigint" : name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** An array of primitives. */
    record Arr(Prim element) implements Ty {
        @Override
        public String toString() {
            return element + "[]";
        }
    }

    /**
     * An enum; its values are the ordinals, and null is −1.
     *
     * @param constants how many it has
     */
    record Enumeration(String name, int constants) implements Ty {
        @Override
        public String toString() {
            return name;
        }

        /** That a term is null or a constant of the enum. */
        public Term holds(Term value) {
            return Terms.between(value, BigInteger.ONE.negate(), BigInteger.valueOf(constants - 1L));
        }
    }

    /** Any other type; its values are opaque. */
    record Opaque(String name) implements Ty {
        @Override
        public String toString() {
            return name;
        }
    }

    default boolean integral() {
        return switch (this) {
            case Prim.BYTE, Prim.SHORT, Prim.CHAR, Prim.INT, Prim.LONG, Prim.BIGINT -> true;
            default -> false;
        };
    }

    default boolean floating() {
        return this == Prim.FLOAT || this == Prim.DOUBLE;
    }

    default boolean numeric() {
        return integral() || floating();
    }

    /** The width in bits of a fixed-width integer type. */
    default int bits() {
        return switch (this) {
            case Prim.BYTE -> 8;
            case Prim.SHORT, Prim.CHAR -> 16;
            case Prim.INT -> 32;
            case Prim.LONG -> 64;
            default -> throw new IllegalStateException(this + " has no width");
        };
    }

    /** The least value of a fixed-width integer type. */
    default BigInteger min() {
        return this == Prim.CHAR
                ? BigInteger.ZERO
                : BigInteger.TWO.pow(bits() - 1).negate();
    }

    /** The largest value of a fixed-width integer type. */
    default BigInteger max() {
        return BigInteger.TWO.pow(this == Prim.CHAR ? 16 : bits() - 1).subtract(BigInteger.ONE);
    }

    /** The SMT sort of a value. */
    default String sort() {
        return switch (this) {
            case Prim.BOOLEAN -> "Bool";
            case Prim.FLOAT -> "Float32";
            case Prim.DOUBLE -> "Float64";
            default -> "Int";
        };
    }

    /** The SMT sort of an array's contents. */
    static String contents(Prim element) {
        return "(Array Int " + element.sort() + ")";
    }

    /** Binary numeric promotion, extended by \bigint above long. */
    static Ty promote(Ty a, Ty b) {
        if (a == Prim.DOUBLE || b == Prim.DOUBLE) {
            return Prim.DOUBLE;
        }
        if (a == Prim.FLOAT || b == Prim.FLOAT) {
            return Prim.FLOAT;
        }
        if (a == Prim.BIGINT || b == Prim.BIGINT) {
            return Prim.BIGINT;
        }
        return a == Prim.LONG || b == Prim.LONG ? Prim.LONG : Prim.INT;
    }
}
