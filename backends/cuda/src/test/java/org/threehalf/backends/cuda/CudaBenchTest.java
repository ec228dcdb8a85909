package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.backends.cuda.ProductMeter.Measured;
import org.threehalf.kernels.format.Format;

/**
 * The measurements run on the emulated device, count what they read and compare what they time; their times there say
 * nothing of a GPU.
 */
class CudaBenchTest {
    private static final long MEMORY = 100_000;
    private static final int REFUSED = 7;

    @BeforeEach
    void requireCompiler() {
        Emulation.requireCompiler("bench on the emulated device");
    }

    /**
     * The other library, played on the host.
     *
     * @param error what is added to the last sum
     * @param offered after so many calls it refuses
     * @param calls how many there were
     */
    private record HostGemm(EmulatedDevice device, int error, int offered, AtomicInteger calls) implements Int8Gemm {
        HostGemm(EmulatedDevice device, int error) {
            this(device, error, Integer.MAX_VALUE, new AtomicInteger());
        }

        @Override
        public String description() {
            return "gemm on the host";
        }

        @Override
        public void multiply(
                DeviceMemory weights, int rows, int columns, DeviceMemory tokens, int count, DeviceMemory sums) {
            if (count == REFUSED || calls.incrementAndGet() > offered) {
                throw new CudaException("a size that is not offered");
            }
            device.perform(() -> {
                byte[] w = new byte[rows * columns];
                byte[] a = new byte[count * columns];
                device.download(weights, 0, MemorySegment.ofArray(w));
                device.download(tokens, 0, MemorySegment.ofArray(a));
                int[] found = new int[count * rows];
                for (int i = 0; i < found.length; i++) {
                    for (int k = 0; k < columns; k++) {
                        found[i] += w[i % rows * columns + k] * a[i / rows * columns + k];
                    }
                }
                found[found.length - 1] += error;
                device.upload(MemorySegment.ofArray(found), sums, 0);
            });
        }

        @Override
        public void close() {}
    }

    private static CudaBench bench(EmulatedDevice device) {
        return new CudaBench(device, new HostGemm(device, 0), "", MEMORY, 0);
    }

    @ParameterizedTest
    @EnumSource
    void everyFormatIsComparedAndMeasured(Format format) {
        try (CudaBench bench = bench(Emulation.device(Order.FORWARD))) {
            for (int tokens : new int[] {1, 9}) {
                Measured measured = bench.product(format, 65, 256, tokens);
                assertEquals(format.matrixBytes(65, 256), measured.bytes());
                assertTrue(measured.cold() && measured.best() > 0 && measured.best() <= measured.seconds());
            }
        }
    }

    /**
     * Each round is one product with every copy: one for the first comparison, one that is not counted, one alone, and
     * three windows.
     */
    @Test
    void everyCopyIsReadInEveryRound() {
        EmulatedDevice device = Emulation.device(Order.FORWARD);
        try (CudaBench bench = bench(device)) {
            long bytes = Format.G35.matrixBytes(64, 256);
            long copies = Math.ceilDiv(MEMORY, bytes);
            long before = device.launches();
            bench.product(Format.G35, 64, 256, 1);
            // Each copy is brought to the device's order by a launch for either half.
            assertEquals(1 + (2 + 1 + 1 + 3) * copies, device.launches() - before);
            assertEquals(MEMORY, bench.streamingRead().bytes());
        }
    }

    /** Matrices so small that a cache holds what is gone through. */
    @Test
    void whatACacheHoldsIsNotCold() {
        try (CudaBench bench = new CudaBench(Emulation.device(Order.FORWARD), null, "none", 10_000_000, 0)) {
            assertFalse(bench.product(Format.U3, 1, 64, 1).cold());
        }
    }

