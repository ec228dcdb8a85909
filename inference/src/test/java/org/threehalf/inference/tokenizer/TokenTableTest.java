package org.threehalf.inference.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ValueType;

/** The table gives back every text, and finds what a map of strings finds. */
class TokenTableTest {

    private static TokenTable table(List<String> tokens) {
        return TokenTable.of(GgufValue.arrayOf(
                ValueType.STRING, tokens.stream().map(GgufValue::of).toList()));
    }

    private static void assertAsMap(List<String> texts, List<String> others) {
        List<String> tokens = texts.stream().distinct().toList();
        TokenTable table = table(tokens);
        Map<String, Integer> map = new HashMap<>();
        assertEquals(tokens.size(), table.size());
        for (int id = 0; id < tokens.size(); id++) {
            assertEquals(tokens.get(id), table.token(id));
            map.put(tokens.get(id), id);
        }
        for (String token : tokens) {
            assertEquals(map.get(token), table.find(token), token);
        }
        for (String other : others) {
            assertEquals(map.getOrDefault(other, -1), table.find(other), other);
        }
    }

    @Property(tries = 300)
    void findsWhatAMapFinds(@ForAll @Size(max = 200) List<String> tokens, @ForAll @Size(max = 20) List<String> others) {
        assertAsMap(tokens, others);
    }

    @Test
    void textsThatDifferOnlyInZerosOrLengthAreOthers() {
        List<String> tokens = new ArrayList<>();
        for (int length = 0; length < 40; length++) {
            tokens.add("\0".repeat(length));
            tokens.add("\0".repeat(length) + "a");
            tokens.add("a" + "\0".repeat(length));
        }
        assertAsMap(tokens, List.of("b", "\0b"));
    }

    @Test
    void aLargeVocabulary() {
        SplittableRandom random = new SplittableRandom(7);
        List<String> tokens =
                random.ints(60_000).mapToObj(i -> "▁" + Integer.toString(i, 36)).toList();
        assertAsMap(tokens, random.ints(1_000).mapToObj(Integer::toString).toList());
    }

    /** Two tokens of one text would be one of them; empty ones are nobody's. */
    @Test
    void equalTextsAreRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> table(List.of("a", "b", "c", "b")))
                .getMessage();
        assertEquals("an array in which tokens 1 and 3 are both 'b': each must be another", message);
        assertEquals(3, table(List.of("a", "", "")).size());
    }

    @Test
    void emptyAndWrongValues() {
        assertEquals(-1, table(List.of()).find(""));
        assertEquals(0, table(List.of("")).find(""));
        assertThrows(
                IllegalArgumentException.class, () -> TokenTable.of(GgufValue.arrayOf(ValueType.UINT32, List.of())));
        assertThrows(IllegalArgumentException.class, () -> TokenTable.of(GgufValue.ofUint32(1)));
    }
}
