package org.threehalf.evidence.report;

/** A bundle or a signature is not what it must be: damaged, edited, forged, or written by another version. */
public final class ForgedException extends RuntimeException {
    /** Says what is wrong. */
    public ForgedException(String message) {
        super(message);
    }
}
