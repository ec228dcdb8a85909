package org.threehalf.backends.cpu;

import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/** Provides {@code reference}: the scalar kernels, on one thread. Always available. */
public final class ReferenceBackendProvider implements BackendProvider {

    /** For {@link java.util.ServiceLoader}. */
    public ReferenceBackendProvider() {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "scalar Java with JML contracts, one thread; defines what is right";
    }

    @Override
    public Availability availability() {
        return Availability.yes("Java " + Runtime.version() + " on " + System.getProperty("os.arch"));
    }

    @Override
    public Backend open() {
        return ProductBackend.reference();
    }
}
