/**
 * A vendor's own program as a backend, fed with self-describing files. The room is laid; the exchange comes with the
 * conformance work.
 *
 * <p>Depends on the SPI. Nothing of a device's library is needed to build or use the rest.
 */
@NullMarked
package org.threehalf.backends.external;

import org.jspecify.annotations.NullMarked;
