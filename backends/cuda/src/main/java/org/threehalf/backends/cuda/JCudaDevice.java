package org.threehalf.backends.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** A GPU, through the CUDA driver. */
final class JCudaDevice implements CudaDevice {
    /** Chooses among several GPUs, by the driver's number; 0 if it is not set. */
    static final String DEVICE_PROPERTY = "threehalf.cuda.device";

    private static final int LEAST_CAPABILITY = 75;
    private static final int LEAST_DRIVER = 12_000;
    private static final String DRIVER = "libcuda.so.1";

    /** Reads the address that the driver writes into it. */
    private static final class Address extends CUdeviceptr {
        long value() {
            return getNativePointer();
        }
    }

    /** What is known of a GPU before it is opened. */
    private record Properties(int number, String name, int capability, int driver, long memory) {
        String describe() {
            return "%s (device %d, compute capability %d.%d, %,d bytes, driver for CUDA %d.%d)"
                    .formatted(
                            name, number, capability / 10, capability % 10, memory, driver / 1000, driver % 1000 / 10);
        }
    }

    private final Properties properties;
    private final CUcontext context = new CUcontext();
    private final CUmodule module = new CUmodule();
    private final CUstream stream = new CUstream();
    private final CUdevice device;
    private final Map<String, CUfunction> functions = new HashMap<>();

