/**
 * Quantising whole matrices fast: the same bits as {@link org.threehalf.kernels.reference.WeightQuantizer}, in parallel.
 *
 * <p>Depends on the other packages of the module alone. Serves {@code REQ-QNT-005} to {@code REQ-QNT-013}.
 */
@NullMarked
package org.threehalf.kernels.quantize;

import org.jspecify.annotations.NullMarked;
