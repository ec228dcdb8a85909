package org.threehalf.backends.llvm.ir;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A constant, a parameter, or the result of an instruction.
 *
 * @param text how an instruction names it
 */
public record Value(Type type, String text) {

    /** An integer constant, or a vector with it in every lane. */
    public static Value constant(Type type, long number) {
        Type.Integer element = Type.element(type);
        return new Value(
                type, type instanceof Type.Vector ? "splat (" + element + " " + number + ")" : Long.toString(number));
    }

    /** A binary32 constant, or a vector with it in every lane. */
    public static Value real(Type type, float number) {
        Type.requireReal(type);
        // LLVM writes a binary32 number by the bits of the binary64 number that is equal.
        String text = "0x%016X".formatted(Double.doubleToRawLongBits(number));
        return new Value(type, type instanceof Type.Vector ? "splat (float " + text + ")" : text);
    }

    /** A vector of the integers 0, 1, … */
    public static Value numbers(Type.Vector type) {
        Type.Integer element = Type.element(type);
        return new Value(
                type,
                IntStream.range(0, type.lanes())
                        .mapToObj(i -> element + " " + i)
                        .collect(Collectors.joining(", ", "<", ">")));
    }

    /** A vector of bytes, the given ones again and again. */
    public static Value bytes(int lanes, byte[] values) {
        return new Value(
                Type.vector(lanes, 8),
                IntStream.range(0, lanes)
                        .mapToObj(i -> "i8 " + values[i % values.length])
                        .collect(Collectors.joining(", ", "<", ">")));
    }

    /** Whether it is known while the module is written. */
    boolean isConstant() {
        return !text.startsWith("%");
    }

    /** Some lanes of a constant vector. */
    Value lanes(Type.Vector of, int... from) {
        if (text.startsWith("splat")) {
            return new Value(of, text);
        }
        String[] all = text.substring(1, text.length() - 1).split(", ");
        return new Value(
                of, IntStream.of(from).mapToObj(lane -> all[lane]).collect(Collectors.joining(", ", "<", ">")));
    }

    /** The operand with its type, as instructions write it. */
    String typed() {
        return type + " " + text;
    }
}
