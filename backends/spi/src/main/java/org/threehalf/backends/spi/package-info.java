/**
 * The interface between ThreeHalf and a device: what a backend must compute, and how it is found.
 *
 * <p>A backend registers a {@link org.threehalf.backends.spi.BackendProvider} with {@link java.util.ServiceLoader}. Whatever it computes
 * must equal the reference backend to the last bit; {@code conformance/} checks it. Depends on {@code kernels} alone. Serves
 * {@code REQ-QNT-001} to {@code REQ-QNT-003} and {@code REQ-DOT-…}.
 */
@NullMarked
package org.threehalf.backends.spi;

import org.jspecify.annotations.NullMarked;
