package org.threehalf.cli;

/**
 * An argument that is wrong, or a command that could not begin: exit code {@link ThreeHalf#USAGE}, with the message
 * alone.
 */
public final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** With what is wrong, and what would be right. */
    public UsageException(String message) {
        super(message);
    }

    /** With what is wrong, by an exception that says so. */
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Refuses an option's number that is outside its range. */
    public static void requireRange(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException("%s %d: it must be %s"
                    .formatted(
                            option,
                            value,
                            most == Integer.MAX_VALUE ? "at least " + least : "%,d to %,d".formatted(least, most)));
        }
    }
}
