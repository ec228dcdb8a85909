/**
 * One interface for the CPU's ways of multiplying a matrix by tokens, and the threads that share the work.
 *
 * <p>A {@link org.threehalf.kernels.product.ProductKernel} brings a {@link org.threehalf.kernels.PackedMatrix} into the
 * layout it reads fastest; the {@link org.threehalf.kernels.product.KernelMatrix} that results gives exact int32 sums
 * for a range of rows on the calling thread; a {@link org.threehalf.kernels.product.ThreadedProduct} splits the rows
 * over a {@link org.threehalf.kernels.product.WorkerPool} and applies the one output formula. Every kernel gives the
 * same bits as {@link org.threehalf.kernels.product.ReferenceKernel}: the sums are exact (REQ-DOT-002), so neither the
 * order of the terms nor the number of threads can show (REQ-DOT-003).
 *
 * <p>Depends on {@link org.threehalf.kernels} and its reference kernels. Serves REQ-DOT-001 to REQ-DOT-006.
 */
@NullMarked
package org.threehalf.kernels.product;

import org.jspecify.annotations.NullMarked;
