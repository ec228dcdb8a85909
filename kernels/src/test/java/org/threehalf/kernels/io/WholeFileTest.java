package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole or not at all, and as readable as any other file. */
class WholeFileTest {

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileIsWrittenAndReplaced(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("new").resolve("result.txt");
        assertEquals(file, WholeFile.write(file, "first ½"));
        assertEquals("first ½", Files.readString(file));
        WholeFile.write(file, "second");
        assertEquals("second", Files.readString(file));
        assertEquals(List.of("result.txt"), names(file.getParent()));
    }

    /** Half of the content is written when it fails. */
    @Test
    void aFailureLeavesWhatWasThere(@TempDir Path folder) throws IOException {
        Path file = WholeFile.write(folder.resolve("result.txt"), "as it was");
        for (Exception failure : List.of(new IOException("the disk is full"), new IllegalStateException("refused"))) {
            Exception thrown = assertThrows(
                    Exception.class,
                    () -> WholeFile.write(file, temporary -> {
                        Files.writeString(temporary, "ha");
                        switch (failure) {
                            case IOException io -> throw io;
                            case RuntimeException other -> throw other;
                            default -> throw new AssertionError(failure);
                        }
                    }));
            if (failure instanceof IOException) {
                assertEquals(FileNotWrittenException.class, thrown.getClass());
                assertEquals(failure, thrown.getCause());
                assertEquals(file + ": cannot be written: the disk is full", thrown.getMessage());
            } else {
                assertEquals(failure, thrown);
            }
            assertEquals("as it was", Files.readString(file));
            assertEquals(List.of("result.txt"), names(folder));
        }
    }

    /**
     * A process that was killed leaves its part; the next one that writes the same file removes it, and nothing that is
     * another's.
     */
    @Test
    void whatAKilledProcessLeftIsRemoved(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("result.txt");
        String own;
        try (WholeFile begun = WholeFile.begin(file)) {
            own = begun.temporary().getFileName().toString();
        }
        String pid = "." + ProcessHandle.current().pid() + ".";
        assertTrue(own.contains(pid), own);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version")
                .redirectErrorStream(true)
                .start();
        process.getInputStream().readAllBytes();
        process.waitFor();
        // Seeded: of a process that is gone; of this one, which lives; of one on another machine; for another file;
        // with a name that no process gives.
        String dead = own.replace(pid, "." + process.pid() + ".");
        String elsewhere = dead.replaceFirst("\\.[0-9a-f]{8}\\.", ".00000000.");
        List<String> kept = List.of(own, elsewhere, dead.replace("result", "another"), dead + ".gz");
        Files.writeString(folder.resolve(dead), "ha");
        for (String name : kept) {
            Files.writeString(folder.resolve(name), "of somebody");
        }
        WholeFile.write(file, "whole");
        assertEquals(
                java.util.stream.Stream.concat(kept.stream(), java.util.stream.Stream.of("result.txt"))
                        .sorted()
                        .toList(),
                names(folder));
    }

    /** A name of the most bytes that file systems take. */
    @Test
    void longNames(@TempDir Path folder) throws IOException {
        boolean unicode = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
        List<String> longest = unicode ? List.of("x".repeat(255), "ü".repeat(127)) : List.of("x".repeat(255));
        for (String name : longest) {
            Path file = folder.resolve(name);
            WholeFile.write(file, "whole");
            assertEquals("whole", Files.readString(file));
        }
        assertEquals(longest.size(), names(folder).size());
    }

    /** Written bit by bit: until it is committed, what was there before stays, and without that nothing else does. */
    @Test
    void aFileThatIsBegunTakesItsNameWhenItIsCommitted(@TempDir Path folder) throws IOException {
        Path file = WholeFile.write(folder.resolve("result.txt"), "as it was");
        try (WholeFile begun = WholeFile.begin(file)) {
            Files.writeString(begun.temporary(), "ha");
        }
        assertEquals("as it was", Files.readString(file));
        assertEquals(List.of("result.txt"), names(folder));
        try (WholeFile begun = WholeFile.begin(file)) {
            Files.writeString(begun.temporary(), "ha");
            Files.writeString(begun.temporary(), "lf", StandardOpenOption.APPEND);
            assertEquals("as it was", Files.readString(file));
            begun.commit();
        }
        assertEquals("half", Files.readString(file));
        assertEquals(List.of("result.txt"), names(folder));
    }

    @Test
    void permissionsAreThoseOfAnyNewFile(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "");
        Path whole = WholeFile.write(folder.resolve("whole"), "");
        assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(whole));
    }

    @Test
    void aFolderIsRefused(@TempDir Path folder) throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        assertTrue(assertThrows(IOException.class, () -> WholeFile.write(taken, ""))
                .getMessage()
                .contains("a folder"));
        assertEquals(List.of("taken"), names(folder));
    }

    /** What is no regular file stays what it is: written at once, begun, or come into being before the commit. */
    @Test
    void pipesAreRefused(@TempDir Path folder) throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe");
        Assumptions.assumeTrue(pipe(pipe), "NOT CHECKED: there is no mkfifo here");
        assertTrue(assertThrows(IOException.class, () -> WholeFile.write(pipe, "x"))
                .getMessage()
                .contains("a pipe"));
        assertFalse(Files.isRegularFile(pipe));
        Path late = folder.resolve("late");
        try (WholeFile begun = WholeFile.begin(late)) {
            Files.writeString(begun.temporary(), "x");
            assertTrue(pipe(late));
            assertThrows(IOException.class, begun::commit);
        }
        assertFalse(Files.isRegularFile(late));
        assertEquals(List.of("late", "pipe"), names(folder));
    }

    private static boolean pipe(Path path) throws InterruptedException {
        try {
            return new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0;
        } catch (IOException none) {
            return false;
        }
    }

    /** The device is asked about, never written: were the rule wrong, the test of pipes above would say so. */
    @Test
    void devicesAreRefused() {
        Path device = Path.of("/dev/null");
        Assumptions.assumeTrue(Files.exists(device), "NOT CHECKED: there is no /dev/null here");
        assertTrue(assertThrows(IOException.class, () -> WholeFile.replaceable(device))
                .getMessage()
                .contains("a device"));
    }

    /** As cp does: the file behind the link is replaced, also through several links, and in its own folder. */
    @Test
    void linksAreFollowed(@TempDir Path folder) throws IOException {
        Path real =
                Files.writeString(Files.createDirectory(folder.resolve("there")).resolve("real"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("there", "real"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("link"));
        WholeFile.write(second, "new");
        assertEquals("new", Files.readString(real));
        assertTrue(Files.isSymbolicLink(link) && Files.isSymbolicLink(second));
        Path nowhere = Files.createSymbolicLink(folder.resolve("nowhere"), Path.of("gone"));
        assertTrue(assertThrows(IOException.class, () -> WholeFile.write(nowhere, "x"))
                .getMessage()
                .contains("leads nowhere"));
        assertEquals(List.of("link", "nowhere", "second", "there"), names(folder));
    }
}
