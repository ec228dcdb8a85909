/**
 * Generates MLIR for what a model computes: quantising a token, the product of a packed matrix with tokens, a
 * transformer layer.
 *
 * <p>A module holds the static shapes of one matrix (or layer), as a chip whose schedule is fixed at compile time
 * needs. The operations are those of the specification in its order: sums of integers in any order (REQ-DOT-003),
 * floating point one rounding at a time. Depends on {@code kernels} for the formats' tables and on
 * {@link org.threehalf.backends.groq.mlir}. Serves {@code REQ-QNT-001} to {@code REQ-QNT-003}, {@code REQ-PCK-…},
 * {@code REQ-DOT-…}.
 */
@NullMarked
package org.threehalf.backends.groq.generator;

import org.jspecify.annotations.NullMarked;
