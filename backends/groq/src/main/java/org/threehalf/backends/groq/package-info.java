/**
 * Groq LPUs: MLIR from a generator of our own. The room is laid; the generator comes with the accelerators' work.
 *
 * <p>Depends on the SPI. Nothing of a device's library is needed to build or use the rest.
 */
@NullMarked
package org.threehalf.backends.groq;

import org.jspecify.annotations.NullMarked;
