/**
 * The program that {@code mvn verify} runs last: it has the proofs checked, compares the golden vectors with what Lean
 * emits, runs conformance of the reference backend, traces every requirement to its evidence, and writes the report.
 *
 * <p>It depends on all of its subpackages and on {@code org.threehalf.conformance}; nothing depends on it.
 */
@NullMarked
package org.threehalf.proofs;

import org.jspecify.annotations.NullMarked;
