package org.threehalf.backends.llvm;

import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Value;

/**
 * 512 bits, 32 registers.
 *
 * @param permutes whether there is {@code vpermb}, which looks at the low 6 bits of an index (the table repeats); {@code vpshufb} wants the bits above 4 cleared
 * @param dotProducts whether there is {@code vpdpbusd}; sums of two products otherwise
 */
record Avx512Instructions(boolean permutes, boolean dotProducts) implements Instructions {

    private static final PairProducts PAIRS = new PairProducts("llvm.x86.avx512.pmaddubs.w.512", "llvm.x86.avx512.pmaddw.d.512");

    @Override
    public int width() {
        return 64;
    }

    @Override
    public int rowVectors() {
        return 4;
    }

    /** 6 · 4 vectors of sums, 4 of weights and one of activations are 29 of 32 registers; sums of two products need two more. */
    @Override
    public int[] tokens() {
        return new int[] {6, 4, 2, 1};
    }

    /** 16 sums, in 32 registers. */
    @Override
    public int[] heads() {
        return new int[] {4, 2, 1};
    }

    @Override
    public Value lookup(Function f, Value table, Value indices) {
        return permutes
                ? f.intrinsic("llvm.x86.avx512.permvar.qi.512", bytes(), table, indices)
                : f.intrinsic("llvm.x86.avx512.pshuf.b.512", bytes(), table, f.and(indices, Value.constant(bytes(), 15)));
    }

    @Override
    public Value dot(Function f, Value sums, Value weights, Value activations, int largest) {
        return dotProducts
                ? f.intrinsic("llvm.x86.avx512.vpdpbusd.512", sums(), sums, f.reinterpret(weights, sums()), f.reinterpret(activations, sums()))
                : PAIRS.dot(this, f, sums, weights, activations, largest);
    }
}
