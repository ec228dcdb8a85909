package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.kernels.format.Format;

/** The measurements run on the emulated device and count what they read; their times there say nothing of a GPU. */
class CudaBenchTest {

    @BeforeEach
    void requireCompiler() {
        Emulation.requireCompiler("bench on the emulated device");
    }

    @Test
    void everyFormatIsMeasured() {
        try (EmulatedDevice device = Emulation.device(Order.FORWARD)) {
            CudaBench bench = new CudaBench(device, 100_000, 0);
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            bench.print(64, 256, new PrintStream(text, true, StandardCharsets.UTF_8));
            assertEquals(1 + Format.values().length, text.toString(StandardCharsets.UTF_8).lines().count());
            CudaBench.Line line = bench.gemv(Format.G35, 64, 256);
            assertEquals(Format.G35.matrixBytes(64, 256), line.bytes());
            assertEquals(Math.ceilDiv(100_000, line.bytes()), line.runs(), "every copy once");
            assertTrue(line.gigabytesPerSecond() > 0);
        }
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
            device.launch(Launch.of("stream_read", 3, 1, 256).pointer(from).int64(words.length / 4).pointer(to));
            device.download(to, 0, MemorySegment.ofArray(sink));
        }
        assertEquals(Arrays.stream(words).reduce(0, (a, b) -> a ^ b), Arrays.stream(sink).reduce(0, (a, b) -> a ^ b));
    }
}
