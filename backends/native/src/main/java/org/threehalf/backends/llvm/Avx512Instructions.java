package org.threehalf.backends.llvm;

import java.util.stream.IntStream;
import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Value;

/**
 * 512 bits, 32 registers.
 *
 * @param permutes whether there are {@code vpermb}, which looks at the low 6 bits of an index (the table repeats;
 *     {@code vpshufb} wants the bits above 4 cleared), {@code vpermi2b}, at 7 bits, {@code vpmultishiftqb}, which cuts
 *     bytes out of 64 bits, and {@code vgf2p8affineqb}
 * @param dotProducts whether there is {@code vpdpbusd}; sums of two products otherwise
 */
record Avx512Instructions(boolean permutes, boolean dotProducts) implements X86Instructions {

    private static final PairProducts PAIRS =
            new PairProducts("llvm.x86.avx512.pmaddubs.w.512", "llvm.x86.avx512.pmaddw.d.512");

    @Override
    public int width() {
        return 64;
    }

    @Override
    public int rowVectors() {
        return 4;
    }

    /**
     * 6 · 4 vectors of sums, 4 of weights and one of activations are 29 of 32 registers; sums of two products need two
     * more.
     */
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
                : shuffleBytes(f, table, f.and(indices, Value.constant(bytes(), 15)));
    }

    @Override
    public Value shuffleBytes(Function f, Value table, Value indices) {
        return f.intrinsic("llvm.x86.avx512.pshuf.b.512", bytes(), table, indices);
    }

    @Override
    public boolean cutsWords() {
        return permutes;
    }

    /** Two words are 64 bits: the second one's bytes are cut 32 bits further on. */
    @Override
    public Value cut(Function f, Value words, int... from) {
        byte[] control = new byte[8];
        IntStream.range(0, control.length).forEach(i -> control[i] = (byte) (32 * (i / 4) + from[i % 4]));
        return f.intrinsic("llvm.x86.avx512.pmultishift.qb.512", bytes(), Value.bytes(width(), control), words);
    }

    /**
     * TW[255 − w] = −TW[w]: a window from 128 on is looked up as 255 − w, of which {@code vpermi2b} takes 7 bits, and
     * its value subtracted from twice the bias.
     */
    @Override
    public Value windowValues(Function f, WindowTable table, Value windows, int bias) {
        if (permutes) {
            Value index = bitSums(
                    f,
                    windows,
                    IntStream.range(0, Byte.SIZE).map(bit -> 1 << bit | 1 << 7).toArray());
            Value value = f.intrinsic(
                    "llvm.x86.avx512.vpermi2var.qi.512",
                    bytes(),
                    table.entries(0, 64, bias),
                    index,
                    table.entries(64, 64, bias));
            return f.select(
                    f.less(Value.constant(bytes(), 127), index),
                    f.subtract(Value.constant(bytes(), 2L * bias), value),
                    value);
        }
        Value numbers = table.numbers(this, f, windows);
        Value folded = f.intrinsic("llvm.umin.v64i8", bytes(), numbers, f.xor(numbers, Value.constant(bytes(), -1)));
        Value magnitudes = table.magnitudes(this, f, folded);
        Value biased = Value.constant(bytes(), bias);
        return f.select(
                f.less(Value.constant(bytes(), 127), numbers),
                f.subtract(biased, magnitudes),
                f.add(biased, magnitudes));
    }

    @Override
    public Value dot(Function f, Value sums, Value weights, Value activations, int largest) {
        return dotProducts
                ? f.intrinsic(
                        "llvm.x86.avx512.vpdpbusd.512",
                        sums(),
                        sums,
                        f.reinterpret(weights, sums()),
                        f.reinterpret(activations, sums()))
                : PAIRS.dot(this, f, sums, weights, activations, largest);
    }
}
