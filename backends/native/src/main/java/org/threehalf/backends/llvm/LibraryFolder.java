package org.threehalf.backends.llvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.threehalf.kernels.io.FolderTree;

/**
 * Where LLVM's libraries are unpacked: what is loaded from there runs with the user's rights, so nobody else may be
 * able to put anything there. That is the user's home folder, or, where it cannot be written, a new folder of this
 * process alone. JavaCPP by itself would go on to a folder in the shared temporary one whose name anybody can tell
 * beforehand.
 */
final class LibraryFolder {

    /** JavaCPP's system property for it; where it is set, it counts. */
    static final String PROPERTY = "org.bytedeco.javacpp.cachedir";

    private LibraryFolder() {}

    /**
     * Tells JavaCPP the folder.
     *
     * @throws UncheckedIOException if no private folder can be made
     */
    static void choose() {
        if (System.getProperty(PROPERTY) != null) {
            return;
        }
        Path home = Path.of(System.getProperty("user.home", ""));
        Path folder = home.resolve(".javacpp").resolve("cache");
        try {
            // Java says "?" of a user who has no home.
            if (!home.isAbsolute() || !Files.isWritable(Files.createDirectories(folder))) {
                folder = temporary();
            }
        } catch (IOException notWritable) {
            folder = temporary();
        }
        System.setProperty(PROPERTY, folder.toString());
    }

    /** Readable and writable by the user alone, and gone when the process ends. */
    private static Path temporary() {
        try {
            Path folder = Files.createTempDirectory("threehalf-llvm");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "LLVM's libraries cannot be unpacked: neither the home folder nor the temporary one can be written; name a private folder with -D"
                            + PROPERTY,
                    e);
        }
    }

    private static void delete(Path folder) {
        try {
            FolderTree.delete(folder);
        } catch (IOException e) {
            // A library that is in use cannot be deleted on Windows: it stays, in a folder of the user's.
            System.err.println("LLVM's libraries stay in " + folder + ": " + e.getMessage());
        }
    }
}
