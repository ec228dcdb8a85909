package org.threehalf.kernels.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A result that could not be written: the disk is full, the folder cannot be written. Nothing of the file is left. */
public final class FileNotWrittenException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Says which file, by the name that was asked for, not by that of the temporary one.
     *
     * @param file the file
     * @param cause why
     */
    public FileNotWrittenException(Path file, IOException cause) {
        super("%s: cannot be written: %s".formatted(file, reason(cause)), cause);
    }

    private static String reason(IOException cause) {
        return switch (cause) {
            case java.nio.file.AccessDeniedException denied -> "access is denied";
            case FileSystemException io when io.getReason() != null -> io.getReason();
            default -> String.valueOf(cause.getMessage());
        };
    }
}
