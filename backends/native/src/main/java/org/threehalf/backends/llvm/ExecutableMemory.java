package org.threehalf.backends.llvm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory that machine code runs in, by Linux's own calls: writable first, then executable and never both. It stays
 * until the process ends.
 */
final class ExecutableMemory {

    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int EXECUTE = 4;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final long FAILED = -1;

    private ExecutableMemory() {}

    /** Whether this system is Linux, whose calls and numbers these are. */
    static boolean isThere() {
        return System.getProperty("os.name").equals("Linux");
    }

    /**
     * Puts machine code where it can run.
     *
     * @throws IllegalStateException if the system refuses
     */
    static MemorySegment of(MachineCode code) {
        long size = code.image().length;
        try {
            MemorySegment memory = (MemorySegment) function(
                            "mmap",
                            FunctionDescriptor.of(
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG))
                    .invokeExact(0L, size, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            if (memory.address() == FAILED) {
                throw new IllegalStateException("no memory for %,d bytes of machine code".formatted(size));
            }
            MemorySegment whole = whole(memory, size);
            whole.copyFrom(MemorySegment.ofArray(code.image()));
            int refused = (int) function(
                            "mprotect",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(memory, size, READ | EXECUTE);
            if (refused != 0) {
                throw new IllegalStateException("the system lets no memory be executed that was written");
            }
            return whole;
        } catch (Throwable e) {
            throw NativeCode.failure(e);
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment whole(MemorySegment start, long size) {
        return start.reinterpret(size);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }
}
