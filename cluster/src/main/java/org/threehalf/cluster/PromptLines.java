package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;
import org.threehalf.inference.tokenizer.LoneSurrogate;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lines of JSON with prompts. */
final class PromptLines {
    /** Reads one value, whole, without a name twice. */
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The same, but for names, to tell what is wrong. */
    private static final JsonMapper WITH_NAMES_TWICE = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> KEYS = Set.of("id", "prompt", "seed", "tokens");
    /** An array holds all of it. */
    private static final int MOST_BYTES = 2_000_000_000;

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private PromptLines() {}

    /**
     * What one line wants.
     *
     * @param line its number, from 1
     * @param id its {@code id} as it is written, a text or a number, or null
     * @param prompt the text
     * @param seed where the draws start
     * @param tokens how many at most
     */
    record Prompt(int line, @Nullable String id, String prompt, long seed, int tokens) implements Serializable {
        private static final long serialVersionUID = 1;

        /**
         * What tells this request from others: who finds it in an answer need not ask again.
         *
         * @param run {@link AnswerRun#json()} of the run
         */
        String request(String run) {
            return request(run, seed, tokens);
        }

        /** As {@link #request(String)}, with another seed and another number of tokens. */
        String request(String run, long otherSeed, int otherTokens) {
            return Sha256.of("%s%n%d%n%d%n%s%n%s"
                    .formatted(run, otherSeed, otherTokens, id == null ? "" : id, prompt)
                    .getBytes(StandardCharsets.UTF_8));
        }

        /** Where it stands, for a person. */
        String where() {
            return id == null ? "line %d".formatted(line) : "line %d (id %s)".formatted(line, SparkWords.shown(id));
        }
    }

    /**
     * Reads a file, whole, before anything is computed.
     *
     * @param seed of lines without one
     * @param tokens of lines without a number
     * @throws UsageException if a line is not as it must be; says which
     */
    static List<Prompt> read(Path file, long seed, int tokens) throws IOException {
        if (Files.isDirectory(file)) {
            throw new UsageException("%s: a folder; a file of prompts is needed".formatted(file));
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new UsageException("%s: %,d bytes; a file of prompts has %,d at most: cut it into several"
                    .formatted(file, Files.size(file), MOST_BYTES));
        }
        List<Prompt> prompts = new ArrayList<>();
        byte[] bytes = Files.readAllBytes(file);
        String name = SparkWords.shown(String.valueOf(file.getFileName()));
        int number = 1;
        for (int from = 0; from < bytes.length; number++) {
            int end = from;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            String where = "%s: line %d".formatted(name, number);
            String line = text(where, ByteBuffer.wrap(bytes, from, end - from));
            if (line.indexOf(BYTE_ORDER_MARK) == 0) {
                throw new UsageException(
                        "%s: it begins with a byte order mark (U+FEFF), which JSON has not: save the file as UTF-8 without one"
                                .formatted(where));
            }
            if (!line.isBlank()) {
                prompts.add(prompt(where, number, line, seed, tokens));
            }
            from = end + 1;
        }
        if (prompts.isEmpty()) {
            throw new UsageException("%s: there is no prompt in it".formatted(file));
        }
        return prompts;
    }

    private static String text(String where, ByteBuffer line) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(line.remaining());
        int from = line.position();
        if (decoder.decode(line, text, true).isError()) {
            throw new UsageException("%s: byte %d (0x%02x) is no UTF-8: save the file as UTF-8"
                    .formatted(where, line.position() - from + 1, line.get(line.position()) & 0xff));
        }
        return text.flip().toString();
    }

    private static JsonNode json(String where, String line) {
        try {
            return JSON.readTree(line);
        } catch (StreamConstraintsException large) {
            throw tooLarge(where, large);
        } catch (JacksonException wrong) {
            try {
                WITH_NAMES_TWICE.readTree(line);
                throw new UsageException("%s: a name stands twice in it: leave one away".formatted(where), wrong);
            } catch (StreamConstraintsException large) {
                throw tooLarge(where, large);
            } catch (JacksonException noJson) {
                var at = noJson.getLocation();
                throw new UsageException(
                        "%s: no JSON%s: an object is needed, whole and alone in its line, such as {\"prompt\": \"Hello\"}"
                                .formatted(
                                        where,
                                        at == null || at.getColumnNr() < 1
                                                ? ""
                                                : ", from character %d on".formatted(at.getColumnNr())),
                        noJson);
            }
        }
    }

    /** JSON, as far as can be told, that is larger than the parser takes: it says which limit that is. */
    private static UsageException tooLarge(String where, StreamConstraintsException large) {
        return new UsageException(
                "%s: more than is read: %s"
                        .formatted(
                                where,
                                large.getOriginalMessage()
                                        .replaceAll(", from `[^`]*`", "")
                                        .strip()),
                large);
    }

    private static Prompt prompt(String where, int number, String line, long seed, int tokens) {
        JsonNode json = json(where, line);
        if (!json.isObject() || !json.path("prompt").isString()) {
            throw new UsageException("%s: it must be an object with a text 'prompt'".formatted(where));
        }
        for (String key : json.propertyNames()) {
            if (!KEYS.contains(key)) {
                throw new UsageException("%s: '%s' is not known: it may have %s"
                        .formatted(
                                where,
                                SparkWords.shown(key),
                                KEYS.stream().sorted().toList()));
            }
        }
        JsonNode id = json.path("id");
        if (!id.isMissingNode() && !id.isString() && !id.isIntegralNumber()) {
            throw new UsageException("%s: 'id' must be a text or a whole number".formatted(where));
        }
        requireText(where, "id", id);
        requireText(where, "prompt", json.path("prompt"));
        return new Prompt(
                number,
                id.isMissingNode() ? null : id.toString(),
                json.path("prompt").stringValue(),
                number(json, "seed", seed, Long.MIN_VALUE, Long.MAX_VALUE, where),
                (int) number(json, "tokens", tokens, 1, Integer.MAX_VALUE, where));
    }

    /** As the server does: such a string could be neither fed nor written. */
    private static void requireText(String where, String key, JsonNode value) {
        if (value.isString()) {
            LoneSurrogate.in(value.stringValue()).ifPresent(at -> {
                throw new UsageException("%s: '%s': character %d is half of a surrogate pair, which is no text"
                        .formatted(where, key, at + 1));
            });
        }
    }

    private static long number(JsonNode json, String key, long byDefault, long least, long most, String where) {
        JsonNode value = json.path(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            throw new UsageException(
                    "%s: '%s' must be a whole number from %d to %d".formatted(where, key, least, most));
        }
        return value.longValue();
    }
}
