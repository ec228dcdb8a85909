package org.threehalf.backends.llvm;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Value;

/**
 * 128 bits of ARM's 64-bit processors, whose byte products are signed: tables hold T[c] itself.
 *
 * @param dots whether there is the byte dot product {@code sdot}
 * @param matrices whether there is {@code smmla}, the product of two rows of 8 bytes with two others
 */
record NeonInstructions(boolean dots, boolean matrices) implements Instructions {

    @Override
    public Processor.Architecture architecture() {
        return Processor.Architecture.AARCH64;
    }

    @Override
    public int width() {
        return 16;
    }

    @Override
    public boolean signed() {
        return true;
    }

    @Override
    public int rowVectors() {
        return 4;
    }

    /** 4 · 4 vectors of sums, 4 of weights and 4 of activations are 24 of 32 registers; of tiles 16, 8 and 2 are 26. */
    @Override
    public int[] tokens() {
        return new int[] {4, 2, 1};
    }

    /** 4 sums of 16 lanes are 16 of 32 registers. */
    @Override
    public int[] heads() {
        return new int[] {1};
    }

    /** {@code tbl} gives 0 for an index past the table's 16 bytes. */
    @Override
    public Value lookup(Function f, Value table, Value indices) {
        return f.intrinsic("llvm.aarch64.neon.tbl1.v16i8", bytes(), table, f.and(indices, Value.constant(bytes(), 15)));
    }

    /**
     * {@code tbl} of four registers looks up 64 bytes and gives 0 past them: a window from 128 on is looked up as 255 −
     * w, in the table's two quarters, and its value negated, as TW[255 − w] = −TW[w].
     */
    @Override
    public Value windowValues(Function f, WindowTable table, Value windows, int bias) {
        Value high = f.shiftRightSigned(windows, Value.constant(bytes(), 7));
        Value index = f.xor(windows, high);
        Value value = f.or(
                quarter(f, table, 0, index), quarter(f, table, 64, f.subtract(index, Value.constant(bytes(), 64))));
        Value signed = f.subtract(f.xor(value, high), high);
        return bias == 0 ? signed : f.add(signed, Value.constant(bytes(), bias));
    }

    private Value quarter(Function f, WindowTable table, int from, Value indices) {
        Value[] operands = Stream.concat(
                        IntStream.range(0, 4).mapToObj(i -> table.entries(from + 16 * i, 16, 0)), Stream.of(indices))
                .toArray(Value[]::new);
        return f.intrinsic("llvm.aarch64.neon.tbl4.v16i8", bytes(), operands);
    }

    /** There are shifts of bytes: nothing comes in from a neighbour, and a nibble's mask is not needed after one. */
    @Override
    public Value shift(Function f, Value codes, int left) {
        Value by = Value.constant(bytes(), Math.abs(left));
        return left > 0 ? f.shiftLeft(codes, by) : f.shiftRight(codes, by);
    }

    /** {@code sdot} takes any quad of a register for all rows. */
    @Override
    public int quadsAtOnce() {
        return 4;
    }

    /**
     * Without {@code sdot}: {@code smull} makes 16-bit products, {@code addp} adds pairs of them, of magnitude at most
     * 2 · 128 · 127 &lt; 2¹⁵, and {@code sadalp} adds pairs of those to the sums.
     */
    @Override
    public Value dot(Function f, Value sums, Value weights, Value activations, int largest) {
        if (dots) {
            return f.intrinsic("llvm.aarch64.neon.sdot.v4i32.v16i8", sums(), sums, weights, activations);
        }
        Value pairs = f.intrinsic(
                "llvm.aarch64.neon.addp.v8i16",
                shorts(),
                products(f, weights, activations, 0),
                products(f, weights, activations, 8));
        return f.add(sums, f.intrinsic("llvm.aarch64.neon.saddlp.v4i32.v8i16", sums(), pairs));
    }

    @Override
    public boolean tiles() {
        return matrices;
    }

    @Override
    public Value tile(Function f, Value sums, Value weights, Value activations) {
        return f.intrinsic("llvm.aarch64.neon.smmla.v4i32.v16i8", sums(), sums, weights, activations);
    }

    private Value products(Function f, Value weights, Value activations, int from) {
        int[] lanes = IntStream.range(from, from + 8).toArray();
        return f.intrinsic(
                "llvm.aarch64.neon.smull.v8i16",
                shorts(),
                f.shuffle(weights, weights, lanes),
                f.shuffle(activations, activations, lanes));
    }
}
