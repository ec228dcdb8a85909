package org.threehalf.jml.logic;

import java.util.List;

/**
 * What a term applies to others. What an operator is, of which width and of which result, is asked of it; how it is
 * written is known to {@code org.threehalf.jml.smt.SmtLib} alone.
 */
public sealed interface Operator {
    /** The sort of the operator's application. */
    Sort result(List<Term> arguments);

    /** Of truth values, and of any sort. */
    enum Logical implements Operator {
        AND,
        OR,
        NOT,
        IMPLIES,
        /** Equality of two terms of one sort. */
        EQUAL,
        /** The second argument if the first is true, otherwise the third. */
        CHOICE;

        @Override
        public Sort result(List<Term> arguments) {
            return this == CHOICE ? arguments.get(1).sort() : Sort.BOOL;
        }
    }

    /** Of integers. */
    enum Arithmetic implements Operator {
        ADD,
        SUBTRACT,
        /** Of one argument. */
        NEGATE,
        MULTIPLY,
        /** The quotient whose remainder is not negative. */
        DIVIDE,
        /** The remainder, which is not negative. */
        REMAINDER;

        @Override
        public Sort result(List<Term> arguments) {
            return Sort.INT;
        }
    }

    /** Of two integers. */
    enum Comparison implements Operator {
        AT_MOST,
        BELOW;

        @Override
        public Sort result(List<Term> arguments) {
            return Sort.BOOL;
        }
    }

    /** Of bit vectors, and between them and integers. */
    sealed interface BitVector extends Operator {
        /** The low bits of an integer in two's complement. */
        record OfInteger(int width) implements BitVector {
            @Override
            public Sort result(List<Term> arguments) {
                return new Sort.Bits(width);
            }
        }

        /** The number that a bit vector is, without sign. */
        record Natural() implements BitVector {
            @Override
            public Sort result(List<Term> arguments) {
                return Sort.INT;
            }
        }

        /** Bit by bit. */
        record Bitwise(Operation operation, int width) implements BitVector {
            /** What is done to two bits. */
            public enum Operation {
                AND,
                OR,
                XOR
            }

            @Override
            public Sort result(List<Term> arguments) {
                return new Sort.Bits(width);
            }
        }
    }

    /**
     * Of numbers of one format of IEEE 754.
     *
     * @param format the arguments', and where the result is a number the result's
     */
    record FloatingPoint(Operation operation, FloatFormat format) implements Operator {
        /** What is done; what is rounded is rounded to nearest, ties to even. */
        public enum Operation {
            ADD,
            SUBTRACT,
            MULTIPLY,
            DIVIDE,
            SQUARE_ROOT,
            /** To the nearest integer, ties to even. */
            ROUND_TO_INTEGRAL,
            ABSOLUTE,
            NEGATE,
            BELOW,
            AT_MOST,
            ABOVE,
            AT_LEAST,
            /** As Java has it: +0 is −0, and NaN nothing. */
            EQUAL,
            IS_NAN,
            IS_ZERO,
            IS_NEGATIVE,
            IS_POSITIVE,
            IS_INFINITE,
            /** The bits as an integer of Java's, NaN's being the canonical ones. */
            BITS;

            /** Whether the result is a truth value. */
            public boolean predicate() {
                return switch (this) {
                    case BELOW,
                            AT_MOST,
                            ABOVE,
                            AT_LEAST,
                            EQUAL,
                            IS_NAN,
                            IS_ZERO,
                            IS_NEGATIVE,
                            IS_POSITIVE,
                            IS_INFINITE -> true;
                    default -> false;
                };
            }

            /** Whether the exact result is rounded. */
            public boolean rounds() {
                return switch (this) {
                    case ADD, SUBTRACT, MULTIPLY, DIVIDE, SQUARE_ROOT, ROUND_TO_INTEGRAL -> true;
                    default -> false;
                };
            }
        }

        @Override
        public Sort result(List<Term> arguments) {
            return operation == Operation.BITS
                    ? Sort.INT
                    : operation.predicate() ? Sort.BOOL : new Sort.Floating(format);
        }
    }

    /** Java's conversions from and to {@code float} and {@code double}. */
    sealed interface Conversion extends Operator {
        /** An {@code int} or {@code long} as the nearest number. */
        record FromInteger(int bits, FloatFormat to) implements Conversion {
            @Override
            public Sort result(List<Term> arguments) {
                return new Sort.Floating(to);
            }
        }

        /** Truncated and saturated to an {@code int} or {@code long}; NaN is 0. */
        record ToInteger(FloatFormat from, int bits) implements Conversion {
            @Override
            public Sort result(List<Term> arguments) {
                return Sort.INT;
            }
        }

        /** The number whose bits an integer is. */
        record FromBits(FloatFormat to) implements Conversion {
            @Override
            public Sort result(List<Term> arguments) {
                return new Sort.Floating(to);
            }
        }

        /** A number of one format as the nearest of another. */
        record Reformat(FloatFormat to) implements Conversion {
            @Override
            public Sort result(List<Term> arguments) {
                return new Sort.Floating(to);
            }
        }

        /** {@code (double) (int) x} of a {@code double}, which is exact. */
        record Truncate() implements Conversion {
            @Override
            public Sort result(List<Term> arguments) {
                return new Sort.Floating(FloatFormat.BINARY64);
            }
        }
    }

    /** Of Java's arrays: contents by index, and heaps, which are contents by reference. */
    sealed interface ArrayOperation extends Operator {
        /** What every array has. */
        enum Access implements ArrayOperation {
            /** What lies at an index of contents, or at a reference of a heap. */
            SELECT,
            /** The same with something else at one place. */
            STORE,
            /** The length of the array that a reference is of. */
            LENGTH;

            @Override
            public Sort result(List<Term> arguments) {
                if (this == LENGTH) {
                    return Sort.INT;
                }
                Sort array = arguments.getFirst().sort();
                return this == STORE
                        ? array
                        : switch (array) {
                            case Sort.Heap(Element element) -> new Sort.Contents(element);
                            case Sort.Contents(Element element) -> element.sort();
                            default -> throw new IllegalStateException("no array: " + arguments.getFirst());
                        };
            }
        }

        /** Contents that are one value everywhere. */
        record Filled(Element element) implements ArrayOperation {
            @Override
            public Sort result(List<Term> arguments) {
                return new Sort.Contents(element);
            }
        }

        /** That everything in contents is within the bounds of the element's type. */
        record Typed(Element element) implements ArrayOperation {
            @Override
            public Sort result(List<Term> arguments) {
                return Sort.BOOL;
            }
        }
    }

    /**
     * A pure method as a function.
     *
     * @param key the method's, which is its own
     * @param limited whether it is the function that unfolds no further
     */
    record UserFunction(String key, Sort result, boolean limited) implements Operator {
        @Override
        public Sort result(List<Term> arguments) {
            return result;
        }
    }

    /**
     * In the place of an operator: a function of which only that it is one is known.
     *
     * @param of a {@link BitVector.Bitwise}, {@link FloatingPoint} or {@link Conversion}
     */
    record Abstracted(Operator of, List<Sort> arguments, Sort result) implements Operator {
        @Override
        public Sort result(List<Term> arguments) {
            return result;
        }
    }
}
