package org.threehalf.inference.huggingface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.threehalf.inference.gguf.ModelFormatException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;

class JsonFaultTest {
    /** How classes, constants and methods of Java are spelt. */
    private static final Pattern JAVA = Pattern.compile("[a-z]{2}[A-Z]|[A-Z]_|`|\\(\\)|java|jackson|\\b(int|long)\\b");

    /** A text, and what is wrong with it. */
    private record Case(String text, String fault) {}

    private static String fault(String text, JsonFile.Reader<?> reader) {
        return String.valueOf(assertThrows(
                        ModelFormatException.class,
                        () -> JsonFile.parse("f", text.getBytes(StandardCharsets.UTF_8), reader))
                .getMessage());
    }

    /** Each kind of fault is said in words of JSON, with its place where the library knows it. */
    @Test
    void kinds() {
        for (Case one : List.of(
                new Case("{", "it ends before it is whole"),
                new Case("{\"a\":\"x", "it ends before it is whole"),
                new Case("{\"a\":NaN}", "NaN is no number of JSON"),
                new Case("{\"a\":-Infinity}", "-Infinity is no number of JSON"),
                new Case("{\"a\":+1}", "'+' within a number"),
                new Case("{\"a\":1.}", "'}' within a number"),
                new Case("{\"a\":0x10}", "'x' within a number"),
                new Case("{\"a\":01}", "a number that begins with 0"),
                new Case("{\"a\":.5}", "'.' where a value is needed"),
                new Case("{\"a\":'x'}", "''' where a value is needed"),
                new Case("{a:1}", "'a' where a name in double quotes is needed"),
                new Case("{\"a\":1,}", "'}' where a name in double quotes is needed"),
                new Case("{\"a\" 1}", "'1' where a colon is needed"),
                new Case("[1 2]", "'2' where a comma or the end is needed"),
                new Case("{\"a\":True}", "'True' is no value of JSON"),
                new Case("{\"a\":1//c\n}", "comments are no JSON"),
                new Case("{\"a\":\"\\x\"}", "a backslash before what it cannot stand before"),
                new Case("{\"a\":\"\n\"}", "a control character, which must be escaped within a string"),
                new Case("\0", "a control character, which must be escaped within a string"),
                new Case("{\"a\":1,\"a\":2}", "the name \"a\" stands twice in an object"),
                new Case("[".repeat(100), "deeper than 64 objects and arrays"),
                new Case("{\"a\":" + "9".repeat(2000) + "}", "a number of more than 1000 characters"),
                new Case("{\"" + "n".repeat(70_000) + "\":1}", "a name of more than 65535 characters"),
                new Case("{\"a\":\"" + "n".repeat((1 << 24) + 1) + "\"}", "a string of more than 16777216 characters"),
                new Case("}", "'}' that closes nothing"))) {
            String message = fault(one.text, parser -> JsonFile.MAPPER.readTree(parser));
            assertTrue(
                    message.matches(
                            "f: no JSON as it must be( at line \\d+, column \\d+)?: " + Pattern.quote(one.fault)),
                    message);
            assertFalse(JAVA.matcher(message).find(), message);
        }
    }

    /** What the library may say some day has none of its names in it, either. */
    @Test
    void faultsThatAreNotKnown() {
        JacksonException wrong = new StreamReadException(null, "Feature `JsonReadFeature.NEW` not enabled");
        assertEquals("it is not written as JSON is", JsonFault.of(wrong));
    }

    /** Numbers that a reader cannot take. */
    @Test
    void largeNumbers() {
        String message = fault("9223372036854775808", parser -> {
            parser.nextToken();
            return parser.getLongValue();
        });
        assertTrue(message.endsWith(": the number 9223372036854775808 is too large"), message);
    }
}
