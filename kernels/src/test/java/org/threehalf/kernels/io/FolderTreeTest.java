package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTreeTest {
    @TempDir
    Path folder;

    /** All that is in it goes, and nothing that a link leads to. */
    @Test
    void linksGoAndNotWhatTheyLeadTo() throws IOException {
        Path kept = Files.createDirectories(folder.resolve("kept"));
        Files.writeString(kept.resolve("file"), "mine");
        Path tree = Files.createDirectories(folder.resolve("tree/a/b"));
        Files.writeString(tree.resolve("file"), "theirs");
        Files.createSymbolicLink(tree.resolve("folder"), kept);
        Files.createSymbolicLink(tree.resolve("link"), kept.resolve("file"));
        Files.createSymbolicLink(tree.resolve("nowhere"), folder.resolve("nothing"));
        FolderTree.delete(folder.resolve("tree"));
        assertFalse(Files.exists(folder.resolve("tree")));
        assertEquals("mine", Files.readString(kept.resolve("file")));
        FolderTree.delete(folder.resolve("tree"));
    }
}
