package org.threehalf.backends.groq.toolchain;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.io.UserCache;

/**
 * Compiled modules in a folder outside of the source tree, by the SHA-256 of all they depend on: the module's text, the
 * schedule, the passes, the compiler's options, the tools' versions and the processor. An entry is never out of date;
 * the folder may be deleted at any time.
 */
public final class ModuleCache {

    private final Path folder;
    private final Pipeline pipeline;
    private final String identity;

    /** A cache in a folder, filled by a pipeline. */
    public ModuleCache(Path folder, Pipeline pipeline) {
        this.folder = folder;
        this.pipeline = pipeline;
        this.identity = pipeline.identity();
    }

    /**
     * Where modules are kept: {@code -Dthreehalf.groq.cache}, or {@code threehalf/groq-mlir} in the user's cache
     * folder.
     */
    public static Path defaultFolder() {
        String named = System.getProperty("threehalf.groq.cache");
        return named == null ? UserCache.root(System.getenv()).resolve("groq-mlir") : Path.of(named);
    }

    /**
     * The library of a module, compiled unless it is there.
     *
     * @param module the module's text
     * @throws Pipeline.FailedException if a tool refuses it
     */
    public Path library(String module) {
        Path library = folder.resolve(key(module) + ".so");
        if (!Files.exists(library)) {
            pipeline.compile(module, library);
        }
        return library;
    }

    private String key(String module) {
        return Sha256.of((identity + '\0' + module).getBytes(StandardCharsets.UTF_8));
    }
}
