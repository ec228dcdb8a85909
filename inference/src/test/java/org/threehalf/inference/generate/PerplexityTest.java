package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.TinyModels;

class PerplexityTest {

    /** By llama.cpp's logits: the mean over the second half of the one window. */
    @Test
    void agreesWithLlamaCppsLogits() throws IOException {
        TinyModels.Expected expected = TinyModels.expected("qwen3");
        double sum = 0;
        for (int t = 12; t < 23; t++) {
            sum -= Perplexity.logProbability(expected.logits()[t], expected.tokens()[t + 1]);
        }
        double perplexity = Math.exp(sum / 11);
        try (LanguageModel model = LanguageModel.open(TinyModels.path("qwen3"));
                Backend backend = BackendProvider.named("reference").open();
                Decoder decoder = backend.decoder(model.weights(), 24)) {
            int[] positions = {0};
            Perplexity.Result result = Perplexity.measure(
                    decoder,
                    model.weights().config().vocabulary(),
                    expected.tokens(),
                    24,
                    9,
                    -1,
                    (position, logits) -> {
                        assertEquals(positions[0]++, position);
                    },
                    (done, all, soFar) -> true);
            assertEquals(11, result.tokens());
            assertEquals(24, positions[0]);
            assertEquals(1, result.perplexity() / perplexity, 1e-4);
            assertEquals(
                    1,
                    Perplexity.measure(
                                            decoder,
                                            model.weights().config().vocabulary(),
                                            expected.tokens(),
                                            24,
                                            9,
                                            -1,
                                            null,
                                            (done, all, soFar) -> true)
                                    .perplexity()
                            / result.perplexity(),
                    0);
        }
    }

    /** Windows: as many as fit, fewer where asked for or stopped; each begins with the token of the beginning. */
    @Test
    void windows() throws IOException {
        int[] tokens = TinyModels.expected("llama2").tokens();
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama2"));
                Backend backend = BackendProvider.named("reference").open();
                Decoder decoder = backend.decoder(model.weights(), 24)) {
            int vocabulary = model.weights().config().vocabulary();
            assertEquals(
                    4 * 2,
                    Perplexity.measure(decoder, vocabulary, tokens, 6, 99, 1, null, (done, all, soFar) -> true)
                            .tokens());
            assertEquals(
                    2 * 2,
                    Perplexity.measure(decoder, vocabulary, tokens, 6, 2, 1, null, (done, all, soFar) -> true)
                            .tokens());
            assertEquals(
                    3 * 2,
                    Perplexity.measure(decoder, vocabulary, tokens, 6, 99, 1, null, (done, all, soFar) -> done < 3)
                            .tokens());
            double with = Perplexity.measure(decoder, vocabulary, tokens, 6, 99, 1, null, (done, all, soFar) -> true)
                    .perplexity();
            double without = Perplexity.measure(
                            decoder, vocabulary, tokens, 6, 99, -1, null, (done, all, soFar) -> true)
                    .perplexity();
            assertTrue(with != without);
            assertTrue(assertThrows(
                            IllegalArgumentException.class,
                            () -> Perplexity.measure(
                                    decoder, vocabulary, new int[5], 6, 99, 1, null, (done, all, soFar) -> true))
                    .getMessage()
                    .contains("fewer than one window"));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Perplexity.measure(decoder, vocabulary, tokens, 25, 99, 1, null, (done, all, soFar) -> true));
        }
    }

    @Test
    void logProbabilitiesAreThoseOfTheSoftmax() {
        assertEquals(Math.log(0.25), Perplexity.logProbability(new float[] {5, 5, 5, 5}, 2), 1e-12);
        assertEquals(-1000, Perplexity.logProbability(new float[] {1000, 0}, 1), 1e-9);
    }

    @Test
    void theStandardErrorFollowsTheSpread() {
        assertEquals(0, new Perplexity.Result(20, 40, 10).standardError(), 1e-12);
        assertEquals(Math.exp(2) * Math.sqrt(1.0 / 9), new Perplexity.Result(20, 50, 10).standardError(), 1e-12);
    }
}
