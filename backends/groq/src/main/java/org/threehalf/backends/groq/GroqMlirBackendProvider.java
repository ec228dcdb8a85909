package org.threehalf.backends.groq;

import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.groq.toolchain.MlirTools;
import org.threehalf.backends.groq.toolchain.ModuleCache;
import org.threehalf.backends.groq.toolchain.Pipeline;
import org.threehalf.backends.groq.toolchain.ProcessorCompiler;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/**
 * Provides {@code groq-mlir}: the modules that are meant for an LPU, compiled for this machine's processor. No LPU
 * takes part.
 */
public final class GroqMlirBackendProvider implements BackendProvider {

    private static final String NAME = "groq-mlir";

    /** For {@link java.util.ServiceLoader}. */
    public GroqMlirBackendProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "groq-mlir on CPU: the MLIR for Groq, compiled for this processor";
    }

    @Override
    public Availability availability() {
        try {
            return Availability.yes("groq-mlir on CPU, %s on %s; no LPU takes part"
                    .formatted(MlirTools.find().version(), System.getProperty("os.arch")));
        } catch (IllegalStateException e) {
            return Availability.no(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Backend open() {
        MlirTools tools;
        try {
            tools = MlirTools.find();
        } catch (IllegalStateException e) {
            throw new IllegalStateException("backend %s: %s".formatted(NAME, e.getMessage()), e);
        }
        return new MlirBackend(
                NAME,
                new ProcessorCompiler(new ModuleCache(ModuleCache.defaultFolder(), new Pipeline(tools))),
                new ProductGenerator());
    }
}
