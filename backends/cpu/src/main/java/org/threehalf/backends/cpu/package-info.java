/**
 * Backends that run on the CPU. {@code reference} runs the scalar kernels that carry the contracts; it defines what is right.
 *
 * <p>Depends on the SPI and on {@code kernels}.
 */
@NullMarked
package org.threehalf.backends.cpu;

import org.jspecify.annotations.NullMarked;
