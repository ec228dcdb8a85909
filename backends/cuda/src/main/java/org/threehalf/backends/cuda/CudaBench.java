package org.threehalf.backends.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.QuantizedRow;
import org.threehalf.kernels.QuantizedToken;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.reference.DotProduct;

/**
 * Times products on a GPU, beside the rate at which the same GPU reads its memory, and beside cuBLAS.
 *
 * <p>Copies of a matrix are gone through in turn, so many that the GPU's caches cannot hold them. A round over all of
 * them is recorded as a graph, as a decoder does it, and some rounds are started together, so that what is timed is the
 * GPU and not the host.
 */
public final class CudaBench implements ProductMeter {
    private static final int STREAM_BLOCKS = 2048;
    private static final int STREAM_THREADS = 256;
    /**
     * Small matrices are gone through at most so often; if that is less than the memory asked for, they count as warm.
     */
    private static final int MOST_COPIES = 2048;

    private static final int LEAST_WINDOWS = 3;
    private static final int CHECKED_ROWS = 64;
    private static final int CHECKED_TOKENS = 4;

    private final CudaDevice device;
    private final @Nullable Int8Gemm peer;
    private final String peerDetail;
    private final List<String> refusals = new ArrayList<>();
    private final long memory;
    private final double seconds;

    /**
     * Measurements on a device, which this owns, as it owns the peer.
     *
     * @param peer the other library, or null
     * @param whyNoPeer what is said where there is none
     * @param memory bytes that are gone through; several times what the caches hold
     * @param seconds how long each product is run at least
     */
    CudaBench(CudaDevice device, @Nullable Int8Gemm peer, String whyNoPeer, long memory, double seconds) {
        this.device = device;
        this.peer = peer;
        this.peerDetail = peer == null ? "NOT MEASURED: " + whyNoPeer : peer.description();
        this.memory = memory;
        this.seconds = seconds;
    }

    /**
     * Measurements on the GPU that the backend would use, with cuBLAS where it is installed.
     *
     * @param memory bytes that are gone through; several times what the caches hold
     * @param seconds how long each product is run at least
     * @throws IllegalStateException if there is no GPU, or it cannot be used, with the reason and what to do
     */
    public static CudaBench open(long memory, double seconds) {
        JCudaDevice device = new JCudaDevice();
        try {
            @Nullable String missing = JCublasGemm.missing();
            return missing == null
                    ? new CudaBench(device, new JCublasGemm(device), "", memory, seconds)
                    : new CudaBench(device, null, missing, memory, seconds);
        } catch (RuntimeException | LinkageError e) {
            return new CudaBench(
                    device,
                    null,
                    "cuBLAS cannot be used: " + Objects.requireNonNullElse(e.getMessage(), e.toString()),
                    memory,
                    seconds);
        }
    }

    @Override
    public String device() {
        return device.description();
    }

    @Override
    public String peer() {
        return String.join(
                "; ", Stream.concat(Stream.of(peerDetail), refusals.stream()).toList());
    }

    @Override
    public Measured streamingRead() {
        long bytes = memory / 16 * 16;
        try (DeviceMemory from = device.allocate(bytes, "memory to read");
                DeviceMemory sink =
                        device.allocate((long) STREAM_BLOCKS * STREAM_THREADS * Integer.BYTES, "what was read")) {
            return time(
                    bytes,
                    1,
                    i -> device.launch(Launch.of("stream_read", STREAM_BLOCKS, 1, STREAM_THREADS)
                            .pointer(from)
                            .int64(bytes / 16)
                            .pointer(sink)));
        }
    }

    private int copies(long bytes) {
        return (int) Math.min(MOST_COPIES, Math.ceilDiv(memory, bytes));
    }

