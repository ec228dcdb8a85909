package org.threehalf.conformance.vectors;

/** A file of golden vectors that cannot be read; the message names the file and the place in it. */
public final class VectorFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    VectorFormatException(String file, String pointer, String message) {
        super("%s%s: %s".formatted(file, pointer.isEmpty() ? "" : "#" + pointer, message));
    }

    VectorFormatException(String file, String message, Throwable cause) {
        super(file + ": " + message, cause);
    }
}
