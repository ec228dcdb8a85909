package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.Backend;
import org.threehalf.backends.spi.BackendProvider;
import org.threehalf.backends.spi.decoder.Decoder;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.generate.ChatTemplate.Message;
import org.threehalf.inference.generate.Generator.End;
import org.threehalf.inference.generate.LanguageModel.Options;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.model.ModelFiles;
import org.threehalf.inference.model.QuantizedModelWriter;
import org.threehalf.inference.model.QuantizedModelWriter.FormatChoice;
import org.threehalf.inference.tokenizer.Utf8Stream;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.transformer.TokenSampler;

/** The library's door, on tiny random models. */
@Timeout(60)
class LanguageModelTest {
    private static final Options ONE = Options.DEFAULT.withBackend("reference").withContext(48);
    private static final GenerationOptions DRAWN =
            GenerationOptions.DEFAULT.withTemperature(1.2f).withTokens(20).withSeed(5);
    private static final String TEMPLATE = "{% for m in messages %}{{ m.role }}:{{ m.content }}\n{% endfor %}";

    /** An answer as the decoder and the sampler make it, without the classes that are tested. */
    private record Expected(List<Integer> tokens, List<float[]> logits, String text) {
        private static Expected of(String name, int[] prompt, GenerationOptions options, int context)
                throws IOException {
            try (LanguageModel model = LanguageModel.open(TinyModels.path(name));
                    Backend backend = BackendProvider.named("reference").open();
                    Decoder decoder = backend.decoder(model.weights(), context)) {
                TokenSampler sampler = options.sampler();
                Expected expected = new Expected(new ArrayList<>(), new ArrayList<>(), "");
                Utf8Stream utf8 = new Utf8Stream();
                StringBuilder text = new StringBuilder();
                int[] fed = prompt;
                int position = 0;
                while (expected.tokens.size() < options.tokens() && position + fed.length <= context) {
                    float[][] logits =
                            new float[1][model.tokenizer().vocabulary().size()];
                    decoder.forward(fed, position, logits);
                    position += fed.length;
                    int token = sampler.next(logits[0]);
                    if (model.tokenizer().vocabulary().isEnd(token)) {
                        break;
                    }
                    expected.tokens.add(token);
                    expected.logits.add(logits[0]);
                    text.append(utf8.append(model.tokenizer().bytes(token)));
                    fed = new int[] {token};
                }
                return new Expected(expected.tokens, expected.logits, text + utf8.end());
            }
        }
    }

    /**
     * REQ-DEC-005: tokens, logits to the bit and text are those of the decoder by itself, one text at a time or
     * several, whatever else is under way.
     */
    @Test
    void tokensLogitsAndTextAreTheDecoders() throws IOException {
        for (String name : List.of("llama2", "gemma3")) {
            for (Options options :
                    List.of(ONE, ONE.withSlots(3), ONE.withBackend("simd").withSlots(2))) {
                try (LanguageModel model = LanguageModel.open(TinyModels.path(name), options)) {
                    int[] prompt = model.tokenizer().encodePrompt("The ocean is");
                    Expected expected = Expected.of(name, prompt, DRAWN, 48);
                    TokenStream beside = options.slots() > 1 ? model.generate("Another text", DRAWN.withSeed(9)) : null;
                    Iterator<GeneratedToken> other =
                            beside == null ? List.<GeneratedToken>of().iterator() : beside.iterator();
                    List<Integer> tokens = new ArrayList<>();
                    StringBuilder text = new StringBuilder();
                    try (TokenStream stream = model.generate("The ocean is", DRAWN)) {
                        for (GeneratedToken token : stream) {
                            if (token.id() != GeneratedToken.NONE) {
                                assertArrayEquals(expected.logits.get(tokens.size()), token.logits(), "to the bit");
                                tokens.add(token.id());
                            }
                            text.append(token.text());
                            if (other.hasNext()) {
                                other.next();
                            }
                        }
                        assertEquals(expected.tokens, tokens);
                        assertEquals(expected.text, text.toString());
                        assertEquals(expected.text, stream.text());
                        assertEquals(expected.tokens.size(), stream.tokens());
                        assertEquals(
                                expected.tokens.size() == DRAWN.tokens() ? End.LENGTH : End.ANSWERED,
                                stream.run().end());
                    }
                }
            }
        }
    }

