package org.threehalf.backends.llvm.ir;

/** A type of LLVM IR; {@link Object#toString} is how LLVM writes it. */
public sealed interface Type {

    /** The type of addresses. */
    Type POINTER = new Pointer();

    /** 64-bit integers: offsets and counts. */
    Type I64 = new Integer(64);

    /** 32-bit integers. */
    Type I32 = new Integer(32);

    /** Numbers of binary32. */
    Type F32 = new Binary32();

    /** Numbers of binary16: stored, never computed with. */
    Type F16 = new Binary16();

    /** What a vector may consist of. */
    sealed interface Scalar extends Type {
        /** Its bits. */
        int bits();
    }

    /** An integer. */
    record Integer(int bits) implements Scalar {
        @Override
        public String toString() {
            return "i" + bits;
        }
    }

    /** A number of binary32. */
    record Binary32() implements Scalar {
        @Override
        public int bits() {
            return 32;
        }

        @Override
        public String toString() {
            return "float";
        }
    }

    /** A number of binary16. */
    record Binary16() implements Scalar {
        @Override
        public int bits() {
            return 16;
        }

        @Override
        public String toString() {
            return "half";
        }
    }

    /** A vector of {@code lanes} numbers. */
    record Vector(int lanes, Scalar element) implements Type {
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

    /** A vector of binary32 numbers. */
    static Vector reals(int lanes) {
        return new Vector(lanes, new Binary32());
    }

    /** The bits of all lanes together. */
    static int bits(Type type) {
        return switch (type) {
            case Scalar scalar -> scalar.bits();
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
            case Vector vector when vector.element() instanceof Integer integer -> integer;
            default -> throw new IllTypedException("an integer or a vector of integers is needed, not " + type);
        };
    }

    /**
     * Refuses what is neither a binary32 number nor a vector of them.
     *
     * @throws IllTypedException if it is not
     */
    static void requireReal(Type type) {
        if (!(type instanceof Binary32) && !(type instanceof Vector vector && vector.element() instanceof Binary32)) {
            throw new IllTypedException("a binary32 number or a vector of them is needed, not " + type);
        }
    }

    /** The type with another element, as many lanes of it as before. */
    static Type with(Type type, Scalar element) {
        return type instanceof Vector vector ? new Vector(vector.lanes(), element) : element;
    }
}
