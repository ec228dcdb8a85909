package org.threehalf.backends.groq.mlir;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A constant that belongs to an operation. Its {@code toString} is MLIR's notation. */
public sealed interface Attribute {

    /**
     * An integer of a type.
     *
     * @param value the value; for {@code i1}, 0 or 1
     * @param type an integer type or {@code index}
     */
    record IntegerAttribute(long value, Type.ScalarType type) implements Attribute {
        /** Checks that the value fits. */
        public IntegerAttribute {
            IllTypedException.require(!(type instanceof Type.FloatType), "integer attribute", "of type %s", type);
            if (type instanceof Type.IntegerType(int width) && width < 64) {
                long least = width == 1 ? 0 : -(1L << width - 1);
                IllTypedException.require(
                        value >= least && value < 1L << width, "integer attribute", "%d does not fit %s", value, type);
            }
        }

        @Override
        public String toString() {
            return value + " : " + type;
        }
    }

    /**
     * A binary32, by its bits: no printer or parser rounds it.
     *
     * @param bits as by {@link Float#floatToRawIntBits}
     */
    record FloatAttribute(int bits) implements Attribute {
        @Override
        public String toString() {
            return "0x%08X : f32".formatted(bits);
        }
    }

    /** A tensor of small integers, element by element. */
    record DenseIntegers(List<Long> values, Type.TensorType type) implements Attribute {
        /** Checks the number of elements. */
        public DenseIntegers {
            values = List.copyOf(values);
            IllTypedException.require(
                    values.size() == type.elements() && type.rank() == 1,
                    "dense attribute",
                    "%d values for %s",
                    values.size(),
                    type);
        }

        @Override
        public String toString() {
            return "dense<%s> : %s".formatted(values, type);
        }
    }

    /** A string. */
    record StringAttribute(String value) implements Attribute {
        /** Refuses what would need an escape; names here never do. */
        public StringAttribute {
            IllTypedException.require(
                    value.chars().allMatch(c -> c >= ' ' && c < 127 && c != '"' && c != '\\'),
                    "string attribute",
                    "'%s' needs escapes",
                    value);
        }

        @Override
        public String toString() {
            return '"' + value + '"';
        }
    }

    /** The name of a function. */
    record SymbolAttribute(String name) implements Attribute {
        @Override
        public String toString() {
            return "@" + name;
        }
    }

    /** Integers of one width without a shape: {@code array<i64: 1, 2>}. */
    record IntegerArray(Type.IntegerType type, List<Long> values) implements Attribute {
        /** An array of 64-bit integers. */
        public static IntegerArray i64(long... values) {
            return new IntegerArray(Type.I64, Arrays.stream(values).boxed().toList());
        }

        /** An array of 32-bit integers. */
        public static IntegerArray i32(int... values) {
            return new IntegerArray(
                    Type.I32,
                    Arrays.stream(values).mapToObj(value -> (long) value).toList());
        }

        @Override
        public String toString() {
            String elements = values.stream().map(String::valueOf).collect(Collectors.joining(", "));
            return values.isEmpty() ? "array<%s>".formatted(type) : "array<%s: %s>".formatted(type, elements);
        }
    }

    /** A list of attributes. */
    record ArrayAttribute(List<? extends Attribute> elements) implements Attribute {
        @Override
        public String toString() {
            return elements.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** An affine map. */
    record AffineMapAttribute(AffineMap map) implements Attribute {
        @Override
        public String toString() {
            return map.toString();
        }
    }

    /** A type. */
    record TypeAttribute(Type type) implements Attribute {
        @Override
        public String toString() {
            return type.toString();
        }
    }

    /** An attribute of a dialect: {@code #linalg.iterator_type<parallel>}. */
    record DialectAttribute(String name, String argument) implements Attribute {
        @Override
        public String toString() {
            return "#%s<%s>".formatted(name, argument);
        }
    }
}
