/**
 * The prover: checks the JML contracts of Java sources by proof.
 *
 * <p>{@link org.threehalf.jml.ContractCheck} runs it all: {@code frontend} reads, {@code vc} states what must hold,
 * {@code smt} writes that for a solver, {@code solver} has Z3 discharge it, each condition alone, and
 * {@link org.threehalf.jml.Verifier} gathers the verdicts of a method's clauses in a
 * {@link org.threehalf.jml.ContractReport}.
 *
 * <p>Packages depend on each other in one direction: logic ← syntax ← (frontend, vc) ← smt ← solver ← this ← mutation.
 * It may depend on the JDK's compiler, Z3, Jackson, picocli and {@code org.threehalf.kernels.io}. README.md of the
 * module says what the subset is and what is trusted.
 */
@NullMarked
package org.threehalf.jml;

import org.jspecify.annotations.NullMarked;
