package org.threehalf.backends.groq.toolchain;

import java.lang.foreign.MemorySegment;

/** Makes functions that can be called out of modules. */
public interface Compiler extends AutoCloseable {

    /** A function of a compiled module. */
    @FunctionalInterface
    interface Function {
        /**
         * Calls it. The buffers must be off heap and have the sizes of the function's tensors.
         *
         * @param buffers its arguments and then its results
         */
        void call(MemorySegment... buffers);
    }

    /**
     * Compiles a module.
     *
     * @param module the module's text
     * @param name the name of its function
     * @param arguments how many tensors the function takes
     * @param results how many it returns
     * @throws RuntimeException if a tool refuses the module, with what it said
     */
    Function function(String module, String name, int arguments, int results);

    /** Unloads what was compiled; its functions become unusable. */
    @Override
    void close();
}
