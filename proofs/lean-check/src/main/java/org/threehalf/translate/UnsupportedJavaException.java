package org.threehalf.translate;

/** Java that the translator has no meaning for; the message names file, line and column. */
public final class UnsupportedJavaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnsupportedJavaException(String message) {
        super(message);
    }
}
