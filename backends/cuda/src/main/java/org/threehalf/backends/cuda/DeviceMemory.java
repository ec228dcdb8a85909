package org.threehalf.backends.cuda;

/** Memory on a device; owned by whoever allocated it. */
final class DeviceMemory implements AutoCloseable {
    private final CudaDevice device;
    private final long address;
    private final long bytes;
    private boolean released;

    /**
     * Memory that a device has reserved.
     *
     * @param address the device's address, aligned to 256 bytes
     * @param bytes its size
     */
    DeviceMemory(CudaDevice device, long address, long bytes) {
        this.device = device;
        this.address = address;
        this.bytes = bytes;
    }

    /**
     * The device's address.
     *
     * @throws IllegalStateException if the memory was given back
     */
    long address() {
        if (released) {
            throw new IllegalStateException("device memory of %,d bytes is used after it was freed".formatted(bytes));
        }
        return address;
    }

    /** Its size in bytes. */
    long bytes() {
        return bytes;
    }

    /**
     * Checks a range.
     *
     * @throws IndexOutOfBoundsException if it passes the end
     */
    void requireRange(long offset, long length) {
        if (offset < 0 || length < 0 || offset > bytes - length) {
            throw new IndexOutOfBoundsException(
                    "%,d bytes at offset %,d of device memory of %,d bytes".formatted(length, offset, bytes));
        }
    }

    /** Gives it back; once is enough. */
    @Override
    public void close() {
        if (!released) {
            device.release(this);
            released = true;
        }
    }
}
