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
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The compiled operations of this process, called with arrays of the heap as they are. Safe for use by several threads.
 */
final class CompiledOperations implements OperationsCode {

    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout F32 = ValueLayout.JAVA_FLOAT;
    private static final MethodHandle CALL_TWO = handle(POINTER, POINTER, I64);
    private static final MethodHandle CALL_NORMALIZE = handle(POINTER, POINTER, I64, F32, F32);
    private static final MethodHandle CALL_ROTATE = handle(POINTER, POINTER, POINTER, I64);
    private static final MethodHandle CALL_DOTS = handle(POINTER, POINTER, POINTER, I64, I64);
    private static final MethodHandle CALL_CODES = handle(POINTER, POINTER, I64, F32);
    private static final MethodHandle CALL_SCORES = handle(POINTER, POINTER, POINTER, POINTER, I64, I64, I64);
    private static final MethodHandle CALL_MIX = handle(POINTER, POINTER, POINTER, I64, I64, I64);
    private static final MethodHandle CALL_WEIGHTS = handle(POINTER, I64, I64, F32, F32);

    private static final List<String> NAMES = List.of(
            OperationsGenerator.SILU,
            OperationsGenerator.GELU,
            OperationsGenerator.ADD,
            OperationsGenerator.NORMALIZE,
            OperationsGenerator.ROTATE,
            OperationsGenerator.LARGEST,
            OperationsGenerator.CODES,
            OperationsGenerator.WEIGHTS,
            OperationsGenerator.CAPPED_WEIGHTS,
            OperationsGenerator.DOTS);

    private final int[] heads;
    private final MemorySegment silu;
    private final MemorySegment gelu;
    private final MemorySegment add;
    private final MemorySegment normalize;
    private final MemorySegment rotate;
    private final MemorySegment largest;
    private final MemorySegment codes;
    private final MemorySegment weights;
    private final MemorySegment cappedWeights;
    private final MemorySegment dots;
    private final Function<BlockEncoding, MemorySegment> decoders;
    private final List<MemorySegment> scores;
    private final List<MemorySegment> mixes;

    /**
     * Compiled functions.
     *
     * @param functions those of {@link #names}
     * @param heads of {@link Instructions#heads}
     * @param decoders {@link DecodingGenerator#DECODE} of each encoding
     */
    CompiledOperations(ExportedFunctions functions, int[] heads, Function<BlockEncoding, MemorySegment> decoders) {
        this.heads = heads.clone();
        silu = functions.get(OperationsGenerator.SILU);
        gelu = functions.get(OperationsGenerator.GELU);
        add = functions.get(OperationsGenerator.ADD);
        normalize = functions.get(OperationsGenerator.NORMALIZE);
        rotate = functions.get(OperationsGenerator.ROTATE);
        largest = functions.get(OperationsGenerator.LARGEST);
        codes = functions.get(OperationsGenerator.CODES);
        weights = functions.get(OperationsGenerator.WEIGHTS);
        cappedWeights = functions.get(OperationsGenerator.CAPPED_WEIGHTS);
        dots = functions.get(OperationsGenerator.DOTS);
        this.decoders = decoders;
        scores = IntStream.of(heads)
                .mapToObj(count -> functions.get(OperationsGenerator.SCORES + count))
                .toList();
        mixes = IntStream.of(heads)
                .mapToObj(count -> functions.get(OperationsGenerator.MIX + count))
                .toList();
    }

    /** The operations of an instruction set. */
    static CompiledOperations of(InstructionSet instructions) {
        return of(
                CompiledModules.generated(
                        "operations for " + instructions.name(),
                        () -> OperationsGenerator.generate(instructions).toString(),
                        names(instructions.instructions().heads())),
                instructions);
    }

    /** The functions of a module's text. */
    static CompiledOperations compile(String module, InstructionSet instructions) {
        return of(
                CompiledModules.functions(
                        module, names(instructions.instructions().heads())),
                instructions);
    }

