package org.threehalf.backends.llvm;

import java.util.stream.IntStream;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Value;

/**
 * 256 bits, 16 registers.
 *
 * @param dotProducts whether there are {@code vpdpbusd} and {@code vgf2p8affineqb}; sums of two products, and shifts of
 *     16 bits, otherwise
 */
record Avx2Instructions(boolean dotProducts) implements X86Instructions {

    private static final PairProducts PAIRS = new PairProducts("llvm.x86.avx2.pmadd.ub.sw", "llvm.x86.avx2.pmadd.wd");

    @Override
    public int width() {
        return 32;
    }

    @Override
    public int rowVectors() {
        return 2;
    }

    /**
     * 6 · 2 vectors of sums, 2 of weights and one of activations are 15 registers; sums of two products need some more,
     * and take 4 tokens.
     */
    @Override
    public int[] tokens() {
        return dotProducts ? new int[] {6, 4, 2, 1} : new int[] {4, 2, 1};
    }

    /** 4 sums of 16 lanes are 8 of 16 registers. */
    @Override
    public int[] heads() {
        return new int[] {1};
    }

    @Override
    public Value lookup(Function f, Value table, Value indices) {
        return shuffleBytes(f, table, f.and(indices, Value.constant(bytes(), 15)));
    }

    @Override
    public Value shuffleBytes(Function f, Value table, Value indices) {
        return f.intrinsic("llvm.x86.avx2.pshuf.b", bytes(), table, indices);
    }

    @Override
    public Value shiftedBits(Function f, Value codes, int left, int mask) {
        return dotProducts
                ? bitSums(
                        f,
                        codes,
                        IntStream.range(0, Byte.SIZE)
                                .map(bit -> (mask >> bit & 1) == 0 ? 0 : 1 << bit - left)
                                .toArray())
                : X86Instructions.super.shiftedBits(f, codes, left, mask);
    }

    /** {@code vpsignb} gives 0 where the number is 0, as F(0) is. */
    @Override
    public Value windowValues(Function f, WindowTable table, Value windows, int bias) {
        Value numbers = table.numbers(this, f, windows);
        Value folded = dotProducts
                ? bitSums(
                        f,
                        numbers,
                        IntStream.range(0, Byte.SIZE)
                                .map(bit -> bit == 7 ? 0 : 1 << bit | 1 << 7)
                                .toArray())
                : f.xor(numbers, f.shiftRightSigned(numbers, Value.constant(bytes(), 7)));
        Value magnitudes = table.magnitudes(this, f, folded);
        return f.add(f.intrinsic("llvm.x86.avx2.psign.b", bytes(), magnitudes, numbers), Value.constant(bytes(), bias));
    }

    /**
     * LLVM has one name for {@code vpdpbusd}, and encodes it as the function's features want it: here without AVX-512.
     */
    @Override
    public Value dot(Function f, Value sums, Value weights, Value activations, int largest) {
        return dotProducts
                ? f.intrinsic(
                        "llvm.x86.avx512.vpdpbusd.256",
                        sums(),
                        sums,
                        f.reinterpret(weights, sums()),
                        f.reinterpret(activations, sums()))
                : PAIRS.dot(this, f, sums, weights, activations, largest);
    }
}
