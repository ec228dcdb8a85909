package org.threehalf.backends.groq;

import org.threehalf.backends.groq.generator.ProductGenerator;
import org.threehalf.backends.groq.lpu.LpuCompiler;
import org.threehalf.backends.groq.lpu.LpuTools;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/**
 * Provides {@code groq}: the generated modules on an LPU, through the vendor's compiler and runtime. Tested with
 * stand-ins for these only.
 */
public final class GroqBackendProvider implements BackendProvider {

    private static final String NAME = "groq";

    /** For {@link java.util.ServiceLoader}. */
    public GroqBackendProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "Groq LPUs through MLIR and the vendor's compiler";
    }

    @Override
    public Availability availability() {
        try {
            LpuTools tools = LpuTools.find();
            return Availability.yes("%s and %s".formatted(tools.compiler(), tools.runner()));
        } catch (IllegalStateException e) {
            return Availability.no(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Backend open() {
        LpuTools tools;
        try {
            tools = LpuTools.find();
        } catch (IllegalStateException e) {
            throw new IllegalStateException("backend %s: %s".formatted(NAME, e.getMessage()), e);
        }
        return new MlirBackend(NAME, new LpuCompiler(tools), new ProductGenerator());
    }
}
