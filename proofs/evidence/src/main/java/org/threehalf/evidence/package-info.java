/**
 * The program that {@code mvn verify} runs last: it has the proofs checked, compares the golden vectors with what Lean
 * emits, runs conformance of the reference backend, traces every requirement to its evidence, and writes the report.
 *
 * <p>It depends on all of its subpackages, the prover, the Lean check and {@code org.threehalf.conformance}; it adds
 * {@code verify} and {@code evidence} to the command line. Nothing depends on it.
 */
@NullMarked
package org.threehalf.evidence;

import org.jspecify.annotations.NullMarked;
