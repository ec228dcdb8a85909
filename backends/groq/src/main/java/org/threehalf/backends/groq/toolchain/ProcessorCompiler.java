package org.threehalf.backends.groq.toolchain;

import java.lang.foreign.Arena;

/** Compiles modules for this machine's processor and loads them into this process. */
public final class ProcessorCompiler implements Compiler {

    private final ModuleCache cache;
    private final Arena libraries = Arena.ofShared();

    /** A compiler that keeps libraries in a cache. */
    public ProcessorCompiler(ModuleCache cache) {
        this.cache = cache;
    }

    @Override
    public Function function(String module, String name, int arguments, int results) {
        return new NativeModule(cache.library(module), libraries).function(name, arguments + results);
    }

    @Override
    public void close() {
        libraries.close();
    }
}
