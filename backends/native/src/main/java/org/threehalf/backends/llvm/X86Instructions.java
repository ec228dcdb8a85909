package org.threehalf.backends.llvm;

import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Type;
import org.threehalf.backends.llvm.ir.Value;

/** What the vectors of x86-64 have in common, of either width. */
interface X86Instructions extends Instructions {

    /**
     * {@code vpshufb}: for each byte the table's entry that the low 4 bits of its index name, or 0 where the index's
     * highest bit is set.
     *
     * @param table 16 bytes, again and again
     */
    Value shuffleBytes(Function f, Value table, Value indices);

    /**
     * {@code vgf2p8affineqb}, only for processors with GFNI: bit i of each byte is the sum modulo 2 of some of its
     * bits.
     *
     * @param sums for each bit of the result, from the lowest, those that are summed
     */
    default Value bitSums(Function f, Value codes, int... sums) {
        byte[] matrix = new byte[Byte.SIZE];
        for (int bit = 0; bit < Byte.SIZE; bit++) {
            matrix[Byte.SIZE - 1 - bit] = (byte) sums[bit];
        }
        return f.intrinsic(
                "llvm.x86.vgf2p8affineqb.%d".formatted(Byte.SIZE * width()),
                bytes(),
                codes,
                Value.bytes(width(), matrix),
                Value.constant(new Type.Integer(8), 0));
    }
}
