package org.threehalf.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.lean.LeanOutcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MainTest {
    @TempDir
    Path root;

    @Test
    void writesTheEvidenceAlsoWhereTheRunFails() throws IOException {
        // The sample's vectors are no cases of any backend, so conformance cannot run on them.
        new SampleRepository(root);
        assertFalse(Main.run(root, LeanOutcome.notChecked("skipped by -Dlean.check=skip")));
        JsonNode json = new JsonMapper().readTree(root.resolve("target/evidence/evidence.json"));
        assertEquals("FAILED", json.path("result").asString());
        assertEquals(2, json.path("problems").size(), json.path("problems").toString());
        assertTrue(json.path("problems").path(0).path("what").asString().startsWith("conformance did not run"));
        assertEquals(
                "the reference backend was not judged",
                json.path("problems").path(1).path("what").asString());
        String left = json.path("notChecked").toString();
        assertTrue(
                left.contains("Lean theorems")
                        && left.contains("Translated methods beside Java")
                        && left.contains("by a kernel of other authors")
                        && left.contains("Conformance of the reference backend")
                        && left.contains("real model"),
                left);
        assertTrue(Files.readString(root.resolve("target/evidence/index.html")).contains("NOT CHECKED"));
        assertTrue(
                json.path("tools").toString().contains("jackson-databind"),
                json.path("tools").toString());
    }

    @Test
    void leavesNoReportOfAnEarlierRunWhereASourceCannotBeRead() throws IOException {
        SampleRepository repository = new SampleRepository(root);
        Main.run(root, LeanOutcome.notChecked("skipped"));
        repository.write("spec/vectors/sum.json", "{");
        assertThrows(IOException.class, () -> Main.run(root, LeanOutcome.notChecked("skipped")));
        assertFalse(Files.exists(root.resolve("target/evidence/evidence.json")));
    }
}
