package org.threehalf.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.lean.LeanOutcome;
import picocli.CommandLine;

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
        assertTrue(
                text().contains("whole: 6 files follow from the facts")
                        && text().contains("FAILED, commit unknown")
                        && text().contains("NOT CHECKED: Lean theorems: skipped"),
                text());
    }

    @Test
    void verifyFindsADamagedBundle() throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of(bundle));
        // The first file's name, in its local header and in the directory, so that the zip itself stays readable.
        String latin = new String(bytes, StandardCharsets.ISO_8859_1).replace("MANIFEST.sha256", "MANIFEST.sha255");
        Files.write(Path.of(bundle), latin.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(1, run("verify", bundle));
        assertTrue(text().contains("REFUSED: MANIFEST.sha255 does not belong to a bundle"), text());
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

    /** What a bundle says stands in one line each, without what would steer a terminal. */
    @Test
    void whatABundleSaysCannotWriteLinesOfItsOwn() throws IOException {
        String forged =
                "no npm\u001b[2J\u001b[H\nwhole: 6 files\r\nPASSED, commit 1\u0085signed\u009b8m\t\u202eDESSAP\u2066\u2028PASSED\u200f";
        Main.run(root, LeanOutcome.notChecked(forged));
        assertEquals(1, run("verify", bundle));
        Path other = Files.move(Path.of(bundle), root.resolve("other.zip"));
        Main.run(root, LeanOutcome.notChecked("skipped"));
        assertEquals(1, run("diff", other.toString(), bundle));
        // A name in the archive, and one of a file.
        String latin = new String(Files.readAllBytes(other), StandardCharsets.ISO_8859_1)
                .replace("index.html", "\u001b[2J\nPASS");
        Files.write(other, latin.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(1, run("verify", other.toString()));
        assertEquals(2, run("verify", root + "/no\u001b[2J\nPASSED"));
        assertTrue(text().contains("NOT CHECKED: Lean theorems: no npm"), text());
        assertTrue(text().lines().noneMatch(line -> line.startsWith("PASS") || line.contains("\u001b")), text());
        assertTrue(text().codePoints().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\r'), text());
    }

    /** Signed with one key, it is refused with another, and with the envelope of another bundle. */
    @Test
    void signsAndVerifiesWithAKey() throws Exception {
        String[] keys = keys("one");
        String[] others = keys("other");
        assertEquals(0, run("sign", "--key", keys[0], bundle));
        assertEquals(1, run("verify", "--key", keys[1], bundle));
        assertTrue(
                text().contains("FAILED, commit unknown") && text().contains("signed by the key with SHA-256"), text());
        assertEquals(1, run("verify", "--key", others[1], bundle));
        assertTrue(text().contains("REFUSED: ") && text().contains("it is not signed by this key"), text());
        Path envelope = Files.move(Path.of(bundle + ".intoto.jsonl"), root.resolve("first.jsonl"));
        Main.run(root, LeanOutcome.notChecked("for another reason"));
        assertEquals(1, run("verify", "--key", keys[1], bundle, envelope.toString()));
        assertTrue(text().contains("it is the envelope of another statement"), text());
        assertEquals(2, run("verify", "--key", keys[0], bundle, envelope.toString()));
        assertTrue(text().contains("is no PEM file with one PUBLIC KEY"), text());
        assertEquals(2, run("verify", "--key", keys[1], bundle));
        Files.write(Path.of(bundle), new byte[] {1});
        assertEquals(1, run("sign", "--key", keys[0], bundle));
    }

    private String[] keys(String name) throws Exception {
        var pair = java.security.KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        return new String[] {
            pem(name + "-private.pem", "PRIVATE KEY", pair.getPrivate().getEncoded()),
            pem(name + "-public.pem", "PUBLIC KEY", pair.getPublic().getEncoded())
        };
    }

    private String pem(String name, String kind, byte[] key) throws IOException {
        return Files.writeString(
                        root.resolve(name),
                        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                                .formatted(kind, java.util.Base64.getEncoder().encodeToString(key), kind))
                .toString();
    }

    @Test
    void aWrongCallOrFileIsToldHow() {
        assertEquals(2, run("verify"));
        assertTrue(
                text().contains("Usage: threehalf evidence verify") && text().contains("[--key=PUBLIC.pem]"), text());
        assertEquals(2, run());
        assertEquals(2, run("verify", bundle, bundle));
        assertEquals(2, run("sign", bundle));
        assertEquals(0, run("--help"));
        assertEquals(0, run("verify", "--help"));
        assertEquals(2, run("verify", root.resolve("missing.zip").toString()));
        assertTrue(text().contains("missing.zip is no file; mvn verify writes"), text());
    }

    private int run(String... args) {
        PrintWriter writer = new PrintWriter(out, true, StandardCharsets.UTF_8);
        return ThreeHalf.commandLine()
                .setOut(writer)
                .setErr(writer)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .execute(Stream.concat(Stream.of("evidence"), Stream.of(args)).toArray(String[]::new));
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
