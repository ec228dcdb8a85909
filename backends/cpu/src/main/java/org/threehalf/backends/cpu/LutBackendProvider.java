package org.threehalf.backends.cpu;

import org.threehalf.backends.spi.Availability;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.kernels.lut.LutKernel;

/** Provides {@code lut}: table look-up in scalar Java, on all threads. Always available. */
public final class LutBackendProvider implements BackendProvider {

    /** For {@link java.util.ServiceLoader}. */
    public LutBackendProvider() {}

    @Override
    public String name() {
        return "lut";
    }

    @Override
    public String description() {
        return "scalar Java with tables of products, all threads";
    }

    @Override
    public Availability availability() {
        return Availability.yes("Java " + Runtime.version() + " on " + System.getProperty("os.arch"));
    }

    @Override
    public Backend open() {
        return ProductBackend.onAllThreads(new LutKernel());
    }

    @Override
    public Backend open(int threads) {
        return new ProductBackend(new LutKernel(), threads);
    }
}
