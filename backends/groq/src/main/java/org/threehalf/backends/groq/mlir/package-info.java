/**
 * A typed builder for MLIR: types, values, operations with regions, and one printer.
 *
 * <p>A module is built as objects and becomes text only at the end, in MLIR's generic form, by
 * {@link org.threehalf.backends.groq.mlir.Printer}. Two things hold by construction, and a program that would break
 * them gets an {@link org.threehalf.backends.groq.mlir.IllTypedException} at the line that does it:
 *
 * <ul>
 *   <li>types: each operation's factory checks its operands and works out its results;
 *   <li>single assignment and dominance: a {@link org.threehalf.backends.groq.mlir.Value} exists only after its
 *       operation, operations are only appended, and an operand must come from the same block or one around it, within
 *       the same function.
 * </ul>
 *
 * {@code mlir-opt} verifies the printed module again, with MLIR's own rules.
 *
 * <p>The factories are named after MLIR's dialects: {@link org.threehalf.backends.groq.mlir.Arith},
 * {@link org.threehalf.backends.groq.mlir.Tensor}, {@link org.threehalf.backends.groq.mlir.Linalg},
 * {@link org.threehalf.backends.groq.mlir.Scf}, {@link org.threehalf.backends.groq.mlir.MlirModule}. They hold what the
 * generator needs, with static shapes, and nothing of the {@code math} dialect: its functions have no specified bits.
 * Depends on nothing of this project.
 */
@NullMarked
package org.threehalf.backends.groq.mlir;

import org.jspecify.annotations.NullMarked;
