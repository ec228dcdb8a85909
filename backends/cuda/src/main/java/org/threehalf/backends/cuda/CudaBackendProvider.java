package org.threehalf.backends.cuda;

import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/** Provides {@code cuda}. This version has no kernels for it yet, and says so. */
public final class CudaBackendProvider implements BackendProvider {

    private static final String REASON = "this version has no CUDA kernels";

    /** For {@link java.util.ServiceLoader}. */
    public CudaBackendProvider() {}

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public String description() {
        return "NVIDIA GPUs through JCuda";
    }

    @Override
    public Availability availability() {
        return Availability.no(REASON);
    }

    @Override
    public Backend open() {
        throw new IllegalStateException("backend cuda: " + REASON);
    }
}
