package org.threehalf.backends.groq.toolchain;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A compiled module in this process. Its functions take and return buffers as bare pointers: first the arguments, then
 * the results.
 */
final class NativeModule {

    private final SymbolLookup symbols;
    private final Path library;

    /**
     * Loads a library.
     *
     * @param library the file
     * @param arena the library is unloaded when it is closed
     * @throws IllegalArgumentException if it cannot be loaded
     */
    @SuppressWarnings("restricted")
    NativeModule(Path library, Arena arena) {
        this.library = library;
        this.symbols = SymbolLookup.libraryLookup(library.toAbsolutePath(), arena);
    }

    /**
     * Finds a function.
     *
     * @param name its name
     * @param buffers how many buffers it takes, results included
     * @throws IllegalStateException if the module has no such function
     */
    @SuppressWarnings("restricted")
    Compiler.Function function(String name, int buffers) {
        MemorySegment address = symbols.find(name)
                .orElseThrow(() -> new IllegalStateException("there is no function " + name + " in " + library));
        MemoryLayout[] arguments = new MemoryLayout[buffers];
        Arrays.fill(arguments, ValueLayout.ADDRESS);
        MethodHandle handle = Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.ofVoid(arguments));
        return (MemorySegment... segments) -> {
            for (MemorySegment segment : segments) {
                if (!segment.isNative()) {
                    throw new IllegalArgumentException(name + ": a buffer on the heap");
                }
            }
            try {
                handle.invokeWithArguments((Object[]) segments);
            } catch (Throwable e) {
                throw new IllegalStateException("function " + name + " of a compiled module cannot be called", e);
            }
        };
    }
}
