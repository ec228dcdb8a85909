package org.threehalf.inference.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LoneSurrogateTest {

    @Test
    void halvesThatStandAloneAreFoundAndReplaced() {
        for (String text : new String[] {"", "a", "\ud83c\udf0a", "a\ud83c\udf0ab", "\ufffd"}) {
            assertEquals(OptionalInt.empty(), LoneSurrogate.in(text));
            assertEquals(text, LoneSurrogate.replaced(text));
        }
        assertEquals(OptionalInt.of(0), LoneSurrogate.in("\ud83c"));
        assertEquals(OptionalInt.of(1), LoneSurrogate.in("a\udf0a"));
        assertEquals(OptionalInt.of(2), LoneSurrogate.in("\ud83c\udf0a\udf0a"));
        assertEquals(OptionalInt.of(0), LoneSurrogate.in("\udf0a\ud83c"));
        assertEquals("\ufffd\ud83c\udf0a\ufffdb", LoneSurrogate.replaced("\ud83c\ud83c\udf0a\udf0ab"));
    }
}
