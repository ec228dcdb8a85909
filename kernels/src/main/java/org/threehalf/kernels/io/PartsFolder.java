package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A folder beside a file that is being made, for the parts that several processes make of it. Removed with all that is
 * in it by {@link #close}.
 *
 * <p>A process that is killed leaves it. Whoever makes the same file next, on the same machine, removes it, as with
 * {@link WholeFile}.
 */
public final class PartsFolder implements AutoCloseable {
    private static final String END = ".parts";
    /** A folder in which somebody may still be writing is gone through so many times. */
    private static final int ATTEMPTS = 20;

    private final Path folder;

    private PartsFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes a new folder.
     *
     * @param file what is made of the parts; it need not exist, its folder must
     * @throws FileNotWrittenException if it cannot be made
     * @throws IOException as {@link WholeFile#replaceable}
     */
    public static PartsFolder beside(Path file) throws IOException {
        Path target = WholeFile.replaceable(file);
        WholeFile.removeLeftovers(target, END, FolderTree::delete);
        Path folder = WholeFile.temporary(target, END);
        try {
            Files.createDirectory(folder);
        } catch (IOException failed) {
            throw new FileNotWrittenException(folder, failed);
        }
        return new PartsFolder(folder);
    }

    /** Its absolute path. */
    public Path path() {
        return folder;
    }

    /**
     * Removes the folder with all that is in it, also while others still write parts: they cannot begin new ones once
     * it is gone.
     *
     * @throws IOException if something stays
     */
    @Override
    public void close() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                FolderTree.delete(folder);
                return;
            } catch (NoSuchFileException gone) {
                return;
            } catch (IOException stays) {
                if (attempt == ATTEMPTS) {
                    throw stays;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
            }
        }
    }
}
