package org.threehalf.inference.huggingface;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/** What is wrong with a text that should be JSON, in words of JSON and not of the library that reads it. */
public final class JsonFault {
    /** What the library says, and what is said in its place; the first that fits counts. */
    private record Wording(Pattern library, String ours) {
        Wording(String library, String ours) {
            this(Pattern.compile(library), ours);
        }
    }

    private static final List<Wording> WORDINGS = List.of(
            new Wording("Unexpected end-of-input.*", "it ends before it is whole"),
            new Wording("Non-standard token '([^']*)'.*", "$1 is no number of JSON"),
            new Wording("Unexpected character \\('(.)' \\(code \\d+\\)\\) in numeric value.*", "'$1' within a number"),
            new Wording("Unexpected character \\('(.)' \\(code \\d+\\)\\): hexadecimal.*", "'$1' within a number"),
            new Wording(
                    "Unexpected character \\('(.)' \\(code \\d+\\)\\): maybe a .*comment.*", "comments are no JSON"),
            new Wording(
                    "Unexpected character \\('(.)' \\(code \\d+\\)\\): was expecting double-quote.*",
                    "'$1' where a name in double quotes is needed"),
            new Wording(
                    "Unexpected character \\('(.)' \\(code \\d+\\)\\): was expecting a colon.*",
                    "'$1' where a colon is needed"),
            new Wording(
                    "Unexpected character \\('(.)' \\(code \\d+\\)\\): was expecting comma.*",
                    "'$1' where a comma or the end is needed"),
            new Wording("Unexpected character \\('(.)' \\(code \\d+\\)\\).*", "'$1' where a value is needed"),
            new Wording("Unexpected close marker '(.)'.*", "'$1' that closes nothing"),
            new Wording("Unrecognized token '([^']{1,40}).*", "'$1' is no value of JSON"),
            new Wording("Invalid numeric value: Leading zeroes.*", "a number that begins with 0"),
            new Wording("Unrecognized character escape.*", "a backslash before what it cannot stand before"),
            new Wording(
                    "Illegal (unquoted )?character.*", "a control character, which must be escaped within a string"),
            new Wording("Duplicate Object property \"(.{0,80}).*\"", "the name \"$1\" stands twice in an object"),
            new Wording("Document nesting depth.*maximum allowed \\((\\d+).*", "deeper than $1 objects and arrays"),
            new Wording("Number value length.*maximum allowed \\((\\d+).*", "a number of more than $1 characters"),
            new Wording("Name length.*maximum allowed \\((\\d+).*", "a name of more than $1 characters"),
            new Wording("String value length.*maximum allowed \\((\\d+).*", "a string of more than $1 characters"),
            new Wording("Numeric value \\((-?\\d{1,40}).*", "the number $1 is too large"),
            new Wording("Invalid (UTF-8|surrogate).*", "bytes that are no UTF-8"));

    private JsonFault() {}

    /** What is wrong, in a line. */
    public static String of(JacksonException wrong) {
        String said = wrong.getOriginalMessage().lines().findFirst().orElse("");
        for (Wording wording : WORDINGS) {
            Matcher fits = wording.library.matcher(said);
            if (fits.matches()) {
                return fits.replaceFirst(wording.ours);
            }
        }
        // Whatever else it is: the library speaks of its classes.
        return "it is not written as JSON is";
    }

    /** What a token is. */
    static String name(@Nullable JsonToken token) {
        return switch (token) {
            case null -> "nothing";
            case START_OBJECT -> "an object";
            case END_OBJECT -> "the end of an object";
            case START_ARRAY -> "a list";
            case END_ARRAY -> "the end of a list";
            case PROPERTY_NAME -> "a name";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "an integer";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction or an exponent";
            case VALUE_TRUE, VALUE_FALSE -> "true or false";
            case VALUE_NULL -> "null";
            case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> "something else";
        };
    }
}
