package org.threehalf.backends.llvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.PrivateFolder;
import org.threehalf.kernels.io.UserCache;

/**
 * Where LLVM's libraries are unpacked: what is loaded from there runs with the user's rights, and JavaCPP believes what
 * it finds by its size and time. So nobody else may be able to put anything there, now or since the folder was made:
 * {@code natives} in the user's cache ({@link UserCache#root}), if it is a {@link PrivateFolder}, and else a new folder
 * of this process alone. JavaCPP by itself takes {@code ~/.javacpp}, whoever may write to it, or a folder in the shared
 * temporary one whose name anybody can tell beforehand.
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
        System.setProperty(PROPERTY, folder(System.getenv()).toString());
    }

    private static Path folder(Map<String, String> environment) {
        Path root = UserCache.root(environment);
        // Java says "?" of a user who has no home.
        if (!root.isAbsolute()) {
            return temporary();
        }
        Path folder = root.resolve("natives");
        try {
            Path own = PrivateFolder.closed(folder).path();
            return Files.isWritable(own) ? own : temporary();
        } catch (UnsupportedOperationException noOwners) {
            // Windows: a user's profile is that user's.
            return created(folder);
        } catch (IOException notPrivate) {
            return temporary();
        }
    }

    private static Path created(Path folder) {
        try {
            return Files.isWritable(Files.createDirectories(folder)) ? folder : temporary();
        } catch (IOException notWritable) {
            return temporary();
        }
    }

    /** Readable and writable by the user alone, and gone when the process ends. */
    private static Path temporary() {
        try {
            Path folder = Files.createTempDirectory("threehalf-llvm");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "LLVM's libraries cannot be unpacked: neither the user's cache nor the temporary folder can be written; name a private folder with -D"
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
