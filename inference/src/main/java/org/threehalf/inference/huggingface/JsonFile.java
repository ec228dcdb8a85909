package org.threehalf.inference.huggingface;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.OtherFile;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads JSON as strictly as the rest of a model: a name that occurs twice, or anything behind the value, is an error
 * that says where.
 */
final class JsonFile {
    /** More bytes than any configuration has. */
    private static final long MAX_CONFIGURATION = 16 << 20;
    /** More bytes than any tokenizer has. */
    static final long MAX_TOKENIZER = 256 << 20;

    static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxNameLength(65_535)
                            .maxStringLength(1 << 24)
                            .build())
                    .build())
            .disable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFile() {}

    /** What is done with a parser. */
    @FunctionalInterface
    interface Reader<T> {
        T read(JsonParser parser) throws IOException;
    }

    /** A whole configuration, which must be an object. */
    static JsonNode object(Path file) throws IOException {
        return object(file, MAX_CONFIGURATION);
    }

    /** A whole file of so many bytes at most, which must hold an object. */
    static JsonNode object(Path file, long most) throws IOException {
        // Of a file without a value the library's tree is null.
        Optional<JsonNode> node = read(file, most, parser -> Optional.ofNullable(MAPPER.<JsonNode>readTree(parser)));
        if (!node.map(JsonNode::isObject).orElse(false)) {
            throw new ModelFormatException("%s: an object of JSON is needed%s"
                    .formatted(file.getFileName(), node.isEmpty() ? ", and nothing is in it" : ""));
        }
        return node.get();
    }

    /** What a message shows of a value: its spelling, cut where it is long. */
    static String shown(JsonNode value) {
        String text = value.isMissingNode() ? "missing" : value.toString();
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    /** A number in binary64, infinite where it is too large for it. */
    static double real(JsonNode number) {
        return number.isIntegralNumber() ? number.bigIntegerValue().doubleValue() : number.asDouble();
    }

    /**
     * A member that must be true or false where it is there.
     *
     * @param file and what the member is of, for messages
     * @param usual where it is missing or null
     */
    static boolean flag(String file, String of, JsonNode object, String member, boolean usual)
            throws ModelFormatException {
        JsonNode value = object.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return usual;
        }
        if (!value.isBoolean()) {
            throw new ModelFormatException(
                    "%s: %s%s is %s: true or false is needed".formatted(file, of, member, shown(value)));
        }
        return value.asBoolean();
    }

    /** Refuses an object with other members than those that are known: nothing would read them. */
    static void requireKnown(String file, String what, JsonNode object, Set<String> known) throws ModelFormatException {
        for (String member : object.propertyNames()) {
            if (!known.contains(member)) {
                throw new ModelFormatException("%s: %s has a member '%s', which is not known: %s"
                        .formatted(file, what, member, shown(object)));
            }
        }
    }

    /**
     * Reads a file.
     *
     * @throws ModelFormatException if it is no regular file, too large, or no JSON; says where
     */
    static <T> T read(Path file, long most, Reader<T> reader) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException("%s: not a regular file".formatted(file));
        }
        long size = Files.size(file);
        if (size > most) {
            throw new ModelFormatException(
                    "%s: %,d bytes: it can have %,d at most".formatted(file.getFileName(), size, most));
        }
        return parse(String.valueOf(file.getFileName()), Files.readAllBytes(file), reader);
    }

    /** Reads bytes. */
    static <T> T parse(String name, byte[] json, Reader<T> reader) throws IOException {
        Optional<String> pointer = OtherFile.pointer(json);
        if (pointer.isPresent()) {
            throw new ModelFormatException("%s: no JSON: it is %s".formatted(name, pointer.get()));
        }
        try (JsonParser parser = MAPPER.createParser(json)) {
            T value = reader.read(parser);
            if (parser.nextToken() != null) {
                throw new ModelFormatException("%s: no JSON: something follows its end".formatted(name));
            }
            return value;
        } catch (JacksonException wrong) {
            var at = wrong.getLocation();
            throw new ModelFormatException(
                    "%s: no JSON as it must be%s: %s"
                            .formatted(
                                    name,
                                    at == null
                                            ? ""
                                            : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr()),
                                    JsonFault.of(wrong)),
                    wrong);
        }
    }
}
