package org.threehalf.cluster;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.threehalf.cli.StoppedException;
import org.threehalf.cli.UsageException;

/**
 * Why a job cannot go on, in a sentence for a person: what and where. Another attempt at the task would meet the same.
 */
final class Problem extends IOException {
    private static final long serialVersionUID = 1;

    /** Who has to do something about it. */
    enum Kind {
        /** The input is not as it must be: exit code 1. */
        INPUT,
        /** The cluster is not as it must be: exit code 2. */
        CLUSTER,
        /** Results cannot be written, memory does not suffice, a file changed: exit code 4. */
        STOPPED
    }

    private final Kind kind;

    Problem(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Problem(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** The same for the command line, whose exit codes go by classes. */
    IOException forCommand() {
        return forCommand(kind, String.valueOf(getMessage()), this);
    }

    /** As {@link #forCommand()}, of a problem of which a task told. */
    static IOException forCommand(Kind kind, String message, @Nullable Problem cause) {
        return switch (kind) {
            case INPUT -> new IOException(message, cause);
            case CLUSTER -> throw new UsageException(message, cause);
            case STOPPED -> new StoppedException(message, cause);
        };
    }
}
