package org.threehalf.backends.llvm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.threehalf.kernels.format.Format;

/**
 * A format's compiled functions in this process, called as {@link ProductGenerator} describes them. Safe for use by
 * several threads.
 */
final class NativeCode implements ProductCode {

    /** The functions of a format's module. */
    static final List<String> NAMES = List.of(ProductGenerator.ARRANGE, ProductGenerator.GEMV, ProductGenerator.GEMM);

    private record Key(Format format, InstructionSet instructions) {}

    private static final Map<Key, NativeCode> COMPILED = new ConcurrentHashMap<>();

    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout I64 = ValueLayout.JAVA_LONG;
    private static final MethodHandle CALL_ARRANGE = handle(POINTER, POINTER, POINTER, I64, I64);
    private static final MethodHandle CALL_GEMV = handle(POINTER, POINTER, POINTER, POINTER, POINTER, I64, I64);
    // Addresses as numbers: a segment of a shared arena would be acquired and released by each call, by all threads in
    // the same word of memory, thousands of times a token.
    private static final MethodHandle CALL_GEMM = handle(I64, I64, I64, I64, I64, I64, I64, I64);

    private final TileLayout layout;
    private final MemorySegment arrange;
    private final MemorySegment gemv;
    private final MemorySegment gemm;

    /**
     * Compiled functions.
     *
     * @param layout of the format, as the instructions read it
     * @param functions those of {@link #NAMES}, in that order
     */
    NativeCode(TileLayout layout, List<MemorySegment> functions) {
        this.layout = layout;
        ExportedFunctions exported = ExportedFunctions.of(NAMES, functions);
        arrange = exported.get(ProductGenerator.ARRANGE);
        gemv = exported.get(ProductGenerator.GEMV);
        gemm = exported.get(ProductGenerator.GEMM);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(ValueLayout... operands) {
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(operands));
    }

    /** The functions of a format, compiled when they are first asked for. */
    static NativeCode of(Format format, InstructionSet instructions) {
        return COMPILED.computeIfAbsent(
                new Key(format, instructions),
                key -> new NativeCode(
                        TileLayout.of(format, instructions.instructions()),
                        CompiledModules.generated(
                                "products of %s for %s".formatted(format, instructions.name()),
                                () -> ProductGenerator.generate(format, instructions)
                                        .toString(),
                                NAMES)));
    }

    /** The functions of a module's text. */
    static NativeCode compile(TileLayout layout, String module) {
        return new NativeCode(layout, CompiledModules.functions(module, NAMES));
    }

    @Override
    public TileLayout layout() {
        return layout;
    }

    @Override
    public void arrange(
            MemorySegment token, MemorySegment activations, MemorySegment corrections, long blocks, long stride) {
        try {
            CALL_ARRANGE.invokeExact(arrange, token, activations, corrections, blocks, stride);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    @Override
    public void gemv(
            MemorySegment codes,
            MemorySegment subscales,
            MemorySegment activations,
            MemorySegment corrections,
            MemorySegment sums,
            long blocks,
            long groups) {
        try {
            CALL_GEMV.invokeExact(gemv, codes, subscales, activations, corrections, sums, blocks, groups);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    @Override
    public void gemm(
            MemorySegment codes,
            MemorySegment subscales,
            MemorySegment activations,
            MemorySegment corrections,
            MemorySegment sums,
            MemorySegment expanded,
            long blocks,
            long tokens) {
        try {
            CALL_GEMM.invokeExact(
                    gemm,
                    at(codes),
                    at(subscales),
                    at(activations),
                    at(corrections),
                    at(sums),
                    at(expanded),
                    blocks,
                    tokens);
        } catch (Throwable e) {
            throw failure(e);
        } finally {
            Reference.reachabilityFence(codes);
            Reference.reachabilityFence(subscales);
            Reference.reachabilityFence(activations);
            Reference.reachabilityFence(corrections);
            Reference.reachabilityFence(sums);
            Reference.reachabilityFence(expanded);
        }
    }

    /** Where a segment outside the heap is. Nobody may close it during the call, as the backend's contract says. */
    private static long at(MemorySegment segment) {
        if (!segment.isNative() || !segment.scope().isAlive()) {
            throw new IllegalStateException("memory that was freed, or is not outside the heap");
        }
        return segment.address();
    }

    /** What a call that cannot fail threw. */
    static RuntimeException failure(Throwable e) {
        return switch (e) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new IllegalStateException("compiled code could not be called", e);
        };
    }
}
