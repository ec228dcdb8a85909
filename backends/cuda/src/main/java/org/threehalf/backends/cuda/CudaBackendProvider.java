package org.threehalf.backends.cuda;

import org.jspecify.annotations.Nullable;
import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;

/** Provides {@code cuda}. The driver's and NVRTC's libraries are looked for only when somebody asks. */
public final class CudaBackendProvider implements BackendProvider {

    /** For {@link java.util.ServiceLoader}. */
    public CudaBackendProvider() {}

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public String description() {
        return "NVIDIA GPUs from compute capability 7.5, CUDA 12, through JCuda";
    }

    @Override
    public Availability availability() {
        try {
            @Nullable String problem = JCudaDevice.problem();
            return problem == null ? Availability.yes(JCudaDevice.available()) : Availability.no(problem);
        } catch (RuntimeException | LinkageError e) {
            return Availability.no("the CUDA driver cannot be used: " + e);
        }
    }

    @Override
    public Backend open() {
        try {
            return new CudaBackend(name(), new JCudaDevice());
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException("backend cuda: " + e.getMessage(), e);
        }
    }
}
