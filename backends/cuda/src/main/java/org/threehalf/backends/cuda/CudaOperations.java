package org.threehalf.backends.cuda;

import java.lang.foreign.MemorySegment;
import org.threehalf.kernels.transformer.Activation;
import org.threehalf.kernels.transformer.AttentionHeads;
import org.threehalf.kernels.transformer.Rotation;
import org.threehalf.kernels.transformer.TransformerOperations;

/**
 * The operations of {@code spec/INFERENCE.md}, one at a time, by the kernels of the decoder. Each brings its operands
 * to the device and its result back: for judging the kernels, not for speed.
 */
final class CudaOperations implements TransformerOperations {
    private final CudaDevice device;
    private final KernelLaunches launches;

    CudaOperations(CudaDevice device) {
        this.device = device;
        this.launches = new KernelLaunches(device);
    }

    /** Device memory with a copy of what is on the host. */
    private DeviceMemory copy(MemorySegment host) {
        DeviceMemory memory = device.allocate(Math.max(host.byteSize(), Float.BYTES), "operands of one operation");
        device.upload(host, memory, 0);
        return memory;
    }

    private DeviceMemory copy(float[] values, int from, int n) {
        return copy(slice(values, from, n));
    }

    private DeviceMemory integer(int value) {
        return copy(MemorySegment.ofArray(new int[] {value}));
    }

    private static MemorySegment slice(float[] values, int from, int n) {
        return MemorySegment.ofArray(values).asSlice((long) from * Float.BYTES, (long) n * Float.BYTES);
    }

    @Override
    public synchronized float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        if (n == 0) {
            return 0;
        }
        float[] result = new float[1];
        try (DeviceMemory row = copy(a, aFrom, n);
                DeviceMemory x = copy(b, bFrom, n);
                DeviceMemory y = device.allocate(Float.BYTES, "a dot product")) {
            launches.multiply(row, 1, n, x, 1, y);
            device.download(y, 0, MemorySegment.ofArray(result));
        }
        return result[0];
    }

    @Override
    public synchronized void rmsNorm(float[] x, int xFrom, float[] weights, float epsilon, float[] y, int yFrom) {
        int n = weights.length;
        try (DeviceMemory from = copy(x, xFrom, n);
                DeviceMemory w = copy(weights, 0, n)) {
            launches.norm(from, 0, 1, n, w, epsilon, from);
            device.download(from, 0, slice(y, yFrom, n));
        }
    }

    @Override
    public synchronized void gate(Activation activation, float[] gate, float[] up) {
        int n = gate.length;
        if (n == 0) {
            return;
        }
        try (DeviceMemory g = copy(gate, 0, n);
                DeviceMemory u = copy(up, 0, n)) {
            launches.gate(activation, g, u, n);
            device.download(g, 0, slice(gate, 0, n));
        }
    }

    @Override
    public synchronized void add(float[] x, float[] addition) {
        int n = x.length;
        if (n == 0) {
            return;
        }
        try (DeviceMemory sum = copy(x, 0, n);
                DeviceMemory d = copy(addition, 0, n)) {
            launches.add(sum, d, n, n);
            device.download(sum, 0, slice(x, 0, n));
        }
    }

    @Override
    public synchronized void softCap(float[] x, float cap) {
        int n = x.length;
        if (n == 0) {
            return;
        }
        try (DeviceMemory capped = copy(x, 0, n)) {
            launches.softCap(capped, n, cap);
            device.download(capped, 0, slice(x, 0, n));
        }
    }

    @Override
    public synchronized void rotate(
            Rotation.Layout layout, float[] x, int from, float[] cosines, float[] sines, int angle, int pairs) {
        if (pairs == 0) {
            return;
        }
        try (DeviceMemory head = copy(x, from, 2 * pairs);
                DeviceMemory cos = copy(cosines, angle, pairs);
                DeviceMemory sin = copy(sines, angle, pairs);
                DeviceMemory position = integer(0)) {
            launches.rotate(layout, head, 1, 1, 2 * pairs, cos, sin, pairs, position);
            device.download(head, 0, slice(x, from, 2 * pairs));
        }
    }

    @Override
    public synchronized void attend(AttentionHeads attention) {
        int count = attention.count();
        if (count == 0) {
            return;
        }
        int size = attention.size();
        int capacity = attention.last() + 1;
        long bytes = (long) capacity * size * Float.BYTES;
        int window = attention.first() == 0 ? 0 : attention.positions();
        KernelLaunches.Heads heads =
                new KernelLaunches.Heads(count, 1, size, capacity, window, attention.scale(), attention.cap());
        try (DeviceMemory q = copy(attention.query(), attention.queryFrom(), count * size);
                DeviceMemory k = copy(attention.keys().asSlice(0, bytes));
                DeviceMemory v = copy(attention.values().asSlice(0, bytes));
                DeviceMemory position = integer(attention.last());
                DeviceMemory sinks =
                        attention.sinks().length == 0 ? null : copy(attention.sinks(), attention.sinksFrom(), count);
                DeviceMemory scores = device.allocate((long) count * (capacity + 1L) * Float.BYTES, "scores");
                DeviceMemory to = device.allocate((long) count * size * Float.BYTES, "attention heads' outputs")) {
            launches.attend(heads, 1, q, k, v, position, sinks, scores, to);
            device.download(to, 0, slice(attention.output(), attention.outputFrom(), count * size));
        }
    }
}
