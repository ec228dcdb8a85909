package org.threehalf.backends.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device that the host plays: the kernels are those of {@link CudaSource}, compiled as C++ by {@link HostCompiler}.
 *
 * <p>It is stricter than a GPU: new memory holds noise, a write outside an allocation and memory that is never given
 * back are errors, the number of arguments is checked, and the order in which blocks and threads take their turn can be
 * chosen.
 */
@SuppressWarnings("restricted") // The library is compiled by the test itself.
final class EmulatedDevice implements CudaDevice {

    /** In which order blocks, and the threads of a block, take their turn. */
    enum Order {
        FORWARD,
        BACKWARD,
        SHUFFLED
    }

    private static final int GUARD = 256;
    /** As binary32 a NaN, as int32 −1: hard to compute with unnoticed. */
    private static final byte NOISE = (byte) 0xff;

    /**
     * The most threads a block that a kernel, or the kernels of a name's beginning, are compiled for; a GPU refuses
     * more.
     */
    private static final Map<String, Integer> BOUNDS = Pattern.compile(
                    "__launch_bounds__\\((\\d+)[^)]*\\)\\s+(\\w+)(?:##NAME)?\\(")
            .matcher(CudaSource.portable())
            .results()
            .collect(Collectors.toMap(found -> found.group(2), found -> Integer.valueOf(found.group(1))));

    private record Allocation(Arena arena, MemorySegment whole, String purpose) {}

    private final Arena arena = Arena.ofShared();
    private final SymbolLookup library;
    private final Map<String, MethodHandle> kernels = new HashMap<>();
    private final Map<Long, Allocation> allocations = new HashMap<>();
    private final long capacity;
    private Order order;
    private long used;
    private long launches;
    private @Nullable List<Runnable> recording;

    /**
     * A device.
     *
     * @param library what {@link HostCompiler#compile} gave
     * @param capacity bytes of memory
     */
    EmulatedDevice(Path library, long capacity, Order order) {
        this.library = SymbolLookup.libraryLookup(library, arena);
        this.capacity = capacity;
        this.order = order;
    }

    /** Chooses another order for the launches from now on. */
    void setOrder(Order order) {
        this.order = order;
    }

    /** Bytes that are allocated. */
    long used() {
        return used;
    }

    /** Launches so far; those of a graph count one by one. */
    long launches() {
        return launches;
    }

    @Override
    public String description() {
        return "a CUDA device played by the host, %,d bytes".formatted(capacity);
    }

    @Override
    public DeviceMemory allocate(long bytes, String purpose) {
        requireNoRecording("allocate");
        if (bytes < 1) {
            throw new IllegalArgumentException("an allocation of " + bytes + " bytes");
        }
        if (bytes > capacity - used) {
            throw new CudaException("no room for %,d bytes of %s: %,d of %,d bytes are free"
                    .formatted(bytes, purpose, capacity - used, capacity));
        }
        Arena own = Arena.ofShared();
        MemorySegment whole = own.allocate(bytes + 2 * GUARD, 256).fill(NOISE);
        long address = whole.address() + GUARD;
        allocations.put(address, new Allocation(own, whole, purpose));
        used += bytes;
        return new DeviceMemory(this, address, bytes);
    }

    @Override
    public void release(DeviceMemory memory) {
        requireNoRecording("release");
        Allocation allocation = allocations.remove(memory.address());
        if (allocation == null) {
            throw new AssertionError("memory that this device does not know");
        }
        used -= memory.bytes();
        requireGuards(allocation);
        allocation.arena.close();
    }

    private static void requireGuards(Allocation allocation) {
        MemorySegment whole = allocation.whole;
        for (long i = 0; i < GUARD; i++) {
            if (whole.get(ValueLayout.JAVA_BYTE, i) != NOISE
                    || whole.get(ValueLayout.JAVA_BYTE, whole.byteSize() - 1 - i) != NOISE) {
                throw new CudaException("a kernel wrote outside an allocation of %,d bytes of %s"
                        .formatted(whole.byteSize() - 2 * GUARD, allocation.purpose));
            }
        }
    }

