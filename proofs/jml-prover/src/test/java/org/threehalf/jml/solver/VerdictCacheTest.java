package org.threehalf.jml.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictCacheTest {
    private static final String KEY = "a".repeat(64);
    private static final String OTHER = "a".repeat(63) + "b";
    private static final List<String> PROVED = List.of("PROVED", "12");

    @TempDir
    Path folder;

    private VerdictCache cache(String secret, boolean fresh) {
        return new VerdictCache(folder.resolve("entries"), folder.resolve(secret), fresh);
    }

    @Test
    void anEntryIsBelievedOnlyAsThisUserWroteItUnderItsKey() throws IOException {
        cache("secret", false).put(KEY, PROVED);
        assertEquals(Optional.of(PROVED), cache("secret", false).get(KEY));
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("secret"))));
        // Fresh, or with the secret of somebody else.
        assertEquals(Optional.empty(), cache("secret", true).get(KEY));
        assertEquals(Optional.empty(), cache("another", false).get(KEY));
        // Put under another key, edited, or forged without a code.
        Path file = folder.resolve("entries").resolve("aa").resolve(KEY);
        Files.copy(file, file.resolveSibling(OTHER));
        assertEquals(Optional.empty(), cache("secret", false).get(OTHER));
        String text = Files.readString(file);
        for (String forged : List.of(
                text.replace("12", "13"),
                text.replace("PROVED", "REFUTED"),
                "PROVED\n12\n",
                "0".repeat(64) + "\nPROVED\n12\n",
                "",
                text + "more\n")) {
            Files.writeString(file, forged);
            assertEquals(Optional.empty(), cache("secret", false).get(KEY), forged);
        }
        Files.writeString(file, text);
        assertEquals(Optional.of(PROVED), cache("secret", false).get(KEY));
    }

    /** A secret that others can read, or that is a link, is none: nothing is believed and nothing kept. */
    @Test
    void aSecretThatOthersCanReadIsNone() throws IOException {
        cache("secret", false).put(KEY, PROVED);
        Files.setPosixFilePermissions(folder.resolve("secret"), PosixFilePermissions.fromString("rwxr-x---"));
        assertEquals(Optional.empty(), cache("secret", false).get(KEY));
        Files.setPosixFilePermissions(folder.resolve("secret"), PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(
                folder.resolve("secret").resolve("verdicts"), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(Optional.empty(), cache("secret", false).get(KEY));
        Files.setPosixFilePermissions(
                folder.resolve("secret").resolve("verdicts"), PosixFilePermissions.fromString("rw-------"));
        assertEquals(Optional.of(PROVED), cache("secret", false).get(KEY));
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("secret"));
        assertEquals(Optional.empty(), cache("link", false).get(KEY));
        cache("link", false).put(OTHER, PROVED);
        assertEquals(Optional.empty(), cache("secret", false).get(OTHER));
    }
}
