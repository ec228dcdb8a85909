package org.threehalf.backends.external;

import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/** Lists {@code external}, which is judged by files and runs no decoder, and says how. */
public final class ExternalBackendProvider implements BackendProvider {

    private static final String REASON =
            "a vendor's program is judged by files: threehalf conformance run --exec 'PROGRAM {in} {out}'";

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
