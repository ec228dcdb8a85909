package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Writes a file by way of a temporary one beside it, so that it is there whole or not at all, with the permissions of any new file. */
public final class WholeFile {
    private WholeFile() {}

    /** Fills a file. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes everything.
         *
         * @param temporary a file that does not exist yet; its folder does
         */
        void writeTo(Path temporary) throws IOException;
    }

    /**
     * Writes a file, or replaces it. If that fails, a file that was there is as it was, and nothing else is left.
     *
     * @param file where it goes; its folder is made if it is missing
     * @param content fills it
     * @return {@code file}
     * @throws IOException if the folder or the file cannot be written, or {@code content} throws it
     */
    public static Path write(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        if (Files.isDirectory(target)) {
            throw new IOException(file + ": a folder; the name of a file is needed");
        }
        Path folder = target.getParent();
        Files.createDirectories(folder);
        // Not createTempFile, whose files only the owner may read.
        Path temporary = folder.resolve(".%s.%s.part".formatted(target.getFileName(), UUID.randomUUID()));
        try {
            content.writeTo(temporary);
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException unsupported) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
        return file;
    }

    /** Writes a text in UTF-8, as by {@link #write(Path, Content)}. */
    public static Path write(Path file, String text) throws IOException {
        return write(file, temporary -> Files.writeString(temporary, text));
    }
}
