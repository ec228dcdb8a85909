/**
 * Backends that run on the CPU. {@code reference} runs the scalar kernels that carry the contracts and defines what is
 * right; {@code lut} and {@code simd} run the fast kernels with the same bits.
 *
 * <p>The fast backends keep a matrix in their own layout beside the packed one, which may be dropped or unmapped after
 * loading. They use as many threads as there are processors, {@code -Dthreehalf.threads=N}, or those that they are
 * opened on; the bits do not depend on it. What a decoder does between products runs on the same threads. When the
 * first large matrix of a format is loaded, its kernels begin to run in the background, so that they are compiled when
 * the first token comes. Depends on the SPI and on {@code kernels}.
 */
@NullMarked
package org.threehalf.backends.cpu;

import org.jspecify.annotations.NullMarked;
