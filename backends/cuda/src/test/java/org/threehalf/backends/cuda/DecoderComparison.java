package org.threehalf.backends.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.backends.spi.decoder.DecoderWeights;
import org.threehalf.backends.spi.decoder.HostDecoder;
import org.threehalf.kernels.transformer.MostLikelyToken;
import org.threehalf.kernels.transformer.ScalarOperations;

/** Random decoders, run on a device and by the reference, and compared bit by bit. */
final class DecoderComparison {
    private DecoderComparison() {}

    /**
     * Feeds random tokens in random groups, some positions twice, then generates.
     *
     * @param length positions that are used
     */
    static void compare(CudaBackend backend, int length, SplittableRandom random) {
        try (Arena arena = Arena.ofShared();
                Backend reference = BackendProvider.named("reference").open()) {
            DecoderWeights weights = RandomDecoder.make(random, arena);
            int vocabulary = weights.config().vocabulary();
            try (Decoder right = new HostDecoder(
                            reference, new ScalarOperations(), reference.workers(), weights, length, 1);
                    CudaDecoder device = (CudaDecoder) backend.decoder(weights, length)) {
                int position = 0;
                int generated = Math.min(3, length - 1);
                while (position < length - generated) {
                    int count = random.nextInt(3) > 0 ? 1 : random.nextInt(1, length - generated - position + 1);
                    int wanted = random.nextInt(4) == 0 ? random.nextInt(count + 1) : 1;
                    int[] tokens = random.ints(count, 0, vocabulary).toArray();
                    float[][] expected = new float[wanted][vocabulary];
                    right.forward(tokens, position, expected);
                    float[][] found = new float[wanted][vocabulary];
                    device.forward(tokens, position, found);
                    for (int i = 0; i < wanted; i++) {
                        Comparison.assertBits(
                                "logits %d of %d after %d tokens at %d".formatted(i, wanted, count, position),
                                expected[i],
                                found[i]);
                    }
                    position = random.nextInt(8) == 0 ? random.nextInt(position + count) : position + count;
                }
                int token = random.nextInt(vocabulary);
                assertArrayEquals(
                        greedy(right, token, position, generated, vocabulary),
                        device.generate(token, position, generated),
                        "generated tokens");
            }
        }
    }

    private static int[] greedy(Decoder decoder, int token, int position, int count, int vocabulary) {
        int[] drawn = new int[count];
        int next = token;
        float[] logits = new float[vocabulary];
        for (int i = 0; i < count; i++) {
            decoder.forward(new int[] {next}, position + i, new float[][] {logits});
            next = MostLikelyToken.of(logits);
            drawn[i] = next;
        }
        return drawn;
    }
}
