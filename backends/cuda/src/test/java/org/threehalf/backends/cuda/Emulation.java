package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The one emulation of the unchanged source that the tests share, and what happens where there is no C++ compiler. */
final class Emulation {
    private static final long CAPACITY = 1L << 30;

    private static @Nullable Path library;

    private Emulation() {}

    /**
     * Ends the test as "not checked" where there is no C++ compiler: skipped in a plain build, failed where the build
     * says {@code -Dcuda.check=require}.
     */
    static void requireCompiler(String check) {
        if (HostCompiler.find() == null) {
            notChecked(
                    check,
                    "there is no C++ compiler (g++, or what CXX names), so the CUDA kernels are NOT CHECKED on the host; install g++");
        }
    }

    /** Skips or fails, as {@link #requireCompiler} says, and reports it. */
    static void notChecked(String check, String reason) {
        Checks.notChecked(check, reason);
        if ("require".equals(System.getProperty("cuda.check"))) {
            throw new AssertionError("NOT CHECKED: " + reason);
        }
        abort("NOT CHECKED: " + reason);
    }

    /** The library of the unchanged source. */
    static synchronized Path library() {
        requireCompiler("kernels on the emulated device");
        Path found = library;
        if (found == null) {
            found = HostCompiler.compile("threehalf", CudaSource.portable(), "-O2");
            library = found;
        }
        return found;
    }

    /** A device with the unchanged source. */
    static EmulatedDevice device(EmulatedDevice.Order order) {
        return new EmulatedDevice(library(), CAPACITY, order);
    }

    /** A backend on {@link #device}. */
    static CudaBackend backend(EmulatedDevice.Order order) {
        return new CudaBackend("cuda-emulation", device(order));
    }

    /** A backend on another build of the source. */
    static CudaBackend backend(Path library, EmulatedDevice.Order order) {
        return new CudaBackend("cuda-emulation", new EmulatedDevice(library, CAPACITY, order));
    }
}
