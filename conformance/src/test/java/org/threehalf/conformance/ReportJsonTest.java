package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.backends.spi.BackendProvider;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a result says, against its schema (REQ-CNF-003). */
class ReportJsonTest {

    private static final String SCHEMA = "conformance-result.schema.json";

    @TempDir
    Path folder;

    private JsonNode written(ConformanceReport report) throws IOException {
        Path file = folder.resolve("new").resolve("result.json");
        ReportJson.write(report, file);
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList(), "no temporary file is left");
        }
        assertEquals(List.of(), Schemas.complaints(SCHEMA, Files.readString(file)));
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    @Test
    void aFailureIsWrittenInFull() throws IOException {
        JsonNode root = written(ReportTextTest.REPORT);
        assertEquals(false, root.get("passed").booleanValue());
        JsonNode failed = root.get("cases").get(1);
        assertEquals("0xffffffff", failed.at("/failure/difference/expected/hex").stringValue());
        assertEquals("255", failed.at("/failure/difference/actual/decimal").stringValue());
        assertEquals("padding must not count", root.at("/flags/Padding").stringValue());
        assertEquals(3, root.at("/model/matrices").intValue());
    }

    @Test
    void aRunOfTheReferenceBackendIsTheSameTwice() throws IOException {
        ConformanceReport report =
                ConformanceRunner.run(BackendProvider.named("reference").open(), "this Java", Installation.VECTORS);
        JsonNode first = written(report);
        assertEquals(true, first.get("passed").booleanValue());
        assertEquals(
                first,
                written(ConformanceRunner.run(
                        BackendProvider.named("reference").open(), "this Java", Installation.VECTORS)));
    }

    @Test
    void theSchemaRefusesAFailureWithoutAReason() throws IOException {
        String json = ReportJson.toJson(ReportTextTest.REPORT).toString();
        assertNotEquals(List.of(), Schemas.complaints(SCHEMA, json.replace("\"failure\":", "\"oops\":")));
        assertNotEquals(List.of(), Schemas.complaints(SCHEMA, json.replace("\"PASSED\"", "\"FAILED\"")));
    }
}
