package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its file system knows no POSIX permissions: NOT CHECKED")
class PrivateFolderTest {
    @TempDir
    private Path folder;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    /** RFC 4231, test cases 1 and 2. */
    @Test
    void theCodeIsHmacWithSha256() {
        byte[] key = new byte[20];
        Arrays.fill(key, (byte) 0x0b);
        assertEquals(
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                new PrivateFolder.Secret(key).hex(utf8("Hi There")));
        PrivateFolder.Secret jefe = new PrivateFolder.Secret(utf8("Jefe"));
        String code = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assertEquals(code, jefe.hex(utf8("what do ya "), utf8("want for nothing?")));
        assertTrue(jefe.authentic(code, utf8("what do ya want for nothing?")));
        for (String wrong : new String[] {"", "5b", code + "00", code.replace('5', '6'), "x".repeat(64)}) {
            assertFalse(jefe.authentic(wrong, utf8("what do ya want for nothing?")), wrong);
        }
        assertEquals("a secret", jefe.toString());
    }

    @Test
    void aSecretIsMadeOnceAndForItsOwnerAlone() throws IOException {
        PrivateFolder made = PrivateFolder.of(folder.resolve("a/b"));
        PrivateFolder.Secret secret = made.secret("one");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a/b"))));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a/b/one"))));
        assertEquals(secret, PrivateFolder.of(folder.resolve("a/b")).secret("one"));
        assertFalse(secret.equals(made.secret("two")));
        try (var files = Files.list(folder.resolve("a/b"))) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void whatOthersMayOpenIsRefused() throws IOException {
        PrivateFolder made = PrivateFolder.of(folder.resolve("a"));
        made.secret("one");
        mode(folder.resolve("a/one"), "rw-r-----");
        assertThrows(IOException.class, () -> made.secret("one"));
        Files.write(folder.resolve("a/short"), new byte[31]);
        mode(folder.resolve("a/short"), "rw-------");
        assertThrows(IOException.class, () -> made.secret("short"));
        Files.createSymbolicLink(folder.resolve("a/link"), folder.resolve("a/one"));
        assertThrows(IOException.class, () -> made.secret("link"));
        Files.createSymbolicLink(folder.resolve("l"), folder.resolve("a"));
        assertThrows(IOException.class, () -> PrivateFolder.of(folder.resolve("l")));
        Files.createFile(folder.resolve("f"));
        assertThrows(IOException.class, () -> PrivateFolder.of(folder.resolve("f")));
        // Readable: refused, or closed where that is enough; writable by others: refused.
        mode(folder.resolve("a"), "rwxr-xr-x");
        assertThrows(IOException.class, () -> PrivateFolder.of(folder.resolve("a")));
        assertEquals(
                folder.resolve("a"), PrivateFolder.closed(folder.resolve("a")).path());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a"))));
        mode(folder.resolve("a"), "rwxrwx---");
        assertThrows(IOException.class, () -> PrivateFolder.closed(folder.resolve("a")));
    }

    /** Whoever may write to a folder above could put another in the private one's place. */
    @Test
    void noneAboveIsOthers() throws IOException {
        Path above = Files.createDirectory(folder.resolve("above"));
        PrivateFolder.of(above.resolve("private"));
        mode(above, "rwxrwxrwx");
        IOException refused = assertThrows(IOException.class, () -> PrivateFolder.of(above.resolve("private")));
        assertTrue(String.valueOf(refused.getMessage()).contains("others may write to"), refused.getMessage());
        mode(above, "rwxr-xr-x");
        PrivateFolder.of(above.resolve("private"));
        // In a shared temporary folder nobody moves what is another's.
        Files.setAttribute(above, "unix:mode", 01777);
        PrivateFolder.of(above.resolve("private"));
    }
}
