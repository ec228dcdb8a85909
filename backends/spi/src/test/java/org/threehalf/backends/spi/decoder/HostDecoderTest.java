package org.threehalf.backends.spi.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.decoder.DecoderCases.Model;

@Tag("instructions")
class HostDecoderTest {

    private final PlainBackend backend = new PlainBackend(1);

    /** Feeds the tokens in groups of a size, and gives the logits after each token. */
    private float[][] run(DecoderWeights weights, int[] tokens, int group) {
        return run(backend, weights, tokens, group);
    }

    private static float[][] run(PlainBackend backend, DecoderWeights weights, int[] tokens, int group) {
        float[][] logits = new float[tokens.length][weights.config().vocabulary()];
        try (Decoder decoder = backend.decoder(weights, tokens.length)) {
            for (int from = 0; from < tokens.length; from += group) {
                int to = Math.min(from + group, tokens.length);
                decoder.forward(Arrays.copyOfRange(tokens, from, to), from, Arrays.copyOfRange(logits, from, to));
            }
        }
        return logits;
    }

    private static int[][] bits(float[][] logits) {
        return Arrays.stream(logits)
                .map(row -> {
                    int[] bits = new int[row.length];
                    Arrays.setAll(bits, i -> Float.floatToRawIntBits(row[i]));
                    return bits;
                })
                .toArray(int[][]::new);
    }

    /** REQ-DEC-001 to REQ-DEC-003, REQ-ATT-001 to REQ-ATT-005, REQ-OPS-011: the bits of the second implementation. */
    @Test
    void logitsOfTheSecondImplementation() {
        try (Arena arena = Arena.ofShared()) {
            List<Model> models = DecoderCases.all(arena);
            assertEquals(2, models.size());
            for (Model model : models) {
                assertArrayEquals(bits(model.logits()), bits(run(model.weights(), model.tokens(), 1)), model.name());
            }
        }
    }

    /** REQ-DEC-005: fed in groups of any size. */
    @Test
    void groupingChangesNoBit() {
        try (Arena arena = Arena.ofShared()) {
            for (Model model : DecoderCases.all(arena)) {
                for (int group = 2; group <= model.tokens().length; group++) {
                    assertArrayEquals(
                            bits(model.logits()),
                            bits(run(model.weights(), model.tokens(), group)),
                            model.name() + " in groups of " + group);
                }
            }
        }
    }

    /** REQ-DEC-005: more tokens than go through the layers together, with the logits of some of them. */
    @Test
    void aLongPromptGivesTheLogitsOfItsLastTokens() {
        try (Arena arena = Arena.ofShared()) {
            Model model = DecoderCases.all(arena).getFirst();
            int[] tokens = new int[150];
            Arrays.setAll(tokens, i -> model.tokens()[i * 7 % model.tokens().length]);
            float[][] each = run(model.weights(), tokens, 1);
            float[][] last = new float[90][9];
            try (Decoder decoder = backend.decoder(model.weights(), 150)) {
                decoder.forward(tokens, 0, last);
            }
            assertArrayEquals(bits(Arrays.copyOfRange(each, 60, 150)), bits(last));
        }
    }

    /**
     * REQ-DEC-002: streams that go through decoders of one layer each, and then through the output, give the logits of
     * the whole; a layer left out does not.
     */
    @Test
    void layersOneByOneAreTheWhole() {
        try (Arena arena = Arena.ofShared()) {
            for (Model model : DecoderCases.all(arena)) {
                DecoderWeights weights = model.weights();
                float[][] streams =
                        new float[model.tokens().length][weights.config().dim()];
                for (int t = 0; t < streams.length; t++) {
                    weights.embedding().read(model.tokens()[t], streams[t]);
                    org.threehalf.kernels.transformer.ElementwiseOperations.scale(
                            streams[t], weights.config().embeddingScale());
                }
                float[][] whole = Arrays.stream(streams).map(float[]::clone).toArray(float[][]::new);
                try (HostDecoder decoder = decoder(weights, weights.layers(), streams.length)) {
                    decoder.transform(whole, 0);
                    assertThrows(IllegalArgumentException.class, () -> decoder.transform(new float[1][1], 0));
                    assertThrows(IllegalArgumentException.class, () -> decoder.transform(streams, 1 + streams.length));
                }
                for (int i = 0; i < weights.layers().size(); i++) {
                    assertFalse(Arrays.deepEquals(bits(whole), bits(streams)), "not before the last layer");
                    try (HostDecoder decoder = decoder(weights, weights.layers().subList(i, i + 1), streams.length)) {
                        decoder.transform(streams, 0);
                    }
                }
                assertArrayEquals(bits(whole), bits(streams), model.name());
            }
        }
    }

    private HostDecoder decoder(DecoderWeights w, List<LayerWeights> layers, int capacity) {
        return new HostDecoder(
                backend,
                backend.operations(),
                backend.workers(),
                new DecoderWeights(w.config(), w.embedding(), layers, w.outputNorm(), w.output()),
                capacity,
                1);
    }

