package org.threehalf.jml.logic;

/** What a checker found of a claim: one word for a script, a condition, a clause, a method, and for every checker. */
public enum Verdict {
    /** It holds. */
    PROVED,
    /** It does not hold: there is a counterexample. */
    REFUTED,
    /** A checker looked, and could decide neither within its limits. */
    UNKNOWN,
    /** No checker looked, or the one that did came to no end. Nobody may read this as proved. */
    NOT_CHECKED
}
