package org.threehalf.backends.llvm;

import org.threehalf.backends.cpu.ProductBackend;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/** Provides {@code native}: machine code by LLVM, on all threads. */
public final class NativeBackendProvider implements BackendProvider {

    /** For {@link java.util.ServiceLoader}. */
    public NativeBackendProvider() {}

    @Override
    public String name() {
        return "native";
    }

    @Override
    public String description() {
        return "machine code by LLVM with byte dot products (x86-64, ARM), all threads";
    }

    @Override
    public Availability availability() {
        try {
            return Availability.yes(NativeKernel.best().description());
        } catch (IllegalStateException e) {
            return Availability.no(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Backend open() {
        return open(NativeKernel.best().instructions());
    }

    @Override
    public Backend open(int threads) {
        NativeKernel kernel = NativeKernel.best();
        NativeOperations operations = NativeOperations.of(kernel.instructions());
        return ProductBackend.onThreads(kernel, operations, operations::quantize, threads);
    }

    /**
     * The backend with an instruction set.
     *
     * @throws IllegalStateException if LLVM or the instructions are not there, with the reason
     */
    static Backend open(InstructionSet instructions) {
        NativeKernel kernel = new NativeKernel(instructions);
        NativeOperations operations = NativeOperations.of(instructions);
        return ProductBackend.onAllThreads(kernel, operations, operations::quantize);
    }
}
