package org.threehalf.backends.cuda;

import org.jspecify.annotations.Nullable;
import org.threehalf.backends.cuda.EmulatedDevice.Order;

/**
 * The backend on the emulated device that the properties of a class share: opened at its first use, closed, with the
 * device's own checks, at the container's end.
 */
final class SharedBackend implements AutoCloseable {
    private @Nullable CudaBackend backend;

    /** The backend, whose device from now on takes its threads in that order. */
    CudaBackend in(Order order) {
        CudaBackend open = backend;
        if (open == null) {
            open = Emulation.backend(order);
            backend = open;
        }
        ((EmulatedDevice) open.device()).setOrder(order);
        return open;
    }

    @Override
    public void close() {
        if (backend != null) {
            backend.close();
            backend = null;
        }
    }
}