    private MemorySegment at(DeviceMemory memory, long offset, long bytes) {
        memory.requireRange(offset, bytes);
        Allocation allocation = allocations.get(memory.address());
        if (allocation == null) {
            throw new AssertionError("memory that this device does not know");
        }
        return allocation.whole.asSlice(GUARD + offset, bytes);
    }

    @Override
    public void upload(MemorySegment from, DeviceMemory to, long offset) {
        requireNoRecording("upload");
        at(to, offset, from.byteSize()).copyFrom(from);
    }

    @Override
    public void download(DeviceMemory from, long offset, MemorySegment to) {
        requireNoRecording("download");
        to.copyFrom(at(from, offset, to.byteSize()));
    }

    @Override
    public void launch(Launch launch) {
        perform(() -> start(launch));
    }

    /** Work of another library on the device: done, or recorded, as a launch is. */
    void perform(Runnable work) {
        if (recording == null) {
            work.run();
        } else {
            recording.add(work);
        }
    }

    private void start(Launch launch) {
        String kernel = launch.kernel();
        Integer bound = BOUNDS.getOrDefault(kernel, BOUNDS.get(kernel.substring(0, kernel.indexOf('_') + 1)));
        if (bound == null || launch.threads() > bound) {
            throw new CudaException("%s is started with %d threads a block; it is compiled for %s"
                    .formatted(kernel, launch.threads(), bound));
        }
        long[] arguments = launch.arguments();
        try (Arena call = Arena.ofConfined()) {
            int arity = (int) handle("arity_" + launch.kernel(), FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
            if (arity != arguments.length) {
                throw new CudaException("%s has %d parameters, and was given %d arguments"
                        .formatted(launch.kernel(), arity, arguments.length));
            }
            MemorySegment message = (MemorySegment) handle(
                            "launch_" + launch.kernel(),
                            FunctionDescriptor.of(
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(
                            call.allocateFrom(ValueLayout.JAVA_INT, launch.gridX(), launch.gridY(), 1),
                            call.allocateFrom(ValueLayout.JAVA_INT, launch.threads(), 1, 1),
                            call.allocateFrom(ValueLayout.JAVA_LONG, arguments),
                            order.ordinal());
            launches++;
            if (message.address() != 0) {
                throw new CudaException(
                        launch.kernel() + ": " + message.reinterpret(256).getString(0));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private MethodHandle handle(String symbol, FunctionDescriptor type) {
        return kernels.computeIfAbsent(
                symbol,
                name -> Linker.nativeLinker()
                        .downcallHandle(
                                library.find(name)
                                        .orElseThrow(() -> new CudaException("there is no kernel for " + name)),
                                type));
    }

    @Override
    public Graph capture(Runnable work) {
        requireNoRecording("capture");
        List<Runnable> recorded = new ArrayList<>();
        recording = recorded;
        try {
            work.run();
        } finally {
            recording = null;
        }
        return new Graph() {
            private boolean closed;

            @Override
            public void launch() {
                if (closed) {
                    throw new CudaException("a graph is launched after it was freed");
                }
                recorded.forEach(EmulatedDevice.this::perform);
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    private void requireNoRecording(String what) {
        if (recording != null) {
            throw new CudaException(what + " while launches are recorded");
        }
    }

    @Override
    public void synchronize() {
        allocations.values().forEach(EmulatedDevice::requireGuards);
    }

    @Override
    public void close() {
        synchronize();
        List<String> kept =
                allocations.values().stream().map(Allocation::purpose).toList();
        allocations.values().forEach(allocation -> allocation.arena.close());
        allocations.clear();
        arena.close();
        if (!kept.isEmpty()) {
            throw new CudaException("device memory was never given back: " + kept);
        }
    }
}
