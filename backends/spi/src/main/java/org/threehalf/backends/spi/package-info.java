/**
 * The interface between ThreeHalf and a device: what a backend must compute, and how it is found.
 *
 * <p>A backend registers a {@link org.threehalf.backends.spi.BackendProvider} with {@link java.util.ServiceLoader}.
 * Whatever it computes must equal the reference backend to the last bit; {@code conformance/} checks it.
 * {@link org.threehalf.backends.spi.Backend} is put together of what its users need: {@code product} (products),
 * {@code decoder} (decoders, and the one that runs on the host), and here {@link org.threehalf.backends.spi.RowCodec},
 * which conformance alone asks for. Depends on those two packages, which do not depend on this one, and on
 * {@code kernels}.
 */
@NullMarked
package org.threehalf.backends.spi;

import org.jspecify.annotations.NullMarked;
