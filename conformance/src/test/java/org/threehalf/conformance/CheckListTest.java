package org.threehalf.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CheckListTest {

    /** In the order of their names, whatever the order of the tests; what is passed anywhere is not unchecked. */
    @Test
    void everyEntryIsWritten(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("results").resolve("device.json");
        CheckList list = new CheckList("a device", file);
        list.notChecked("b", "no device");
        assertEquals(1, read(file).get("checks").size());
        list.passed("a", "12 cases");
        list.notChecked("a", "never");
        JsonNode root = read(file);
        assertEquals(
                "threehalf-check-results/1 a device",
                root.get("schema").asString() + " " + root.get("suite").asString());
        assertEquals("""
                [{"id":"a","verdict":"PASSED","detail":"12 cases"},{"id":"b","verdict":"NOT_CHECKED","detail":"no device"}]""", root.get("checks").toString());
    }

    private static JsonNode read(Path file) throws Exception {
        return JsonMapper.shared().readTree(Files.readString(file));
    }
}
