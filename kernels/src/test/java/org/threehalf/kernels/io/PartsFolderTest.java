package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsFolderTest {

    @TempDir
    Path folder;

    @Test
    void isThereUntilItIsClosedWithAllThatIsInIt() throws IOException {
        Path target = Files.writeString(folder.resolve("out.gguf"), "before");
        Path outside = Files.writeString(folder.resolve("outside"), "stays");
        PartsFolder one = PartsFolder.beside(target);
        PartsFolder other = PartsFolder.beside(target);
        assertFalse(one.path().equals(other.path()));
        assertEquals(folder.toAbsolutePath(), one.path().getParent());
        Files.createDirectories(one.path().resolve("a/b"));
        Files.writeString(one.path().resolve("a/b/part"), "x");
        Files.createSymbolicLink(one.path().resolve("link"), outside);
        other.close();
        assertTrue(Files.exists(one.path()));
        one.close();
        one.close();
        try (var left = Files.list(folder)) {
            assertEquals(2, left.count());
        }
        assertEquals("before", Files.readString(target));
        assertEquals("stays", Files.readString(outside));
    }

    /** A folder of a process that lives no more goes when the same file is made again; one of another file stays. */
    @Test
    void removesWhatAKilledProcessLeft() throws IOException, InterruptedException {
        Path target = folder.resolve("out.gguf");
        Path left;
        Path alive;
        try (PartsFolder mine = PartsFolder.beside(target)) {
            Process gone = new ProcessBuilder("true").start();
            gone.waitFor();
            String name = mine.path().getFileName().toString();
            left = Files.createDirectory(
                    folder.resolve(name.replace("." + ProcessHandle.current().pid() + ".", "." + gone.pid() + ".")));
            Files.writeString(left.resolve("part"), "x");
            alive = mine.path();
            PartsFolder.beside(folder.resolve("other.gguf")).close();
            assertTrue(Files.exists(left));
            try (PartsFolder next = PartsFolder.beside(target)) {
                assertFalse(Files.exists(left));
                assertTrue(Files.exists(alive));
                assertTrue(Files.exists(next.path()));
            }
        }
    }

    /** In a folder, beside whatever has the name that its own begins with. */
    @Test
    void isInAFolderAndNothingElseIsTouched() throws IOException {
        Path mine = Files.createDirectory(folder.resolve("perplexity"));
        Files.writeString(mine.resolve("notes"), "mine");
        try (PartsFolder parts = PartsFolder.in(folder, "perplexity")) {
            assertEquals(folder.toAbsolutePath(), parts.path().getParent());
            Files.writeString(parts.path().resolve("part"), "x");
        }
        try (var left = Files.list(folder)) {
            assertEquals(1, left.count());
        }
        assertEquals("mine", Files.readString(mine.resolve("notes")));
        assertThrows(
                FileNotWrittenException.class,
                () -> PartsFolder.in(folder.resolve("none"), "x").close());
    }

    @Test
    void saysWhereNoneCanBeMade() {
        assertThrows(
                FileNotWrittenException.class,
                () -> PartsFolder.beside(folder.resolve("none/out.gguf")).close());
        assertThrows(IOException.class, () -> PartsFolder.beside(folder).close());
    }
}
