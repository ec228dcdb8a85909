/**
 * Quantising whole matrices, in parallel. {@link org.threehalf.kernels.quantize.MatrixQuantizer} gives the bits of
 * {@link org.threehalf.kernels.reference.WeightQuantizer}, faster;
 * {@link org.threehalf.kernels.quantize.CalibratedQuantizer} chooses other scales, sub-scales and codes, those that
 * keep a matrix's outputs on calibration inputs near, and has no reference but its tests.
 *
 * <p>Depends on the other packages of the module alone. Serves {@code REQ-QNT-005} to {@code REQ-QNT-016}.
 */
@NullMarked
package org.threehalf.kernels.quantize;

import org.jspecify.annotations.NullMarked;
