package org.threehalf.backends.groq.mlir;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A type of MLIR. Its {@code toString} is MLIR's notation. */
public sealed interface Type {

    /** Truth values. */
    IntegerType I1 = new IntegerType(1);
    /** Bytes. Signedness belongs to operations, not to types. */
    IntegerType I8 = new IntegerType(8);
    /** 16-bit integers. */
    IntegerType I16 = new IntegerType(16);
    /** 32-bit integers. */
    IntegerType I32 = new IntegerType(32);
    /** 64-bit integers. */
    IntegerType I64 = new IntegerType(64);
    /** binary32. */
    FloatType F32 = new FloatType(32);
    /** binary64: the builder knows it so that tests can seed a fault with it; the generator never uses it. */
    FloatType F64 = new FloatType(64);
    /** Sizes and subscripts. */
    IndexType INDEX = new IndexType();

    /** A type that an element of a tensor can have. */
    sealed interface ScalarType extends Type {}

    /**
     * A signless integer.
     *
     * @param width bits, 1 to 64
     */
    record IntegerType(int width) implements ScalarType {
        /** Checks the width. */
        public IntegerType {
            IllTypedException.require(
                    width >= 1 && width <= 64, "integer type", "a width of %d bits: 1 to 64 are known", width);
        }

        @Override
        public String toString() {
            return "i" + width;
        }
    }

    /**
     * An IEEE 754 binary type.
     *
     * @param width 32 or 64
     */
    record FloatType(int width) implements ScalarType {
        /** Checks the width. */
        public FloatType {
            IllTypedException.require(
                    width == 32 || width == 64, "float type", "a width of %d bits: 32 and 64 are known", width);
        }

        @Override
        public String toString() {
            return "f" + width;
        }
    }

    /** {@code index}. */
    record IndexType() implements ScalarType {
        @Override
        public String toString() {
            return "index";
        }
    }

    /**
     * A tensor of static shape.
     *
     * @param shape the extent of each dimension, outermost first, each at least 1
     * @param element the type of its elements
     */
    record TensorType(List<Long> shape, ScalarType element) implements Type {
        /** Checks the extents. */
        public TensorType {
            shape = List.copyOf(shape);
            IllTypedException.require(
                    shape.stream().allMatch(extent -> extent >= 1),
                    "tensor type",
                    "the shape %s: every extent must be at least 1",
                    shape);
        }

        /** A tensor type of the given extents. */
        public static TensorType of(ScalarType element, long... shape) {
            return new TensorType(Arrays.stream(shape).boxed().toList(), element);
        }

        /** Number of dimensions. */
        public int rank() {
            return shape.size();
        }

        /** Number of elements. */
        public long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        @Override
        public String toString() {
            return shape.stream().map(extent -> extent + "x").collect(Collectors.joining("", "tensor<", element + ">"));
        }
    }

    /**
     * A function's type.
     *
     * @param inputs the types of its arguments
     * @param results the types of its results
     */
    record FunctionType(List<Type> inputs, List<Type> results) implements Type {
        /** Copies the lists. */
        public FunctionType {
            inputs = List.copyOf(inputs);
            results = List.copyOf(results);
        }

        private static String list(List<Type> types) {
            return types.stream().map(Type::toString).collect(Collectors.joining(", ", "(", ")"));
        }

        @Override
        public String toString() {
            return list(inputs) + " -> " + list(results);
        }
    }
}
