package org.threehalf.backends.cuda;

import java.lang.foreign.MemorySegment;

/**
 * A CUDA device as far as the backend uses it: memory, launches of the kernels of {@link CudaSource}, and graphs of
 * launches.
 *
 * <p>All work goes into one stream: it is done in the order in which it was asked for. Two devices implement this: the
 * driver of a GPU, and, in the tests, a host that plays one. So what the backend asks of a device is checked where
 * there is no GPU. Not safe for use by several threads at once.
 */
interface CudaDevice extends AutoCloseable {

    /** The device, its compute capability, its memory and the driver's version. */
    String description();

    /**
     * Reserves memory. Its content is undefined.
     *
     * @param bytes at least 1
     * @param purpose what it is for, for the message
     * @throws CudaException if the device has no room, saying how much was needed and how much there is
     */
    DeviceMemory allocate(long bytes, String purpose);

    /** Gives memory back; called by {@link DeviceMemory#close}. Work that uses it is waited for. */
    void release(DeviceMemory memory);

    /**
     * Copies {@code from} to the device, {@code offset} bytes into {@code to}. {@code from} may be changed after the
     * return.
     */
    void upload(MemorySegment from, DeviceMemory to, long offset);

    /**
     * Waits for all work before, then copies {@code to.byteSize()} bytes from the device, from {@code offset} bytes
     * into {@code from}.
     */
    void download(DeviceMemory from, long offset, MemorySegment to);

    /** Starts a kernel after all work before. */
    void launch(Launch launch);

    /**
     * Records launches instead of starting them. Only launches may be asked for meanwhile.
     *
     * @param work asks for the launches
     */
    Graph capture(Runnable work);

    /**
     * Waits for all work.
     *
     * @throws CudaException if any of it failed
     */
    void synchronize();

    /** Frees everything. */
    @Override
    void close();

    /** Recorded launches, which are started as one. */
    interface Graph extends AutoCloseable {
        /** Starts the launches after all work before. */
        void launch();

        /** Frees the record. */
        @Override
        void close();
    }
}