    private static CompiledOperations of(List<MemorySegment> functions, InstructionSet instructions) {
        int[] heads = instructions.instructions().heads();
        Map<BlockEncoding, MemorySegment> decoders = new ConcurrentHashMap<>();
        return new CompiledOperations(
                ExportedFunctions.of(names(heads), functions),
                heads,
                encoding -> decoders.computeIfAbsent(encoding, key -> decoder(key, instructions)));
    }

    /** The decoding of an encoding, compiled. */
    static MemorySegment decoder(BlockEncoding encoding, InstructionSet instructions) {
        return CompiledModules.generated(
                        "decoding of %s for %s".formatted(encoding, instructions.name()),
                        () -> DecodingGenerator.generate(encoding, instructions).toString(),
                        List.of(DecodingGenerator.DECODE))
                .getFirst();
    }

    /** The functions that a module of the operations exports. */
    static List<String> names(int[] heads) {
        List<String> names = new ArrayList<>(NAMES);
        IntStream.of(heads).forEach(count -> names.add(OperationsGenerator.SCORES + count));
        IntStream.of(heads).forEach(count -> names.add(OperationsGenerator.MIX + count));
        return names;
    }

    /**
     * Calls that take arrays of the heap as they are. They are short, so that the collector does not wait long for
     * them.
     */
    @SuppressWarnings("restricted")
    private static MethodHandle handle(ValueLayout... operands) {
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(operands), Linker.Option.critical(true));
    }

    private static void two(MemorySegment function, MemorySegment a, MemorySegment b, long vectors) {
        try {
            CALL_TWO.invokeExact(function, a, b, vectors);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void silu(MemorySegment gate, MemorySegment up, long vectors) {
        two(silu, gate, up, vectors);
    }

    @Override
    public void gelu(MemorySegment gate, MemorySegment up, long vectors) {
        two(gelu, gate, up, vectors);
    }

    @Override
    public void add(MemorySegment x, MemorySegment addition, long vectors) {
        two(add, x, addition, vectors);
    }

    @Override
    public void largest(MemorySegment x, MemorySegment result, long vectors) {
        two(largest, x, result, vectors);
    }

    @Override
    public void normalize(MemorySegment x, MemorySegment weightsOf, long vectors, float n, float epsilon) {
        try {
            CALL_NORMALIZE.invokeExact(normalize, x, weightsOf, vectors, n, epsilon);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void rotate(MemorySegment x, MemorySegment cosines, MemorySegment sines, long vectors) {
        try {
            CALL_ROTATE.invokeExact(rotate, x, cosines, sines, vectors);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void codes(MemorySegment x, MemorySegment codesOf, long vectors, float scale) {
        try {
            CALL_CODES.invokeExact(codes, x, codesOf, vectors, scale);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void weights(MemorySegment scoresOf, long vectors, long count, float scale, float cap) {
        softmax(weights, scoresOf, vectors, count, scale, cap);
    }

    @Override
    public void cappedWeights(MemorySegment scoresOf, long vectors, long count, float scale, float cap) {
        softmax(cappedWeights, scoresOf, vectors, count, scale, cap);
    }

    private static void softmax(
            MemorySegment function, MemorySegment scores, long vectors, long count, float scale, float cap) {
        try {
            CALL_WEIGHTS.invokeExact(function, scores, vectors, count, scale, cap);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void dots(MemorySegment rows, MemorySegment x, MemorySegment results, long groups, long vectors) {
        try {
            CALL_DOTS.invokeExact(dots, rows, x, results, groups, vectors);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void decode(BlockEncoding encoding, MemorySegment data, MemorySegment values, long blocks) {
        two(decoders.apply(encoding), data, values, blocks);
    }

    @Override
    public int[] heads() {
        return heads.clone();
    }

    @Override
    public void scores(
            int choice,
            MemorySegment query,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment to,
            long vectors,
            long count,
            long stride) {
        try {
            CALL_SCORES.invokeExact(scores.get(choice), query, keys, values, to, vectors, count, stride);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @Override
    public void mix(
            int choice,
            MemorySegment from,
            MemorySegment values,
            MemorySegment output,
            long vectors,
            long count,
            long stride) {
        try {
            CALL_MIX.invokeExact(mixes.get(choice), from, values, output, vectors, count, stride);
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }
}