    /** All ways to go through a stream give the same, and only one of them is open. */
    @Test
    void aStreamIsGoneThroughOnce() throws IOException {
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama2"), ONE)) {
            String text = model.generate("The ocean is", DRAWN).text();
            try (Stream<GeneratedToken> stream = model.generate("The ocean is", DRAWN).stream()) {
                assertEquals(text, stream.map(GeneratedToken::text).reduce("", String::concat));
            }
            TokenStream half = model.generate("The ocean is", DRAWN);
            Iterator<GeneratedToken> tokens = half.iterator();
            GeneratedToken first = tokens.next();
            assertThrows(IllegalStateException.class, half::iterator);
            tokens.next();
            assertTrue(assertThrows(IllegalStateException.class, first::logits)
                    .getMessage()
                    .contains("has gone on"));
            assertEquals(text, half.text(), "what was told, and the rest");
            assertFalse(tokens.hasNext());
            assertThrows(NoSuchElementException.class, tokens::next);
        }
    }

    @Test
    void textsEndAtAStop() throws IOException {
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama2"), ONE)) {
            GenerationOptions options =
                    GenerationOptions.DEFAULT.withTemperature(0).withTokens(24);
            String text = model.generate("Hi", options).text();
            String stop = text.substring(4, 7);
            try (TokenStream stream = model.generate("Hi", options.withStops(List.of("no such text", stop)))) {
                assertEquals(text.substring(0, text.indexOf(stop)), stream.text());
                assertEquals(End.STOPPED, stream.run().end());
            }
            assertEquals(0, model.underWay());
            // What could become a stop, and does not, is there in the end.
            String begun = text.substring(text.length() - 2) + "\u0000";
            assertEquals(
                    text,
                    model.generate("Hi", options.withStops(List.of(begun))).text());
        }
    }

    /** A text that ended or was closed frees its slot; one that is refused takes none. */
    @Test
    void slotsAreFree() throws IOException {
        for (int slots : new int[] {1, 2}) {
            try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"), ONE.withSlots(slots))) {
                List<TokenStream> streams = new ArrayList<>();
                for (int i = 0; i < slots; i++) {
                    streams.add(model.generate("Hi", DRAWN));
                    streams.get(i).iterator().next();
                }
                assertTrue(assertThrows(IllegalStateException.class, () -> model.generate("Hi", DRAWN))
                        .getMessage()
                        .contains("more slots"));
                streams.getFirst().close();
                streams.getFirst().close();
                assertEquals(slots - 1, model.underWay());
                String closed = streams.getFirst().text();
                assertEquals(closed, streams.getFirst().text(), "nothing is computed after a close");
                assertEquals(
                        20,
                        model.generate("Hi", DRAWN.withTokens(20)).stream()
                                .filter(token -> token.id() >= 0)
                                .count());
                assertEquals(slots - 1, model.underWay());
                assertTrue(assertThrows(IllegalArgumentException.class, () -> model.generate(new int[0], DRAWN))
                        .getMessage()
                        .contains("an empty prompt"));
                assertTrue(assertThrows(IllegalArgumentException.class, () -> model.generate("a ".repeat(300), DRAWN))
                        .getMessage()
                        .contains("larger context"));
                assertTrue(assertThrows(
                                IllegalArgumentException.class, () -> model.generate(new int[] {1, 1_000_000}, DRAWN))
                        .getMessage()
                        .contains("token 1000000"));
                assertEquals(slots - 1, model.underWay());
            }
        }
    }

    @Test
    void aClosedModelSaysSo() throws IOException {
        LanguageModel model = LanguageModel.open(TinyModels.path("llama3"), ONE.withChatTemplate(TEMPLATE));
        Iterator<GeneratedToken> tokens = model.generate("Hi", DRAWN).iterator();
        tokens.next();
        model.close();
        model.close();
        assertEquals(
                "the model is closed",
                assertThrows(IllegalStateException.class, tokens::hasNext).getMessage());
        assertFalse(tokens.hasNext(), "it has failed, and that is its end");
        assertEquals(
                "the model is closed",
                assertThrows(IllegalStateException.class, () -> model.generate("Hi", DRAWN))
                        .getMessage());
        assertEquals(
                "the model is closed",
                assertThrows(IllegalStateException.class, () -> model.chat("", DRAWN))
                        .getMessage());
        assertEquals(
                "the model is closed",
                assertThrows(IllegalStateException.class, model::backend).getMessage());
    }

    /** A close waits for the step that is computed; whoever goes on is told. */
    @Test
    void severalThreadsHaveTheirOwnTexts() throws Exception {
        try (LanguageModel model = LanguageModel.open(
                TinyModels.path("qwen2"), ONE.withBackend("simd").withSlots(4))) {
            List<String> alone = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                alone.add(model.generate("The ocean is", DRAWN.withSeed(i)).text());
            }
            List<CompletableFuture<String>> together = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int seed = i;
                together.add(CompletableFuture.supplyAsync(() ->
                        model.generate("The ocean is", DRAWN.withSeed(seed)).text()));
            }
            for (int i = 0; i < 4; i++) {
                assertEquals(alone.get(i), together.get(i).get(30, TimeUnit.SECONDS));
            }
        }
    }

    /**
     * A conversation's first answer is that of the same messages in one go; it goes on when the context is full, and a
     * closed one frees its slot.
     */
    @Test
    void conversations() throws IOException {
        try (LanguageModel model = LanguageModel.open(
                TinyModels.path("llama3"), ONE.withContext(120).withChatTemplate(TEMPLATE))) {
            GenerationOptions brief = DRAWN.withTokens(8);
            String answer = model.chat(List.of(new Message("system", "Be brief."), new Message("user", "Hi")), brief)
                    .text();
            try (Chat chat = model.chat("Be brief.", brief)) {
                assertEquals(answer, chat.ask("Hi").text());
                assertEquals("system:Be brief.\nuser:Hi\n", chat.prompt());
                TokenStream left = chat.ask("and");
                Iterator<GeneratedToken> tokens = left.iterator();
                String begun = tokens.next().text() + tokens.next().text();
                chat.ask("go on");
                assertTrue(chat.prompt().endsWith("user:and\nassistant:" + begun + "\nuser:go on\n"), chat.prompt());
                assertFalse(tokens.hasNext(), "left where it was");
                for (int i = 0; i < 12; i++) {
                    assertTrue(chat.ask("more").text().length() > 0);
                }
                assertTrue(chat.dropped() > 0);
                assertThrows(IllegalArgumentException.class, () -> chat.ask("long ".repeat(200)));
                chat.ask("Hi");
                assertEquals(1, model.underWay());
            }
            assertEquals(0, model.underWay());
        }
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"), ONE)) {
            Chat chat = model.chat("", DRAWN);
            chat.close();
            assertEquals(
                    "the conversation is closed",
                    assertThrows(IllegalStateException.class, () -> chat.ask("Hi"))
                            .getMessage());
        }
    }

    /**
     * A device that does not cut windows reads a byte for each weight, as of INT8, and the sub-scales; one that does,
     * what is in the file.
     */
    @Test
    void bytesAreThoseThatTheDeviceReads(@TempDir Path folder) throws IOException {
        Map<Format, Path> files = new EnumMap<>(Format.class);
        for (Format format : List.of(Format.T35, Format.INT8)) {
            files.put(format, folder.resolve(format + ".gguf"));
            try (GgufFile source = ModelFiles.open(TinyModels.path("llama3"))) {
                QuantizedModelWriter.quantize(
                        source,
                        files.get(format),
                        FormatChoice.uniform(format),
                        new QuantizedModelWriter.Listener() {});
            }
        }
        try (LanguageModel windows = LanguageModel.open(files.get(Format.T35), ONE);
                LanguageModel bytes = LanguageModel.open(files.get(Format.INT8), ONE);
                Backend cutting = BackendProvider.named("reference").open();
                Backend other = BackendProvider.named("lut").open()) {
            assertTrue(cutting.cutsWindows() && !other.cutsWindows());
            boolean tied = windows.weights().output() == windows.weights().embedding();
            long stored = tensorBytes(windows, name -> tied || !name.startsWith("token_embd."));
            assertEquals(stored, windows.bytesPerToken(cutting));
            long subscales = tensorBytes(
                    windows, name -> name.endsWith(".subscales") && (tied || !name.startsWith("token_embd.")));
            assertEquals(bytes.bytesPerToken(other) + subscales, windows.bytesPerToken(other));
            assertEquals(bytes.bytesPerToken(cutting), bytes.bytesPerToken(other));
            assertTrue(stored < windows.bytesPerToken(other));
        }
    }

    private static long tensorBytes(LanguageModel model, Predicate<String> names) {
        return model.file().tensors().stream()
                .filter(tensor -> names.test(tensor.name()))
                .mapToLong(tensor -> tensor.data().byteSize())
                .sum();
    }

    @Test
    void optionsAreChecked() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> Options.DEFAULT.withSlots(0));
        assertThrows(IllegalArgumentException.class, () -> Options.DEFAULT.withContext(-1));
        assertThrows(IllegalArgumentException.class, () -> DRAWN.withTokens(0));
        assertThrows(IllegalArgumentException.class, () -> DRAWN.withTemperature(-1));
        try (LanguageModel model =
                LanguageModel.open(TinyModels.path("llama3"), Options.DEFAULT.withBackend("nothing"))) {
            assertTrue(assertThrows(IllegalArgumentException.class, model::backend)
                    .getMessage()
                    .contains("'nothing'"));
        }
        try (LanguageModel model = LanguageModel.open(TinyModels.path("llama3"))) {
            assertEquals(BackendProvider.fastest().name(), model.backend());
            assertTrue(model.usualContext() <= model.trainedContext());
        }
    }
}
