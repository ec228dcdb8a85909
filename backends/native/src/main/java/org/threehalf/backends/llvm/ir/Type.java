package org.threehalf.backends.llvm.ir;

/** A type of LLVM IR; {@link #toString} is how LLVM writes it. */
public sealed interface Type {

    /** The type of addresses. */
    Type POINTER = new Pointer();

    /** 64-bit integers: offsets and counts. */
    Type I64 = new Integer(64);

    /** 32-bit integers. */
    Type I32 = new Integer(32);

    /** An integer. */
    record Integer(int bits) implements Type {
        @Override
        public String toString() {
            return "i" + bits;
        }
    }

    /** A vector of {@code lanes} integers. */
    record Vector(int lanes, Integer element) implements Type {
        @Override
        public String toString() {
            return "<" + lanes + " x " + element + ">";
        }
    }

    /** An address. */
    record Pointer() implements Type {
        @Override
        public String toString() {
            return "ptr";
        }
    }

    /** A vector of integers of some bits. */
    static Vector vector(int lanes, int bits) {
        return new Vector(lanes, new Integer(bits));
    }

    /** The bits of all lanes together. */
    static int bits(Type type) {
        return switch (type) {
            case Integer integer -> integer.bits();
            case Vector vector -> vector.lanes() * vector.element().bits();
            case Pointer pointer -> 64;
        };
    }

    /** 1 for what is no vector. */
    static int lanes(Type type) {
        return type instanceof Vector vector ? vector.lanes() : 1;
    }

    /** The integer that the type is, or is a vector of. */
    static Integer element(Type type) {
        return switch (type) {
            case Integer integer -> integer;
            case Vector vector -> vector.element();
            case Pointer pointer -> throw new IllTypedException("an integer or a vector is needed, not an address");
        };
    }
}
