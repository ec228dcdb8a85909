package org.threehalf.backends.llvm;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.product.KernelMatrix;
import org.threehalf.kernels.product.ProductKernel;

/**
 * Byte dot products in machine code that LLVM makes when it is first needed, rows in lanes. The packed matrix is not
 * read after {@link #prepare}.
 */
public final class NativeKernel implements ProductKernel {

    private static final String PLATFORMS = "linux-x86_64, linux-arm64, macosx-x86_64, macosx-arm64, windows-x86_64";

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
     * The kernel of the best instructions that the processor has, or of the set that the system property
     * {@value InstructionSet#PROPERTY} names.
     *
     * @throws IllegalStateException if LLVM or the instructions are not there, or the property names no set, with the
     *     reason
     */
    public static NativeKernel best() {
        return InstructionSet.forced()
                .or(() -> Stream.of(InstructionSet.values())
                        .filter(set -> problem(set) == null)
                        .findFirst())
                .map(NativeKernel::new)
                .orElseThrow(() -> new IllegalStateException(problem()));
    }

    /**
     * Why {@link #best} cannot run here and what to do; null if it can. The first call loads LLVM, unless what it says
     * is kept.
     */
    public static @Nullable String problem() {
        String general = generalProblem();
        if (general != null) {
            return general;
        }
        try {
            Optional<InstructionSet> forced = InstructionSet.forced();
            if (forced.isPresent()) {
                return problem(forced.get());
            }
        } catch (IllegalStateException unknown) {
            return unknown.getMessage();
        }
        Processor processor = Host.here().processor();
        if (processor.architecture() == null) {
            return "there are no kernels for this processor (%s)".formatted(processor.name());
        }
        // The last set of the processor's kind asks for the least.
        return Stream.of(InstructionSet.values())
                .filter(set -> set.instructions().architecture() == processor.architecture())
                .reduce((one, next) -> next)
                .map(NativeKernel::problem)
                .orElse(null);
    }

    /**
     * Why a kernel for an instruction set cannot run here and what to do; null if it can. The first call loads LLVM,
     * unless what it says is kept.
     */
    public static @Nullable String problem(InstructionSet instructions) {
        String general = generalProblem();
        if (general != null) {
            return general;
        }
        Processor processor = Host.here().processor();
        if (instructions.instructions().architecture() != processor.architecture()) {
            return "the processor (%s) is none of %s"
                    .formatted(processor.name(), instructions.instructions().architecture());
        }
        return instructions.features().stream()
                .filter(feature -> !processor.features().contains(feature))
                .findFirst()
                .map(missing -> "the processor (%s) has no %s".formatted(processor.name(), missing))
                .orElse(null);
    }

    private static @Nullable String generalProblem() {
        if (!NativeKernel.class.getModule().isNativeAccessEnabled()) {
            return "calling native code is not allowed: start java with --enable-native-access=ALL-UNNAMED";
        }
        return Loading.FAILURE == null
                ? null
                : "LLVM's libraries cannot be loaded (org.bytedeco:llvm has them for " + PLATFORMS + "): "
                        + Loading.FAILURE;
    }

    /** Loads LLVM once, and keeps why it could not: a second try would only say that there was a first. */
    private static final class Loading {
        private static final @Nullable String FAILURE = load();

        private static @Nullable String load() {
            try {
                Host.here().processor();
                return null;
            } catch (LinkageError missing) {
                Throwable cause = missing instanceof ExceptionInInitializerError && missing.getCause() != null
                        ? missing.getCause()
                        : missing;
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
        return "LLVM " + Host.here().llvm() + " for " + Host.here().processor().name() + ", " + instructions
                + ", byte dot products";
    }

    @Override
    public boolean cutsWindows() {
        return true;
    }

    @Override
    public KernelMatrix prepare(PackedMatrix matrix, Arena arena) {
        return NativeMatrix.prepare(matrix, NativeCode.of(matrix.format(), instructions), arena);
    }

    @Override
    public KernelMatrix over(Format format, int rows, int columns, SegmentAllocator memory) {
        return NativeMatrix.over(format, rows, columns, NativeCode.of(format, instructions), memory);
    }
}
