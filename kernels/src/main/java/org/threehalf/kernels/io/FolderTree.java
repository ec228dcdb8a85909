package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Folders with all that is in them. */
public final class FolderTree {
    /** A folder in which somebody may still be writing is gone through so many times. */
    private static final int ATTEMPTS = 20;

    private FolderTree() {}

    /**
     * As {@link #delete}, of a folder in which others may still write: they cannot begin anything new once it is gone.
     *
     * @throws IOException if something stays
     */
    static void deleteWhileWritten(Path folder) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                delete(folder);
                return;
            } catch (IOException stays) {
                if (attempt == ATTEMPTS) {
                    throw stays;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
            }
        }
    }

    /**
     * Deletes a folder with all that is in it. Links go, and not what they lead to; what is not there, or goes
     * meanwhile, is no failure.
     *
     * @throws IOException if something stays
     */
    public static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
                if (failed instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failed;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failed) throws IOException {
                if (failed != null) {
                    throw failed;
                }
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
