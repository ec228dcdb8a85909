package org.threehalf.backends.cuda;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One start of a kernel: its name, its grid and its arguments, each in 64 bits as CUDA's {@code kernelParams} read them
 * on a little-endian host.
 *
 * <p>Arguments are appended in the order of the kernel's parameters.
 */
final class Launch {
    private final String kernel;
    private final int gridX;
    private final int gridY;
    private final int threads;
    private long[] arguments = new long[16];
    private int count;

    private Launch(String kernel, int gridX, int gridY, int threads) {
        this.kernel = kernel;
        this.gridX = gridX;
        this.gridY = gridY;
        this.threads = threads;
    }

    /**
     * A launch without arguments so far.
     *
     * @param kernel the kernel's name in {@link CudaSource}
     * @param gridX blocks of threads along x, at least 1
     * @param gridY blocks of threads along y, in [1, 65,535]
     * @param threads threads a block: a multiple of 32 up to 1024
     */
    static Launch of(String kernel, long gridX, long gridY, int threads) {
        if (gridX < 1
                || gridX > Integer.MAX_VALUE
                || gridY < 1
                || gridY > 65_535
                || threads < 32
                || threads > 1024
                || threads % 32 != 0) {
            throw new IllegalArgumentException(
                    "%s: a grid of %,d x %,d blocks of %d threads".formatted(kernel, gridX, gridY, threads));
        }
        return new Launch(kernel, (int) gridX, (int) gridY, threads);
    }

    /** Appends a pointer; null is the null pointer. */
    Launch pointer(@Nullable DeviceMemory memory) {
        return append(memory == null ? 0 : memory.address());
    }

    /** Appends a pointer into memory. */
    Launch pointer(DeviceMemory memory, long offset) {
        memory.requireRange(offset, 1);
        return append(memory.address() + offset);
    }

    /** Appends an {@code int}. */
    Launch int32(int value) {
        return append(value & 0xffff_ffffL);
    }

    /** Appends a {@code long long}. */
    Launch int64(long value) {
        return append(value);
    }

    /** Appends a {@code float}. */
    Launch float32(float value) {
        return append(Float.floatToRawIntBits(value) & 0xffff_ffffL);
    }

    private Launch append(long slot) {
        if (count == arguments.length) {
            arguments = Arrays.copyOf(arguments, 2 * count);
        }
        arguments[count++] = slot;
        return this;
    }

    String kernel() {
        return kernel;
    }

    int gridX() {
        return gridX;
    }

    int gridY() {
        return gridY;
    }

    int threads() {
        return threads;
    }

    /** A copy of the arguments. */
    long[] arguments() {
        return Arrays.copyOf(arguments, count);
    }
}
