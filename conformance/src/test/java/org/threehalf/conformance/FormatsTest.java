package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.threehalf.kernels.format.Codebook;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.format.FormatTraits;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code spec/formats.json} is the one list of formats; those of Java, of the specification's text and of the client in
 * C are compared with it. Lean's is not: behaviour is (golden vectors). All others are made from it.
 */
class FormatsTest {

    private static final Path ROOT = Installation.SPEC.resolve("..");

    private static String text() throws IOException {
        return Files.readString(Installation.SPEC.resolve("formats.json"));
    }

    private static JsonNode json() throws IOException {
        return JsonMapper.shared().readTree(text());
    }

    private static List<JsonNode> formats() throws IOException {
        return StreamSupport.stream(json().get("formats").spliterator(), false).toList();
    }

    private static List<String> names() throws IOException {
        return formats().stream().map(row -> row.get("name").asString()).toList();
    }

    @Test
    void theFileMeetsItsSchemaAndABrokenOneDoesNot() throws IOException {
        assertEquals(List.of(), Schemas.complaints("formats.schema.json", text()));
        ObjectNode broken = (ObjectNode) json();
        ((ObjectNode) broken.get("formats").get(0)).put("evenBits", 5);
        assertNotEquals(List.of(), Schemas.complaints("formats.schema.json", broken.toString()));
    }

    /** REQ-FMT-001, REQ-FMT-002: the rows and tables of the Java enums. */
    @Test
    void javaHasTheSameRowsAndTables() throws IOException {
        JsonNode tables = json().get("tables");
        assertEquals(Arrays.stream(Codebook.values()).map(Enum::name).toList(), List.copyOf(tables.propertyNames()));
        for (Codebook book : Codebook.values()) {
            byte[] values = book.toArray();
            assertEquals(
                    Arrays.toString(values),
                    StreamSupport.stream(tables.get(book.name()).spliterator(), false)
                            .map(JsonNode::asInt)
                            .toList()
                            .toString(),
                    book.name());
        }
        assertEquals(Arrays.stream(Format.values()).map(Enum::name).toList(), names());
        for (JsonNode row : formats()) {
            FormatTraits traits = Format.ofName(row.get("name").asString()).traits();
            assertEquals(
                    traits,
                    new FormatTraits(
                            row.get("id").asInt(),
                            row.get("evenBits").asInt(),
                            row.get("oddBits").asInt(),
                            Codebook.valueOf(row.get("evenTable").asString()),
                            Codebook.valueOf(row.get("oddTable").asString()),
                            row.get("windowed").asBoolean(),
                            row.get("subscales").asBoolean(),
                            row.get("maxWeight").asInt(),
                            row.get("scaleDivisor").asInt(),
                            row.get("maxColumns").asInt()));
            assertEquals(traits.blockBytes(), row.get("blockBytes").asInt());
        }
    }

    /** REQ-FMT-001, REQ-FMT-002: the tables of the specification's text, by which programs are written. */
    @Test
    void theTextHasTheSameRowsAndTables() throws IOException {
        Path text = Installation.SPEC.resolve("FORMAT.md");
        List<String> rows = new ArrayList<>();
        for (JsonNode row : formats()) {
            rows.add(String.format(
                    Locale.ROOT,
                    "%d | `%s` | %d | %d | %s | %s | %s | %,d | %,d | %,d | %d",
                    row.get("id").asInt(),
                    row.get("name").asString(),
                    row.get("evenBits").asInt(),
                    row.get("oddBits").asInt(),
                    row.get("evenTable").asString(),
                    row.get("oddTable").asString(),
                    row.get("subscales").asBoolean() ? "4 bits" : "–",
                    row.get("maxWeight").asInt(),
                    row.get("scaleDivisor").asInt(),
                    row.get("maxColumns").asInt(),
                    row.get("blockBytes").asInt()));
        }
        assertEquals(rows, found(text, "(?m)^\\| (\\d+ \\| `\\w+` \\|.*) \\|$"));
        for (Codebook book : List.of(Codebook.T4G, Codebook.T3G)) {
            String values = Arrays.toString(book.toArray()).replace('-', '−');
            assertEquals(
                    List.of(values.substring(1, values.length() - 1)),
                    found(text, "(?m)^" + book + " = ([^;.]*)[;.]$"),
                    book.name());
        }
    }

    /** The conformance client that holds its tables itself, written from the specification alone. */
    @Test
    void theClientInCHasTheSameRowsAndTables() throws IOException {
        Path c = ROOT.resolve("conformance/clients/c/client.c");
        List<String> rows = new ArrayList<>();
        for (Format format : Format.values()) {
            FormatTraits t = format.traits();
            rows.add("\"%s\", %d, %d, %d, %d, %d"
                    .formatted(
                            format,
                            t.evenBits(),
                            t.oddBits(),
                            t.subscales() ? 1 : 0,
                            t.scaleDivisor(),
                            t.maxColumns()));
        }
        assertEquals(rows, found(c, "\\{(\"\\w+\", \\d+[^}]*)\\}"));
        for (Codebook book : List.of(Codebook.T4G, Codebook.T3G)) {
            String values = Arrays.toString(book.toArray());
            assertEquals(
                    List.of(values.substring(1, values.length() - 1)),
                    found(c, "\\b" + book + "\\[\\] = \\{([^}]*)\\}"),
                    book.name());
        }
    }

    private static List<String> found(Path file, String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map((MatchResult result) -> result.group(1))
                .collect(Collectors.toList());
    }
}
