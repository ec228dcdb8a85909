package org.threehalf.backends.llvm;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ProductKernel;

/** Byte dot products in machine code that LLVM makes when it is first needed, rows in lanes. The packed matrix is not read after {@link #prepare}. */
public final class NativeKernel implements ProductKernel {

    private final InstructionSet instructions;

    /**
     * A kernel for an instruction set.
     *
     * @throws IllegalStateException if LLVM or the instructions are not there, with the reason
     */
    public NativeKernel(InstructionSet instructions) {
        String problem = problem(instructions);
        if (problem != null) {
            throw new IllegalStateException(problem);
        }
        this.instructions = instructions;
    }

    /**
     * The kernel of the best instructions that the processor has.
     *
     * @throws IllegalStateException if LLVM or all of the instructions are not there, with the reason
     */
    public static NativeKernel best() {
        return new NativeKernel(Stream.of(InstructionSet.values()).filter(set -> problem(set) == null).findFirst().orElse(InstructionSet.AVX2));
    }

    /** Why {@link #best} cannot run here and what to do; null if it can. The first call loads LLVM. */
    public static @Nullable String problem() {
        return problem(InstructionSet.AVX2);
    }

    /** Why a kernel for an instruction set cannot run here and what to do; null if it can. The first call loads LLVM. */
    public static @Nullable String problem(InstructionSet instructions) {
        if (!NativeKernel.class.getModule().isNativeAccessEnabled()) {
            return "calling native code is not allowed: start java with --enable-native-access=ALL-UNNAMED";
        }
        if (Loading.FAILURE != null) {
            return "LLVM's libraries cannot be loaded (org.bytedeco:llvm has them for linux-x86_64): " + Loading.FAILURE;
        }
        return instructions.features().stream()
                .filter(feature -> !Llvm.has(feature))
                .findFirst()
                .map(missing -> "the processor (%s) has no %s".formatted(Llvm.processor(), missing))
                .orElse(null);
    }

    /** Loads LLVM once, and keeps why it could not: a second try would only say that there was a first. */
    private static final class Loading {
        private static final @Nullable String FAILURE = load();

        private static @Nullable String load() {
            try {
                Llvm.processor();
                return null;
            } catch (LinkageError missing) {
                Throwable cause = missing instanceof ExceptionInInitializerError && missing.getCause() != null ? missing.getCause() : missing;
                return cause.toString();
            }
        }
    }

    /** The instructions that it uses. */
    public InstructionSet instructions() {
        return instructions;
    }

    @Override
    public String name() {
        return "native";
    }

    @Override
    public String description() {
        return "LLVM " + Llvm.version() + " for " + Llvm.processor() + ", " + instructions + ", byte dot products";
    }

    @Override
    public KernelMatrix prepare(PackedMatrix matrix, Arena arena) {
        return NativeMatrix.prepare(matrix, instructions, arena);
    }

    @Override
    public KernelMatrix over(Format format, int rows, int columns, SegmentAllocator memory) {
        return NativeMatrix.over(format, rows, columns, instructions, memory);
    }
}
