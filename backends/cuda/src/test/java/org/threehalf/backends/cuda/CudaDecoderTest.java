package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.threehalf.backends.cuda.EmulatedDevice.Order;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.Weights;

/**
 * A whole decoder on the emulated device gives the reference's logits and tokens (REQ-DEC-001 to REQ-DEC-005,
 * REQ-SMP-002, REQ-ATT-001).
 */
@AddLifecycleHook(OnEmulatedDevice.class)
class CudaDecoderTest {
    @Property(tries = 60)
    void logitsAndTokensEqualTheReference(
            @ForAll @IntRange(min = 2, max = 30) int length,
            @ForAll long seed,
            @ForAll Order order,
            SharedBackend backend) {
        DecoderComparison.compare(backend.in(order), length, new SplittableRandom(seed));
    }

    /** More tokens than go through the layers together, and a context in which partial sums have several terms. */
    @Example
    void aLongContext(SharedBackend backend) {
        DecoderComparison.compare(backend.in(Order.SHUFFLED), 150, new SplittableRandom(7));
        Checks.passed("emulation: whole decoders of random shape, logits and tokens", "equal to the reference");
    }

    private static void assertMessage(String part, Runnable action) {
        String message =
                assertThrows(IllegalArgumentException.class, action::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    /** REQ-DEC-004, and what {@link Decoder#forward} refuses. */
    @Example
    void refusals(SharedBackend backend) {
        try (Arena arena = Arena.ofShared()) {
            DecoderWeights weights = RandomDecoder.make(new SplittableRandom(3), arena);
            CudaBackend device = backend.in(Order.FORWARD);
            int vocabulary = weights.config().vocabulary();
            assertThrows(IllegalArgumentException.class, () -> device.decoder(weights, 0));
            try (Decoder decoder = device.decoder(weights, 4)) {
                assertEquals(4, decoder.capacity());
                assertMessage("pass the context of 4", () -> decoder.forward(new int[5], 0, new float[0][]));
                assertMessage("only 0 positions", () -> decoder.forward(new int[1], 1, new float[0][]));
                assertMessage("token " + vocabulary, () -> decoder.forward(new int[] {vocabulary}, 0, new float[0][]));
                assertMessage("token -1", () -> decoder.forward(new int[] {-1}, 0, new float[0][]));
                assertMessage("0 tokens", () -> decoder.forward(new int[0], 0, new float[0][]));
            }
        }
    }

    /**
     * A vector that leaves the range on its way ends the run with an error, and the decoder can go on from before
     * (REQ-DEC-004).
     */
    @Example
    void activationsOutsideTheRangeAreRefused(SharedBackend backend) {
        try (Arena arena = Arena.ofShared()) {
            // An output matrix in binary32 quantises nothing.
            DecoderWeights w = IntStream.iterate(5, seed -> seed + 1)
                    .mapToObj(seed -> RandomDecoder.make(new SplittableRandom(seed), arena))
                    .filter(made -> made.output() instanceof Weights.Quantized)
                    .findFirst()
                    .orElseThrow();
            float[] huge = w.outputNorm().clone();
            Arrays.fill(huge, 0x1p100f);
            DecoderWeights damaged = new DecoderWeights(w.config(), w.embedding(), w.layers(), huge, w.output());
            CudaBackend device = backend.in(Order.FORWARD);
            try (Decoder decoder = device.decoder(damaged, 4)) {
                float[][] logits = new float[1][w.config().vocabulary()];
                assertMessage("2^56", () -> decoder.forward(new int[] {1}, 0, logits));
                decoder.forward(new int[] {1}, 0, new float[0][]);
            }
        }
    }

    /** All that a decoder takes is given back, also when the device runs out of memory on the way. */
    @Example
    void memoryIsGivenBack() {
        try (Arena arena = Arena.ofShared()) {
            DecoderWeights weights = RandomDecoder.make(new SplittableRandom(11), arena);
            long needed;
            try (CudaBackend roomy = Emulation.backend(Order.FORWARD)) {
                EmulatedDevice device = (EmulatedDevice) roomy.device();
                Decoder decoder = roomy.decoder(weights, 16);
                needed = device.used();
                decoder.close();
                decoder.close();
                assertEquals(0, device.used());
            }
            for (long missing : List.of(1L, needed / 3, needed / 2, needed - 1)) {
                EmulatedDevice device = new EmulatedDevice(Emulation.library(), needed - missing, Order.FORWARD);
                try (CudaBackend tight = new CudaBackend("cuda-emulation", device)) {
                    String message = assertThrows(IllegalStateException.class, () -> tight.decoder(weights, 16))
                            .getMessage();
                    assertTrue(message.contains("no room for") && message.contains("are free"), message);
                    assertEquals(0, device.used());
                }
            }
        }
    }
}
