/**
 * The {@code lut} kernel: products looked up in tables, in plain scalar Java.
 *
 * <p>For a block of a token, the products of each pair of activations with every pair of codes are computed once; a row
 * then adds one table entry for two weights. Depends on {@link org.threehalf.kernels.product} and
 * {@link org.threehalf.kernels.reference}. Serves REQ-DOT-001 to REQ-DOT-003.
 */
@NullMarked
package org.threehalf.kernels.lut;

import org.jspecify.annotations.NullMarked;
