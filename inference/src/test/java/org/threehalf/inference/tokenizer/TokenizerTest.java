package org.threehalf.inference.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.ValueType;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Ids against those of the reference implementations on a corpus of 10,309 lines of every script, code, spaces, emoji
 * and mark-up; {@code src/test/python/tokenizer_models.py} wrote the vocabularies and expectations. Real vocabularies
 * are not part of the repository: with the property {@code threehalf.models} naming a folder that holds them, they are
 * tested too.
 */
class TokenizerTest {

    @TempDir
    private Path folder;

    private static JsonNode json(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(TokenizerTest.class.getResourceAsStream(name), name)) {
            return JsonMapper.shared().readTree(in);
        }
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(TokenizerTest.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> corpus() throws IOException {
        return json("corpus.json").valueStream().map(JsonNode::asString).toList();
    }

    private static Tokenizer open(Path path) throws IOException {
        try (GgufFile file = GgufReader.open(path)) {
            return Tokenizer.of(file.metadata());
        }
    }

    private static void assertIdsOfTheReference(String name, Tokenizer tokenizer) throws IOException {
        List<String> corpus = corpus();
        JsonNode expected = json("expected.json").get(name);
        for (int i = 0; i < corpus.size(); i += 50) {
            int[] ids = expected.get("lines")
                    .get(i / 50)
                    .valueStream()
                    .mapToInt(JsonNode::asInt)
                    .toArray();
            assertArrayEquals(ids, tokenizer.encode(corpus.get(i)), name + ", line " + i + ": " + corpus.get(i));
        }
        assertEquals(
                expected.get("sha256").asString(),
                hash(corpus.stream().map(tokenizer::encode).toList()),
                name + ": the hash of all lines' ids");
    }

    private static String hash(List<int[]> ids) {
        String text = ids.stream()
                .map(line -> Arrays.stream(line).mapToObj(Integer::toString).collect(Collectors.joining(" ")) + "\n")
                .collect(Collectors.joining());
        return Sha256.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"spm", "bpe-gpt-2", "bpe-llama-bpe", "bpe-qwen2"})
    void idsOfTheReference(String name) throws IOException {
        assertIdsOfTheReference(name, open(resource(name + ".gguf")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma", "mistral-v1", "llama3", "qwen", "tekken"})
    void idsOfTheReferenceOnRealVocabularies(String name) throws IOException {
        String folder = System.getProperty("threehalf.models", "");
        Path path = name.equals("gemma")
                ? Path.of(folder, "gemma-3-270m-q4_k_m.gguf")
                : Path.of(folder, "tokenizers", name + ".gguf");
        assumeTrue(
                !folder.isEmpty() && Files.exists(path),
                "NOT CHECKED: the vocabulary of " + name + " is not in -Dthreehalf.models=" + folder);
        assertIdsOfTheReference(name, open(path));
    }

    /** What was encoded decodes to itself; the Qwen tokenizer composes characters first. */
    @ParameterizedTest
    @ValueSource(strings = {"spm", "bpe-gpt-2", "bpe-llama-bpe", "bpe-qwen2"})
    void decodingGivesTheTextBack(String name) throws IOException {
        Tokenizer tokenizer = open(resource(name + ".gguf"));
        for (String line : corpus()) {
            String expected = name.equals("bpe-qwen2") ? Normalizer.normalize(line, Normalizer.Form.NFC) : line;
            assertEquals(expected, tokenizer.decode(tokenizer.encode(line)));
        }
    }

    /** A seeded fault: the ids of another cut of words, and of another order of joining, have another hash. */
    @Test
    void otherRulesAreSeen() throws IOException {
        Map<String, JsonNode> expected = Map.of(
                "gpt",
                json("expected.json").get("bpe-gpt-2"),
                "llama",
                json("expected.json").get("bpe-llama-bpe"));
        assertNotEquals(expected.get("gpt").get("sha256"), expected.get("llama").get("sha256"));
        List<int[]> ids =
                corpus().stream().map(open(resource("bpe-gpt-2.gguf"))::encode).toList();
        ids.get(9000)[0]++;
        assertNotEquals(expected.get("gpt").get("sha256").asString(), hash(ids));
    }

    /** Control tokens that are spelt out in plain text are text; a chat template makes them tokens. */
    @Test
    void controlTokensAreMadeByTemplatesOnly() throws IOException {
        Tokenizer tokenizer = open(TinyModels.path("llama3"));
        int begin = tokenizer.vocabulary().beginning();
        assertTrue(Arrays.stream(tokenizer.encode("a<|begin|>b")).noneMatch(id -> id == begin));
        int[] ids = tokenizer.encodeWithControlTokens("a<|begin|>b");
        assertEquals(1, Arrays.stream(ids).filter(id -> id == begin).count());
        assertEquals("ab", tokenizer.decode(ids));
        assertEquals("a<|begin|>b", tokenizer.decode(tokenizer.encode("a<|begin|>b")));
    }

    /**
     * The token of the beginning is there where the file asks for it; without a word of the file, in SentencePiece
     * models and those that cut words as Llama 3 does.
     */
    @Test
    void promptsBeginAsTheFileAsks() throws IOException {
        Tokenizer spm = open(TinyModels.path("llama2"));
        assertEquals(1, spm.encodePrompt("the")[0]);
        assertArrayEquals(
                spm.encode("the"), Arrays.copyOfRange(spm.encodePrompt("the"), 1, spm.encodePrompt("the").length));
        Tokenizer bpe = open(TinyModels.path("llama3"));
        assertEquals(bpe.vocabulary().beginning(), bpe.encodePrompt("the")[0]);
        Tokenizer told = open(changed("llama3", "tokenizer.ggml.add_bos_token", GgufValue.of(false)));
        assertArrayEquals(told.encode("the"), told.encodePrompt("the"));
        assertFalse(told.vocabulary().addBeginning());
        assertFalse(open(changed("llama3", "tokenizer.ggml.pre", GgufValue.of("smollm")))
                .vocabulary()
                .addBeginning());
    }

    /** A token that is to be put around a text, and that the file does not name, cannot be left out without a word. */
    @Test
    void aTokenThatIsAskedForIsNamed() throws IOException {
        for (String which : List.of("bos", "eos")) {
            Path path = TinyModels.copy(
                    "llama2",
                    folder.resolve(which + ".gguf"),
                    metadata -> {
                        metadata.remove("tokenizer.ggml." + which + "_token_id");
                        metadata.put("tokenizer.ggml.add_" + which + "_token", GgufValue.of(true));
                        return metadata;
                    },
                    tensor -> tensor);
            assertTrue(assertThrows(ModelFormatException.class, () -> open(path))
                    .getMessage()
                    .contains("add_%1$s_token is true, and tokenizer.ggml.%1$s_token_id is missing".formatted(which)));
        }
    }

    private Path changed(String model, String key, GgufValue value) throws IOException {
        return TinyModels.copy(
                model,
                folder.resolve("changed.gguf"),
                metadata -> {
                    metadata.put(key, value);
                    return metadata;
                },
                tensor -> tensor);
    }

    private String refusal(String model, String key, GgufValue value) throws IOException {
        Path path = changed(model, key, value);
        return assertThrows(ModelFormatException.class, () -> open(path)).getMessage();
    }

    private static GgufValue strings(int count, IntFunction<String> element) {
        return GgufValue.arrayOf(
                ValueType.STRING,
                IntStream.range(0, count).mapToObj(element).map(GgufValue::of).toList());
    }

    /** Vocabularies that could not mean what they say: nothing of them is made up for. */
    @Test
    void vocabulariesThatContradictThemselvesAreRefused() throws IOException {
        int tokens = open(TinyModels.path("llama3")).vocabulary().size();
        assertTrue(refusal("llama3", "tokenizer.ggml.tokens", strings(tokens, i -> "same"))
                .contains("tokens 0 and 1 are both 'same'"));
        assertTrue(refusal("llama3", "tokenizer.ggml.tokens", strings(tokens, i -> "t" + Math.min(i, tokens - 2)))
                .contains("are both"));
        for (String merge : List.of("nospace", "", "a b c", " b", "a ", " ", "a  b")) {
            String message = refusal("llama3", "tokenizer.ggml.merges", strings(3, i -> i == 2 ? merge : "a b"));
            assertTrue(message.contains("entry 2 is '" + merge + "'"), message);
        }
        int pieces = open(TinyModels.path("llama2")).vocabulary().size();
        for (float score : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            List<GgufValue> scores = IntStream.range(0, pieces)
                    .mapToObj(i -> GgufValue.ofFloat32(i == 7 ? score : -i))
                    .toList();
            String message = refusal("llama2", "tokenizer.ggml.scores", GgufValue.arrayOf(ValueType.FLOAT32, scores));
            assertTrue(message.contains("token 7 has the score " + score), message);
        }
    }

    /** A file that does not name its rule is told of; one that does is not. */
    @Test
    void aMissingRuleIsSaid() throws IOException {
        Path path = TinyModels.copy(
                "llama3",
                folder.resolve("x.gguf"),
                metadata -> {
                    metadata.remove("tokenizer.ggml.pre");
                    return metadata;
                },
                tensor -> tensor);
        assertTrue(open(path).notices().getFirst().contains("tokenizer.ggml.pre is missing"));
        assertEquals(List.of(), open(TinyModels.path("llama3")).notices());
        assertEquals(List.of(), open(TinyModels.path("llama2")).notices());
    }

    /** Joining takes n log n: at n² this took minutes. */
    @Test
    void aLongWordIsJoinedInItsOrder() throws IOException {
        Tokenizer tokenizer = open(resource("bpe-gpt-2.gguf"));
        assertEquals("a".repeat(400_000), tokenizer.decode(tokenizer.encode("a".repeat(400_000))));
    }

    /** Of a template's text with a user's in it, only the template's own makes control tokens. */
    @Test
    void foreignTextMakesNoControlTokens() throws IOException {
        Tokenizer tokenizer = open(TinyModels.path("llama3"));
        int begin = tokenizer.vocabulary().beginning();
        String text = "<|begin|>x<|begin|>";
        for (int foreign = 0; foreign < text.length(); foreign++) {
            BitSet marked = new BitSet();
            marked.set(foreign);
            int[] ids = tokenizer.encodeWithControlTokens(text, marked);
            assertEquals(
                    foreign == 9 ? 2 : 1,
                    Arrays.stream(ids).filter(id -> id == begin).count(),
                    "character " + foreign);
        }
    }

    @Test
    void unknownTokenizersAreRefused() throws IOException {
        Path path = TinyModels.copy(
                "llama3",
                folder.resolve("x.gguf"),
                metadata -> {
                    metadata.put("tokenizer.ggml.pre", GgufValue.of("klingon"));
                    return metadata;
                },
                tensor -> tensor);
        String message =
                assertThrows(ModelFormatException.class, () -> open(path)).getMessage();
        assertTrue(message.contains("'klingon'") && message.contains("llama-bpe"), message);
        Path other = TinyModels.copy(
                "llama3",
                folder.resolve("y.gguf"),
                metadata -> {
                    metadata.put("tokenizer.ggml.model", GgufValue.of("t5"));
                    return metadata;
                },
                tensor -> tensor);
        assertTrue(assertThrows(ModelFormatException.class, () -> open(other))
                .getMessage()
                .contains("'t5'"));
    }

    /** A character in several tokens comes out when its last byte is there. */
    @Test
    void streamsHoldCharactersBack() {
        Utf8Stream stream = new Utf8Stream();
        byte[] bytes = "é😀".getBytes(StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(stream.append(new byte[] {b})).append('|');
        }
        assertEquals("|é||||😀|", text.toString());
        assertEquals("", stream.append(new byte[] {(byte) 0xe2, (byte) 0x82}));
        assertEquals("\ufffd", stream.end());
        assertEquals("\ufffda", stream.append(new byte[] {(byte) 0xff, 'a'}));
    }
}
