package org.threehalf.backends.groq;

import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/** Provides {@code groq}. This version has no kernels for it yet, and says so. */
public final class GroqBackendProvider implements BackendProvider {

    private static final String REASON = "this version has no MLIR generator";

    /** For {@link java.util.ServiceLoader}. */
    public GroqBackendProvider() {}

    @Override
    public String name() {
        return "groq";
    }

    @Override
    public String description() {
        return "Groq LPUs through MLIR";
    }

    @Override
    public Availability availability() {
        return Availability.no(REASON);
    }

    @Override
    public Backend open() {
        throw new IllegalStateException("backend groq: " + REASON);
    }
}
