package org.threehalf.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.UsageException;
import org.threehalf.kernels.io.Sha256;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
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

    private static final Set<String> KEYS = Set.of("id", "prompt", "seed", "tokens");

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
         * @param settings of the run, with the model's hash
         */
        String request(String settings) {
            return Sha256.of("%s%n%d%n%d%n%s%n%s"
                    .formatted(settings, seed, tokens, id == null ? "" : id, prompt)
                    .getBytes(StandardCharsets.UTF_8));
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
        List<Prompt> prompts = new ArrayList<>();
        List<String> lines;
        if (Files.isDirectory(file)) {
            throw new UsageException("%s: a folder; a file of prompts is needed".formatted(file));
        }
        try {
            lines = Files.readAllLines(file);
        } catch (CharacterCodingException wrong) {
            throw new UsageException("%s: not a text in UTF-8".formatted(file), wrong);
        }
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                prompts.add(
                        prompt("%s: line %d".formatted(file.getFileName(), i + 1), i + 1, lines.get(i), seed, tokens));
            }
        }
        if (prompts.isEmpty()) {
            throw new UsageException("%s: there is no prompt in it".formatted(file));
        }
        return prompts;
    }

    private static Prompt prompt(String where, int number, String line, long seed, int tokens) {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JacksonException wrong) {
            throw new UsageException("%s: not JSON: %s".formatted(where, wrong.getOriginalMessage()), wrong);
        }
        if (!json.isObject() || !json.path("prompt").isString()) {
            throw new UsageException("%s: it must be an object with a text 'prompt'".formatted(where));
        }
        for (String key : json.propertyNames()) {
            if (!KEYS.contains(key)) {
                throw new UsageException("%s: '%s' is not known: it may have %s"
                        .formatted(where, key, KEYS.stream().sorted().toList()));
            }
        }
        JsonNode id = json.path("id");
        if (!id.isMissingNode() && !id.isString() && !id.isIntegralNumber()) {
            throw new UsageException("%s: 'id' must be a text or a whole number".formatted(where));
        }
        return new Prompt(
                number,
                id.isMissingNode() ? null : id.toString(),
                json.path("prompt").stringValue(),
                number(json, "seed", seed, Long.MIN_VALUE, Long.MAX_VALUE, where),
                (int) number(json, "tokens", tokens, 1, Integer.MAX_VALUE, where));
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
            throw new UsageException("%s: '%s' must be a whole number of at least %d".formatted(where, key, least));
        }
        return value.longValue();
    }
}
