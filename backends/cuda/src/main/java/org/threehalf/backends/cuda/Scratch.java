package org.threehalf.backends.cuda;

import org.jspecify.annotations.Nullable;

/** Device memory that grows to the largest size that was asked for; its content is not kept. */
final class Scratch implements AutoCloseable {
    private final CudaDevice device;
    private final String purpose;
    private @Nullable DeviceMemory memory;

    Scratch(CudaDevice device, String purpose) {
        this.device = device;
        this.purpose = purpose;
    }

    /** Memory of at least {@code bytes} bytes, until the next call. */
    DeviceMemory atLeast(long bytes) {
        DeviceMemory held = memory;
        if (held == null || held.bytes() < bytes) {
            close();
            held = device.allocate(Math.max(bytes, 256), purpose);
            memory = held;
        }
        return held;
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
