package org.threehalf.backends.llvm;

import org.threehalf.backends.llvm.ir.Function;
import org.threehalf.backends.llvm.ir.Type;
import org.threehalf.backends.llvm.ir.Value;

/**
 * What of the kernels depends on the processor: how wide its vectors are, how many of them are in registers at once,
 * and two operations that LLVM has not for any processor: a table look-up and a dot product of bytes. One
 * implementation a family of processors.
 */
interface Instructions {

    /** The kind of processors that have them. */
    default Processor.Architecture architecture() {
        return Processor.Architecture.X86_64;
    }

    /** Bytes of a vector: 16, 32 or 64. */
    int width();

    /**
     * Vectors of rows whose sums {@link ProductGenerator#GEMM} has in registers at once for each of {@link #tokens()};
     * divides the vectors of 64 rows.
     */
    int rowVectors();

    /**
     * Tokens whose sums {@link ProductGenerator#GEMM} has in registers at once, from the most down to 1: what is left
     * over takes the smaller steps.
     */
    int[] tokens();

    /**
     * Heads that {@link OperationsGenerator#SCORES} and {@link OperationsGenerator#MIX} take at once, from the most
     * down to 1: each vector of a key or value that is read serves all of them. Each head needs four sums of 16 lanes
     * in registers.
     */
    int[] heads();

    /**
     * For each byte the table's entry that its low 4 bits name; the bits above have no influence.
     *
     * @param table 16 bytes, again and again
     */
    Value lookup(Function f, Value table, Value indices);

    /**
     * Whether {@link #cut} cuts windows out of words; otherwise {@link ProductGenerator} makes them by shifts
     * ({@link WindowLayout}).
     */
    default boolean cutsWords() {
        return false;
    }

    /**
     * Cuts four bytes out of each word of 32 bits.
     *
     * @param from the first bit of each, at most 24
     */
    default Value cut(Function f, Value words, int... from) {
        throw new UnsupportedOperationException("nothing cuts bytes out of words");
    }

    /**
     * TW of windows, with a bias added: bytes (REQ-FMT-010).
     *
     * @param windows bytes, any of them
     */
    Value windowValues(Function f, WindowTable table, Value windows, int bias);

    /** Whether {@link #dot} takes weights as signed bytes; otherwise, as on x86, they are unsigned. */
    default boolean signed() {
        return false;
    }

    /**
     * Adds to each sum the products of 4 weights with 4 activations, exactly: four products of magnitude at most 255 ·
     * 127 are added in 32 bits.
     *
     * @param weights bytes, unsigned and each at most {@code largest}, or signed
     * @param activations signed bytes in [−127, 127]
     * @param largest at most 255
     */
    Value dot(Function f, Value sums, Value weights, Value activations, int largest);

    /**
     * Shifts the bits of bytes. What comes into a byte lies above the bits that stay after a shift to the right, and
     * below them after one to the left; it may be its neighbour's, as x86 has no shifts of bytes.
     *
     * @param left from −7 to 7; to the right if negative
     */
    default Value shift(Function f, Value codes, int left) {
        Value lanes = f.reinterpret(codes, shorts());
        Value by = Value.constant(shorts(), Math.abs(left));
        return f.reinterpret(left > 0 ? f.shiftLeft(lanes, by) : f.shiftRight(lanes, by), bytes());
    }

    /**
     * Shifts the bits of bytes and keeps some.
     *
     * @param left from −7 to 7; to the right if negative
     * @param mask the bits that are kept, all of them the byte's own
     */
    default Value shiftedBits(Function f, Value codes, int left, int mask) {
        return f.and(shift(f, codes, left), Value.constant(bytes(), (byte) mask));
    }

    /**
     * Quads of activations that one load brings: 1, or 4 where {@link #dot} can take a lane of a register for all rows.
     */
    default int quadsAtOnce() {
        return 1;
    }

    /**
     * Whether there is {@link #tile}: {@link ProductGenerator#GEMM} then takes two rows and two tokens at once. Only
     * where {@link #signed}.
     */
    default boolean tiles() {
        return false;
    }

    /**
     * Adds to four sums the products of 8 weights of each of two rows with 8 activations of each of two tokens,
     * exactly.
     *
     * @param sums in 32 bits: of the first row with both tokens, then of the second
     * @param weights 8 signed bytes of the first row, then of the second
     * @param activations 8 signed bytes of the first token, then of the second
     */
    default Value tile(Function f, Value sums, Value weights, Value activations) {
        throw new UnsupportedOperationException("no product of tiles");
    }

    /** A vector of bytes. */
    default Type.Vector bytes() {
        return Type.vector(width(), 8);
    }

    /** As many bits in lanes of 16. */
    default Type.Vector shorts() {
        return Type.vector(width() / 2, 16);
    }

    /** As many bits in lanes of 32: a sum for each 4 bytes. */
    default Type.Vector sums() {
        return Type.vector(width() / 4, 32);
    }
}
