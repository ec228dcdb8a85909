package org.threehalf.backends.cuda;

import java.util.ArrayList;
import java.util.List;

/** Allocations that belong together: all are kept, or on the way out of a failure all are freed. */
final class Allocations implements AutoCloseable {
    private final CudaDevice device;
    private final String purpose;
    private final List<DeviceMemory> parts = new ArrayList<>();

    Allocations(CudaDevice device, String purpose) {
        this.device = device;
        this.purpose = purpose;
    }

    /** One more allocation. */
    DeviceMemory add(long bytes) {
        DeviceMemory part = device.allocate(bytes, purpose);
        parts.add(part);
        return part;
    }

    /** Everything is there: {@link #close} frees nothing. */
    void keep() {
        parts.clear();
    }

    @Override
    public void close() {
        parts.forEach(DeviceMemory::close);
    }
}
