package org.threehalf.inference.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
                        named(name).cuts().stream().map(Object::toString).toList())
                .toList();
        for (String name : WordSplit.names()) {
            assertTrue(
                    checked.contains(
                            named(name).cuts().stream().map(Object::toString).toList()),
                    name);
        }
    }

    /** A seeded fault: another rule has another hash. */
    @Test
    void anotherRuleIsSeen() {
        assertNotEquals(EXPECTED.get("splits").get("smollm").get("sha256").asString(), hash(named("gpt-2")));
    }

    /** Rules that are written out, against the published patterns, which are right and slow. */
    @Test
    void groupsOfDigitsAreThoseOfThePatterns() {
        Map<DigitGroups, Pattern> patterns = Map.of(
                DigitGroups.OF_PIECES,
                Pattern.compile("(?s).+?(?=(?:\\d{3})+(?!\\d))|(?s).+", Pattern.UNICODE_CHARACTER_CLASS),
                DigitGroups.OF_NUMBERS,
                Pattern.compile(
                        "\\d{1,3}(?=(?:\\d{3})*(?![\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}\u00b2\u00b3\u00b9\u00bc-\u00be]))",
                        Pattern.UNICODE_CHARACTER_CLASS));
        String[] characters = {
            "1", "2", "9", "\u0663", "\ud835\udfce", "\u00bd", "\u2167", "a", ".", " ", "\n", "\u0301", "_"
        };
        Random random = new Random(5);
        for (int round = 0; round < 5_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(14); i >= 0; i--) {
                text.append(characters[random.nextInt(random.nextBoolean() ? 5 : characters.length)]);
            }
            String piece = text.toString();
            patterns.forEach((rule, pattern) -> {
                List<String> expected = new ArrayList<>();
                Matcher matcher = pattern.matcher(piece);
                int from = 0;
                while (matcher.find()) {
                    if (matcher.start() > from) {
                        expected.add(piece.substring(from, matcher.start()));
                    }
                    expected.add(matcher.group());
                    from = matcher.end();
                }
                if (from < piece.length()) {
                    expected.add(piece.substring(from));
                }
                List<String> actual = new ArrayList<>();
                rule.cut(piece, actual::add);
                assertEquals(expected, actual, rule + " of " + piece);
            });
        }
    }

    /** Marks that are sorted before the library composes them give what it gives without. */
    @Test
    void compositionIsTheLibrarys() {
        int[] marks = IntStream.range(0x300, 0x1000)
                .filter(c -> Character.getType(c) == Character.NON_SPACING_MARK
                        || Character.getType(c) == Character.COMBINING_SPACING_MARK)
                .toArray();
        Random random = new Random(6);
        for (int round = 0; round < 600; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(4); i >= 0; i--) {
                text.append("ae\u00e9\uac00\u0938x".charAt(random.nextInt(6)));
                int kinds = 1 + random.nextInt(40);
                int first = random.nextInt(marks.length);
                for (int k = random.nextInt(150); k > 0; k--) {
                    text.appendCodePoint(marks[(first + random.nextInt(kinds)) % marks.length]);
                }
            }
            assertEquals(Normalizer.normalize(text, Normalizer.Form.NFC), Composition.of(text.toString()));
        }
    }

    /** No text takes a time that grows with its square, or a stack that grows with it; the limit is hours away. */
    @ParameterizedTest
    @MethodSource("everyName")
    @Timeout(300)
    void hostileTexts(String name) {
        for (String text : List.of(
                "1".repeat(200_000),
                "1".repeat(200_000) + "a",
                "\u0663".repeat(200_000) + "\u00bd",
                "a".repeat(100_000),
                "a ".repeat(100_000),
                "\u4e2d".repeat(100_000),
                "A".repeat(100_000) + "1",
                " ".repeat(100_000) + "\u4e2d",
                " ".repeat(100_000),
                "\n".repeat(100_000) + " x",
                "\n ".repeat(100_000),
                "!".repeat(100_000),
                "'".repeat(100_000),
                "a\u0301".repeat(50_000),
                "a" + "\u0301\u0316".repeat(200_000),
                "a" + "\u0301".repeat(200_000) + "\u0316".repeat(200_000))) {
            StringBuilder whole = new StringBuilder();
            named(name).split(text, whole::append);
            assertEquals(named(name).composed() ? Composition.of(text) : text, whole.toString());
        }
    }

    static List<String> everyName() {
        // Names that have one rule are tried once.
        Set<String> seen = new java.util.HashSet<>();
        return WordSplit.names().stream()
                .filter(name -> seen.add(named(name).cuts() + " " + named(name).composed()))
                .toList();
    }

    @Test
    void digitsByThemselves() {
        assertEquals(List.of("In", " ", "2", "0", "2", "4"), words(named("smollm"), "In 2024"));
        assertEquals(List.of("In", " 2024"), words(named("gpt-2"), "In 2024"));
        assertEquals(List.of("In", " ", "202", "4"), words(named("falcon3"), "In 2024"));
        assertEquals(List.of("1", "234", "567"), words(named("superbpe"), "1234567"));
    }
}
