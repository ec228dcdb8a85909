/**
 * The {@code simd} kernel: byte shuffles and 16-bit arithmetic of the Vector API, at 128, 256 or 512 bits.
 *
 * <p>Rows lie in lanes: a vector holds the codes of as many rows as it has bytes, at one pair of inputs. The products
 * of a token's two activations with every code are put into byte tables once a block, and a shuffle looks up the
 * products of all the rows at once. See {@link org.threehalf.kernels.simd.BlockTemplate} for the arithmetic and its
 * bounds, {@link org.threehalf.kernels.simd.InterleavedLayout} for the layout, and {@code kernels/PERFORMANCE.md} for
 * what was tried and measured.
 *
 * <p>The package needs {@code --add-modules jdk.incubator.vector} at run time;
 * {@link org.threehalf.kernels.VectorSupport#available} says whether it is there. Depends on
 * {@link org.threehalf.kernels.product}. Serves REQ-DOT-001 to REQ-DOT-003;
 * {@link org.threehalf.kernels.simd.ActivationVectors} serves REQ-QNT-001 to REQ-QNT-004.
 */
@NullMarked
package org.threehalf.kernels.simd;

import org.jspecify.annotations.NullMarked;
