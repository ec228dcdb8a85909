package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A user without a home folder has LLVM too, from a folder that is nobody else's and that is gone afterwards. */
@ExtendWith(WithLlvm.class)
class LibraryFolderTest {

    /** Run in the other Java: says the folder, its permissions and whether LLVM is there. */
    public static void main(String[] arguments) throws Exception {
        System.out.println(NativeKernel.problem());
        Path folder = Path.of(System.getProperty(LibraryFolder.PROPERTY));
        System.out.println(folder);
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        System.out.println(posix ? PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)) : "rwx------");
    }

    private static List<String> lines(Path temporary, String home) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Duser.home=" + home,
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LibraryFolderTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().remove("XDG_CACHE_HOME");
        Process java = builder.start();
        List<String> lines = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertEquals(0, java.waitFor(), lines.toString());
        return lines;
    }

    @Test
    void homeThatCannotBeWritten(@TempDir Path temporary) throws Exception {
        // A file is in the place of the folder: nobody, not even an administrator, can write below it.
        Path file = Files.createFile(temporary.resolve("home"));
        List<String> lines = lines(temporary, file.toString());
        assertEquals("null", lines.get(0));
        Path folder = Path.of(lines.get(1));
        assertEquals(temporary, folder.getParent());
        assertEquals("rwx------", lines.get(2));
        assertFalse(Files.exists(folder), "it is still there");
        assertTrue(folder.getFileName().toString().matches("threehalf-llvm\\d+"), folder.toString());
    }

    /** What others could have put there is not loaded: LLVM is unpacked anew, and their folder is left alone. */
    @Test
    void cacheThatOthersMayWriteTo(@TempDir Path temporary) throws Exception {
        for (String mode : List.of("rwxrwxrwx", "rwxrwx---")) {
            Path home = Files.createDirectory(temporary.resolve(mode));
            Path natives = Files.createDirectories(home.resolve(".cache/threehalf/natives"));
            Files.setPosixFilePermissions(natives, PosixFilePermissions.fromString(mode));
            List<String> lines = lines(temporary, home.toString());
            assertEquals("null", lines.get(0));
            assertEquals(temporary, Path.of(lines.get(1)).getParent(), mode);
            try (var files = Files.list(natives)) {
                assertEquals(0, files.count(), mode);
            }
        }
    }

    /** A folder of the user's alone is kept. */
    @Test
    void cache(@TempDir Path temporary) throws Exception {
        Path home = Files.createDirectory(temporary.resolve("home"));
        List<String> lines = lines(temporary, home.toString());
        assertEquals("null", lines.get(0));
        assertEquals(home.resolve(".cache/threehalf/natives"), Path.of(lines.get(1)));
        assertEquals("rwx------", lines.get(2));
    }

    @Test
    void noHome(@TempDir Path temporary) throws Exception {
        List<String> lines = lines(temporary, "?");
        assertEquals("null", lines.get(0));
        assertEquals(temporary, Path.of(lines.get(1)).getParent());
        assertFalse(Files.exists(Path.of("?")));
    }
}
