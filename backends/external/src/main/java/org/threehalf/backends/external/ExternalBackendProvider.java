package org.threehalf.backends.external;

import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/** Provides {@code external}. This version has no kernels for it yet, and says so. */
public final class ExternalBackendProvider implements BackendProvider {

    private static final String REASON = "this version cannot run a vendor's program";

    /** For {@link java.util.ServiceLoader}. */
    public ExternalBackendProvider() {}

    @Override
    public String name() {
        return "external";
    }

    @Override
    public String description() {
        return "a vendor's own program, fed with files";
    }

    @Override
    public Availability availability() {
        return Availability.no(REASON);
    }

    @Override
    public Backend open() {
        throw new IllegalStateException("backend external: " + REASON);
    }
}
