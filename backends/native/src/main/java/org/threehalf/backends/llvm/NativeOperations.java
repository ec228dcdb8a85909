package org.threehalf.backends.llvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.ActivationQuantizer;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import org.threehalf.kernels.transformer.FloatMatrix;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.StoredRows;
import org.threehalf.kernels.transformer.StridedSum;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The operations in the machine code of {@link OperationsGenerator}, with the bits of the reference. What is no
 * multiple of 16 elements, what a decoder does once a token, and what gpt-oss alone has (REQ-ATT-006, REQ-OPS-013) is
 * done by the host's operations. Java's compiler takes seconds of processor time for the latter when a process begins,
 * and none for these.
 */
final class NativeOperations implements TransformerOperations {

    private static final Map<InstructionSet, NativeOperations> COMPILED = new ConcurrentHashMap<>();
    private static final int LANES = StridedSum.LANES;
    // Numbers of decoded rows: 32 KiB, which the first level of cache holds.
    private static final int DECODED = 1 << 13;

    /** A thread's own room for rows, which Java would clear each time that it is made anew. */
    private static final class Room {
        private float[] rows = new float[0];
        private byte[] packed = new byte[0];

        private float[] rows(int numbers) {
            return rows = rows.length >= numbers ? rows : new float[numbers];
        }

        private byte[] packed(int bytes) {
            return packed = packed.length >= bytes ? packed : new byte[bytes];
        }
    }

    private static final ThreadLocal<Room> ROOMS = ThreadLocal.withInitial(Room::new);

    private final TransformerOperations host = TransformerOperations.fastest();
    private final OperationsCode code;
    private final int[] heads;

    /** The operations over some functions. */
    NativeOperations(OperationsCode code) {
        this.code = code;
        this.heads = code.heads();
    }

    /** The operations for an instruction set, compiled when they are first asked for. */
    static NativeOperations of(InstructionSet instructions) {
        return COMPILED.computeIfAbsent(instructions, key -> new NativeOperations(CompiledOperations.of(key)));
    }

    /** The operations of a module's text. */
    static NativeOperations compile(String module, InstructionSet instructions) {
        return new NativeOperations(CompiledOperations.compile(module, instructions));
    }

    /**
     * As {@link QuantizedToken#of}.
     *
     * @throws IllegalArgumentException if a value is NaN, infinite or over 2⁵⁶ in magnitude (REQ-QNT-001)
     */
    QuantizedToken quantize(float[] activations) {
        int whole = activations.length / LANES;
        MemorySegment x = MemorySegment.ofArray(activations);
        float[] found = new float[1];
        code.largest(x, MemorySegment.ofArray(found), whole);
        float amax = found[0];
        for (int k = whole * LANES; k < activations.length; k++) {
            amax = Math.max(amax, Math.abs(activations[k]));
        }
        // Of a value that is refused, the reference says which it is.
        float scale = amax <= Format.MAX_ACTIVATION
                ? amax / ActivationQuantizer.MAX_CODE
                : ActivationQuantizer.scale(activations);
        byte[] quantized = new byte[activations.length];
        if (scale != 0) {
            code.codes(x, MemorySegment.ofArray(quantized), whole, scale);
            for (int k = whole * LANES; k < activations.length; k++) {
                quantized[k] = (byte) ActivationQuantizer.code(activations[k], scale);
            }
        }
        return new QuantizedToken(scale, quantized);
    }

