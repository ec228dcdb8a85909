/**
 * The built-in prover: checks the JML contracts of Java sources by proof (issue "Contracts proved").
 *
 * <p>{@link org.threehalf.proofs.prover.SourceReader} reads Java with javac and JML with an own parser, and refuses
 * what lies outside the subset; {@link org.threehalf.proofs.prover.VcGenerator} walks each method symbolically and
 * states a {@link org.threehalf.proofs.prover.Condition} for everything that must hold;
 * {@link org.threehalf.proofs.prover.Z3Prover} has Z3 discharge them, each alone.
 * {@link org.threehalf.proofs.prover.ContractCheck} runs it all and writes the report.
 *
 * <p>Depends on the JDK's compiler, Z3 and Jackson. README.md of the module says what the subset is and what is
 * trusted.
 */
@NullMarked
package org.threehalf.proofs.prover;

import org.jspecify.annotations.NullMarked;
