package org.threehalf.jml.syntax;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.threehalf.jml.logic.Element;
import org.threehalf.jml.logic.FloatFormat;
import org.threehalf.jml.logic.Sort;
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

        /** What an array of it holds. */
        public Element element() {
            boolean bounded = integral() && this != BIGINT;
            return new Element(toString(), sort(), bounded ? min() : null, bounded ? max() : null);
        }

        /** The sort of an array's contents. */
        public Sort contents() {
            return new Sort.Contents(element());
        }

        /** The sort of what all arrays hold. */
        public Sort heap() {
            return new Sort.Heap(element());
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

    /**
     * A record among the sources read, whose constructor does nothing of its own: an object is what its components are,
     * for good. What a component's array holds is not among that.
     */
    record Rec(String name, List<Component> components) implements Ty {
        @Override
        public String toString() {
            return name;
        }

        /** A component by its name. */
        public Optional<Component> component(String called) {
            return components.stream().filter(c -> c.name().equals(called)).findFirst();
        }

        /** Whether an array is among the components, or among theirs. */
        public boolean holdsArray() {
            return components.stream()
                    .anyMatch(c -> c.type() instanceof Arr || c.type() instanceof Rec r && r.holdsArray());
        }
    }

    /**
     * A component of a record.
     *
     * @param accessor whether the method of its name is Java's own, which gives the component
     */
    record Component(String name, Ty type, boolean accessor) {}

    /** Any other type; its values are opaque. */
    record Opaque(String name) implements Ty {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Whether a value of it is an array, or a record that holds one. */
    default boolean arrays() {
        return this instanceof Arr || this instanceof Rec r && r.holdsArray();
    }

    /** Whether null is among the values, and the prover looks into the others. */
    default boolean reference() {
        return this instanceof Arr || this instanceof Enumeration || this instanceof Rec;
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

    /** The format of a floating-point type. */
    default FloatFormat format() {
        return switch (this) {
            case Prim.FLOAT -> FloatFormat.BINARY32;
            case Prim.DOUBLE -> FloatFormat.BINARY64;
            default -> throw new IllegalStateException(this + " is no floating-point type");
        };
    }

    /** The sort of a value. */
    default Sort sort() {
        return switch (this) {
            case Prim.BOOLEAN -> Sort.BOOL;
            case Prim.FLOAT, Prim.DOUBLE -> new Sort.Floating(format());
            default -> Sort.INT;
        };
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