    @Override
    public Measured product(Format format, int rows, int columns, int tokens) {
        SplittableRandom random = new SplittableRandom(35);
        List<ResidentMatrix> copies = new ArrayList<>();
        long bytes = format.matrixBytes(rows, columns);
        List<QuantizedToken> activations = tokens(columns, tokens, random);
        try (Arena arena = Arena.ofConfined();
                DeviceMemory codes = device.allocate(tokens * TokenLayout.bytes(columns), "tokens");
                DeviceMemory scales = device.allocate((long) tokens * Float.BYTES, "the tokens' scales");
                DeviceMemory y = device.allocate((long) tokens * rows * Float.BYTES, "outputs")) {
            PackedMatrix matrix = PackedMatrix.allocate(format, rows, columns, arena);
            fill(matrix.codes(), random);
            fill(matrix.subscales(), random);
            for (int row = 0; row < rows; row++) {
                matrix.scales().setAtIndex(ValueLayout.JAVA_FLOAT, row, 0.5f + random.nextInt(256) / 512f);
            }
            for (int t = 0; t < tokens; t++) {
                QuantizedToken token = activations.get(t);
                device.upload(
                        MemorySegment.ofArray(TokenLayout.arranged(token.codes())),
                        codes,
                        t * TokenLayout.bytes(columns));
                device.upload(MemorySegment.ofArray(new float[] {token.scale()}), scales, (long) t * Float.BYTES);
            }
            int count = copies(bytes);
            for (int i = 0; i < count; i++) {
                copies.add(new ResidentMatrix(device, matrix));
            }
            IntConsumer multiply = i -> copies.get(i).multiply(codes, scales, tokens, y);
            multiply.accept(0);
            requireReference(matrix, activations, y);
            return time(bytes, count, multiply);
        } finally {
            copies.forEach(ResidentMatrix::close);
        }
    }

    private static List<QuantizedToken> tokens(int columns, int count, SplittableRandom random) {
        return IntStream.range(0, count)
                .mapToObj(t -> {
                    byte[] codes = new byte[columns];
                    for (int k = 0; k < columns; k++) {
                        codes[k] = (byte) random.nextInt(-127, 128);
                    }
                    return new QuantizedToken(0.75f + t / 1024f, codes);
                })
                .toList();
    }

    private static void fill(MemorySegment bytes, SplittableRandom random) {
        long i = 0;
        for (; i + Long.BYTES <= bytes.byteSize(); i += Long.BYTES) {
            bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, i, random.nextLong());
        }
        for (; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
    }

    /**
     * Compares some rows, the first and the last among them, of some tokens, the first and the last among them, with
     * the reference.
     */
    private void requireReference(PackedMatrix matrix, List<QuantizedToken> tokens, DeviceMemory y) {
        float[] found = new float[matrix.rows()];
        for (int t : sample(tokens.size(), CHECKED_TOKENS)) {
            device.download(y, (long) t * matrix.rows() * Float.BYTES, MemorySegment.ofArray(found));
            QuantizedToken token = tokens.get(t);
            for (int row : sample(matrix.rows(), CHECKED_ROWS)) {
                QuantizedRow weights = matrix.row(row);
                float expected = DotProduct.output(weights.dot(token), weights.scale(), token.scale());
                if (Float.floatToRawIntBits(expected) != Float.floatToRawIntBits(found[row])) {
                    throw new CudaException(
                            "%s, %d x %d with %d tokens: y[%d][%d] is %s (%08x), the reference's is %s (%08x): not timed; run `threehalf conformance --backend cuda`"
                                    .formatted(
                                            matrix.format(),
                                            matrix.rows(),
                                            matrix.columns(),
                                            tokens.size(),
                                            t,
                                            row,
                                            found[row],
                                            Float.floatToRawIntBits(found[row]),
                                            expected,
                                            Float.floatToRawIntBits(expected)));
                }
            }
        }
    }

    /** Up to {@code most} indices below n, evenly spread from the first to the last. */
    private static TreeSet<Integer> sample(int n, int most) {
        TreeSet<Integer> chosen = new TreeSet<>();
        for (int i = 0; i < most; i++) {
            chosen.add((int) ((long) i * (n - 1) / Math.max(1, most - 1)));
        }
        return chosen;
    }

