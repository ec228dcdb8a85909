package org.threehalf.backends.spi.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.transformer.RotaryAngles;

class RotaryTest {
    private static final float[] SHORT = {1, 0.25f};
    private static final float[] LONG = {0.5f, 0.125f};

    /** REQ-ROP-006: cosines and sines, each times the magnitude, and nothing beside them. */
    @Test
    void theMagnitudeCountsInEachCosineAndSine() {
        float[] cosines = new float[4];
        float[] sines = new float[4];
        new Rotary(SHORT, 1.5f, null, 0).angles(7, cosines, sines, 1);
        for (int i = 0; i < 2; i++) {
            assertEquals(RotaryAngles.cosine(7.0 * SHORT[i]) * 1.5f, cosines[1 + i]);
            assertEquals(RotaryAngles.sine(7.0 * SHORT[i]) * 1.5f, sines[1 + i]);
        }
        assertEquals(0, cosines[0] + cosines[3] + sines[0] + sines[3]);
        assertFalse(new Rotary(SHORT).same(new Rotary(SHORT, 1.5f, null, 0)));
    }

    /** REQ-ROP-007: the context chooses the set, not the position; at the reach itself it is the first. */
    @Test
    void theContextChoosesTheSet() {
        Rotary two = new Rotary(SHORT, 1.25f, LONG, 16);
        assertArrayEquals(SHORT, two.within(16).frequencies());
        assertArrayEquals(LONG, two.within(17).frequencies());
        assertEquals(1.25f, two.within(17).magnitude());
        assertTrue(new Rotary(SHORT).within(1 << 20).same(new Rotary(SHORT)));
        try (Arena arena = Arena.ofShared()) {
            DecoderCases.Model model = DecoderCases.all(arena).getFirst();
            DecoderWeights weights = model.weights();
            LayerWeights first = weights.layers().getFirst();
            float[] longer = new float[first.frequencies().length];
            Arrays.fill(longer, 0.01f);
            LayerWeights layer = first.withRotary(new Rotary(first.frequencies(), 1, longer, 16));
            DecoderWeights both = new DecoderWeights(
                    weights.config(),
                    weights.embedding(),
                    java.util.List.of(layer, weights.layers().get(1)),
                    weights.outputNorm(),
                    weights.output());
            try (PlainBackend backend = new PlainBackend(1);
                    Decoder near = backend.decoder(both, 16);
                    Decoder far = backend.decoder(both, 17);
                    Decoder plain = backend.decoder(weights, 17)) {
                float[][] logits = new float[3][weights.config().vocabulary()];
                int i = 0;
                for (Decoder decoder : new Decoder[] {near, far, plain}) {
                    decoder.forward(Arrays.copyOf(model.tokens(), 6), 0, new float[][] {logits[i++]});
                }
                assertArrayEquals(logits[2], logits[0]);
                assertFalse(Arrays.equals(logits[2], logits[1]));
            }
        }
    }

    @Test
    void numbersOutsideTheirRangeAreRefused() {
        for (float wrong : new float[] {0, -1, Float.NaN, 1.5f}) {
            assertThrows(IllegalArgumentException.class, () -> new Rotary(new float[] {wrong}));
            assertThrows(IllegalArgumentException.class, () -> new Rotary(SHORT, 1, new float[] {1, wrong}, 16));
        }
        for (float wrong : new float[] {0, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new Rotary(SHORT, wrong, null, 0));
        }
        assertThrows(IllegalArgumentException.class, () -> new Rotary(SHORT, 1, new float[] {1}, 16));
        assertThrows(IllegalArgumentException.class, () -> new Rotary(SHORT, 1, LONG, 0));
    }
}
