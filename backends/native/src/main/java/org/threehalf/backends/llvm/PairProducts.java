package org.threehalf.backends.llvm;

import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Value;

/**
 * {@link Instructions#dot} of x86-64 without a byte dot product: sums of two products, of bytes and of 16-bit numbers.
 *
 * @param bytes {@code vpmaddubsw} as LLVM calls it: unsigned with signed bytes, two products a sum of 16 bits, which
 *     saturates
 * @param shorts {@code vpmaddwd}: signed 16-bit numbers, two products a sum of 32 bits
 */
record PairProducts(String bytes, String shorts) {

    /**
     * {@code vpmaddubsw} saturates at 32,767, so it is used only where two products cannot reach that; then
     * {@code vpmaddwd} with 1 adds pairs. Otherwise bytes are widened to 16 bits, even and odd ones apart: 2 · 255 ·
     * 127 fits 32 bits by far.
     */
    Value dot(Instructions instructions, Function f, Value sums, Value weights, Value activations, int largest) {
        if (2 * largest * 127 <= Short.MAX_VALUE) {
            Value pairs = f.intrinsic(bytes, instructions.shorts(), weights, activations);
            return f.add(
                    sums, f.intrinsic(shorts, instructions.sums(), pairs, Value.constant(instructions.shorts(), 1)));
        }
        Value eight = Value.constant(instructions.shorts(), 8);
        Value w = f.reinterpret(weights, instructions.shorts());
        Value a = f.reinterpret(activations, instructions.shorts());
        Value even = f.intrinsic(
                shorts,
                instructions.sums(),
                f.and(w, Value.constant(instructions.shorts(), 255)),
                f.shiftRightSigned(f.shiftLeft(a, eight), eight));
        Value odd = f.intrinsic(shorts, instructions.sums(), f.shiftRight(w, eight), f.shiftRightSigned(a, eight));
        return f.add(sums, f.add(even, odd));
    }
}