    /**
     * REQ-DEC-005: on 1 to 8 threads, token by token (heads that share keys are divided among threads) and in groups.
     */
    @Test
    void threadsChangeNoBit() {
        try (Arena arena = Arena.ofShared()) {
            for (Model model : DecoderCases.all(arena)) {
                for (int threads = 1; threads <= 8; threads++) {
                    try (PlainBackend threaded = new PlainBackend(threads)) {
                        for (int group : new int[] {1, 5}) {
                            assertArrayEquals(
                                    bits(model.logits()),
                                    bits(run(threaded, model.weights(), model.tokens(), group)),
                                    "%s on %d threads, %d at a time".formatted(model.name(), threads, group));
                        }
                    }
                }
            }
        }
    }

    /** REQ-DEC-005: positions that are fed again forget what stood there. */
    @Test
    void positionsCanBeFedAgain() {
        try (Arena arena = Arena.ofShared()) {
            for (Model model : DecoderCases.all(arena)) {
                float[][] logits = new float[1][model.weights().config().vocabulary()];
                try (Decoder decoder = backend.decoder(model.weights(), 20)) {
                    decoder.forward(new int[] {model.tokens()[0], 4, 4, 4}, 0, new float[0][]);
                    decoder.forward(Arrays.copyOfRange(model.tokens(), 1, 4), 1, logits);
                }
                assertArrayEquals(bits(new float[][] {model.logits()[3]}), bits(logits));
            }
        }
    }

    /** REQ-DEC-002: seeded faults: each optional part, the window and the caps are seen in the logits. */
    @Test
    void aPartThatIsLeftOutIsSeen() {
        try (Arena arena = Arena.ofShared()) {
            Model model = DecoderCases.all(arena).getFirst();
            DecoderWeights w = model.weights();
            LayerWeights first = w.layers().getFirst();
            List<LayerWeights> faulty = new ArrayList<>(List.of(first.withWindow(first.window() + 1)));
            List<TensorRole> optional = TensorRole.layerVectors().stream()
                    .filter(role -> !role.required() && first.has(role))
                    .toList();
            optional.forEach(role -> faulty.add(first.withVector(role, null)));
            assertEquals(11, faulty.size());
            for (LayerWeights fault : faulty) {
                DecoderWeights changed = new DecoderWeights(
                        w.config(), w.embedding(), List.of(fault, w.layers().get(1)), w.outputNorm(), w.output());
                assertFalse(
                        Arrays.deepEquals(bits(model.logits()), bits(run(changed, model.tokens(), 4))),
                        fault.toString());
            }
        }
    }

    /** REQ-DEC-004, and what {@link Decoder#forward} refuses. */
    @Test
    void refusals() {
        try (Arena arena = Arena.ofShared()) {
            DecoderWeights weights = DecoderCases.all(arena).getFirst().weights();
            assertThrows(IllegalArgumentException.class, () -> backend.decoder(weights, 0));
            try (Decoder decoder = backend.decoder(weights, 4)) {
                assertEquals(4, decoder.capacity());
                assertMessage("pass the context of 4", () -> decoder.forward(new int[5], 0, new float[0][]));
                assertMessage("only 0 positions", () -> decoder.forward(new int[1], 1, new float[0][]));
                assertMessage("token 9", () -> decoder.forward(new int[] {9}, 0, new float[0][]));
                assertMessage("token -1", () -> decoder.forward(new int[] {-1}, 0, new float[0][]));
                assertMessage("0 tokens", () -> decoder.forward(new int[0], 0, new float[0][]));
            }
        }
    }

    private static void assertMessage(String part, org.junit.jupiter.api.function.Executable action) {
        String message = assertThrows(IllegalArgumentException.class, action).getMessage();
        assertTrue(message.contains(part), message);
    }

    /** Shapes that do not follow from the numbers, and norms that are not finite, are refused by name. */
    @Test
    void weightsThatDoNotFitAreRefused() {
        try (Arena arena = Arena.ofShared()) {
            DecoderWeights w = DecoderCases.all(arena).getFirst().weights();
            assertMessage(
                    "embedding",
                    () -> new DecoderWeights(
                            w.config(),
                            w.layers().getFirst().matrix(TensorRole.KEY),
                            w.layers(),
                            w.outputNorm(),
                            w.output()));
            float[] norm = w.outputNorm().clone();
            norm[3] = Float.NaN;
            assertMessage(
                    "output norm: number 3 is NaN",
                    () -> new DecoderWeights(w.config(), w.embedding(), w.layers(), norm, w.output()));
            LayerWeights first = w.layers().getFirst();
            LayerWeights swapped =
                    first.withMatrices(role -> first.matrix(role == TensorRole.GATE ? TensorRole.DOWN : role));
            assertMessage(
                    "layer 0: gate: 20 rows of 24; the model's numbers ask for 24 rows of 20",
                    () -> new DecoderWeights(w.config(), w.embedding(), List.of(swapped), w.outputNorm(), w.output()));
        }
    }

    @Test
    void closingFreesTheMatrices() {
        try (Arena arena = Arena.ofShared()) {
            Decoder decoder = backend.decoder(DecoderCases.all(arena).get(1).weights(), 4);
            assertEquals(15, backend.loaded());
            decoder.close();
            decoder.close();
            assertEquals(0, backend.loaded());
        }
    }
}
