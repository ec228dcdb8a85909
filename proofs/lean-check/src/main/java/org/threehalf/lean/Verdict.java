package org.threehalf.lean;

/** What a check came to. */
public enum Verdict {
    /** It ran, and what it checks holds. */
    PASSED,
    /** It ran, and what it checks does not hold. */
    FAILED,
    /** It did not run. Nobody may read this as a pass. */
    NOT_CHECKED
}
