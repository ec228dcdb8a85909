package org.threehalf.backends.llvm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.ActivationQuantizer;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.ElementaryFunctions;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.StridedSum;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The operations in the machine code of {@link OperationsGenerator}, with the bits of the reference. What is no multiple of 16 elements, and what a decoder does once a token, is done by
 * the host's operations. Java's compiler takes seconds of processor time for the latter when a process begins, and none for these.
 */
final class NativeOperations implements TransformerOperations {

    private static final Map<InstructionSet, NativeOperations> COMPILED = new ConcurrentHashMap<>();
    private static final int LANES = StridedSum.LANES;

    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout F32 = ValueLayout.JAVA_FLOAT;
    private static final MethodHandle CALL_TWO = handle(POINTER, POINTER, I64);
    private static final MethodHandle CALL_NORMALIZE = handle(POINTER, POINTER, I64, F32, F32);
    private static final MethodHandle CALL_ROTATE = handle(POINTER, POINTER, POINTER, I64);
    private static final MethodHandle CALL_CODES = handle(POINTER, POINTER, I64, F32);
    private static final MethodHandle CALL_SCORES = handle(POINTER, POINTER, POINTER, POINTER, I64, I64, I64);
    private static final MethodHandle CALL_MIX = handle(POINTER, POINTER, POINTER, I64, I64, I64);
    private static final MethodHandle CALL_WEIGHTS = handle(POINTER, I64, I64, F32, F32);

    private final TransformerOperations host = TransformerOperations.fastest();
    private final MemorySegment silu;
    private final MemorySegment gelu;
    private final MemorySegment add;
    private final MemorySegment normalize;
    private final MemorySegment rotate;
    private final MemorySegment largest;
    private final MemorySegment codes;
    private final MemorySegment weights;
    private final MemorySegment cappedWeights;
    private final List<HeadCode> heads;

    /** The functions that take some heads at once. */
    private record HeadCode(int heads, MemorySegment scores, MemorySegment mix) {}

    private NativeOperations(String module, int[] headCounts) {
        List<String> names = new ArrayList<>(List.of(
                OperationsGenerator.SILU,
                OperationsGenerator.GELU,
                OperationsGenerator.ADD,
                OperationsGenerator.NORMALIZE,
                OperationsGenerator.ROTATE,
                OperationsGenerator.LARGEST,
                OperationsGenerator.CODES,
                OperationsGenerator.WEIGHTS,
                OperationsGenerator.CAPPED_WEIGHTS));
        int first = names.size();
        for (int count : headCounts) {
            names.add(OperationsGenerator.SCORES + count);
            names.add(OperationsGenerator.MIX + count);
        }
        List<MemorySegment> functions = Llvm.compile(module, names);
        silu = functions.get(0);
        gelu = functions.get(1);
        add = functions.get(2);
        normalize = functions.get(3);
        rotate = functions.get(4);
        largest = functions.get(5);
        codes = functions.get(6);
        weights = functions.get(7);
        cappedWeights = functions.get(8);
        heads = new ArrayList<>();
        for (int i = 0; i < headCounts.length; i++) {
            heads.add(new HeadCode(headCounts[i], functions.get(first + 2 * i), functions.get(first + 2 * i + 1)));
        }
    }