    /**
     * Opens the GPU that {@value #DEVICE_PROPERTY} names, compiles the kernels for it and loads them.
     *
     * @throws CudaException if it cannot be used, with the reason and what to do
     */
    JCudaDevice() {
        String problem = problem();
        if (problem != null) {
            throw new CudaException(problem);
        }
        device = new CUdevice();
        properties = probe(device);
        Nvrtc.Program program = compile(properties.capability);
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device);
        attempt("loading the kernels on " + properties.describe(), () -> {
            byte[] cubin = program.cubin();
            if (cubin != null) {
                JCudaDriver.cuModuleLoadData(module, cubin);
            } else {
                JCudaDriver.cuModuleLoadData(module, program.ptx());
            }
            JCudaDriver.cuStreamCreate(stream, 0);
        });
    }

    /** Why no GPU can be used here, and what to do; null if one can. Throws nothing. */
    static @Nullable String problem() {
        try {
            return driverProblem()
                    .or(() -> Optional.ofNullable(Nvrtc.missing()))
                    .or(JCudaDevice::gpuProblem)
                    .orElse(null);
        } catch (RuntimeException | LinkageError e) {
            return "the CUDA driver cannot be used: " + Objects.requireNonNullElse(e.getMessage(), e.toString());
        }
    }

    /** The GPU, where {@link #problem} is null. */
    static String available() {
        return probe(new CUdevice()).describe();
    }

    @SuppressWarnings("restricted") // Looking whether a library is there means loading it.
    private static Optional<String> driverProblem() {
        String os = System.getProperty("os.name", "");
        String architecture = System.getProperty("os.arch", "");
        if (!os.equals("Linux") || !architecture.equals("amd64")) {
            return Optional.of("JCuda's native libraries are bundled for Linux on x86-64, not for %s on %s"
                    .formatted(os, architecture));
        }
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(DRIVER, arena);
            return Optional.empty();
        } catch (IllegalArgumentException notFound) {
            return Optional.of("no NVIDIA driver: %s was not found; install a driver for CUDA 12 (525 or newer)"
                    .formatted(DRIVER));
        }
    }

    private static Optional<String> gpuProblem() {
        JCudaLibraries.loadDriver();
        JCudaDriver.setExceptionsEnabled(true);
        JCudaDriver.cuInit(0);
        int[] count = new int[1];
        JCudaDriver.cuDeviceGetCount(count);
        int number = number();
        if (number < 0 || number >= count[0]) {
            return Optional.of("the driver shows %d GPUs; number %d (-D%s) is not among them"
                    .formatted(count[0], number, DEVICE_PROPERTY));
        }
        Properties found = probe(new CUdevice());
        if (found.driver < LEAST_DRIVER) {
            return Optional.of(
                    "%s: the driver is too old; install one for CUDA 12 (525 or newer)".formatted(found.describe()));
        }
        if (found.capability < LEAST_CAPABILITY) {
            return Optional.of("%s: compute capability 7.5 (Turing) is the least, for int8 products on tensor cores"
                    .formatted(found.describe()));
        }
        return Optional.empty();
    }

    private static int number() {
        return Integer.getInteger(DEVICE_PROPERTY, 0);
    }

    private static Properties probe(CUdevice device) {
        int number = number();
        JCudaDriver.cuDeviceGet(device, number);
        byte[] name = new byte[256];
        JCudaDriver.cuDeviceGetName(name, name.length, device);
        int[] major = new int[1];
        int[] minor = new int[1];
        JCudaDriver.cuDeviceGetAttribute(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device);
        JCudaDriver.cuDeviceGetAttribute(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
        int[] driver = new int[1];
        JCudaDriver.cuDriverGetVersion(driver);
        long[] memory = new long[1];
        JCudaDriver.cuDeviceTotalMem(memory, device);
        String text = new String(name, StandardCharsets.UTF_8);
        return new Properties(
                number, text.substring(0, text.indexOf('\0')), 10 * major[0] + minor[0], driver[0], memory[0]);
    }

    /**
     * The device's own code if NVRTC knows the architecture, else PTX of the newest below it, which the driver
     * translates.
     */
    private static Nvrtc.Program compile(int capability) {
        List<Integer> known = Nvrtc.architectures();
        if (known.contains(capability)) {
            return Nvrtc.compile(CudaSource.forDevice(), capability, true);
        }
        int newest = known.stream()
                .filter(a -> a < capability && a >= LEAST_CAPABILITY)
                .max(Integer::compare)
                .orElseThrow(() ->
                        new CudaException("NVRTC %s makes code for %s, none of which runs on compute capability %d.%d"
                                .formatted(Nvrtc.version(), known, capability / 10, capability % 10)));
        return Nvrtc.compile(CudaSource.forDevice(), newest, false);
    }

    /**
     * Runs calls of the driver in this device's context; the driver's error becomes a message that says what was tried.
     */
    private void attempt(String what, Runnable calls) {
        try {
            // The caller may be another thread than last time.
            JCudaDriver.cuCtxSetCurrent(context);
            calls.run();
        } catch (jcuda.CudaException e) {
            throw new CudaException("%s: the driver answers %s".formatted(what, e.getMessage()), e);
        }
    }

    /** Has another library do its calls in this device's context and stream. */
    void inStream(Consumer<CUstream> calls) {
        JCudaDriver.cuCtxSetCurrent(context);
        calls.accept(stream);
    }

    @Override
    public String description() {
        return properties.describe();
    }

    @Override
    public DeviceMemory allocate(long bytes, String purpose) {
        Address address = new Address();
        try {
            JCudaDriver.cuCtxSetCurrent(context);
            JCudaDriver.cuMemAlloc(address, bytes);
        } catch (jcuda.CudaException e) {
            long[] free = new long[1];
            long[] all = new long[1];
            JCudaDriver.cuMemGetInfo(free, all);
            throw new CudaException(
                    "no room for %,d bytes of %s: %,d of %,d bytes are free (the driver answers %s)"
                            .formatted(bytes, purpose, free[0], all[0], e.getMessage()),
                    e);
        }
        return new DeviceMemory(this, address.value(), bytes);
    }

    private static CUdeviceptr pointer(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }

    @Override
    public void release(DeviceMemory memory) {
        attempt("freeing %,d bytes".formatted(memory.bytes()), () -> JCudaDriver.cuMemFree(pointer(memory.address())));
    }

    @Override
    public void upload(MemorySegment from, DeviceMemory to, long offset) {
        to.requireRange(offset, from.byteSize());
        // The stream is an ordinary one: these copies, of the default stream, wait for it and it waits for them.
        withNative(
                from,
                true,
                host -> attempt(
                        "copying %,d bytes to the device".formatted(from.byteSize()),
                        () -> JCudaDriver.cuMemcpyHtoD(
                                pointer(to.address() + offset),
                                new Pointer().withByteOffset(host.address()),
                                host.byteSize())));
    }

    @Override
    public void download(DeviceMemory from, long offset, MemorySegment to) {
        from.requireRange(offset, to.byteSize());
        withNative(
                to,
                false,
                host -> attempt(
                        "copying %,d bytes from the device".formatted(to.byteSize()),
                        () -> JCudaDriver.cuMemcpyDtoH(
                                new Pointer().withByteOffset(host.address()),
                                pointer(from.address() + offset),
                                host.byteSize())));
    }

    /** Gives the segment itself if it is off heap, else a copy that is. */
    private static void withNative(MemorySegment segment, boolean in, Consumer<MemorySegment> use) {
        if (segment.isNative()) {
            use.accept(segment);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(segment.byteSize(), 16);
            if (in) {
                copy.copyFrom(segment);
            }
            use.accept(copy);
            if (!in) {
                segment.copyFrom(copy);
            }
        }
    }

    @Override
    public void launch(Launch launch) {
        long[] arguments = launch.arguments();
        NativePointerObject[] slots = new NativePointerObject[arguments.length];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = Pointer.to(new long[] {arguments[i]});
        }
        attempt(
                "starting " + launch.kernel(),
                () -> JCudaDriver.cuLaunchKernel(
                        function(launch.kernel()),
                        launch.gridX(),
                        launch.gridY(),
                        1,
                        launch.threads(),
                        1,
                        1,
                        0,
                        stream,
                        Pointer.to(slots),
                        null));
    }

    private CUfunction function(String kernel) {
        return functions.computeIfAbsent(kernel, name -> {
            CUfunction function = new CUfunction();
            JCudaDriver.cuModuleGetFunction(function, module, name);
            return function;
        });
    }

    @Override
    public Graph capture(Runnable work) {
        CUgraph graph = new CUgraph();
        CUgraphExec executable = new CUgraphExec();
        // Relaxed: the driver may load a kernel at its first launch, which the stricter modes forbid while recording.
        attempt(
                "recording a graph",
                () -> JCudaDriver.cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED));
        try {
            work.run();
        } finally {
            attempt("recording a graph", () -> JCudaDriver.cuStreamEndCapture(stream, graph));
        }
        attempt("making a graph", () -> JCudaDriver.cuGraphInstantiate(executable, graph, 0));
        attempt("freeing a graph's record", () -> JCudaDriver.cuGraphDestroy(graph));
        return new Graph() {
            @Override
            public void launch() {
                attempt("starting a graph", () -> JCudaDriver.cuGraphLaunch(executable, stream));
            }

            @Override
            public void close() {
                attempt("freeing a graph", () -> JCudaDriver.cuGraphExecDestroy(executable));
            }
        };
    }

    @Override
    public void synchronize() {
        attempt("running kernels", () -> JCudaDriver.cuStreamSynchronize(stream));
    }

    @Override
    public void close() {
        attempt("closing " + properties.name, () -> {
            JCudaDriver.cuStreamDestroy(stream);
            JCudaDriver.cuModuleUnload(module);
            JCudaDriver.cuDevicePrimaryCtxRelease(device);
        });
    }
}
