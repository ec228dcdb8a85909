/**
 * What is proved of this repository's kernels, by {@code org.threehalf.jml}: which classes (those with JML that
 * {@code unproved-classes.txt} does not name), which of their clauses are known not to be proved
 * ({@code open-clauses.txt}), and which mutants are no faults ({@code survivors.txt}).
 *
 * <p>It may depend on the prover, and on {@code org.threehalf.lean} for the walk over the modules' files.
 */
@NullMarked
package org.threehalf.evidence.kernels;

import org.jspecify.annotations.NullMarked;
