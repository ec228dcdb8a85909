package org.threehalf.kernels.io;

/**
 * What a check came to, for every check that runs something and looks at what came out: Lean, conformance, tests, and
 * what devices were asked. Results are written in these words.
 *
 * <p>The prover of contracts has words of its own, since a proof that was not found is neither a pass nor a failure.
 */
public enum Verdict {
    /** It ran, and what it checks holds. */
    PASSED,
    /** It ran, and what it checks does not hold. */
    FAILED,
    /** It did not run. Nobody may read this as a pass. */
    NOT_CHECKED;

    /** The verdict of something that ran. */
    public static Verdict of(boolean passed) {
        return passed ? PASSED : FAILED;
    }

    /**
     * Reads a word of a result file.
     *
     * @param otherwise what a word that is none of these counts as: never as a pass
     * @throws IllegalArgumentException if {@code otherwise} is PASSED
     */
    public static Verdict read(String word, Verdict otherwise) {
        if (otherwise == PASSED) {
            throw new IllegalArgumentException("a word that is not known is no pass");
        }
        for (Verdict v : values()) {
            if (v.name().equals(word)) {
                return v;
            }
        }
        return otherwise;
    }
}
