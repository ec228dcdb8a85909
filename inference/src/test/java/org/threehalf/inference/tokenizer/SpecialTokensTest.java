package org.threehalf.inference.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.tokenizer.SpecialTokens.Token;

/**
 * Cutting at special tokens, against trying all of them at each place; and long texts, which are judged before they are
 * taken apart and can be given up.
 */
class SpecialTokensTest {

    private static String word(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = 1 + random.nextInt(most); i > 0; i--) {
            text.append("<>ab".charAt(random.nextInt(4)));
        }
        return text.toString();
    }

    /** The longest token at each place, of those that count there. */
    private static List<String> plain(List<Token> tokens, String text, boolean control, BitSet foreign) {
        List<Token> longest = new ArrayList<>(tokens);
        // A stable sort: of equal spellings the first stays first.
        longest.sort(Comparator.comparingInt(token -> -token.text().length()));
        List<String> cut = new ArrayList<>();
        int from = 0;
        int at = 0;
        while (at < text.length()) {
            Token found = null;
            for (Token token : longest) {
                boolean counts = text.startsWith(token.text(), at)
                        && (!token.control()
                                || control
                                        && foreign.get(at, at + token.text().length())
                                                .isEmpty());
                found = found == null && counts ? token : found;
            }
            if (found == null) {
                at++;
                continue;
            }
            if (at > from) {
                cut.add(text.substring(from, at));
            }
            cut.add("#" + found.id());
            at += found.text().length();
            from = at;
        }
        if (at > from) {
            cut.add(text.substring(from));
        }
        return cut;
    }

    @Test
    void cutsAsTryingAllTokensDoes() {
        Random random = new Random(7);
        int special = 0;
        for (int round = 0; round < 2_000; round++) {
            List<Token> tokens = new ArrayList<>();
            for (int id = 0; id < 1 + random.nextInt(8); id++) {
                tokens.add(new Token(word(random, 5), id, random.nextBoolean()));
            }
            SpecialTokens cutter = new SpecialTokens(tokens);
            String text = word(random, 30);
            BitSet foreign = new BitSet();
            for (int i = random.nextInt(4); i > 0; i--) {
                foreign.set(random.nextInt(text.length()));
            }
            boolean control = random.nextBoolean();
            List<String> cut = new ArrayList<>();
            cutter.split(text, control, foreign, id -> cut.add("#" + id), (part, start) -> cut.add(part));
            assertEquals(
                    plain(tokens, text, control, foreign),
                    cut,
                    () -> tokens + " in " + text + ", control " + control + ", foreign " + foreign);
            special += (int) cut.stream().filter(part -> part.startsWith("#")).count();
        }
        assertTrue(special > 1_000, special + " tokens were found");
    }

    private static Tokenizer tiny(String name) throws IOException, URISyntaxException {
        try (GgufFile file = GgufReader.open(
                Path.of(Objects.requireNonNull(TinyModels.class.getResource("decoder/" + name + ".gguf"))
                        .toURI()))) {
            return Tokenizer.of(file.metadata());
        }
    }

    /** Merges and whole words make no control token, whatever a file calls one. */
    @Test
    void textMakesNoControlToken() throws Exception {
        try (GgufFile file = GgufReader.open(TinyModels.path("llama3"))) {
            Tokenizer before = Tokenizer.of(file.metadata());
            long[] types = file.metadata().integers("tokenizer.ggml.token_type");
            int made = 0;
            for (int id = 0; id < types.length; id++) {
                String word = before.vocabulary().token(id);
                if (types[id] != 1 || !word.matches("[a-z]+") || before.encode(word)[0] != id) {
                    continue;
                }
                made++;
                int[] changed =
                        Arrays.stream(types).mapToInt(type -> (int) type).toArray();
                changed[id] = 3;
                SequencedMap<String, GgufValue> metadata =
                        new LinkedHashMap<>(file.metadata().entries());
                metadata.put("tokenizer.ggml.token_type", GgufValue.ofInt32s(changed));
                Tokenizer tokenizer = Tokenizer.of(new GgufMetadata("changed", metadata));
                int control = id;
                // A letter's own token leaves the letter without one.
                if (word.length() > 1) {
                    assertTrue(Arrays.stream(tokenizer.encode(word)).noneMatch(one -> one == control), word);
                    assertEquals(word, tokenizer.decode(tokenizer.encode(word)));
                }
            }
            assertTrue(made > 0);
        }
    }

    /** What is said of a text before it is taken apart holds afterwards. */
    @Test
    void noTextHasFewerTokens() throws Exception {
        Random random = new Random(8);
        for (String name : List.of("llama2", "llama3", "gemma3")) {
            Tokenizer tokenizer = tiny(name);
            for (int round = 0; round < 300; round++) {
                StringBuilder text = new StringBuilder();
                for (int i = random.nextInt(60); i > 0; i--) {
                    // Tokens of the vocabulary too, of which some are long.
                    text.append(
                            random.nextBoolean()
                                    ? tokenizer
                                            .vocabulary()
                                            .token(random.nextInt(
                                                    tokenizer.vocabulary().size()))
                                    : Character.toString(random.nextInt(0xd800)));
                }
                String whole = text.toString();
                assertTrue(tokenizer.leastTokens(whole.length()) <= tokenizer.encode(whole).length, whole);
                assertTrue(
                        tokenizer.leastTokens(whole.length()) <= tokenizer.encodeWithControlTokens(whole).length,
                        whole);
            }
            assertTrue(tokenizer.leastTokens(1_000_000) > 1_000, name);
        }
    }

    @Test
    void aLongTextCanBeGivenUp() throws Exception {
        Tokenizer tokenizer = tiny("llama2");
        String text = "a".repeat(20_000);
        assertTrue(tokenizer.encode(text).length > 0);
        Thread.currentThread().interrupt();
        try {
            assertThrows(CancellationException.class, () -> tokenizer.encode(text));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }
}
