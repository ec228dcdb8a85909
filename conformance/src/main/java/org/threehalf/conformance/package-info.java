/**
 * Judges a backend: by the golden vectors of {@code spec/vectors} and on the matrices of a real model.
 *
 * <p>{@link org.threehalf.conformance.ConformanceRunner} is the entry. Depends on the backends' SPI, on {@code kernels}
 * for the types that pass through it, and on {@link org.threehalf.conformance.vectors} and
 * {@link org.threehalf.conformance.oracle}. Serves {@code spec/CONFORMANCE.md}, {@code REQ-CNF-…}.
 */
@NullMarked
package org.threehalf.conformance;

import org.jspecify.annotations.NullMarked;
