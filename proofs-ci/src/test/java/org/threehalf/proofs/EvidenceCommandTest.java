package org.threehalf.proofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.proofs.evidence.LeanOutcome;

class EvidenceCommandTest {
    @TempDir
    Path root;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private String bundle = "";

    @BeforeEach
    void write() throws IOException {
        new SampleRepository(root);
        Main.run(root, LeanOutcome.notChecked("skipped"));
        bundle = root.resolve("target/evidence/threehalf-evidence.zip").toString();
    }

    @Test
    void verifyTellsWhatTheBundleSaysAndWhatItLeavesOpen() {
        assertEquals(1, run("verify", bundle));
        assertTrue(text().contains("whole: 6 files agree") && text().contains("FAILED, commit unknown") && text().contains("NOT CHECKED: Lean theorems: skipped"), text());
    }

    @Test
    void verifyFindsADamagedBundle() throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of(bundle));
        // The first file's name, in its local header and in the directory, so that the zip itself stays readable.
        String latin = new String(bytes, StandardCharsets.ISO_8859_1).replace("MANIFEST.sha256", "MANIFEST.sha255");
        Files.write(Path.of(bundle), latin.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(1, run("verify", bundle));
        assertTrue(text().contains("DAMAGED: there is no MANIFEST.sha256"), text());
    }

    @Test
    void diffOfTwoRunsOfTheSameSourcesIsEmpty() throws IOException {
        Path first = Files.move(Path.of(bundle), root.resolve("first.zip"));
        Main.run(root, LeanOutcome.notChecked("skipped"));
        assertEquals(0, run("diff", first.toString(), bundle));
        Main.run(root, LeanOutcome.notChecked("for another reason"));
        assertEquals(1, run("diff", first.toString(), bundle));
        assertTrue(text().contains("~ lean reason: skipped → for another reason"), text());
    }

    @Test
    void aWrongCallOrFileIsToldHow() {
        assertEquals(2, run("verify"));
        assertTrue(text().contains("usage: threehalf evidence verify BUNDLE"), text());
        assertEquals(2, run("verify", root.resolve("missing.zip").toString()));
        assertTrue(text().contains("missing.zip is no file; mvn verify writes"), text());
    }

    private int run(String... args) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return EvidenceCommand.run(List.of(args), stream, stream);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