    @Override
    public Optional<Measured> peerProduct(int rows, int columns, int tokens) {
        Int8Gemm library = peer;
        if (library == null) {
            return Optional.empty();
        }
        SplittableRandom random = new SplittableRandom(35);
        long bytes = (long) rows * columns;
        List<DeviceMemory> copies = new ArrayList<>();
        byte[] activations = new byte[Math.multiplyExact(tokens, columns)];
        random.nextBytes(activations);
        try (Arena arena = Arena.ofConfined();
                DeviceMemory codes = device.allocate(activations.length, "tokens");
                DeviceMemory sums = device.allocate((long) tokens * rows * Integer.BYTES, "sums")) {
            MemorySegment matrix = arena.allocate(bytes);
            fill(matrix, random);
            device.upload(MemorySegment.ofArray(activations), codes, 0);
            int count = copies(bytes);
            for (int i = 0; i < count; i++) {
                DeviceMemory copy = device.allocate(bytes, "an int8 matrix");
                copies.add(copy);
                device.upload(matrix, copy, 0);
            }
            IntConsumer multiply = i -> library.multiply(copies.get(i), rows, columns, codes, tokens, sums);
            Optional<Boolean> offered = unlessRefused(() -> {
                multiply.accept(0);
                return true;
            });
            if (offered.isEmpty()) {
                return Optional.empty();
            }
            requireExact(matrix, rows, columns, activations, tokens, sums);
            return unlessRefused(() -> time(bytes, count, multiply));
        } finally {
            copies.forEach(DeviceMemory::close);
        }
    }

    /** What a library does not offer is its own affair: it is noted, and the rest is measured all the same. */
    private <T> Optional<T> unlessRefused(Supplier<T> work) {
        try {
            return Optional.of(work.get());
        } catch (CudaException refused) {
            refusals.add("NOT MEASURED: " + refused.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The same comparison for sums of int8 products, which are exact: what is measured beside must be the same product.
     */
    private void requireExact(
            MemorySegment matrix, int rows, int columns, byte[] activations, int tokens, DeviceMemory sums) {
        int[] found = new int[rows];
        for (int t : sample(tokens, CHECKED_TOKENS)) {
            device.download(sums, (long) t * rows * Integer.BYTES, MemorySegment.ofArray(found));
            for (int row : sample(rows, CHECKED_ROWS)) {
                int expected = 0;
                for (int k = 0; k < columns; k++) {
                    expected +=
                            matrix.get(ValueLayout.JAVA_BYTE, (long) row * columns + k) * activations[t * columns + k];
                }
                if (expected != found[row]) {
                    throw new CudaException("%s, %d x %d with %d tokens: sum [%d][%d] is %,d, not %,d: not timed"
                            .formatted(peerDetail, rows, columns, tokens, t, row, found[row], expected));
                }
            }
        }
    }

    /** Times windows of rounds over all copies. The first round is not counted: libraries set themselves up in it. */
    private Measured time(long bytes, int copies, IntConsumer start) {
        Runnable round = () -> IntStream.range(0, copies).forEach(start);
        round.run();
        device.synchronize();
        List<Double> windows = new ArrayList<>();
        try (CudaDevice.Graph graph = device.capture(round)) {
            double once = window(graph, 1);
            // A window is long beside the time that it takes to notice its end.
            int rounds = (int) Math.clamp(seconds / 10 / once, 1, 10_000);
            double all = 0;
            while (windows.size() < LEAST_WINDOWS || all < seconds) {
                double elapsed = window(graph, rounds);
                all += elapsed;
                windows.add(elapsed / rounds / copies);
            }
        }
        double[] sorted =
                windows.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Measured(bytes, sorted[sorted.length / 2], sorted[0], copies * bytes >= memory / 16 * 16);
    }

    private double window(CudaDevice.Graph graph, int rounds) {
        long begin = System.nanoTime();
        for (int i = 0; i < rounds; i++) {
            graph.launch();
        }
        device.synchronize();
        return (System.nanoTime() - begin) * 1e-9;
    }

    @Override
    public void close() {
        if (peer != null) {
            peer.close();
        }
        device.close();
    }
}
