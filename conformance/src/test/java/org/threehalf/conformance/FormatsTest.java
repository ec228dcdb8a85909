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
import java.util.Set;
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
 * {@code spec/formats.json} is the one list of formats; those of Java, of the schemas, of CUDA and of the clients are
 * compared with it. Lean's and the oracle's are not: behaviour is (golden vectors, {@code OracleTest}).
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

    @Test
    void theOtherSchemasAllowTheSameNames() throws IOException {
        for (String schema : List.of("vectors.schema.json", "conformance-result.schema.json")) {
            List<JsonNode> allowed = JsonMapper.shared()
                    .readTree(Files.readString(Installation.SCHEMAS.resolve(schema)))
                    .findValues("format")
                    .stream()
                    .filter(node -> node.has("enum"))
                    .toList();
            assertEquals(1, allowed.size(), schema);
            assertEquals(
                    names(),
                    StreamSupport.stream(allowed.getFirst().get("enum").spliterator(), false)
                            .map(JsonNode::asString)
                            .toList(),
                    schema);
        }
    }

    /** The entries of the CUDA source: what a format's codes, or the integers in their place, need. */
    @Test
    void theCudaSourceHasAnEntryForEachFormat() throws IOException {
        Path resources = ROOT.resolve("backends/cuda/src/main/resources/org/threehalf/backends/cuda");
        List<String> expected = Arrays.stream(Format.values())
                .map(format -> {
                    FormatTraits traits = format.traits().withoutWindows();
                    boolean uniform = !Set.of(Codebook.T4G, Codebook.T3G).contains(traits.odd());
                    return "%s, %d, %d, %s, %s"
                            .formatted(
                                    format.name().toLowerCase(Locale.ROOT),
                                    traits.evenBits(),
                                    traits.oddBits(),
                                    uniform ? "TH_UNIFORM" : "TH_NON_UNIFORM",
                                    traits.subscales());
                })
                .toList();
        assertEquals(expected, found(resources.resolve("products.cu"), "(?m)^TH_FORMAT\\((.*)\\)$"));
        assertEquals(expected, found(resources.resolve("transformer.cu"), "(?m)^TH_EMBED\\((.*)\\)$"));
    }

    /** The conformance clients, written from the specification alone. */
    @Test
    void theClientsHaveTheSameRowsAndTables() throws IOException {
        Path c = ROOT.resolve("conformance/clients/c/client.c");
        Path python = ROOT.resolve("conformance/clients/python/client.py");
        List<String> rowsOfC = new ArrayList<>();
        List<String> rowsOfPython = new ArrayList<>();
        for (Format format : Format.values()) {
            FormatTraits t = format.traits();
            rowsOfC.add("\"%s\", %d, %d, %d, %d, %d"
                    .formatted(
                            format,
                            t.evenBits(),
                            t.oddBits(),
                            t.subscales() ? 1 : 0,
                            t.scaleDivisor(),
                            t.maxColumns()));
            rowsOfPython.add("\"%s\": (%d, %s, %d, %s, %s, %d, %d)"
                    .formatted(
                            format,
                            t.evenBits(),
                            t.even(),
                            t.oddBits(),
                            t.odd(),
                            t.subscales() ? "True" : "False",
                            t.scaleDivisor(),
                            t.maxColumns()));
        }
        assertEquals(rowsOfC, found(c, "\\{(\"\\w+\", \\d+[^}]*)\\}"));
        assertEquals(rowsOfPython, found(python, "(?m)^    (\"\\w+\": \\(.*\\)),$"));
        for (Codebook book : List.of(Codebook.T4G, Codebook.T3G)) {
            String values = Arrays.toString(book.toArray());
            assertEquals(
                    List.of(values), found(python, "(?m)^" + book + " = np\\.array\\((\\[.*\\])\\)$"), book.name());
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
