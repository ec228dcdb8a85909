/**
 * Quantised rows, tokens and matrices.
 *
 * <p>This package joins the contract-carrying kernels of {@link org.threehalf.kernels.reference} to whole rows and to
 * off-heap matrices. Depends on {@link org.threehalf.kernels.format} and {@link org.threehalf.kernels.reference} alone.
 * Serves {@code REQ-FMT-…} and {@code REQ-PCK-…}.
 */
@NullMarked
package org.threehalf.kernels;

import org.jspecify.annotations.NullMarked;