    /** Calls that take arrays of the heap as they are. They are short, so that the collector does not wait long for them. */
    @SuppressWarnings("restricted")
    private static MethodHandle handle(ValueLayout... operands) {
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(operands), Linker.Option.critical(true));
    }

    /** The operations for an instruction set, compiled when they are first asked for. */
    static NativeOperations of(InstructionSet instructions) {
        return COMPILED.computeIfAbsent(instructions, key -> compile(OperationsGenerator.generate(key).toString(), key));
    }

    /** The operations of a module's text. */
    static NativeOperations compile(String module, InstructionSet instructions) {
        return new NativeOperations(module, instructions.instructions().heads());
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
        two(largest, x, MemorySegment.ofArray(found), whole);
        float amax = found[0];
        for (int k = whole * LANES; k < activations.length; k++) {
            amax = Math.max(amax, Math.abs(activations[k]));
        }
        // Of a value that is refused, the reference says which it is.
        float scale = amax <= Format.MAX_ACTIVATION ? amax / ActivationQuantizer.MAX_CODE : ActivationQuantizer.scale(activations);
        byte[] quantized = new byte[activations.length];
        if (scale != 0) {
            try {
                CALL_CODES.invokeExact(codes, x, MemorySegment.ofArray(quantized), (long) whole, scale);
            } catch (Throwable e) {
                throw NativeCode.failure(e);
            }
            for (int k = whole * LANES; k < activations.length; k++) {
                quantized[k] = (byte) ActivationQuantizer.code(activations[k], scale);
            }
        }
        return new QuantizedToken(scale, quantized);
    }

    private static void two(MemorySegment function, MemorySegment a, MemorySegment b, int vectors) {
        try {
            CALL_TWO.invokeExact(function, a, b, (long) vectors);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
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
        try {
            CALL_NORMALIZE.invokeExact(normalize, from(y, yFrom), MemorySegment.ofArray(weights), (long) n / LANES, (float) n, epsilon);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void gate(Activation activation, float[] gate, float[] up) {
        int whole = gate.length / LANES;
        MemorySegment function = switch (activation) {
            case SILU -> silu;
            case GELU -> gelu;
        };
        two(function, MemorySegment.ofArray(gate), MemorySegment.ofArray(up), whole);
        for (int k = whole * LANES; k < gate.length; k++) {
            gate[k] = ElementaryFunctions.activation(activation, gate[k]) * up[k];
        }
    }

    @Override
    public void add(float[] x, float[] addition) {
        int whole = x.length / LANES;
        two(add, MemorySegment.ofArray(x), MemorySegment.ofArray(addition), whole);
        for (int k = whole * LANES; k < x.length; k++) {
            x[k] = x[k] + addition[k];
        }
    }

    @Override
    public void rotate(Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        if (layout != Rotation.Layout.SPLIT || pairs % LANES != 0) {
            host.rotate(layout, x, from, cosines, sines, angle, pairs);
            return;
        }
        try {
            CALL_ROTATE.invokeExact(rotate, from(x, from), from(cosines, angle), from(sines, angle), (long) pairs / LANES);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void attend(
            float[] query, int queryFrom, MemorySegment keys, MemorySegment values, int size, int first, int last, float scale, float cap, float[] output, int outputFrom) {
        attend(query, queryFrom, 1, keys, values, size, first, last, scale, cap, output, outputFrom);
    }

    @Override
    public void attend(
            float[] query,
            int queryFrom,
            int count,
            MemorySegment keys,
            MemorySegment values,
            int size,
            int first,
            int last,
            float scale,
            float cap,
            float[] output,
            int outputFrom) {
        if (size % LANES != 0) {
            host.attend(query, queryFrom, count, keys, values, size, first, last, scale, cap, output, outputFrom);
            return;
        }
        int positions = last - first + 1;
        int vectors = (positions + LANES - 1) / LANES;
        // Of each head its weights and, in a vector of their own, their sum.
        int stride = vectors + 1;
        MemorySegment scratch = MemorySegment.ofArray(new float[heads.getFirst().heads() * stride * LANES]);
        long rowBytes = (long) size * Float.BYTES;
        MemorySegment seenKeys = keys.asSlice(first * rowBytes, positions * rowBytes);
        MemorySegment seenValues = values.asSlice(first * rowBytes, positions * rowBytes);
        MemorySegment softmax = cap > 0 ? cappedWeights : weights;
        int done = 0;
        for (HeadCode code : heads) {
            for (; done + code.heads() <= count; done += code.heads()) {
                try {
                    CALL_SCORES.invokeExact(
                            code.scores(), from(query, queryFrom + done * size), seenKeys, seenValues, scratch, (long) size / LANES, (long) positions, (long) stride);
                    for (int h = 0; h < code.heads(); h++) {
                        MemorySegment scores = scratch.asSlice((long) h * stride * LANES * Float.BYTES);
                        CALL_WEIGHTS.invokeExact(softmax, scores, (long) vectors, (long) positions, scale, cap);
                    }
                    CALL_MIX.invokeExact(code.mix(), scratch, seenValues, from(output, outputFrom + done * size), (long) size / LANES, (long) positions, (long) stride);
                } catch (Throwable e) {
                    throw NativeCode.failure(e);
                }
            }
        }
    }
}
