package org.threehalf.backends.groq.mlir;

/** A module was about to be built that MLIR's rules do not allow. A fault of the generator, never of its input. */
public final class IllTypedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** An exception that names the operation and says what it was given. */
    public IllTypedException(String operation, String complaint) {
        super(operation + ": " + complaint);
    }

    static void require(boolean condition, String operation, String complaint, Object... arguments) {
        if (!condition) {
            throw new IllTypedException(operation, complaint.formatted(arguments));
        }
    }
}
