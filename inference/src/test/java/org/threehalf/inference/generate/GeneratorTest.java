package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.TinyModels;
import org.threehalf.kernels.transformer.MostLikelyToken;
import org.threehalf.kernels.transformer.TokenSampler;
import org.threehalf.kernels.transformer.TokenSampler.Settings;

/** Generation on tiny random models. */
class GeneratorTest {

    /** What is done with an open model. */
    private interface Body {
        void run(LanguageModel model, Decoder decoder);
    }

    private static void with(String name, String backendName, int context, Body body) throws IOException {
        try (LanguageModel model = LanguageModel.open(TinyModels.path(name));
                Backend backend = BackendProvider.named(backendName).open();
                Decoder decoder = backend.decoder(model.weights(), context)) {
            body.run(model, decoder);
        }
    }

    private static List<Integer> draw(
            LanguageModel model, Decoder decoder, Settings settings, long seed, int[] prompt, int most) {
        List<Integer> tokens = new ArrayList<>();
        new Generator(decoder, model.tokenizer().vocabulary(), new TokenSampler(settings, seed))
                .run(prompt, most, tokens::add);
        return tokens;
    }

    /**
     * REQ-SMP-001 to REQ-SMP-005, REQ-DEC-005: the same seed gives the same tokens on every backend, another seed
     * others.
     */
    @Test
    void aSeedGivesTheSameTokensEverywhere() throws IOException {
        Settings settings = new Settings(1, 50, 0.95f);
        List<List<Integer>> results = new ArrayList<>();
        for (String backend : List.of("reference", "lut", "simd")) {
            with("gemma3", backend, 40, (model, decoder) -> {
                results.add(draw(model, decoder, settings, 7, new int[] {1, 40, 80}, 20));
                results.add(draw(model, decoder, settings, 7, new int[] {1, 40, 80}, 20));
            });
        }
        assertTrue(results.stream().allMatch(results.getFirst()::equals), results.toString());
        assertEquals(20, results.getFirst().size());
        with(
                "gemma3",
                "reference",
                40,
                (model, decoder) -> assertTrue(!draw(model, decoder, settings, 8, new int[] {1, 40, 80}, 20)
                        .equals(results.getFirst())));
    }

    /** REQ-SMP-002: at temperature 0, each token has the largest of llama.cpp's logits too. */
    @Test
    void greedyTokensAreTheMostLikely() throws IOException {
        TinyModels.Expected expected = TinyModels.expected("llama2");
        for (int length : new int[] {1, 5, 23}) {
            with(
                    "llama2",
                    "reference",
                    40,
                    (model, decoder) -> assertEquals(
                            MostLikelyToken.of(expected.logits()[length - 1]),
                            draw(model, decoder, Settings.GREEDY, 0, Arrays.copyOf(expected.tokens(), length), 1)
                                    .getFirst()));
        }
    }

    @Test
    void runsEndWhereTheyMust() throws IOException {
        with("llama2", "reference", 8, (model, decoder) -> {
            Generator generator =
                    new Generator(decoder, model.tokenizer().vocabulary(), new TokenSampler(new Settings(5, 0, 1), 3));
            Generator.Run stopped = generator.run(new int[] {1, 5, 9}, 10, token -> false);
            assertEquals(Generator.End.STOPPED, stopped.end());
            assertEquals(1, stopped.tokens());
            assertEquals(3, generator.position());
            Generator.Run length = generator.run(new int[] {5}, 2, token -> true);
            assertEquals(Generator.End.LENGTH, length.end());
            assertEquals(2, length.tokens());
            Generator.Run full = generator.run(new int[] {5}, 100, token -> true);
            assertEquals(Generator.End.CONTEXT, full.end());
            assertEquals(8, generator.position());
            String message = assertThrows(
                            IllegalArgumentException.class, () -> generator.run(new int[] {5}, 1, token -> true))
                    .getMessage();
            assertTrue(message.contains("the context of 8 has room for 0"), message);
            assertThrows(IllegalArgumentException.class, () -> generator.run(new int[0], 1, token -> true));
        });
    }

    /** A text in two runs is the text in one: what was fed is kept. */
    @Test
    void aSecondRunGoesOnWhereTheFirstStopped() throws IOException {
        with("gemma3", "reference", 40, (model, decoder) -> {
            Generator generator =
                    new Generator(decoder, model.tokenizer().vocabulary(), new TokenSampler(Settings.GREEDY, 0));
            List<Integer> tokens = new ArrayList<>();
            generator.run(new int[] {1, 40, 80}, 3, tokens::add);
            // The last token drawn was not fed yet.
            generator.run(new int[] {tokens.getLast()}, 3, tokens::add);
            int[] inOne = draw(model, decoder, Settings.GREEDY, 0, new int[] {1, 40, 80}, 6).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            assertArrayEquals(inOne, tokens.stream().mapToInt(Integer::intValue).toArray());
        });
    }

    @Test
    void aStopTokenEndsTheRun() throws IOException {
        with("llama2", "reference", 200, (model, decoder) -> {
            // Nearly uniform draws: the end token comes sooner or later, and is not handed on.
            List<Integer> tokens = new ArrayList<>();
            Generator.Run run = null;
            for (int start = 0; start < 20 && (run == null || run.end() != Generator.End.ANSWERED); start++) {
                run = new Generator(
                                decoder,
                                model.tokenizer().vocabulary(),
                                new TokenSampler(new Settings(1000, 0, 1), start))
                        .run(new int[] {1}, 190, tokens::add);
            }
            assertEquals(Generator.End.ANSWERED, run.end());
            assertTrue(tokens.stream().noneMatch(model.tokenizer().vocabulary()::isEnd));
        });
    }
}
