package org.threehalf.conformance;

import org.jspecify.annotations.Nullable;

/** Ends a case that went wrong. Never leaves the package: {@link CaseResult} takes it in. */
final class Mismatch extends Exception {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Difference difference;

    Mismatch(String message) {
        super(message);
        this.difference = null;
    }

    Mismatch(Difference difference) {
        super(difference.toString());
        this.difference = difference;
    }

    @Nullable Difference difference() {
        return difference;
    }
}
