package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder for the parts that several processes make of something: beside the file that it will be, or in a folder.
 * Removed with all that is in it by {@link #close}, and when the process ends before.
 *
 * <p>A process that is killed leaves it. Whoever makes the same next, on the same machine, removes it, as with
 * {@link WholeFile}.
 */
public final class PartsFolder implements AutoCloseable {
    private static final String END = ".parts";

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
        return forTarget(WholeFile.replaceable(file));
    }

    /**
     * Makes a new folder in another one, for parts of what does not become a file there. Of what else is in that one,
     * whatever its name, nothing is touched.
     *
     * @param folder it must exist
     * @param what the name's beginning, for people
     * @throws FileNotWrittenException if it cannot be made
     */
    public static PartsFolder in(Path folder, String what) throws IOException {
        return forTarget(folder.toAbsolutePath().resolve(what));
    }

    private static PartsFolder forTarget(Path target) throws IOException {
        WholeFile.removeLeftovers(target, END, FolderTree::delete);
        Path folder = WholeFile.temporary(target, END);
        UnfinishedFiles.begun(folder);
        try {
            Files.createDirectory(folder);
        } catch (IOException failed) {
            UnfinishedFiles.done(folder);
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
        FolderTree.deleteWhileWritten(folder);
        UnfinishedFiles.done(folder);
    }
}
