package org.threehalf.backends.cuda;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.format.Format;

/**
 * Measures gemv on a GPU beside the rate at which the same GPU reads its memory. Run it with {@code java -cp … org.threehalf.backends.cuda.CudaBench}; it takes no
 * arguments.
 *
 * <p>Copies of a matrix are gone through in turn, so many that the GPU's caches cannot hold them. Counted are the bytes of REQ-FMT-008: codes, sub-scales and row scales,
 * not the activations and outputs. cuBLAS is not measured.
 */
public final class CudaBench {
    private static final int STREAM_BLOCKS = 2048;
    private static final int STREAM_THREADS = 256;

    private final CudaDevice device;
    private final long memory;
    private final double seconds;

    /**
     * A measurement.
     *
     * @param what what was run
     * @param bytes read by one run
     * @param runs how often
     * @param seconds all runs together
     */
    record Line(String what, long bytes, long runs, double seconds) {
        /** 10⁹ bytes a second. */
        double gigabytesPerSecond() {
            return bytes * (double) runs / seconds / 1e9;
        }
    }

    /**
     * Measurements on a device.
     *
     * @param memory bytes that are gone through; several times what the caches hold
     * @param seconds how long each kernel is run at least
     */
    CudaBench(CudaDevice device, long memory, double seconds) {
        this.device = device;
        this.memory = memory;
        this.seconds = seconds;
    }

    /** Measures on the GPU that the backend would use, with matrices of LLaMA-70B's width, and prints a table. */
    public static void main(String[] args) {
        try (JCudaDevice device = new JCudaDevice()) {
            System.out.println(device.description());
            new CudaBench(device, 4L << 30, 2).print(8192, 8192, System.out);
        }
    }

    /** A table of all formats, N × K, beside the streaming read. */
    void print(int rows, int columns, PrintStream out) {
        Line limit = streamingRead();
        out.printf(Locale.ROOT, "%-28s %10.1f GB/s%n", limit.what, limit.gigabytesPerSecond());
        for (Format format : Format.values()) {
            Line line = gemv(format, rows, columns);
            out.printf(Locale.ROOT, "%-28s %10.1f GB/s %6.1f %% of the streaming read, %8.1f µs a product%n",
                    line.what, line.gigabytesPerSecond(), 100 * line.gigabytesPerSecond() / limit.gigabytesPerSecond(), 1e6 * line.seconds / line.runs);
        }
    }

    /** Reads the memory from one end to the other. */
    Line streamingRead() {
        long bytes = memory / 16 * 16;
        try (DeviceMemory from = device.allocate(bytes, "memory to read");
                DeviceMemory sink = device.allocate((long) STREAM_BLOCKS * STREAM_THREADS * Integer.BYTES, "what was read")) {
            return time("streaming read", bytes, 1, i ->
                    device.launch(Launch.of("stream_read", STREAM_BLOCKS, 1, STREAM_THREADS).pointer(from).int64(bytes / 16).pointer(sink)));
        }
    }

    /** gemv with one token, over copies of a random matrix. */
    Line gemv(Format format, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(35);
        List<ResidentMatrix> copies = new ArrayList<>();
        long bytes = format.matrixBytes(rows, columns);
        try (Arena arena = Arena.ofConfined();
                DeviceMemory codes = device.allocate(TokenLayout.bytes(columns), "a token");
                DeviceMemory scale = device.allocate(Float.BYTES, "a token's scale");
                DeviceMemory y = device.allocate((long) rows * Float.BYTES, "outputs")) {
            PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
            for (MemorySegment part : List.of(matrix.codes(), matrix.subscales())) {
                for (long i = 0; i < part.byteSize(); i++) {
                    part.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
                }
            }
            for (int row = 0; row < rows; row++) {
                matrix.scales().setAtIndex(ValueLayout.JAVA_FLOAT, row, 1);
            }
            byte[] token = new byte[columns];
            random.nextBytes(token);
            device.upload(MemorySegment.ofArray(TokenLayout.arranged(token)), codes, 0);
            device.upload(MemorySegment.ofArray(new float[] {1}), scale, 0);
            for (long i = Math.ceilDiv(memory, bytes); i > 0; i--) {
                copies.add(new ResidentMatrix(device, matrix));
            }
            return time("gemv %s %d x %d".formatted(format, rows, columns), bytes, copies.size(), i -> copies.get(i).multiply(codes, scale, 1, y));
        } finally {
            copies.forEach(ResidentMatrix::close);
        }
    }

    /** Starts rounds over all copies until the time is over; the first round is not counted. */
    private Line time(String what, long bytes, int copies, IntConsumer start) {
        long runs = 0;
        round(copies, start);
        long begin = System.nanoTime();
        double elapsed;
        do {
            round(copies, start);
            runs += copies;
            elapsed = (System.nanoTime() - begin) * 1e-9;
        } while (elapsed < seconds);
        return new Line(what, bytes, runs, elapsed);
    }

    private void round(int copies, IntConsumer start) {
        for (int i = 0; i < copies; i++) {
            start.accept(i);
        }
        device.synchronize();
    }
}
