package org.threehalf.inference.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Words against those of the library that the models' tokenizers are written for, on the corpus and on 3,042 hostile
 * texts; {@code src/test/python/word_splits.py} wrote the expectations.
 */
class WordSplitTest {

    private static final JsonNode EXPECTED = json("word-splits.json");

    private static JsonNode json(String name) {
        try (InputStream in = Objects.requireNonNull(WordSplitTest.class.getResourceAsStream(name), name)) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> texts() {
        return Stream.concat(
                        json("corpus.json").valueStream(),
                        EXPECTED.get("hostile").valueStream())
                .map(JsonNode::asString)
                .toList();
    }

    static Stream<String> names() {
        return EXPECTED.get("splits").propertyNames().stream();
    }

    private static WordSplit named(String name) {
        return WordSplit.named(name).orElseThrow();
    }

    private static List<String> words(WordSplit split, String text) {
        List<String> words = new ArrayList<>();
        split.split(text, words::add);
        return words;
    }

    private static String hash(WordSplit split) {
        MessageDigest digest = Sha256.digest();
        for (String text : texts()) {
            StringBuilder line = new StringBuilder();
            split.split(text, word -> line.append(word).append('\u001f'));
            digest.update(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @ParameterizedTest
    @MethodSource("names")
    void wordsOfTheReference(String name) {
        assertEquals(EXPECTED.get("splits").get(name).get("sha256").asString(), hash(named(name)));
    }

    /** A name without an expectation of its own is another name of a split that has one. */
    @Test
    void everyNameIsChecked() {
        List<List<String>> checked = names().map(name ->
                        named(name).patterns().stream().map(Object::toString).toList())
                .toList();
        for (String name : WordSplit.names()) {
            assertTrue(
                    checked.contains(named(name).patterns().stream()
                            .map(Object::toString)
                            .toList()),
                    name);
        }
    }

    /** A seeded fault: another rule has another hash. */
    @Test
    void anotherRuleIsSeen() {
        assertNotEquals(EXPECTED.get("splits").get("smollm").get("sha256").asString(), hash(named("gpt-2")));
    }

    @Test
    void digitsByThemselves() {
        assertEquals(List.of("In", " ", "2", "0", "2", "4"), words(named("smollm"), "In 2024"));
        assertEquals(List.of("In", " 2024"), words(named("gpt-2"), "In 2024"));
        assertEquals(List.of("In", " ", "202", "4"), words(named("falcon3"), "In 2024"));
        assertEquals(List.of("1", "234", "567"), words(named("superbpe"), "1234567"));
    }
}
