package org.threehalf.conformance;

/** What a case came to. */
public enum Verdict {
    /** Every value was right to the last bit. */
    PASSED,
    /** A value differed, the backend threw, or it accepted what must be refused. */
    FAILED
}
