package org.threehalf.backends.cpu;

import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.kernels.VectorSupport;
import org.threehalf.kernels.simd.SimdKernel;

/**
 * Provides {@code simd}: the Vector API at the machine's widest vectors, on all threads. Needs {@code --add-modules
 * jdk.incubator.vector}.
 */
public final class SimdBackendProvider implements BackendProvider {

    /** For {@link java.util.ServiceLoader}. */
    public SimdBackendProvider() {}

    @Override
    public String name() {
        return "simd";
    }

    @Override
    public String description() {
        return "Vector API with tables of products, all threads; the fastest in pure Java";
    }

    @Override
    public Availability availability() {
        return VectorSupport.available()
                ? Availability.yes("Java " + Runtime.version() + " on " + System.getProperty("os.arch") + ", "
                        + VectorSupport.bits() + " bits")
                : Availability.no("the Vector API is not there: start java with --add-modules jdk.incubator.vector");
    }

    @Override
    public Backend open() {
        return ProductBackend.onAllThreads(SimdKernel.widest());
    }

    @Override
    public Backend open(int threads) {
        return new ProductBackend(SimdKernel.widest(), threads);
    }
}
