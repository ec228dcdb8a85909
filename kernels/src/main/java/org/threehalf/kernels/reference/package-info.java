/**
 * The reference kernels: plain scalar Java that a reviewer reads beside {@code spec/FORMAT.md}, each with its JML
 * contract.
 *
 * <p>The methods work on arrays, one row or token at a time, so that contracts can speak of every element; off-heap
 * matrices are met at the edge, in {@link org.threehalf.kernels.PackedMatrix}. The Java here stays within language
 * level 21 and free of incubating classes, so that OpenJML reads it. Faster kernels live elsewhere and must give the
 * same bits.
 *
 * <p>Depends on {@link org.threehalf.kernels.format} alone. Serves {@code REQ-QNT-…}, {@code REQ-DOT-…},
 * {@code REQ-PCK-…} and REQ-FMT-006.
 */
@NullMarked
package org.threehalf.kernels.reference;

import org.jspecify.annotations.NullMarked;