    /** A wrong result is not timed: here the kernels forget the rows' scales. */
    @Test
    void aWrongProductIsNotTimed() {
        String source = CudaSource.portable();
        String faulty = source.replace("__fmul_rn(row_scale, activation_scale)", "activation_scale");
        assertNotEquals(source, faulty);
        Path library = HostCompiler.compile("bench-fault", faulty, "-O1", "-Wno-unused");
        try (CudaBench bench =
                new CudaBench(new EmulatedDevice(library, 1L << 30, Order.FORWARD), null, "none", MEMORY, 0)) {
            for (int tokens : new int[] {1, 8}) {
                String message = assertThrows(CudaException.class, () -> bench.product(Format.G35, 64, 256, tokens))
                        .getMessage();
                assertTrue(
                        message.contains("G35, 64 x 256 with " + tokens + " tokens: y[")
                                && message.contains("not timed"),
                        message);
            }
        }
    }

    @Test
    void thePeerIsComparedAndMeasured() {
        EmulatedDevice device = Emulation.device(Order.FORWARD);
        try (CudaBench bench = bench(device)) {
            assertEquals("gemm on the host", bench.peer());
            Measured measured = bench.peerProduct(33, 64, 5).orElseThrow();
            assertEquals(33 * 64, measured.bytes());
            assertTrue(measured.cold() && measured.seconds() > 0);
            assertEquals(Optional.empty(), bench.peerProduct(33, 64, REFUSED));
            assertEquals("gemm on the host; NOT MEASURED: a size that is not offered", bench.peer());
        }
        // One that does its work but does not let it be recorded.
        EmulatedDevice once = Emulation.device(Order.FORWARD);
        try (CudaBench bench = new CudaBench(once, new HostGemm(once, 0, 1, new AtomicInteger()), "", MEMORY, 0)) {
            assertEquals(Optional.empty(), bench.peerProduct(33, 64, 5));
            assertTrue(bench.product(Format.U4, 33, 64, 1).seconds() > 0, "the rest is measured");
        }
        EmulatedDevice other = Emulation.device(Order.FORWARD);
        try (CudaBench wrong = new CudaBench(other, new HostGemm(other, 1), "", MEMORY, 0)) {
            String message = assertThrows(CudaException.class, () -> wrong.peerProduct(33, 64, 5))
                    .getMessage();
            assertTrue(message.contains("33 x 64 with 5 tokens: sum [4][32]"), message);
        }
    }

    @Test
    void withoutAPeerTheReportSaysSo() {
        try (CudaBench bench =
                new CudaBench(Emulation.device(Order.FORWARD), null, "libcublas.so.12 was not found", MEMORY, 0)) {
            assertEquals("NOT MEASURED: libcublas.so.12 was not found", bench.peer());
            assertEquals(Optional.empty(), bench.peerProduct(33, 64, 5));
        }
    }

    @Test
    void ratesFollowFromTimes() {
        Measured measured = new Measured(3_000_000_000L, 0.5, 0.25, true);
        assertEquals(6, measured.gigabytesPerSecond(), 1e-12);
        assertEquals(12, measured.bestGigabytesPerSecond(), 1e-12);
    }

    /** The limit is a limit only if all of the memory is read. */
    @Test
    void theStreamingReadReadsEverything() {
        int[] words = new SplittableRandom(1).ints(4 * 5003).toArray();
        int[] sink = new int[3 * 256];
        try (EmulatedDevice device = Emulation.device(Order.SHUFFLED);
                DeviceMemory from = device.allocate(4L * words.length, "words");
                DeviceMemory to = device.allocate(4L * sink.length, "sink")) {
            device.upload(MemorySegment.ofArray(words), from, 0);
            device.launch(Launch.of("stream_read", 3, 1, 256)
                    .pointer(from)
                    .int64(words.length / 4)
                    .pointer(to));
            device.download(to, 0, MemorySegment.ofArray(sink));
        }
        assertEquals(
                Arrays.stream(words).reduce(0, (a, b) -> a ^ b),
                Arrays.stream(sink).reduce(0, (a, b) -> a ^ b));
    }
}
