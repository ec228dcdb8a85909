package org.threehalf.cli;

import java.io.IOException;

/**
 * A command that could not go on, for a reason outside ThreeHalf: exit code {@link ThreeHalf#STOPPED}, with the message
 * alone.
 */
public final class StoppedException extends IOException {
    private static final long serialVersionUID = 1;

    /** With what happened, and what to do. */
    public StoppedException(String message) {
        super(message);
    }

    /** With what happened, by an exception that says so. */
    public StoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
