/**
 * What is proved of this repository's kernels, by {@code org.threehalf.jml}: which classes, which of their clauses are
 * known not to be proved ({@code open-clauses.txt}), and which mutants are no faults ({@code survivors.txt}).
 *
 * <p>It depends on the prover alone.
 */
@NullMarked
package org.threehalf.evidence.kernels;

import org.jspecify.annotations.NullMarked;