    private static MemorySegment from(float[] x, int index) {
        return MemorySegment.ofArray(x).asSlice((long) index * Float.BYTES);
    }

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        return host.dot(a, aFrom, b, bFrom, n);
    }

    @Override
    public void dots(float[] row, float[][] vectors, int n, float[] results) {
        host.dots(row, vectors, n, results);
    }

    /**
     * Rows in an encoding that {@link BlockEncoding} names are decoded in machine code, others by the matrix itself;
     * products are in machine code.
     */
    @Override
    public void products(FloatMatrix matrix, int from, int to, float[][] vectors, float[][] y) {
        int columns = matrix.columns();
        if (columns % LANES != 0) {
            TransformerOperations.super.products(matrix, from, to, vectors, y);
            return;
        }
        StoredRows stored = matrix.stored().orElse(null);
        BlockEncoding encoding =
                stored == null ? null : BlockEncoding.named(stored.encoding()).orElse(null);
        // What is decoded stays in the first levels of cache, and no call is long.
        int step = Math.clamp(
                DECODED / columns / OperationsGenerator.ROWS * OperationsGenerator.ROWS,
                OperationsGenerator.ROWS,
                1 << 10);
        step = Math.min(
                step, (to - from + OperationsGenerator.ROWS - 1) / OperationsGenerator.ROWS * OperationsGenerator.ROWS);
        Room room = ROOMS.get();
        float[] rows = room.rows(Math.multiplyExact(step, columns));
        float[] results = new float[step];
        byte[] packed = encoding == null ? new byte[0] : room.packed(Math.toIntExact(step * stored.rowBytes()));
        float[] row = encoding == null ? new float[columns] : new float[0];
        for (int i = from; i < to; i += step) {
            int count = Math.min(step, to - i);
            if (encoding == null) {
                for (int r = 0; r < count; r++) {
                    matrix.read(i + r, row);
                    System.arraycopy(row, 0, rows, r * columns, columns);
                }
            } else {
                // A copy: of a file that is cut short meanwhile Java throws, and machine code would end the process.
                MemorySegment.copy(
                        stored.data(),
                        ValueLayout.JAVA_BYTE,
                        i * stored.rowBytes(),
                        packed,
                        0,
                        Math.toIntExact(count * stored.rowBytes()));
                code.decode(
                        encoding,
                        MemorySegment.ofArray(packed),
                        MemorySegment.ofArray(rows),
                        (long) count * columns / encoding.elements());
            }
            for (int t = 0; t < vectors.length; t++) {
                int groups = (count + OperationsGenerator.ROWS - 1) / OperationsGenerator.ROWS;
                code.dots(
                        MemorySegment.ofArray(rows),
                        MemorySegment.ofArray(vectors[t]),
                        MemorySegment.ofArray(results),
                        groups,
                        columns / LANES);
                System.arraycopy(results, 0, y[t], i, count);
            }
        }
    }

    @Override
    public void softCap(float[] x, float cap) {
        host.softCap(x, cap);
    }

    @Override
    public void rmsNorm(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom) {
        int n = weights.length;
        if (n % LANES != 0) {
            host.rmsNorm(x, xFrom, weights, epsilon, y, yFrom);
            return;
        }
        if (x != y) {
            System.arraycopy(x, xFrom, y, yFrom, n);
        }
        code.normalize(from(y, yFrom), MemorySegment.ofArray(weights), n / LANES, n, epsilon);
    }

    @Override
    public void gate(Activation activation, float[] gate, float[] up) {
        int whole = gate.length / LANES;
        switch (activation) {
            case SILU -> code.silu(MemorySegment.ofArray(gate), MemorySegment.ofArray(up), whole);
            case GELU -> code.gelu(MemorySegment.ofArray(gate), MemorySegment.ofArray(up), whole);
            case CLAMPED_SWIGLU -> {
                host.gate(activation, gate, up);
                return;
            }
        }
        for (int k = whole * LANES; k < gate.length; k++) {
            gate[k] = ElementaryFunctions.gated(activation, gate[k], up[k]);
        }
    }

    @Override
    public void add(float[] x, float[] addition) {
        int whole = x.length / LANES;
        code.add(MemorySegment.ofArray(x), MemorySegment.ofArray(addition), whole);
        for (int k = whole * LANES; k < x.length; k++) {
            x[k] = x[k] + addition[k];
        }
    }

    @Override
    public void rotate(
            Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        if (layout != Rotation.Layout.SPLIT || pairs % LANES != 0) {
            host.rotate(layout, x, from, cosines, sines, angle, pairs);
            return;
        }
        code.rotate(from(x, from), from(cosines, angle), from(sines, angle), pairs / LANES);
    }

    @Override
    public void attend(AttentionHeads attention) {
        int size = attention.size();
        if (size % LANES != 0 || attention.sinks().length > 0) {
            host.attend(attention);
            return;
        }
        int positions = attention.positions();
        int vectors = (positions + LANES - 1) / LANES;
        // Of each head its weights and, in a vector of their own, their sum.
        int stride = vectors + 1;
        MemorySegment scratch = MemorySegment.ofArray(new float[heads[0] * stride * LANES]);
        MemorySegment seenKeys = attention.seenKeys();
        MemorySegment seenValues = attention.seenValues();
        float scale = attention.scale();
        float cap = attention.cap();
        int done = 0;
        for (int choice = 0; choice < heads.length; choice++) {
            for (; done + heads[choice] <= attention.count(); done += heads[choice]) {
                code.scores(
                        choice,
                        from(attention.query(), attention.queryFrom() + done * size),
                        seenKeys,
                        seenValues,
                        scratch,
                        size / LANES,
                        positions,
                        stride);
                for (int h = 0; h < heads[choice]; h++) {
                    MemorySegment scores = scratch.asSlice((long) h * stride * LANES * Float.BYTES);
                    if (cap > 0) {
                        code.cappedWeights(scores, vectors, positions, scale, cap);
                    } else {
                        code.weights(scores, vectors, positions, scale, cap);
                    }
                }
                code.mix(
                        choice,
                        scratch,
                        seenValues,
                        from(attention.output(), attention.outputFrom() + done * size),
                        size / LANES,
                        positions,
                        stride);
            }
        }
    }
}
