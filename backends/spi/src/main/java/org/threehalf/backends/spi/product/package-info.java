/**
 * The products of a device: quantising a token, bringing a packed matrix to it, and multiplying. Depends on
 * {@code kernels} alone. Serves {@code REQ-QNT-001} to {@code REQ-QNT-003} and {@code REQ-DOT-…}.
 */
@NullMarked
package org.threehalf.backends.spi.product;

import org.jspecify.annotations.NullMarked;
