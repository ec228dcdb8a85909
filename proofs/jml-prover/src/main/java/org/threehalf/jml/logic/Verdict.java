package org.threehalf.jml.logic;

/**
 * What a prover found of a claim: one word for a script, a condition, a clause, a method, and for every prover.
 *
 * <p>It is not {@link org.threehalf.kernels.io.Verdict}, of checks that run something: a claim is about all values, so
 * that one may look and find neither a proof nor a counterexample, which a run never does.
 */
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
