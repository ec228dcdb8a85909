package org.threehalf.backends.llvm;

import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Value;

/** 256 bits and sums of two products. */
record Avx2Instructions() implements Instructions {

    @Override
    public int width() {
        return 32;
    }

    @Override
    public int rowVectors() {
        return 2;
    }

    /** 4 · 2 vectors of sums, 2 of weights, one of activations and what a dot product needs are in 16 registers. */
    @Override
    public int[] tokens() {
        return new int[] {4, 2, 1};
    }

    /** 4 sums of 16 lanes are 8 of 16 registers. */
    @Override
    public int[] heads() {
        return new int[] {1};
    }

    @Override
    public Value lookup(Function f, Value table, Value indices) {
        return f.intrinsic("llvm.x86.avx2.pshuf.b", bytes(), table, f.and(indices, Value.constant(bytes(), 15)));
    }

    /**
     * {@code vpmaddubsw} saturates at 32,767, so it is used only where two products cannot reach that; then {@code vpmaddwd} with 1 adds pairs. Otherwise
     * bytes are widened to 16 bits, even and odd ones apart: 2 · 255 · 127 fits 32 bits by far.
     */
    @Override
    public Value dot(Function f, Value sums, Value weights, Value activations, int largest) {
        if (2 * largest * 127 <= Short.MAX_VALUE) {
            Value pairs = f.intrinsic("llvm.x86.avx2.pmadd.ub.sw", shorts(), weights, activations);
            return f.add(sums, sumPairs(f, pairs, Value.constant(shorts(), 1)));
        }
        Value eight = Value.constant(shorts(), 8);
        Value w = f.reinterpret(weights, shorts());
        Value a = f.reinterpret(activations, shorts());
        Value even = sumPairs(f, f.and(w, Value.constant(shorts(), 255)), f.shiftRightSigned(f.shiftLeft(a, eight), eight));
        Value odd = sumPairs(f, f.shiftRight(w, eight), f.shiftRightSigned(a, eight));
        return f.add(sums, f.add(even, odd));
    }

    private Value sumPairs(Function f, Value a, Value b) {
        return f.intrinsic("llvm.x86.avx2.pmadd.wd", sums(), a, b);
    }
}
